"""Where this host has the storage roots mounted. Every path of a lease goes through here, none around it."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from proxx.core.roots import RootPath


class MountError(ValueError):
    """A root path that this host cannot or must not reach."""


class LinkLoopError(MountError):
    """A path behind symbolic links that lead in a circle."""


class MountTable:
    """Root names and the local directories they are mounted at."""

    def __init__(self, mounts: Mapping[str, Path]) -> None:
        """Take absolute local directories by root name.

        Raises:
            ValueError: a directory is not absolute.
        """
        for name, directory in mounts.items():
            if not directory.is_absolute():
                raise ValueError(f"root {name!r}: mount {str(directory)!r} is not an absolute path")
        self._mounts = dict(mounts)

    @property
    def roots(self) -> tuple[str, ...]:
        """The names of the roots mounted, sorted."""
        return tuple(sorted(self._mounts))

    def local(self, path: RootPath) -> Path:
        """Return the local path of `path`. It may not exist yet.

        Symbolic links are followed for the comparison only: what is returned keeps the root's own spelling.

        Raises:
            LinkLoopError: symbolic links on the way lead in a circle.
            MountError: the root is not mounted here, the path is not a plain relative path, or a link leads out of
                the root.
        """
        if path.root not in self._mounts:
            raise MountError(f"root {path.root!r} is not mounted here (mounted: {', '.join(self.roots) or 'none'})")
        mount = self._mounts[path.root]
        if not path.path:
            return mount
        parts = path.path.split("/")
        if "\0" in path.path or any(part in ("", ".", "..") for part in parts):
            raise MountError(f"{path.path!r} below root {path.root!r} is not a plain relative path")
        local = mount / PurePosixPath(*parts)
        try:
            inside = local.resolve().is_relative_to(mount.resolve())
        except RuntimeError as error:
            raise LinkLoopError(f"{path.path!r} lies behind symbolic links that lead in a circle") from error
        except OSError as error:
            raise MountError(f"{path.path!r} below root {path.root!r} cannot be resolved: {error}") from error
        if not inside:
            raise MountError(f"{path.path!r} leads out of root {path.root!r} through a symbolic link")
        return local
