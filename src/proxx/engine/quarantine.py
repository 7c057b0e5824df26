"""OVERWRITE on disk: the file that a proxy replaces is moved aside before it, recorded, and never deleted.

Each attempt has a directory of its own for that, made before its Prepare and removed by a SWEEP. With the directory
gone, an attempt that wakes up late can move nothing aside any more, so it cannot move away the proxy of a later one
(docs/EXECUTOR_PROTOCOL.md, "Replacing").
"""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from proxx.core.facts import SourceIdentity
from proxx.core.failure import FailureKind
from proxx.core.roots import RootPath
from proxx.core.staging import quarantine_path
from proxx.core.steps import ReplacedFile
from proxx.engine.disk import disk_error
from proxx.engine.errors import PublicationInDoubtError, StepFailedError, failed
from proxx.engine.identity import identity_difference, read_identity
from proxx.engine.journal import write_replaced
from proxx.engine.look import look_at
from proxx.engine.mounts import MountTable
from proxx.engine.staging import quarantine_record
from proxx.runtime.durable import sync_directory
from proxx.runtime.no_replace import move_no_replace, move_to_own
from proxx.runtime.where import Where

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """The file that one attempt replaces: as admission saw it, its place, and where it goes. Paths of this host."""

    replaced: ReplacedFile
    output: RootPath
    final: Where
    quarantined: Where


def replacement_of(
    *, mounts: MountTable, staged: RootPath, output: RootPath, identity: SourceIdentity | None
) -> Replacement | None:
    """Return what the attempt with this staged file replaces at `output`; None when `identity` is.

    Raises:
        MountError: this host does not reach it.
    """
    if identity is None:
        return None
    quarantine = quarantine_path(staged=staged, output=output)
    return Replacement(
        replaced=ReplacedFile(quarantine=quarantine, identity=identity),
        output=output,
        final=mounts.rooted(output),
        quarantined=mounts.rooted(quarantine),
    )


def lies_aside(item: Replacement) -> ReplacedFile | None:
    """Return the file that this attempt has moved aside, None when none lies there.

    Raises:
        OSError: it cannot be looked at.
    """
    return None if _lstat(item.quarantined) is None else item.replaced


def move_aside(item: Replacement) -> bool:
    """Move the file at the final path aside, durably; return False when nothing stands there. Blocks.

    It is moved only if it is the very file that admission saw; anything else is left where it is.

    Raises:
        StepFailedError: OUTPUT_EXISTS: another file stands there. STAGED_LOST: this attempt was swept. NO_SPACE or
            IO_ERROR: it could not be moved. Whatever stood there stands there still.
        PublicationInDoubtError: it was moved, and that may not last.
    """
    try:
        found = look_at(item.final)
        if found is None:
            return False
        _require_same(item, found)
        write_replaced(path=quarantine_record(item.quarantined.parent), replaced=item.replaced)
        move_to_own(source=item.final, target=item.quarantined)
    except FileNotFoundError as error:
        if item.quarantined.parent.is_dir():
            return False  # it was there a moment ago, and nobody needs it moved any more
        message = f"this attempt was swept: its quarantine directory is gone: {item.quarantined.parent}"
        raise failed(FailureKind.STAGED_LOST, message) from error
    except OSError as error:
        raise disk_error(error, what="cannot move the file aside that is to be replaced") from error
    moved = _or_in_doubt(item, lambda: _lstat(item.quarantined))
    if moved is None or (moved.st_dev, moved.st_ino) != (found.st_dev, found.st_ino):
        back = _or_in_doubt(item, lambda: put_back(item))
        where = "" if back else f", and lies in {item.quarantined} because its name was taken"
        raise _another(item, f"it changed while it was moved aside{where}")
    _or_in_doubt(item, lambda: _flush(item))
    return True


def put_back(item: Replacement) -> bool:
    """Give the file that was moved aside its name back, durably; return False when another file has it now. Blocks.

    Raises:
        FileNotFoundError: nothing lies aside, or its volume is gone.
        OSError: it could not be put back.
    """
    try:
        move_no_replace(source=item.quarantined, target=item.final)
    except FileExistsError:
        standing, aside = _lstat(item.final), item.quarantined.lstat()
        if standing is None or (standing.st_dev, standing.st_ino) != (aside.st_dev, aside.st_ino):
            return False
        item.quarantined.unlink()  # one file under both names: only the second half of a link was missing
    _flush(item)
    return True


def _require_same(item: Replacement, found: os.stat_result) -> None:
    if _lstat(item.quarantined) is not None:
        raise _another(item, f"the one to be replaced was moved aside before, to {item.quarantined}")
    if not stat.S_ISREG(found.st_mode):
        raise _another(item, "it is no regular file")
    actual = read_identity(path=item.final, source=item.output)
    difference = identity_difference(expected=item.replaced.identity, actual=actual)
    if difference is not None or actual.inode != found.st_ino:
        raise _another(item, difference or "it changed while it was looked at")


def _another(item: Replacement, why: str) -> StepFailedError:
    message = f"the file at {item.final} is not the one that was to be replaced when the job was admitted: {why}"
    return failed(FailureKind.OUTPUT_EXISTS, message)


def _flush(item: Replacement) -> None:
    sync_directory(item.quarantined.parent)
    sync_directory(item.final.parent)


def _lstat(path: Where) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _or_in_doubt(item: Replacement, work: Callable[[], Result]) -> Result:
    try:
        return work()
    except OSError as error:
        message = f"the file that stood at {item.final} was moved to {item.quarantined}, perhaps not for good: {error}"
        raise PublicationInDoubtError(message) from error
