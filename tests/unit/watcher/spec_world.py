"""A JobSpec folder in a real directory, under a clock that only the test moves, with a scheduler in memory."""

import errno
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from proxx.core.jobs import SubmissionOptions
from proxx_watcher.app.folder_guard import FolderGuard
from proxx_watcher.app.news import News
from proxx_watcher.app.ports import FileRead, PassOutcome
from proxx_watcher.app.reach import Reach
from proxx_watcher.app.spec_folder import SpecFolder
from proxx_watcher.disk.ledger import open_ledger
from proxx_watcher.disk.lock import LOCK_NAME, FileLock
from proxx_watcher.disk.spec_disk import LocalSpecDisk
from proxx_watcher.domain.folder_settings import FolderSettings, Layout
from tests.fakes.clock import START
from tests.fakes.watch_scheduler import FakeWatchScheduler


class InlineThread:
    """Makes disk calls where it is asked."""

    async def run(self, call: Callable[[], Any]) -> Any:
        return call()


class HandClock:
    """A clock that only moves when it is told to, and that nobody sleeps by."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody sleeps in a pass, not even {seconds} s")


class KilledError(BaseException):
    """The watcher was killed."""


def kill() -> None:
    """End the watcher here."""
    raise KilledError


@dataclass
class Breaker:
    """Counts every call of every port and does something before one of them; kills the watcher, unless told otherwise.

    Before the next call is after the one before: between two calls the watcher changes nothing but its own memory.
    """

    at: int
    act: Callable[[], None] = kill
    count: int = 0

    def around(self, port: object) -> Any:
        return _Counted(port, self)

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            self.act()


class _Counted:
    def __init__(self, port: object, breaker: Breaker) -> None:
        self._port = port
        self._breaker = breaker

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name == "records":
            return found

        async def call(**arguments: Any) -> Any:
            self._breaker.step()
            return await found(**arguments)

        return call


class _TroubledDisk(LocalSpecDisk):
    """The folder's disk with what a test wants to go wrong on it."""

    def __init__(self, *, root: Path, thread: InlineThread, world: "SpecWorld") -> None:
        super().__init__(root=root, thread=thread)
        self._world = world

    async def read(self, *, path: str, limit: int) -> FileRead:
        if self._world.unreadable and path.endswith(self._world.unreadable):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return await super().read(path=path, limit=limit)

    async def write_new(self, *, path: str, text: str) -> None:
        if self._world.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        await super().write_new(path=path, text=text)


@dataclass
class SpecWorld:
    """One folder. `life` starts a watcher over it, as after a restart; only one lives at a time."""

    root: Path
    state: Path
    layout: Layout
    scheduler: FakeWatchScheduler = field(default_factory=FakeWatchScheduler)
    clock: HandClock = field(default_factory=HandClock)
    max_workers: int = 1
    news: list[News] = field(default_factory=list)
    full: bool = False
    """Whether nothing more can be written into the folder."""
    unreadable: str = ""
    """The name of a file that may not be read."""
    ledger_place: Path | None = None
    """Where the ledger lies when not in `state` itself."""
    _lock: FileLock | None = None

    def __post_init__(self) -> None:
        self.root.mkdir(exist_ok=True)
        if self.layout is Layout.STAGED:
            self.inbox.mkdir(exist_ok=True)

    @property
    def inbox(self) -> Path:
        return self.root / "pending" if self.layout is Layout.STAGED else self.root

    @property
    def good(self) -> Path:
        return self.root / ("completed" if self.layout is Layout.STAGED else "processed")

    @property
    def ledger(self) -> Path:
        return (self.ledger_place or self.state) / "ledger.jsonl"

    def result(self, name: str, *, good: bool = True) -> Path:
        """Where the result of a spec lies."""
        stem = name.removesuffix(".json")
        if self.layout is Layout.FLAT:
            return self.root / f"{stem}.result.json"
        return (self.good if good else self.root / "failed") / f"{stem}.result.json"

    def drop(self, name: str, document: object = None, *, text: str | bytes | None = None) -> Path:
        """Put a spec into the inbox."""
        path = self.inbox / name
        content = json.dumps({} if document is None else document) if text is None else text
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def life(self, *, breaker: Breaker | None = None, once: bool = False) -> SpecFolder:
        """Start a watcher; the one before is dead."""
        self.end()
        thread = InlineThread()
        around: Callable[[Any], Any] = (lambda port: port) if breaker is None else breaker.around
        disk = around(_TroubledDisk(root=self.root, thread=thread, world=self))
        self._lock = FileLock(directory=self.root, since=self.clock.now(), thread=thread)
        ledger = around(open_ledger(path=self.ledger, thread=thread))
        return SpecFolder(
            settings=FolderSettings(
                name="drops",
                path=self.root,
                layout=self.layout,
                max_workers=self.max_workers,
                options=SubmissionOptions(),
            ),
            disk=disk,
            guard=FolderGuard(root=disk, lock=around(self._lock), ledger=ledger),
            ledger=ledger,
            scheduler=around(self.scheduler),
            reach=Reach(clock=self.clock),
            clock=self.clock,
            tell=self.news.append,
            once=once,
        )

    def end(self) -> None:
        """The watcher that lives is gone."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def rival(self) -> SpecFolder:
        """Start a watcher beside the one that lives."""
        holder, self._lock = self._lock, None
        rival = self.life()
        self._lock = holder
        return rival

    async def passes(self, folder: SpecFolder, count: int = 8, *, seconds: float = 0.6) -> PassOutcome:
        """Pass so often, with time between."""
        for _ in range(count):
            outcome = await folder.open_pass(submit=True)
            self.clock.seconds += seconds
        return outcome

    def tree(self) -> list[str]:
        """Every file of the folder but the lock, by path."""
        found = []
        for directory, _, names in os.walk(self.root):
            found += [str((Path(directory) / name).relative_to(self.root)) for name in names if name != LOCK_NAME]
        return sorted(found)


def told(outcome: PassOutcome) -> dict[str, tuple[str, str]]:
    """State and reason of every shown entry by its path."""
    return {entry.path: (entry.state.value, entry.reason) for entry in outcome.folder.entries}
