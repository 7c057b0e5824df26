"""Bytes from a place in an open file."""

import os
import sys


def read_at(*, descriptor: int, offset: int, length: int) -> bytes:
    """Return `length` bytes from `offset` on, fewer only where the file ends.

    Raises:
        OSError: they cannot be read.
    """
    parts = []
    while length > 0 and (part := _read(descriptor, length, offset)):
        parts.append(part)
        offset += len(part)
        length -= len(part)
    return b"".join(parts)


def seek_and_read(*, descriptor: int, offset: int, length: int) -> bytes:
    """Do what pread does where there is none. Moves in the descriptor, so nobody else may.

    Raises:
        OSError: they cannot be read.
    """
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, length)


def _read(descriptor: int, length: int, offset: int) -> bytes:
    if sys.platform == "win32":
        return seek_and_read(descriptor=descriptor, offset=offset, length=length)
    return os.pread(descriptor, length, offset)
