"""Root paths on this host: inside their root, or refused with the fact."""

from pathlib import Path

import pytest

from proxx.core.roots import RootPath
from proxx.engine.mounts import MountError, MountTable


@pytest.fixture
def mounts(tmp_path: Path) -> MountTable:
    (tmp_path / "media" / "in").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    return MountTable({"media": tmp_path / "media"})


def media(path: str) -> RootPath:
    return RootPath(root="media", path=path)


def test_a_path_lies_below_its_mount_whether_it_exists_or_not(mounts: MountTable, tmp_path: Path) -> None:
    assert mounts.local(media("in/A001.mov")) == tmp_path / "media/in/A001.mov"
    assert mounts.local(media("")) == tmp_path / "media"


def test_the_whole_host_is_a_root_too() -> None:
    assert MountTable({"host": Path("/")}).local(RootPath(root="host", path="etc/hosts")) == Path("/etc/hosts")


def test_a_link_that_stays_inside_keeps_its_own_spelling(mounts: MountTable, tmp_path: Path) -> None:
    (tmp_path / "media/link").symlink_to("in")

    assert mounts.local(media("link/a.mov")) == tmp_path / "media/link/a.mov"


def test_an_unknown_root_is_refused_with_those_known(mounts: MountTable) -> None:
    with pytest.raises(MountError, match=r"root 'tape' is not mounted here \(mounted: media\)"):
        mounts.local(RootPath(root="tape", path="a"))


@pytest.mark.parametrize(
    "path",
    ["../secret", "in/../../secret", "/etc/passwd", "in//a", "./in", "in/.", "in/", "a\0b"],
    ids=["parent", "inner-parent", "absolute", "empty-part", "dot", "last-dot", "trailing-slash", "nul"],
)
def test_a_path_that_is_not_plainly_relative_is_refused(mounts: MountTable, path: str) -> None:
    with pytest.raises(MountError, match="is not a plain relative path"):
        mounts.local(media(path))


@pytest.mark.parametrize("target", ["..", "../secret", "/"], ids=["directory", "file", "absolute"])
def test_a_link_out_of_the_root_is_refused(mounts: MountTable, tmp_path: Path, target: str) -> None:
    (tmp_path / "media/out").symlink_to(target)

    with pytest.raises(MountError, match="leads out of root 'media' through a symbolic link"):
        mounts.local(media("out"))
    if target != "../secret":
        with pytest.raises(MountError, match="leads out of root 'media' through a symbolic link"):
            mounts.local(media("out/secret"))


def test_a_loop_of_links_is_refused(mounts: MountTable, tmp_path: Path) -> None:
    (tmp_path / "media/loop").symlink_to("loop")

    with pytest.raises(MountError, match="symbolic links that lead in a circle"):
        mounts.local(media("loop"))


def test_a_relative_mount_is_refused() -> None:
    with pytest.raises(ValueError, match="mount 'media' is not an absolute path"):
        MountTable({"media": Path("media")})


@pytest.mark.parametrize(
    ("asked", "there", "found"),
    [
        ("Cafe\u0301/a.mov", "Caf\u00e9/a.mov", "Caf\u00e9/a.mov"),
        ("Caf\u00e9/a.mov", "Cafe\u0301/a.mov", "Cafe\u0301/a.mov"),
        ("day/e\u0301.mov", "day/\u00e9.mov", "day/\u00e9.mov"),
        ("day/\u00e9.mov", "day/E.mov", "day/\u00e9.mov"),
    ],
    ids=["a folder taken apart", "a folder composed", "a file taken apart", "nothing of the name"],
)
def test_a_name_is_found_in_the_unicode_form_that_the_disk_has(
    mounts: MountTable, tmp_path: Path, asked: str, there: str, found: str
) -> None:
    place = tmp_path / "media" / there
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()

    assert mounts.local(media(asked)) == tmp_path / "media" / found


def test_a_name_that_is_there_as_asked_is_not_looked_for_in_another_form(mounts: MountTable, tmp_path: Path) -> None:
    for name in ("e\u0301.mov", "\u00e9.mov"):
        (tmp_path / "media" / name).touch()

    assert mounts.local(media("e\u0301.mov")) == tmp_path / "media/e\u0301.mov"
    assert mounts.local(media("\u00e9.mov")) == tmp_path / "media/\u00e9.mov"
