"""The hidden staging directory on this host's disk: making it, emptying it of one's own files, removing it.

Names come from proxx.core.staging. Several attempts share a directory, so every step tolerates the others.
"""

import contextlib
import os
from pathlib import Path

from proxx.core.roots import RootPath
from proxx.core.staging import JOURNAL_SUFFIX, STAGING_DIRECTORY, journal_path
from proxx.engine.mounts import MountTable

JOURNAL_TEMPORARY_SUFFIX = ".tmp"
RESERVE_ATTEMPTS = 100


class NotStagedError(ValueError):
    """A path that does not lie in a staging directory was given for removal."""


def reserve_staged(staged: Path) -> None:
    """Make the hidden directory with the beginnings of the journal in it. The output directory itself must exist.

    That file keeps the directory from being removed by another attempt before the tool writes into it. The staged file
    itself is left to the tool, which refuses to overwrite.

    Raises:
        OSError: it cannot be made, or this attempt has staged before.
    """
    keeper = staged.with_name(staged.name + JOURNAL_SUFFIX + JOURNAL_TEMPORARY_SUFFIX)
    for left in reversed(range(RESERVE_ATTEMPTS)):
        staged.parent.mkdir(mode=0o775, exist_ok=True)
        try:
            os.close(os.open(keeper, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644))
        except FileNotFoundError:  # another attempt has just removed the empty directory
            if not left:
                raise
        else:
            return


def remove_staged(*, mounts: MountTable, staged: RootPath) -> bool:
    """Remove a staged file and its journal, and the hidden directory when empty; return whether a file was there.

    Raises:
        NotStagedError: the path does not lie in a staging directory; nothing was removed.
        MountError: this host does not reach it.
        OSError: the file is there and cannot be removed.
    """
    if staged.parent().name != STAGING_DIRECTORY:
        raise NotStagedError(f"{staged.path!r} does not lie in a {STAGING_DIRECTORY} directory")
    file = mounts.local(staged)
    journal = mounts.local(journal_path(staged=staged))
    removed = _unlink(file)
    _unlink(journal)
    _unlink(journal.with_name(journal.name + JOURNAL_TEMPORARY_SUFFIX))
    remove_empty_staging_directory(file.parent)
    return removed


def remove_empty_staging_directory(directory: Path) -> None:
    """Remove the hidden directory when nothing is left in it; another attempt's files keep it."""
    with contextlib.suppress(OSError):  # not empty, already gone, or just filled by another attempt
        directory.rmdir()


def _unlink(path: Path) -> bool:
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
