"""A media folder in a real directory, under a clock that only the test moves, with a scheduler in memory."""

import asyncio
import errno
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from proxx.runtime.preset_files import builtin_presets
from proxx.runtime.profile_files import builtin_library
from proxx_watcher.app.folder_guard import FolderGuard
from proxx_watcher.app.media_folder import MediaFolder
from proxx_watcher.app.media_ports import FileContent, FileDigest, FolderScan, Form
from proxx_watcher.app.news import News
from proxx_watcher.app.ports import PassOutcome
from proxx_watcher.app.reach import Reach
from proxx_watcher.disk.ledger import open_ledger
from proxx_watcher.disk.lock import FileLock
from proxx_watcher.disk.media_disk import LocalMediaDisk
from proxx_watcher.domain.folder_settings import FolderSettings, Layout
from proxx_watcher.domain.media_settings import MediaSettings, read_media_settings
from proxx_watcher.domain.readiness import Look, Writer
from proxx_watcher.domain.selection import Selector
from proxx_watcher.domain.sighting import Sighting
from tests.fakes.media_scheduler import FakeMediaScheduler, FakeRecipes
from tests.unit.watcher.spec_world import Breaker, HandClock, InlineThread

PRESET = "offline_edit_prores"


class TroubledMediaDisk(LocalMediaDisk):
    """A directory on a disk that fails where the test says: `unreadable` is a file whose bytes cannot all be read.

    What `faults` names is not seen by a scan.
    """

    world: "MediaWorld"

    async def scan(self, *, settled: Collection[str], reopened: Collection[str], full: bool) -> FolderScan:
        found = await super().scan(settled=settled, reopened=reopened, full=full)
        hidden = {path for path, _ in self.world.faults}
        media = tuple(sighting for sighting in found.media if sighting.path not in hidden)
        return replace(found, media=media, faults=(*found.faults, *self.world.faults))

    async def digest(self, *, path: str, algorithm: str) -> FileDigest:
        if path == self.world.unreadable:
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return await super().digest(path=path, algorithm=algorithm)


class RemoteMediaDisk(TroubledMediaDisk):
    """The same directory as a network file system shows it: no change times, no holes, no writers of other hosts."""

    async def scan(self, *, settled: Collection[str], reopened: Collection[str], full: bool) -> FolderScan:
        found = await super().scan(settled=settled, reopened=reopened, full=full)
        return replace(
            found,
            media=tuple(map(_blurred, found.media)),
            parts=tuple(map(_blurred, found.parts)),
            temporary=tuple(map(_blurred, found.temporary)),
            markers=tuple(map(_blurred, found.markers)),
            lists=tuple(map(_blurred, found.lists)),
        )

    async def look(self, *, path: str, lease: bool) -> Look:
        found = await super().look(path=path, lease=False)
        return replace(found, form=_timeless(found.form), hole=None, writer=Writer.UNKNOWN)

    async def content(self, *, path: str) -> FileContent:
        found = await super().content(path=path)
        return replace(found, form=_timeless(found.form))

    async def digest(self, *, path: str, algorithm: str) -> FileDigest:
        found = await super().digest(path=path, algorithm=algorithm)
        return replace(found, form=_timeless(found.form))


def _blurred(sighting: Sighting) -> Sighting:
    return replace(sighting, ctime_ns=0, allocated=sighting.size)


def _timeless(form: Form) -> Form:
    size, mtime_ns, _, device, inode = form
    return size, mtime_ns, 0, device, inode


@cache
def shipped_recipes() -> FakeRecipes:
    """The presets and profiles that Proxx ships."""
    return FakeRecipes(library=builtin_presets(), profile_library=builtin_library())


@dataclass
class MediaWorld:
    """One folder. `life` starts a watcher over it, as after a restart; only one lives at a time."""

    root: Path
    state: Path
    table: Mapping[str, object] = field(default_factory=dict)
    remote: bool = False
    unreadable: str = ""
    faults: tuple[tuple[str, str], ...] = ()
    scheduler: FakeMediaScheduler = field(default_factory=FakeMediaScheduler)
    clock: HandClock = field(default_factory=HandClock)
    recipes: FakeRecipes = field(default_factory=shipped_recipes)
    news: list[News] = field(default_factory=list)
    _lock: FileLock | None = None

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.state.mkdir(parents=True, exist_ok=True)

    @property
    def settings(self) -> MediaSettings:
        usual = {"preset": PRESET, "output_directory": str(self.state)}
        return read_media_settings(table={**usual, **self.table})

    def life(self, breaker: Breaker | None = None) -> MediaFolder:
        """Start a watcher; with a breaker it is killed before one of its calls."""
        if self._lock is not None:
            self._lock.release()
        thread: Any = InlineThread()
        media = self.settings
        kind = RemoteMediaDisk if self.remote else TroubledMediaDisk
        disk = kind(root=self.root, selector=Selector(media.selection), thread=thread, digests=thread)
        disk.world = self
        self._lock = FileLock(directory=self.root, since=self.clock.now(), thread=thread)
        ledger = open_ledger(path=self.state / "ledger.jsonl", thread=thread)
        around = (lambda port: port) if breaker is None else breaker.around
        return MediaFolder(
            settings=FolderSettings(name="card", path=self.root, layout=Layout.MEDIA),
            media=media,
            disk=around(disk),
            guard=FolderGuard(root=disk, lock=self._lock, ledger=ledger),
            ledger=around(ledger),
            scheduler=around(self.scheduler),
            recipes=around(self.recipes),
            reach=Reach(clock=self.clock),
            clock=self.clock,
            tell=self.news.append,
        )

    def stamp(self, path: Path, *, after_seconds: float = 0.0) -> None:
        """Give a file the present moment of the test's clock as its modification time, as a kernel would."""
        moment = int((self.clock.now().timestamp() + after_seconds) * 1e9)
        os.utime(path, ns=(moment, moment))

    def put(self, name: str, content: bytes) -> Path:
        """Write a file at once."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.stamp(path)
        return path

    async def passes(self, folder: MediaFolder, *, seconds: float, every: float = 5.0) -> PassOutcome:
        """Pass as often as the interval asks for, for so many seconds; the last pass is at their end."""
        end = self.clock.seconds + seconds
        outcome = await folder.open_pass(submit=True)
        while self.clock.seconds < end:
            self.clock.seconds = min(end, self.clock.seconds + every)
            await asyncio.sleep(0)  # what runs beside the passes gets its turn
            outcome = await folder.open_pass(submit=True)
        return outcome

    def close(self) -> None:
        """Let the lock go."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
