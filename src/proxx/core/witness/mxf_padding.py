"""MXF: what lies between the packets. No hash of packets covers it, and no decoder looks at it.

Source: SMPTE ST 377-1: every item is a key of 16 bytes, a length (ST 379, BER) and a value; fill items (6.3.3) are
empty space. FFmpeg fills them with zeros, so that anything else there is damage.
"""

from proxx.core.sources.byte_source import ByteSource

_LABEL = bytes.fromhex("060e2b34")
_FILL_HEAD, _FILL_TAIL = bytes.fromhex("010101"), bytes.fromhex("0301021001")
_ESSENCE_HEAD, _ESSENCE_TAIL = bytes.fromhex("010201"), bytes.fromhex("0d010301")
_SETS = 0x02
_HEAD_BYTES = 25
_CHUNK = 1024 * 1024


def damaged_padding(*, source: ByteSource) -> str | None:
    """Return what is wrong between the packets of an MXF file that FFmpeg wrote, None when nothing is.

    Raises:
        OSError: the bytes cannot be read.
    """
    at = 0
    while at < source.size:
        head = source.read_at(at, _HEAD_BYTES)
        length = _length(head)
        if length is None or head[:4] != _LABEL:
            return f"no item of MXF begins at byte {at}"
        start, end = at + length[0], at + length[0] + length[1]
        if end > source.size:
            return f"the item at byte {at} goes on past the end of the file"
        if _is_fill(head):
            if (dirt := _dirt(source, start, end)) is not None:
                return f"the empty space at byte {start} holds something at byte {dirt}"
        elif head[4] != _SETS and not (head[4:7] == _ESSENCE_HEAD and head[8:12] == _ESSENCE_TAIL):
            return f"the item at byte {at} is of no kind that was written"
        at = end
    return None


def _is_fill(head: bytes) -> bool:
    return head[4:7] == _FILL_HEAD and head[8:13] == _FILL_TAIL


def _length(head: bytes) -> tuple[int, int] | None:
    """Return how long key and length are, and the length of the value."""
    if len(head) < 17:
        return None
    first = head[16]
    if first < 0x80:
        return 17, first
    width = first & 0x7F
    if not 0 < width <= 8 or len(head) < 17 + width:
        return None
    return 17 + width, int.from_bytes(head[17 : 17 + width], "big")


def _dirt(source: ByteSource, start: int, end: int) -> int | None:
    while start < end:
        chunk = source.read_at(start, min(_CHUNK, end - start))
        rest = chunk.lstrip(b"\0")
        if rest or not chunk:
            return start + len(chunk) - len(rest)
        start += len(chunk)
    return None
