"""Writes a file whole or not at all, and never over an existing one."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


def write_new_file(*, path: Path, text: str) -> None:
    """Write a text as a new file. Raises as `new_file`."""
    with new_file(path=path) as file:
        file.write(text.encode("utf-8"))


@contextmanager
def new_file(*, path: Path) -> Iterator[BinaryIO]:
    """Write to a hidden name; at the end of the block make that durable and give it its own name, which must be free.

    When the block raises, nothing stays.

    Raises:
        OSError: the name is taken, or the directory cannot be written.
    """
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    # in containers pids repeat: a killed writer's file may have the same one
    hidden = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.partial")
    descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _name(hidden, path)
    finally:
        hidden.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _name(hidden: Path, path: Path) -> None:
    try:
        os.link(hidden, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # This file system has no hard links. Claim the name first, so that nothing is ever overwritten.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        try:
            hidden.rename(path)
        except OSError:
            path.unlink(missing_ok=True)
            raise
