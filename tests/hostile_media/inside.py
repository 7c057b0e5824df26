"""Containers that are what they say and whose insides point elsewhere: references, subtitles, links, attachments."""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.footage.iso_surgery import Node, operate, track
from tests.hostile_media import ebml, riff
from tests.hostile_media.case import COMPLETED, FAILED, REFUSED, End, HostileCase, Studio
from tests.hostile_media.clips import avc
from tests.hostile_media.iso import box, full
from tests.hostile_media.playlists import SCRIPTS

Make = Callable[[Path, Studio], Path]


def inside_cases() -> Iterator[HostileCase]:
    """All of them."""
    yield from _references()
    yield from _subtitles_of_avi()
    yield from _matroska()
    yield from _others()


def _case(group: str, name: str, write: Make, *, ends: frozenset[End] = COMPLETED, says: str = "") -> HostileCase:
    return HostileCase(group=group, name=name, write=write, ends=ends, says=says)


# QuickTime: data references, reference movies, compressed headers


def _alias(path: str, volume: str = "disk") -> bytes:
    """A Macintosh alias record with an absolute POSIX path and a relative one, as FFmpeg's mov.c reads it."""
    name = path.rsplit("/", 1)[-1].encode()[:63]
    head = bytes(4) + struct.pack(">HHH", 0, 2, 0)
    head += bytes((len(volume),)) + volume.encode().ljust(27, b"\0") + bytes(4) + b"H+" + bytes(2) + bytes(4)
    head += bytes((len(name),)) + name.ljust(63, b"\0") + bytes(4 + 4 + 4 + 4)
    head += struct.pack(">hh", 1, 1) + bytes(4 + 2 + 10)
    text = path.encode()
    fields = struct.pack(">hH", 2, len(text)) + text + bytes(len(text) % 2)
    fields += struct.pack(">hH", 18, len(text)) + text + bytes(len(text) % 2)
    return head + fields + struct.pack(">hH", -1, 0)


def _with_reference(kind: bytes, content: Callable[[Studio], bytes]) -> Make:
    def write(directory: Path, studio: Studio) -> Path:
        path = directory / "clip.mov"
        path.write_bytes(studio.clip("base.mov"))

        def change(moov: Node) -> None:
            for node in moov.children:
                if node.kind == b"trak":
                    media = node.child(b"mdia", b"minf")
                    dinf = next(child for child in media.children if child.kind == b"dinf")
                    entry = full(kind, content(studio), flags=0)
                    dinf.head, dinf.children = full(b"dref", struct.pack(">I", 1), entry), []

        return operate(path, change)

    return write


def _references() -> Iterator[HostileCase]:
    group = "MOV with its media elsewhere"
    for word, content in (
        ("alias-absolute", lambda studio: _alias(str(studio.secret_media))),
        ("alias-parent", lambda _: _alias("../../canary.ts")),
        ("alias-beside", lambda _: _alias("canary.ts")),
    ):
        yield _case(group, word, _with_reference(b"alis", content), ends=REFUSED, says="in another file")
    for word, target in (
        ("url-file", lambda studio: f"file://{studio.secret_media}\0".encode()),
        ("url-http", lambda studio: f"http://127.0.0.1:{studio.port}/a.mov\0".encode()),
    ):
        write = _with_reference(b"url ", target)
        yield _case(group, word, write, ends=REFUSED, says="in another file")
    for word, address in (
        ("file", lambda studio: f"file://{studio.secret_media}"),
        ("http", lambda studio: f"http://127.0.0.1:{studio.port}/a.mov"),
    ):
        yield _case(group, f"reference-movie-{word}", _reference_movie(address), ends=REFUSED)


def _reference_movie(target: Callable[[Studio], str]) -> Make:
    def write(directory: Path, studio: Studio) -> Path:
        path = directory / "clip.mov"
        text = target(studio).encode() + b"\0"
        rdrf = full(b"rdrf", b"url ", struct.pack(">I", len(text)), text)
        path.write_bytes(box(b"ftyp", b"qt  ", bytes(4), b"qt  ") + box(b"moov", box(b"rmra", box(b"rmda", rdrf))))
        return path

    return write


