"""An absolute path as a client spells it: POSIX, with a drive letter (`M:\\media`), or of a share (`\\\\nas\\media`).

How a text begins says which it is, so a backslash in a POSIX name stays what it is: a character. Both separators count
in the spellings of Windows, and `//nas/media` is `\\\\nas\\media`. Nothing is normalised, repaired or guessed: a path
with `.`, `..` or an empty component is refused. Source: Microsoft, "Naming Files, Paths, and Namespaces"; POSIX.1-2017
4.13 leaves two leading slashes to the system.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from proxx.core.windows_names import component_fault, upper_name

_DRIVE = re.compile(r"([A-Za-z]:)[\\/]", re.ASCII)
_SHARE = re.compile(r"(?:\\[\\/]|//)(?=[^\\/])")
_WINDOWS_SEPARATOR = re.compile(r"[\\/]")


class PathKind(StrEnum):
    """How a client spells absolute paths."""

    POSIX = "posix"
    DRIVE = "drive"
    SHARE = "share"


class ClientPathError(ValueError):
    """A text is no absolute path of a client. Its text goes on behind "is …,": one clause."""


class RelativePathError(ClientPathError):
    """A text is no absolute path of any kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPath:
    """An absolute path, taken apart. `anchor` is `` for POSIX, `M:`, or `\\\\nas\\media`."""

    kind: PathKind
    anchor: str
    parts: tuple[str, ...]
    ends_with_separator: bool

    def key(self) -> tuple[str, ...]:
        """Return kind, anchor and parts as the client's system compares them: POSIX exactly, Windows without case."""
        if self.kind is PathKind.POSIX:
            return (self.kind, "", *self.parts)
        return (self.kind, upper_name(name=self.anchor), *(upper_name(name=part) for part in self.parts))


def path_kind(text: str) -> PathKind | None:
    """Return how an absolute path is spelt, None for one that is not absolute."""
    if _DRIVE.match(text) is not None:
        return PathKind.DRIVE
    if _SHARE.match(text) is not None:
        return PathKind.SHARE
    return PathKind.POSIX if text.startswith("/") else None


def read_client_path(text: str) -> ClientPath:
    """Take an absolute path apart.

    Raises:
        RelativePathError: it is not absolute.
        ClientPathError: it has a component that no path may have.
    """
    kind = path_kind(text)
    if kind is None:
        raise RelativePathError("a relative path; every path of a JobSpec is absolute")
    if kind is PathKind.POSIX:
        parts = _parts(text[1:].split("/"))
        return ClientPath(kind=kind, anchor="", parts=parts, ends_with_separator=text.endswith("/"))
    ends = text.endswith(("/", "\\"))
    if kind is PathKind.DRIVE:
        parts = _parts(_WINDOWS_SEPARATOR.split(text[3:]))
        anchor = text[:2]
    else:
        server, *parts_behind = _WINDOWS_SEPARATOR.split(text[2:])
        if server in (".", "?"):
            raise ClientPathError(f"a path in a device namespace (\\\\{server}\\); no path may be one")
        share, *below = parts_behind or [""]
        if not share:
            raise ClientPathError("a server without a share; a path of a share is \\\\server\\share\\…")
        _parts([server, share])
        parts = _parts(below) if below else ()
        anchor = f"\\\\{server}\\{share}"
        _refuse_windows((server, share))
    _refuse_windows(parts)
    return ClientPath(kind=kind, anchor=anchor, parts=parts, ends_with_separator=ends)


def join_client_path(*, directory: str, name: str) -> str:
    """Return the path of `name` (it may hold `/`) in a directory, with the separator of the directory's spelling."""
    if path_kind(directory) in (PathKind.POSIX, None):
        return f"{directory.rstrip('/')}/{name}"
    separator = "\\" if "\\" in directory else "/"
    return directory.rstrip("\\/") + separator + name.replace("/", separator)


def slashed(text: str) -> str:
    """Return a client's path with `/` between its components, whatever its kind: for rules about names in it."""
    return text if path_kind(text) in (PathKind.POSIX, None) else text.replace("\\", "/")


def client_name(text: str) -> str:
    """Return the last component of a client's path."""
    return slashed(text).rstrip("/").rpartition("/")[2]


def pure_path(text: str) -> PurePath:
    """Return a client's path as a path object of its own kind. A text that is no absolute path counts as POSIX."""
    return PurePosixPath(text) if path_kind(text) in (PathKind.POSIX, None) else PureWindowsPath(text)


def _parts(components: list[str]) -> tuple[str, ...]:
    """Return the components without the empty one behind a last separator."""
    if components and components[-1] == "":
        components = components[:-1]
    for component in components:
        if component in (".", ".."):
            raise ClientPathError(f'which has the component "{component}"; no path may')
    if "" in components:
        raise ClientPathError("which has an empty component (two slashes in a row); no path may")
    return tuple(components)


def _refuse_windows(components: tuple[str, ...]) -> None:
    for component in components:
        if fault := component_fault(name=component):
            raise ClientPathError(f"which has {fault}; no path of Windows may")
