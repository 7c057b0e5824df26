"""One look inside a real file: samples, zeros, holes, writers."""

import hashlib
import os
import signal
from pathlib import Path

import pytest

from proxx_watcher.disk.media_disk import free_room
from proxx_watcher.disk.samples import EDGE_BYTES, file_content, file_digest, form_of, look_inside
from proxx_watcher.domain.ends.ending import End
from proxx_watcher.domain.readiness import Writer

FULL = os.urandom(1 << 20)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_look_gives_the_form_and_the_same_samples_for_the_same_content(tmp_path: Path) -> None:
    path = written(tmp_path / "a", FULL)
    look = look_inside(path=path, lease=False)
    assert (look.fault, look.form, look.zero_tail, look.zero_samples) == ("", form_of(path.stat()), 0, ())
    assert (look.hole, look.writer, look.ending.end) == (None, Writer.UNKNOWN, End.OPEN)
    assert look.digest == look_inside(path=written(tmp_path / "b", FULL), lease=False).digest


@pytest.mark.parametrize(
    "place",
    [pytest.param(0, id="head"), pytest.param(-1, id="tail"), pytest.param((1 << 20) // 9 // 4096 * 4096, id="middle")],
)
def test_other_samples_are_seen(tmp_path: Path, place: int) -> None:
    changed = bytearray(FULL)
    changed[place] ^= 1
    before = look_inside(path=written(tmp_path / "a", FULL), lease=False)
    assert look_inside(path=written(tmp_path / "b", bytes(changed)), lease=False).digest != before.digest


def test_a_sparse_file_has_its_hole_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a", FULL)
    with path.open("r+b") as file:
        file.truncate(4 << 20)
    look = look_inside(path=path, lease=False)
    if look.hole is None:
        pytest.skip("this file system does not tell holes")
    assert (look.hole, look.zero_tail) == (1 << 20, 65536)
    assert look.zero_samples[0] > 1 << 20


def test_reserved_blocks_that_nobody_wrote_are_zeros(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 1 << 20)
        file.write(FULL[: 1 << 19])
    look = look_inside(path=path, lease=False)
    assert look.zero_tail == 65536
    assert len(look.zero_samples) == 4


def test_a_writer_is_found_and_does_not_end_this_process(tmp_path: Path) -> None:
    path = written(tmp_path / "a", FULL)
    free = look_inside(path=path, lease=True).writer
    if free is Writer.UNKNOWN:
        pytest.skip("no read leases on this file system")
    with path.open("ab"):
        assert (free, look_inside(path=path, lease=True).writer) == (Writer.NONE, Writer.OPEN)
    assert look_inside(path=path, lease=True).writer is Writer.NONE
    assert signal.getsignal(signal.SIGIO) is signal.SIG_DFL


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    (tmp_path / "link").symlink_to(written(tmp_path / "a", FULL))
    os.mkfifo(tmp_path / "pipe")
    said = {name: look_inside(path=tmp_path / name, lease=True).fault for name in ("gone", "directory", "link", "pipe")}
    assert said == {
        "gone": "No such file or directory",
        "directory": "not a regular file",
        "link": "Too many levels of symbolic links",
        "pipe": "not a regular file",
    }


@pytest.mark.parametrize("size", [0, 1, EDGE_BYTES, EDGE_BYTES + 1, 2 * EDGE_BYTES, 2 * EDGE_BYTES + 5])
def test_the_content_digest_covers_size_and_both_ends(tmp_path: Path, size: int) -> None:
    content = (FULL * 3)[:size]
    path = written(tmp_path / "a", content)
    edges = content if size <= 2 * EDGE_BYTES else content[:EDGE_BYTES] + content[-EDGE_BYTES:]
    found = file_content(path=path)
    assert found.digest == hashlib.sha256(f"{size}\n".encode() + edges).hexdigest()
    assert found.form == form_of(path.stat())


def test_a_full_digest_is_that_of_the_tools(tmp_path: Path) -> None:
    path = written(tmp_path / "a", FULL)
    assert file_digest(path=path, algorithm="md5").value == hashlib.md5(FULL, usedforsecurity=False).hexdigest()


def test_free_room_is_looked_up_at_the_nearest_directory_that_is_there(tmp_path: Path) -> None:
    here = free_room(tmp_path).free_bytes
    below = free_room(tmp_path / "not" / "yet").free_bytes
    assert here is not None
    assert below is not None
    absent = free_room(Path("/no-such-mount-here/out"))
    assert (absent.free_bytes, absent.fact) == (None, "/no-such-mount-here/out is not visible from this machine")
