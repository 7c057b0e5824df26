"""Bytes from a place in an open file."""

import os


def read_at(*, descriptor: int, offset: int, length: int) -> bytes:
    """Return `length` bytes from `offset` on, fewer only where the file ends.

    Raises:
        OSError: they cannot be read.
    """
    parts = []
    while length > 0 and (part := os.pread(descriptor, length, offset)):
        parts.append(part)
        offset += len(part)
        length -= len(part)
    return b"".join(parts)
