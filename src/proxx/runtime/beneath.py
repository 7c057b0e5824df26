"""Opening below a directory that is held open, never through a link that leads out of it, whoever renames meanwhile.

Linux does it in one call, openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS. Where there is none (older
kernels, a sandbox that forbids it, macOS), and for a link with an absolute target, every component is opened by itself,
never following, and the links are read and followed here: each step starts from a directory that is open already, so
nothing that is renamed or replaced in between can lead it out.
"""

import ctypes
import errno
import os
import stat
import sys
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache
from pathlib import Path, PurePosixPath

from proxx.runtime import open_flags

SYS_OPENAT2 = 437
"""Of every architecture of Linux but alpha (include/uapi/asm-generic/unistd.h)."""

RESOLVE_NO_MAGICLINKS = 0x02
RESOLVE_NO_SYMLINKS = 0x04
RESOLVE_BENEATH = 0x08

MOST_LINKS = 40
"""As many links as the kernel follows in one path (path_resolution(7))."""

MOST_TRIES = 16
"""The kernel gives up with EAGAIN when something was renamed meanwhile; then it is asked again so often."""

_DIRECTORY = open_flags.PATH_ONLY | open_flags.DIRECTORY | open_flags.CLOSE_ON_EXEC
_ABSENT = frozenset({errno.ENOSYS, errno.EPERM, errno.E2BIG})
"""What a kernel, or a sandbox around it, says that has no such call (a rule of the file system says EACCES)."""


class Links(Enum):
    """Which symbolic links are followed."""

    INSIDE = "inside"
    NONE = "none"


class LeadsOutError(OSError):
    """A symbolic link leads out of the directory below which a path was to be opened."""

    def __init__(self, path: str) -> None:
        """Name the path."""
        super().__init__(errno.EXDEV, "a symbolic link on the way leads out of its root", path)


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def open_beneath(
    *, root: int, parts: Sequence[str], flags: int, root_path: Path, mode: int = 0o666, links: Links = Links.INSIDE
) -> int:
    """Return a descriptor of what lies at `parts` below the open directory `root`; no parts: the directory itself.

    `flags` are those of os.open; with O_NOFOLLOW or O_CREAT the last component is not followed. `root_path` is where
    `root` lies: an absolute link to below it is followed, too, unless `links` says none.

    Raises:
        LeadsOutError: a link leads out.
        OSError: as os.open; ELOOP for a link that is not followed.
    """
    if kernel_opens_beneath():
        try:
            return openat2(root=root, parts=parts, flags=flags, mode=mode, links=links)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EAGAIN):
                raise
    return walk_beneath(root=root, parts=parts, flags=flags, root_path=root_path, mode=mode, links=links)


def openat2(*, root: int, parts: Sequence[str], flags: int, mode: int, links: Links) -> int:
    """Do what open_beneath does by the kernel's own call. An absolute link is EXDEV, wherever it leads.

    Raises:
        OSError: as open_beneath; EAGAIN where something was renamed again and again.
    """
    path = "/".join(parts) or "."
    if "\0" in path:
        raise ValueError("embedded null character")  # as os.open; the kernel would read no further
    resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS
    if links is Links.NONE:
        resolve |= RESOLVE_NO_SYMLINKS
    how = _OpenHow(flags | open_flags.CLOSE_ON_EXEC, mode if flags & os.O_CREAT else 0, resolve)
    for _ in range(MOST_TRIES):
        found = _library().syscall(
            SYS_OPENAT2, root, os.fsencode(path), ctypes.byref(how), ctypes.c_size_t(ctypes.sizeof(how))
        )
        if found >= 0:
            return int(found)
        number = ctypes.get_errno()
        if number not in (errno.EAGAIN, errno.EINTR):
            break
    raise OSError(number, os.strerror(number), path)


