"""Matroska and WebM: a segment whose declared size ends with the file. Sources: RFC 8794 (EBML), RFC 9559.

A muxer writes an unknown size first and the real one when it has finished; a stream keeps the unknown size for ever.
"""

from proxx.core.sources.bounded_reader import BoundedReader, CutOffError, SourceFormatError
from proxx_watcher.domain.ends.ending import Ending, cut, doubtful, open_ended, whole

_SEGMENT = 0x18538067
_VOID = 0xEC
_MAX_TOP = 64
_MAX_PARTS = 1500
_HEADER_BYTES = 12


def matroska_end(*, reader: BoundedReader) -> Ending:
    """Return how an EBML file ends.

    Raises:
        OSError: the bytes cannot be read.
    """
    try:
        return _ending(reader)
    except CutOffError:
        return cut(f"an element header is cut off at byte {reader.size}")
    except SourceFormatError as error:
        return doubtful(f"the file {error}")


def _ending(reader: BoundedReader) -> Ending:
    offset = 0
    for _ in range(_MAX_TOP):
        if offset >= reader.size:
            return cut("segment absent")
        identity, start, size = _element(reader, offset)
        if identity != _SEGMENT:
            if size is None:
                raise SourceFormatError(f"is damaged: an element of unknown size at byte {offset}")
            offset = start + size
            continue
        if size is None:
            return open_ended("its segment has no size: it is still being recorded, or was streamed")
        if start + size > reader.size:
            return cut(f"its segment goes to byte {start + size}, the file has {reader.size} bytes")
        if start + size < reader.size:
            return open_ended(f"{reader.size - start - size} bytes behind its segment")
        return _parts(reader, start, start + size)
    raise SourceFormatError(f"has more than {_MAX_TOP} elements before its segment")


def _parts(reader: BoundedReader, start: int, end: int) -> Ending:
    """Follow the parts of the segment to its end: the last cluster must end inside, or be followed by others."""
    offset, count, zeros = start, 0, 0
    while offset < end:
        count += 1
        if count > _MAX_PARTS:
            return whole(f"segment ends at byte {end}, its first {_MAX_PARTS} parts follow one another")
        identity, inside, size = _element(reader, offset)
        if size is None:
            return open_ended(f"the element at byte {offset} has no size: a stream")
        offset = inside + size
        if offset > end:
            return cut(f"the element at byte {inside} goes to byte {offset}, the segment ends at byte {end}")
        zeros = zeros + size if identity == _VOID else 0
    return whole(f"segment with {count} parts ends at byte {end}", own_zeros=zeros)


def _element(reader: BoundedReader, offset: int) -> tuple[int, int, int | None]:
    """Return identity, first byte of the content, and size (None: unknown) of the element at `offset`."""
    head = reader.peek(offset, _HEADER_BYTES)
    length = 9 - head[0].bit_length() if head else 0
    if head and not 1 <= length <= 4:
        raise SourceFormatError(f"is damaged: no element at byte {offset}")
    if len(head) <= length:
        raise CutOffError("is cut off inside the header of an element")
    width = 9 - head[length].bit_length()
    if width > 8:
        raise SourceFormatError(f"is damaged: no element size at byte {offset + length}")
    coded = head[length : length + width]
    if len(coded) < width:
        raise CutOffError("is cut off inside the size of an element")
    most = (1 << 7 * width) - 1
    value = int.from_bytes(coded, "big") & most
    return int.from_bytes(head[:length], "big"), offset + length + width, None if value == most else value
