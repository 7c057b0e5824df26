"""A watch folder in memory: its files, its ledger, its lock. They outlive the watcher; each call takes its time."""

import asyncio
import random
from collections.abc import Mapping

from proxx_watcher.app.ports import FileRead
from proxx_watcher.domain.root_identity import RootIdentity
from proxx_watcher.domain.sighted_name import NameKind, SightedName
from proxx_watcher.domain.sighting import Sighting
from proxx_watcher.domain.spec_names import RESULT_ENDING, matters, name_order

IDENTITY = RootIdentity(device=1, inode=1)


class ModelFolder:
    """Implements proxx_watcher.app.ports.SpecDisk. A process that is killed dies before a call has done anything, or
    after it."""

    def __init__(self, source: random.Random) -> None:
        """Take where the time of each call is drawn from."""
        self._source = source
        self.files: dict[str, tuple[bytes, int]] = {}
        """Content and inode of every file by its path."""
        self._directories = {""}
        self._inodes = 1

    def put(self, path: str, content: bytes) -> None:
        """Drop a file, whole at once."""
        self._inodes += 1
        self.files[path] = (content, self._inodes)

    async def identity(self) -> RootIdentity | None:
        await self._pause()
        return IDENTITY

    async def names(self, *, directory: str) -> tuple[SightedName, ...]:
        await self._pause()
        if directory not in self._directories:
            raise FileNotFoundError(directory)
        inside = [path for path in self.files if path.rpartition("/")[0] == directory]
        return tuple(sorted((self._sighted(path) for path in inside), key=lambda item: name_order(item.name)))

    async def specs(self, *, directory: str, results_here: bool) -> tuple[SightedName, ...]:
        found = await self.names(directory=directory)
        return tuple(item for item in found if matters(name=item.name, results_here=results_here))

    async def results(self, *, directory: str) -> Mapping[str, int]:
        await self._pause()
        inside = [path for path in self.files if path.rpartition("/")[0] == directory]
        return {path.rpartition("/")[2]: self.files[path][1] for path in inside if path.endswith(RESULT_ENDING)}

    async def look(self, *, path: str) -> SightedName | None:
        await self._pause()
        if path in self._directories:
            return SightedName(name=path.rpartition("/")[2], kind=NameKind.DIRECTORY, sighting=None)
        return self._sighted(path) if path in self.files else None

    async def read(self, *, path: str, limit: int) -> FileRead:
        await self._pause()
        if path not in self.files:
            raise FileNotFoundError(path)
        sighting = self._sighted(path).sighting
        assert sighting is not None
        data = self.files[path][0]
        return FileRead(data=data if len(data) <= limit else None, sighting=sighting, torn=False)

    async def make_directory(self, *, path: str) -> None:
        await self._pause()
        self._directories.add(path)
        await self._pause()

    async def write_new(self, *, path: str, text: str) -> None:
        await self._pause()
        if path in self.files:
            raise FileExistsError(path)
        self.put(path, text.encode())
        await self._pause()

    async def write_over(self, *, path: str, text: str) -> None:
        await self._pause()
        self.put(path, text.encode())
        await self._pause()

    async def move(self, *, source: str, target: str) -> None:
        await self._pause()
        if target in self.files:
            raise FileExistsError(target)
        if source not in self.files:
            raise FileNotFoundError(source)
        self.files[target] = self.files.pop(source)
        await self._pause()

    async def put_back(self, *, source: str, target: str) -> None:
        await self.move(source=source, target=target)

    async def sweep(self, *, directory: str) -> None:
        await self._pause()

    def _sighted(self, path: str) -> SightedName:
        content, inode = self.files[path]
        name = path.rpartition("/")[2]
        sighting = Sighting(
            path=name, size=len(content), mtime_ns=inode, ctime_ns=inode, device=1, inode=inode, allocated=512
        )
        return SightedName(name=name, kind=NameKind.FILE, sighting=sighting)

    async def _pause(self) -> None:
        await asyncio.sleep(self._source.random() * 0.02)


class ModelLedger:
    """Implements proxx_watcher.app.ports.Ledger."""

    def __init__(self, *, kept: dict[str, Mapping[str, object]], source: random.Random) -> None:
        """Take what an earlier life left; it is written on."""
        self._kept = kept
        self._source = source

    def records(self) -> Mapping[str, Mapping[str, object]]:
        return dict(self._kept)

    async def read(self) -> None:
        await asyncio.sleep(self._source.random() * 0.02)

    async def put(self, *, key: str, record: Mapping[str, object], durable: bool = True) -> None:
        await asyncio.sleep(self._source.random() * 0.02)
        self._kept[key] = record
        await asyncio.sleep(self._source.random() * 0.02)


class ModelLock:
    """Implements proxx_watcher.app.ports.FolderLock: the world starts no second watcher while one lives."""

    def __init__(self) -> None:
        self._held = False

    async def hold(self) -> bool:
        held, self._held = self._held, True
        return not held

    async def drop(self) -> None:
        return

    async def seen(self) -> bool:
        return True
