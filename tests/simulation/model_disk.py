"""A shared file system in memory: what is there now, what would be left after a power loss, and what goes wrong.

Every operation is one step: it may stall before, its process may die before or after, and it may fail as a disk does.
Names become durable in the order in which they were made, when a directory is flushed; bytes when their file is. A
rename is atomic. A power loss keeps a random beginning of what was not flushed, and cuts files short that were not.
"""

import errno
import os
import random
import stat
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulation.baton import own_baton
from tests.simulation.virtual_loop import ProcessKilledError, current_process

FLUSH_ERROR, RENAME_ERROR = "flush error", "rename error"


@dataclass(slots=True, eq=False)
class Inode:
    """One file. `flushed` are the bytes that a power loss leaves; `lost` says that a flush failed once."""

    number: int
    content: bytes = b""
    flushed: bytes = b""
    mtime_ns: int = 0
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One name set (or removed: None) that is not durable yet."""

    path: str
    inode: Inode | None
    second: tuple[str, Inode | None] | None = None


@dataclass(slots=True)
class Stat:
    """What lstat tells."""

    st_mode: int
    st_ino: int
    st_size: int
    st_mtime_ns: int
    st_dev: int = 1


@dataclass(slots=True)
class DiskFaults:
    """What the disk does wrong, each a probability of one operation. `on` is taken away when faults stop."""

    on: bool = False
    kill: float = 0.0
    flush_error: float = 0.0
    rename_error: float = 0.0
    stall: float = 0.0
    full: bool = False


@dataclass(slots=True)
class ModelDisk:
    """The file system. `watch` is told of every name that was set or removed; `kill` ends the running process,
    `hang` cuts its host off for so many seconds."""

    source: random.Random
    faults: DiskFaults = field(default_factory=DiskFaults)
    names: dict[str, Inode] = field(default_factory=dict)
    directories: set[str] = field(default_factory=lambda: {"/"})
    durable: dict[str, Inode] = field(default_factory=dict)
    pending: list[Change] = field(default_factory=list)
    watch: Callable[[str, Inode | None, Inode | None], None] = lambda _path, _before, _after: None
    kill: Callable[[], None] = lambda: None
    hang: Callable[[float], None] = lambda _seconds: None
    tell: Callable[[str], None] = lambda _text: None
    now_ns: Callable[[], int] = lambda: 0
    stalls: int = 0
    _inodes: int = 100

    # --- one operation ---------------------------------------------------------------------------------------------

    def step(self, what: str, path: str) -> bool:
        """Begin an operation; return whether its process dies right after it."""
        process = current_process()
        if process is not None and not process.alive:
            raise ProcessKilledError
        faults = self.faults
        if not faults.on or process is None:
            return False
        baton = own_baton()
        if baton is not None and self.source.random() < faults.stall:
            self.stalls += 1
            seconds = self.source.uniform(0.1, 8.0)
            self.tell(f"{process.name}: stalls before {what} {path} for {seconds:.1f} s")
            if self.source.random() < 0.5:
                self.hang(seconds)
            baton.pause(seconds)
            if not process.alive:
                raise ProcessKilledError
        if faults.kill and self.source.random() < faults.kill:
            if self.source.random() < 0.5:
                self.tell(f"{process.name}: dies before {what} {path}")
                self.kill()
                raise ProcessKilledError
            return True
        return False

    def finish(self, doomed: bool, what: str, path: str) -> None:
        """End an operation."""
        if doomed:
            self.tell(f"{current_process().name}: dies after {what} {path}")  # type: ignore[union-attr]  # only a process is doomed
            self.kill()
            raise ProcessKilledError

    def failing(self, probability: float) -> bool:
        return self.faults.on and probability > 0 and self.source.random() < probability

    # --- names -----------------------------------------------------------------------------------------------------

    def inode(self, path: str) -> Inode:
        found = self.names.get(path)
        if found is None:
            self._need_directory(_parent(path), path)
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return found

    def stat(self, path: str) -> Stat:
        self.step("stat", path)
        if path in self.directories:
            return Stat(stat.S_IFDIR | 0o775, 1, 0, 0)
        found = self.inode(path)
        return Stat(stat.S_IFREG | 0o644, found.number, len(found.content), found.mtime_ns)

    def create(self, path: str, *, exclusive: bool = True) -> Inode:
        doomed = self.step("create", path)
        self._need_directory(_parent(path), path)
        if path in self.names:
            if exclusive:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
            inode = self.names[path]
            inode.content = b""
        else:
            if self.faults.full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
            self._inodes += 1
            inode = Inode(self._inodes, mtime_ns=self.now_ns())
            self._set(path, inode)
        self.finish(doomed, "create", path)
        return inode

    def write(self, path: str, inode: Inode, content: bytes) -> None:
        doomed = self.step("write", path)
        if self.faults.full and content:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        inode.content += content
        self.finish(doomed, "write", path)

    def unlink(self, path: str) -> None:
        doomed = self.step("unlink", path)
        self.inode(path)
        self._set(path, None)
        self.finish(doomed, "unlink", path)

    def mkdir(self, path: str, *, exist_ok: bool = False) -> None:
        doomed = self.step("mkdir", path)
        self._need_directory(_parent(path), path)
        if path in self.directories and exist_ok:
            return
        if path in self.directories or path in self.names:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        if self.faults.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        self.directories.add(path)
        self.finish(doomed, "mkdir", path)

    def rmdir(self, path: str) -> None:
        doomed = self.step("rmdir", path)
        if path not in self.directories:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        if any(True for name in self.listing(path)):
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), path)
        self.directories.discard(path)
        self.finish(doomed, "rmdir", path)

    def listing(self, path: str) -> list[str]:
        """Return what lies in a directory, sorted."""
        prefix = path.rstrip("/") + "/"
        return sorted(
            name for name in (*self.names, *self.directories) if name != path and _parent(name) + "/" == prefix
        )

    def rename(self, source: str, target: str, *, replace: bool) -> None:
        """Rename; the answer of a rename that was done may be lost."""
        doomed = self.step("rename", f"{source} to {target}")
        inode = self.inode(source)
        self._need_directory(_parent(target), target)
        if not replace and (target in self.names or target in self.directories):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
        if self.failing(self.faults.rename_error):
            if self.source.random() < 0.5:
                self._rename(source, target, inode)
            self.tell(f"rename of {source} answered with an error")
            raise OSError(errno.EIO, os.strerror(errno.EIO), target)
        self._rename(source, target, inode)
        self.finish(doomed, "rename", f"{source} to {target}")

    def _rename(self, source: str, target: str, inode: Inode) -> None:
        replaced = self.names.get(target)
        del self.names[source]
        self.names[target] = inode
        self.pending.append(Change(source, None, (target, inode)))
        self.watch(source, inode, None)
        self.watch(target, replaced, inode)

    def _set(self, path: str, inode: Inode | None) -> None:
        before = self.names.get(path)
        if inode is None:
            self.names.pop(path, None)
        else:
            self.names[path] = inode
        self.pending.append(Change(path, inode))
        self.watch(path, before, inode)

    def _need_directory(self, directory: str, path: str) -> None:
        if directory not in self.directories:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    # --- durability --------------------------------------------------------------------------------------------------

    def flush_file(self, path: str, inode: Inode) -> None:
        doomed = self.step("flush", path)
        if self.failing(self.faults.flush_error):
            inode.lost = True
            self.tell(f"flush of {path} failed")
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        if not inode.lost:  # after one error the kernel says that all is well, and it is not
            inode.flushed = inode.content
        self.finish(doomed, "flush", path)

    def flush_directory(self, directory: str) -> None:
        doomed = self.step("flush directory", directory)
        if directory not in self.directories:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), directory)
        if self.failing(self.faults.flush_error):
            self.tell(f"flush of directory {directory} failed")
            raise OSError(errno.EIO, os.strerror(errno.EIO), directory)
        touching = [
            position
            for position, change in enumerate(self.pending)
            if _parent(change.path) == directory or (change.second and _parent(change.second[0]) == directory)
        ]
        if touching:
            self._commit(touching[-1] + 1)
        self.finish(doomed, "flush directory", directory)

    def _commit(self, count: int) -> None:
        for change in self.pending[:count]:
            for path, inode in ((change.path, change.inode), *((change.second,) if change.second else ())):
                if inode is None:
                    self.durable.pop(path, None)
                else:
                    self.durable[path] = inode
        del self.pending[:count]

    def lose_power(self) -> None:
        """Every host goes dark at once: what was not flushed is there or not, and files may be cut short."""
        self._commit(self.source.randint(0, len(self.pending)))
        self.pending.clear()
        before = dict(self.names)
        self.names = dict(self.durable)
        for inode in set(before.values()) | set(self.names.values()):
            if inode.content != inode.flushed and self.source.random() < 0.5:
                inode.content = inode.flushed
            inode.flushed = inode.content
        for path in sorted({*before, *self.names}):
            if before.get(path) is not self.names.get(path):
                self.watch(path, before.get(path), self.names.get(path))

    # --- others than Proxx -------------------------------------------------------------------------------------------

    def put(self, path: str, content: bytes) -> Inode:
        """A stranger makes or replaces a file, durably; the directory is made too."""
        directory = _parent(path)
        while directory not in self.directories:
            self.directories.add(directory)
            directory = _parent(directory)
        self._inodes += 1
        inode = Inode(self._inodes, content, content, self.now_ns())
        before = self.names.get(path)
        self.names[path] = self.durable[path] = inode
        self.pending = [change for change in self.pending if change.path != path]
        self.watch(path, before, inode)
        return inode

    def take_away(self, path: str) -> None:
        """A stranger moves a file away, durably."""
        before = self.names.pop(path, None)
        self.durable.pop(path, None)
        self.watch(path, before, None)


def _parent(path: str) -> str:
    return path.rpartition("/")[0] or "/"
