"""The one Resolve of this host as a process: adopted or started, ended by its id, never two of it."""

import asyncio
import contextlib
import json
import os
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from proxx.core.quoting import quote
from proxx.runtime.clock import Clock
from proxx_resolve_executor.bridge.child_process import foreign_environment
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.bridge.processes import Processes, ProcessListError, ResolveProcess
from proxx_resolve_executor.bridge.uninterrupted import run_through
from proxx_resolve_executor.discovery import Installation
from proxx_resolve_executor.resolve_error import ResolveUnresponsiveError, ResolveValidationError

RECORD = "resolve.json"
LOOK_SECONDS = 0.1
APPEAR_SECONDS = 5.0

T = TypeVar("T")


class Application:
    """Knows which process is Resolve, and whether Proxx started it: also a Proxx that ran here before."""

    def __init__(
        self, *, installation: Installation, options: ResolveOptions, processes: Processes, clock: Clock
    ) -> None:
        """Take what to start, how, and through whom."""
        self._installation = installation
        self._options = options
        self._processes = processes
        self._clock = clock
        self._record = options.state_directory / RECORD
        self._starts: deque[float] = deque()
        self._process: ResolveProcess | None = None
        self._own = False
        self._started = float("-inf")

    @property
    def own(self) -> bool:
        """Whether Proxx started it."""
        return self._own

    @property
    def may_end(self) -> bool:
        """Whether Proxx may end it: it started it, or the options allow it."""
        return self._own or self._options.take_over

    @property
    def patience_seconds(self) -> float:
        """How long it may still refuse to answer: one that was started is given its time, in whatever call that was."""
        left = self._started + self._options.start_seconds - self._clock.monotonic() if self._own else 0.0
        return max(left, self._options.answer_seconds)

    async def ensure(self) -> bool:
        """Adopt the running Resolve, or start one where none runs; returns whether it was started now.

        Raises:
            ResolveValidationError: it cannot be started, or the processes of this host cannot be listed.
            ResolveUnresponsiveError: it was started too often of late, or ended at once.
        """
        running = await self._running()
        if running:
            self._process = running[0]
            self._own = self._is_recorded(running[0])
            return False
        await run_through(self._start())  # one that was started must be known as ours
        return True

    async def alive(self) -> bool:
        """Whether the process that was adopted or started still runs.

        Raises:
            ResolveValidationError: the processes of this host cannot be listed.
        """
        return self._process is not None and await self._is_there(self._process)

    async def end(self, *, told: bool) -> None:
        """End it and wait until it is gone; `told` says that it was asked to quit already.

        Raises:
            ResolveUnresponsiveError: Proxx may not, or it does not end.
        """
        process = self._process
        if process is None:
            return
        if not self.may_end:
            raise ResolveUnresponsiveError(
                f"Resolve (process {process.pid}) was not started by Proxx, which therefore does not end it:"
                " restart it by hand"
            )
        seconds = self._options.stop_seconds
        gone = told and await self._wait_until_gone(process, seconds)
        for force in (False, True):
            if not gone:
                await self._signal(process, force=force)
                gone = await self._wait_until_gone(process, seconds)
        if not gone:
            raise ResolveUnresponsiveError(
                f"Resolve (process {process.pid}) did not end within {seconds:g} s of being killed: restart this host"
            )
        self._forget()

    async def _start(self) -> None:
        self._count_start()
        options, binary = self._options, self._installation.binary
        environment = {**foreign_environment(os.environ), **options.environment}
        try:
            pid = self._processes.start(binary, environment=environment, directory=options.state_directory)
        except OSError as error:
            raise ResolveValidationError(f"cannot start {quote(text=str(binary))}: {error.strerror}") from error
        self._started = self._clock.monotonic()
        deadline = self._started + APPEAR_SECONDS
        while self._clock.monotonic() < deadline:
            code = self._processes.exit_code(pid)
            running = await self._running()
            if code is None and not any(one.pid == pid for one in running):
                await self._clock.sleep(LOOK_SECONDS)
                continue
            if running:  # ours, or one whose start came in between: a second one ends by itself
                self._process = running[0]
                self._own = running[0].pid == pid
                if self._own:
                    await self._remembered(running[0])
                return
            raise ResolveUnresponsiveError(f"Resolve ended as soon as it was started, with exit code {code}")
        raise ResolveValidationError(f"process {pid} was started as Resolve, and this host does not list it so")

    def _count_start(self) -> None:
        options, now = self._options, self._clock.monotonic()
        while self._starts and now - self._starts[0] > options.restart_window_seconds:
            self._starts.popleft()
        if len(self._starts) > options.restarts:
            wait = options.restart_window_seconds - (now - self._starts[0])
            raise ResolveUnresponsiveError(
                f"Resolve was started {len(self._starts)} times within {options.restart_window_seconds:g} s and did not"
                f" stay; the next start is allowed in {wait:.0f} s"
            )
        self._starts.append(now)

    async def _running(self) -> tuple[ResolveProcess, ...]:
        return await self._ask(lambda: self._processes.running(self._installation.binary))

    async def _is_there(self, process: ResolveProcess) -> bool:
        return any((one.pid, one.started) == (process.pid, process.started) for one in await self._running())

    async def _wait_until_gone(self, process: ResolveProcess, seconds: float) -> bool:
        deadline = self._clock.monotonic() + seconds
        while await self._is_there(process):
            if self._clock.monotonic() >= deadline:
                return False
            await self._clock.sleep(LOOK_SECONDS)
        return True

    async def _signal(self, process: ResolveProcess, *, force: bool) -> None:
        if not await self._is_there(process):
            return  # the id may be another's by now
        try:
            self._processes.end(process, force=force)
        except OSError as error:
            raise ResolveUnresponsiveError(
                f"Resolve (process {process.pid}) cannot be ended: {error.strerror}: restart it by hand"
            ) from error

    async def _ask(self, look: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(look)
        except (ProcessListError, OSError) as error:
            raise ResolveValidationError(str(error)) from error

    def _forget(self) -> None:
        self._process = None
        self._own = False
        with contextlib.suppress(OSError):  # a record of a process that is gone says nothing wrong
            self._record.unlink(missing_ok=True)

    async def _remembered(self, process: ResolveProcess) -> None:
        """Remember it, or end it: the next executor would take it for somebody else's, and never end it."""
        try:
            self._remember(process)
        except OSError as error:
            await self.end(told=False)
            raise ResolveValidationError(
                f"{RECORD} in the state directory cannot be written: {error.strerror}; Resolve was ended"
            ) from error

    def _remember(self, process: ResolveProcess) -> None:
        fresh = self._record.with_suffix(".new")
        fresh.write_text(json.dumps({"pid": process.pid, "started": process.started}), encoding="utf-8")
        fresh.replace(self._record)

    def _is_recorded(self, process: ResolveProcess) -> bool:
        """Whether Proxx started it: this one, or one that ran here before."""
        try:
            return bool(
                json.loads(self._record.read_text(encoding="utf-8")) == {"pid": process.pid, "started": process.started}
            )
        except (OSError, ValueError):
            return False