# AVI with a GAB2 subtitle stream


def avi_with(studio: Studio, subtitle: bytes) -> bytes:
    """An AVI of one picture and a subtitle stream whose one packet is a GAB2 file."""
    gab = b"GAB2\0" + struct.pack("<HI", 2, 8) + "a\0b\0c\0\0\0".encode("latin-1")
    gab += struct.pack("<HI", 4, len(subtitle)) + subtitle
    picture = studio.clip("base.jpg")
    video = riff.stream(
        kind=b"vids",
        handler=b"MJPG",
        scale=1,
        rate=25,
        length=10,
        form=riff.bitmap(width=192, height=108, code=b"MJPG"),
    )
    text = riff.stream(kind=b"txts", handler=bytes(4), scale=1, rate=25, length=1, form=b"")
    media = [(b"01tx", gab), *((b"00dc", picture) for _ in range(10))]
    return riff.avi(streams=[video, text], media=media, frames=10, width=192, height=108)


def _subtitles_of_avi() -> Iterator[HostileCase]:
    for name in (
        "hls-absolute",
        "hls-http",
        "hls-concat",
        "hls-endless",
        "concat-absolute",
        "xbin",
        "srt",
        "dash-http",
    ):

        def write(directory: Path, studio: Studio, name: str = name) -> Path:
            path = directory / "clip.avi"
            path.write_bytes(avi_with(studio, SCRIPTS[name](studio).encode("latin-1")))
            return path

        ends = FAILED if name == "srt" else COMPLETED
        yield _case("AVI with a playlist as its subtitles (GAB2)", name, write, ends=ends)


# Matroska


def matroska_clip(studio: Studio, *more: bytes, links: tuple[bytes, ...] = ()) -> bytes:
    """Ten pictures at 25 frames a second; `more` stands behind the tracks, `links` in the segment's information."""
    private, pictures = avc(studio.clip("base.h264"))
    entry = ebml.h264_track(private=private)
    blocks = [ebml.block(track=1, data=data, at=40 * number) for number, data in enumerate(pictures)]
    return ebml.matroska(
        ebml.info(seconds=0.4, links=links), ebml.element(ebml.TRACKS, entry), *more, ebml.cluster(0, *blocks)
    )


def attachment(*, name: str, kind: str, data: bytes, uid: int = 1) -> bytes:
    """One attached file."""
    return ebml.element(
        ebml.ATTACHED,
        *(ebml.element(ebml.FILE_NAME, name), ebml.element(ebml.FILE_TYPE, kind)),
        *(ebml.element(ebml.FILE_DATA, data), ebml.element(ebml.FILE_UID, uid)),
    )


def _mkv(make: Callable[[Studio], bytes], name: str = "clip.mkv") -> Make:
    def write(directory: Path, studio: Studio) -> Path:
        path = directory / name
        path.write_bytes(make(studio))
        return path

    return write


def _matroska() -> Iterator[HostileCase]:
    group = "Matroska with links and attached files"
    links = (ebml.element(0x3EB923, bytes(16)), ebml.element(0x3E83BB, "../../canary.ts"))
    yield _case(group, "linked-segments", _mkv(lambda studio: matroska_clip(studio, links=links)))
    for name, kind in (("../../evil.ttf", "application/x-truetype-font"), ("a.m3u8", "application/x-mpegurl")):

        def attached(studio: Studio, name: str = name, kind: str = kind) -> bytes:
            data = SCRIPTS["hls-absolute"](studio).encode()
            files = ebml.element(ebml.ATTACHMENTS, attachment(name=name, kind=kind, data=data))
            return matroska_clip(studio, files)

        yield _case(group, f"attachment-{name.rsplit('.', 1)[-1]}", _mkv(attached))
    names = ("TITLE", "REEL_NAME", "LANGUAGE", "COMMENT")
    texts = {"expansion": "%{localtime}%{pts}", "escape": "\x1b[2J\x1b]0;x\x07", "lines": "a\n[b]\nc=d"}
    for word, text in texts.items():
        yield _case(_INTERPRETED, f"mkv-tags-{word}", _mkv(_tagged(names, text)), ends=COMPLETED)
    for text in ("%{pts}", "01:00:00:00:file=x", "-1:00:00:00"):
        write = _mkv(_tagged(("TIMECODE",), text))
        yield _case(_INTERPRETED, f"mkv-timecode {text}", write, ends=REFUSED, says="SOURCE_TIMECODE")
    yield _case(_INTERPRETED, "mov-reel-name", _with_reel, ends=COMPLETED)


