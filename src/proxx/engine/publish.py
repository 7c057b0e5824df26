"""Publishing: the final name is absent or holds one complete, verified file, at every instant."""

import stat
from pathlib import Path

from proxx.core.failure import FailureKind
from proxx.core.steps import Published
from proxx.engine.checksum import digest_file
from proxx.engine.disk import disk_error
from proxx.engine.durable import sync_directory, sync_file
from proxx.engine.errors import failed
from proxx.engine.no_replace import move_no_replace


def publish_file(*, staged: Path, final: Path, sha256: str, size_bytes: int) -> Published:
    """Give a verified staged file its final name, never replacing anything, and make both durable.

    A lost answer is told from a foreign file by the staged one: while it is there, only a final file that is the same
    inode is this publication (a link whose staged name was not removed yet); when it is gone, one with its digest is.
    A foreign file is never adopted here, not even one with the same bytes. Blocks; run it in a thread.

    Raises:
        StepFailedError: OUTPUT_EXISTS, STAGED_LOST, NO_SPACE or IO_ERROR. A failed flush is final for the attempt.
    """
    try:
        sync_file(staged)
        move_no_replace(source=staged, target=final)
    except FileNotFoundError as error:
        if staged.exists():
            raise disk_error(error, what="cannot publish") from error
        if not _has_digest(final, sha256):
            raise failed(FailureKind.STAGED_LOST, f"the staged file is gone: {staged}") from error
    except FileExistsError as error:
        if not _same_inode(final, staged):
            raise failed(FailureKind.OUTPUT_EXISTS, f"another file stands under the final name: {final}") from error
        _sync_adopted(final)
    except OSError as error:
        raise disk_error(error, what="cannot publish") from error
    try:
        sync_directory(final.parent)
    except OSError as error:
        raise disk_error(error, what="cannot flush the directory of the published file") from error
    return Published(sha256=sha256, size_bytes=size_bytes)


def _same_inode(final: Path, staged: Path) -> bool:
    try:
        found, waiting = final.lstat(), staged.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise disk_error(error, what="cannot look at what stands under the final name") from error
    return (found.st_dev, found.st_ino) == (waiting.st_dev, waiting.st_ino)


def _has_digest(final: Path, sha256: str) -> bool:
    try:
        return stat.S_ISREG(final.lstat().st_mode) and digest_file(final).sha256 == sha256
    except FileNotFoundError:
        return False
    except OSError as error:
        raise disk_error(error, what="cannot read what stands under the final name") from error


def _sync_adopted(final: Path) -> None:
    try:
        sync_file(final)
    except OSError as error:
        raise disk_error(error, what="cannot flush the file under the final name") from error
