"""Writes QuickTime and ISO boxes."""

import struct


def box(kind: bytes, *parts: bytes) -> bytes:
    """One box."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full(kind: bytes, *parts: bytes, flags: int = 0, version: int = 0) -> bytes:
    """One box with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)
