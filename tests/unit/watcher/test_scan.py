"""The scan of a real tree: what it finds, what it leaves alone, and what it does not look at again."""

import os
import time
from pathlib import Path

from proxx.core.units import UnitKind
from proxx_watcher.app.media_ports import FolderScan
from proxx_watcher.disk.scan import FolderScanner
from proxx_watcher.domain.selection import SelectionRules, Selector


def put(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def scanner(root: Path, rules: SelectionRules | None = None) -> FolderScanner:
    return FolderScanner(root=root, selector=Selector(rules or SelectionRules()))


def scanned(root: Path, rules: SelectionRules | None = None) -> FolderScan:
    return scanner(root, rules).scan(settled=(), reopened=(), full=True)


def names(scan: FolderScan) -> list[str]:
    return [sighting.path for sighting in scan.media]


def rest(directory: Path) -> None:
    """Let a directory look as if nothing happened in it for a minute."""
    moment = time.time() - 60
    os.utime(directory, (moment, moment))


def test_a_tree_is_scanned_in_the_order_of_bytes_with_everything_in_its_place(tmp_path: Path) -> None:
    for name in ("b.mov", "Z.MOV", "a/é.mp4", "a.mov.done", ".a.mov.Ab12Cd", "c.txt", "card.mhl", "a_001.R3D"):
        put(tmp_path / name)
    scan = scanned(tmp_path, SelectionRules(units=frozenset({UnitKind.R3D})))
    assert names(scan) == ["Z.MOV", "a/é.mp4", "b.mov"]
    groups = (scan.parts, scan.temporary, scan.markers, scan.lists)
    assert [[sighting.path for sighting in group] for group in groups] == [
        ["a_001.R3D"],
        [".a.mov.Ab12Cd"],
        ["a.mov.done"],
        ["card.mhl"],
    ]


def test_a_sighting_has_what_stat_says(tmp_path: Path) -> None:
    path = put(tmp_path / "a.mov", b"12345")
    (sighting,) = scanned(tmp_path).media
    state = path.stat()
    assert sighting.form == (5, state.st_mtime_ns, state.st_ctime_ns, state.st_dev, state.st_ino)
    assert sighting.allocated == state.st_blocks * 512


def test_links_loops_and_special_files_are_left_alone(tmp_path: Path) -> None:
    put(tmp_path / "real" / "a.mov")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.mov").symlink_to(tmp_path / "real" / "a.mov")
    (tmp_path / "folder.mov").mkdir()
    os.mkfifo(tmp_path / "pipe.mov")
    assert names(scanned(tmp_path)) == ["real/a.mov"]


def test_names_of_any_bytes_and_twins_in_case_are_files_like_others(tmp_path: Path) -> None:
    for name in (b"a\xff.mov", b"new\nline.mov", b"A.mov", b"a.mov", "\u202egpj.mov".encode()):
        put(tmp_path / os.fsdecode(name))
    assert names(scanned(tmp_path)) == ["A.mov", "a.mov", "a\udcff.mov", "new\nline.mov", "\u202egpj.mov"]


def test_a_directory_that_cannot_be_listed_is_a_fault_and_no_absence(tmp_path: Path) -> None:
    put(tmp_path / "shut" / "a.mov")
    put(tmp_path / "b.mov")
    opened = scanner(tmp_path)
    (tmp_path / "shut").chmod(0)
    try:
        scan = opened.scan(settled=(), reopened=(), full=True)
    finally:
        (tmp_path / "shut").chmod(0o700)
    if os.geteuid() == 0:
        assert scan.faults == ()  # nothing is shut to root
    else:
        assert (names(scan), scan.faults) == (["b.mov"], (("shut", "Permission denied"),))


def test_only_the_first_level_is_scanned_when_the_folder_says_so(tmp_path: Path) -> None:
    for name in ("a.mov", "A/b.mov", "ascmhl/0001.mhl"):
        put(tmp_path / name)
    scan = scanned(tmp_path, SelectionRules(recursive=False))
    assert (names(scan), [sighting.path for sighting in scan.lists]) == (["a.mov"], ["ascmhl/0001.mhl"])


def test_settled_files_of_a_directory_at_rest_are_not_looked_at_again(tmp_path: Path) -> None:
    for name in ("settled.mov", "open.mov", "part_001.R3D"):
        put(tmp_path / "A" / name)
    rest(tmp_path / "A")
    rest(tmp_path)
    again = scanner(tmp_path, SelectionRules(units=frozenset({UnitKind.R3D})))
    again.scan(settled=(), reopened=(), full=True)
    scan = again.scan(settled=("A/settled.mov", "A/part_001.R3D"), reopened=(), full=False)
    assert (names(scan), scan.parts, scan.quiet_parts) == (["A/open.mov"], (), {"A/part_001.R3D"})
    assert names(again.scan(settled=(), reopened=(), full=False)) == ["A/open.mov"]
    assert names(again.scan(settled=(), reopened=("A/settled.mov",), full=False)) == ["A/open.mov", "A/settled.mov"]


def test_everything_in_a_directory_that_changed_is_looked_at(tmp_path: Path) -> None:
    for name in ("A/settled.mov", "B/settled.mov"):
        put(tmp_path / name)
    for directory in (tmp_path / "A", tmp_path / "B", tmp_path):
        rest(directory)
    again = scanner(tmp_path)
    again.scan(settled=(), reopened=(), full=True)
    assert names(again.scan(settled=("A/settled.mov", "B/settled.mov"), reopened=(), full=False)) == []
    put(tmp_path / "A" / "new.mov")
    assert names(again.scan(settled=(), reopened=(), full=False)) == ["A/new.mov", "A/settled.mov"]
    assert names(again.scan(settled=(), reopened=(), full=True)) == ["A/new.mov", "A/settled.mov", "B/settled.mov"]


def test_a_directory_that_changed_a_moment_ago_is_listed_again(tmp_path: Path) -> None:
    put(tmp_path / "a.mov")
    again = scanner(tmp_path)
    again.scan(settled=(), reopened=(), full=True)
    assert names(again.scan(settled=("a.mov",), reopened=(), full=False)) == ["a.mov"]


def test_a_file_that_cannot_be_looked_at_is_a_fault_and_no_absence(memory_path: Path) -> None:
    far = deepest(memory_path)
    (seen,) = scanned(memory_path).faults
    assert seen == (f"{far}/{'f' * 200}.mov", "File name too long")


def deepest(root: Path) -> str:
    """Make a file in a directory whose path below the root is too long for one call."""
    levels = [f"{number:02d}{'d' * 248}" for number in range(4096 // 251 + 1)]
    place = os.open(root, os.O_RDONLY)
    for level in levels:
        os.mkdir(level, dir_fd=place)
        below = os.open(level, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(os.open(f"{'f' * 200}.mov", os.O_WRONLY | os.O_CREAT, dir_fd=place))
    os.close(place)
    return "/".join(levels)
