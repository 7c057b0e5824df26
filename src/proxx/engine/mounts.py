"""Where this host has the storage roots mounted. Every path of a lease goes through here, none around it."""

import errno
import os
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from proxx.core.failure import FailureKind
from proxx.core.roots import RootPath
from proxx.core.staging import STAGING_DIRECTORY
from proxx.engine.errors import StepFailedError, failed
from proxx.runtime import open_flags
from proxx.runtime.beneath import LeadsOutError, Opener, open_beneath
from proxx.runtime.root_directory import RootDirectory, RootUnavailableError
from proxx.runtime.rooted_path import RootedPath
from proxx.runtime.where import CAN_STAY_INSIDE, Where, host_path, listed

_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EACCES})
"""What is told when the path itself is used; here only a link that leads out counts."""


class MountError(ValueError):
    """A root path that this host cannot or must not reach."""


class LinkLoopError(MountError):
    """A path behind symbolic links that lead in a circle."""


class StorageUnavailableError(MountError):
    """The root is mounted here, but its disk is not there: its marker is missing, or that of another root."""


def mount_failure(error: MountError, kind: FailureKind, *, what: str = "") -> StepFailedError:
    """Return the failure of a step that a path stops: `kind`, or STORAGE_UNAVAILABLE where its root is not there."""
    unavailable = isinstance(error, StorageUnavailableError)
    return failed(FailureKind.STORAGE_UNAVAILABLE if unavailable else kind, f"{what}{error}")


class MountTable:
    """Root names and the local directories they are mounted at.

    A root with a marker is there only while its marker is (docs/PATHS.md).
    """

    def __init__(
        self,
        mounts: Mapping[str, Path],
        *,
        markers: Mapping[str, str] | None = None,
        opener: Opener = open_beneath,
    ) -> None:
        """Take absolute local directories by root name, and what the markers of some of them must say.

        Raises:
            ValueError: a directory is not absolute, or a marker is one of no root.
        """
        for name, directory in mounts.items():
            if not directory.is_absolute():
                raise ValueError(f"root {name!r}: mount {str(directory)!r} is not an absolute path")
        wanted = markers or {}
        if strange := sorted(set(wanted) - set(mounts)):
            raise ValueError(f"root {strange[0]!r} has a marker and is not mounted here")
        self._mounts = {
            name: RootDirectory(directory, wanted.get(name, ""), opener) for name, directory in mounts.items()
        }

    @property
    def roots(self) -> tuple[str, ...]:
        """The names of the roots mounted, sorted."""
        return tuple(sorted(self._mounts))

    @property
    def marked(self) -> bool:
        """Whether any of them has a marker."""
        return any(directory.marker for directory in self._mounts.values())

    def absent(self) -> Mapping[str, str]:
        """Return the roots whose marker is not as it must be, and why. Blocks for one look at each marker."""
        found = {}
        for name, directory in sorted(self._mounts.items()):
            if directory.marker:
                try:
                    os.close(directory.open())
                except OSError as error:
                    found[name] = f"{directory.path}: {error.strerror or error}"
        return found

    def rooted(self, path: RootPath) -> Where:
        """Return what our own code opens, makes, renames and removes `path` by, without ever leaving its root.

        A component that is not there, and is there in another Unicode form (macOS takes composed characters apart),
        is that one.

        Raises:
            MountError: the root is not mounted here, or the path is not a plain relative path.
        """
        directory = self._directory(path)
        parts = _parts(path)
        if not CAN_STAY_INSIDE:
            return directory.path.joinpath(*parts)
        plain = len(parts) - parts.index(STAGING_DIRECTORY) if STAGING_DIRECTORY in parts else 1
        found = RootedPath(directory, parts, plain)
        return found if path.path.isascii() else _as_spelt(found)

    def local(self, path: RootPath) -> Path:
        """Return the local path of `path`, for a tool. It may not exist yet.

        Symbolic links are followed for the comparison only: what is returned keeps the root's own spelling.

        Raises:
            LinkLoopError: symbolic links on the way lead in a circle.
            StorageUnavailableError: the root's marker is not there.
            MountError: the root is not mounted here, the path is not a plain relative path, or a link leads out of
                the root.
        """
        where = self.rooted(path)
        if isinstance(where, RootedPath):
            _check_inside(where, path)
        else:
            _check_by_path(where, self._directory(path).path, path)
        return host_path(where)

    def _directory(self, path: RootPath) -> RootDirectory:
        if path.root not in self._mounts:
            raise MountError(f"root {path.root!r} is not mounted here (mounted: {', '.join(self.roots) or 'none'})")
        return self._mounts[path.root]


def _parts(path: RootPath) -> tuple[str, ...]:
    parts = tuple(path.path.split("/")) if path.path else ()
    if "\0" in path.path or any(part in ("", ".", "..") for part in parts):
        raise MountError(f"{path.path!r} below root {path.root!r} is not a plain relative path")
    return parts


def _check_inside(where: RootedPath, path: RootPath) -> None:
    """Open what is there, the nearest directory above where nothing is, and see whether a link leads out."""
    flags = open_flags.PATH_ONLY or open_flags.READ | open_flags.NO_WAIT
    for length in range(len(where.parts), -1, -1):
        try:
            os.close(where.root.open_below(where.parts[:length], flags=flags))
        except RootUnavailableError as error:
            message = f"root {path.root!r} is not available: {error.filename}: {error.strerror}"
            raise StorageUnavailableError(message) from error
        except LeadsOutError as error:
            raise MountError(f"{path.path!r} leads out of root {path.root!r} through a symbolic link") from error
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise LinkLoopError(f"{path.path!r} lies behind symbolic links that lead in a circle") from error
            if error.errno not in _NOT_THERE:
                raise MountError(f"{path.path!r} below root {path.root!r} cannot be resolved: {error}") from error
        else:
            return


def _check_by_path(local: Path, mount: Path, path: RootPath) -> None:
    try:
        inside = local.resolve().is_relative_to(mount.resolve())
    except RuntimeError as error:
        raise LinkLoopError(f"{path.path!r} lies behind symbolic links that lead in a circle") from error
    except OSError as error:
        raise MountError(f"{path.path!r} below root {path.root!r} cannot be resolved: {error}") from error
    if not inside:
        raise MountError(f"{path.path!r} leads out of root {path.root!r} through a symbolic link")


def _as_spelt(path: RootedPath) -> RootedPath:
    """Return the path with the names that its directories have, where those are the same but for their Unicode form."""
    parts: tuple[str, ...] = ()
    for number, part in enumerate(path.parts):
        parts = (*parts, part)
        if part.isascii():
            continue
        try:
            RootedPath(path.root, parts).lstat()
        except FileNotFoundError:
            other = _other_form(RootedPath(path.root, parts))
            if other is None:
                return RootedPath(path.root, (*parts, *path.parts[number + 1 :]), path.plain)
            parts = (*parts[:-1], other)
        except OSError:
            return RootedPath(path.root, (*parts, *path.parts[number + 1 :]), path.plain)
    return RootedPath(path.root, parts, path.plain)


def _other_form(path: RootedPath) -> str | None:
    """Return the one name in the directory that is this one in another Unicode form."""
    wanted = unicodedata.normalize("NFC", path.name)
    try:
        with listed(path.parent) as entries:
            found = [entry.name for entry in entries if unicodedata.normalize("NFC", entry.name) == wanted]
    except OSError:
        return None
    return found[0] if len(found) == 1 else None
