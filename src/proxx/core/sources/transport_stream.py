"""MPEG transport streams: packet grid, program association, and the stream types of the first program.

Source: ISO/IEC 13818-1; packets of 192 bytes (Blu-ray, AVCHD) carry a four-byte time stamp in front, those of 204
bytes sixteen bytes of error correction behind.
"""

from collections.abc import Iterator

from proxx.core.sources import forms
from proxx.core.sources.bounded_reader import BoundedReader, SourceFormatError
from proxx.core.sources.codec_words import TS_REGISTRATIONS, TS_STREAM_TYPES
from proxx.core.sources.reading import Reading, VideoTrack, printable

SEARCH_BYTES = 2 * 1024 * 1024
"""How far the tables are looked for. Encoders repeat them at least every half second."""

_MAX_SECTIONS = 2048
_PACKET = 188
_WINDOW_PACKETS = 512
_STRIDES = (188, 192, 204)
_SYNC = 0x47
_PROOF_PACKETS = 5
_FEWEST_PACKETS = 3
_PRIVATE_STREAM = 0x06
_REGISTRATION = 0x05


def packet_grid(*, reader: BoundedReader) -> tuple[int, int] | None:
    """Return (offset of the first packet, distance between packets); None when the bytes form no such grid."""
    window = reader.peek(0, 204 * (_PROOF_PACKETS + 1))
    for stride in _STRIDES:
        for first in range(min(stride, len(window))):
            marks = window[first::stride][:_PROOF_PACKETS]
            enough = len(marks) == _PROOF_PACKETS or (len(marks) >= _FEWEST_PACKETS and reader.size == len(window))
            if enough and all(mark == _SYNC for mark in marks):
                return first, stride
    return None


def read_transport_stream(*, reader: BoundedReader, grid: tuple[int, int]) -> Reading:
    """Return the video streams of the first program.

    Raises:
        SourceFormatError: no program map within SEARCH_BYTES, or the limits are used up.
    """
    map_pid: int | None = None
    pending: dict[int, bytes] = {}
    sections = 0
    for packet in _packets(reader, *grid):
        pid = (packet[1] & 0x1F) << 8 | packet[2]
        if pid not in (0, map_pid):
            continue
        section = _section(pending, pid, packet)
        if section is None:
            continue
        sections += 1
        if sections > _MAX_SECTIONS:
            break
        if pid == 0 and section[0] == 0x00:
            map_pid = _first_program_map(section)
        elif pid == map_pid and section[0] == 0x02:
            return Reading(form=forms.TRANSPORT_STREAM, video=_video_streams(section))
    raise SourceFormatError(f"holds no program map in its first {SEARCH_BYTES} bytes and {_MAX_SECTIONS} sections")


def _packets(reader: BoundedReader, first: int, stride: int) -> Iterator[bytes]:
    """Yield the packets of the search range that bear the sync byte, read in windows of many packets."""
    end = min(reader.size, first + SEARCH_BYTES)
    for start in range(first, end, stride * _WINDOW_PACKETS):
        data = reader.peek(start, min(stride * _WINDOW_PACKETS, end - start))
        for at in range(0, len(data) - _PACKET + 1, stride):
            if data[at] == _SYNC:
                yield data[at : at + _PACKET]


def _section(pending: dict[int, bytes], pid: int, packet: bytes) -> bytes | None:
    """Collect the table section of a PID over its packets; return it when it is whole."""
    control = packet[3] >> 4 & 0x3
    begin = 4 + (1 + packet[4] if control & 0x2 else 0)
    if not control & 0x1 or begin >= len(packet):
        return None
    payload = packet[begin:]
    if packet[1] & 0x40:
        pending[pid] = payload[1 + payload[0] :]
    elif pid in pending:
        pending[pid] += payload
    else:
        return None
    section = pending[pid]
    if len(section) < 3:
        return None
    length = 3 + ((section[1] & 0x0F) << 8 | section[2])
    if len(section) < length:
        return None
    del pending[pid]
    return section[:length]


def _first_program_map(section: bytes) -> int | None:
    """Return the PID of the first program's map; program 0 is the network's own table."""
    entries = section[8:-4]
    for at in range(0, len(entries) - 3, 4):
        if entries[at : at + 2] != b"\x00\x00":
            return (entries[at + 2] & 0x1F) << 8 | entries[at + 3]
    return None


def _video_streams(section: bytes) -> tuple[VideoTrack, ...]:
    if len(section) < 16:
        return ()
    tracks: list[VideoTrack] = []
    at = 12 + ((section[10] & 0x0F) << 8 | section[11])
    while at + 5 <= len(section) - 4:
        kind = section[at]
        length = (section[at + 3] & 0x0F) << 8 | section[at + 4]
        registration = _registration(section[at + 5 : at + 5 + length])
        codec = TS_STREAM_TYPES.get(kind)
        if kind == _PRIVATE_STREAM:
            codec = TS_REGISTRATIONS.get(registration) or None
        if codec is not None:
            entry = f"0x{kind:02x}" + (f" {printable(text=registration)}" if registration else "")
            tracks.append(VideoTrack(sample_entry=entry, codec=codec))
        at += 5 + length
    return tuple(tracks)


def _registration(descriptors: bytes) -> str:
    at = 0
    while at + 2 <= len(descriptors):
        tag, length = descriptors[at], descriptors[at + 1]
        if tag == _REGISTRATION and length >= 4:
            return descriptors[at + 2 : at + 6].decode("latin-1")
        at += 2 + length
    return ""
