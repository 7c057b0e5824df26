"""TrueType fonts of looks: that every printable ASCII character is there, and how wide they are.

Source of the tables: the OpenType specification (ISO/IEC 14496-22).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

CHARACTERS = tuple(range(0x20, 0x7F))
"""What a burnt-in text may hold: printable ASCII."""

_FLAVOURS = (b"\x00\x01\x00\x00", b"true")
_NEEDED = (b"cmap", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp")
_MOST_TABLES = 64


class FontError(ValueError):
    """A font that cannot be used. The text is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FontMetrics:
    """The widest ASCII character, in thousandths of an em, rounded up."""

    widest_permille: int


def read_font(data: bytes) -> FontMetrics:
    """Return the metrics of a TrueType font.

    Raises:
        FontError: it is none, is cut short, or lacks a printable ASCII character.
    """
    try:
        return _read(data)
    except struct.error:
        raise FontError("a table ends before what it declares") from None


def _read(data: bytes) -> FontMetrics:
    if data[:4] not in _FLAVOURS:
        raise FontError(f"expected a TrueType font with outlines, got the bytes {data[:4]!r}")
    tables = _tables(data)
    missing = [tag.decode() for tag in _NEEDED if tag not in tables]
    if missing:
        raise FontError(f"expected the tables {', '.join(tag.decode() for tag in _NEEDED)}; missing: {missing}")
    (em,) = struct.unpack_from(">H", tables[b"head"], 18)
    if not 16 <= em <= 16384:
        raise FontError(f"expected an em of 16 to 16384 units, got {em}")
    (metrics,) = struct.unpack_from(">H", tables[b"hhea"], 34)
    if metrics < 1:
        raise FontError("expected the width of at least one character, got none")
    glyphs = _glyphs(tables[b"cmap"])
    lacking = "".join(chr(code) for code in CHARACTERS if not glyphs.get(code))
    if lacking:
        raise FontError(f"expected every printable ASCII character, missing: {lacking}")
    widest = max(_advance(tables[b"hmtx"], min(glyphs[code], metrics - 1)) for code in CHARACTERS)
    return FontMetrics(widest_permille=-(-widest * 1000 // em))


def _tables(data: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">H", data, 4)
    if count > _MOST_TABLES:
        raise FontError(f"expected at most {_MOST_TABLES} tables, got {count}")
    found = {}
    for index in range(count):
        tag, _, offset, length = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        if offset + length > len(data):
            raise FontError(f"expected {length} bytes of table {tag!r} at byte {offset}, got the end of the file")
        found[tag] = data[offset : offset + length]
    return found


def _glyphs(cmap: bytes) -> Mapping[int, int]:
    """Return glyph numbers by character, of the Unicode table of format 4 that every such font has."""
    (count,) = struct.unpack_from(">H", cmap, 2)
    for index in range(min(count, _MOST_TABLES)):
        platform, encoding, offset = struct.unpack_from(">HHI", cmap, 4 + 8 * index)
        if (platform, encoding) not in ((3, 1), (0, 3)):
            continue
        (layout,) = struct.unpack_from(">H", cmap, offset)
        if layout == 4:
            return {code: _glyph(cmap[offset:], code) for code in CHARACTERS}
    raise FontError("expected a Unicode character table of format 4, got none")


def _glyph(table: bytes, code: int) -> int:
    (twice,) = struct.unpack_from(">H", table, 6)
    starts, deltas, offsets = 16 + twice, 16 + 2 * twice, 16 + 3 * twice
    for segment in range(0, twice, 2):
        (end,) = struct.unpack_from(">H", table, 14 + segment)
        (start,) = struct.unpack_from(">H", table, starts + segment)
        if not start <= code <= end:
            continue
        (delta,) = struct.unpack_from(">H", table, deltas + segment)
        (step,) = struct.unpack_from(">H", table, offsets + segment)
        if step == 0:
            return int((code + delta) & 0xFFFF)
        (glyph,) = struct.unpack_from(">H", table, offsets + segment + step + 2 * (code - start))
        return int((glyph + delta) & 0xFFFF) if glyph else 0
    return 0


def _advance(hmtx: bytes, glyph: int) -> int:
    (advance,) = struct.unpack_from(">H", hmtx, 4 * glyph)
    return int(advance)
