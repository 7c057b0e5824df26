"""Replacing: the old file is moved aside and never lost, whoever dies or wakes up late, and nothing else is moved."""

import errno
import hashlib
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from proxx.core.facts import SourceIdentity
from proxx.core.failure import FailureKind
from proxx.core.leases import LeaseOutcome
from proxx.core.plain import to_plain
from proxx.core.roots import RootPath
from proxx.core.steps import Phase, Progress, Published, PublishWork, ReplacedFile, SweepReport, SweepWork
from proxx.engine.errors import PublicationInDoubtError, StepFailedError
from proxx.engine.identity import read_identity
from proxx.engine.mounts import MountTable
from proxx.engine.publish_step import PublishStep
from proxx.engine.quarantine import Replacement, lies_aside, move_aside, replacement_of
from proxx.engine.staging import reserve_staged
from proxx.engine.sweep_step import SweepStep
from proxx.runtime.no_replace import move_to_own, rename_to_own
from tests.fakes.leases import lease

NEW, OLD, OTHER = b"a finished proxy", b"the proxy of yesterday", b"somebody else's"
SHA256 = hashlib.sha256(NEW).hexdigest()
STAGED = RootPath(root="media", path="out/.proxx/job.00004.01234567.3.9b1deb4d.mov")
OUTPUT = RootPath(root="media", path="out/A001.mov")
ASIDE = RootPath(root="media", path=f"{STAGED.path}.replaced/A001.mov")


class Watch:
    """A StepWatch that nobody interrupts."""

    def enter(self, phase: Phase) -> None:
        self.phase = phase

    def progress(self, progress: Progress) -> None:
        raise AssertionError("these steps have no progress")

    def commit(self) -> bool:
        return True


@dataclass
class Place:
    """An output directory in which an old file stands that a staged one is to replace."""

    root: Path
    mounts: MountTable
    old: SourceIdentity

    @property
    def final(self) -> Path:
        return self.mounts.local(OUTPUT)

    @property
    def aside(self) -> Path:
        return self.mounts.local(ASIDE)

    @property
    def replacement(self) -> Replacement:
        found = replacement_of(mounts=self.mounts, staged=STAGED, output=OUTPUT, identity=self.old)
        assert found is not None
        return found

    @property
    def replaced(self) -> ReplacedFile:
        return ReplacedFile(quarantine=ASIDE, identity=self.old)

    def names(self) -> list[str]:
        out = self.root / "out"
        return sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file() or path.is_symlink())

    async def publish(self) -> Published:
        work = PublishWork(staged=STAGED, output=OUTPUT, sha256=SHA256, size_bytes=len(NEW), replaces=self.old)
        outcome = await PublishStep(mounts=self.mounts).run(lease=lease(), work=work, watch=Watch())
        assert isinstance(outcome, LeaseOutcome)
        assert outcome.published is not None
        return outcome.published

    async def failure(self) -> StepFailedError:
        with pytest.raises(StepFailedError) as caught:
            await self.publish()
        return caught.value

    async def sweep(self) -> SweepReport:
        work = SweepWork(staged=(STAGED,), output=OUTPUT, expected_sha256=SHA256, replaces=self.old)
        outcome = await SweepStep(mounts=self.mounts, incarnation="5" * 32).run(lease=lease(), work=work, watch=Watch())
        assert outcome.sweep is not None
        return outcome.sweep


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "out").mkdir()
    mounts = MountTable({"media": tmp_path})
    mounts.local(OUTPUT).write_bytes(OLD)
    reserve_staged(mounts.local(STAGED), quarantine=True)
    mounts.local(STAGED).write_bytes(NEW)
    return Place(root=tmp_path, mounts=mounts, old=read_identity(path=mounts.local(OUTPUT), source=OUTPUT))


def report(*, removed: bool = True, unreplaced: bool = False, restored: bool = False, **found: object) -> SweepReport:
    bytes_there = found.get("there")
    assert bytes_there is None or isinstance(bytes_there, bytes)
    replaced = found.get("replaced")
    assert replaced is None or isinstance(replaced, ReplacedFile)
    return SweepReport(
        removed=(STAGED,) if removed else (),
        output_exists=bytes_there is not None,
        output_sha256="" if bytes_there is None else hashlib.sha256(bytes_there).hexdigest(),
        output_size_bytes=0 if bytes_there is None else len(bytes_there),
        output_unreplaced=unreplaced,
        restored=restored,
        replaced=replaced,
    )


