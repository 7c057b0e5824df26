"""The lock of a folder that cannot be written: it lies in the state directory, and marks the folder all the same."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from proxx_watcher.disk.ledger import open_ledger
from proxx_watcher.disk.lock import LOCK_NAME, FileLock
from proxx_watcher.reset import run_reset
from tests.unit.watcher.spec_world import InlineThread

NOW = datetime(2026, 11, 20, tzinfo=UTC)
NOBODY = 65534


def lock(folder: Path, elsewhere: Path | None) -> FileLock:
    thread: Any = InlineThread()
    return FileLock(directory=folder, since=NOW, thread=thread, elsewhere=elsewhere)


@pytest.mark.parametrize(
    ("here", "there", "content", "seen"),
    [
        pytest.param(True, False, False, True, id="locked in the folder"),
        pytest.param(False, True, True, True, id="locked elsewhere, and something is in it"),
        pytest.param(False, True, False, False, id="locked elsewhere, and it is empty: its disk is not there"),
        pytest.param(False, False, True, False, id="never locked"),
    ],
)
async def test_a_folder_has_been_watched_before(
    tmp_path: Path, here: bool, there: bool, content: bool, seen: bool
) -> None:
    folder, elsewhere = tmp_path / "card", tmp_path / "state"
    for directory in (folder, elsewhere):
        directory.mkdir()
    for place, stands in ((folder / LOCK_NAME, here), (elsewhere / LOCK_NAME, there), (folder / "a.mov", content)):
        if stands:
            place.touch()
    assert await lock(folder, elsewhere).seen() is seen


async def test_a_folder_that_must_be_writable_is_known_by_its_own_lock_alone(tmp_path: Path) -> None:
    (tmp_path / "a.mov").touch()
    assert not await lock(tmp_path, None).seen()


def test_a_read_only_folder_on_another_disk_can_be_accepted(
    memory_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, state = memory_path / "card", memory_path / "state"
    folder.mkdir()
    state.mkdir()
    (folder / "a.mov").touch()
    path = state / "watch" / "card" / "ledger.jsonl"
    path.parent.mkdir(parents=True)
    path.touch()
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        memory_path.chmod(0o711)
        for place in (path, path.parent):
            os.chown(place, NOBODY, -1)
        os.seteuid(NOBODY)
    try:
        code = run_reset([str(folder), "--folder-name", "card", "--state", str(state), "--accept-folder"])
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)
    assert (code, capfd.readouterr().err) == (0, "")
    ledger = open_ledger(path=path, thread=InlineThread())
    assert ledger.records()["root"] == {"device": folder.stat().st_dev, "inode": folder.stat().st_ino}
    assert not (folder / LOCK_NAME).exists()
