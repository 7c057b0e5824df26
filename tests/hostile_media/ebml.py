"""Writes Matroska: RFC 8794, RFC 9559."""

import struct

HEADER, DOC_TYPE, SEGMENT = 0x1A45DFA3, 0x4282, 0x18538067
INFO, TIMESTAMP_SCALE, DURATION = 0x1549A966, 0x2AD7B1, 0x4489
TRACKS, TRACK, NUMBER, UID, TYPE, CODEC, PRIVATE = 0x1654AE6B, 0xAE, 0xD7, 0x73C5, 0x83, 0x86, 0x63A2
DEFAULT_DURATION, VIDEO, WIDTH, HEIGHT = 0x23E383, 0xE0, 0xB0, 0xBA
AUDIO, RATE, CHANNELS = 0xE1, 0xB5, 0x9F
ENCODINGS, ENCODING, COMPRESSION, ALGORITHM = 0x6D80, 0x6240, 0x5034, 0x4254
CLUSTER, TIMESTAMP, SIMPLE_BLOCK = 0x1F43B675, 0xE7, 0xA3
ATTACHMENTS, ATTACHED, FILE_NAME, FILE_TYPE, FILE_DATA, FILE_UID = 0x1941A469, 0x61A7, 0x466E, 0x4660, 0x465C, 0x46AE
CHAPTERS, EDITION, ATOM, CHAPTER_UID, START, DISPLAY, TITLE = 0x1043A770, 0x45B9, 0xB6, 0x73C4, 0x91, 0x80, 0x85
TAGS, TAG, SIMPLE_TAG, TAG_NAME, TAG_TEXT = 0x1254C367, 0x7373, 0x67C8, 0x45A3, 0x4487


def element(identity: int, *parts: bytes | int | float | str) -> bytes:
    """One element: children or bytes, a number, or text."""
    body = b"".join(_bytes(part) for part in parts)
    size = len(body) | 1 << 56
    return identity.to_bytes((identity.bit_length() + 7) // 8, "big") + size.to_bytes(8, "big") + body


def _bytes(part: bytes | int | float | str) -> bytes:
    if isinstance(part, bytes):
        return part
    if isinstance(part, str):
        return part.encode()
    if isinstance(part, float):
        return struct.pack(">d", part)
    return part.to_bytes(max(1, (part.bit_length() + 7) // 8), "big")


def block(*, track: int, data: bytes, at: int = 0) -> bytes:
    """A key frame, `at` ticks behind its cluster."""
    return element(SIMPLE_BLOCK, struct.pack(">BhB", 0x80 | track, at, 0x80) + data)


def head(doc_type: str = "matroska") -> bytes:
    """The EBML header."""
    return element(HEADER, element(0x4286, 1), element(0x42F7, 1), element(DOC_TYPE, doc_type), element(0x4287, 4))


def matroska(*segment: bytes, doc_type: str = "matroska") -> bytes:
    """A whole file."""
    return head(doc_type) + element(SEGMENT, *segment)


def h264_track(
    *, private: bytes, width: int = 192, height: int = 108, number: int = 1, more: bytes = b"", rate: bool = True
) -> bytes:
    """A video track; with a `rate` of 25 frames a second or none."""
    length = element(DEFAULT_DURATION, 40_000_000) if rate else b""
    return element(
        TRACK,
        *(element(NUMBER, number), element(UID, number), element(TYPE, 1), element(CODEC, "V_MPEG4/ISO/AVC")),
        *(element(PRIVATE, private), length, more),
        element(VIDEO, element(WIDTH, width), element(HEIGHT, height)),
    )


def info(*, seconds: float, links: tuple[bytes, ...] = ()) -> bytes:
    """The segment's information, in milliseconds."""
    return element(INFO, element(TIMESTAMP_SCALE, 1_000_000), element(DURATION, seconds * 1000), *links)


def cluster(at: int, *blocks: bytes) -> bytes:
    """A cluster at a time in milliseconds."""
    return element(CLUSTER, element(TIMESTAMP, at), *blocks)
