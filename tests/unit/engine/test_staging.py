"""Staging: a hidden directory that attempts share without disturbing each other."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from proxx.core.roots import RootPath
from proxx.core.staging import journal_path, staged_path
from proxx.engine.journal import LIMIT_BYTES, JournalError, read_journal, write_journal
from proxx.engine.mounts import MountError, MountTable
from proxx.engine.render_place import make_render_place, take_render
from proxx.engine.staging import NotStagedError, remove_staged, reserve_staged
from tests.fakes.leases import a_journal


def attempt(clip_index: int) -> RootPath:
    return staged_path(
        output=RootPath(root="media", path="out/A001_proxy.mov"),
        job_id="job",
        clip_index=clip_index,
        step_id="0123456789abcdef",
        epoch=2,
        incarnation="9b1deb4d-3b7d",
    )


@pytest.fixture
def mounts(tmp_path: Path) -> MountTable:
    (tmp_path / "out").mkdir()
    return MountTable({"media": tmp_path})


def test_reserving_makes_the_directory_and_leaves_the_staged_name_free(mounts: MountTable, tmp_path: Path) -> None:
    reserve_staged(mounts.local(attempt(1)))

    assert [path.name for path in (tmp_path / "out/.proxx").iterdir()] == ["job.00001.01234567.2.9b1deb4d.mov.json.tmp"]


def test_reserving_needs_the_output_directory(mounts: MountTable, tmp_path: Path) -> None:
    (tmp_path / "out").rmdir()

    with pytest.raises(FileNotFoundError):
        reserve_staged(mounts.local(attempt(1)))


def test_the_same_attempt_never_stages_twice(mounts: MountTable) -> None:
    reserve_staged(mounts.local(attempt(1)))

    with pytest.raises(FileExistsError):
        reserve_staged(mounts.local(attempt(1)))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT], ids=["full disk", "spent quota"])
@pytest.mark.parametrize("step", ["open", "close", "mkdir"])
@pytest.mark.parametrize("shared", [False, True], ids=["alone", "beside another attempt"])
def test_reserving_half_way_leaves_nothing_of_its_own(
    mounts: MountTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, step: str, shared: bool
) -> None:
    if shared:
        reserve_staged(mounts.local(attempt(2)), quarantine=True)
    before = sorted((tmp_path / "out").rglob("*"))
    real, place = getattr(os, step), mounts.local(attempt(1))

    def full(*words: object, **more: object) -> object:
        if step == "mkdir" and not str(words[0]).endswith(".replaced"):
            return real(*words, **more)
        if step == "close":
            real(*words)
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, step, full)
        with pytest.raises(OSError, match=os.strerror(number)):
            reserve_staged(place, quarantine=True)

    assert sorted((tmp_path / "out").rglob("*")) == before
    reserve_staged(place, quarantine=True)


def test_reserving_again_leaves_what_the_first_call_made(mounts: MountTable, tmp_path: Path) -> None:
    reserve_staged(mounts.local(attempt(1)), quarantine=True)
    before = sorted((tmp_path / "out").rglob("*"))

    with pytest.raises(FileExistsError):
        reserve_staged(mounts.local(attempt(1)), quarantine=True)
    assert sorted((tmp_path / "out").rglob("*")) == before


def test_removing_leaves_nothing_of_the_attempt_and_no_empty_directory(mounts: MountTable, tmp_path: Path) -> None:
    staged = attempt(1)
    reserve_staged(mounts.local(staged))
    mounts.local(staged).write_bytes(b"proxy")
    mounts.local(journal_path(staged=staged)).write_text("{}")

    assert remove_staged(mounts=mounts, staged=staged) is True
    assert list((tmp_path / "out").iterdir()) == []


def test_removing_leaves_other_attempts_alone(mounts: MountTable, tmp_path: Path) -> None:
    reserve_staged(mounts.local(attempt(1)))
    reserve_staged(mounts.local(attempt(2)))
    mounts.local(attempt(2)).write_bytes(b"proxy")

    assert remove_staged(mounts=mounts, staged=attempt(1)) is False
    assert sorted(path.name for path in (tmp_path / "out/.proxx").iterdir()) == [
        "job.00002.01234567.2.9b1deb4d.mov",
        "job.00002.01234567.2.9b1deb4d.mov.json.tmp",
    ]


def test_removing_what_is_not_there_is_no_error(mounts: MountTable) -> None:
    assert remove_staged(mounts=mounts, staged=attempt(1)) is False


def test_only_staged_files_can_be_removed(mounts: MountTable, tmp_path: Path) -> None:
    (tmp_path / "out/A001.mov").write_bytes(b"footage")

    with pytest.raises(NotStagedError, match=r"'out/A001.mov' does not lie in a .proxx directory"):
        remove_staged(mounts=mounts, staged=RootPath(root="media", path="out/A001.mov"))
    with pytest.raises(MountError):
        remove_staged(mounts=mounts, staged=RootPath(root="media", path="../.proxx/x"))
    assert (tmp_path / "out/A001.mov").read_bytes() == b"footage"


def test_a_journal_gives_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "staged.mov.json"

    write_journal(path=path, journal=a_journal())

    assert read_journal(path) == a_journal()
    assert [item.name for item in tmp_path.iterdir()] == ["staged.mov.json"]


def changed(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        write_journal(path=path, journal=a_journal())
        path.write_bytes(change(path.read_bytes()))

    return make


@pytest.mark.parametrize(
    "make",
    [
        changed(lambda text: text[:200]),
        changed(lambda text: text + b" "),
        changed(lambda text: text.replace(b'"epoch":3', b'"epoch":3,"epoch":3')),
        changed(lambda text: text.replace(b'"epoch":3', b'"epoch":3,"more":1')),
        changed(lambda text: text.replace(b'"epoch":3', b'"epoch":"3"')),
        changed(lambda text: text.replace(b'"duration":"4/1"', b'"duration":"1e999999999"')),
        changed(lambda text: text.replace(b'"duration":"4/1"', b'"duration":"4/0"')),
        changed(lambda text: text.replace(b'"encode_seconds":1.0', b'"encode_seconds":NaN')),
        changed(lambda text: text.replace(b'"encode_seconds":1.0', b'"encode_seconds":' + b"9" * 4000)),
        changed(lambda _: b"[" * 100_000),
        changed(lambda _: b"\xff\xfe"),
        changed(lambda text: text + b" " * LIMIT_BYTES),
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: os.mkfifo(path),
        lambda path: path.mkdir(),
    ],
    ids=[
        "half of it", "a space more", "a field twice", "a field more", "another type", "a fraction without end",
        "a fraction of nothing", "no number", "a number out of range", "deep", "no text", "too long", "a link",
        "a pipe", "a directory",
    ],
)  # fmt: skip
def test_anything_but_a_journal_as_it_was_written_is_no_journal(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "staged.mov.json"
    make(path)

    with pytest.raises(JournalError):
        read_journal(path)


def test_what_a_render_left_goes_with_the_staged_file(tmp_path: Path) -> None:
    staged = tmp_path / "out/.proxx/job.mov"
    reserve_staged_in(tmp_path, staged)
    place = make_render_place(staged)
    (place / "deeper").mkdir()
    (place / "deeper/half.mov").write_bytes(b"half")

    removed = remove_staged(
        mounts=MountTable({"media": tmp_path}), staged=RootPath(root="media", path="out/.proxx/job.mov")
    )

    assert (removed, list((tmp_path / "out").iterdir())) == (False, [])


def test_a_render_takes_the_staged_name_and_its_place_is_gone(tmp_path: Path) -> None:
    staged = tmp_path / "job.mov"
    place = make_render_place(staged)
    (place / "A001.mov").write_bytes(b"a proxy")
    (place / "A001.log").write_bytes(b"and more")

    take_render(file=place / "A001.mov", staged=staged)

    assert (staged.read_bytes(), list(tmp_path.iterdir())) == (b"a proxy", [staged])


def test_a_render_never_replaces(tmp_path: Path) -> None:
    staged = tmp_path / "job.mov"
    place = make_render_place(staged)
    (place / "A001.mov").write_bytes(b"a proxy")
    staged.write_bytes(b"another")

    with pytest.raises(FileExistsError):
        take_render(file=place / "A001.mov", staged=staged)

    assert staged.read_bytes() == b"another"


def reserve_staged_in(root: Path, staged: Path) -> None:
    (root / "out").mkdir()
    reserve_staged(staged)
