"""Runs tools through the launcher: the ToolRunner of every host (engine/tool.py is the port)."""

import asyncio
import contextlib
import errno
import os
import shutil
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from proxx.engine.output_lines import OutputLines, StderrTail
from proxx.engine.sandbox.launch_request import LaunchRequest
from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.sandbox.reach import LAUNCHER, SandboxReach, sandbox_reach
from proxx.engine.sandbox.tool_files import ToolFiles, find_tool_files
from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult

FALLBACK_PATH = "/usr/local/bin:/usr/bin:/bin"
OPEN_FILES = 256
MOST_TASKS = 4096
"""Threads of one tool: SVT-AV1 starts some hundred on a large machine. No limit for an executor that runs as root."""

PRIVATE_FILE_BYTES = 64 * 1024 * 1024
"""The largest file of a tool that has nothing to write but in its private directory."""

KILL_SECONDS = 5.0
KILLED = 9
"""The number of SIGKILL, which not every system knows by name."""
CHUNK_BYTES = 256 * 1024


class LauncherError(RuntimeError):
    """The launcher itself did not work: a defect of this host or of Proxx, never of the media."""


class ProcessToolRunner:
    """Starts a launcher for each tool and never lets a tool outlive the call.

    The tool sees PATH, LANG=C.UTF-8, TZ=UTC, SVT_LOG=1 and no fonts of the system, an empty working directory of its
    own below `scratch`, and no stdin; at an isolating level no file but its own, the system's and the request's. Calls
    may overlap. Must be used from one event loop, whose thread lives as long as the tools (the kernel's death signal
    follows that thread).
    """

    def __init__(
        self,
        *,
        scratch: Path | None = None,
        search_path: str | None = None,
        most: SandboxLevel = SandboxLevel.NAMESPACES,
        loadable: tuple[Path, ...] = (),
    ) -> None:
        """Take where working directories go (default: the system's), where tools are looked for (default: PATH), the
        highest level of isolation to use, and what every tool may read and load beside what it needs."""
        self._scratch = scratch if scratch is not None else Path(tempfile.gettempdir())
        self._most = most
        self._loadable = loadable
        self._tool_files: dict[str, ToolFiles] = {}
        self._environment = {
            "PATH": search_path if search_path is not None else os.environ.get("PATH", FALLBACK_PATH),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "SVT_LOG": "1",  # errors only: SVT-AV1 prints its settings where FFmpeg prints damage
            "FONTCONFIG_SYSROOT": "/dev/null",  # else FFmpeg draws in any font where it cannot read the one named
        }

    @property
    def sandbox_level(self) -> str:
        """The level that this host allows. It says only what is really done (docs/SANDBOX.md)."""
        return self.reach.level.value

    @property
    def reach(self) -> SandboxReach:
        """The level, and why it is not a higher one."""
        return sandbox_reach(most=self._most)

    async def run(self, request: ToolRequest, *, on_line: Callable[[str], None] | None = None) -> ToolResult:
        """Run to the end. Cancelling the awaiting task kills the tool's whole tree before the call returns.

        Lines go to `on_line` as they come (stdout_limit_bytes then bounds nothing, because nothing is kept).

        Raises:
            LauncherError: the launcher could not do its work.
        """
        directory = self._scratch / f"proxx-tool-{uuid.uuid4().hex}"
        launch = await self._launch(request, directory)
        return await _Run(request=request, launch=launch, on_line=on_line).run()

    async def _launch(self, request: ToolRequest, directory: Path) -> LaunchRequest:
        level = self.reach.level
        isolated = level.rank > SandboxLevel.PROCESS.rank
        files = await self._files(request.argv[0]) if isolated else ToolFiles(program=None)
        further = [await self._files(str(program)) for program in request.programs] if isolated else []
        return LaunchRequest(
            directory=directory,
            level=level,
            argv=request.argv,
            environment=self._environment,
            limits=_limits(request, level),
            files=files,
            loadable=(*self._loadable, *(path for found in further for path in found.paths)),
            readable=request.readable,
            writable=request.writable,
            evidence=request.evidence,
            processes=request.processes,
        )

    async def _files(self, tool: str) -> ToolFiles:
        """Look once for what a tool needs; again while it is not there."""
        found = self._tool_files.get(tool)
        if found is None or found.program is None or not found.program.exists():
            search_path = self._environment["PATH"]
            found = await asyncio.to_thread(find_tool_files, tool=tool, search_path=search_path)
            self._tool_files[tool] = found
        return found


