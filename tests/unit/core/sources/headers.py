"""Synthetic headers, byte by byte: one file for each class of the capability and RAW matrices and for each trap.

SYNTHETIC: none of these was written by a camera, and none can be decoded. They prove recognition and nothing more.
"""

from dataclasses import dataclass

from proxx.core.detection import DetectionReason, Engine
from tests.unit.core.sources import media_bytes as made
from tests.unit.core.sources.mxf_bytes import whole_mxf

VERSIONS = ("5.1", "6", "6.1", "7.0", "7.1", "8.0", "8.1")
"""FFmpeg versions whose answers to these files are recorded in ffprobe_said.json."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One synthetic file, and what it is."""

    title: str
    name: str
    data: bytes
    reason: DetectionReason
    codec: str | None

    @property
    def engine(self) -> Engine | None:
        return _ENGINES.get(self.reason)


_ENGINES = {
    DetectionReason.STANDARD_CODEC: Engine.FFMPEG,
    DetectionReason.CAMERA_RAW: Engine.RESOLVE,
    DetectionReason.UNKNOWN_CODEC: Engine.RESOLVE,
}


def red(version: int) -> bytes:
    """First block of an R3D file: size, magic, version word; version 1 with its raster at 36h."""
    digit = str(version).encode()
    head = made.number(0x200) + b"RED" + digit + bytes(2) + b"R" + digit
    return head + bytes(0x36 - len(head)) + made.number(4096) + made.number(2304) + bytes(0x200)


def canon(version: bytes, *, brand: bytes = b"crx ", entry: bytes = b"CRAW") -> bytes:
    clip = made.track(made.sample_entry(entry))
    return made.ftyp(brand) + made.movie(made.canon_version(version), clip)


def nikon(sample: bytes = b"NRAW", entry: bytes = b"nzzz", *, atom: bytes = b"NCDT") -> bytes:
    clip = made.track(made.sample_entry(entry), offset=28, sizes=(8,))
    data = made.ftyp() + made.box(b"mdat", made.number(8) + sample)
    return data + made.movie(made.box(b"udta", made.box(atom, bytes(4))), clip)


def mxf(container: str, coding: str) -> bytes:
    return whole_mxf(container=container, coding=coding)


def matroska(codec_id: bytes) -> bytes:
    """One video track with number, identity and raster, and an empty cluster."""
    track = made.element(
        "ae",
        made.element("d7", b"\x01"),
        made.element("73c5", b"\x01"),
        made.element("83", b"\x01"),
        made.element("86", codec_id),
        made.element("63a2", b"\x01\x64\x00\x1f\xff\xe0\x00".ljust(30, b"\0")),
        made.element("e0", made.element("b0", b"\x40"), made.element("ba", b"\x24")),
    )
    scale = made.element("1549a966", made.element("2ad7b1", made.number(1_000_000)))
    cluster = made.element("1f43b675", made.element("e7", b"\0"), made.element("a3", b"\x81\0\0\x80" + bytes(60)))
    segment = made.element("18538067", scale, made.element("1654ae6b", track), cluster)
    return made.ebml_header(b"matroska") + segment


def avi(compression: bytes) -> bytes:
    """The headers of one stream of 64x36, and a list of one frame."""

    def little(*values: int) -> bytes:
        return b"".join(value.to_bytes(4, "little") for value in values)

    movie = little(40_000, 0, 0, 0x10, 1, 0, 1, 0, 64, 36) + bytes(16)
    stream = b"vids" + compression + bytes(12) + little(1, 25, 0, 1, 0, 0, 0) + bytes(8)
    form = little(40, 64, 36, 0x180001) + compression + little(0) + bytes(16)
    header = made.chunk(
        b"LIST",
        b"hdrl",
        made.chunk(b"avih", movie),
        made.chunk(b"LIST", b"strl", made.chunk(b"strh", stream), made.chunk(b"strf", form)),
    )
    return made.chunk(
        b"RIFF", b"AVI ", header, made.chunk(b"LIST", b"movi", made.chunk(b"00dc", b"\xff\xd8" + bytes(60)))
    )


