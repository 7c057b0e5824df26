"""The boxes of a QuickTime or ISO file: one after the other, never beyond their parent."""

from collections.abc import Iterator
from dataclasses import dataclass

from proxx.core.sources.bounded_reader import BoundedReader, SourceFormatError
from proxx.core.sources.reading import fourcc

_LARGE_SIZE = 1
_TO_THE_END = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One box: type, first byte of its header and of its content, byte after its last, declared content length.

    A box that declares more than its parent holds ends with its parent and `overruns`.
    """

    kind: bytes
    header: int
    start: int
    end: int
    declared: int
    overruns: bool


def valid_first_size(*, size: int) -> bool:
    """Return whether the first box of a file may declare this size."""
    return size >= 8 or size in (_TO_THE_END, _LARGE_SIZE)


def boxes(*, reader: BoundedReader, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two offsets, in order; a box that overruns its parent is cut at the parent's end.

    Raises:
        SourceFormatError: a size is smaller than its own header, or the limits are used up.
    """
    offset = start
    while offset + 8 <= end:
        header = reader.read(offset, 8)
        size, kind, length = int.from_bytes(header[:4], "big"), header[4:8], 8
        if size == _LARGE_SIZE:
            size, length = reader.number(offset + 8, 8), 16
        elif size == _TO_THE_END:
            size = end - offset
        if size < length:
            raise SourceFormatError(
                f"is damaged: the box {fourcc(code=kind)} at byte {offset} declares {size} bytes, less than its header"
            )
        stop = min(offset + size, end)
        yield Box(
            kind=kind,
            header=offset,
            start=offset + length,
            end=stop,
            declared=size - length,
            overruns=offset + size > end,
        )
        offset += size


def child(*, reader: BoundedReader, parent: Box, kind: bytes) -> Box | None:
    """Return the first child of that type. QuickTime pads lists with four zero bytes; those end the search."""
    for box in boxes(reader=reader, start=parent.start, end=parent.end):
        if box.kind == kind:
            return box
        if box.kind == bytes(4):
            return None
    return None