class _Run:
    def __init__(self, *, request: ToolRequest, launch: LaunchRequest, on_line: Callable[[str], None] | None) -> None:
        self._request = request
        self._asked = launch.encoded()
        self._environment = launch.environment
        self._directory = launch.directory
        self._stdout = OutputLines(on_line=on_line, limit_bytes=request.stdout_limit_bytes)
        self._stderr = StderrTail(harmless=request.harmless)
        self._final: tuple[str, list[str]] | None = None
        self._group: int | None = None
        self._forced: ToolEnd | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._last_line = 0.0

    async def run(self) -> ToolResult:
        started = self._last_line = time.monotonic()
        report_read, report_write = os.pipe()
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-S", str(LAUNCHER), str(report_write), str(os.getpid()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(report_write,),
                env=self._environment,
            )  # fmt: skip
        except BaseException:
            os.close(report_read)
            raise
        finally:
            os.close(report_write)
        watchdog = asyncio.create_task(self._watch(started))
        work = asyncio.gather(self._follow_reports(report_read), self._follow_stdout(), self._follow_stderr())
        try:
            await self._ask()
            await asyncio.shield(work)
            await self._process.wait()
        except BaseException:
            await self._kill_through_cancellation(work)
            raise
        finally:
            watchdog.cancel()
            self._close_lifeline()
        return self._result(time.monotonic() - started)

    async def _ask(self) -> None:
        stdin = self._stdin()
        stdin.write(self._asked)
        with contextlib.suppress(ConnectionError):  # the launcher is gone; _result tells
            await stdin.drain()

    async def _follow_reports(self, descriptor: int) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        pipe = os.fdopen(descriptor, "rb", buffering=0)
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        try:
            async for line in reader:
                word, *rest = line.decode().split()
                if word == "pid":
                    self._group = int(rest[0])
                else:
                    self._final = (word, rest)
        finally:
            transport.close()

    async def _follow_stdout(self) -> None:
        try:
            async for chunk in _chunks(self._reader("stdout")):
                if self._stdout.feed(chunk):
                    self._last_line = time.monotonic()
                if self._stdout.over_limit:
                    self._kill(ToolEnd.LIMIT)
            self._stdout.finish()
        except BaseException:
            self._kill(ToolEnd.CANCELLED)  # the callback failed: end the tool, and drain so that it can end
            async for _ in _chunks(self._reader("stdout")):
                pass
            raise

    async def _follow_stderr(self) -> None:
        async for chunk in _chunks(self._reader("stderr")):
            self._stderr.feed(chunk)
        self._stderr.finish()

    async def _watch(self, started: float) -> None:
        """Kill at the deadline, and when stdout has been silent for too long."""
        request = self._request
        while True:
            ends = started + request.timeout_seconds if request.timeout_seconds is not None else float("inf")
            silent = self._last_line + request.stall_seconds if request.stall_seconds is not None else float("inf")
            now = time.monotonic()
            if now >= ends:
                return self._kill(ToolEnd.TIMED_OUT)
            if now >= silent:
                return self._kill(ToolEnd.STALLED)
            await asyncio.sleep(min(ends - now, silent - now, 3600.0))

    def _kill(self, end: ToolEnd) -> None:
        """Let go of the lifeline: the launcher kills the tree and reports."""
        if self._forced is None:
            self._forced = end
            self._close_lifeline()

    def _close_lifeline(self) -> None:
        self._stdin().close()

    async def _kill_through_cancellation(self, work: "asyncio.Future[tuple[None, None, None]]") -> None:
        """Kill the tree and wait for its end, whatever further cancellations arrive meanwhile."""
        self._kill(ToolEnd.CANCELLED)
        ended = asyncio.ensure_future(self._wait_for_end(work))
        while not ended.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(ended)
        ended.result()

    async def _wait_for_end(self, work: "asyncio.Future[tuple[None, None, None]]") -> None:
        process = self._running()
        try:
            await asyncio.wait_for(process.wait(), KILL_SECONDS)
        except TimeoutError:
            self._kill_hard()
            await process.wait()
        await asyncio.gather(work, return_exceptions=True)
        if self._final is None:
            self._clean_after_lost_launcher()

    def _kill_hard(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._running().kill()
        self._clean_after_lost_launcher()

    def _clean_after_lost_launcher(self) -> None:
        """The launcher died without its last words: end the tool's group and remove its directory in its place."""
        if self._group is not None and sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGKILL)
        shutil.rmtree(self._directory, ignore_errors=True)

    def _result(self, wall_seconds: float) -> ToolResult:
        if self._final is None:
            self._clean_after_lost_launcher()
            if self._group is None:
                raise LauncherError(
                    f"the launcher ended with {self._running().returncode} before {self._request.argv[0]} ran:"
                    f" {self._stderr.text() or 'it said nothing'}"
                )
        word, values = self._final or ("signalled", [str(KILLED), "0", "0"])
        if word == "refused":
            raise LauncherError(f"cannot isolate {self._request.argv[0]}: {' '.join(values)}")
        if word == "error":
            return self._not_started(int(values[0]), wall_seconds)
        number = int(values[0]) if word == "signalled" else None
        return ToolResult(
            end=self._forced or _end_of(number, self._request),
            exit_code=int(values[0]) if word == "exited" else None,
            signal=number,
            stdout=self._stdout.kept(),
            stderr_tail=self._stderr.text(),
            error_lines=self._stderr.first_lines(),
            wall_seconds=wall_seconds,
            cpu_seconds=float(values[1]),
            max_rss_bytes=int(values[2]),
        )

    def _not_started(self, number: int, wall_seconds: float) -> ToolResult:
        text = f"{self._request.argv[0]}: {os.strerror(number)}"
        if number not in (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ENOEXEC):
            raise LauncherError(f"cannot start {text}")
        return ToolResult(
            end=ToolEnd.NOT_FOUND,
            exit_code=None,
            signal=None,
            stdout=b"",
            stderr_tail=text,
            error_lines=(text,),
            wall_seconds=wall_seconds,
            cpu_seconds=0.0,
            max_rss_bytes=0,
        )

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise LauncherError("the launcher was never started")
        return self._process

    def _stdin(self) -> asyncio.StreamWriter:
        stdin = self._running().stdin
        if stdin is None:
            raise LauncherError("the launcher has no stdin")
        return stdin

    def _reader(self, name: str) -> asyncio.StreamReader:
        reader = getattr(self._running(), name)
        if not isinstance(reader, asyncio.StreamReader):
            raise LauncherError(f"the launcher has no {name}")
        return reader


