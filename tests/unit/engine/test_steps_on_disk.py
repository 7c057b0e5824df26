"""PUBLISH and SWEEP on a real directory."""

import asyncio
import errno
import hashlib
import os
import shutil
import stat
from pathlib import Path

import pytest

from proxx.core.failure import Failure, FailureKind
from proxx.core.leases import LeaseOutcome
from proxx.core.roots import RootPath
from proxx.core.staging import journal_path
from proxx.core.steps import Phase, Progress, Published, PublishWork, SweepReport, SweepWork
from proxx.engine.errors import PublicationInDoubtError, StepFailedError
from proxx.engine.mounts import MountTable
from proxx.engine.publish_step import PublishStep
from proxx.engine.sweep_step import SweepStep
from tests.fakes.leases import lease

INCARNATION = "5" * 32
BYTES = b"a finished proxy"
SHA256 = hashlib.sha256(BYTES).hexdigest()
STAGED = RootPath(root="media", path="out/.proxx/job.00004.01234567.3.9b1deb4d.mov")
OUTPUT = RootPath(root="media", path="out/A001.mov")
WORK = PublishWork(staged=STAGED, output=OUTPUT, sha256=SHA256, size_bytes=len(BYTES))
PUBLISHED = LeaseOutcome(lease_id="lease-1", epoch=3, published=Published(sha256=SHA256, size_bytes=len(BYTES)))


class Watch:
    """A StepWatch that a test may interrupt."""

    def __init__(self, *, interrupted: bool = False) -> None:
        self.phases: list[Phase] = []
        self._interrupted = interrupted

    def enter(self, phase: Phase) -> None:
        self.phases.append(phase)

    def progress(self, progress: Progress) -> None:
        raise AssertionError("these steps have no progress")

    def commit(self) -> bool:
        return not self._interrupted


@pytest.fixture
def mounts(tmp_path: Path) -> MountTable:
    (tmp_path / "out/.proxx").mkdir(parents=True)
    mounts = MountTable({"media": tmp_path})
    mounts.local(STAGED).write_bytes(BYTES)
    mounts.local(journal_path(staged=STAGED)).write_text("{}")
    return mounts


def names(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))


def gone(directory: Path) -> str:
    return f"the directory is gone, perhaps a volume that is not mounted any more: {directory}"


def failing_fsync(monkeypatch: pytest.MonkeyPatch, *, of_directories: bool) -> None:
    """The kernel reports a lost write of every directory, or of every file."""

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode) is of_directories:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fsync)


async def publish(mounts: MountTable, watch: Watch | None = None) -> LeaseOutcome:
    return await PublishStep(mounts=mounts).run(lease=lease(), work=WORK, watch=watch or Watch())


async def publish_failure(mounts: MountTable) -> Failure:
    with pytest.raises(StepFailedError) as caught:
        await publish(mounts)
    return caught.value.failure


async def test_publish_rehashes_publishes_and_leaves_nothing_else(mounts: MountTable, tmp_path: Path) -> None:
    watch = Watch()

    assert (await publish(mounts, watch), watch.phases) == (PUBLISHED, [Phase.PUBLISHING])
    assert names(tmp_path / "out") == ["A001.mov"]


async def test_publish_again_after_a_lost_answer_succeeds(mounts: MountTable, tmp_path: Path) -> None:
    await publish(mounts)

    assert await publish(mounts) == PUBLISHED
    assert names(tmp_path / "out") == ["A001.mov"]


async def test_publish_refuses_a_staged_file_whose_bytes_changed(mounts: MountTable, tmp_path: Path) -> None:
    mounts.local(STAGED).write_bytes(b"a finished prox!")

    failure = await publish_failure(mounts)

    assert failure.kind is FailureKind.STAGED_LOST
    assert f"was 16 bytes with sha256 {SHA256}, is 16 bytes with sha256 " in failure.message
    assert names(tmp_path / "out") == []


async def test_publish_without_a_staged_file_has_lost_it(mounts: MountTable, tmp_path: Path) -> None:
    mounts.local(STAGED).unlink()

    assert (await publish_failure(mounts)).kind is FailureKind.STAGED_LOST
    assert names(tmp_path / "out") == []


async def test_publish_from_a_volume_that_is_gone_loses_and_removes_nothing(mounts: MountTable, tmp_path: Path) -> None:
    (tmp_path / "out").rename(tmp_path / "unmounted")
    before = names(tmp_path)

    assert await publish_failure(mounts) == Failure(kind=FailureKind.IO_ERROR, message=gone(tmp_path / "out/.proxx"))
    assert names(tmp_path) == before


