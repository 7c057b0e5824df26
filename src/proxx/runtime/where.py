"""Where a file of ours lies: below a root that is never left, or, where a system has no such calls, at a plain path."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from proxx.runtime import open_flags
from proxx.runtime.rooted_path import RootedPath

Where = Path | RootedPath

CAN_STAY_INSIDE = os.open in os.supports_dir_fd and os.stat in os.supports_dir_fd and os.rename in os.supports_dir_fd
"""Whether this system works in directories that are held open. Windows does not."""


def host_path(where: Where) -> Path:
    """Return the path on this host, for a tool or a message."""
    return where.path if isinstance(where, RootedPath) else where


def open_at(where: Where, flags: int, mode: int = 0o666) -> int:
    """Return a descriptor, as os.open.

    Raises:
        OSError: as os.open.
    """
    return where.open(flags, mode) if isinstance(where, RootedPath) else os.open(where, flags, mode)


@contextlib.contextmanager
def held(where: Where) -> Iterator[tuple[int | None, str | Path]]:
    """Yield what the functions of os take as dir_fd and path while the block runs; no descriptor for a plain path.

    Raises:
        OSError: its directory cannot be opened.
    """
    if isinstance(where, RootedPath):
        with where.held() as place:
            yield place
    else:
        yield None, where


def replace_at(*, source: Where, target: Where) -> None:
    """Give `source` the name `target`, over whatever file has that.

    Raises:
        OSError: as os.replace.
    """
    with held(source) as (directory, name), held(target) as (other, wanted):
        os.replace(name, wanted, src_dir_fd=directory, dst_dir_fd=other)


def make_directories(where: Where, *, mode: int) -> None:
    """Make a directory with those above it, as far as they are not there.

    Raises:
        OSError: as os.makedirs with exist_ok.
    """
    if not isinstance(where, RootedPath):
        where.mkdir(mode=mode, parents=True, exist_ok=True)
        return
    try:
        where.mkdir(mode)
    except FileNotFoundError:
        if not where.parts:
            raise
        make_directories(where.parent, mode=0o777)
        make_directories(where, mode=mode)
    except OSError:
        if not where.is_dir():
            raise


def lexists(where: Where) -> bool:
    """Return whether anything has that name, a dangling link too.

    Raises:
        OSError: it cannot be looked at.
    """
    try:
        where.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


@contextlib.contextmanager
def listed(directory: Where) -> Iterator[Iterator["os.DirEntry[str]"]]:
    """Yield the entries of a directory, as os.scandir. Their paths are names where the directory lies below a root.

    Raises:
        OSError: it cannot be listed.
    """
    if not isinstance(directory, RootedPath):
        with os.scandir(directory) as entries:
            yield entries
        return
    descriptor = directory.open(open_flags.READ | open_flags.DIRECTORY)
    try:
        with os.scandir(descriptor) as found:
            yield found
    finally:
        os.close(descriptor)
