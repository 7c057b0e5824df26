"""Making files and directory entries survive a crash. A failed fsync is final: it is never tried again and believed."""

import os
from pathlib import Path


def sync_file(path: Path) -> None:
    """Flush a file's bytes to its disk.

    Raises:
        OSError: they may not be there. Calling again would prove nothing: the kernel reports a lost write once.
    """
    _sync(path, os.O_RDONLY | os.O_NOFOLLOW)


def sync_directory(directory: Path) -> None:
    """Flush a directory's entries to its disk.

    Raises:
        OSError: they may not be there.
    """
    _sync(directory, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
