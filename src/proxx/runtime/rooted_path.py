"""A path below a root, used without ever leaving the root.

Every call opens the directory that holds the name beneath the root (beneath.py) and does its work in that directory,
by the name alone. So no call reads, makes, renames or removes anything outside, whatever is renamed or replaced by a
link between two calls or within one. It is no os.PathLike on purpose: nothing can open it by accident.
"""

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from proxx.runtime import open_flags
from proxx.runtime.beneath import Links
from proxx.runtime.root_directory import RootDirectory

_HOLD = open_flags.PATH_ONLY | open_flags.DIRECTORY


@dataclass(frozen=True, slots=True)
class RootedPath:
    """What pathlib.Path has, as far as it is needed here. Raises OSError as that does, with the whole path in it.

    Links that stay inside the root are followed, but the last `plain` components never are when they are made, looked
    at or removed.
    """

    root: RootDirectory
    parts: tuple[str, ...]
    plain: int = 1

    def __str__(self) -> str:
        """Return the path on this host."""
        return str(self.path)

    def __truediv__(self, name: str) -> "RootedPath":
        """Return the path of `name` in this directory; it may have several components."""
        names = name.split("/")
        return replace(self, parts=(*self.parts, *names), plain=self.plain + len(names) if self.plain > 1 else 1)

    @property
    def path(self) -> Path:
        """The path on this host, for the tools that get one, and for messages."""
        return self.root.path.joinpath(*self.parts)

    @property
    def name(self) -> str:
        """The last component."""
        return self.parts[-1] if self.parts else self.root.path.name

    @property
    def parent(self) -> "RootedPath":
        """The directory that holds it; the root is its own."""
        return replace(self, parts=self.parts[:-1], plain=max(1, self.plain - 1))

    def with_name(self, name: str) -> "RootedPath":
        """Return the path of another name in the same directory."""
        return replace(self, parts=(*self.parts[:-1], name))

    @contextlib.contextmanager
    def held(self) -> Iterator[tuple[int, str]]:
        """Hold the directory open while the block runs; yields its descriptor and the name in it.

        Errors of the block that name no whole path get this one.
        """
        with self._named():
            directory = self._open_parent()
            try:
                yield directory, self.parts[-1] if self.parts else "."
            finally:
                os.close(directory)

    def open(self, flags: int, mode: int = 0o666) -> int:
        """Return a descriptor, as os.open. With O_NOFOLLOW, or to make it, the last component is no link."""
        if flags & (open_flags.NO_FOLLOW | os.O_CREAT) or self.plain > 1:
            with self.held() as (directory, name):
                return os.open(name, flags | open_flags.NO_FOLLOW, mode, dir_fd=directory)
        with self._named():
            return self.root.open_below(self.parts, flags=flags, mode=mode)

    def lstat(self) -> os.stat_result:
        """Return what the file system says of it, of a link itself."""
        with self.held() as (directory, name):
            return os.stat(name, dir_fd=directory, follow_symlinks=False)

    def stat(self) -> os.stat_result:
        """Return what the file system says of it, of what a link leads to."""
        found = self.lstat()
        if not stat.S_ISLNK(found.st_mode):
            return found
        descriptor = self.open(open_flags.PATH_ONLY or open_flags.READ | open_flags.NO_WAIT)
        try:
            return os.fstat(descriptor)
        finally:
            os.close(descriptor)

    def unlink(self, *, missing_ok: bool = False) -> None:
        """Remove a file, or a link itself. With `missing_ok` one that is not there is fine."""
        try:
            with self.held() as (directory, name):
                os.unlink(name, dir_fd=directory)
        except FileNotFoundError:
            if not missing_ok:
                raise

    def rmdir(self) -> None:
        """Remove an empty directory."""
        with self.held() as (directory, name):
            os.rmdir(name, dir_fd=directory)

    def mkdir(self, mode: int = 0o777, *, exist_ok: bool = False) -> None:
        """Make a directory. With `exist_ok` one that stands there is fine, a link to one is not."""
        with self.held() as (directory, name):
            try:
                os.mkdir(name, mode, dir_fd=directory)
            except FileExistsError:
                found = os.stat(name, dir_fd=directory, follow_symlinks=False)
                if not exist_ok or not stat.S_ISDIR(found.st_mode):
                    raise

    def is_dir(self) -> bool:
        """Whether a directory is there, or a link to one."""
        found = self._state()
        return found is not None and stat.S_ISDIR(found.st_mode)

    def is_file(self) -> bool:
        """Whether a regular file is there, or a link to one."""
        found = self._state()
        return found is not None and stat.S_ISREG(found.st_mode)

    def is_symlink(self) -> bool:
        """Whether a link is there."""
        try:
            return stat.S_ISLNK(self.lstat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False

    def exists(self) -> bool:
        """Whether anything is there, at the end of a link if it is one."""
        return self._state() is not None

    def _state(self) -> os.stat_result | None:
        try:
            return self.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _open_parent(self) -> int:
        above = self.parts[:-1]
        linked = above[: len(self.parts) - self.plain] if self.plain > 1 else above
        directory = self.root.open_below(linked, flags=_HOLD)
        if len(linked) == len(above):
            return directory
        try:
            return self.root.open_below(above[len(linked) :], flags=_HOLD, links=Links.NONE, start=directory)
        finally:
            os.close(directory)

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if isinstance(error.filename, str) and error.filename.startswith("/"):
                raise
            if error.filename2 is not None:
                raise OSError(error.errno, error.strerror, str(self)) from error
            error.filename = str(self)
            raise