def walk_beneath(
    *, root: int, parts: Sequence[str], flags: int, root_path: Path, mode: int = 0o666, links: Links = Links.INSIDE
) -> int:
    """Do what open_beneath does, one component at a time, on any system with directory descriptors.

    Raises:
        LeadsOutError, OSError: as open_beneath.
    """
    walk = _Walk(root=root, parts=parts, root_path=root_path, links=links)
    try:
        return walk.open(flags | open_flags.CLOSE_ON_EXEC, mode)
    finally:
        walk.close()


class _Walk:
    """One way down, with every directory on it open."""

    def __init__(self, *, root: int, parts: Sequence[str], root_path: Path, links: Links) -> None:
        self._path = "/".join(parts)
        self._names = deque(parts)
        self._root_path = root_path
        self._links = links
        self._followed = 0
        self._opened = [os.open(".", _DIRECTORY, dir_fd=root)]

    def close(self) -> None:
        for descriptor in self._opened:
            os.close(descriptor)

    def open(self, flags: int, mode: int) -> int:
        stay = bool(flags & (open_flags.NO_FOLLOW | os.O_CREAT))
        while self._names:
            name = self._names.popleft()
            if name == "..":
                self._up()
                continue
            last = not self._names
            found, target = self._step(name, flags if last else _DIRECTORY, mode)
            if target is not None:
                self._follow(target, refused=last and stay)
            elif last:
                return found
            else:
                self._opened.append(found)
        return os.open(".", flags & ~open_flags.NO_FOLLOW, dir_fd=self._opened[-1])

    def _step(self, name: str, flags: int, mode: int) -> tuple[int, str | None]:
        """Open one component by itself; return its descriptor, or where the link leads that it is."""
        directory = self._opened[-1]
        try:
            found = os.open(name, flags | open_flags.NO_FOLLOW, mode, dir_fd=directory)
        except OSError as error:
            return -1, _link_at(name, directory, error)
        if not flags & open_flags.PATH_ONLY or not stat.S_ISLNK(os.fstat(found).st_mode):
            return found, None
        os.close(found)
        return -1, os.readlink(name, dir_fd=directory)

    def _follow(self, target: str, *, refused: bool) -> None:
        self._followed += 1
        if refused or self._links is Links.NONE or self._followed > MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), self._path)
        parts = _plain(target)
        if target.startswith("/"):
            self._restart([*parts, *self._names])
        else:
            self._names.extendleft(reversed(parts))

    def _up(self) -> None:
        if len(self._opened) > 1:
            os.close(self._opened.pop())
            return
        above = 1
        while self._names and self._names[0] == "..":
            self._names.popleft()
            above += 1
        self._restart([*_plain(os.path.realpath(self._root_path))[:-above], *self._names])

    def _restart(self, absolute: list[str]) -> None:
        """Go on from the root to an absolute path, if it begins with where the root lies."""
        base = _plain(os.path.realpath(self._root_path))
        depth = len(base)
        if absolute[:depth] != base:
            raise LeadsOutError(self._path)
        while len(self._opened) > 1:
            os.close(self._opened.pop())
        self._names = deque(absolute[depth:])


Opener = Callable[..., int]
"""What opens below a root: open_beneath, or walk_beneath where the kernel is not to be asked."""


@cache
def kernel_opens_beneath() -> bool:
    """Whether this kernel has openat2 and lets us call it (Linux 5.6 and up)."""
    if not sys.platform.startswith("linux"):
        return False
    root = os.open("/", _DIRECTORY)
    try:
        os.close(openat2(root=root, parts=(), flags=_DIRECTORY, mode=0, links=Links.NONE))
    except OSError as error:
        if error.errno in _ABSENT:
            return False
        raise
    finally:
        os.close(root)
    return True


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _link_at(name: str, directory: int, error: OSError) -> str:
    """Return where the link leads that could not be opened; raise what opening it raised where it is none."""
    if error.errno not in (errno.ELOOP, errno.ENOTDIR):
        raise error
    try:
        return os.readlink(name, dir_fd=directory)
    except OSError:
        raise error from None


def _plain(target: str) -> list[str]:
    return [part for part in PurePosixPath(target).parts if part not in ("/", "//")]
