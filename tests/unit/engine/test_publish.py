"""Publishing: no file is ever replaced, and a lost answer is recognised."""

import errno
import hashlib
import os
import stat
import threading
from pathlib import Path

import pytest

from proxx.core.failure import Failure, FailureKind
from proxx.core.steps import Published
from proxx.engine.errors import DirectoryGoneError, PublicationInDoubtError, StepFailedError
from proxx.engine.publish import publish_file
from proxx.runtime.no_replace import file_system_of, link_no_replace, move_no_replace, probe_no_replace

BYTES = b"a finished proxy"
SHA256 = hashlib.sha256(BYTES).hexdigest()
DONE = Published(sha256=SHA256, size_bytes=len(BYTES))


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    (tmp_path / ".proxx").mkdir()
    staged = tmp_path / ".proxx" / "staged.mov"
    staged.write_bytes(BYTES)
    return staged


def publish(staged: Path, final: Path) -> Published:
    return publish_file(staged=staged, final=final, sha256=SHA256, size_bytes=len(BYTES))


def failure_of(staged: Path, final: Path) -> Failure:
    with pytest.raises(StepFailedError) as caught:
        publish(staged, final)
    return caught.value.failure


def test_a_staged_file_takes_its_final_name(staged: Path, tmp_path: Path) -> None:
    final = tmp_path / "A001.mov"

    assert publish(staged, final) == DONE
    assert (final.read_bytes(), staged.exists()) == (BYTES, False)


def test_a_foreign_file_under_the_final_name_is_never_touched(staged: Path, tmp_path: Path) -> None:
    final = tmp_path / "A001.mov"
    final.write_bytes(b"somebody else's")

    assert failure_of(staged, final) == Failure(
        kind=FailureKind.OUTPUT_EXISTS, message=f"another file stands under the final name: {final}"
    )
    assert (final.read_bytes(), staged.read_bytes()) == (b"somebody else's", BYTES)


@pytest.mark.parametrize("kind", ["directory", "dangling link", "link to the same bytes"])
def test_what_is_no_regular_file_is_a_foreign_file(staged: Path, tmp_path: Path, kind: str) -> None:
    final = tmp_path / "A001.mov"
    if kind == "directory":
        final.mkdir()
    elif kind == "dangling link":
        final.symlink_to("nowhere")
    else:
        (tmp_path / "copy").write_bytes(BYTES)
        final.symlink_to("copy")

    assert failure_of(staged, final).kind is FailureKind.OUTPUT_EXISTS


def test_the_same_bytes_of_somebody_else_are_a_foreign_file_while_the_staged_one_is_there(
    staged: Path, tmp_path: Path
) -> None:
    final = tmp_path / "A001.mov"
    final.write_bytes(BYTES)

    assert failure_of(staged, final).kind is FailureKind.OUTPUT_EXISTS
    assert staged.read_bytes() == BYTES


def test_the_same_file_under_both_names_is_this_publication(staged: Path, tmp_path: Path) -> None:
    final = tmp_path / "A001.mov"
    os.link(staged, final)

    assert publish(staged, final) == DONE


def test_publishing_again_after_a_lost_answer_succeeds(staged: Path, tmp_path: Path) -> None:
    final = tmp_path / "A001.mov"
    publish(staged, final)

    assert publish(staged, final) == DONE


def test_a_staged_file_that_is_gone_is_lost(staged: Path, tmp_path: Path) -> None:
    staged.unlink()

    assert failure_of(staged, tmp_path / "A001.mov") == Failure(
        kind=FailureKind.STAGED_LOST, message=f"the staged file is gone: {staged}"
    )


def test_a_missing_output_directory_is_an_error_of_the_disk(staged: Path, tmp_path: Path) -> None:
    final = tmp_path / "gone" / "A001.mov"

    assert failure_of(staged, final).kind is FailureKind.IO_ERROR
    assert staged.exists()


def failing_fsync(monkeypatch: pytest.MonkeyPatch, *, of_directories: bool) -> None:
    """The kernel reports a lost write of every directory, or of every file."""

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode) is of_directories:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fsync)


