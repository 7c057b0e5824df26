"""A SWEEP that may deliver: the finished file of a dead attempt is taken, hashed again and reported, or removed."""

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from proxx.core.facts import SourceIdentity
from proxx.core.failure import FailureKind
from proxx.core.roots import RootPath
from proxx.core.staging import journal_path
from proxx.core.steps import Delivered, DeliverWork, Journal, SweepReport, SweepWork
from proxx.core.verdict import Check, CheckLevel, Verdict
from proxx.engine import deliver
from proxx.engine.checksum import FileDigest, digest_file
from proxx.engine.errors import StepFailedError
from proxx.engine.identity import read_identity
from proxx.engine.journal import write_journal
from proxx.engine.mounts import MountTable
from proxx.engine.publish_step import PublishStep
from proxx.engine.staging import remove_staged
from proxx.engine.sweep_step import SweepStep
from proxx.rpc.journals import can_be_reported
from tests.fakes.leases import a_journal, lease, prepared_output
from tests.unit.engine.test_steps_on_disk import Watch, names

BYTES = b"a finished proxy"
SHA256 = hashlib.sha256(BYTES).hexdigest()
INCARNATION = "5" * 32
OUTPUT = RootPath(root="media", path="out/A001.mov")
STAGED = RootPath(root="media", path="out/.proxx/job-id.00004.01234567.3.9b1deb4d.mov")
OWN = RootPath(root="media", path="out/.proxx/job-id.00004.fedcba98.1.55555555.mov")
SWEEP_LEASE = replace(lease(epoch=1), step_id="fedcba9876543210")
OUTPUT_MADE = replace(
    prepared_output(),
    staged=STAGED,
    sha256=SHA256,
    size_bytes=len(BYTES),
    measured=replace(prepared_output().measured, facts=replace(prepared_output().measured.facts, reel_name="A001")),
)
JOURNAL = a_journal(OUTPUT_MADE)
WANTED = DeliverWork(plan_digest=JOURNAL.plan_digest, source=JOURNAL.source)
FREE = SweepReport(removed=(), output_exists=False, output_sha256="", output_size_bytes=0)


@pytest.fixture
def mounts(tmp_path: Path) -> MountTable:
    (tmp_path / "out/.proxx").mkdir(parents=True)
    return MountTable({"media": tmp_path})


def finish(mounts: MountTable, *, at: RootPath = STAGED, journal: Journal = JOURNAL) -> None:
    """Leave what an attempt leaves that died after its journal was written."""
    mounts.local(at).write_bytes(BYTES)
    write_journal(path=mounts.local(journal_path(staged=at)), journal=journal)


async def sweep(
    mounts: MountTable,
    *staged: RootPath,
    wanted: DeliverWork | None = WANTED,
    expected: str = "",
    replaces: SourceIdentity | None = None,
) -> SweepReport:
    work = SweepWork(
        staged=staged or (STAGED,), output=OUTPUT, expected_sha256=expected, replaces=replaces, deliver=wanted
    )
    step = SweepStep(mounts=mounts, incarnation=INCARNATION)
    outcome = await step.run(lease=SWEEP_LEASE, work=work, watch=Watch())
    assert outcome.sweep is not None
    return outcome.sweep


DELIVERED = replace(FREE, delivered=Delivered(staged=OWN, journal=JOURNAL))


async def test_a_finished_file_is_taken_with_its_journal_under_the_sweeps_own_name(
    mounts: MountTable, tmp_path: Path
) -> None:
    finish(mounts)
    inode = mounts.local(STAGED).stat().st_ino

    assert await sweep(mounts) == DELIVERED
    own = ".proxx/job-id.00004.fedcba98.1.55555555.mov"
    assert names(tmp_path / "out") == [".proxx", own, f"{own}.json"]
    assert mounts.local(OWN).stat().st_ino == inode


async def test_what_was_taken_can_no_longer_be_published_or_removed_by_its_maker(
    mounts: MountTable, tmp_path: Path
) -> None:
    finish(mounts)
    await sweep(mounts)
    late = PublishStep(mounts=mounts)

    with pytest.raises(StepFailedError) as caught:
        await late.publish(staged=STAGED, output=OUTPUT, sha256=SHA256, size_bytes=len(BYTES))
    late.remove(STAGED)

    assert caught.value.failure.kind is FailureKind.STAGED_LOST
    assert mounts.local(OWN).read_bytes() == BYTES
    assert not mounts.local(OUTPUT).exists()


