"""Texts that make a media program open other files or addresses, under the names of media.

Classes: CVE-2016-1897 and 1898, CVE-2023-6602 and 6604, HackerOne 242831. The bytes are ours.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.hostile_media.case import COMPLETED, REFUSED, HostileCase, Studio
from tests.hostile_media.iso import box

EXTENSIONS = ("mov", "mp4", "mkv", "webm", "mxf", "ts", "m2ts", "avi")
_NO_FORMAT = "begins like no media format|the bytes are those of (an HLS playlist|a concat script|an XML document)"

Text = Callable[[Studio], str]


def _hls(segment: Text, *, end: bool = True, more: str = "") -> Text:
    def text(studio: Studio) -> str:
        tail = "#EXT-X-ENDLIST\n" if end else ""
        return (
            f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:0\n{more}"
            f"#EXTINF:10.0,\n{segment(studio)}\n{tail}"
        )

    return text


def _dash(address: Text) -> Text:
    def text(studio: Studio) -> str:
        return (
            '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
            ' mediaPresentationDuration="PT10S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period>'
            '<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1">'
            f"<BaseURL>{address(studio)}</BaseURL></Representation></AdaptationSet></Period></MPD>\n"
        )

    return text


TARGETS: Mapping[str, Text] = {
    "absolute": lambda studio: str(studio.secret_media),
    "file": lambda studio: f"file://{studio.secret_media}",
    "parent": lambda _: "../../canary.ts",
    "beside": lambda _: "canary.ts",
    "http": lambda studio: f"http://127.0.0.1:{studio.port}/a.ts",
    "concat": lambda studio: f"concat:http://127.0.0.1:{studio.port}/a.m3u8|file://{studio.secret}",
    "subfile": lambda studio: f"subfile,,start,0,end,64,,:{studio.secret}",
    "data": lambda _: "data:video/mp2t;base64,R0AREAA=",
    "crypto": lambda studio: f"crypto+file://{studio.secret}",
    "pipe": lambda _: "pipe:0",
    "gopher": lambda studio: f"gopher://127.0.0.1:{studio.port}/1a",
    "tcp": lambda studio: f"tcp://127.0.0.1:{studio.port}",
    "rtmp": lambda studio: f"rtmp://127.0.0.1:{studio.port}/live",
    "proc": lambda _: "/proc/self/environ",
}
"""Where a playlist may point."""

SCRIPTS: Mapping[str, Text] = {
    **{f"hls-{name}": _hls(target) for name, target in TARGETS.items()},
    "hls-endless": _hls(lambda _: "a.mov", end=False),
    "hls-key": _hls(
        lambda studio: str(studio.secret_media), more='#EXT-X-KEY:METHOD=AES-128,URI="/etc/hostname",IV=0x0\n'
    ),
    "hls-map": _hls(lambda studio: str(studio.secret_media), more='#EXT-X-MAP:URI="/etc/hostname"\n'),
    "hls-master": lambda studio: f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://127.0.0.1:{studio.port}/a.m3u8\n",
    "dash-file": _dash(lambda studio: f"file://{studio.secret_media}"),
    "dash-http": _dash(lambda studio: f"http://127.0.0.1:{studio.port}/a.mp4"),
    "dash-relative": _dash(lambda _: "../../canary.ts"),
    "concat-absolute": lambda studio: f"ffconcat version 1.0\nfile '{studio.secret_media}'\n",
    "concat-relative": lambda _: "ffconcat version 1.0\nfile ../../canary.ts\n",
    "concat-http": lambda studio: f"ffconcat version 1.0\nfile http://127.0.0.1:{studio.port}/a.ts\n",
    "concat-option": lambda studio: f"ffconcat version 1.0\nfile '{studio.secret_media}'\noption safe 0\n",
    "ffmetadata": lambda _: ";FFMETADATA1\ntitle=%{metadata\\:x}\nreel_name=$(touch /tmp/x)\n",
    "sdp": lambda studio: (
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        f"m=video {studio.port} RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    ),
    "rtsp": lambda studio: f"[Reference]\nRef1=rtsp://127.0.0.1:{studio.port}/a\n",
    "asx": lambda studio: f'<asx version="3.0"><entry><ref href="http://127.0.0.1:{studio.port}/a"/></entry></asx>\n',
    "smil": lambda studio: f'<smil><body><video src="file://{studio.secret_media}"/></body></smil>\n',
    "m3u": lambda studio: f"{studio.secret_media}\n",
    "idx": lambda _: (
        "# VobSub index file, v7\nsize: 720x576\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 000000000\n"
    ),
    "imf": lambda studio: (
        '<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016">'
        f"<Id>urn:uuid:0</Id><Path>{studio.secret_media}</Path></CompositionPlaylist>\n"
    ),
    "lavfi": lambda studio: f"movie={studio.secret_media}[out0]\n",
    "svg": lambda studio: (
        f'<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{studio.secret}" width="9" height="9"/></svg>\n'
    ),
    "ttml": lambda _: '<?xml version="1.0"?><tt xmlns="http://www.w3.org/ns/ttml"><body><p>x</p></body></tt>\n',
    "srt": lambda _: "1\n00:00:00,000 --> 00:00:10,000\n{\\fn../../canary}x\n",
    "avs": lambda studio: f'DirectShowSource("{studio.secret_media}")\n',
    "vpy": lambda _: "import os; os.system('touch /tmp/x')\n",
    "xbin": lambda studio: "XBIN\x1a\x50\x00\x19\x00\x10\x00" + str(studio.secret) + "\0" * 64,
    "tty": lambda _: "\x1b[2J\x1b]0;x\x07" * 40,
}
"""The texts."""


def script_cases(*, short: bool) -> Iterator[HostileCase]:
    """Every text under media names: each under two of the extensions, in turn."""
    for number, (name, text) in enumerate(SCRIPTS.items()):
        extensions = (EXTENSIONS[number % len(EXTENSIONS)], EXTENSIONS[(number + 3) % len(EXTENSIONS)])
        for extension in extensions[:1] if short else extensions:
            yield HostileCase(
                group="playlist or script under a media name",
                name=f"{name}.{extension}",
                write=_writer(text, f"clip.{extension}"),
                ends=REFUSED,
                says=_NO_FORMAT,
            )


def _writer(text: Text, name: str) -> Callable[[Path, Studio], Path]:
    def write(directory: Path, studio: Studio) -> Path:
        path = directory / name
        path.write_bytes(text(studio).encode("latin-1"))
        return path

    return write


def polyglot_cases() -> Iterator[HostileCase]:
    """Playlists whose bytes are a container of the matrix too: in front of it, inside it, behind it."""
    playlist, script = SCRIPTS["hls-absolute"], SCRIPTS["concat-absolute"]
    for word, text in (("hls", playlist), ("concat", script), ("dash", SCRIPTS["dash-file"])):
        yield _polyglot(f"{word}-before-mxf", "clip.mxf", _before("base.mxf", text))
        yield _polyglot(f"{word}-before-ts", "clip.ts", _before("base.ts", text, pad=188))
        yield _polyglot(f"{word}-behind-mov", "clip.mov", _behind("base.mov", text))
        yield _polyglot(f"{word}-behind-mkv", "clip.mkv", _behind("base.mkv", text))
        yield _polyglot(f"{word}-in-free-box", "clip.mp4", _in_front_of_movie("base.mp4", text))


def _polyglot(name: str, file: str, make: Callable[[Studio], bytes]) -> HostileCase:
    def write(directory: Path, studio: Studio) -> Path:
        path = directory / file
        path.write_bytes(make(studio))
        return path

    return HostileCase(
        group="playlist that is a container too",
        name=name,
        write=write,
        ends=REFUSED if "-before-" in name else COMPLETED,
    )


def _before(base: str, text: Text, *, pad: int = 0) -> Callable[[Studio], bytes]:
    def made(studio: Studio) -> bytes:
        front = text(studio).encode()
        front += b"\n" * (-len(front) % pad if pad else 0)
        return front + studio.clip(base)

    return made


def _behind(base: str, text: Text) -> Callable[[Studio], bytes]:
    return lambda studio: studio.clip(base) + text(studio).encode()


def _in_front_of_movie(base: str, text: Text) -> Callable[[Studio], bytes]:
    def made(studio: Studio) -> bytes:
        data = studio.clip(base)
        # Behind everything: no sample moves.
        return data + box(b"free", b"\n" + text(studio).encode()) + box(b"uuid", text(studio).encode())

    return made
