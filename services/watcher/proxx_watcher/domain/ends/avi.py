"""AVI: RIFF chunks that cover the file exactly, and an index that lies inside.

Sources: Microsoft AVI RIFF File Reference, OpenDML AVI 1.02. A recorder writes size 0 first, the real one at the end.
An OpenDML file is a chain of RIFF chunks; its super index (`indx`) names the last of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from proxx.core.sources.bounded_reader import BoundedReader, CutOffError, SourceFormatError
from proxx_watcher.domain.ends.ending import Ending, cut, doubtful, open_ended, whole

_MAX_RIFFS = 1024
_MAX_ENTRIES = 4096
_INDEX_ENTRY = 16
_SUPER_HEAD = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    kind: bytes
    start: int
    size: int

    @property
    def end(self) -> int:
        """The byte after the chunk with its padding: chunks begin at even offsets."""
        return self.start + self.size + self.size % 2


def avi_end(*, reader: BoundedReader) -> Ending:
    """Return how an AVI file ends.

    Raises:
        OSError: the bytes cannot be read.
    """
    try:
        return _ending(reader)
    except CutOffError:
        return cut(f"a chunk header is cut off at byte {reader.size}")
    except SourceFormatError as error:
        return doubtful(f"the file {error}")


def _ending(reader: BoundedReader) -> Ending:
    offset, riffs, last = 0, 0, 0
    while offset + 8 <= reader.size:
        chunk = _chunk(reader, offset)
        if chunk.kind != b"RIFF":
            return open_ended(f"{reader.size - offset} bytes behind its RIFF chunks")
        if chunk.size == 0:
            return cut(f"the RIFF chunk at byte {offset} has no size yet")
        if chunk.start + chunk.size > reader.size:
            return cut(
                f"the RIFF chunk at byte {offset} goes to byte {chunk.start + chunk.size}, "
                f"the file has {reader.size} bytes"
            )
        riffs, last, offset = riffs + 1, offset, chunk.end
        if riffs > _MAX_RIFFS:
            return open_ended(f"more than {_MAX_RIFFS} RIFF chunks; the rest was not looked at")
    return _indexed(reader, riffs, _chunk(reader, last))


def _indexed(reader: BoundedReader, riffs: int, last: _Chunk) -> Ending:
    named, media, tail = 0, False, None
    for chunk in _chunks(reader, 12, _chunk(reader, 0).end):
        if chunk.kind == b"LIST" and reader.peek(chunk.start, 4) == b"hdrl":
            named = _super_index_end(reader, chunk)
        elif chunk.kind == b"LIST" and reader.peek(chunk.start, 4) == b"movi":
            media = True
    if not media:
        return cut("movi list absent: it has a header and no media")
    if named > reader.size:
        return cut(f"its index names a part that goes to byte {named}, the file has {reader.size} bytes")
    for chunk in _chunks(reader, last.start + 4, min(last.end, reader.size)):
        tail = chunk
    if tail is None or tail.start + tail.size > reader.size:
        return cut(f"the last chunk goes past the end of the file at byte {reader.size}")
    return whole(f"{riffs} RIFF chunks end at byte {reader.size}", own_zeros=_own_zeros(reader, tail))


def _own_zeros(reader: BoundedReader, tail: _Chunk) -> int:
    """Return the zero bytes that the last chunk accounts for: padding, or an index whose last entry proves itself."""
    if tail.kind == b"JUNK":
        return tail.end - tail.start
    if tail.kind != b"idx1" or tail.size < _INDEX_ENTRY:
        return 0
    entry = reader.read(tail.start + tail.size - _INDEX_ENTRY, _INDEX_ENTRY)
    offset, size = int.from_bytes(entry[8:12], "little"), int.from_bytes(entry[12:16], "little")
    for base in (0, _movi_base(reader)):
        header = reader.peek(base + offset, 8)
        if header[:4] == entry[:4] and int.from_bytes(header[4:8], "little") == size:
            return len(entry) - len(entry.rstrip(b"\0"))
    return 0


def _movi_base(reader: BoundedReader) -> int:
    for chunk in _chunks(reader, 12, _chunk(reader, 0).end):
        if chunk.kind == b"LIST" and reader.peek(chunk.start, 4) == b"movi":
            return chunk.start
    return 0


def _super_index_end(reader: BoundedReader, header: _Chunk) -> int:
    """Return the byte after the last part that the super indexes of the streams name; 0 without any."""
    furthest = 0
    for stream in _chunks(reader, header.start + 4, header.end):
        if stream.kind != b"LIST" or reader.peek(stream.start, 4) != b"strl":
            continue
        for part in _chunks(reader, stream.start + 4, stream.end):
            if part.kind != b"indx" or part.size < _SUPER_HEAD or reader.read(part.start + 3, 1) != b"\0":
                continue
            used = int.from_bytes(reader.read(part.start + 4, 4), "little")
            for number in range(min(used, _MAX_ENTRIES, (part.size - _SUPER_HEAD) // _INDEX_ENTRY)):
                entry = reader.read(part.start + _SUPER_HEAD + number * _INDEX_ENTRY, 12)
                at, size = int.from_bytes(entry[:8], "little"), int.from_bytes(entry[8:12], "little")
                furthest = max(furthest, at + size)
    return furthest


def _chunks(reader: BoundedReader, start: int, end: int) -> Iterator[_Chunk]:
    offset = start
    while offset + 8 <= min(end, reader.size):
        chunk = _chunk(reader, offset)
        yield chunk
        offset = chunk.end


def _chunk(reader: BoundedReader, offset: int) -> _Chunk:
    header = reader.read(offset, 8)
    return _Chunk(kind=header[:4], start=offset + 8, size=int.from_bytes(header[4:8], "little"))