async def test_a_maker_that_lives_and_discards_its_work_while_it_is_hashed_takes_nothing_away(
    mounts: MountTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(mounts)

    def discarded_meanwhile(path: Path) -> FileDigest:
        remove_staged(mounts=mounts, staged=STAGED)
        return digest_file(path)

    monkeypatch.setattr(deliver, "digest_file", discarded_meanwhile)

    assert await sweep(mounts) == DELIVERED
    assert mounts.local(OWN).read_bytes() == BYTES
    assert mounts.local(journal_path(staged=OWN)).is_file()


async def test_a_journal_that_goes_while_it_is_read_is_no_journal(
    mounts: MountTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = RootPath(root="media", path="out/.proxx/job-id.00004.aaaaaaaa.1.77777777.mov")
    finish(mounts)
    mounts.local(STAGED).rename(mounts.local(first))  # a SWEEP that died here, and its maker lives

    def discarded_meanwhile(journal: Journal) -> bool:
        remove_staged(mounts=mounts, staged=STAGED)
        return can_be_reported(journal)

    monkeypatch.setattr(deliver, "can_be_reported", discarded_meanwhile)

    assert await sweep(mounts, STAGED, first) == FREE
    assert names(tmp_path / "out") == []


async def test_a_sweep_that_may_not_deliver_removes_the_finished_file(mounts: MountTable, tmp_path: Path) -> None:
    finish(mounts)

    assert await sweep(mounts, wanted=None) == replace(FREE, removed=(STAGED,))
    assert names(tmp_path / "out") == []


def changed(**values: object) -> Journal:
    return replace(JOURNAL, **values)  # type: ignore[arg-type]  # fields of a journal


FAILED = Verdict(checks=(Check(name="frame_count", level=CheckLevel.FAIL, expected="100", actual="99"),))
MEASURED = OUTPUT_MADE.measured
YEAR_0 = datetime.fromisoformat("0001-01-01T00:00:00+10:00")


@pytest.mark.parametrize(
    "journal",
    [
        changed(step_id="0123456800000000"),
        changed(epoch=2),
        changed(incarnation="9b1deb4e"),
        changed(plan_digest="e" * 64),
        changed(source=replace(JOURNAL.source, mtime_ns=8)),
        changed(output=replace(OUTPUT_MADE, sha256="a" * 64)),
        changed(output=replace(OUTPUT_MADE, size_bytes=len(BYTES) + 1)),
        changed(output=replace(OUTPUT_MADE, staged=OWN)),
        changed(output=replace(OUTPUT_MADE, verdict=FAILED)),
        changed(output=replace(OUTPUT_MADE, measured=replace(MEASURED, decoded_frames=10**30))),
        changed(output=replace(OUTPUT_MADE, measured=replace(MEASURED, decode_errors=("\udc80",)))),
        changed(output=replace(OUTPUT_MADE, execution=replace(OUTPUT_MADE.execution, started_time=YEAR_0))),
    ],
    ids=[
        "another step", "another epoch", "another incarnation", "another plan", "another source", "another digest",
        "another size", "another name", "a verdict that fails", "a number that no message holds", "no Unicode",
        "a time that no message holds",
    ],
)  # fmt: skip
async def test_a_file_whose_journal_speaks_of_another_is_removed(
    mounts: MountTable, tmp_path: Path, journal: Journal
) -> None:
    finish(mounts, journal=journal)

    assert await sweep(mounts) == FREE
    assert names(tmp_path / "out") == []


async def test_a_file_that_changed_after_its_journal_is_removed(mounts: MountTable, tmp_path: Path) -> None:
    finish(mounts)
    mounts.local(STAGED).write_bytes(BYTES[:-1] + b"Y")

    assert await sweep(mounts) == FREE
    assert names(tmp_path / "out") == []


def beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")


def instead(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


@pytest.mark.parametrize(
    "make",
    [
        lambda file: beside(file).unlink(),
        lambda file: beside(file).write_text("{}"),
        lambda file: instead(beside(file), lambda path: path.symlink_to(file)),
        lambda file: instead(beside(file), os.mkfifo),
        lambda file: instead(file, lambda path: path.symlink_to(beside(file))),
        lambda file: instead(file, os.mkfifo),
    ],
    ids=["no journal", "an empty one", "a link as journal", "a pipe as journal", "a link as file", "a pipe as file"],
)
async def test_what_strangers_put_in_their_place_is_removed(
    mounts: MountTable, tmp_path: Path, make: Callable[[Path], object]
) -> None:
    finish(mounts)
    make(mounts.local(STAGED))

    assert (await sweep(mounts)).delivered is None
    assert names(tmp_path / "out") == []


async def test_a_sweep_that_died_between_its_two_moves_is_followed_by_one_that_delivers(mounts: MountTable) -> None:
    first = RootPath(root="media", path="out/.proxx/job-id.00004.aaaaaaaa.1.77777777.mov")
    finish(mounts)
    mounts.local(STAGED).rename(mounts.local(first))  # and the journal still has its first name

    assert await sweep(mounts, STAGED, first) == DELIVERED
    assert not mounts.local(journal_path(staged=STAGED)).exists()


async def test_what_an_earlier_sweep_took_is_delivered_by_the_next(mounts: MountTable) -> None:
    first = RootPath(root="media", path="out/.proxx/job-id.00004.aaaaaaaa.1.77777777.mov")
    finish(mounts, at=first)

    assert await sweep(mounts, STAGED, first) == DELIVERED


async def test_a_published_file_is_reported_and_its_second_name_removed(mounts: MountTable, tmp_path: Path) -> None:
    finish(mounts)
    os.link(mounts.local(STAGED), mounts.local(OUTPUT))  # a publication by link that died before it unlinked

    report = await sweep(mounts, expected=SHA256)

    assert report == SweepReport(
        removed=(), output_exists=True, output_sha256=SHA256, output_size_bytes=len(BYTES)
    )  # fmt: skip
    assert names(tmp_path / "out") == ["A001.mov"]


async def test_the_finished_file_goes_where_the_file_to_be_replaced_has_its_very_bytes(
    mounts: MountTable, tmp_path: Path
) -> None:
    finish(mounts)
    mounts.local(OUTPUT).write_bytes(BYTES)
    identity = read_identity(path=mounts.local(OUTPUT), source=OUTPUT)

    report = await sweep(mounts, expected=SHA256, replaces=identity)

    assert (report.output_sha256, report.output_unreplaced, report.delivered) == (SHA256, True, None)
    assert names(tmp_path / "out") == ["A001.mov"]


async def test_a_finished_file_outlives_a_strangers_file_in_its_place(mounts: MountTable) -> None:
    finish(mounts)
    mounts.local(OUTPUT).write_bytes(b"a stranger's")

    report = await sweep(mounts)

    assert (report.delivered, report.output_exists) == (None, True)
    assert mounts.local(OWN).read_bytes() == BYTES
    mounts.local(OUTPUT).unlink()
    after = replace(SWEEP_LEASE, epoch=2)
    work = SweepWork(staged=(STAGED, OWN), output=OUTPUT, expected_sha256="", deliver=WANTED)
    outcome = await SweepStep(mounts=mounts, incarnation=INCARNATION).run(lease=after, work=work, watch=Watch())
    assert outcome.sweep is not None
    assert outcome.sweep.delivered is not None


async def test_a_file_to_replace_is_put_back_and_the_finished_one_gets_a_quarantine_of_its_own(
    mounts: MountTable,
) -> None:
    finish(mounts)
    old = mounts.local(OUTPUT)
    old.write_bytes(b"the old proxy")
    found = old.stat()
    digest = hashlib.sha256(b"the old proxy").hexdigest()
    identity = SourceIdentity(
        path=OUTPUT.path, size_bytes=13, mtime_ns=found.st_mtime_ns, inode=found.st_ino, edge_sha256=digest
    )
    quarantine = mounts.local(STAGED).with_name(STAGED.name + ".replaced")
    quarantine.mkdir()
    old.rename(quarantine / "A001.mov")

    report = await sweep(mounts, replaces=identity)

    assert (report.restored, report.output_unreplaced, report.delivered) == (True, True, DELIVERED.delivered)
    assert old.read_bytes() == b"the old proxy"
    assert mounts.local(OWN).with_name(OWN.name + ".replaced").is_dir()
    assert not quarantine.exists()


@pytest.mark.parametrize("call", ["digest_file", "sync_directory"])
async def test_a_file_that_cannot_be_read_or_kept_stays_for_the_next_sweep(
    mounts: MountTable, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    finish(mounts)

    def broken(_path: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(deliver, call, broken)
    with pytest.raises(StepFailedError) as caught:
        await sweep(mounts)

    assert caught.value.failure.kind is FailureKind.IO_ERROR
    assert mounts.local(OWN).read_bytes() == BYTES
