"""One process for one directory: an advisory lock that the kernel drops with its holder."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from proxx.embedded.errors import DirectoryInUseError


class DirectoryLock:
    """Holds `<directory>/lock` as long as the context is open; a crash frees it."""

    def __init__(self, directory: Path) -> None:
        """Name the directory; it must exist."""
        self._path = directory / "lock"
        self._descriptor = -1

    def __enter__(self) -> "DirectoryLock":
        """Take the lock at once.

        Raises:
            DirectoryInUseError: another process holds it.
            OSError: the lock file cannot be made.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise DirectoryInUseError(
                f"{self._path.parent} is in use by another Proxx process (process id {holder or 'unknown'})"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the lock go; the file stays, it means nothing by itself."""
        os.close(self._descriptor)
