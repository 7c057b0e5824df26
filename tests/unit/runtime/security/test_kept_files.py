import os

import pytest
from structlog.testing import capture_logs

from proxx.runtime.security.kept_files import KeptFiles
from proxx.runtime.security.options import SecurityError


class Pair:
    """Two files that hold the same text."""

    def __init__(self, directory):
        self.paths = (directory / "one", directory / "two")
        self.write("a", "a")

    def write(self, *texts):
        for path, text in zip(self.paths, texts, strict=True):
            path.write_text(text)

    def load(self):
        one, two = (path.read_text() for path in self.paths)
        if one != two:
            raise SecurityError(f"{one} is not {two}")
        return one


@pytest.fixture
def pair(tmp_path):
    return Pair(tmp_path)


@pytest.fixture
def kept(pair):
    return KeptFiles(what="pair", paths=pair.paths, load=pair.load)


def events(logs):
    return [entry["event"] for entry in logs]


def test_files_that_cannot_be_used_stop_the_start(pair):
    pair.write("a", "b")
    with pytest.raises(SecurityError, match="a is not b"):
        KeptFiles(what="pair", paths=pair.paths, load=pair.load)


def test_missing_file_stops_the_start_by_its_name(tmp_path):
    with pytest.raises(SecurityError, match=r"^pair: .*/nowhere: cannot be read: No such file or directory$"):
        KeptFiles(what="pair", paths=(tmp_path / "nowhere",), load=str)


def test_nothing_is_loaded_while_nothing_changed(kept):
    assert (kept.refresh(), kept.value) == (False, "a")


def test_new_version_counts(pair, kept):
    pair.write("bb", "bb")
    with capture_logs() as logs:
        assert (kept.refresh(), kept.value, events(logs)) == (True, "bb", ["security.reloaded"])


def test_half_replaced_files_are_waited_for_in_silence(pair, kept):
    with capture_logs() as logs:
        pair.write("bb", "a")
        assert (kept.refresh(), kept.value, kept.trouble) == (False, "a", "")
        pair.write("bb", "bb")
        assert (kept.refresh(), kept.value, events(logs)) == (True, "bb", ["security.reloaded"])


def test_broken_version_is_said_once_and_the_one_before_it_stays(pair, kept):
    pair.write("bb", "a")
    with capture_logs() as logs:
        for _ in range(5):
            kept.refresh()
    assert (events(logs), kept.value, kept.trouble) == (["security.reload_failed"], "a", "bb is not a")


def test_next_broken_version_is_said_again(pair, kept):
    with capture_logs() as logs:
        for text in ("bb", "ccc"):
            pair.write(text, "a")
            kept.refresh()
            kept.refresh()
    assert (events(logs), kept.trouble) == (["security.reload_failed"] * 2, "ccc is not a")


def test_file_that_is_gone_is_said_and_the_version_before_it_stays(pair, kept):
    pair.paths[0].unlink()
    with capture_logs() as logs:
        for _ in range(3):
            kept.refresh()
    assert (events(logs), kept.value, "cannot be read" in kept.trouble) == (["security.reload_failed"], "a", True)


def test_corrected_files_end_the_trouble(pair, kept):
    pair.write("bb", "a")
    for _ in range(2):
        kept.refresh()
    pair.write("bb", "bb")
    assert (kept.refresh(), kept.value, kept.trouble) == (True, "bb", "")


def test_a_copy_that_kept_date_and_length_counts(pair, kept):
    before = [path.stat() for path in pair.paths]
    # Again until the clock of the file system has moved on: it may go in steps of milliseconds.
    while any(path.stat().st_ctime_ns == old.st_ctime_ns for path, old in zip(pair.paths, before, strict=True)):
        pair.write("b", "b")
        for path, old in zip(pair.paths, before, strict=True):
            os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert (kept.refresh(), kept.value) == (True, "b")
