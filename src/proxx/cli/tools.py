"""Asks ffmpeg and ffprobe about themselves, through the one launcher that runs every tool."""

import hashlib
from dataclasses import dataclass

from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.sandbox.reach import SandboxReach, sandbox_reach
from proxx.engine.tool import ToolRequest

_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolVersion:
    """The version word of a tool, and the sha256 of the configuration it was built with."""

    version: str
    configuration_sha256: str


async def tool_version(*, tool: str) -> ToolVersion | None:
    """Return what `tool -version` says; None when it is not installed or does not answer like one of FFmpeg's."""
    lines = (await _said(tool, "-version")).splitlines()
    words = lines[0].split() if lines else []
    if len(words) < 3 or words[1] != "version":
        return None
    configuration = next((line.strip() for line in lines if line.strip().startswith("configuration:")), "")
    return ToolVersion(version=words[2], configuration_sha256=hashlib.sha256(configuration.encode()).hexdigest())


async def encoders(*, tool: str) -> frozenset[str]:
    """Return the names of every encoder that this ffmpeg has."""
    listed = (await _said(tool, "-hide_banner", "-encoders")).splitlines()
    rows = (line.split() for line in listed)
    return frozenset(row[1] for row in rows if len(row) > 1 and len(row[0]) == 6 and row[0][0] in "VAS")


def tool_isolation() -> SandboxReach:
    """Return which isolation this host allows for tools, and why not more."""
    return sandbox_reach()


async def _said(tool: str, *arguments: str) -> str:
    result = await ProcessToolRunner().run(ToolRequest(argv=(tool, *arguments), timeout_seconds=_SECONDS))
    return result.stdout.decode("utf-8", "replace") if result.ok else ""
