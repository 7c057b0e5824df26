"""Bombs of pixels, of time and of tracks."""

import struct
import zlib
from collections.abc import Callable, Iterator

from tests.footage.iso_surgery import Node, track
from tests.hostile_media import ebml
from tests.hostile_media.bomb import bomb, in_file, movie, samples
from tests.hostile_media.case import HostileCase, Studio
from tests.hostile_media.clips import avc
from tests.hostile_media.inside import attachment, matroska_clip

HOURS_100 = 100 * 3600


def bomb_cases(*, heavy: bool) -> Iterator[HostileCase]:
    """All of them; without `heavy` those that are small on disk and quick to write."""
    yield from _pixels(heavy=heavy)
    yield from _time()
    yield from _movie_time()
    yield from _tracks()


def _png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    body = b"".join(chunk(kind, data) for kind, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


# Pixels


def _pixels(*, heavy: bool) -> Iterator[HostileCase]:
    group = "pixels"

    def declared(width: int, height: int) -> Callable[[Node], None]:
        def change(moov: Node) -> None:
            entry = samples(moov).child(b"stsd").children[0]
            entry.head = entry.head[:24] + struct.pack(">HH", width, height) + entry.head[28:]

        return change

    yield bomb(group, "mov-65535x65535", movie(declared(65535, 65535)))
    yield bomb(group, "mov-0x0", movie(declared(0, 0)))

    def track_of(width: int, height: int) -> Callable[[Studio], bytes]:
        def make(studio: Studio) -> bytes:
            private, pictures = avc(studio.clip("base.h264"))
            entry = ebml.h264_track(private=private, width=width, height=height)
            return ebml.matroska(
                ebml.info(seconds=1),
                ebml.element(ebml.TRACKS, entry),
                ebml.cluster(0, ebml.block(track=1, data=pictures[0])),
            )

        return make

    yield bomb(group, "mkv-2147483647x2147483647", in_file("clip.mkv", track_of(2**31 - 1, 2**31 - 1)))
    yield bomb(group, "mkv-1x16777216", in_file("clip.mkv", track_of(1, 1 << 24)))

    def covers(cover: Callable[[], bytes]) -> Callable[[Studio], bytes]:
        def make(studio: Studio) -> bytes:
            files = [attachment(name="cover.png", kind="image/png", data=cover())]
            return matroska_clip(studio, ebml.element(ebml.ATTACHMENTS, *files))

        return make

    for width, height in ((50000, 50000), (16384, 8192), (1, 2**31 - 1)):

        def picture(width: int = width, height: int = height) -> bytes:
            return _png(width, height, (b"IDAT", zlib.compress(bytes(1 << 22), 9)))

        yield bomb(group, f"cover-{width}x{height}", in_file("clip.mkv", covers(picture)))
    for kind, head in ((b"zTXt", b"Comment\0\0"), (b"iCCP", b"icc\0\0")):

        def packed(kind: bytes = kind, head: bytes = head) -> bytes:
            inflated = zlib.compress(bytes(200_000_000 if heavy else 20_000_000), 9)
            return _png(8, 8, (kind, head + inflated), (b"IDAT", zlib.compress(bytes(8 * 33))))

        yield bomb("compressed text", f"cover-{kind.decode()}", in_file("clip.mkv", covers(packed)))

    def huge(studio: Studio) -> bytes:
        private, pictures = avc(studio.clip("huge.h264"))
        entry = ebml.h264_track(private=private, width=16384, height=8192)
        media = ebml.cluster(0, ebml.block(track=1, data=pictures[0]))
        return ebml.matroska(ebml.info(seconds=0.04), ebml.element(ebml.TRACKS, entry), media)

    if heavy:
        yield bomb(group, "h264-16384x8192", in_file("clip.mkv", huge))


# Time


def _time() -> Iterator[HostileCase]:
    group = "duration"

    def spread(times: list[int], *, declared: float, default: bool = True) -> Callable[[Studio], bytes]:
        def make(studio: Studio) -> bytes:
            private, pictures = avc(studio.clip("base.h264"))
            entry = ebml.h264_track(private=private, rate=default)
            clusters = [
                ebml.cluster(at, ebml.block(track=1, data=pictures[number % 10])) for number, at in enumerate(times)
            ]
            return ebml.matroska(ebml.info(seconds=declared), ebml.element(ebml.TRACKS, entry), *clusters)

        return make

    ten = [40 * number for number in range(10)]
    yield bomb(group, "mkv-declares-100-h", in_file("clip.mkv", spread(ten, declared=HOURS_100)))
    sparse = [0, HOURS_100 * 1000]
    for fps in (None, 25):
        for default in (True, False):
            made = spread(sparse, declared=HOURS_100, default=default)
            name = f"mkv-two-pictures-100-h{'' if default else '-no-rate'}{'-at-25' if fps else ''}"
            yield bomb(group, name, in_file("clip.mkv", made), fps=fps)
    even = [3600_000 * number for number in range(10)]
    for fps in (None, 25):
        made = spread(even, declared=36000, default=False)
        name = f"mkv-one-picture-an-hour{'-at-25' if fps else ''}"
        yield bomb(group, name, in_file("clip.mkv", made), fps=fps)
    yield bomb(group, "mkv-last-at-2^40", in_file("clip.mkv", spread([*ten, 2**40], declared=0.4)), fps=25)

    def nanoseconds(studio: Studio) -> bytes:
        made = spread(list(range(10)), declared=1)(studio)
        scale = ebml.element(ebml.TIMESTAMP_SCALE, 1_000_000)
        duration = ebml.element(ebml.DEFAULT_DURATION, 40_000_000)
        made = made.replace(scale, ebml.element(ebml.TIMESTAMP_SCALE, (1).to_bytes(3, "big")))
        return made.replace(duration, ebml.element(ebml.DEFAULT_DURATION, (1).to_bytes(4, "big")))

    yield bomb("frame rate", "mkv-1e9-fps", in_file("clip.mkv", nanoseconds))


def _movie_time() -> Iterator[HostileCase]:
    group = "duration"

    def lasting(*entries: tuple[int, int]) -> Callable[[Node], None]:
        def change(moov: Node) -> None:
            packed = b"".join(struct.pack(">II", *entry) for entry in entries)
            samples(moov).child(b"stts").head = struct.pack(">II", 0, len(entries)) + packed

        return change

    for fps in (None, 25):
        at = "-at-25" if fps else ""
        yield bomb(group, f"mov-last-lasts-1000-h{at}", movie(lasting((9, 1), (1, 90_000_000))), fps=fps)
        yield bomb(group, f"mov-first-lasts-1000-h{at}", movie(lasting((1, 90_000_000), (9, 1))), fps=fps)
        yield bomb(group, f"mov-each-lasts-1000-h{at}", movie(lasting((10, 90_000_000))), fps=fps)
    yield bomb(group, "mov-deltas-of-2^31", movie(lasting((10, 2**31 - 1))), fps=25)
    yield bomb(group, "mov-deltas-of-2^32-1", movie(lasting((10, 2**32 - 1))), fps=25)
    yield bomb(group, "mov-stts-of-2^32-1", movie(lasting((2**32 - 1, 1))))

    def timescale(value: int) -> Callable[[Node], None]:
        def change(moov: Node) -> None:
            head = track(moov, b"vide").child(b"mdia", b"mdhd")
            head.head = head.head[:12] + struct.pack(">I", value) + head.head[16:]

        return change

    for value in (0, 1, 1_000_000_000, 2**31 - 1, 2**32 - 1):
        yield bomb("frame rate", f"mov-timescale-{value}", movie(timescale(value)))


# Tracks


def _tracks() -> Iterator[HostileCase]:
    group = "tracks"

    def many(count: int) -> Callable[[Studio], bytes]:
        def make(studio: Studio) -> bytes:
            private, pictures = avc(studio.clip("base.h264"))
            entries = [ebml.h264_track(private=private, number=number + 1) for number in range(min(count, 120))]
            entries += [
                ebml.element(
                    ebml.TRACK,
                    *(ebml.element(ebml.NUMBER, number + 1), ebml.element(ebml.UID, number + 1)),
                    *(ebml.element(ebml.TYPE, 2), ebml.element(ebml.CODEC, "A_PCM/INT/LIT")),
                    ebml.element(ebml.AUDIO, ebml.element(ebml.RATE, 48000.0), ebml.element(ebml.CHANNELS, 2)),
                )
                for number in range(120, count)
            ]
            media = ebml.cluster(0, ebml.block(track=1, data=pictures[0]))
            return ebml.matroska(ebml.info(seconds=0.04), ebml.element(ebml.TRACKS, *entries), media)

        return make

    for count in (65, 901, 20_000):
        yield bomb(group, f"mkv-{count}", in_file("clip.mkv", many(count)))

    def copied(count: int) -> Callable[[Node], None]:
        def change(moov: Node) -> None:
            moov.children += [track(moov, b"soun")] * count

        return change

    yield bomb(group, "mov-901", movie(copied(900)))

    def programs(studio: Studio) -> bytes:
        """901 streams in one program map of several packets, each stream with one packet of its own."""
        data = studio.clip("base.ts")
        return data + b"".join(_ts_packet(pid, b"\0\0\1\xe0\0\0\x80\0\0" + bytes(100)) for pid in range(0x300, 0x1300))

    yield bomb(group, "ts-4096-pids", in_file("clip.ts", programs))
    yield bomb(group, "mkv-500-attachments", in_file("clip.mkv", _attachments(500)))
    yield bomb(group, "mkv-500-fonts-of-200-kB", in_file("clip.mkv", _attachments(500, size=200_000)))


def _ts_packet(pid: int, payload: bytes) -> bytes:
    head = struct.pack(">BHB", 0x47, 0x4000 | pid, 0x30)
    stuffing = 183 - len(payload)
    return head + bytes((stuffing, *([0] if stuffing else []))) + b"\xff" * (stuffing - 1) + payload


def _attachments(count: int, *, size: int = 10) -> Callable[[Studio], bytes]:
    def make(studio: Studio) -> bytes:
        files = [
            attachment(name=f"{n}.ttf", kind="application/x-truetype-font", data=bytes(size), uid=n + 1)
            for n in range(count)
        ]
        return matroska_clip(studio, ebml.element(ebml.ATTACHMENTS, *files))

    return make
