"""A dead attempt's finished file, taken by a SWEEP: moved under a name of the SWEEP's own, then looked at.

The move comes first. From then on the attempt, should it live after all, finds nothing to publish or to remove. What is
believed of the journal beside the file is what can be checked: the name is that of an attempt recorded dead, plan and
source are those of the clip, and the file, hashed again, has the digest that it names. Everything else is removed.
"""

import logging
import stat
from collections.abc import Iterator

from proxx.core.leases import Lease
from proxx.core.roots import RootPath
from proxx.core.staging import QUARANTINE_SUFFIX, journal_path, staged_path
from proxx.core.steps import DeliverWork, Journal, SweepWork
from proxx.engine.checksum import FileDigest, digest_file
from proxx.engine.journal import JournalError, read_journal
from proxx.engine.mounts import MountTable
from proxx.engine.staging import remove_staged
from proxx.rpc.journals import can_be_reported
from proxx.runtime.durable import sync_directory
from proxx.runtime.no_replace import move_to_own
from proxx.runtime.where import Where, replace_at

_LOG = logging.getLogger("proxx.engine")


def own_name(*, lease: Lease, work: SweepWork, incarnation: str) -> RootPath:
    """Return the staged name that only the attempt of this SWEEP has."""
    return _name(lease, work, step_id=lease.step_id, epoch=lease.epoch, incarnation=incarnation)


def take_finished(
    *, mounts: MountTable, lease: Lease, work: SweepWork, wanted: DeliverWork, own: RootPath
) -> Journal | None:
    """Move the finished file among the staged ones, with its journal, to `own`; return that journal. Blocks.

    None when there is no such file; a file that was moved and is not one is removed. The names are taken in the order
    in which they were granted: a SWEEP that lives after all moves a file only from an earlier name to a later one.

    Raises:
        MountError: this host does not reach it.
        OSError: it cannot be moved, read or flushed. What was moved stays where it is, for the next SWEEP.
    """
    file = mounts.rooted(own)
    for candidate in work.staged:
        if not _move(mounts.rooted(candidate), file):
            continue
        # the journal too, before the file is hashed for minutes: its maker, should it live, removes what has its name
        _rename(mounts, candidate, own)
        digest = digest_file(file)
        for name, journal in _journals(mounts, (own, *work.staged)):
            if why := _why_not(journal, digest, lease, work, wanted):
                _LOG.warning("a journal is not that of the staged file", extra={"staged": name.path, "why": why})
                continue
            if not _rename(mounts, name, own):
                continue
            if work.replaces is not None:
                file.with_name(file.name + QUARANTINE_SUFFIX).mkdir(mode=0o775, exist_ok=True)
            sync_directory(file.parent)
            return journal
        remove_staged(mounts=mounts, staged=own)
    return None


def _move(source: Where, target: Where) -> bool:
    """Move a regular file; return False when there is none."""
    try:
        if not stat.S_ISREG(source.lstat().st_mode):
            return False
        move_to_own(source=source, target=target)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _rename(mounts: MountTable, staged: RootPath, own: RootPath) -> bool:
    """Give the journal of `staged` the name beside `own`; return False when it is gone."""
    try:
        journal = mounts.rooted(journal_path(staged=staged))
        replace_at(source=journal, target=mounts.rooted(journal_path(staged=own)))
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _journals(mounts: MountTable, staged: tuple[RootPath, ...]) -> Iterator[tuple[RootPath, Journal]]:
    """Yield every whole journal: a SWEEP that died may have moved the file and not yet the journal."""
    for name in staged:
        path = mounts.rooted(journal_path(staged=name))
        try:
            yield name, read_journal(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except JournalError as error:
            _LOG.warning("not a journal", extra={"journal": str(path), "why": str(error)})


def _why_not(journal: Journal, digest: FileDigest, lease: Lease, work: SweepWork, wanted: DeliverWork) -> str:
    """Return why a journal does not speak of this file; empty when it does."""
    output = journal.output
    maker = _name(lease, work, step_id=journal.step_id, epoch=journal.epoch, incarnation=journal.incarnation)
    if output.staged != maker or maker not in work.staged:
        return "it names no attempt recorded dead"
    if journal.plan_digest != wanted.plan_digest:
        return f"its plan is {journal.plan_digest}, the clip's is {wanted.plan_digest}"
    if journal.source != wanted.source:
        return "it names another source than the clip's"
    if (output.sha256, output.size_bytes) != (digest.sha256, digest.size_bytes):
        return f"it names sha256 {output.sha256}, the file has {digest.sha256}"
    if not output.verdict.passed:
        return "its verdict does not pass"
    return "" if can_be_reported(journal) else "a value in it is out of range"


def _name(lease: Lease, work: SweepWork, *, step_id: str, epoch: int, incarnation: str) -> RootPath:
    return staged_path(
        output=work.output,
        job_id=lease.job_id,
        clip_index=lease.clip_index,
        step_id=step_id,
        epoch=epoch,
        incarnation=incarnation,
    )
