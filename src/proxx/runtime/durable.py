"""Making files and directory entries survive a crash. A failed fsync is final: it is never tried again and believed."""

import os
import sys

from proxx.runtime import open_flags
from proxx.runtime.where import Where, open_at


def sync_file(path: Where) -> None:
    """Flush a file's bytes to its disk.

    Raises:
        OSError: they may not be there. Calling again would prove nothing: the kernel reports a lost write once.
    """
    # Windows flushes only what is open for writing.
    access = os.O_RDWR if sys.platform == "win32" else os.O_RDONLY
    _sync(path, access | open_flags.NO_FOLLOW)


def sync_directory(directory: Where) -> None:
    """Flush a directory's entries to its disk.

    Raises:
        OSError: they may not be there.
    """
    if sys.platform == "win32":  # directories cannot be opened there; NTFS keeps a journal of their entries
        return
    _sync(directory, os.O_RDONLY | open_flags.DIRECTORY)


def _sync(path: Where, flags: int) -> None:
    descriptor = open_at(path, flags | open_flags.CLOSE_ON_EXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