def tiff(*directories: dict[int, tuple[int, int]], order: str = "little", extra: bytes = b"") -> bytes:
    """A TIFF: the first directory, then its sub-directories (tag 330 is added); tag to (field type, value)."""

    def word(value: int, length: int) -> bytes:
        return value.to_bytes(length, "little" if order == "little" else "big")

    def size(entries: dict[int, tuple[int, int]]) -> int:
        return 2 + 12 * len(entries) + 4

    first, subs = dict(directories[0]), directories[1:]
    if subs:
        first[330] = (4, 0)
    at = 8 + size(first)
    starts = [at + sum(size(item) for item in subs[:index]) for index in range(len(subs))]
    listed = at + sum(size(item) for item in subs)
    if subs:
        first[330] = (4, starts[0] if len(subs) == 1 else listed)

    def directory(entries: dict[int, tuple[int, int]]) -> bytes:
        out = word(len(entries), 2)
        for tag, (kind, value) in sorted(entries.items()):
            count = len(subs) if tag == 330 else 1
            held = word(value, 2) + bytes(2) if kind == 3 else word(value, 4)
            out += word(tag, 2) + word(kind, 2) + word(count, 4) + held
        return out + bytes(4)

    head = (b"II" if order == "little" else b"MM") + word(42, 2) + word(8, 4)
    body = head + directory(first) + b"".join(directory(item) for item in subs)
    return body + b"".join(word(start, 4) for start in starts if len(subs) > 1) + extra


def dng(
    *, photometric: int = 32803, width: int = 1920, height: int = 1080, compression: int = 7, thumbnail: bool = False
) -> bytes:
    """A DNG header; with `thumbnail` the sensor's picture stands in a sub-directory."""
    picture = {256: (4, width), 257: (4, height), 259: (3, compression), 262: (3, photometric)}
    if thumbnail:
        return tiff({254: (4, 1), 256: (4, 160), 257: (4, 90), 259: (3, 1), 262: (3, 2), 50706: (4, 0x401)}, picture)
    return tiff({**picture, 50706: (4, 0x401)})


def avc_frame_movie() -> bytes:
    return made.iso_file(b"avc1", brand=b"isom")


_RAW = DetectionReason.CAMERA_RAW
_STANDARD = DetectionReason.STANDARD_CODEC
_NOT_IN = DetectionReason.NOT_IN_MATRIX
_UNKNOWN = DetectionReason.UNKNOWN_CODEC
_CLASH = DetectionReason.CONTRADICTION
_STILL = DetectionReason.STILL_PICTURE
_OTHER = DetectionReason.CONTAINER_UNSUPPORTED
_UNREADABLE = DetectionReason.UNREADABLE


def _made(title: str, name: str, data: bytes, reason: DetectionReason, codec: str | None) -> Header:
    return Header(title=title, name=name, data=data, reason=reason, codec=codec)


_MPEG = "0d01030102046001"

