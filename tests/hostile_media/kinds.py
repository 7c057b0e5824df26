"""Things with the name of a clip that are no plain file, and files that never end."""

import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hostile_media.case import COMPLETED, REFUSED, End, HostileCase, Studio

Make = Callable[[Path, Studio], Path]
GROUP = "no plain file"


def kind_cases() -> Iterator[HostileCase]:
    """All of them. Devices need root; without it they stand for themselves through a link."""
    for name, write, says in (
        ("directory.mov", _directory, "SOURCE_NOT_A_FILE|holds no clip"),
        ("pipe.mov", _pipe, "a named pipe"),
        ("socket.mov", _socket, "a socket"),
        ("zero.mov", _device(1, 5), "a character device"),
        ("random.ts", _device(1, 9), "a character device"),
        ("link-to-zero.mov", _link("/dev/zero"), "PATH_OUTSIDE_ROOTS"),
        ("link-to-stdin.mov", _link("/proc/self/fd/0"), ""),
        ("link-to-circle.mov", _circle, "in a circle"),
        ("link-to-nothing.mov", _link("nothing"), "SOURCE_MISSING"),
        ("link-to-environ.mov", _link("/proc/self/environ"), "PATH_OUTSIDE_ROOTS"),
        ("empty.mov", _empty, "SOURCE_EMPTY"),
    ):
        yield _case(name, write, REFUSED, says)
    yield _case("link-to-secret-text.mov", _link_to_secret, REFUSED, "PATH_OUTSIDE_ROOTS")
    yield _case("hard-link.mov", _hard_link, COMPLETED, "")


def _case(name: str, write: Callable[[Path, Studio, str], Path], ends: frozenset[End], says: str) -> HostileCase:
    made: Make = lambda directory, studio: write(directory, studio, name)  # noqa: E731
    return HostileCase(group=GROUP, name=name, write=made, ends=ends, says=says)


def _directory(directory: Path, studio: Studio, name: str) -> Path:
    path = directory / name
    path.mkdir()
    (path / "a.mov").write_bytes(studio.clip("base.mov"))
    return path


def _pipe(directory: Path, studio: Studio, name: str) -> Path:
    os.mkfifo(directory / name)
    return directory / name


def _socket(directory: Path, studio: Studio, name: str) -> Path:
    here = Path.cwd()
    with socket.socket(socket.AF_UNIX) as made:
        os.chdir(directory)  # a socket's path may have 107 bytes only
        try:
            made.bind(name)
        finally:
            os.chdir(here)
    return directory / name


def _device(major: int, minor: int) -> Callable[[Path, Studio, str], Path]:
    def write(directory: Path, studio: Studio, name: str) -> Path:
        try:
            os.mknod(directory / name, stat.S_IFCHR | 0o666, os.makedev(major, minor))
        except PermissionError:
            (directory / name).symlink_to({5: "/dev/zero", 9: "/dev/urandom"}[minor])
        return directory / name

    return write


def _link(target: str) -> Callable[[Path, Studio, str], Path]:
    def write(directory: Path, studio: Studio, name: str) -> Path:
        (directory / name).symlink_to(target)
        return directory / name

    return write


def _link_to_secret(directory: Path, studio: Studio, name: str) -> Path:
    (directory / name).symlink_to(studio.secret)
    return directory / name


def _circle(directory: Path, studio: Studio, name: str) -> Path:
    (directory / name).symlink_to("other.mov")
    (directory / "other.mov").symlink_to(name)
    return directory / name


def _empty(directory: Path, studio: Studio, name: str) -> Path:
    (directory / name).touch()
    return directory / name


def _hard_link(directory: Path, studio: Studio, name: str) -> Path:
    (directory.parent / "original.mov").write_bytes(studio.clip("base.mov"))
    (directory / name).hardlink_to(directory.parent / "original.mov")
    return directory / name
