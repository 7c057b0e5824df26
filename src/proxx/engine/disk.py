"""Errors of the disk as failures, and how full it is."""

import errno
import os
import shutil
import sys
from pathlib import Path

from proxx.core.failure import FailureKind
from proxx.engine.errors import StepFailedError, failed
from proxx.runtime.root_directory import RootUnavailableError

FULL_BELOW_BYTES = 1024 * 1024
"""A file system with less free space than this is called full: the tools write in blocks of tens of KiB."""

NO_SPACE_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT})
NO_SPACE_TEXTS = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT))


def disk_error(error: OSError, *, what: str) -> StepFailedError:
    """Return the failure for an error of the operating system: what was done to which file.

    NO_SPACE, STORAGE_UNAVAILABLE for a root that is not there any more, or IO_ERROR.
    """
    kind = FailureKind.NO_SPACE if error.errno in NO_SPACE_ERRNOS else FailureKind.IO_ERROR
    if isinstance(error, RootUnavailableError):
        kind = FailureKind.STORAGE_UNAVAILABLE
    where = f" {error.filename}" if error.filename is not None else ""
    return failed(kind, f"{what}{where}: {error.strerror or error}")


def out_of_space(*, directory: Path, stderr: str) -> str | None:
    """Return one sentence saying why the disk counts as full, or None.

    The tool's own word counts, and so does the file system: FFmpeg ends with exit code 0 on a full disk.
    """
    for text in NO_SPACE_TEXTS:
        if text in stderr:
            return f"{text}: {directory}"
    try:
        free = _free_bytes(directory)
    except OSError:
        return None  # the directory itself is gone; the failure that led here says more
    if free < FULL_BELOW_BYTES:
        return f"No space left on device: {directory} has {free} bytes free"
    return None


def _free_bytes(directory: Path) -> int:
    if sys.platform == "win32":
        return shutil.disk_usage(directory).free
    state = os.statvfs(directory)
    blocks = state.f_bfree if os.geteuid() == 0 else state.f_bavail
    return blocks * state.f_frsize
