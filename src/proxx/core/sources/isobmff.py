"""QuickTime and ISO base media: the box tree down to the first sample entry of each track.

Sources: ISO/IEC 14496-12, Apple's QuickTime File Format. Depth is fixed by the path that is followed; the number of
boxes and bytes is bounded by the reader.
"""

from dataclasses import dataclass, field, replace

from proxx.core.sources import forms, isobmff_samples
from proxx.core.sources.bounded_reader import BoundedReader, CutOffError, SourceFormatError
from proxx.core.sources.codec_words import sample_entry_codec
from proxx.core.sources.isobmff_boxes import Box, boxes, child, valid_first_size
from proxx.core.sources.isobmff_notes import MAX_BESIDE, edit_list, movie_scale, stated_beside
from proxx.core.sources.isobmff_references import check_references
from proxx.core.sources.isobmff_tags import TAG_BOXES, check_tags
from proxx.core.sources.reading import Edit, Reading, TimecodeTrack, VideoTrack, fourcc

_STARTERS = frozenset({b"ftyp", b"wide", b"mdat", b"moov", b"free", b"skip", b"pnot", b"styp", b"junk", b"uuid"})
_STILL_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"})
_CANON_BRAND = b"crx "
_CANON_UUID = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_WRAPPED_ENTRIES = frozenset({b"encv", b"drmi", b"resv"})
_VISUAL_ENTRY_BYTES = 86
_MAX_FRAGMENT_BOXES = 512
_MAX_ENDS = 64
_MAX_REFERENCES = 16
_DROP_FLAG, _WRAP_FLAG = 1, 2


@dataclass(slots=True, kw_only=True)
class _Track:
    handler: bytes = b""
    track_id: int = 0
    chapters: tuple[int, ...] = ()
    timecodes: tuple[int, ...] = ()
    media_scale: int = 0
    entry: bytes = b""
    original: bytes = b""
    tables: "isobmff_samples.SampleTables" = field(default_factory=lambda: isobmff_samples.SampleTables())
    timecode: TimecodeTrack | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Movie:
    tracks: list[_Track] = field(default_factory=list)
    fragmented: bool = False
    nikon: bool = False
    canon: bytes = b""
    compressed: bool = False


def looks_like_iso_media(*, head: bytes) -> bool:
    """Return whether the first eight bytes are a box header that such a file may begin with (`ftyp` is optional)."""
    return head[4:8] in _STARTERS and valid_first_size(size=int.from_bytes(head[:4], "big"))


def read_iso_media(*, reader: BoundedReader) -> Reading:
    """Return the tracks of a QuickTime or ISO file.

    Raises:
        SourceFormatError: no movie header can be reached, or the limits are used up.
    """
    brand = b""
    last: Box | None = None
    seen: list[Box] = []
    for box in boxes(reader=reader, start=0, end=reader.size):
        last = box
        seen.append(box)
        if box.kind == b"ftyp":
            brand = reader.peek(box.start, 4)
            if brand in _STILL_BRANDS:
                return Reading(form=forms.HEIF)
        if box.kind == b"moov":
            if box.overruns:
                break
            reading = _reading(reader, _read_movie(reader, box), brand, box.end)
            labels, reels = stated_beside(reader=reader, moov=box, before=tuple(seen[:MAX_BESIDE]))
            return replace(reading, labels=labels, reels=reels)
    if last is not None and last.kind == b"moov":
        raise CutOffError(
            f"is cut off inside its movie header (moov), which begins at byte {last.header} and goes on past the end "
            f"of the file at byte {reader.size}"
        )
    if last is not None and last.overruns:
        raise CutOffError(
            f"is cut off: its box {fourcc(code=last.kind)} at byte {last.header} goes on past the end of the file at "
            f"byte {reader.size}, and no movie header (moov) comes before it"
        )
    if any(box.kind == b"mdat" for box in seen):
        raise CutOffError(
            "holds media and no movie header (moov): the recording was not finished, or the file is cut off"
        )
    raise SourceFormatError("holds no movie header (moov)")


def _read_movie(reader: BoundedReader, moov: Box) -> _Movie:
    movie = _Movie()
    scale = movie_scale(reader=reader, moov=moov)
    for box in boxes(reader=reader, start=moov.start, end=moov.end):
        if box.kind in TAG_BOXES:
            check_tags(reader=reader, box=box)
        if box.kind == b"trak":
            movie.tracks.append(_read_track(reader, box, scale))
        elif box.kind == b"mvex":
            movie.fragmented = True
        elif box.kind == b"cmov":
            movie.compressed = True
        elif box.kind == b"udta":
            movie.nikon = movie.nikon or child(reader=reader, parent=box, kind=b"NCDT") is not None
        elif box.kind == b"uuid" and reader.peek(box.start, 16) == _CANON_UUID:
            version = child(reader=reader, parent=replace(box, start=box.start + 16), kind=b"CNCV")
            movie.canon = reader.peek(version.start, 8) if version is not None else b""
    return movie