_INTERPRETED = "metadata that somebody might interpret"


def _tagged(names: tuple[str, ...], text: str) -> Callable[[Studio], bytes]:
    def make(studio: Studio) -> bytes:
        tags = [
            ebml.element(ebml.SIMPLE_TAG, ebml.element(ebml.TAG_NAME, name), ebml.element(ebml.TAG_TEXT, text))
            for name in names
        ]
        return matroska_clip(studio, ebml.element(ebml.TAGS, ebml.element(ebml.TAG, *tags)))

    return make


def _with_reel(directory: Path, studio: Studio) -> Path:
    """The reel name of the timecode track, which a proxy carries, as an option and a filter."""
    path = directory / "clip.mov"
    path.write_bytes(studio.clip("base.mov"))
    name = b"-y %{pts}:file=x,movie=/etc/passwd[a];{output}"

    def change(moov: Node) -> None:
        entry = track(moov, b"tmcd").child(b"mdia", b"minf", b"stbl", b"stsd").children[0]
        entry.head += box(b"name", struct.pack(">HH", len(name), 0), name)

    return operate(path, change)


def _whole(base: str) -> Callable[[Studio], bytes]:
    return lambda studio: studio.clip(base)


def _others() -> Iterator[HostileCase]:
    group = "extension and bytes of two formats"
    for base, name in (
        ("base.mov", "clip.mkv"),
        ("base.mkv", "clip.mov"),
        ("base.ts", "clip.mp4"),
        ("base.avi", "clip.mxf"),
        ("base.mxf", "clip.ts"),
        ("base.mov", "clip.m3u8"),
        ("base.jpg", "clip.mov"),
        ("base.h264", "clip.ts"),
    ):
        made = _mkv(_whole(base), name)
        yield _case(group, f"{base} as {name}", made, ends=REFUSED)
    yield _case(
        "MXF with its essence elsewhere",
        "header-only",
        _mkv(_mxf_without_essence, "clip.mxf"),
        ends=REFUSED,
        says="cut off",
    )
    yield _case("MXF with its essence elsewhere", "locator", _mkv(_mxf_with_locator, "clip.mxf"))


_BODY = bytes.fromhex("060e2b34010201010d010301")
_FILL = bytes.fromhex("060e2b34010101020301021001000000")
_NETWORK_LOCATOR = bytes.fromhex("060e2b34025301010d01010101013200")


def _mxf_without_essence(studio: Studio) -> bytes:
    data = studio.clip("base.mxf")
    return data[: data.index(_BODY)]


def _mxf_with_locator(studio: Studio) -> bytes:
    """A network locator set in the place of padding behind the metadata, so that nothing else moves."""
    data = studio.clip("base.mxf")
    text = f"file://{studio.secret_media}".encode("utf-16-be")
    value = struct.pack(">HH", 0x3C0A, 16) + bytes(range(16)) + struct.pack(">HH", 0x4001, len(text)) + text
    locator = _NETWORK_LOCATOR + b"\x83" + len(value).to_bytes(3, "big") + value
    # The length of padding is written in four bytes, 0x83 and three more.
    at = data.index(_FILL)
    while int.from_bytes(data[at + 17 : at + 20], "big") < len(locator) + 20:
        at = data.index(_FILL, at + 1)
    length = int.from_bytes(data[at + 17 : at + 20], "big") - len(locator)
    fill = _FILL + b"\x83" + length.to_bytes(3, "big")
    return data[:at] + locator + fill + data[at + len(locator) + 20 :]
