"""The findings of `proxx doctor`, one for each thing that a run depends on."""

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from proxx.cli.text import plural, size_text
from proxx.cli.tools import encoders, tool_isolation, tool_version
from proxx.core.advisories import open_advisories
from proxx.core.detection import Engine
from proxx.core.failure import tool_not_found
from proxx.core.profile import Profile
from proxx.core.quoting import quote
from proxx.embedded.connect import kept_runs
from proxx.embedded.target import Target
from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.sandbox.reach import SandboxReach
from proxx.runtime.advisory_files import builtin_advisories
from proxx.runtime.state import state_directory

_LEAST_PYTHON = (3, 11)
_LEAST_FREE_BYTES = 1024**3
_LARGEST_CLOCK_DIFFERENCE_SECONDS = 2.0
_EARLIEST_SENSIBLE_TIME = 1_700_000_000
"""November 2023, before Proxx existed: a clock that says less is not set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check: its name, `ok`, `warn` or `fail`, and the fact."""

    name: str
    level: str
    detail: str


async def check_up(*, target: Target, profiles: Sequence[Profile]) -> list[Finding]:
    """Look at everything that a run on this machine depends on."""
    found = await encoders(tool=target.ffmpeg)
    state = state_directory()
    return [
        _python(),
        await _tool("ffmpeg", target.ffmpeg),
        await _tool("ffprobe", target.ffprobe),
        await _ffmpeg_age(target.ffmpeg),
        _encoders(found, profiles),
        _state(state),
        _sandbox(tool_isolation()),
        _clock(state),
        _disk(state),
        _runs(),
    ]


def _python() -> Finding:
    enough = sys.version_info[:2] >= _LEAST_PYTHON
    return Finding(
        name="python",
        level="ok" if enough else "fail",
        detail=f"{platform.python_version()} at {sys.executable}" + ("" if enough else "; 3.11 is the least"),
    )


async def _tool(name: str, tool: str) -> Finding:
    found = await tool_version(tool=tool)
    if found is None:
        return Finding(name=name, level="fail", detail=f"{tool} does not answer. {tool_not_found().message}")
    return Finding(name=name, level="ok", detail=f"{found.version} at {shutil.which(tool)}")


async def _ffmpeg_age(ffmpeg: str) -> Finding:
    """Whether this ffmpeg is older than the fix of a vulnerability that is known (src/proxx/advisories/known.toml)."""
    name, said = "ffmpeg age", await tool_version(tool=ffmpeg)
    version = said.version if said is not None else ""
    found = open_advisories(known=builtin_advisories(), package="ffmpeg", version=version)
    if found is None:
        return Finding(name=name, level="warn", detail=f"{quote(text=version)} names no release: nobody can tell")
    if not found:
        return Finding(name=name, level="ok", detail=f"{version}: no known vulnerability is open")
    told = (f"{item.id} ({item.what}; fixed in {', '.join(item.fixed)})" for item in found)
    guards = [item.guard for item in found if item.guard]
    kept = f". Until then: {'; '.join(guards)}" if guards else ""
    return Finding(name=name, level="warn", detail=f"{version} may have {'; '.join(told)}. Update it{kept}")


def _encoders(found: frozenset[str], profiles: Sequence[Profile]) -> Finding:
    """One missing encoder stops its own profiles only; without any the machine is of no use."""
    needed = [profile for profile in profiles if profile.engine is Engine.FFMPEG]
    lacking = [profile for profile in needed if profile.encoder not in found]
    if not lacking:
        names = sorted({profile.encoder for profile in needed})
        return Finding(name="encoders", level="ok", detail=f"{', '.join(names)} for {plural(len(needed), 'profile')}")
    names = sorted({f"{profile.encoder} (profile {profile.name})" for profile in lacking})
    return Finding(
        name="encoders",
        level="fail" if len(lacking) == len(needed) else "warn",
        detail=f"this ffmpeg has no {', '.join(names)}",
    )


def _state(state: Path) -> Finding:
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=state) as file:
            file.write(b"proxx")
    except OSError as error:
        return Finding(name="state directory", level="fail", detail=f"{state} is not writable: {error}")
    return Finding(name="state directory", level="ok", detail=str(state))


def _sandbox(reach: SandboxReach) -> Finding:
    """Below `filters` a tool that a stranger's media has taken over reaches whatever this user reaches."""
    why = "".join(f"; {reason}" for reason in reach.missing)
    enough = reach.level.rank >= SandboxLevel.FILTERS.rank
    return Finding(name="sandbox", level="ok" if enough else "warn", detail=f"level {reach.level}{why}")


def _clock(state: Path) -> Finding:
    """Compare our clock with the one that stamps files: sources and results are dated by both."""
    now = time.time()
    if now < _EARLIEST_SENSIBLE_TIME:
        return Finding(name="clock", level="fail", detail=f"the clock says {time.ctime(now)}; it is not set")
    try:
        with tempfile.TemporaryFile(dir=state) as file:
            file.write(b"proxx")
            file.flush()
            difference = abs(os.fstat(file.fileno()).st_mtime - time.time())
    except OSError as error:
        return Finding(name="clock", level="warn", detail=f"not compared with the file system's: {error}")
    if difference > _LARGEST_CLOCK_DIFFERENCE_SECONDS:
        return Finding(
            name="clock", level="warn", detail=f"{difference:.1f} s away from the clock of the file system at {state}"
        )
    return Finding(name="clock", level="ok", detail="agrees with the file system's")


def _disk(state: Path) -> Finding:
    place = next(path for path in (state, *state.parents) if path.exists())
    free = shutil.disk_usage(place).free
    return Finding(
        name="disk",
        level="ok" if free >= _LEAST_FREE_BYTES else "warn",
        detail=f"{size_text(free)} free at {place}",
    )


def _runs() -> Finding:
    runs = kept_runs()
    detail = f"{plural(len(runs), 'kept run')}" + (f" in {runs[0].parent}" if runs else "")
    return Finding(name="kept runs", level="ok", detail=detail)
