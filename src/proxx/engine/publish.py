"""Publishing: the final name is absent or holds one complete, verified file, at every instant."""

import stat
from collections.abc import Callable
from dataclasses import replace

from proxx.core.failure import FailureKind
from proxx.core.steps import Published
from proxx.engine.checksum import digest_file
from proxx.engine.disk import disk_error
from proxx.engine.errors import DirectoryGoneError, PublicationInDoubtError, StepFailedError, failed
from proxx.engine.look import look_at
from proxx.engine.quarantine import Replacement, lies_aside, move_aside, put_back
from proxx.runtime.durable import sync_directory, sync_file
from proxx.runtime.no_replace import move_no_replace
from proxx.runtime.where import Where


def publish_file(
    *, staged: Where, final: Where, sha256: str, size_bytes: int, replacement: Replacement | None = None
) -> Published:
    """Give a verified staged file its final name, never replacing anything, and make both durable.

    With a `replacement` the file that stands there is moved aside first, unless it is the staged one, and put back when
    the publication fails.

    A lost answer is told from a foreign file by the staged one: while it is there, only a final file that is the same
    inode is this publication (a link whose staged name was not removed yet); when it is gone, one with its digest is.
    A foreign file is never adopted here, not even one with the same bytes. Blocks; run it in a thread.

    Raises:
        StepFailedError: OUTPUT_EXISTS, STAGED_LOST, NO_SPACE or IO_ERROR: it was not published, and a failed flush of
            the staged file is final for the attempt. DirectoryGoneError among them: the staging directory is gone.
        PublicationInDoubtError: it has, or may have, its final name, and that may not last; or what was moved aside
            could not be put back.
    """
    done = Published(sha256=sha256, size_bytes=size_bytes)
    if replacement is None:
        _publish(staged, final, sha256)
        return done
    # Without a staged file, or as the same inode, the proxy may stand there already.
    moved = _is_staged(staged) and not _same_inode(final, staged) and move_aside(replacement)
    try:
        _publish(staged, final, sha256)
    except StepFailedError as error:
        if moved:
            _give_back(replacement, error)
        raise
    return replace(done, replaced=lies_aside(replacement))


def _publish(staged: Where, final: Where, sha256: str) -> None:
    try:
        sync_file(staged)
        _move(staged, final)
    except FileNotFoundError as error:
        _expect_published(staged, final, sha256, missing=error)
    except FileExistsError as error:
        if not _same_inode(final, staged):
            raise failed(FailureKind.OUTPUT_EXISTS, f"another file stands under the final name: {final}") from error
        _or_in_doubt(sync_file, final, final)
    except OSError as error:
        raise disk_error(error, what="cannot publish") from error
    _or_in_doubt(sync_directory, final.parent, final)


def _give_back(replacement: Replacement, error: StepFailedError) -> None:
    """Put back what was moved aside; raise what is to be told instead of `error` where that cannot be done."""
    try:
        if put_back(replacement):
            return
    except OSError as problem:
        what = f"the file that stood there was moved to {replacement.quarantined} and cannot be put back"
        raise _doubt(replacement.final, what, problem) from error
    message = f"{error.failure.message}; the file that stood there before lies in {replacement.quarantined}"
    raise StepFailedError(replace(error.failure, message=message), replaced=replacement.replaced) from error


def _move(staged: Where, final: Where) -> None:
    try:
        move_no_replace(source=staged, target=final)
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError as error:
        if _is_staged(staged):
            raise
        raise _doubt(final, f"the rename ended with an error and the staged file {staged} is gone", error) from error


def _is_staged(staged: Where) -> bool:
    try:
        return look_at(staged) is not None
    except (DirectoryGoneError, OSError):
        return False


def _expect_published(staged: Where, final: Where, sha256: str, *, missing: OSError) -> None:
    """Something was not there to be moved: return if the staged file was moved before, otherwise raise why not."""
    try:
        found = look_at(staged)
    except DirectoryGoneError:
        if _has_digest(final, sha256):
            return
        raise
    except OSError as error:
        raise disk_error(error, what="cannot look at the staged file") from error
    if found is not None:
        raise disk_error(missing, what="cannot publish") from missing
    if not _has_digest(final, sha256):
        raise failed(FailureKind.STAGED_LOST, f"the staged file is gone: {staged}") from missing


def _same_inode(final: Where, staged: Where) -> bool:
    try:
        found, waiting = final.lstat(), staged.lstat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _doubt(final, "cannot look at what stands under the final name", error) from error
    return (found.st_dev, found.st_ino) == (waiting.st_dev, waiting.st_ino)


def _has_digest(final: Where, sha256: str) -> bool:
    try:
        return stat.S_ISREG(final.lstat().st_mode) and digest_file(final).sha256 == sha256
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _doubt(
            final, "the staged file is gone, and what stands under the final name cannot be read", error
        ) from error


def _or_in_doubt(flush: Callable[[Where], None], path: Where, final: Where) -> None:
    try:
        flush(path)
    except OSError as error:
        raise _doubt(final, f"cannot flush {path}", error) from error


def _doubt(final: Where, what: str, error: OSError) -> PublicationInDoubtError:
    return PublicationInDoubtError(f"whether {final} is published for good is not known: {what}: {error}")