def _read_track(reader: BoundedReader, trak: Box, scale: int) -> _Track:
    track = _Track()
    for box in boxes(reader=reader, start=trak.start, end=trak.end):
        if box.kind in TAG_BOXES:
            check_tags(reader=reader, box=box)
        if box.kind == b"tkhd":
            wide = reader.read(box.start, 1) == b"\x01"
            track.track_id = reader.number(box.start + (20 if wide else 12), 4)
        elif box.kind == b"tref":
            track.chapters = _references(reader, box, b"chap")
            track.timecodes = _references(reader, box, b"tmcd")
        elif box.kind == b"edts":
            track.edits = edit_list(reader=reader, edts=box, scale=scale)
        elif box.kind == b"mdia":
            _read_media(reader, box, track)
    return track


def _references(reader: BoundedReader, tref: Box, kind: bytes) -> tuple[int, ...]:
    found = child(reader=reader, parent=tref, kind=kind)
    listed = reader.peek(found.start, min(4 * _MAX_REFERENCES, found.end - found.start)) if found is not None else b""
    return tuple(int.from_bytes(listed[at : at + 4], "big") for at in range(0, len(listed), 4))


def _read_media(reader: BoundedReader, mdia: Box, track: _Track) -> None:
    for box in boxes(reader=reader, start=mdia.start, end=mdia.end):
        if box.kind == b"hdlr":
            track.handler = reader.peek(box.start + 8, 4)
        elif box.kind == b"mdhd":
            wide = reader.peek(box.start, 1) == b"\x01"
            track.media_scale = int.from_bytes(reader.peek(box.start + (20 if wide else 12), 4), "big")
        elif box.kind == b"minf":
            check_references(reader=reader, media=box)
            table = child(reader=reader, parent=box, kind=b"stbl")
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
        flags = reader.number(entry.header + 20, 4)
        track.timecode = TimecodeTrack(
            timescale=reader.number(entry.header + 24, 4),
            frame_duration=reader.number(entry.header + 28, 4),
            frames_per_second=reader.number(entry.header + 32, 1),
            drop_frame=bool(flags & _DROP_FLAG),
            wraps=bool(flags & _WRAP_FLAG),
        )
    if entry.kind in _WRAPPED_ENTRIES:
        inner = replace(entry, start=entry.header + _VISUAL_ENTRY_BYTES)
        for name in (b"sinf", b"rinf"):
            scheme = child(reader=reader, parent=inner, kind=name)
            original = child(reader=reader, parent=scheme, kind=b"frma") if scheme is not None else None
            if original is not None:
                track.original = reader.peek(original.start, 4)


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
        for track in movie.tracks[:_MAX_ENDS]
        if (end := isobmff_samples.samples_end(reader=reader, tables=track.tables)) is not None
    ]
    if movie.fragmented:
        ends.append(_last_fragment_end(reader, moov_end) or 0)
    return Reading(
        form=forms.ISO_MEDIA,
        video=video,
        declared_end=max(ends, default=None),
        timecode_track=_timecode_track(reader, movie),
        brand=fourcc(code=brand).strip() if brand else "",
    )


def _timecode_track(reader: BoundedReader, movie: _Movie) -> TimecodeTrack | None:
    """Return the timecode track that the clip refers to, else the first one, with where it starts."""
    wanted = next((track.timecodes for track in movie.tracks if track.handler == b"vide" and track.timecodes), ())
    tracks = [track for track in movie.tracks if track.timecode is not None]
    chosen = next((track for track in tracks if track.track_id in wanted), tracks[0] if tracks else None)
    if chosen is None or chosen.timecode is None:
        return None
    first = isobmff_samples.first_chunk(reader=reader, tables=chosen.tables)
    sample = reader.peek(first, 4) if first is not None else b""
    count = isobmff_samples.sample_count(reader=reader, tables=chosen.tables)
    begins = next((edit.media_time for edit in chosen.edits if edit.media_time >= 0), 0)
    scale, length = chosen.media_scale * chosen.timecode.frame_duration, chosen.timecode.timescale
    return replace(
        chosen.timecode,
        start=int.from_bytes(sample, "big") if len(sample) == 4 and count else None,
        skipped_frames=begins * length // scale if scale > 0 else 0,
        samples=count,
    )


def _video_track(reader: BoundedReader, movie: _Movie, track: _Track, brand: bytes, *, cover: bool) -> VideoTrack:
    codec = sample_entry_codec(entry=track.original or track.entry)
    conflict = ""
    if codec == "canon_raw" and (brand != _CANON_BRAND or movie.canon != b"CanonCRM"):
        conflict = (
            "its sample entry is CRAW and nothing else proves a Canon Cinema RAW Light clip (brand crx, CanonCRM)"
        )
    remark = ""
    if movie.nikon and _is_nikon_raw(reader, track):
        if codec is None:
            codec = "nikon_raw"
        else:
            conflict = f"its samples begin like Nikon N-RAW (NRAW) and its sample entry says {codec}"
    elif movie.nikon and codec is None:
        remark = "Nikon's NCDT is there and no NRAW at byte 4 of the first sample, so nothing proves N-RAW"
    count = isobmff_samples.sample_count(reader=reader, tables=track.tables)
    return VideoTrack(
        sample_entry=fourcc(code=track.entry),
        codec=codec,
        cover=cover,
        has_samples=movie.fragmented or count != 0,
        conflict=conflict,
        remark=remark,
        edits=track.edits,
    )


def _is_nikon_raw(reader: BoundedReader, track: _Track) -> bool:
    first = isobmff_samples.first_chunk(reader=reader, tables=track.tables)
    return first is not None and reader.peek(first + 4, 4) == b"NRAW"
