"""Mounts that vanish, come back, or come back as something else."""

import pytest

from proxx_watcher.domain.root_identity import RootIdentity, why_not_this_root

HERE = RootIdentity(device=1, inode=2)
OTHER = RootIdentity(device=9, inode=2)


@pytest.mark.parametrize(
    ("recorded", "seen", "marker", "was_gone", "word"),
    [
        pytest.param(None, HERE, False, False, None, id="a_new_folder"),
        pytest.param(HERE, HERE, True, False, None, id="the_same"),
        pytest.param(HERE, HERE, False, False, None, id="its_lock_file_was_removed"),
        pytest.param(HERE, None, False, False, "not there", id="gone"),
        pytest.param(None, None, False, False, "not there", id="never_there"),
        pytest.param(HERE, HERE, True, True, None, id="back_as_it_was"),
        pytest.param(HERE, HERE, False, True, "came back empty", id="back_empty"),
        pytest.param(HERE, OTHER, False, False, "device 9", id="the_mount_point_without_its_disk"),
        pytest.param(HERE, OTHER, True, True, None, id="mounted_anew_under_another_device"),
    ],
)
def test_a_directory_is_worked_on_only_when_it_is_the_folder(
    recorded: RootIdentity | None, seen: RootIdentity | None, marker: bool, was_gone: bool, word: str | None
) -> None:
    found = why_not_this_root(recorded=recorded, seen=seen, marker_seen=marker, was_gone=was_gone)
    assert (found is None) is (word is None)
    assert (word or "") in (found or "")
