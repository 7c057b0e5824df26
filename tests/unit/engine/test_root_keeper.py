"""Roots with markers are offered while they are there, and work on the others is handed back."""

from pathlib import Path

import pytest

from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.roots import RootPath
from proxx.core.steps import PreparedOutput, Published, StepKind, SweepWork
from proxx.engine.errors import HandBackError
from proxx.engine.mounts import MountTable, StorageUnavailableError
from proxx.engine.root_keeper import RootKeeper, keeping_roots
from proxx.engine.step_runner import StepWatch
from proxx.runtime.clock import SystemClock
from proxx.runtime.root_directory import MARKER_NAME
from proxx.runtime.root_marker import write_marker


class Steps:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.discarded: list[str] = []

    async def run(self, *, lease: Lease, watch: StepWatch) -> LeaseOutcome:
        del watch
        self.ran.append(lease.lease_id)
        return LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch)

    async def publish(self, *, lease: Lease, output: PreparedOutput) -> Published:
        raise AssertionError("nothing is published here")

    async def discard(self, *, lease: Lease) -> None:
        self.discarded.append(lease.lease_id)


class Watch:
    """Hears nothing."""

    def enter(self, phase: object) -> None: ...

    def progress(self, progress: object) -> None: ...

    def commit(self) -> bool:
        return True


def lease(root: str) -> Lease:
    output = RootPath(root=root, path="a.mov")
    work = SweepWork(output=output, staged=(), expected_sha256="")
    return Lease(
        lease_id=root, step_id="s", epoch=1, kind=StepKind.SWEEP, job_key="k", job_id="j", clip_index=0, sweep=work
    )


@pytest.fixture
def directories(tmp_path: Path) -> dict[str, Path]:
    found = {name: tmp_path / name for name in ("free", "marked")}
    for directory in found.values():
        directory.mkdir()
    write_marker(directory=found["marked"], name="marked", marker="0123")
    return found


async def test_a_root_that_goes_is_not_offered_and_one_that_comes_back_is(directories: dict[str, Path]) -> None:
    offers: list[tuple[str, ...]] = []
    steps = Steps()
    mounts = MountTable(directories, markers={"marked": "0123"})
    keeper = RootKeeper(mounts=mounts, steps=steps, clock=SystemClock(), changed=offers.append)
    marker = directories["marked"] / MARKER_NAME
    text = marker.read_text()

    await keeper.run(lease=lease("marked"), watch=Watch())
    marker.unlink()
    with pytest.raises(HandBackError, match="STORAGE_UNAVAILABLE: root 'marked'"):
        await keeper.run(lease=lease("marked"), watch=Watch())
    await keeper.discard(lease=lease("marked"))
    await keeper.run(lease=lease("free"), watch=Watch())
    await keeper.discard(lease=lease("free"))
    marker.write_text(text)
    await keeper.run(lease=lease("marked"), watch=Watch())

    assert (steps.ran, steps.discarded) == (["marked", "free", "marked"], ["free"])
    assert offers == [("free",), ("free", "marked")]


async def test_without_any_root_an_executor_does_not_begin(directories: dict[str, Path]) -> None:
    mounts = MountTable({"free": directories["free"]}, markers={"free": "0123"})
    keeper = RootKeeper(mounts=mounts, steps=Steps(), clock=SystemClock(), changed=lambda _: None)

    with pytest.raises(StorageUnavailableError, match="STORAGE_UNAVAILABLE: root 'free'"):
        async with keeping_roots(keeper):
            raise AssertionError("it began")


def test_a_path_of_a_root_that_is_not_there_is_refused_as_such(directories: dict[str, Path]) -> None:
    mounts = MountTable(directories, markers={"free": "0123"})

    with pytest.raises(StorageUnavailableError, match="root 'free' is not available"):
        mounts.local(RootPath(root="free", path="a.mov"))
    assert mounts.local(RootPath(root="marked", path="a.mov")) == directories["marked"] / "a.mov"


def test_a_marker_of_a_root_that_is_not_mounted_is_refused(directories: dict[str, Path]) -> None:
    with pytest.raises(ValueError, match="root 'tape' has a marker and is not mounted here"):
        MountTable(directories, markers={"tape": "0123"})
