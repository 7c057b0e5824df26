"""Bombs of tables, of tags and of sound."""

import struct
import zlib
from collections.abc import Callable, Iterator

from tests.footage.iso_surgery import Node, set_edits
from tests.hostile_media import ebml, riff
from tests.hostile_media.bomb import bomb, in_file, movie, samples
from tests.hostile_media.bombs import HOURS_100
from tests.hostile_media.case import HostileCase, Studio
from tests.hostile_media.clips import avc
from tests.hostile_media.inside import matroska_clip
from tests.hostile_media.iso import box, full


def inner_bomb_cases(*, heavy: bool) -> Iterator[HostileCase]:
    """All of them; without `heavy` those that are small on disk and quick to write."""
    yield from _tables(heavy=heavy)
    yield from _deep()
    yield from _packed(heavy=heavy)
    yield from _tags(heavy=heavy)
    yield from _tags_of_others(heavy=heavy)
    yield from _sound()


# Tables


def _tables(*, heavy: bool) -> Iterator[HostileCase]:
    group = "tables"

    def sizes(count: int, fixed: int) -> Callable[[Node], None]:
        def change(moov: Node) -> None:
            samples(moov).child(b"stsz").head = struct.pack(">III", 0, fixed, count)

        return change

    yield bomb(group, "mov-2^32-1-samples-of-1-byte", movie(sizes(2**32 - 1, 1)))
    yield bomb(group, "mov-2^31-samples-of-0-bytes", movie(sizes(2**31, 0)))
    yield bomb(group, "mov-10^8-samples-of-1-byte", movie(_endless_samples(100_000_000)))

    def edits(count: int) -> Callable[[Node], None]:
        return lambda moov: set_edits(moov, [(1, number % 10, 1 << 16) for number in range(count)])

    yield bomb(group, "mov-10^5-edits", movie(edits(100_000)))
    if heavy:
        yield bomb(group, "mov-10^6-edits", movie(edits(1_000_000)))

    def claims(kind: bytes) -> Callable[[Node], None]:
        def change(moov: Node) -> None:
            samples(moov).child(kind).head = struct.pack(">II", 0, 2**32 - 1) + bytes(24)

        return change

    for kind in (b"stsc", b"stco", b"stts"):
        yield bomb(group, f"mov-{kind.decode()}-claims-2^32-1", movie(claims(kind)))


def _deep() -> Iterator[HostileCase]:
    group = "tables"

    def deep(levels: int, kind: bytes) -> Callable[[Studio], bytes]:
        def make(studio: Studio) -> bytes:
            nested = b""
            size = 8
            heads = []
            for _ in range(levels):
                heads.append(struct.pack(">I4s", size, kind))
                size += 8
            nested = b"".join(reversed(heads))
            return studio.clip("base.mov") + nested

        return make

    yield bomb(group, "mov-100000-boxes-deep-udta", in_file("clip.mov", deep(100_000, b"moov")))
    yield bomb(group, "mov-100000-boxes-deep-meta", in_file("clip.mov", deep(100_000, b"wave")))

    def inside(moov: Node) -> None:
        size, heads = 8, []
        for _ in range(50_000):
            heads.append(struct.pack(">I4s", size, b"udta"))
            size += 8
        moov.children.append(Node(b"udta", b"".join(reversed(heads))))

    yield bomb(group, "mov-50000-boxes-deep-in-moov", movie(inside))


def _packed(*, heavy: bool) -> Iterator[HostileCase]:
    def compressed(studio: Studio) -> bytes:
        """A movie header of zlib: the compressed one is small, the declared one is not."""
        body = zlib.compress(bytes(400_000_000 if heavy else 40_000_000), 9)
        size = struct.pack(">I", 400_000_000 if heavy else 40_000_000)
        cmov = box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", size, body))
        return box(b"ftyp", b"qt  ", bytes(4), b"qt  ") + box(b"moov", cmov)

    yield bomb("compressed headers", "mov-cmov", in_file("clip.mov", compressed))

    def encoded(level: int) -> Callable[[Studio], bytes]:
        """A track whose frames are compressed by Matroska itself: a few kB of block, much picture."""

        def make(studio: Studio) -> bytes:
            private, pictures = avc(studio.clip("base.h264"))
            packing = ebml.element(
                ebml.ENCODINGS,
                ebml.element(
                    ebml.ENCODING,
                    ebml.element(ebml.COMPRESSION, ebml.element(ebml.ALGORITHM, (level).to_bytes(1, "big"))),
                ),
            )
            entry = ebml.h264_track(private=private, more=packing)
            inflated = zlib.compress(pictures[0] + bytes(300_000_000 if heavy else 30_000_000), 9)
            blocks = [ebml.block(track=1, data=inflated, at=40 * number) for number in range(3)]
            return ebml.matroska(ebml.info(seconds=0.12), ebml.element(ebml.TRACKS, entry), ebml.cluster(0, *blocks))

        return make

    yield bomb("compressed headers", "mkv-zlib-frames", in_file("clip.mkv", encoded(0)))


