"""Which Proxx this is."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

_HASH = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The version of the package, and the commit when it runs from a git checkout."""

    version: str
    commit: str | None

    def __str__(self) -> str:
        """Version and short commit, for people."""
        return f"{self.version}+g{self.commit[:12]}" if self.commit else self.version


@cache
def current_version() -> Version:
    """Return the version of this installation.

    Raises:
        importlib.metadata.PackageNotFoundError: Proxx runs without having been installed.
    """
    return Version(version=metadata.version("proxx"), commit=commit_of(Path(__file__).resolve().parents[3]))


def commit_of(checkout: Path) -> str | None:
    """Return the commit that a git checkout stands at, by reading its files; None when it is none."""
    git = checkout / ".git"
    if git.is_file():  # a linked worktree names its directory
        git = checkout / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
    head = _text(git / "HEAD")
    if not head.startswith("ref: "):
        return _commit(head)
    name = head.removeprefix("ref: ")
    common = git / (_text(git / "commondir") or ".")
    found = _commit(_text(git / name)) or _commit(_text(common / name))
    if found:
        return found
    for line in _text(common / "packed-refs").splitlines():
        commit, _, packed_name = line.partition(" ")
        if packed_name == name:
            return _commit(commit)
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""  # not a checkout, or a branch without a commit


def _commit(text: str) -> str | None:
    return text if _HASH.fullmatch(text) else None
