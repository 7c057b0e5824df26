"""QuickTime and ISO base media: the box tree down to the first sample entry of each track.

Sources: ISO/IEC 14496-12, Apple's QuickTime File Format. Depth is fixed by the path that is followed; the number of
boxes and bytes is bounded by the reader.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from proxx.core.sources import forms, isobmff_samples
from proxx.core.sources.bounded_reader import BoundedReader, SourceFormatError
from proxx.core.sources.codec_words import sample_entry_codec
from proxx.core.sources.reading import Reading, TimecodeTrack, VideoTrack, fourcc

_STARTERS = frozenset({b"ftyp", b"wide", b"mdat", b"moov", b"free", b"skip", b"pnot", b"styp", b"junk", b"uuid"})
_STILL_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"})
_CANON_BRAND = b"crx "
_CANON_UUID = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_WRAPPED_ENTRIES = frozenset({b"encv", b"drmi", b"resv"})
_VISUAL_ENTRY_BYTES = 86
_MAX_FRAGMENT_BOXES = 512
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


@dataclass(slots=True, kw_only=True)
class _Track:
    handler: bytes = b""
    track_id: int = 0
    chapters: tuple[int, ...] = ()
    entry: bytes = b""
    original: bytes = b""
    tables: "isobmff_samples.SampleTables" = field(default_factory=lambda: isobmff_samples.SampleTables())
    timecode: TimecodeTrack | None = None


@dataclass(slots=True, kw_only=True)
class _Movie:
    tracks: list[_Track] = field(default_factory=list)
    fragmented: bool = False
    nikon: bool = False
    canon: bytes = b""
    compressed: bool = False


def looks_like_iso_media(*, head: bytes) -> bool:
    """Return whether the first eight bytes are a box header that such a file may begin with (`ftyp` is optional)."""
    size = int.from_bytes(head[:4], "big")
    return head[4:8] in _STARTERS and (size >= 8 or size in (_TO_THE_END, _LARGE_SIZE))


def read_iso_media(*, reader: BoundedReader) -> Reading:
    """Return the tracks of a QuickTime or ISO file.

    Raises:
        SourceFormatError: no movie header can be reached, or the limits are used up.
    """
    brand = b""
    last: Box | None = None
    for box in boxes(reader=reader, start=0, end=reader.size):
        last = box
        if box.kind == b"ftyp":
            brand = reader.peek(box.start, 4)
            if brand in _STILL_BRANDS:
                return Reading(form=forms.HEIF)
        if box.kind == b"moov":
            if box.overruns:
                break
            return _reading(reader, _read_movie(reader, box), brand, box.end)
    if last is not None and last.kind == b"moov":
        raise SourceFormatError(
            f"is cut off inside its movie header (moov), which begins at byte {last.header} and goes on past the end "
            f"of the file at byte {reader.size}"
        )
    if last is not None and last.overruns:
        raise SourceFormatError(
            f"is cut off: its box {fourcc(code=last.kind)} at byte {last.header} goes on past the end of the file at "
            f"byte {reader.size}, and no movie header (moov) comes before it"
        )
    raise SourceFormatError("holds no movie header (moov)")


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


def _read_movie(reader: BoundedReader, moov: Box) -> _Movie:
    movie = _Movie()
    for box in boxes(reader=reader, start=moov.start, end=moov.end):
        if box.kind == b"trak":
            movie.tracks.append(_read_track(reader, box))
        elif box.kind == b"mvex":
            movie.fragmented = True
        elif box.kind == b"cmov":
            movie.compressed = True
        elif box.kind == b"udta":
            movie.nikon = movie.nikon or _child(reader, box, b"NCDT") is not None
        elif box.kind == b"uuid" and reader.peek(box.start, 16) == _CANON_UUID:
            version = _child(reader, replace(box, start=box.start + 16), b"CNCV")
            movie.canon = reader.peek(version.start, 8) if version is not None else b""
    return movie


def _read_track(reader: BoundedReader, trak: Box) -> _Track:
    track = _Track()
    for box in boxes(reader=reader, start=trak.start, end=trak.end):
        if box.kind == b"tkhd":
            wide = reader.read(box.start, 1) == b"\x01"
            track.track_id = reader.number(box.start + (20 if wide else 12), 4)
        elif box.kind == b"tref":
            chapters = _child(reader, box, b"chap")
            if chapters is not None:
                listed = reader.peek(chapters.start, min(256, chapters.end - chapters.start))
                track.chapters = tuple(int.from_bytes(listed[at : at + 4], "big") for at in range(0, len(listed), 4))
        elif box.kind == b"mdia":
            _read_media(reader, box, track)
    return track


def _read_media(reader: BoundedReader, mdia: Box, track: _Track) -> None:
    for box in boxes(reader=reader, start=mdia.start, end=mdia.end):
        if box.kind == b"hdlr":
            track.handler = reader.peek(box.start + 8, 4)
        elif box.kind == b"minf":
            table = _child(reader, box, b"stbl")
            for part in boxes(reader=reader, start=table.start, end=table.end) if table is not None else ():
                if part.kind == b"stsd":
                    _read_description(reader, part, track)
                else:
                    isobmff_samples.note_table(tables=track.tables, kind=part.kind, start=part.start, end=part.end)


def _read_description(reader: BoundedReader, stsd: Box, track: _Track) -> None:
    entry = next(boxes(reader=reader, start=stsd.start + 8, end=stsd.end), None)
    if entry is None:
        return
    track.entry = entry.kind
    if entry.kind == b"tmcd" and entry.end - entry.header >= 33:
        track.timecode = TimecodeTrack(
            timescale=reader.number(entry.header + 24, 4),
            frame_duration=reader.number(entry.header + 28, 4),
            frames_per_second=reader.number(entry.header + 32, 1),
            drop_frame=bool(reader.number(entry.header + 20, 4) & 1),
        )
    if entry.kind in _WRAPPED_ENTRIES:
        inner = replace(entry, start=entry.header + _VISUAL_ENTRY_BYTES)
        for name in (b"sinf", b"rinf"):
            scheme = _child(reader, inner, name)
            original = _child(reader, scheme, b"frma") if scheme is not None else None
            if original is not None:
                track.original = reader.peek(original.start, 4)


def _child(reader: BoundedReader, parent: Box, kind: bytes) -> Box | None:
    """Return the first child of that type. QuickTime pads lists with four zero bytes; those end the search."""
    for box in boxes(reader=reader, start=parent.start, end=parent.end):
        if box.kind == kind:
            return box
        if box.kind == bytes(4):
            return None
    return None


def _last_fragment_end(reader: BoundedReader, start: int) -> int | None:
    """Return the byte after the last box of a fragmented file; None when it has too many fragments to follow."""
    end: int | None = None
    try:
        for count, box in enumerate(boxes(reader=reader, start=start, end=reader.size)):
            if count == _MAX_FRAGMENT_BOXES:
                return None
            end = box.start + box.declared
    except SourceFormatError:
        return None
    return end


def _reading(reader: BoundedReader, movie: _Movie, brand: bytes, moov_end: int) -> Reading:
    if movie.compressed:
        raise SourceFormatError("keeps its movie header compressed (cmov), which is not read")
    if brand == _CANON_BRAND and movie.canon == b"CanonCR3":
        return Reading(form=forms.CR3)
    covers = {track_id for track in movie.tracks for track_id in track.chapters}
    video = tuple(
        _video_track(reader, movie, track, brand, cover=track.track_id in covers)
        for track in movie.tracks
        if track.handler == b"vide" and track.entry
    )
    ends = [
        end
        for track in movie.tracks
        if (end := isobmff_samples.samples_end(reader=reader, tables=track.tables)) is not None
    ]
    if movie.fragmented:
        ends.append(_last_fragment_end(reader, moov_end) or 0)
    return Reading(
        form=forms.ISO_MEDIA,
        video=video,
        declared_end=max(ends, default=None),
        timecode_track=next((track.timecode for track in movie.tracks if track.timecode is not None), None),
    )


def _video_track(reader: BoundedReader, movie: _Movie, track: _Track, brand: bytes, *, cover: bool) -> VideoTrack:
    codec = sample_entry_codec(entry=track.original or track.entry)
    conflict = ""
    if codec == "canon_raw" and (brand != _CANON_BRAND or movie.canon != b"CanonCRM"):
        conflict = (
            "its sample entry is CRAW and nothing else proves a Canon Cinema RAW Light clip (brand crx, CanonCRM)"
        )
    if codec is None and movie.nikon and _is_nikon_raw(reader, track):
        codec = "nikon_raw"
    count = isobmff_samples.sample_count(reader=reader, tables=track.tables)
    return VideoTrack(
        sample_entry=fourcc(code=track.entry),
        codec=codec,
        cover=cover,
        has_samples=movie.fragmented or count != 0,
        conflict=conflict,
    )


def _is_nikon_raw(reader: BoundedReader, track: _Track) -> bool:
    first = isobmff_samples.first_chunk(reader=reader, tables=track.tables)
    return first is not None and reader.peek(first + 4, 4) == b"NRAW"
