"""PNG images of looks: enough of the file is read to know that FFmpeg will draw what a person saw.

Source of the format: PNG (Portable Network Graphics) Specification, W3C, second edition.
"""

import struct
import zlib
from dataclasses import dataclass

LONGEST_SIDE = 4096
"""Pixels."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KINDS = {0: "grey", 2: "RGB", 4: "grey with alpha", 6: "RGB with alpha"}
_LONGEST_CHUNK = 2**31 - 1


class PngError(ValueError):
    """An image that cannot be used. The text is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PngSize:
    """Pixels."""

    width: int
    height: int


def read_png(data: bytes) -> PngSize:
    """Return the size of the one picture that the bytes hold: 8 bits a channel, no palette, not interlaced.

    Raises:
        PngError: it is none, is damaged or cut short, is animated, or is of another kind.
    """
    if not data.startswith(_SIGNATURE):
        raise PngError(f"expected a PNG signature, got the bytes {data[:8]!r}")
    offset = len(_SIGNATURE)
    kinds: list[bytes] = []
    size: PngSize | None = None
    while not kinds or kinds[-1] != b"IEND":
        kind, body, offset = _chunk(data, offset)
        if size is None:
            size = _header(kind, body)
        if kind == b"acTL":
            raise PngError("expected a still picture, got an animation (chunk acTL)")
        kinds.append(kind)
    if b"IDAT" not in kinds:
        raise PngError("expected a chunk IDAT, got none")
    if offset != len(data):
        raise PngError(f"expected the end after IEND, got {len(data) - offset} bytes more")
    if size is None:
        raise PngError("expected a chunk IHDR, got none")
    return size


def _chunk(data: bytes, offset: int) -> tuple[bytes, bytes, int]:
    if offset + 12 > len(data):
        raise PngError(f"expected a chunk at byte {offset}, got the end of the file")
    length, kind = struct.unpack_from(">I4s", data, offset)
    end = offset + 12 + length
    if length > _LONGEST_CHUNK or end > len(data):
        raise PngError(f"expected {length} bytes of chunk {kind!r} at byte {offset}, got the end of the file")
    body = data[offset + 8 : end - 4]
    (stated,) = struct.unpack_from(">I", data, end - 4)
    if zlib.crc32(kind + body) != stated:
        raise PngError(f"expected a sound chunk {kind!r} at byte {offset}, got one whose checksum does not hold")
    return kind, body, end


def _header(kind: bytes, body: bytes) -> PngSize:
    if kind != b"IHDR" or len(body) != 13:
        raise PngError(f"expected the chunk IHDR of 13 bytes first, got {kind!r} of {len(body)}")
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", body)
    if not (1 <= width <= LONGEST_SIDE and 1 <= height <= LONGEST_SIDE):
        raise PngError(f"expected sides of 1 to {LONGEST_SIDE} pixels, got {width}x{height}")
    if depth != 8 or colour not in _KINDS:
        kinds = ", ".join(_KINDS.values())
        raise PngError(f"expected 8 bits a channel, {kinds}; got {depth} bits and colour type {colour}")
    if interlace != 0:
        raise PngError("expected no interlacing, got an interlaced picture")
    return PngSize(width=width, height=height)
