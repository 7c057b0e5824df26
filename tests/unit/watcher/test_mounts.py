"""The kinds of file systems of open files, from the kernel's own table."""

import os
from pathlib import Path

import pytest

from proxx.runtime.no_replace import file_system_of
from proxx_watcher.disk.mounts import MountTable


def test_the_kind_of_a_file_system_is_what_the_table_says_and_the_table_is_read_once(tmp_path: Path) -> None:
    table = MountTable()
    if not Path("/proc/self/mountinfo").exists():
        pytest.skip("this system has no table of mounts")
    for place in (tmp_path, Path("/proc"), tmp_path):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            assert table.kind_of(descriptor) == file_system_of(place)
        finally:
            os.close(descriptor)
    assert table.parsed == 1


def test_where_there_is_no_table_the_kind_is_not_known(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        assert MountTable(table=tmp_path / "absent").kind_of(descriptor) == ""
    finally:
        os.close(descriptor)
