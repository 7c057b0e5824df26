"""Named storage roots: every path of a plan is (root, relative path), never a host's own path."""

from dataclasses import dataclass
from pathlib import PurePosixPath


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
    """A storage root and the spelling that clients use for it (absolute POSIX; `/` for the whole host)."""

    name: str
    spelling: str


class UnmappedPathError(ValueError):
    """A path lies under no configured root."""


class RootTable:
    """The configured roots. The longest spelling wins; a path under none is refused, never guessed."""

    def __init__(self, roots: tuple[Root, ...]) -> None:
        """Take the roots in any order.

        Raises:
            ValueError: a spelling is not absolute, or two roots share a name or a spelling.
        """
        for root in roots:
            if not root.spelling.startswith("/"):
                raise ValueError(f"root {root.name!r}: spelling {root.spelling!r} is not absolute")
        if len({root.name for root in roots}) != len(roots):
            raise ValueError("two roots share a name")
        if len({root.spelling.rstrip("/") for root in roots}) != len(roots):
            raise ValueError("two roots share a spelling")
        self._roots = tuple(sorted(roots, key=lambda root: len(root.spelling), reverse=True))
        self._prefixes = tuple((root, root.spelling.rstrip("/") + "/") for root in self._roots)

    @property
    def roots(self) -> tuple[Root, ...]:
        """The roots, longest spelling first."""
        return self._roots

    def resolve(self, path: str) -> RootPath:
        """Return `path` (absolute, already free of `.` and `..`) below the root with the longest spelling.

        Raises:
            UnmappedPathError: no root covers the path.
        """
        for root, prefix in self._prefixes:
            if path.startswith(prefix):
                return RootPath(root=root.name, path=path[len(prefix) :].strip("/"))
            if path.rstrip("/") == prefix[:-1]:
                return RootPath(root=root.name, path="")
        names = ", ".join(root.spelling for root in self._roots) or "none is configured"
        raise UnmappedPathError(f"{path} lies under no storage root ({names})")

    def spell(self, path: RootPath) -> str:
        """Return the client's spelling of a root path.

        Raises:
            UnmappedPathError: the root is not configured.
        """
        for root in self._roots:
            if root.name == path.root:
                return root.spelling.rstrip("/") + "/" + path.path
        raise UnmappedPathError(f"root {path.root!r} is not configured")
