"""A new file is written whole or not at all, and never over another."""

import errno
import os
from pathlib import Path

import pytest

from proxx.embedded.new_file import write_new_file


def test_what_a_killed_writer_of_the_same_pid_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f".march.jsonl.{os.getpid()}.partial").write_text("left")
    write_new_file(path=tmp_path / "march.jsonl", text="whole")
    assert (tmp_path / "march.jsonl").read_text() == "whole"


def test_where_there_are_no_links_a_name_that_was_claimed_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(number: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", lambda *_: refused(errno.EPERM))
    monkeypatch.setattr(Path, "rename", lambda *_: refused(errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        write_new_file(path=tmp_path / "march.jsonl", text="whole")
    assert list(tmp_path.iterdir()) == []
