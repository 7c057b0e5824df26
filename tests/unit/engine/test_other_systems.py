"""What stands in for calls that Windows lacks does the same here."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.engine.errors import DirectoryGoneError
from proxx.engine.look import look_at, look_twice
from proxx.runtime import open_flags
from proxx.runtime.read_at import seek_and_read


def test_looking_twice_sees_what_one_look_sees(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("nowhere")

    found = [look_twice(tmp_path / name) for name in ("file", "link", "none")]

    assert found == [look_at(tmp_path / name) for name in ("file", "link", "none")]


@pytest.mark.parametrize("place", ["gone/file", "file/below"], ids=["no directory", "a file in its place"])
def test_both_looks_tell_a_directory_that_is_gone(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()

    for look in (look_at, look_twice):
        with pytest.raises(DirectoryGoneError):
            look(tmp_path / place)


@given(offset=st.integers(0, 30), length=st.integers(0, 30))
def test_seeking_and_reading_reads_what_pread_reads(offset: int, length: int, tmp_path_factory: object) -> None:
    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    path = tmp_path_factory.getbasetemp() / "bytes"
    path.write_bytes(bytes(range(20)))
    descriptor = os.open(path, open_flags.READ)
    try:
        assert seek_and_read(descriptor=descriptor, offset=offset, length=length) == os.pread(
            descriptor, length, offset
        )
    finally:
        os.close(descriptor)
