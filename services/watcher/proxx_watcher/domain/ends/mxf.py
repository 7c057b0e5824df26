"""MXF: a header partition that is closed or names its footer, and a footer partition or random index pack at the end.

Source: SMPTE ST 377-1: byte 14 of a partition's key says open or closed and complete or not; the pack holds the offset
of the footer; the random index pack is the last KLV packet and its last four bytes are its own length.
"""

from proxx.core.sources.bounded_reader import BoundedReader, CutOffError, SourceFormatError
from proxx_watcher.domain.ends.ending import Ending, cut, doubtful, open_ended, whole

_PARTITION = bytes.fromhex("060e2b34020501010d010201")
_FOOTER = 0x04
_CLOSED = frozenset({0x02, 0x04})
_INDEX_PACK = bytes.fromhex("060e2b34020501010d01020101110100")
_FILL = bytes.fromhex("060e2b34010101")
_FILL_TAIL = bytes.fromhex("0301021001000000")
_KEY_HEAD = bytes.fromhex("060e2b34")
_SMALLEST_INDEX_PACK = 16 + 1 + 12 + 4
_MAX_PACKETS = 2000


def mxf_end(*, reader: BoundedReader, header: int) -> Ending:
    """Return how the file ends whose header partition begins at `header`.

    Raises:
        OSError: the bytes cannot be read.
    """
    try:
        return _ending(reader, header)
    except CutOffError:
        return cut(f"a KLV packet is cut off at byte {reader.size}")
    except SourceFormatError as error:
        return doubtful(f"the file {error}")


def _ending(reader: BoundedReader, header: int) -> Ending:
    closed = reader.read(header + 14, 1)[0] in _CLOSED
    start, _ = _value(reader, header)
    footer = header + reader.number(start + 24, 8)
    indexed = _index_pack_footer(reader, header)
    if footer == header:
        if indexed is None and closed:
            return open_ended("its header partition is closed and names no footer partition")
        if indexed is None:
            return cut("its header partition is open, and no random index pack is at the end")
        footer = indexed
    if footer + 17 > reader.size:
        return cut(f"its footer partition is declared at byte {footer}, the file has {reader.size} bytes")
    if not _is_footer(reader.peek(footer, 14)):
        return cut(f"no footer partition at byte {footer}, where it is declared")
    end, zeros = _walk(reader, footer)
    if end != reader.size:
        return cut(f"a packet behind the footer partition goes to byte {end}, the file has {reader.size} bytes")
    if indexed is None:
        said = f"footer partition at byte {footer} and no random index pack behind it: more may follow"
        return open_ended(said, own_zeros=zeros)
    return whole(f"footer partition at byte {footer}, packets end at byte {end}", own_zeros=zeros)


def _index_pack_footer(reader: BoundedReader, header: int) -> int | None:
    """Return the offset of the last partition that the random index pack names, None without such a pack."""
    if reader.size < _SMALLEST_INDEX_PACK:
        return None
    length = reader.number(reader.size - 4, 4)
    at = reader.size - length
    if not _SMALLEST_INDEX_PACK <= length <= reader.size or reader.peek(at, 16) != _INDEX_PACK:
        return None
    return header + reader.number(reader.size - 12, 8)


def _walk(reader: BoundedReader, offset: int) -> tuple[int, int]:
    """Return where the packets from `offset` end, and how many zero bytes the fill item at the very end may have."""
    zeros = 0
    for _ in range(_MAX_PACKETS):
        if offset == reader.size:
            return offset, zeros
        key = reader.read(offset, 16)
        if key[:4] != _KEY_HEAD:
            raise SourceFormatError(f"is damaged: no KLV key at byte {offset}")
        start, length = _value(reader, offset)
        fill = key[:7] == _FILL and key[8:] == _FILL_TAIL
        zeros = zeros + length if fill else 0
        offset = start + length
        if offset > reader.size:
            return offset, 0
    raise SourceFormatError(f"has more than {_MAX_PACKETS} packets behind its footer partition")


def _value(reader: BoundedReader, offset: int) -> tuple[int, int]:
    """Return where the value of a KLV packet starts, and its length (BER)."""
    first = reader.number(offset + 16, 1)
    if first < 0x80:
        return offset + 17, first
    count = first & 0x7F
    if not 1 <= count <= 8:
        raise SourceFormatError(f"is damaged: no KLV length at byte {offset + 16}")
    return offset + 17 + count, reader.number(offset + 17, count)


def _is_footer(key: bytes) -> bool:
    return len(key) == 14 and key[:12] == _PARTITION and key[12] == 0x01 and key[13] == _FOOTER
