"""MXF: the file descriptors of the header partition (or of the footer's copy), and the first VC-3 frame header.

Source: SMPTE ST 377-1. Of each picture descriptor two labels are read: picture coding (local tag 3201h) and essence
container (3004h); of each timecode component its start, base and drop flag (1501h to 1503h). A VC-3 label without
compression id is settled by the compression id in the first frame's header (ST 2019-1: four bytes at 28h).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from proxx.core.sources import forms
from proxx.core.sources.bounded_reader import BoundedReader, SourceFormatError
from proxx.core.sources.mxf_labels import (
    LABEL_BYTES,
    RAW_CODECS,
    arriraw_packing,
    coding_codec,
    container_codec,
    private_owner,
    vc3_codec,
)
from proxx.core.sources.reading import Reading, StatedLabel, VideoTrack
from proxx.core.timecode import Timecode, TimecodeError

RUN_IN_BYTES = 65536
"""How many foreign bytes may come before the header partition (ST 377-1, 6.5)."""

_PARTITION = bytes.fromhex("060e2b34020501010d010201")
_HEADER_KIND, _FOOTER_KIND = 0x02, 0x04
_SET_HEAD = bytes.fromhex("060e2b34")
_SET_TAIL = bytes.fromhex("0d01010101")
_PICTURE_SETS = frozenset({0x27, 0x28, 0x29, 0x51, 0x5F})
_ESSENCE_HEAD, _ESSENCE_TAIL = bytes.fromhex("060e2b34010201"), bytes.fromhex("0d010301")
_PICTURE_ITEMS = frozenset({0x05, 0x15})
_CONTAINER_TAG, _CODING_TAG = 0x3004, 0x3201
_TIMECODE_SET = 0x14
_START_TAG, _BASE_TAG, _DROP_TAG = 0x1501, 0x1502, 0x1503
_WANTED = {_CONTAINER_TAG: LABEL_BYTES, _CODING_TAG: LABEL_BYTES, _START_TAG: 8, _BASE_TAG: 2, _DROP_TAG: 1}
_MAX_SET_BYTES = 65536
_MAX_SETS = 1024
_MAX_ITEMS = 128
_MAX_ITEMS_TOGETHER = 16384
_VC3_MAGIC = b"\x00\x00\x02\x80"
_VC3_ID_OFFSET = 0x28


@dataclass(frozen=True, slots=True, kw_only=True)
class _Packet:
    key: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Metadata:
    """The picture tracks, whether any file descriptor was seen, where the metadata ended, and its timecodes."""

    video: tuple[VideoTrack, ...]
    described: bool
    end: int
    labels: tuple[StatedLabel, ...]


def header_offset(*, reader: BoundedReader) -> int | None:
    """Return where the header partition begins, None when no such key lies within the run-in."""
    head = reader.peek(0, 14)
    if _is_partition(head, _HEADER_KIND):
        return 0
    window = reader.peek(0, RUN_IN_BYTES + 16)
    at = window.find(_PARTITION)
    while 0 <= at <= RUN_IN_BYTES:
        if _is_partition(window[at : at + 14], _HEADER_KIND):
            return at
        at = window.find(_PARTITION, at + 1)
    return None


def read_mxf(*, reader: BoundedReader, header: int) -> Reading:
    """Return the picture tracks of an MXF file whose header partition begins at `header`.

    Raises:
        SourceFormatError: the partition is damaged or cut off, or the limits are used up.
    """
    pack = _packet(reader, header)
    footer = reader.number(pack.start + 24, 8)
    length = reader.number(pack.start + 32, 8)
    metadata_end = min(reader.size, pack.end + length) if length else reader.size
    found = _metadata(reader, pack.end, metadata_end)
    if not found.described and footer and header + footer < reader.size:
        last = _packet(reader, header + footer)
        if _is_partition(last.key, _FOOTER_KIND):
            found = replace(_metadata(reader, last.end, reader.size), end=found.end)
    if not found.described:
        raise SourceFormatError("describes no essence: no file descriptor in its header or footer partition")
    settled = tuple(_settle_vc3(reader, track, max(found.end, pack.end)) for track in found.video)
    return Reading(
        form=forms.MXF,
        video=settled,
        declared_end=header + footer + 1 if footer else None,
        labels=found.labels,
    )


def _metadata(reader: BoundedReader, start: int, end: int) -> _Metadata:
    tracks: list[VideoTrack] = []
    labels: list[StatedLabel] = []
    described = False
    offset, sets, together = start, 0, 0
    for packet in _packets(reader, start, end):
        if _is_essence(packet.key):
            break
        offset = packet.end
        if packet.key[:4] != _SET_HEAD or packet.key[4] != 0x02 or packet.key[8:13] != _SET_TAIL:
            continue
        sets += 1
        if sets > _MAX_SETS:
            raise SourceFormatError(f"has more than {_MAX_SETS} metadata sets")
        items, count = _items(reader, packet)
        together += count
        if together > _MAX_ITEMS_TOGETHER:
            raise SourceFormatError(f"has more than {_MAX_ITEMS_TOGETHER} metadata items")
        described = described or _CONTAINER_TAG in items
        if packet.key[14] in _PICTURE_SETS or _CODING_TAG in items:
            tracks.append(_picture(coding=items.get(_CODING_TAG, b""), container=items.get(_CONTAINER_TAG, b"")))
        if packet.key[14] == _TIMECODE_SET:
            labels += _timecode(items)
    return _Metadata(video=tuple(tracks), described=described, end=offset, labels=tuple(labels))


def _timecode(items: Mapping[int, bytes]) -> list[StatedLabel]:
    """Return the label of a timecode component; nothing when its start lies outside the day."""
    start, base = (int.from_bytes(items.get(tag, b""), "big") for tag in (_START_TAG, _BASE_TAG))
    drop = items.get(_DROP_TAG, b"\0") != b"\0"
    if not base or _START_TAG not in items:
        return []
    rate = Fraction(base * 1000, 1001) if drop else Fraction(base)
    try:
        label = Timecode(frames=start, rate=rate, drop_frame=drop).label
    except TimecodeError:
        return []
    return [StatedLabel(text=label, origin="timecode component", counts=base)]


def _items(reader: BoundedReader, packet: _Packet) -> tuple[dict[int, bytes], int]:
    """Return the wanted items of a set by their local tag, and how many items it has."""
    if packet.end - packet.start > _MAX_SET_BYTES:
        return {}, 0
    data = reader.peek(packet.start, packet.end - packet.start)
    wanted: dict[int, bytes] = {}
    at = count = 0
    while at + 4 <= len(data) and count < _MAX_ITEMS:
        count += 1
        tag, length = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + 4], "big")
        if _WANTED.get(tag) == length:
            wanted[tag] = data[at + 4 : at + 4 + length]
        at += 4 + length
    return wanted, count


def _picture(*, coding: bytes, container: bytes) -> VideoTrack:
    by_coding, by_container = coding_codec(label=coding), container_codec(label=container)
    label = coding or container
    codec = by_coding or (by_container if not coding else None)
    owner = private_owner(label=label) if codec is None else None
    return VideoTrack(
        sample_entry=label.hex() or "no label",
        codec=codec,
        conflict=_raw_conflict(coding, container),
        remark=f"a private label of {owner}" if owner is not None else "",
    )


def _raw_conflict(coding: bytes, container: bytes) -> str:
    """Name two labels that do not prove the same camera RAW; empty when neither says RAW, or both the same.

    A private coding that no table names contradicts nothing: it is an unknown codec.
    """
    by_coding, by_container = coding_codec(label=coding), container_codec(label=container)
    if by_coding is None and private_owner(label=coding) is not None:
        return ""
    if by_coding != by_container and RAW_CODECS & {by_coding, by_container}:
        return (
            f"its picture coding label says {by_coding or 'nothing known'} and its essence container label "
            f"says {by_container or 'nothing known'}"
        )
    coded, wrapped = arriraw_packing(label=coding), arriraw_packing(label=container)
    if by_coding == "arriraw" and coded != wrapped:
        return f"its picture coding label says ARRIRAW {coded} and its essence container label says ARRIRAW {wrapped}"
    return ""


def _settle_vc3(reader: BoundedReader, track: VideoTrack, start: int) -> VideoTrack:
    if track.codec != "vc3":
        return track
    for packet in _packets(reader, start, reader.size):
        if _is_essence(packet.key) and packet.key[12] in _PICTURE_ITEMS:
            frame = reader.peek(packet.start, _VC3_ID_OFFSET + 4)
            if frame[:4] == _VC3_MAGIC and len(frame) == _VC3_ID_OFFSET + 4:
                codec = vc3_codec(compression_id=int.from_bytes(frame[_VC3_ID_OFFSET:], "big"))
                return VideoTrack(sample_entry=track.sample_entry, codec=codec)
            break
    raise SourceFormatError("is VC-3 without a compression id, in its labels or in its first frame")


def _packets(reader: BoundedReader, start: int, end: int) -> Iterator[_Packet]:
    offset = start
    while offset + 17 <= end:
        packet = _packet(reader, offset)
        yield packet
        offset = packet.end


def _packet(reader: BoundedReader, offset: int) -> _Packet:
    key = reader.read(offset, 16)
    first = reader.number(offset + 16, 1)
    if first < 0x80:
        return _Packet(key=key, start=offset + 17, end=offset + 17 + first)
    count = first & 0x7F
    if not 1 <= count <= 8:
        raise SourceFormatError(f"is damaged: no KLV length at byte {offset + 16}")
    length = reader.number(offset + 17, count)
    return _Packet(key=key, start=offset + 17 + count, end=offset + 17 + count + length)


def _is_essence(key: bytes) -> bool:
    return key[:7] == _ESSENCE_HEAD and key[8:12] == _ESSENCE_TAIL


def _is_partition(key: bytes, kind: int) -> bool:
    return key[:12] == _PARTITION and key[12] == 0x01 and key[13] == kind if len(key) >= 14 else False
