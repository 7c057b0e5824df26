"""One watcher for one folder: a lock file in the folder that the kernel frees with its holder.

The file also marks the folder as one that has been watched; it means nothing else when nobody holds it. A folder that
cannot be written has its lock file in the state directory, where it keeps away only watchers of the same user and host.
"""

import errno
import fcntl
import json
import os
import socket
import stat
from datetime import datetime
from pathlib import Path

from proxx_watcher.app.ports import FolderTroubleError
from proxx_watcher.disk.off_loop import Runs

LOCK_NAME = ".proxx-watch.lock"
_NOT_WRITABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


class FileLock:
    """Implements proxx_watcher.app.ports.FolderLock."""

    def __init__(self, *, directory: Path, since: datetime, thread: Runs, elsewhere: Path | None = None) -> None:
        """Take the folder and the moment to be told to whoever comes second.

        `elsewhere` is the directory of the lock file when the folder cannot be written; None when it must be.
        """
        self._directory = directory
        self._path = directory / LOCK_NAME
        self._elsewhere = elsewhere
        self._since = since
        self._thread = thread
        self._descriptor: int | None = None

    async def hold(self) -> bool:
        """Take the lock, or make sure that it is still held. Returns whether it was taken now."""
        return await self._thread.run(self._hold)

    async def drop(self) -> None:
        """Let the lock go."""
        await self._thread.run(self.release)

    async def seen(self) -> bool:
        """Return whether the folder has been watched before: its lock file stands in it.

        One that could not be written then has it elsewhere, and counts while anything stands in it.
        """
        return await self._thread.run(self._seen)

    def release(self) -> None:
        """Let the lock go; the file stays."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _seen(self) -> bool:
        if os.path.lexists(self._directory / LOCK_NAME):
            return True
        if self._elsewhere is None or not os.path.lexists(self._elsewhere / LOCK_NAME):
            return False
        with os.scandir(self._directory) as entries:
            return next(entries, None) is not None

    def _hold(self) -> bool:
        try:
            return self._hold_here()
        except OSError as error:
            if error.errno not in _NOT_WRITABLE or self._elsewhere is None or self._path.parent == self._elsewhere:
                raise
            self._path = self._elsewhere / LOCK_NAME
            return self._hold_here()

    def _hold_here(self) -> bool:
        if self._descriptor is not None and _is_at(self._descriptor, self._path):
            return False
        self.release()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise FolderTroubleError(f"{LOCK_NAME} in the folder is no regular file")
            self._take(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return True

    def _take(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderTroubleError(f"another watcher has this folder: {_holder(descriptor)}") from None
        if not _is_at(descriptor, self._path):
            raise FolderTroubleError("the lock file was replaced while it was taken; it is tried again")
        told = {"pid": os.getpid(), "host": socket.gethostname(), "since": self._since.isoformat(timespec="seconds")}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, (json.dumps(told) + "\n").encode("ascii"), 0)


def _is_at(descriptor: int, path: Path) -> bool:
    held = os.fstat(descriptor)
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    return (held.st_dev, held.st_ino) == (there.st_dev, there.st_ino)


def _holder(descriptor: int) -> str:
    try:
        told = json.loads(os.pread(descriptor, 1000, 0))
        return f"process {int(told['pid'])} on {told['host']!r:.100}, since {told['since']!r:.40}"
    except (ValueError, KeyError, TypeError):
        return "process unknown"
