"""Builds the font of the burn-ins, proxx_mono.ttf, from the glyphs drawn in proxx_mono.txt; with --check, compares.

The same glyphs give the same bytes: no time, no library version, nothing of the host goes in.
Source of the table layouts: the OpenType specification (ISO/IEC 14496-22).
"""

import struct
import sys
from pathlib import Path

DRAWING = Path(__file__).with_name("proxx_mono.txt")
FONT = Path(__file__).parents[1] / "src" / "proxx" / "profiles" / "assets" / "proxx_mono.ttf"

FAMILY, VERSION = "Proxx Mono", "1.000"
DOT = 100
"""Font units of one dot of the drawing; an em is ten dots high."""
COLUMNS, ROWS, ROWS_ABOVE = 5, 9, 7
ADVANCE, EM, ASCENT, DESCENT = 6 * DOT, 10 * DOT, 8 * DOT, -2 * DOT
JOINT = 50
"""How far two dots that touch at a corner are joined: without it diagonals are chains of squares."""

Glyph = tuple[str, ...]
Contour = tuple[tuple[int, int], ...]
Box = tuple[int, int, int, int]


def read_drawing(text: str) -> dict[int, Glyph]:
    """Return the rows of each glyph by its character code: blocks of one line of codes and nine lines of dots."""
    glyphs: dict[int, Glyph] = {}
    for block in text.strip().split("\n\n"):
        codes, *rows = (line.split() for line in block.split("\n"))
        if len(rows) != ROWS or any(len(row) != len(codes) for row in rows):
            raise ValueError(f"the block of {codes[0]} is not {ROWS} lines of {len(codes)} glyphs")
        for column, code in enumerate(codes):
            glyph = tuple(row[column] for row in rows)
            if any(len(line) != COLUMNS or set(line) - {".", "#"} for line in glyph):
                raise ValueError(f"glyph {code} is not {COLUMNS} dots of . and # wide")
            glyphs[int(code, 16)] = glyph
    return glyphs


def contours(glyph: Glyph) -> tuple[Contour, ...]:
    """Return the outline, clockwise: one rectangle for each run of dots, two triangles for each diagonal joint."""
    found: list[Contour] = []
    for row, line in enumerate(glyph):
        top = (ROWS_ABOVE - row) * DOT
        column = 0
        while (start := line.find("#", column)) >= 0:
            column = start + len(line[start:]) - len(line[start:].lstrip("#"))
            left, right, bottom = start * DOT, column * DOT, top - DOT
            found.append(((left, bottom), (left, top), (right, top), (right, bottom)))
    for row in range(ROWS - 1):
        for column in range(COLUMNS - 1):
            square = (*glyph[row][column : column + 2], *glyph[row + 1][column : column + 2])
            x, y = (column + 1) * DOT, (ROWS_ABOVE - row - 1) * DOT
            if square == ("#", ".", ".", "#"):
                found += [((x, y), (x, y + JOINT), (x + JOINT, y)), ((x, y), (x, y - JOINT), (x - JOINT, y))]
            if square == (".", "#", "#", "."):
                found += [((x, y), (x - JOINT, y), (x, y + JOINT)), ((x, y), (x + JOINT, y), (x, y - JOINT))]
    return tuple(found)


