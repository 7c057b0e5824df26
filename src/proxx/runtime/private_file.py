"""Files that only their owner may read: keys, tokens, and lists of who may do what."""

import os
import secrets
import sys
from pathlib import Path

from proxx.runtime import open_flags
from proxx.runtime.durable import sync_directory
from proxx.runtime.no_replace import move_no_replace

OWNER_ONLY = 0o600


def write_private_file(
    *,
    path: Path,
    content: bytes,
    replace: bool = False,
    mode: int = OWNER_ONLY,
    owner: tuple[int, int] | None = None,
) -> None:
    """Write a file whole or not at all. With `replace` it takes the place of what stands there.

    `mode` is for a file that had another one, `owner` (user and group id) for one that had another.

    Whoever has the old file open keeps reading the old one.

    Raises:
        FileExistsError: something stands there, and `replace` is not set.
        OSError: it cannot be written.
    """
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(8)}.partial")
    descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | open_flags.CLOSE_ON_EXEC, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if sys.platform != "win32":  # there a file has an owner's list of rights instead
                os.fchmod(file.fileno(), mode)
                if owner is not None and owner != (os.geteuid(), os.getegid()):
                    os.fchown(file.fileno(), *owner)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            hidden.replace(path)
        else:
            move_no_replace(source=hidden, target=path)
    finally:
        hidden.unlink(missing_ok=True)
    sync_directory(path.parent)
