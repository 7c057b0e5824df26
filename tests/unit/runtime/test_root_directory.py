"""Markers: an unmounted disk is never mistaken for an empty one."""

import os
from pathlib import Path

import pytest

from proxx.runtime.root_directory import ANY_MARKER, MARKER_NAME, RootDirectory, RootUnavailableError
from proxx.runtime.root_marker import MarkerTakenError, read_marker, write_marker
from proxx.runtime.rooted_path import RootedPath


def test_a_marker_is_written_once_and_read_back(tmp_path: Path) -> None:
    assert read_marker(tmp_path) == ("", "")
    assert write_marker(directory=tmp_path, name="media one", marker="0123") == "0123"
    with pytest.raises(MarkerTakenError) as caught:
        write_marker(directory=tmp_path, name="other", marker="4567")
    assert (caught.value.marker, read_marker(tmp_path)) == ("0123", ("0123", "media one"))


def test_a_marker_that_is_a_link_is_none(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("0123 media\n")
    (tmp_path / MARKER_NAME).symlink_to("real")
    with pytest.raises(RootUnavailableError, match="its marker cannot be read"):
        RootDirectory(tmp_path, "0123").open()


@pytest.mark.parametrize(
    ("wanted", "there", "why"),
    [
        ("0123", None, "there is no .proxx-root in it"),
        (ANY_MARKER, None, "there is no .proxx-root in it"),
        ("0123", "4567 media\n", 'expected 0123, found "4567"'),
        ("0123", "", "there is no .proxx-root in it"),
    ],
    ids=["missing", "any is missing", "of another root", "empty"],
)
def test_nothing_is_done_in_a_root_without_its_marker(tmp_path: Path, wanted: str, there: str | None, why: str) -> None:
    if there is not None:
        (tmp_path / MARKER_NAME).write_text(there)
    place = RootedPath(RootDirectory(tmp_path, wanted), ("out",))

    for call in (place.mkdir, place.lstat, place.exists):
        with pytest.raises(RootUnavailableError, match=why):
            call()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wanted", ["0123", ANY_MARKER, ""])
def test_with_its_marker_a_root_is_used(tmp_path: Path, wanted: str) -> None:
    write_marker(directory=tmp_path, name="media", marker="0123")
    RootedPath(RootDirectory(tmp_path, wanted), ("out",)).mkdir()
    assert (tmp_path / "out").is_dir()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not list open descriptors")
def test_a_directory_in_the_place_of_a_marker_leaves_no_descriptor_open(tmp_path: Path) -> None:
    (tmp_path / MARKER_NAME).mkdir()
    before = {entry.name for entry in Path("/proc/self/fd").iterdir()}
    for _ in range(5):
        with pytest.raises(RootUnavailableError, match="its marker cannot be read"):
            RootDirectory(tmp_path, "0123").open()

    assert {entry.name for entry in Path("/proc/self/fd").iterdir()} == before


def test_a_directory_in_place_of_a_marker_is_refused_and_leaves_nothing_open(tmp_path: Path) -> None:
    (tmp_path / ".proxx-root").mkdir()
    before = os.listdir("/proc/self/fd")  # noqa: PTH208  the numbers alone
    with pytest.raises(IsADirectoryError):
        read_marker(tmp_path)
    assert os.listdir("/proc/self/fd") == before  # noqa: PTH208  as above
