"""Runs tools without the launcher, for systems that have no sessions, limits and lifelines of its kind (Windows)."""

import asyncio
import contextlib
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from proxx.engine.output_lines import OutputLines, StderrTail
from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult

CHUNK_BYTES = 256 * 1024


class DirectToolRunner:
    """Starts each tool itself. It keeps what a tool may print, how long it may run and how long it may be silent.

    It keeps no limit of memory or of files written, and a tool outlives a process that is killed: for tools that only
    read and report, which ffmpeg and ffprobe do when they verify. The tool sees no more than it needs to start, an
    empty working directory of its own, and no stdin.
    """

    def __init__(self, *, scratch: Path | None = None) -> None:
        """Take where working directories go (default: the system's)."""
        self._scratch = scratch if scratch is not None else Path(tempfile.gettempdir())

    @property
    def sandbox_level(self) -> str:
        """`none`: it says only what is really done."""
        return "none"

    async def run(self, request: ToolRequest, *, on_line: Callable[[str], None] | None = None) -> ToolResult:
        """Run to the end. Cancelling the awaiting task ends the tool before the call returns."""
        directory = self._scratch / f"proxx-tool-{uuid.uuid4().hex}"
        directory.mkdir(mode=0o700)
        try:
            return await _Run(request, on_line).run(directory)
        finally:
            shutil.rmtree(directory, ignore_errors=True)


class _Run:
    def __init__(self, request: ToolRequest, on_line: Callable[[str], None] | None) -> None:
        self._request = request
        self._stdout = OutputLines(on_line=on_line, limit_bytes=request.stdout_limit_bytes)
        self._stderr = StderrTail(harmless=request.harmless)
        self._forced: ToolEnd | None = None
        self._last_line = 0.0

    async def run(self, directory: Path) -> ToolResult:
        started = self._last_line = time.monotonic()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._request.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=directory,
                env=_environment(),
            )
        except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
            text = f"{self._request.argv[0]}: {error.strerror}"
            return self._result(ToolEnd.NOT_FOUND, None, text, started)
        watchdog = asyncio.create_task(self._watch(process, started))
        try:
            await asyncio.gather(self._follow_stdout(process), self._follow_stderr(process))
            await process.wait()
        except BaseException:
            _kill(process)
            await _ended(process)
            raise
        finally:
            watchdog.cancel()
        code = process.returncode
        end = self._forced or (ToolEnd.EXITED if code is not None and code >= 0 else ToolEnd.SIGNALLED)
        return self._result(end, code, None, started)

    async def _follow_stdout(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101  it was asked for
        while chunk := await process.stdout.read(CHUNK_BYTES):
            if self._stdout.feed(chunk):
                self._last_line = time.monotonic()
            if self._stdout.over_limit:
                self._end(process, ToolEnd.LIMIT)
        self._stdout.finish()

    async def _follow_stderr(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None  # noqa: S101  it was asked for
        while chunk := await process.stderr.read(CHUNK_BYTES):
            self._stderr.feed(chunk)
        self._stderr.finish()

    async def _watch(self, process: asyncio.subprocess.Process, started: float) -> None:
        """End it at the deadline, and when stdout has been silent for too long."""
        request, never = self._request, float("inf")
        while True:
            ends = started + request.timeout_seconds if request.timeout_seconds is not None else never
            silent = self._last_line + request.stall_seconds if request.stall_seconds is not None else never
            now = time.monotonic()
            if now >= ends:
                return self._end(process, ToolEnd.TIMED_OUT)
            if now >= silent:
                return self._end(process, ToolEnd.STALLED)
            await asyncio.sleep(min(ends - now, silent - now, 3600.0))

    def _end(self, process: asyncio.subprocess.Process, end: ToolEnd) -> None:
        if self._forced is None:
            self._forced = end
            _kill(process)

    def _result(self, end: ToolEnd, code: int | None, text: str | None, started: float) -> ToolResult:
        return ToolResult(
            end=end,
            exit_code=code if end is ToolEnd.EXITED else None,
            signal=-code if end is ToolEnd.SIGNALLED and code is not None else None,
            stdout=self._stdout.kept(),
            stderr_tail=self._stderr.text() if text is None else text,
            error_lines=self._stderr.first_lines() if text is None else (text,),
            wall_seconds=time.monotonic() - started,
            cpu_seconds=0.0,
            max_rss_bytes=0,
        )


def _environment() -> dict[str, str]:
    """PATH and what Windows programs cannot start without, with nothing of the user's own."""
    kept = ("PATH", "SYSTEMROOT", "WINDIR", "PATHEXT", "COMSPEC")
    return {**{name: os.environ[name] for name in kept if name in os.environ}, "LANG": "C.UTF-8", "TZ": "UTC"}


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
        process.kill()


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Wait for its end, whatever further cancellations arrive meanwhile."""
    waiting = asyncio.ensure_future(process.wait())
    while not waiting.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(waiting)
