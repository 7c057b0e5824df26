"""How many tags a QuickTime or ISO file may hold: FFmpeg compares each with every other (20,000: 3 s).

Sources: ISO/IEC 14496-12 (meta, udta), QuickTime File Format (keys, ilst).
"""

from collections.abc import Iterator

from proxx.core.sources.bounded_reader import BoundedReader, SourceFormatError
from proxx.core.sources.isobmff_boxes import Box, boxes

MOST_TAGS = 1_000
"""Entries of one list of tags, and boxes of one user data box."""

TAG_BOXES = (b"udta", b"meta")
"""Boxes of a movie or of a track that hold tags."""

_LISTS = (*TAG_BOXES, b"ilst")


def check_tags(*, reader: BoundedReader, box: Box, levels: int = 3) -> None:
    """Count what a box of tags (udta, meta) holds, and the boxes of tags in it. Damage ends the count.

    Raises:
        SourceFormatError: there are more than MOST_TAGS.
    """
    for number, part in enumerate(_parts(reader, box), start=1):
        declared = int.from_bytes(reader.peek(part.start + 4, 4), "big") if part.kind == b"keys" else 0
        if max(number, declared) > MOST_TAGS:
            raise SourceFormatError(f"holds {max(number, declared)} tags or more; the limit is {MOST_TAGS}")
        if part.kind in _LISTS and levels > 1:
            check_tags(reader=reader, box=part, levels=levels - 1)


def _parts(reader: BoundedReader, box: Box) -> Iterator[Box]:
    start = box.start
    if box.kind == b"meta" and reader.peek(start + 4, 4) != b"hdlr":
        start += 4  # version and flags, which QuickTime leaves out
    parts = boxes(reader=reader, start=start, end=box.end)
    while True:
        try:
            part = next(parts)
        except (SourceFormatError, StopIteration):
            return
        yield part
