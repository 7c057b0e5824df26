"""The hidden staging directory on this host's disk: making it, emptying it of one's own files, removing it.

Names come from proxx.core.staging. Several attempts share a directory, so every step tolerates the others.
"""

import contextlib
import errno
import os

from proxx.core.roots import RootPath
from proxx.core.staging import JOURNAL_SUFFIX, QUARANTINE_SUFFIX, STAGING_DIRECTORY, journal_path
from proxx.engine.mounts import MountTable
from proxx.engine.render_place import remove_render_place
from proxx.engine.witness_files import remove_witness
from proxx.runtime import open_flags
from proxx.runtime.where import Where, lexists, open_at

JOURNAL_TEMPORARY_SUFFIX = ".tmp"
RESERVE_ATTEMPTS = 100


class NotStagedError(ValueError):
    """A path that does not lie in a staging directory was given for removal."""


def reserve_staged(staged: Where, *, quarantine: bool = False) -> None:
    """Make the hidden directory with the beginnings of the journal in it. The output directory itself must exist.

    That file keeps the directory from being removed by another attempt before the tool writes into it. The staged name
    must be free: a tool that writes through several outputs at once does not look. With `quarantine`, also make the
    attempt's own directory for the file that it replaces: never later, because a SWEEP stops a late attempt by removing
    it.

    Raises:
        OSError: it cannot be made, or this attempt has staged before. What this call made is gone again.
    """
    if lexists(staged):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(staged))
    keeper = staged.with_name(staged.name + JOURNAL_SUFFIX + JOURNAL_TEMPORARY_SUFFIX)
    with contextlib.ExitStack() as undo:
        undo.callback(remove_empty_staging_directory, staged.parent)
        descriptor = _open_keeper(keeper)
        undo.callback(_unlink_if_possible, keeper)
        os.close(descriptor)
        if quarantine:
            staged.with_name(staged.name + QUARANTINE_SUFFIX).mkdir(mode=0o775)
        undo.pop_all()


def remove_staged(*, mounts: MountTable, staged: RootPath) -> bool:
    """Remove a staged file with all that is its own, and the hidden directory when empty; return whether it was there.

    A file that the attempt moved aside stays, with its record. The staged file goes first: without it a late publisher
    can publish nothing, and without the directory of the quarantine it can move nothing aside.

    Raises:
        NotStagedError: the path does not lie in a staging directory; nothing was removed.
        MountError: this host does not reach it.
        OSError: the file is there and cannot be removed.
    """
    if staged.parent().name != STAGING_DIRECTORY:
        raise NotStagedError(f"{staged.path!r} does not lie in a {STAGING_DIRECTORY} directory")
    file = mounts.rooted(staged)
    journal = mounts.rooted(journal_path(staged=staged))
    removed = _unlink(file)
    _unlink_journal(journal)
    remove_witness(file)
    remove_render_place(file)
    quarantine = file.with_name(file.name + QUARANTINE_SUFFIX)
    if _remove_unless_filled(quarantine):
        _unlink_journal(quarantine_record(quarantine))
    remove_empty_staging_directory(file.parent)
    return removed


def quarantine_record(quarantine: Where) -> Where:
    """Return where it is recorded what an attempt moved aside: beside the directory, not in it."""
    return quarantine.with_name(quarantine.name + JOURNAL_SUFFIX)


def remove_empty_staging_directory(directory: Where) -> None:
    """Remove the hidden directory when nothing is left in it; another attempt's files keep it."""
    with contextlib.suppress(OSError):  # not empty, already gone, or just filled by another attempt
        directory.rmdir()


def _open_keeper(keeper: Where) -> int:
    for left in reversed(range(RESERVE_ATTEMPTS)):
        keeper.parent.mkdir(mode=0o775, exist_ok=True)
        try:
            return open_at(keeper, os.O_WRONLY | os.O_CREAT | os.O_EXCL | open_flags.CLOSE_ON_EXEC, 0o644)
        except FileNotFoundError:  # another attempt has just removed the empty directory
            if not left:
                raise
    raise AssertionError("the last attempt returns or raises")


def _unlink_if_possible(path: Where) -> None:
    with contextlib.suppress(OSError):  # the error that this cleans up after is the one to tell
        path.unlink()


def _unlink_journal(path: Where) -> None:
    _unlink(path)
    _unlink(path.with_name(path.name + JOURNAL_TEMPORARY_SUFFIX))


def _remove_unless_filled(directory: Where) -> bool:
    """Remove a directory; return False when a file lies in it."""
    try:
        directory.rmdir()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return False
    return True


def _unlink(path: Where) -> bool:
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
