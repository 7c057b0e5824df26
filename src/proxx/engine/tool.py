"""The port through which every outside tool (ffmpeg, ffprobe) is run: one request, one result."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from proxx.engine.evidence import PathEvidence

FORBIDDEN_SIGNAL = 31
"""SIGSYS, by its Linux number on x86_64 and aarch64: not every system knows the name."""


class ToolEnd(StrEnum):
    """How a tool's run ended."""

    EXITED = "EXITED"
    SIGNALLED = "SIGNALLED"
    TIMED_OUT = "TIMED_OUT"
    STALLED = "STALLED"
    CANCELLED = "CANCELLED"
    LIMIT = "LIMIT"
    NOT_FOUND = "NOT_FOUND"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRequest:
    """What to run and within which limits. Sizes in bytes, times in seconds; None means no such limit.

    A sandbox shows the tool nothing but its own files and what is named here. `readable` are files, or directories with
    all that is in them. `writable` are the files that it writes (it can make no others beside them), or directories.
    `programs` are programs other than itself that it must be able to load. `processes` says that it starts processes of
    its own, which ffmpeg and ffprobe never do; a tool that is a script may always.
    `stall_seconds` counts from the last line on stdout. `output_limit_bytes` stops a file that grows past it.
    `harmless` tells which whole lines of stderr are no error lines. `evidence` says which files
    some of those paths are: a sandbox shows the tool these, or does not start it.
    """

    argv: tuple[str, ...]
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    programs: tuple[Path, ...] = ()
    processes: bool = False
    timeout_seconds: float | None = None
    stall_seconds: float | None = None
    memory_limit_bytes: int | None = None
    output_limit_bytes: int | None = None
    stdout_limit_bytes: int = 64 * 1024 * 1024
    harmless: Callable[[str], bool] | None = None
    evidence: tuple[PathEvidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """How it went. `stdout` is empty when lines were streamed. The stderr text is bounded.

    `error_lines` are the first lines of stderr that the request does not call harmless.
    """

    end: ToolEnd
    exit_code: int | None
    signal: int | None
    stdout: bytes
    stderr_tail: str
    error_lines: tuple[str, ...]
    wall_seconds: float
    cpu_seconds: float
    max_rss_bytes: int

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with exit code 0. Never evidence of a good output."""
        return self.end is ToolEnd.EXITED and self.exit_code == 0

    @property
    def forbidden(self) -> bool:
        """Whether the filter of system calls ended it (SIGSYS)."""
        return self.end is ToolEnd.SIGNALLED and self.signal == FORBIDDEN_SIGNAL


class ToolRunner(Protocol):
    """Runs tools in their own session, killed as a tree, never outliving this process."""

    @property
    def sandbox_level(self) -> str:
        """Which isolation this host allows, for example `process` or `namespaces`."""
        ...

    async def run(self, request: ToolRequest, *, on_line: Callable[[str], None] | None = None) -> ToolResult:
        """Run to the end. Cancelling the awaiting task kills the tool's whole tree before the call returns.

        `on_line` gets every stdout line as it comes. Never raises for what the tool does; ToolResult.end tells.
        """
        ...
