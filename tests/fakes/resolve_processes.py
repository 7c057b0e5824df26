"""The processes of a host in memory, and a clock on which waiting takes no time."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path, PurePath

from proxx_resolve_executor.bridge.processes import ProcessListError, ResolveProcess
from tests.fakes.clock import START


class HastyClock:
    """Implements Clock: who sleeps wakes at once, later."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self._now)

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        await asyncio.sleep(0)


class FakeProcesses:
    """Implements Processes. `on_start` is called at each start; `exits` are the codes of starts that end at once.

    `ignores` are the signals (False: asked, True: forced) that processes ignore.
    """

    def __init__(self) -> None:
        self.live: list[ResolveProcess] = []
        self.ended: list[tuple[int, bool]] = []
        self.starts = 0
        self.exits: list[int | None] = []
        self.ignores: frozenset[bool] = frozenset()
        self.refuses: OSError | None = None
        self.unlistable = False
        self._codes: dict[int, int] = {}
        self.on_start: Callable[[], object] = lambda: None

    def adopt(self, pid: int = 50) -> ResolveProcess:
        """Have one run that somebody else started."""
        process = ResolveProcess(pid=pid, started=f"then {pid}", headless=False)
        self.live.append(process)
        return process

    def running(self, binary: PurePath) -> tuple[ResolveProcess, ...]:
        if self.unlistable:
            raise ProcessListError("ps cannot list the processes of this host")
        return tuple(sorted(self.live, key=lambda process: process.pid))

    def start(self, binary: PurePath, *, environment: Mapping[str, str], directory: Path) -> int:
        if self.refuses is not None:
            raise self.refuses
        self.starts += 1
        pid = 100 + self.starts
        code = self.exits.pop(0) if self.exits else None
        if code is None:
            self.live.append(ResolveProcess(pid=pid, started=f"now {pid}", headless=True))
        else:
            self._codes[pid] = code
        self.on_start()
        return pid

    def exit_code(self, pid: int) -> int | None:
        return self._codes.get(pid)

    def end(self, process: ResolveProcess, *, force: bool) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.ended.append((process.pid, force))
        if force not in self.ignores:
            self.gone(process.pid)

    def gone(self, pid: int) -> None:
        """Have a process end by itself."""
        self.live = [process for process in self.live if process.pid != pid]
