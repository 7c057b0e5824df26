"""Writes RIFF chunks: Microsoft AVI RIFF File Reference."""

import struct


def chunk(kind: bytes, *parts: bytes) -> bytes:
    """One chunk, padded to an even length."""
    body = b"".join(parts)
    return struct.pack("<4sI", kind, len(body)) + body + bytes(len(body) % 2)


def listing(kind: bytes, *parts: bytes) -> bytes:
    """One list."""
    return chunk(b"LIST", kind, *parts)


def stream(*, kind: bytes, handler: bytes, scale: int, rate: int, length: int, form: bytes) -> bytes:
    """The header of one stream."""
    head = struct.pack("<4s4sIHHIIIIIIIIhhhh", kind, handler, 0, 0, 0, 0, scale, rate, 0, length, 0, 0, 0, 0, 0, 0, 0)
    return listing(b"strl", chunk(b"strh", head), chunk(b"strf", form))


def bitmap(*, width: int, height: int, code: bytes) -> bytes:
    """The format of a video stream."""
    return struct.pack("<IiiHH4sIiiII", 40, width, height, 1, 24, code, 0, 0, 0, 0, 0)


def avi(*, streams: list[bytes], media: list[tuple[bytes, bytes]], frames: int, width: int, height: int) -> bytes:
    """A whole file. `media` are chunks of (stream id, bytes)."""
    header = struct.pack("<14I", 40_000, 0, 0, 0x10, frames, 0, len(streams), 0, width, height, 0, 0, 0, 0)
    movi = listing(b"movi", *(chunk(kind, data) for kind, data in media))
    index, offset = b"", 4
    for kind, data in media:
        index += struct.pack("<4sIII", kind, 0x10, offset, len(data))
        offset += 8 + len(data) + len(data) % 2
    body = b"AVI " + listing(b"hdrl", chunk(b"avih", header), *streams) + movi + chunk(b"idx1", index)
    return struct.pack("<4sI", b"RIFF", len(body)) + body
