"""Reading and changing the access file on disk."""

import hashlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from proxx.runtime.private_file import OWNER_ONLY, write_private_file

TOKEN_PREFIX = "proxx_"  # noqa: S105  what tokens begin with, so that they are found where they leaked
_RANDOM_BYTES = 32


class AccessChangedError(OSError):
    """Somebody else changed the file between reading and writing."""


def new_token() -> tuple[str, str]:
    """Return a new token of 256 random bits, and its sha256."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    return token, hashlib.sha256(token.encode("ascii")).hexdigest()


def change_file(path: Path, change: Callable[[str], str]) -> None:
    """Replace the text of a file by what `change` makes of it, at once and durably; links are followed.

    A file that is not there is "" and gets mode 0600; one that is keeps its mode and its owner.

    Raises:
        AccessChangedError: another one wrote it meanwhile; nothing was changed.
        OSError: it cannot be read or written.
        UnicodeDecodeError: it is no UTF-8.
    """
    place = path.resolve()
    before = _look(place)
    text = "" if before is None else place.read_text(encoding="utf-8")
    changed = change(text)
    mode = OWNER_ONLY if before is None else stat.S_IMODE(before.st_mode)
    owner = None if before is None else (before.st_uid, before.st_gid)
    if _mark(_look(place)) != _mark(before):
        raise AccessChangedError(f"{path}: changed while it was worked on; try again")
    write_private_file(path=place, content=changed.encode("utf-8"), replace=before is not None, mode=mode, owner=owner)


def _look(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _mark(found: os.stat_result | None) -> tuple[int, int, int] | None:
    return None if found is None else (found.st_ino, found.st_mtime_ns, found.st_size)