def failing_once_aside(place: Place, monkeypatch: pytest.MonkeyPatch, *, of_directories: bool) -> None:
    """While the old file lies aside, the kernel reports a lost write of every directory, or of every file."""
    flush = os.fsync

    def fsync(descriptor: int) -> None:
        if place.aside.exists() and stat.S_ISDIR(os.fstat(descriptor).st_mode) is of_directories:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)


# --- publishing ------------------------------------------------------------------------------------------------------


async def test_the_old_file_lies_aside_with_a_record_and_the_new_one_stands(place: Place) -> None:
    inode = place.final.stat().st_ino

    assert await place.publish() == Published(sha256=SHA256, size_bytes=len(NEW), replaced=place.replaced)
    record = f".proxx/{STAGED.name}.replaced.json"
    assert place.names() == [record, f".proxx/{STAGED.name}.replaced/A001.mov", "A001.mov"]
    assert (place.final.read_bytes(), place.aside.read_bytes(), place.aside.stat().st_ino) == (NEW, OLD, inode)
    assert json.loads((place.root / "out" / record).read_text()) == to_plain(place.replaced)


async def test_a_publication_whose_answer_was_lost_tells_the_same_again(place: Place) -> None:
    first = await place.publish()

    assert await place.publish() == first
    assert (place.final.read_bytes(), place.aside.read_bytes()) == (NEW, OLD)


@pytest.mark.parametrize("was_there", [True, False], ids=["an old file moved aside", "no old file any more"])
async def test_a_proxy_whose_staged_name_was_not_removed_yet_is_published_and_not_moved(
    place: Place, was_there: bool
) -> None:
    if was_there:
        assert move_aside(place.replacement)
    else:
        place.final.unlink()
    os.link(place.mounts.local(STAGED), place.final)
    inode = place.final.stat().st_ino

    replaced = place.replaced if was_there else None
    assert await place.publish() == Published(sha256=SHA256, size_bytes=len(NEW), replaced=replaced)
    assert (place.final.stat().st_ino, place.final.read_bytes()) == (inode, NEW)
    assert place.aside.exists() is was_there
    assert not place.mounts.local(STAGED).exists()


async def test_an_old_file_that_went_away_by_itself_is_not_missed(place: Place) -> None:
    place.final.unlink()

    assert await place.publish() == Published(sha256=SHA256, size_bytes=len(NEW))
    assert place.names() == ["A001.mov"]
    assert not (place.root / "out/.proxx").exists()


async def test_another_file_than_admission_saw_is_left_where_it_is(place: Place) -> None:
    place.final.unlink()
    place.final.write_bytes(OTHER)

    failure = (await place.failure()).failure

    assert failure.kind is FailureKind.OUTPUT_EXISTS
    assert "is not the one that was to be replaced when the job was admitted: size was 22, is 15" in failure.message
    assert (place.names(), place.final.read_bytes()) == (["A001.mov"], OTHER)


@pytest.mark.parametrize("kind", ["directory", "link to the old file"])
async def test_what_is_no_regular_file_is_never_moved(place: Place, kind: str) -> None:
    if kind == "directory":
        place.final.unlink()
        place.final.mkdir()
    else:
        place.final.rename(place.root / "out/kept.mov")
        place.final.symlink_to("kept.mov")
    before = place.final.lstat()

    failure = (await place.failure()).failure

    assert (failure.kind, failure.message.endswith("it is no regular file")) == (FailureKind.OUTPUT_EXISTS, True)
    assert (place.final.lstat().st_ino, place.final.lstat().st_mode) == (before.st_ino, before.st_mode)


async def test_a_publication_that_fails_puts_the_old_file_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    inode = place.final.stat().st_ino
    failing_once_aside(place, monkeypatch, of_directories=False)

    error = await place.failure()

    assert (error.failure.kind, error.replaced) == (FailureKind.IO_ERROR, None)
    assert (place.names(), place.final.stat().st_ino) == (["A001.mov"], inode)
    assert not (place.root / "out/.proxx").exists()


async def test_a_file_that_took_the_name_meanwhile_is_kept_and_so_is_the_old_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = os.fsync

    def fsync(descriptor: int) -> None:
        flush(descriptor)
        if place.aside.exists() and not place.final.exists():
            place.final.write_bytes(OTHER)  # somebody is quick, between the two renames

    monkeypatch.setattr(os, "fsync", fsync)

    error = await place.failure()

    assert (error.failure.kind, error.replaced) == (FailureKind.OUTPUT_EXISTS, place.replaced)
    assert error.failure.message == (
        f"another file stands under the final name: {place.final}; the file that stood there before lies in"
        f" {place.aside}"
    )
    assert (place.final.read_bytes(), place.aside.read_bytes()) == (OTHER, OLD)