def build(glyphs: dict[int, Glyph]) -> bytes:
    """Return the TrueType file."""
    codes = sorted(glyphs)
    missing = tuple("#" * COLUMNS if row in (0, 6) else "#...#" if row < ROWS_ABOVE else "....." for row in range(ROWS))
    outlines = [contours(glyph) for glyph in (missing, *(glyphs[code] for code in codes))]
    shapes = [_glyf(outline) for outline in outlines]
    boxes = [_box(outline) for outline in outlines if outline]
    whole = tuple(pick(box[side] for box in boxes) for side, pick in enumerate((min, min, max, max)))
    offsets = [sum(map(len, shapes[:index])) for index in range(len(shapes) + 1)]
    tables = {
        b"OS/2": _os2(codes),
        b"cmap": _cmap(codes),
        b"glyf": b"".join(shapes),
        b"head": struct.pack(
            ">IIIIHHqq4hHHhhh",
            *(0x00010000, int(float(VERSION) * 65536), 0, 0x5F0F3CF5, 0x0003, EM, 0, 0),
            *(*whole, 0, 8, 2, 1, 0),
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhh4hhH",
            *(0x00010000, ASCENT, DESCENT, 0, ADVANCE, 0, ADVANCE - whole[2], whole[2]),
            *(1, 0, 0, 0, 0, 0, 0, 0, len(shapes)),
        ),
        b"hmtx": b"".join(struct.pack(">Hh", ADVANCE, _box(outline)[0] if outline else 0) for outline in outlines),
        b"loca": struct.pack(f">{len(offsets)}I", *offsets),
        b"maxp": struct.pack(
            ">IH13H",
            *(0x00010000, len(shapes), max(sum(map(len, outline)) for outline in outlines), max(map(len, outlines))),
            *(0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0),
        ),
        b"name": _name(),
        b"post": struct.pack(">IIhhIIIII", 0x00030000, 0, -DOT, DOT // 2, 1, 0, 0, 0, 0),
    }
    return _assemble(tables)


def _box(outline: tuple[Contour, ...]) -> Box:
    xs, ys = zip(*(point for contour in outline for point in contour), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _glyf(outline: tuple[Contour, ...]) -> bytes:
    """One simple glyph: every point on the curve, every coordinate a signed word."""
    if not outline:
        return b""
    points = [point for contour in outline for point in contour]
    ends = [sum(map(len, outline[: index + 1])) - 1 for index in range(len(outline))]
    steps = [
        (x - before_x, y - before_y) for (before_x, before_y), (x, y) in zip([(0, 0), *points], points, strict=False)
    ]
    data = (
        struct.pack(">h4h", len(outline), *_box(outline))
        + struct.pack(f">{len(ends)}HH", *ends, 0)
        + b"\x01" * len(points)
        + struct.pack(f">{len(steps)}h", *(step[0] for step in steps))
        + struct.pack(f">{len(steps)}h", *(step[1] for step in steps))
    )
    return data + bytes(-len(data) % 4)


def _cmap(codes: list[int]) -> bytes:
    """Format 4, one segment: the codes follow each other, and so do their glyphs."""
    if codes != list(range(codes[0], codes[-1] + 1)):
        raise ValueError("the drawn characters leave gaps")
    segments = struct.pack(
        ">HHHHHHHHHHHH",
        *(4, 4, 1, 0),
        *(codes[-1], 0xFFFF, 0),
        *(codes[0], 0xFFFF, (1 - codes[0]) & 0xFFFF, 1, 0),
    )
    segments += struct.pack(">H", 0)
    table = struct.pack(">HHH", 4, 6 + len(segments), 0) + segments
    return struct.pack(">HHHHI", 0, 1, 3, 1, 12) + table


def _name() -> bytes:
    """The names that people see, for Windows in English."""
    texts = {
        1: FAMILY,
        2: "Regular",
        3: f"{FAMILY} {VERSION}",
        4: FAMILY,
        5: f"Version {VERSION}",
        6: FAMILY.replace(" ", ""),
    }
    records, storage = b"", b""
    for number, text in texts.items():
        encoded = text.encode("utf-16-be")
        records += struct.pack(">HHHHHH", 3, 1, 0x0409, number, len(encoded), len(storage))
        storage += encoded
    return struct.pack(">HHH", 0, len(texts), 6 + len(records)) + records + storage


def _os2(codes: list[int]) -> bytes:
    return struct.pack(
        ">HhHHH10hh10s4I4sHHHhhhHH",
        *(1, ADVANCE, 400, 5, 0),
        *(500, 500, 0, 100, 500, 500, 0, 400, 50, 300, 0),
        *(bytes((2, 0, 5, 9, 0, 0, 0, 0, 0, 0)), 1, 0, 0, 0),
        *(b"PRXX", 0x0040, codes[0], codes[-1], ASCENT, DESCENT, 0, ASCENT, -DESCENT),
    ) + struct.pack(">II", 1, 0)


def _assemble(tables: dict[bytes, bytes]) -> bytes:
    count = len(tables)
    power = count.bit_length() - 1
    directory = struct.pack(">IHHHH", 0x00010000, count, 16 << power, power, (count - (1 << power)) * 16)
    offset, body, where = 12 + 16 * count, b"", 0
    for tag in sorted(tables):
        data = tables[tag]
        if tag == b"head":
            where = offset + len(body)
        directory += struct.pack(">4sIII", tag, _checksum(data), offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    font = directory + body
    adjustment = (0xB1B0AFBA - _checksum(font)) & 0xFFFFFFFF
    return font[: where + 8] + struct.pack(">I", adjustment) + font[where + 12 :]


def _checksum(data: bytes) -> int:
    padded = data + bytes(-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF


def main(arguments: list[str]) -> int:
    """Write the font, or with --check compare it with its drawing: 0 when they agree, 1 when not, 64 for misuse."""
    if arguments not in ([], ["--check"]):
        print("usage: make_font.py [--check]", file=sys.stderr)
        return 64
    font = build(read_drawing(DRAWING.read_text(encoding="ascii")))
    if not arguments:
        FONT.write_bytes(font)
        return 0
    if FONT.is_file() and FONT.read_bytes() == font:
        return 0
    print(f"{FONT.name} is not what {DRAWING.name} gives; run tools/make_font.py")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
