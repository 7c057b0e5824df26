"""MPEG transport streams: packets in step up to the last byte. A stream never says where it ends.

Source: ISO/IEC 13818-1: every packet begins with the byte 47h.
"""

from proxx.core.sources.bounded_reader import BoundedReader
from proxx_watcher.domain.ends.ending import Ending, doubtful, open_ended

_SYNC = 0x47
_LAST_PACKETS = 16


def transport_end(*, reader: BoundedReader, grid: tuple[int, int]) -> Ending:
    """Return how a stream ends whose packets lie on `grid` (offset of the first, distance between two).

    Raises:
        OSError: the bytes cannot be read.
    """
    first, stride = grid
    begin = first - (4 if stride == 192 and first >= 4 else 0)
    count, left = divmod(reader.size - begin, stride)
    if left:
        return doubtful(f"{left} bytes of an unfinished packet at the end")
    looked = min(count, _LAST_PACKETS)
    start = first + (count - looked) * stride
    marks = reader.peek(start, (looked - 1) * stride + 1)[::stride] if looked else b""
    for number, mark in enumerate(marks):
        if mark != _SYNC:
            return doubtful(f"no packet at byte {start + number * stride}, among the last {looked}")
    return open_ended(f"{count} packets, in step to the end; a transport stream does not say where it ends")
