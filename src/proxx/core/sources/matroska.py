"""Matroska and WebM: the EBML header, and the codec of each video track.

Source: RFC 8794 (EBML), RFC 9559 (Matroska). Clusters are skipped; a cluster of unknown size ends the search unless the
seek head says where the tracks are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from proxx.core.sources import forms
from proxx.core.sources.bounded_reader import BoundedReader, SourceFormatError
from proxx.core.sources.codec_words import MATROSKA_IDS, avi_codec, sample_entry_codec
from proxx.core.sources.matroska_limits import check_beside
from proxx.core.sources.reading import Reading, VideoTrack, fourcc, printable

MAGIC = b"\x1a\x45\xdf\xa3"

_EBML = 0x1A45DFA3
_DOC_TYPE = 0x4282
_SEGMENT = 0x18538067
_SEEK_HEAD, _SEEK, _SEEK_ID, _SEEK_POSITION = 0x114D9B74, 0x4DBB, 0x53AB, 0x53AC
_CLUSTER = 0x1F43B675
_TRACKS, _TRACK_ENTRY = 0x1654AE6B, 0xAE
_TRACK_TYPE, _CODEC_ID, _CODEC_PRIVATE = 0x83, 0x86, 0x63A2
_VIDEO = 1
_MAX_SOUGHT = 32
_DOC_TYPES = ("matroska", "webm")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Element:
    identity: int
    start: int
    end: int
    unknown_size: bool


def read_matroska(*, reader: BoundedReader) -> Reading:
    """Return the video tracks of an EBML file.

    Raises:
        SourceFormatError: another document type, no tracks, damage, or the limits are used up.
    """
    top = _elements(reader, 0, reader.size)
    header = next(top)
    doc_type = _doc_type(reader, header)
    if doc_type not in _DOC_TYPES:
        raise SourceFormatError(f"is an EBML document of type {printable(text=doc_type)}, not matroska or webm")
    segment = next((element for element in top if element.identity == _SEGMENT), None)
    if segment is None:
        raise SourceFormatError("holds no segment")
    tracks = _find_tracks(reader, segment)
    check_beside(elements=_beside(reader, segment))
    video = tuple(
        track
        for entry in _elements(reader, tracks.start, tracks.end)
        if entry.identity == _TRACK_ENTRY and (track := _video_track(reader, entry)) is not None
    )
    return Reading(
        form=forms.MATROSKA,
        video=video,
        declared_end=None if segment.unknown_size else segment.end,
        note=doc_type,
        brand=doc_type,
    )


def _doc_type(reader: BoundedReader, header: _Element) -> str:
    for element in _elements(reader, header.start, header.end):
        if element.identity == _DOC_TYPE:
            return reader.peek(element.start, min(32, element.end - element.start)).rstrip(b"\x00").decode("latin-1")
    return "matroska"


def _find_tracks(reader: BoundedReader, segment: _Element) -> _Element:
    limit = min(segment.end, reader.size)
    sought: int | None = None
    for element in _elements(reader, segment.start, limit):
        if element.identity == _TRACKS:
            return element
        if element.identity == _SEEK_HEAD and sought is None:
            sought = _sought_tracks(reader, element)
        if element.identity == _CLUSTER and (sought is not None or element.unknown_size):
            break
    if sought is not None and segment.start + sought < limit:
        found = next(_elements(reader, segment.start + sought, limit), None)
        if found is not None and found.identity == _TRACKS:
            return found
    raise SourceFormatError("describes no tracks before it ends")


def _beside(reader: BoundedReader, segment: _Element) -> Iterator[tuple[int, int]]:
    """Yield identity and size of what stands before the first cluster, and of what the seek head names."""
    limit = min(segment.end, reader.size)
    for element in _elements(reader, segment.start, limit):
        if element.identity == _CLUSTER:
            return
        yield element.identity, min(element.end, limit) - element.start
        if element.identity == _SEEK_HEAD:
            for position in islice(_sought(reader, element), _MAX_SOUGHT):
                if segment.start + position < limit:
                    for found in islice(_elements(reader, segment.start + position, limit), 1):
                        yield found.identity, min(found.end, limit) - found.start


def _sought(reader: BoundedReader, head: _Element) -> Iterator[int]:
    for seek in _elements(reader, head.start, head.end):
        if seek.identity == _SEEK:
            for part in _elements(reader, seek.start, seek.end):
                if part.identity == _SEEK_POSITION:
                    yield _value(reader, part)


def _sought_tracks(reader: BoundedReader, head: _Element) -> int | None:
    for seek in _elements(reader, head.start, head.end):
        if seek.identity != _SEEK:
            continue
        values = {part.identity: _value(reader, part) for part in _elements(reader, seek.start, seek.end)}
        if values.get(_SEEK_ID) == _TRACKS:
            return values.get(_SEEK_POSITION)
    return None


def _value(reader: BoundedReader, element: _Element) -> int:
    return int.from_bytes(reader.peek(element.start, min(8, element.end - element.start)), "big")


def _video_track(reader: BoundedReader, entry: _Element) -> VideoTrack | None:
    kind, codec_id, private = 0, "", b""
    for element in _elements(reader, entry.start, entry.end):
        if element.identity == _TRACK_TYPE:
            kind = _value(reader, element)
        elif element.identity == _CODEC_ID:
            codec_id = (
                reader.peek(element.start, min(64, element.end - element.start)).rstrip(b"\x00").decode("latin-1")
            )
        elif element.identity == _CODEC_PRIVATE:
            private = reader.peek(element.start, min(32, element.end - element.start))
    if kind != _VIDEO:
        return None
    if codec_id == "V_MS/VFW/FOURCC" and len(private) >= 20:
        code = private[16:20]
        return VideoTrack(sample_entry=f"{codec_id} {fourcc(code=code)}", codec=avi_codec(code=code))
    if codec_id == "V_QUICKTIME" and len(private) >= 8:
        code = private[4:8]
        return VideoTrack(sample_entry=f"{codec_id} {fourcc(code=code)}", codec=sample_entry_codec(entry=code))
    return VideoTrack(sample_entry=printable(text=codec_id), codec=MATROSKA_IDS.get(codec_id))


def _elements(reader: BoundedReader, start: int, end: int) -> Iterator[_Element]:
    """Yield the elements between two offsets. One of unknown size reaches to the end and is the last."""
    offset = start
    while offset < end:
        head = reader.peek(offset, 12)
        id_length = _vint_length(head, 4, offset)
        size_head = head[id_length:]
        size_length = _vint_length(size_head, 8, offset)
        mask = (1 << (7 * size_length)) - 1
        size = int.from_bytes(size_head[:size_length], "big") & mask
        unknown = size == mask
        content = offset + id_length + size_length
        stop = end if unknown else content + size
        yield _Element(identity=int.from_bytes(head[:id_length], "big"), start=content, end=stop, unknown_size=unknown)
        if unknown:
            return
        offset = stop


def _vint_length(head: bytes, longest: int, offset: int) -> int:
    length = 9 - head[0].bit_length() if head else 9
    if length > longest or length > len(head):
        raise SourceFormatError(f"is damaged: no EBML element begins at byte {offset}")
    return length