HEADERS: tuple[Header, ...] = (
    # Section 3 of the reference, class by class.
    _made("ARRIRAW frame", "A001.0001.ari", b"ARRI\x12\x34\x56\x78" + bytes(4088), _RAW, "arriraw"),
    _made("ARRIRAW frame, reversed order", "A001.0001.ari", b"ARRI\x78\x56\x34\x12" + bytes(4088), _CLASH, None),
    _made("compressed .arx", "A001.0001.arx", b"ARRI\x00\x00\x00\x01" + bytes(4088), _OTHER, None),
    *(
        _made(f"ARRIRAW MXF {word}", "A001.mxf", mxf(container, coding), _RAW, "arriraw")
        for word, container, coding in (
            ("12 bits packed", "0d01030102220100", "0401020102010101"),
            ("12 bits reverse", "0d01030102220100", "0401020102010102"),
            ("13 bits packed", "0d01030102220100", "0401020102010103"),
            ("12 bits HDE", "0d01030102220200", "0401020102010201"),
            ("13 bits HDE", "0d01030102220200", "0401020102010202"),
        )
    ),
    _made("ARRICORE, private label", "A001.mxf", mxf("0e17030101000000", "0e17010101010100"), _UNKNOWN, None),
    _made("REDCODE version 1", "A001_C001_0101AB_001.R3D", red(1), _RAW, "redcode"),
    _made("REDCODE version 2", "A001_C001_0101AB_001.R3D", red(2), _RAW, "redcode"),
    _made("REDCODE, marks of two versions", "A001.R3D", red(1).replace(b"\0R1", b"\0R2"), _CLASH, None),
    _made("Nikon N-RAW", "DSC_0001.NEV", nikon(), _RAW, "nikon_raw"),
    _made("Nikon R3D NE", "A001_C001.R3D", nikon(), _RAW, "nikon_raw"),
    _made("Nikon, NCDT and no NRAW", "DSC_0001.NEV", nikon(b"\0\0\0\1"), _CLASH, None),
    _made("Nikon, NRAW and no NCDT", "DSC_0001.mov", nikon(atom=b"NCTG"), _UNKNOWN, None),
    _made("Nikon, NRAW under avc1", "DSC_0001.mov", nikon(entry=b"avc1"), _CLASH, "h264"),
    _made("Nikon, ordinary movie", "DSC_0001.mov", nikon(b"\0\0\0\1", entry=b"avc1"), _STANDARD, "h264"),
    *(
        _made(f"Blackmagic RAW {entry}", "A001.braw", made.iso_file(entry.encode(), brand=b"qt  "), _RAW, "braw")
        for entry in ("brxq", "brst", "brvm", "brhq", "brvl", "brvn", "brlt")
    ),
    _made(
        "Blackmagic RAW without ftyp",
        "A001.braw",
        made.box(b"wide") + made.box(b"mdat", bytes(99)) + made.movie(made.track(made.sample_entry(b"brvl"))),
        _RAW,
        "braw",
    ),
    _made("Canon Cinema RAW Light", "A001C001.CRM", canon(b"CanonCRM0001/02.09.00"), _RAW, "canon_raw"),
    _made("Canon CR3 still", "IMG_0001.CR3", canon(b"CanonCR3_001/01.09.00"), _STILL, None),
    _made("Canon, no compressor version", "A001.CRM", canon(b"Canon"), _CLASH, "canon_raw"),
    _made("Canon, another brand", "A001.CRM", canon(b"CanonCRM0001", brand=b"isom"), _CLASH, "canon_raw"),
    _made("Canon, another entry", "A001.CRM", canon(b"CanonCRM0001", entry=b"avc1"), _CLASH, "h264"),
    _made("Canon RMF", "A001.rmf", b"synthetic: no marker of this format is confirmed" * 9, _UNREADABLE, None),
    _made("Sony RAW, frame wrapped", "C0001.MXF", mxf("0e060d0302010101", "0e06040102040201"), _RAW, "sony_raw"),
    _made("Sony RAW, clip wrapped", "C0001.MXF", mxf("0e060d0302010102", "0e06040102040202"), _RAW, "sony_raw"),
    _made("X-OCN under another label", "C0001.MXF", mxf("0e060d0302010101", "0e06040102040301"), _UNKNOWN, None),
    _made("Sony XAVC", "C0001.MXF", mxf("0d010301020f0100", "0401020201322001"), _STANDARD, "h264"),
    _made("CinemaDNG frame alone", "A001_000001.dng", dng(), _STILL, None),
    _made("CinemaDNG frame with a thumbnail", "A001_000001.dng", dng(thumbnail=True), _STILL, None),
    _made("LinearRaw DNG", "IMG_0001.dng", dng(photometric=34892), _STILL, None),
    _made("GoPro VC-5 DNG", "GOPR0001.gpr", dng(compression=9), _STILL, None),
    _made("ProRes RAW", "A001.mov", made.iso_file(b"aprn", brand=b"qt  "), _RAW, "prores_raw"),
    _made("ProRes RAW HQ", "A001.mov", made.iso_file(b"aprh", brand=b"qt  "), _RAW, "prores_raw"),
    _made("Z CAM ZRAW", "A001.mov", made.iso_file(b"zraw", brand=b"qt  "), _NOT_IN, "zraw"),
    _made("Z CAM ZRAW, own extension", "A001.zraw", made.iso_file(b"zraw", brand=b"qt  "), _OTHER, "zraw"),
    _made("Kinefinity KRW", "A001.krw", b"synthetic: no marker of this format is confirmed" * 9, _UNREADABLE, None),
    _made("Panasonic V-RAW", "A001.vrw", b"synthetic: no marker of this format is confirmed" * 9, _UNREADABLE, None),
    _made("Phantom", "A001.cine", b"CI\x2c\x00" + bytes(500), _OTHER, None),
    _made("Cintel", "A001.cri", b"\x01\0\0\0\x04\0\0\0DVCC" + bytes(500), _OTHER, None),
    _made("Magic Lantern", "A001.mlv", b"MLVI\x34\0\0\0v2.0" + bytes(500), _OTHER, None),
    _made("GoPro RAW in QuickTime", "A001.mov", made.iso_file(b"gpr1", brand=b"qt  "), _NOT_IN, "gopro_raw"),
    _made("VC-5 of a sensor mosaic", "A001.mxf", mxf("0d010301021b0100", "0401020203050303"), _NOT_IN, "vc5_bayer"),
    # Standard labels and entries that must not be taken for RAW.
    _made("ProRes of an ALEXA in MXF", "A001.mxf", mxf("0d010301021c0100", "0401020203060300"), _NOT_IN, "prores"),
    _made("DNxHD in MXF", "A001.mxf", mxf("0d01030102110100", "0401020271130000"), _STANDARD, "dnxhd"),
    _made("DNxHR in MXF", "A001.mxf", mxf("0d01030102110100", "0401020271240000"), _STANDARD, "dnxhr"),
    _made("MPEG-2 in MXF", "A001.mxf", mxf(_MPEG, "0401020201043300"), _STANDARD, "mpeg2video"),
    _made("JPEG 2000 in MOV", "A001.mov", made.iso_file(b"mjp2", brand=b"qt  "), _NOT_IN, "jpeg2000"),
    *(
        _made(f"{codec} in MOV", "A001.mov", made.iso_file(entry, brand=b"qt  "), _STANDARD, codec)
        for entry, codec in (
            (b"avc1", "h264"),
            (b"hvc1", "hevc"),
            (b"apcn", "prores"),
            (b"AVdh", "dnxhr"),
            (b"jpeg", "mjpeg"),
        )
    ),
    *(
        _made(f"{codec} in MP4", "A001.mp4", made.iso_file(entry), _STANDARD, codec)
        for entry, codec in ((b"avc1", "h264"), (b"hvc1", "hevc"), (b"av01", "av1"))
    ),
    *(
        _made(f"{codec} in Matroska", "A001.mkv", matroska(identity), _STANDARD, codec)
        for identity, codec in (
            (b"V_MPEG4/ISO/AVC", "h264"),
            (b"V_MPEGH/ISO/HEVC", "hevc"),
            (b"V_VP9", "vp9"),
            (b"V_AV1", "av1"),
        )
    ),
    _made("MPEG-2 in a transport stream", "A001.ts", made.ts_file((0x02, b"")), _STANDARD, "mpeg2video"),
    _made("MJPEG in AVI", "A001.avi", avi(b"MJPG"), _STANDARD, "mjpeg"),
)