async def test_publish_that_cannot_clean_up_after_itself_has_published(
    mounts: MountTable, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unlink(path: Path | str, *, dir_fd: int | None = None) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", unlink)
        outcome = await publish(mounts)

    assert outcome == PUBLISHED
    assert mounts.local(OUTPUT).read_bytes() == BYTES
    assert [record.getMessage() for record in caplog.records] == ["leftovers of a publication stay"]


async def test_publish_in_doubt_removes_nothing(
    mounts: MountTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_fsync(monkeypatch, of_directories=True)

    with pytest.raises(PublicationInDoubtError):
        await publish(mounts)

    journal = str(Path(journal_path(staged=STAGED).path).relative_to("out"))
    assert names(tmp_path / "out") == [".proxx", journal, "A001.mov"]


async def test_publish_over_a_foreign_file_fails_and_cleans(mounts: MountTable, tmp_path: Path) -> None:
    mounts.local(OUTPUT).write_bytes(b"somebody else's")

    assert (await publish_failure(mounts)).kind is FailureKind.OUTPUT_EXISTS
    assert names(tmp_path / "out") == ["A001.mov"]
    assert mounts.local(OUTPUT).read_bytes() == b"somebody else's"


async def test_publish_of_what_is_not_mounted_here_fails(tmp_path: Path) -> None:
    mounts = MountTable({"tape": tmp_path})

    assert await publish_failure(mounts) == Failure(
        kind=FailureKind.IO_ERROR, message="root 'media' is not mounted here (mounted: tape)"
    )


async def test_publish_interrupted_before_it_begins_leaves_the_staged_file(mounts: MountTable, tmp_path: Path) -> None:
    before = names(tmp_path / "out")

    with pytest.raises(asyncio.CancelledError):
        await publish(mounts, Watch(interrupted=True))

    assert names(tmp_path / "out") == before


async def sweep(mounts: MountTable, *staged: RootPath) -> SweepReport:
    work = SweepWork(staged=staged, output=OUTPUT, expected_sha256="")
    outcome = await SweepStep(mounts=mounts, incarnation=INCARNATION).run(lease=lease(), work=work, watch=Watch())
    assert outcome.sweep is not None
    return outcome.sweep


async def sweep_failure(mounts: MountTable, *staged: RootPath) -> Failure:
    with pytest.raises(StepFailedError) as caught:
        await sweep(mounts, *staged)
    return caught.value.failure


async def test_sweep_removes_what_is_named_and_reports_an_empty_final_path(mounts: MountTable, tmp_path: Path) -> None:
    gone = RootPath(root="media", path="out/.proxx/job.00004.01234567.2.9b1deb4d.mov")

    assert await sweep(mounts, gone, STAGED) == SweepReport(
        removed=(STAGED,), output_exists=False, output_sha256="", output_size_bytes=0
    )
    assert names(tmp_path / "out") == []


async def test_sweep_touches_nothing_that_is_not_named(mounts: MountTable, tmp_path: Path) -> None:
    before = names(tmp_path / "out")

    await sweep(mounts)

    assert names(tmp_path / "out") == before


async def test_sweep_reports_what_stands_at_the_final_path(mounts: MountTable) -> None:
    mounts.local(OUTPUT).write_bytes(BYTES)

    assert await sweep(mounts) == SweepReport(
        removed=(), output_exists=True, output_sha256=SHA256, output_size_bytes=len(BYTES)
    )


@pytest.mark.parametrize("of_directories", [False, True], ids=["the file", "its directory"])
async def test_sweep_reports_no_file_that_may_not_last(
    mounts: MountTable, monkeypatch: pytest.MonkeyPatch, of_directories: bool
) -> None:
    mounts.local(OUTPUT).write_bytes(BYTES)
    failing_fsync(monkeypatch, of_directories=of_directories)

    assert await sweep_failure(mounts) == Failure(
        kind=FailureKind.IO_ERROR, message=f"cannot flush {mounts.local(OUTPUT)} or its directory: Input/output error"
    )


async def test_sweep_of_a_directory_that_is_gone_does_not_report_absence(mounts: MountTable, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "out")

    assert await sweep_failure(mounts) == Failure(kind=FailureKind.IO_ERROR, message=gone(tmp_path / "out"))


async def test_sweep_of_a_root_whose_mount_is_gone_names_the_mount(mounts: MountTable, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path)

    assert await sweep_failure(mounts) == Failure(kind=FailureKind.IO_ERROR, message=gone(tmp_path))


async def test_sweep_reports_what_is_no_file_without_a_digest(mounts: MountTable) -> None:
    mounts.local(OUTPUT).mkdir()

    assert await sweep(mounts) == SweepReport(removed=(), output_exists=True, output_sha256="", output_size_bytes=0)


async def test_sweep_refuses_names_outside_a_staging_directory(mounts: MountTable) -> None:
    mounts.local(OUTPUT).write_bytes(BYTES)

    assert await sweep_failure(mounts, OUTPUT) == Failure(
        kind=FailureKind.IO_ERROR,
        message="cannot sweep: 'out/A001.mov' does not lie in a .proxx directory",
    )
    assert mounts.local(OUTPUT).read_bytes() == BYTES
