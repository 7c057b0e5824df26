"""What stands beside the tracks of a QuickTime or ISO file: edit lists, and the XML of cameras and editors.

Sources: ISO/IEC 14496-12 (elst, meta), XMP Specification part 3 (udta/XMP_ in QuickTime, a uuid box in MP4). None of it
decides what a file is, so damage in it is passed over; what is too much of it is refused.
"""

from fractions import Fraction
from itertools import chain, islice

from proxx.core.sources.bounded_reader import BoundedReader, SourceFormatError
from proxx.core.sources.camera_xml import MAX_XML_BYTES, sony_label, xmp_labels, xmp_reel
from proxx.core.sources.isobmff_boxes import Box, boxes, child
from proxx.core.sources.reading import Edit, StatedLabel

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
MAX_EDITS = 256
"""Entries of one edit list that are read."""

MOST_EDITS = 10_000
"""Entries that an edit list may have; FFmpeg walks the samples for each (a million: 8 s)."""

MAX_BESIDE = 64
"""Boxes before and behind the movie header that are looked at."""

_FIXED_ONE = 65536


def movie_scale(*, reader: BoundedReader, moov: Box) -> int:
    """Return the ticks a second in which edit lists count, 0 when the movie header does not say."""
    header = child(reader=reader, parent=moov, kind=b"mvhd")
    if header is None or header.end - header.start < 32:
        return 0
    wide = reader.read(header.start, 1) == b"\x01"
    return reader.number(header.start + (20 if wide else 12), 4)


def edit_list(*, reader: BoundedReader, edts: Box, scale: int) -> tuple[Edit, ...]:
    """Return the edit list of a track; empty when it has none that can be read.

    Raises:
        SourceFormatError: it has more entries than anybody may be asked to follow.
    """
    table = child(reader=reader, parent=edts, kind=b"elst")
    if table is None or scale <= 0 or table.end - table.start < 8:
        return ()
    wide = reader.read(table.start, 1) == b"\x01"
    width, count = (20 if wide else 12), reader.number(table.start + 4, 4)
    if min(count, (table.end - table.start - 8) // width) > MOST_EDITS:
        raise SourceFormatError(f"has an edit list of {count} entries; the limit is {MOST_EDITS}")
    edits: list[Edit] = []
    for at in range(table.start + 8, min(table.end, table.start + 8 + min(count, MAX_EDITS) * width), width):
        if at + width > table.end:
            break
        size = 8 if wide else 4
        duration = reader.number(at, size)
        media = int.from_bytes(reader.read(at + size, size), "big", signed=True)
        rate = int.from_bytes(reader.read(at + 2 * size, 4), "big", signed=True)
        edits.append(Edit(seconds=Fraction(duration, scale), media_time=media, rate=Fraction(rate, _FIXED_ONE)))
    return tuple(edits)


def stated_beside(
    *, reader: BoundedReader, moov: Box, before: tuple[Box, ...]
) -> tuple[tuple[StatedLabel, ...], tuple[str, ...]]:
    """Return the labels and reel names of Sony's metadata and of XMP, in that order.

    `before` are the boxes in front of the movie header.
    """
    labels: list[StatedLabel] = []
    xmp = ""
    try:
        inside = boxes(reader=reader, start=moov.start, end=moov.end)
        behind = islice(boxes(reader=reader, start=moov.end, end=reader.size), MAX_BESIDE)
        for box in chain(inside, before, behind):
            if box.kind == b"meta":
                labels += _sony(reader, box)
            # One packet at a time in memory: a file may hold as many as its limits allow.
            xmp = xmp or _xmp_packet(reader, box)
    except SourceFormatError:
        return tuple(labels), ()
    reel = xmp_reel(text=xmp)
    return (*labels, *xmp_labels(text=xmp)), (reel,) if reel is not None else ()


def _xmp_packet(reader: BoundedReader, box: Box) -> str:
    if box.kind == b"udta":
        packet = child(reader=reader, parent=box, kind=b"XMP_")
        return _text(reader, packet.start, packet.end) if packet is not None else ""
    if box.kind == b"uuid" and reader.peek(box.start, 16) == XMP_UUID:
        return _text(reader, box.start + 16, box.end)
    return ""


def _sony(reader: BoundedReader, meta: Box) -> list[StatedLabel]:
    """Read `meta/xml `. ISO has four bytes of version and flags before the children of `meta`, QuickTime has none."""
    for start in (meta.start + 4, meta.start):
        if reader.peek(start + 4, 4) in (b"hdlr", b"xml "):
            for box in boxes(reader=reader, start=start, end=meta.end):
                if box.kind == b"xml ":
                    label = sony_label(text=_text(reader, box.start + 4, box.end))
                    return [label] if label is not None else []
    return []


def _text(reader: BoundedReader, start: int, end: int) -> str:
    return reader.peek(start, max(0, min(end - start, MAX_XML_BYTES))).decode("utf-8", "replace")