def test_a_rename_that_may_not_last_is_in_doubt(staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    final = tmp_path / "A001.mov"
    failing_fsync(monkeypatch, of_directories=True)

    with pytest.raises(PublicationInDoubtError) as caught:
        publish(staged, final)

    assert str(caught.value) == (
        f"whether {final} is published for good is not known: cannot flush {tmp_path}: [Errno 5] Input/output error"
    )
    assert final.read_bytes() == BYTES


def test_a_staged_file_that_cannot_be_flushed_fails_before_the_rename(
    staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = tmp_path / "A001.mov"
    failing_fsync(monkeypatch, of_directories=False)

    assert failure_of(staged, final).kind is FailureKind.IO_ERROR
    assert (final.exists(), staged.read_bytes()) == (False, BYTES)


def test_a_staging_directory_that_is_gone_loses_no_staged_file(staged: Path, tmp_path: Path) -> None:
    staged.unlink()
    staged.parent.rmdir()

    with pytest.raises(DirectoryGoneError) as caught:
        publish(staged, tmp_path / "A001.mov")

    assert caught.value.failure == Failure(
        kind=FailureKind.IO_ERROR,
        message=f"the directory is gone, perhaps a volume that is not mounted any more: {staged.parent}",
    )


def test_publishing_again_succeeds_although_the_staging_directory_is_gone(staged: Path, tmp_path: Path) -> None:
    final = tmp_path / "A001.mov"
    publish(staged, final)
    staged.parent.rmdir()

    assert publish(staged, final) == DONE


def test_a_link_of_an_earlier_try_that_may_not_last_is_in_doubt(
    staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = tmp_path / "A001.mov"
    os.link(staged, final)
    failing_fsync(monkeypatch, of_directories=True)

    with pytest.raises(PublicationInDoubtError):
        publish(staged, final)

    assert (final.read_bytes(), staged.read_bytes()) == (BYTES, BYTES)


def test_a_link_moves_and_never_replaces(staged: Path, tmp_path: Path) -> None:
    final, other = tmp_path / "A001.mov", tmp_path / "other.mov"
    other.write_bytes(b"somebody else's")

    link_no_replace(source=staged, target=final)
    with pytest.raises(FileExistsError):
        link_no_replace(source=other, target=final)

    assert (final.read_bytes(), staged.exists(), other.exists()) == (BYTES, False, True)


def test_a_link_whose_staged_name_cannot_be_removed_is_made_all_the_same(
    staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    final = tmp_path / "A001.mov"

    def unlink(path: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", unlink)
        link_no_replace(source=staged, target=final)

    assert (final.read_bytes(), staged.read_bytes()) == (BYTES, BYTES)
    assert [record.getMessage() for record in caplog.records] == ["the staged name stays beside the final one"]


def test_of_many_publishers_exactly_one_wins(tmp_path: Path) -> None:
    final = tmp_path / "A001.mov"
    staged = [tmp_path / f"staged-{number}" for number in range(8)]
    for number, path in enumerate(staged):
        path.write_bytes(f"attempt {number}".encode())
    ready, won = threading.Barrier(8), []

    def race(path: Path) -> None:
        ready.wait()
        try:
            move_no_replace(source=path, target=final)
        except FileExistsError:
            return
        won.append(path)

    threads = [threading.Thread(target=race, args=(path,)) for path in staged]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert final.read_bytes() == f"attempt {staged.index(won[0])}".encode()


def test_the_self_test_names_its_method_and_leaves_nothing(tmp_path: Path) -> None:
    assert probe_no_replace(directory=tmp_path) in ("renameat2", "renamex_np", "link")
    assert list(tmp_path.iterdir()) == []


def test_the_self_test_raises_where_no_file_can_be_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        probe_no_replace(directory=tmp_path / "missing")


def test_a_file_system_has_a_name(tmp_path: Path) -> None:
    assert file_system_of(Path("/proc")) == "proc"
    assert file_system_of(tmp_path) != "unknown"
