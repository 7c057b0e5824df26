"""The checks that need no Resolve: what lies on this host, and whom it reaches."""

import asyncio
import hashlib
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from proxx.core.profile import Profile
from proxx.core.quoting import quote
from proxx.engine.fingerprint import ASK_SECONDS
from proxx.engine.process_runner import LauncherError
from proxx.engine.tool import ToolRequest, ToolRunner
from proxx.engine.tool_runners import tool_runner
from proxx.rpc.address import unix_path
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.discovery import Installation
from proxx_resolve_executor.doctor.finding import Finding, Level
from proxx_resolve_executor.doctor.fitness import PlaceFacts, place_findings, preset_findings, python_finding
from proxx_resolve_executor.python_facts import read_python
from proxx_resolve_executor.settings import ExecutorSettings

CONNECT_SECONDS = 5.0


async def check_host(
    *, settings: ExecutorSettings, options: ResolveOptions, profiles: Sequence[Profile], scheduler: bool
) -> list[Finding]:
    """Look at Python, tools, presets, roots and disk, and at the scheduler where `scheduler` says that one is given."""
    python = str(options.python)
    findings = [python_finding(facts=await asyncio.to_thread(read_python, program=python), program=python)]
    findings += await _tools(settings)
    digests = {name: _digest(options.preset_file(name=name)) for name in _preset_names(profiles)}
    findings += preset_findings(profiles=profiles, digests=digests)
    if not settings.mounts:
        action = "add --mount NAME=DIR, or `mount` to the settings file"
        findings.append(Finding(name="roots", level=Level.WARN, fact="no root is given", action=action))
    mounts = settings.mounts.items()
    looks = (asyncio.to_thread(_look_at, f"root {name}", path) for name, path in mounts)  # a dead mount blocks
    findings += place_findings(places=await asyncio.gather(*looks))
    if scheduler:
        findings.append(await _scheduler(settings.scheduler))
    return findings


def installation_finding(*, installation: Installation) -> Finding:
    """Say where Resolve lies."""
    version = f", version {installation.version}" if installation.version else ""
    fact = f"{installation.binary}{version}; its module is in {installation.modules}"
    return Finding(name="installation", level=Level.OK, fact=fact)


async def _tools(settings: ExecutorSettings) -> list[Finding]:
    runner = tool_runner()
    return [await _tool(runner, "ffmpeg", settings.ffmpeg), await _tool(runner, "ffprobe", settings.ffprobe)]


async def _tool(runner: ToolRunner, name: str, tool: str) -> Finding:
    """Ask a tool for its version, through the launcher that it works in."""
    action = f"install FFmpeg 5.1 or later, or name its {name} in the settings: it verifies every proxy"
    try:
        result = await runner.run(ToolRequest(argv=(tool, "-version"), timeout_seconds=ASK_SECONDS))
    except (LauncherError, OSError) as error:
        return Finding(name=name, level=Level.FAIL, fact=f"{tool}: {error}", action=action)
    words = result.stdout.decode("utf-8", "replace").split()[:3]
    if not result.ok or words[:2] != [name, "version"]:
        fact = f"{tool} is not {name}, or does not start: {result.end.value}"
        return Finding(name=name, level=Level.FAIL, fact=fact, action=action)
    return Finding(name=name, level=Level.OK, fact=f"{quote(text=words[-1])} at {shutil.which(tool) or tool}")


def _preset_names(profiles: Sequence[Profile]) -> list[str]:
    return sorted({profile.render["preset"] for profile in profiles})


def _digest(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def _look_at(name: str, path: Path) -> PlaceFacts:
    directory = path.is_dir()
    try:
        free = shutil.disk_usage(path).free if directory else None
    except OSError:
        free = None
    return PlaceFacts(
        name=name,
        path=quote(text=str(path), limit=400),
        directory=directory,
        readable=os.access(path, os.R_OK | os.X_OK),
        writable=os.access(path, os.W_OK),
        free_bytes=free,
    )


async def _scheduler(address: str) -> Finding:
    """Whether something listens there. Whether it is a scheduler that takes this executor shows when it runs."""
    path = unix_path(address)
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            if path is not None and sys.platform != "win32":
                _, writer = await asyncio.open_unix_connection(path)
            else:
                _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        writer.close()
    except (OSError, TimeoutError) as error:
        reason = str(error) or f"no answer within {CONNECT_SECONDS:g} s"
        action = "start the scheduler, open its port, or correct `scheduler` in the settings"
        return Finding(name="scheduler", level=Level.FAIL, fact=f"{address}: {reason}", action=action)
    return Finding(name="scheduler", level=Level.OK, fact=f"{address} accepts connections")
