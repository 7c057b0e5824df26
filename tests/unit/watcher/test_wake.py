"""File events: they wake, and where there are none the polls go on."""

import asyncio
from pathlib import Path

import pytest

from proxx_watcher.disk.wake import Wake, has_events, tells_of_others


async def test_a_drop_into_the_inbox_wakes_also_when_the_inbox_came_later(tmp_path: Path) -> None:
    woken = asyncio.Event()
    wake = Wake(root=tmp_path, inbox="pending", recursive=False, wake=woken.set)
    wake.start()
    await _until_woken_by(tmp_path / "mark.json", woken)
    (tmp_path / "pending").mkdir()
    await _until_woken_by(tmp_path / "pending" / "a.json", woken)
    await wake.close()


def test_local_file_systems_have_events(tmp_path: Path) -> None:
    assert has_events(tmp_path)
    assert has_events(tmp_path / "absent")


@pytest.mark.parametrize(
    ("kind", "told"),
    [("ext4", True), ("tmpfs", True), ("nfs4", False), ("cifs", False), ("fuse", False), ("fuse.sshfs", False)],
)
def test_of_other_machines_only_local_file_systems_tell(kind: str, told: bool) -> None:
    assert tells_of_others(kind) is told


async def _until_woken_by(path: Path, woken: asyncio.Event) -> None:
    """The watch begins some time after it was asked for, so the file is written until somebody hears of it."""
    woken.clear()
    async with asyncio.timeout(20):
        while not woken.is_set():
            await asyncio.to_thread(path.write_text, "{}")
            await asyncio.wait({asyncio.ensure_future(woken.wait())}, timeout=0.1)
