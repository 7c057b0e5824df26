"""AVI: the stream headers of the header list. OpenDML files keep them in the same place.

Source: Microsoft AVI RIFF File Reference, OpenDML AVI 1.02.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from proxx.core.sources import forms
from proxx.core.sources.bounded_reader import BoundedReader, SourceFormatError
from proxx.core.sources.codec_words import avi_codec
from proxx.core.sources.reading import Reading, VideoTrack, fourcc

MOST_NOTE_BYTES = 64 * 1024
"""Bytes of all lists of notes in front of the media (200,000 notes: more than 20 s)."""

_DV_INTERLEAVED = b"iavs"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    kind: bytes
    start: int
    end: int


def is_avi(*, head: bytes) -> bool:
    """Return whether the first twelve bytes are those of an AVI file."""
    return head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"AVI\x19")


def read_avi(*, reader: BoundedReader) -> Reading:
    """Return the video streams of an AVI file.

    Raises:
        SourceFormatError: no header list can be reached, or the limits are used up.
    """
    declared = int.from_bytes(reader.read(4, 4), "little") + 8
    _check_notes(reader)
    for chunk in _chunks(reader, 12, reader.size):
        if chunk.kind == b"LIST" and reader.peek(chunk.start, 4) == b"hdrl":
            streams = [
                _video_stream(reader, part)
                for part in _chunks(reader, chunk.start + 4, chunk.end)
                if part.kind == b"LIST" and reader.peek(part.start, 4) == b"strl"
            ]
            video = tuple(stream for stream in streams if stream is not None)
            return Reading(form=forms.AVI, video=video, declared_end=declared)
    raise SourceFormatError("holds no header list (hdrl)")


def _check_notes(reader: BoundedReader) -> None:
    """Refuse more notes (INFO) before the media than anybody writes: FFmpeg compares each with every other."""
    size = 0
    for chunk in _chunks(reader, 12, reader.size):
        kind = reader.peek(chunk.start, 4) if chunk.kind == b"LIST" else b""
        if kind == b"movi":
            return
        size += chunk.end - chunk.start if kind == b"INFO" else 0
        if size > MOST_NOTE_BYTES:
            raise SourceFormatError(f"holds {size} bytes of notes (INFO); the limit is {MOST_NOTE_BYTES} bytes")


def _chunks(reader: BoundedReader, start: int, end: int) -> Iterator[_Chunk]:
    offset = start
    while offset + 8 <= end:
        header = reader.read(offset, 8)
        size = int.from_bytes(header[4:8], "little")
        yield _Chunk(kind=header[:4], start=offset + 8, end=min(end, offset + 8 + size))
        offset += 8 + size + size % 2


def _video_stream(reader: BoundedReader, strl: _Chunk) -> VideoTrack | None:
    kind = handler = compression = b""
    for chunk in _chunks(reader, strl.start + 4, strl.end):
        if chunk.kind == b"strh":
            kind, handler = reader.read(chunk.start, 4), reader.read(chunk.start + 4, 4)
        elif chunk.kind == b"strf" and chunk.end - chunk.start >= 20:
            compression = reader.read(chunk.start + 16, 4)
    if kind == _DV_INTERLEAVED:
        return VideoTrack(sample_entry=fourcc(code=handler), codec="dvvideo")
    if kind != b"vids":
        return None
    code = compression or handler
    codec = avi_codec(code=code)
    if codec is None and handler != code:
        codec = avi_codec(code=handler) if any(handler) else None
    return VideoTrack(sample_entry=fourcc(code=code), codec=codec)
