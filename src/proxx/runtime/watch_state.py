"""How a watch folder that nobody named is called, and where what is kept of it lies."""

import hashlib
import os
import re
from pathlib import Path

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
_CHARACTERS = 60
_DIGITS = 8


def folder_name(path: Path) -> str:
    """Return the name of a folder: the same for the same directory, links resolved, after every restart."""
    real = path.resolve()
    return f"{_plain(real.name)}-{_digest(os.fsencode(real))}"


def folder_state(*, state: Path, name: str) -> Path:
    """Return the directory below the state directory in which the ledger of a folder lies, by the folder's name."""
    plain = _plain(name)
    safe = plain == name and not name.startswith(".")
    return state / "watch" / (name if safe else f"{plain.lstrip('.')}-{_digest(name.encode())}")


def _plain(text: str) -> str:
    return _NOT_PLAIN.sub("_", text)[:_CHARACTERS] or "folder"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGITS]