def _limits(request: ToolRequest, level: SandboxLevel) -> dict[str, int]:
    """Limits by the name of their RLIMIT."""
    limits = {"CORE": 0, "NOFILE": OPEN_FILES}
    if not sys.platform.startswith("linux"):  # macOS refuses a limit on address space, whatever its size
        return limits | ({"FSIZE": request.output_limit_bytes} if request.output_limit_bytes is not None else {})
    limits["CORE"] = 1  # by core(5) the one value that also keeps a core dump from the program that takes them
    if request.memory_limit_bytes is not None:
        limits["AS"] = request.memory_limit_bytes
    if request.output_limit_bytes is not None:
        limits["FSIZE"] = request.output_limit_bytes
    if level.rank > SandboxLevel.PROCESS.rank:
        limits["DATA"] = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        if not request.writable:
            limits.setdefault("FSIZE", PRIVATE_FILE_BYTES)
    if level is SandboxLevel.NAMESPACES:
        limits["NPROC"] = MOST_TASKS  # counted within the user namespace; elsewhere the user's other work would count
    return limits


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while chunk := await reader.read(CHUNK_BYTES):
        yield chunk


def _end_of(number: int | None, request: ToolRequest) -> ToolEnd:
    if number is None:
        return ToolEnd.EXITED
    if sys.platform != "win32" and number == signal.SIGXFSZ and request.output_limit_bytes is not None:
        return ToolEnd.LIMIT
    return ToolEnd.SIGNALLED