async def test_a_move_that_may_not_last_is_in_doubt_and_loses_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        failing_once_aside(place, patched, of_directories=True)
        with pytest.raises(PublicationInDoubtError, match=r"was moved to .*, perhaps not for good: .*Input/output"):
            await place.publish()

    assert (place.final.exists(), place.aside.read_bytes()) == (False, OLD)
    assert await place.sweep() == report(there=OLD, unreplaced=True, restored=True)
    assert place.names() == ["A001.mov"]


# --- sweeping --------------------------------------------------------------------------------------------------------


async def test_sweeping_an_attempt_that_moved_nothing_leaves_the_old_file(place: Place) -> None:
    assert await place.sweep() == report(there=OLD, unreplaced=True)
    assert (place.names(), (place.root / "out/.proxx").exists()) == (["A001.mov"], False)


async def test_sweeping_an_attempt_that_died_between_the_two_moves_puts_the_old_file_back(place: Place) -> None:
    inode = place.final.stat().st_ino
    move_aside(place.replacement)

    assert await place.sweep() == report(there=OLD, unreplaced=True, restored=True)
    assert (place.names(), place.final.stat().st_ino) == (["A001.mov"], inode)
    assert not (place.root / "out/.proxx").exists()


async def test_sweeping_an_attempt_that_published_leaves_the_proxy_and_says_where_the_old_file_lies(
    place: Place,
) -> None:
    await place.publish()

    assert await place.sweep() == report(removed=False, there=NEW, replaced=place.replaced)
    assert (place.final.read_bytes(), place.aside.read_bytes()) == (NEW, OLD)


async def test_sweeping_next_to_a_foreign_file_moves_neither_and_names_both(place: Place) -> None:
    move_aside(place.replacement)
    place.final.write_bytes(OTHER)

    assert await place.sweep() == report(there=OTHER, replaced=place.replaced)
    assert (place.final.read_bytes(), place.aside.read_bytes()) == (OTHER, OLD)
    place.final.unlink()
    assert await place.sweep() == report(removed=False, there=OLD, unreplaced=True, restored=True)


async def test_half_a_link_is_finished(place: Place) -> None:
    move_aside(place.replacement)
    os.link(place.aside, place.final)

    assert await place.sweep() == report(there=OLD, unreplaced=True, restored=True)
    assert place.names() == ["A001.mov"]


async def test_an_old_file_that_changed_is_not_the_one_to_be_replaced(place: Place) -> None:
    os.utime(place.final, ns=(1, 1))

    assert await place.sweep() == report(there=OLD, unreplaced=False)


# --- attempts that wake up late --------------------------------------------------------------------------------------


async def test_a_swept_attempt_cannot_move_the_proxy_of_a_later_one_aside(place: Place) -> None:
    late = place.replacement
    await place.sweep()

    with pytest.raises(StepFailedError) as caught:
        move_aside(late)
    assert caught.value.failure.kind is FailureKind.STAGED_LOST
    assert place.final.read_bytes() == OLD


async def test_a_swept_attempt_that_had_looked_already_finds_no_place_to_move_to(place: Place) -> None:
    late = place.replacement
    await place.sweep()
    place.final.unlink()
    place.final.write_bytes(NEW)  # published by a later attempt

    with pytest.raises(FileNotFoundError):
        move_to_own(source=late.final, target=late.quarantined)
    with pytest.raises(FileNotFoundError):
        rename_to_own(source=late.final, target=late.quarantined)
    assert place.final.read_bytes() == NEW


async def test_a_swept_attempt_that_goes_on_publishes_nothing(place: Place) -> None:
    late = place.replacement
    move_aside(late)
    await place.sweep()

    failure = (await place.failure()).failure

    assert failure.message.endswith(f"not mounted any more: {place.root / 'out/.proxx'}")
    assert (place.names(), place.final.read_bytes(), lies_aside(late)) == (["A001.mov"], OLD, None)


def test_moving_into_an_own_directory_replaces_nothing(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(NEW)
    target.write_bytes(OLD)

    for move in (move_to_own, rename_to_own):
        with pytest.raises(FileExistsError):
            move(source=source, target=target)
    assert (source.read_bytes(), target.read_bytes()) == (NEW, OLD)
    rename_to_own(source=source, target=tmp_path / "free")
    assert (tmp_path / "free").read_bytes() == NEW
