"""A watch folder on real file systems that fill up or are unmounted: nothing lost, nothing double, order kept."""

import ctypes
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxx.core.jobs import JobState
from proxx.core.watch_folders import FolderState
from proxx_watcher.domain.folder_settings import Layout
from tests.contract.test_disk_full import fill
from tests.unit.watcher.spec_world import SpecWorld

SIZE = 256 * 1024
MS_BIND = 4096
MNT_DETACH = 2
libc = ctypes.CDLL(None, use_errno=True)
LAYOUTS = pytest.mark.parametrize("layout", [Layout.STAGED, Layout.FLAT], ids=["staged", "flat"])


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system."""
    point = tmp_path / "disk"
    point.mkdir()
    if libc.mount(b"tmpfs", os.fsencode(point), b"tmpfs", 0, f"size={SIZE}".encode()) != 0:
        pytest.skip(f"no file system can be mounted here: {os.strerror(ctypes.get_errno())}")
    yield point
    libc.umount2(os.fsencode(point), MNT_DETACH)


def bind(source: Path, target: Path) -> None:
    """Show a directory at another place, as a mount does."""
    assert libc.mount(os.fsencode(source), os.fsencode(target), None, MS_BIND, None) == 0, ctypes.get_errno()


def unmount(target: Path) -> None:
    """Take a mount away, whoever has files of it open."""
    assert libc.umount2(os.fsencode(target), MNT_DETACH) == 0, ctypes.get_errno()


def ns(world: SpecWorld) -> list[int]:
    return [json.loads(text)["n"] for text in world.scheduler.submitted]


@LAYOUTS
@pytest.mark.parametrize("ledger_too", [False, True], ids=["folder_alone", "ledger_too"])
async def test_a_disk_that_is_full_pauses_the_folder_until_there_is_room(
    disk: Path, tmp_path: Path, layout: Layout, ledger_too: bool
) -> None:
    world = SpecWorld(root=disk / "drops", state=(disk if ledger_too else tmp_path) / "state", layout=layout)
    folder = world.life()
    await world.passes(folder, 1)
    names = ["c.json", "a.json", "b.json"]
    for number, name in enumerate(names):
        world.drop(name, {"n": number})
        outcome = await world.passes(folder, 1)
    give_back = fill(disk)
    for life in range(3):
        outcome = await world.passes(folder, 6)
        assert outcome.folder.state is FolderState.PAUSED, life
        assert "the disk says No space left on device" in outcome.folder.reason, life
        folder = world.life()
    give_back()
    outcome = await world.passes(folder, 30)
    assert (outcome.folder.state, outcome.busy, sorted(ns(world))) == (FolderState.WATCHING, False, [0, 1, 2])
    assert ns(world) == [0, 1, 2] or ledger_too, "the ledger keeps the order; one that could not be written cannot"
    for name in names:
        assert (world.good / name).exists()
        assert json.loads(world.result(name).read_text())["outcome"] == "COMPLETED"
    assert not [path for path in world.tree() if ".tmp" in path or "_001" in path]


@LAYOUTS
@pytest.mark.parametrize("dies", [False, True], ids=["the_watcher_lives_on", "the_watcher_is_killed_in_between"])
async def test_a_mount_that_is_lost_pauses_the_folder_and_goes_on_when_it_is_back(
    disk: Path, tmp_path: Path, layout: Layout, dies: bool
) -> None:
    point = tmp_path / "point"
    point.mkdir()
    bind(disk, point)
    world = SpecWorld(root=point, state=tmp_path / "state", layout=layout)
    folder = world.life()
    for number, name in enumerate(["b.json", "a.json", "c.json"]):
        world.drop(name, {"n": number, "ends": None})
        await world.passes(folder, 3)
    assert ns(world) == [0]
    unmount(point)
    if dies:
        folder = world.life()
    outcome = await world.passes(folder, 5)
    assert outcome.folder.state is FolderState.PAUSED
    assert "another, empty directory stands at the folder's path" in outcome.folder.reason
    assert list(point.iterdir()) == [], "nothing is written below the mount point"

    bind(disk, point)
    try:
        for number in (1, 2, 3):
            world.scheduler.put(f"job-{number}", JobState.COMPLETED)
            outcome = await world.passes(folder, 5)
        assert (outcome.folder.state, outcome.busy, ns(world)) == (FolderState.WATCHING, False, [0, 1, 2])
        assert all((world.good / name).exists() for name in ("a.json", "b.json", "c.json"))
    finally:
        world.end()
        unmount(point)
