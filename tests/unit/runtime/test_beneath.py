"""Opening below a directory: the kernel's call and our own walk agree, and nothing leads out."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxx.runtime import open_flags
from proxx.runtime.beneath import LeadsOutError, Links, Opener, kernel_opens_beneath, open_beneath, walk_beneath
from proxx.runtime.root_directory import RootDirectory
from proxx.runtime.rooted_path import RootedPath

OPENERS = [
    pytest.param(open_beneath, id="openat2" if kernel_opens_beneath() else "the walk again"),
    pytest.param(walk_beneath, id="the walk"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "a/b").mkdir(parents=True)
    (root / "a/b/file").write_bytes(b"inside")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/file").write_bytes(b"outside")
    for name, target in (
        ("to_b", "a/b"),
        ("to_file", "a/b/file"),
        ("absolute", str(root / "a")),
        ("a/round", "../../tree/a/b"),
        ("here", "."),
        ("a/escape", "../../out"),
        ("far", str(tmp_path / "out")),
        ("etc", "/etc"),
        ("loop", "loop"),
        ("nothing", "a/none"),
    ):
        (root / name).symlink_to(target)
    return root


@pytest.fixture
def root(tree: Path) -> Iterator[int]:
    descriptor = os.open(tree, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def seen(opener: Opener, root: int, tree: Path, path: str, *, flags: int = 0, links: Links = Links.INSIDE) -> object:
    try:
        found = opener(root=root, parts=path.split("/"), flags=os.O_RDONLY | flags, root_path=tree, links=links)
    except LeadsOutError:
        return LeadsOutError
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    try:
        return os.read(found, 20)
    finally:
        os.close(found)


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a/b/file", b"inside"),
        ("to_b/file", b"inside"),
        ("to_file", b"inside"),
        ("absolute/b/file", b"inside"),
        ("a/round/file", b"inside"),
        ("here/to_file", b"inside"),
        ("a/escape/file", LeadsOutError),
        ("far/file", LeadsOutError),
        ("etc/passwd", LeadsOutError),
        ("loop", "ELOOP"),
        ("nothing", "ENOENT"),
        ("none/file", "ENOENT"),
        ("a/b/file/more", "ENOTDIR"),
    ],
)
def test_links_are_followed_as_long_as_they_stay_inside(
    opener: Opener, path: str, found: object, root: int, tree: Path
) -> None:
    assert seen(opener, root, tree, path) == found


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize("path", ["to_b/file", "to_file", "absolute/b/file", "far/file", "loop"])
def test_where_no_link_is_to_be_followed_none_is(opener: Opener, path: str, root: int, tree: Path) -> None:
    assert seen(opener, root, tree, path, links=Links.NONE) == "ELOOP"


@pytest.mark.parametrize("opener", OPENERS)
def test_the_last_component_is_not_followed_when_that_is_asked(opener: Opener, root: int, tree: Path) -> None:
    found = [seen(opener, root, tree, path, flags=os.O_NOFOLLOW) for path in ("to_file", "etc", "to_b/file")]

    assert found == ["ELOOP", "ELOOP", b"inside"]


@pytest.mark.parametrize("opener", OPENERS)
def test_no_descriptor_is_left_open(opener: Opener, root: int, tree: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in ("a/b/file", "a/round/file", "far/file", "loop", "none/file", "absolute/b/file"):
        seen(opener, root, tree, path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("opener", OPENERS)
def test_the_whole_host_is_a_root_too(opener: Opener, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "file").write_bytes(b"x")
    place = RootedPath(RootDirectory(Path("/"), "", opener), (*(tmp_path / "link/file").parts[1:],))

    assert (place.lstat().st_ino, str(place)) == ((tmp_path / "file").stat().st_ino, str(tmp_path / "link/file"))


@pytest.mark.parametrize("opener", OPENERS)
def test_a_name_that_ends_early_for_the_kernel_is_refused(opener: Opener, root: int, tree: Path) -> None:
    with pytest.raises(ValueError, match="null"):
        opener(root=root, parts=("a\0b",), flags=os.O_RDONLY, root_path=tree)


def test_a_rooted_path_makes_and_removes_only_inside(tree: Path) -> None:
    root = RootDirectory(tree)
    inside, outside = RootedPath(root, ("to_b", "new")), RootedPath(root, ("far", "new"))

    os.close(inside.open(os.O_WRONLY | os.O_CREAT | os.O_EXCL | open_flags.CLOSE_ON_EXEC))
    assert (tree / "a/b/new").exists()
    inside.unlink()
    assert not (tree / "a/b/new").exists()
    for call in (outside.mkdir, outside.unlink, outside.rmdir, outside.lstat, outside.exists):
        with pytest.raises(LeadsOutError) as caught:
            call()
        assert caught.value.filename == str(tree / "far/new")


def test_the_last_components_of_a_rooted_path_may_be_plain(tree: Path) -> None:
    root = RootDirectory(tree)

    assert RootedPath(root, ("to_b", "file")).lstat().st_size == len(b"inside")
    with pytest.raises(OSError, match="symbolic links"):
        RootedPath(root, ("to_b", "file"), 2).lstat()
