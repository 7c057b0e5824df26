"""A media folder on this machine's file systems: scanning and looking in the folder's own thread."""

import os
import stat
from collections.abc import Collection
from pathlib import Path

from proxx.runtime.where import Where, open_at
from proxx_watcher.app.media_ports import FileContent, FileDigest, FolderScan, Form
from proxx_watcher.disk import files
from proxx_watcher.disk.below import below
from proxx_watcher.disk.off_loop import DiskThread
from proxx_watcher.disk.samples import file_content, file_digest, form_of, look_inside
from proxx_watcher.disk.scan import FolderScanner
from proxx_watcher.domain.checksum_list import MAX_LIST_BYTES, Listed, list_entry_path, read_checksum_list
from proxx_watcher.domain.readiness import Look
from proxx_watcher.domain.root_identity import RootIdentity
from proxx_watcher.domain.safety import Room
from proxx_watcher.domain.selection import Selector


class LocalMediaDisk:
    """Implements proxx_watcher.app.media_ports.MediaDisk."""

    def __init__(
        self, *, root: Path, selector: Selector, thread: DiskThread, digests: DiskThread | None = None
    ) -> None:
        """Take the folder, absolute and real, what is looked for, and the thread of its calls.

        Whole files are read in a thread of their own (`digests`), so that scans go on meanwhile.
        """
        self._root = root
        self._scanner = FolderScanner(root=root, selector=selector)
        self._thread = thread
        self._digests = digests or DiskThread(name=f"digests-{root.name}")

    async def identity(self) -> RootIdentity | None:
        """Return which directory stands at the folder's path."""
        return await self._thread.run(lambda: files.identity_of(self._root))

    async def scan(self, *, settled: Collection[str], reopened: Collection[str], full: bool) -> FolderScan:
        """List the folder."""
        return await self._thread.run(lambda: self._scanner.scan(settled=settled, reopened=reopened, full=full))

    async def look(self, *, path: str, lease: bool) -> Look:
        """Look inside a file."""
        return await self._thread.run(lambda: look_inside(path=self._at(path), lease=lease))

    async def form(self, *, path: str) -> Form | None:
        """Return the form of a regular file."""
        return await self._thread.run(lambda: _form(self._at(path)))

    async def content(self, *, path: str) -> FileContent:
        """Return what a file is known by."""
        return await self._thread.run(lambda: file_content(path=self._at(path)))

    async def digest(self, *, path: str, algorithm: str) -> FileDigest:
        """Read a whole file."""
        return await self._digests.run(lambda: file_digest(path=self._at(path), algorithm=algorithm))

    async def checksum_list(self, *, path: str) -> tuple[tuple[str, Listed], ...]:
        """Return the entries of a checksum list; a long one takes seconds, so it is parsed in the thread, too."""
        return await self._thread.run(lambda: _entries(path, _read(self._at(path), MAX_LIST_BYTES)))

    async def room(self, *, directory: str) -> Room:
        """Return the free space where a directory is or will be."""
        return await self._thread.run(lambda: free_room(Path(directory)))

    def _at(self, path: str) -> Where:
        return below(root=self._root, path=path)


def free_room(directory: Path) -> Room:
    """Return the free space of the file system that holds `directory`, or its nearest parent that is there."""
    for place in (directory, *directory.parents):
        try:
            found = os.statvfs(place)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            return Room(free_bytes=None, fact=f"{place}: {error.strerror}")
        if place != directory and place == Path(place.anchor):
            return Room(free_bytes=None, fact=f"{directory} is not visible from this machine")
        return Room(free_bytes=found.f_bavail * found.f_frsize)
    return Room(free_bytes=None, fact=f"{directory} is not visible from this machine")


def _form(path: Where) -> Form | None:
    try:
        state = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return form_of(state) if stat.S_ISREG(state.st_mode) else None


def _entries(source: str, text: bytes) -> tuple[tuple[str, Listed], ...]:
    entries = read_checksum_list(name=source.rpartition("/")[2], text=text)
    named = ((list_entry_path(source=source, written=entry.path), entry) for entry in entries)
    return tuple((path, entry) for path, entry in named if path)


def _read(path: Where, limit: int) -> bytes:
    descriptor = open_at(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit + 1)
