"""Synthetic headers of media files, small and made by hand: enough for a reader, nothing to decode."""

from proxx.core.detection import Detection
from proxx.core.sources.detect import detect
from tests.fakes.byte_source import MemoryByteSource

CANON_UUID = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")


def detected(name: str, data: bytes) -> Detection:
    return detect(name=name, data=MemoryByteSource(data))


def number(value: int, length: int = 4) -> bytes:
    return value.to_bytes(length, "big")


# QuickTime and ISO


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return number(8 + len(body)) + kind + body


def wide_box(kind: bytes, *content: bytes) -> bytes:
    """A box with a 64-bit size."""
    body = b"".join(content)
    return number(1) + kind + number(16 + len(body), 8) + body


def ftyp(brand: bytes = b"qt  ") -> bytes:
    return box(b"ftyp", brand, number(0), brand)


def sample_entry(kind: bytes, *children: bytes) -> bytes:
    return box(kind, bytes(78), *children)


def wrapped_entry(kind: bytes, original: bytes, scheme: bytes = b"sinf") -> bytes:
    return sample_entry(kind, box(scheme, box(b"frma", original)))


def track(
    entry: bytes,
    *,
    handler: bytes = b"vide",
    track_id: int = 1,
    sizes: tuple[int, ...] = (100,),
    offset: int = 0,
    chapters: tuple[int, ...] = (),
) -> bytes:
    chunks = box(b"stco", number(0), number(1), number(offset)) if sizes else box(b"stco", number(0), number(0))
    runs = box(b"stsc", number(0), number(1), number(1), number(max(1, len(sizes))), number(1))
    return box(
        b"trak",
        box(b"tkhd", number(0), number(0), number(0), number(track_id), bytes(68)),
        box(b"tref", box(b"chap", *(number(chapter) for chapter in chapters))) if chapters else b"",
        box(
            b"mdia",
            box(b"hdlr", number(0), number(0), handler, bytes(12)),
            box(
                b"minf",
                box(
                    b"stbl",
                    box(b"stsd", number(0), number(1), entry),
                    box(b"stsz", number(0), number(0), number(len(sizes)), *(number(size) for size in sizes)),
                    runs,
                    chunks,
                ),
            ),
        ),
    )


def movie(*parts: bytes) -> bytes:
    return box(b"moov", box(b"mvhd", bytes(100)), *parts)


def iso_file(*entries: bytes, brand: bytes = b"isom") -> bytes:
    """A file with one video track for each sample entry, its samples present."""
    tracks = (track(sample_entry(entry), track_id=index + 1) for index, entry in enumerate(entries))
    return ftyp(brand) + movie(*tracks) + box(b"mdat", bytes(200))


def timecode_entry(*, timescale: int, frame_duration: int, frames: int, drop: bool = False) -> bytes:
    return box(
        b"tmcd",
        bytes(8),
        number(0),
        number(int(drop)),
        number(timescale),
        number(frame_duration),
        number(frames, 1),
        b"\0",
    )


def canon_version(text: bytes) -> bytes:
    return box(b"uuid", CANON_UUID, box(b"CNCV", text))


# EBML


def element(identity: str, *content: bytes) -> bytes:
    body = b"".join(content)
    return bytes.fromhex(identity) + number(0x10000000 | len(body)) + body


def ebml_header(doc_type: bytes) -> bytes:
    return element("1a45dfa3", element("4282", doc_type))


def track_entry(codec_id: bytes, *, kind: int = 1, private: bytes = b"") -> bytes:
    return element(
        "ae", element("83", bytes([kind])), element("86", codec_id), element("63a2", private) if private else b""
    )


def matroska_file(*entries: bytes, doc_type: bytes = b"matroska", unknown_size: bool = False) -> bytes:
    content = element("1654ae6b", *entries)
    if unknown_size:
        return ebml_header(doc_type) + bytes.fromhex("18538067") + b"\x01" + b"\xff" * 7 + content
    return ebml_header(doc_type) + element("18538067", content)


# AVI


def chunk(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return kind + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)


def avi_file(*, kind: bytes = b"vids", handler: bytes = b"MJPG", compression: bytes = b"MJPG") -> bytes:
    stream = chunk(
        b"LIST", b"strl", chunk(b"strh", kind, handler, bytes(48)), chunk(b"strf", bytes(16), compression, bytes(20))
    )
    return chunk(b"RIFF", b"AVI ", chunk(b"LIST", b"hdrl", chunk(b"avih", bytes(56)), stream))


# MPEG transport stream


def ts_packet(pid: int, section: bytes) -> bytes:
    head = bytes([0x47, 0x40 | pid >> 8, pid & 0xFF, 0x10, 0])
    return (head + section).ljust(188, b"\xff")


def _table(kind: int, body: bytes) -> bytes:
    section = bytes([kind]) + number(0xB000 | len(body) + 4, 2) + body
    return section + number(_checksum(section))


def _checksum(section: bytes) -> int:
    """CRC-32 of ISO/IEC 13818-1, annex A."""
    value = 0xFFFFFFFF
    for byte in section:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value


def ts_file(*streams: tuple[int, bytes], stride: int = 188, packets: int = 8) -> bytes:
    """A program with (stream type, descriptors) streams, followed by empty packets."""
    association = _table(0, bytes([0, 1, 0xC1, 0, 0]) + number(1, 2) + number(0xE100, 2))
    listed = b"".join(
        bytes([kind]) + number(0xE000 | 0x110 + index, 2) + number(0xF000 | len(extra), 2) + extra
        for index, (kind, extra) in enumerate(streams)
    )
    program = _table(2, number(1, 2) + bytes([0xC1, 0, 0]) + number(0xE110, 2) + number(0xF000, 2) + listed)
    whole = [ts_packet(0, association), ts_packet(0x100, program)]
    whole += [bytes([0x47, 0x1F, 0xFF, 0x10]).ljust(188, b"\xff")] * (packets - 2)
    return b"".join(bytes(stride - 188) + packet for packet in whole)


# MXF

PREFIX = "060e2b34040101"


def label(tail: str, version: int = 0x0D) -> bytes:
    return bytes.fromhex(PREFIX) + bytes([version]) + bytes.fromhex(tail)


def klv(key: str, *content: bytes) -> bytes:
    body = b"".join(content)
    return bytes.fromhex(key) + b"\x83" + number(len(body), 3) + body


def item(tag: int, value: bytes) -> bytes:
    return number(tag, 2) + number(len(value), 2) + value


def descriptor(kind: int, *, container: bytes, coding: bytes = b"") -> bytes:
    items = item(0x3004, container) + (item(0x3201, coding) if coding else b"")
    return klv(f"060e2b34025301010d0101010101{kind:02x}00", items)


def mxf_file(*sets: bytes, run_in: bytes = b"", footer: int = 0, essence: bytes = b"") -> bytes:
    metadata = b"".join(sets)
    pack = (
        number(0x00010003, 4) + number(1) + number(0, 8) * 2 + number(footer, 8) + number(len(metadata), 8) + bytes(48)
    )
    return run_in + klv("060e2b34020501010d01020101020400", pack) + metadata + essence
