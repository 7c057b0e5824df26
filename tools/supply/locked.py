"""The lock files of both registries, as components with their digests."""

import base64
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

_PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?")
_DIGEST = re.compile(r"\s+--hash=sha256:([0-9a-f]{64})\s*\\?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """One package of a lock file. `digests` are hexadecimal, of `algorithm`: sha256 of each file that may be installed
    (Python), sha512 of the one archive (npm). `marker` says where it is installed, "" everywhere; `licence` is what an
    npm lock states."""

    name: str
    version: str
    algorithm: str
    digests: tuple[str, ...]
    marker: str = ""
    licence: str = ""
    optional: bool = False


class LockError(ValueError):
    """A lock file that cannot be read; the text says where."""


def read_python_lock(path: Path) -> tuple[Locked, ...]:
    """Return the packages of a lock file of pip, in its order.

    Raises:
        LockError: a line is no pin, no digest and no comment.
        OSError: it cannot be read.
    """
    found: list[Locked] = []
    digests: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if (digest := _DIGEST.fullmatch(line)) is not None and found:
            digests.append(digest[1])
            continue
        pin = _PIN.fullmatch(line)
        if pin is None:
            raise LockError(f"{path.name}, line {number}: expected a pin or a digest, got {line.strip()[:80]!r}")
        _close(found, digests)
        marker = (pin["marker"] or "").strip()
        found.append(Locked(name=pin["name"], version=pin["version"], algorithm="sha256", digests=(), marker=marker))
    _close(found, digests)
    return tuple(found)


def _close(found: list[Locked], digests: list[str]) -> None:
    if found:
        found[-1] = replace(found[-1], digests=tuple(digests))
    digests.clear()


def read_npm_lock(path: Path) -> tuple[Locked, ...]:
    """Return the packages of a package-lock.json (lockfileVersion 3), by name.

    Raises:
        LockError: it is of another version, or an entry lacks its version.
        OSError: it cannot be read.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    if document.get("lockfileVersion") != 3:
        raise LockError(f"{path.name}: expected lockfileVersion 3, got {document.get('lockfileVersion')!r}")
    found = []
    for place, entry in document["packages"].items():
        if not place:
            continue
        if "version" not in entry:
            raise LockError(f"{path.name}: {place} has no version")
        algorithm, _, digest = entry.get("integrity", "").partition("-")
        found.append(
            Locked(
                name=place.rpartition("node_modules/")[2],
                version=entry["version"],
                algorithm=algorithm,
                digests=(base64.b64decode(digest).hex(),) if digest else (),
                licence=entry.get("license", ""),
                optional=bool(entry.get("optional")),
            )
        )
    return tuple(sorted(found, key=lambda item: item.name))
