"""Which level of isolation this host allows, found out by trying it."""

import contextlib
import os
import platform
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from proxx.engine.sandbox.launch_request import LaunchRequest
from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.sandbox.syscall_numbers import MACHINES
from proxx.engine.sandbox.tool_files import ToolFiles

LAUNCHER = Path(__file__).parent.with_name("_launcher_main.py")
TRIAL_SECONDS = 20.0


class SandboxTooLowError(ValueError):
    """This host allows less isolation than the settings require."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxReach:
    """The level that is reached, and of each level that was tried before it, why it is not."""

    level: SandboxLevel
    missing: tuple[str, ...] = ()

    def require(self, least: SandboxLevel) -> None:
        """Refuse to go on with less than `least`.

        Raises:
            SandboxTooLowError: the level is lower; the text says why.
        """
        if self.level.rank < least.rank:
            why = "; ".join(self.missing) or "the settings allow no more"
            raise SandboxTooLowError(
                f"the sandbox reaches level {self.level}, and at least {least} is required (require_sandbox): {why}"
            )


@cache
def sandbox_reach(*, most: SandboxLevel = SandboxLevel.NAMESPACES) -> SandboxReach:
    """Return the highest level, `most` at most, in which the launcher can run something here. Asked once a process."""
    missing: list[str] = []
    if sys.platform == "win32":
        return SandboxReach(level=SandboxLevel.NONE, missing=("Windows has none of what Proxx isolates tools with",))
    for level in (SandboxLevel.NAMESPACES, SandboxLevel.FILTERS):
        if level.rank > most.rank:
            continue
        why = _refusal(level)
        if why is None:
            return SandboxReach(level=level, missing=tuple(missing))
        missing.append(f"{level}: {why}")
    return SandboxReach(level=SandboxLevel.PROCESS, missing=tuple(missing))


def _refusal(level: SandboxLevel) -> str | None:
    """Why the launcher cannot work at a level, None when it can."""
    if not sys.platform.startswith("linux"):
        return f"{platform.system()} has no such isolation"
    if platform.machine() not in MACHINES:
        return f"the filter of system calls is not written for {platform.machine()}"
    trial = LaunchRequest(
        directory=Path(tempfile.gettempdir()) / f"proxx-trial-{uuid.uuid4().hex}",
        level=level,
        argv=(),
        environment={},
        limits={},
        files=ToolFiles(program=None),
    )
    report_read, report_write = os.pipe()
    try:
        ended = _ask(trial, report_write)
    finally:
        os.close(report_write)
        with os.fdopen(report_read, "rb") as pipe:
            report = pipe.read().decode("utf-8", "replace").splitlines()
    last = report[-1] if report else ended or "the launcher said nothing"
    return None if last.startswith("exited 0") else last.removeprefix("refused ")


def _ask(trial: LaunchRequest, report: int) -> str:
    """Run the launcher to its end; return what it says on stderr."""
    with subprocess.Popen(
        (sys.executable, "-I", "-S", str(LAUNCHER), str(report), str(os.getpid())),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=(report,),
        env={},
    ) as process:
        assert process.stdin is not None  # noqa: S101  it was asked for
        with contextlib.suppress(BrokenPipeError):  # it is gone, and its stderr says why
            process.stdin.write(trial.encoded())
            process.stdin.flush()
        try:
            process.wait(TRIAL_SECONDS)  # with stdin open: its end is the order to kill
        except subprocess.TimeoutExpired:
            process.kill()
            return f"the launcher did not answer for {TRIAL_SECONDS:g} s"
        finally:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        return process.stderr.read(2048).decode("utf-8", "replace").strip() if process.stderr is not None else ""