def _endless_samples(count: int) -> Callable[[Node], None]:
    """Tables of a few bytes that declare many samples in one chunk, all of one byte."""

    def change(moov: Node) -> None:
        tables = samples(moov)
        tables.child(b"stsz").head = struct.pack(">III", 0, 1, count)
        tables.child(b"stts").head = struct.pack(">IIII", 0, 1, count, 1)
        tables.child(b"stsc").head = struct.pack(">IIIII", 0, 1, 1, count, 1)
        tables.child(b"stco").head = struct.pack(">III", 0, 1, 48)

    return change


# Tags


def _tags(*, heavy: bool) -> Iterator[HostileCase]:
    group = "metadata"
    size = 60_000_000 if heavy else 4_000_000

    def tag(text: str) -> bytes:
        named = (ebml.element(ebml.TAG_NAME, "COMMENT"), ebml.element(ebml.TAG_TEXT, text))
        return ebml.element(ebml.SIMPLE_TAG, *named)

    def big(studio: Studio) -> bytes:
        return matroska_clip(studio, ebml.element(ebml.TAGS, ebml.element(ebml.TAG, tag("x" * size))))

    yield bomb(group, f"mkv-tag-of-{size // 1_000_000}-MB", in_file("clip.mkv", big))

    def many(studio: Studio) -> bytes:
        names = (
            ebml.element(ebml.SIMPLE_TAG, ebml.element(ebml.TAG_NAME, f"T{n}"), ebml.element(ebml.TAG_TEXT, "x"))
            for n in range(size // 60)
        )
        return matroska_clip(studio, ebml.element(ebml.TAGS, ebml.element(ebml.TAG, *names)))

    yield bomb(group, f"mkv-{size // 60}-tags", in_file("clip.mkv", many))

    def compact(studio: Studio) -> bytes:
        """As many different tags as fit into the limit."""
        made = []
        for n in range(64 * 1024 // 16 - 2):
            name = f"{n:05}".encode()
            made.append(b"\x67\xc8\x8c\x45\xa3\x85" + name + b"\x44\x87\x81x")
        return matroska_clip(studio, ebml.element(ebml.TAGS, ebml.element(ebml.TAG, b"".join(made)[: 64 * 1024 - 20])))

    yield bomb(group, "mkv-tags-up-to-the-limit", in_file("clip.mkv", compact))

    def nested(studio: Studio) -> bytes:
        made = tag("x")
        heads = []
        length = len(made)
        for _ in range(5_000):
            heads.append(b"\x67\xc8" + (length | 1 << 56).to_bytes(8, "big"))
            length += 10
        return matroska_clip(studio, ebml.element(ebml.TAGS, ebml.element(ebml.TAG, b"".join(reversed(heads)) + made)))

    yield bomb(group, "mkv-5000-tags-deep", in_file("clip.mkv", nested))

    def chapters(studio: Studio) -> bytes:
        atoms = [
            ebml.element(
                ebml.ATOM,
                ebml.element(ebml.CHAPTER_UID, n + 1),
                ebml.element(ebml.START, n * 1000),
                ebml.element(ebml.DISPLAY, ebml.element(ebml.TITLE, f"{n}")),
            )
            for n in range(1_000_000 if heavy else 50_000)
        ]
        return matroska_clip(studio, ebml.element(ebml.CHAPTERS, ebml.element(ebml.EDITION, *atoms)))

    yield bomb(group, f"mkv-{'10^6' if heavy else '50000'}-chapters", in_file("clip.mkv", chapters))


def _tags_of_others(*, heavy: bool) -> Iterator[HostileCase]:
    group = "metadata"
    size = 60_000_000 if heavy else 4_000_000

    def xyz(moov: Node) -> None:
        text = b"y" * size
        udta = [box(b"\xa9cmt", struct.pack(">HH", min(len(text), 65535), 0), text)]
        keys = b"".join(box(b"mdta", f"com.example.k{n}".encode()) for n in range(10_000))
        meta = box(b"meta", full(b"hdlr", bytes(4), b"mdta", bytes(12)), full(b"keys", struct.pack(">I", 10_000), keys))
        moov.children.append(Node(b"udta", b"".join(udta) + meta))

    yield bomb(group, f"mov-comment-of-{size // 1_000_000}-MB", movie(xyz))

    def keyed(count: int) -> Callable[[Node], None]:
        def change(moov: Node) -> None:
            names = b"".join(box(b"mdta", b"com.example.%d" % n) for n in range(count))
            value = box(b"data", struct.pack(">II", 1, 0), b"x")
            items = b"".join(box(struct.pack(">I", n + 1), value) for n in range(count))
            handler = full(b"hdlr", bytes(4), b"mdta", bytes(12))
            keys = full(b"keys", struct.pack(">I", count), names)
            moov.children.append(Node(b"meta", handler + keys + box(b"ilst", items)))

        return change

    for count in (20_000, 300_000) if heavy else (20_000,):
        yield bomb(group, f"mov-{count}-keys", movie(keyed(count)))

    def sets(studio: Studio) -> bytes:
        """Sets of metadata that nothing refers to, in front of the real ones."""
        data = studio.clip("base.mxf")
        track_set = bytes.fromhex("060e2b34025301010d01010101013b00")
        made = []
        for n in range(300_000 if heavy else 20_000):
            value = struct.pack(">HH", 0x3C0A, 16) + n.to_bytes(16, "big")
            made.append(track_set + b"\x83" + len(value).to_bytes(3, "big") + value)
        at = data.index(bytes.fromhex("060e2b34025301010d0101010101"))
        return data[:at] + b"".join(made) + data[at:]

    yield bomb(group, f"mxf-{300_000 if heavy else 20_000}-sets", in_file("clip.mxf", sets))

    def notes(studio: Studio) -> bytes:
        data = studio.clip("base.avi")
        codes = [
            bytes((65 + n // 17576 % 26, 65 + n // 676 % 26, 65 + n // 26 % 26, 65 + n % 26)) for n in range(200_000)
        ]
        info = riff.listing(b"INFO", *(riff.chunk(code, b"x\0") for code in codes))
        at = data.index(b"LIST", 12 + 8 + int.from_bytes(data[16:20], "little"))
        return data[:at] + info + data[at:]

    yield bomb(group, "avi-200000-notes", in_file("clip.avi", notes))

    def reel(moov: Node) -> None:
        for _ in range(3):
            moov.children.append(Node(b"udta", box(b"\xa9nam", struct.pack(">HH", 60_000, 0), b"n" * 60_000)))

    yield bomb(group, "mov-name-of-60-kB", movie(reel))


# Sound


def _sound() -> Iterator[HostileCase]:
    group = "sound"

    def track_of(rate: float, channels: int, codec: str = "A_PCM/INT/LIT") -> Callable[[Studio], bytes]:
        def make(studio: Studio) -> bytes:
            private, pictures = avc(studio.clip("base.h264"))
            entries = (
                ebml.h264_track(private=private),
                ebml.element(
                    ebml.TRACK,
                    *(ebml.element(ebml.NUMBER, 2), ebml.element(ebml.UID, 2), ebml.element(ebml.TYPE, 2)),
                    ebml.element(ebml.CODEC, codec),
                    ebml.element(
                        ebml.AUDIO,
                        *(ebml.element(ebml.RATE, rate), ebml.element(ebml.CHANNELS, channels)),
                        ebml.element(0x6264, 16),
                    ),
                ),
            )
            blocks = [ebml.block(track=1, data=data, at=40 * number) for number, data in enumerate(pictures)]
            blocks.append(ebml.block(track=2, data=bytes(65536), at=0))
            return ebml.matroska(ebml.info(seconds=0.4), ebml.element(ebml.TRACKS, *entries), ebml.cluster(0, *blocks))

        return make

    for rate, channels in ((48000.0, 65535), (4e9, 2), (1.0, 2), (0.0, 2), (48000.0, 2**31), (1e300, 1), (2e9, 64)):
        yield bomb(group, f"mkv-{rate:g}-Hz-{channels}-channels", in_file("clip.mkv", track_of(rate, channels)))

    def late(studio: Studio) -> bytes:
        """Sound that ends after 100 hours, beside a picture of 0.4 seconds."""
        made = track_of(48000.0, 2)(studio)
        end = ebml.cluster(HOURS_100 * 1000, ebml.block(track=2, data=bytes(65536)))
        body = made[made.index(ebml.element(ebml.TIMESTAMP, 0)) :]
        return _with_more(made, end) if body else made

    yield bomb(group, "mkv-sound-after-100-h", in_file("clip.mkv", late))


def _with_more(data: bytes, cluster: bytes) -> bytes:
    """The file with one more cluster in its segment."""
    head = len(ebml.head())
    body = data[head + 12 :] + cluster
    return data[:head] + ebml.element(ebml.SEGMENT, body)
