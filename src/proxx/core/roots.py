"""Named storage roots: every path of a plan is (root, relative path), never a host's own path.

A root has a name and any number of spellings: how clients call it, on POSIX systems, with a drive letter, or as a
share. What lies below the root is written one way, whatever spelling named it (docs/PATHS.md).
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from proxx.core.client_path import (
    ClientPath,
    ClientPathError,
    RelativePathError,
    join_client_path,
    read_client_path,
)
from proxx.core.quoting import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class RootPath:
    """A path below a named root. `path` is relative, POSIX, without `.` or `..`; empty means the root itself."""

    root: str
    path: str

    def parent(self) -> "RootPath":
        """Return the directory that holds this path."""
        parent = str(PurePosixPath(self.path).parent)
        return RootPath(root=self.root, path="" if parent == "." else parent)

    def child(self, name: str) -> "RootPath":
        """Return the path `name` below this directory."""
        return RootPath(root=self.root, path=f"{self.path}/{name}" if self.path else name)

    @property
    def name(self) -> str:
        """The last component."""
        return PurePosixPath(self.path).name


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One spelling of a storage root: an absolute path as clients of one kind write it (`/` for a whole host).

    Several with the same name are spellings of one root.
    """

    name: str
    spelling: str


class UnmappedPathError(ValueError):
    """A path lies under no configured root."""


class RootTable:
    """The configured roots. The longest spelling wins; a path under none is refused, never guessed."""

    def __init__(self, roots: tuple[Root, ...]) -> None:
        """Take the spellings in any order.

        Raises:
            ValueError: a spelling is not absolute, two are one, or a root that lies in another can be named around.
        """
        self._roots = tuple(sorted(roots, key=lambda root: len(root.spelling), reverse=True))
        self._spellings: dict[tuple[str, ...], Root] = {}
        read = [(root, _spelling(root)) for root in roots]
        for root, path in read:
            other = self._spellings.setdefault(path.key(), root)
            if other is not root:
                raise ValueError(
                    f"two roots share a spelling: {other.name}={other.spelling} and {root.name}={root.spelling}"
                )
        self._refuse_ways_around(read)

    @property
    def roots(self) -> tuple[Root, ...]:
        """The spellings of all roots, longest first."""
        return self._roots

    @property
    def names(self) -> frozenset[str]:
        """The names of the roots."""
        return frozenset(root.name for root in self._roots)

    def resolve(self, path: str) -> RootPath:
        """Return `path` below the root with the longest spelling that covers it.

        Raises:
            UnmappedPathError: no root covers the path, or it is no absolute path of any kind.
        """
        try:
            found = self._find(read_client_path(path))
        except ClientPathError:
            found = None
        if found is not None:
            return found
        names = ", ".join(root.spelling for root in self._roots) or "none is configured"
        raise UnmappedPathError(f"{path} lies under no storage root ({names})")

    def spell(self, path: RootPath) -> str:
        """Return the client's spelling of a root path: below the spelling that was configured first.

        Raises:
            UnmappedPathError: the root is not configured.
        """
        for root in self._spellings.values():
            if root.name == path.root:
                return join_client_path(directory=root.spelling, name=path.path)
        raise UnmappedPathError(f"root {path.root!r} is not configured")

    def _find(self, path: ClientPath) -> RootPath | None:
        key = path.key()
        for length in range(len(key), 1, -1):
            root = self._spellings.get(key[:length])
            if root is not None:
                return RootPath(root=root.name, path="/".join(path.parts[length - 2 :]))
        return None

    def _refuse_ways_around(self, read: list[tuple[Root, ClientPath]]) -> None:
        """Refuse a root inside another that a spelling of the outer one reaches under the outer one's name.

        Its files would have two names, and two jobs could claim one output.
        """
        for inner, path in read:
            for length in range(2, len(path.key())):
                outer = self._spellings.get(path.key()[:length])
                if outer is not None:
                    self._refuse_way_around(inner, outer, below="/".join(path.parts[length - 2 :]))

    def _refuse_way_around(self, inner: Root, outer: Root, *, below: str) -> None:
        if outer.name == inner.name:
            raise ValueError(f"root {inner.name!r}: spelling {inner.spelling!r} lies in its own {outer.spelling!r}")
        for other in self._roots:
            needed = join_client_path(directory=other.spelling, name=below)
            if other.name == outer.name and self.resolve(needed) != RootPath(root=inner.name, path=""):
                raise ValueError(
                    f"root {inner.name!r} lies in {outer.name!r} as {inner.spelling!r}, so it needs the spelling "
                    f"{needed!r}, too: without it its files have two names"
                )


def _spelling(root: Root) -> ClientPath:
    if not root.name or not root.name.isprintable():
        raise ValueError(f"{quote(text=root.name)} is no name of a root")
    try:
        return read_client_path(root.spelling)
    except RelativePathError as error:
        raise ValueError(f"root {root.name!r}: spelling {root.spelling!r} is not absolute") from error
    except ClientPathError as error:
        raise ValueError(f"root {root.name!r}: spelling {root.spelling!r} is {error}") from error
