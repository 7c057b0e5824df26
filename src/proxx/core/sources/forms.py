"""The byte signatures, and the fixed ones among them: those that a few bytes at the start decide.

Sources: PRONOM fmt/588, fmt/1038 (R3D), the formats' own specifications, reference parsers (source_formats).
"""

from proxx.core.sources.reading import Form, FormKind

ISO_MEDIA = Form(word="mov", name="a QuickTime or ISO media file", kind=FormKind.MATRIX, containers=("mov", "mp4"))
MATROSKA = Form(word="mkv", name="a Matroska or WebM file", kind=FormKind.MATRIX, containers=("mkv", "webm"))
MXF = Form(word="mxf", name="an MXF file", kind=FormKind.MATRIX, containers=("mxf",))
TRANSPORT_STREAM = Form(word="ts", name="an MPEG transport stream", kind=FormKind.MATRIX, containers=("ts",))
AVI = Form(word="avi", name="an AVI file", kind=FormKind.MATRIX, containers=("avi",))

REDCODE = Form(word="r3d", name="a REDCODE file", kind=FormKind.RAW)
ARRIRAW = Form(word="ari", name="an ARRIRAW frame", kind=FormKind.RAW)
DNG = Form(word="dng", name="a DNG picture", kind=FormKind.STILL)
TIFF = Form(word="tiff", name="a TIFF picture", kind=FormKind.STILL)
CR3 = Form(word="cr3", name="a Canon CR3 picture", kind=FormKind.STILL)
HEIF = Form(word="heif", name="a HEIF or AVIF picture", kind=FormKind.STILL)


def _still(word: str, name: str) -> Form:
    return Form(word=word, name=name, kind=FormKind.STILL)


def _other(word: str, name: str) -> Form:
    return Form(word=word, name=name, kind=FormKind.OTHER)


def _audio(word: str, name: str) -> Form:
    return Form(word=word, name=name, kind=FormKind.AUDIO)


_SIGNATURES: tuple[tuple[tuple[tuple[int, bytes], ...], Form], ...] = (
    (((4, b"RED1"), (10, b"R1")), REDCODE),
    (((4, b"RED2"), (10, b"R2")), REDCODE),
    (((0, b"ARRI\x12\x34\x56\x78"),), ARRIRAW),
    (((0, b"SDPX"),), _still("dpx", "a DPX picture")),
    (((0, b"XPDS"),), _still("dpx", "a DPX picture")),
    (((0, b"\x76\x2f\x31\x01"),), _still("exr", "an OpenEXR picture")),
    (((0, b"\x80\x2a\x5f\xd7"),), _still("cineon", "a Cineon picture")),
    (((0, b"\xd7\x5f\x2a\x80"),), _still("cineon", "a Cineon picture")),
    (((0, b"\xff\xd8\xff"),), _still("jpeg", "a JPEG picture")),
    (((0, b"\x89PNG\r\n\x1a\n"),), _still("png", "a PNG picture")),
    (((0, b"GIF87a"),), _still("gif", "a GIF picture")),
    (((0, b"GIF89a"),), _still("gif", "a GIF picture")),
    (((0, b"8BPS"),), _still("psd", "a Photoshop picture")),
    (((0, b"BM"), (6, bytes(4))), _still("bmp", "a BMP picture")),
    (((0, b"\x00\x00\x00\x0cjP  "),), _still("jp2", "a JPEG 2000 picture")),
    (((0, b"\xff\x4f\xff\x51"),), _still("j2c", "a JPEG 2000 codestream")),
    (((0, b"\xff\x0a"),), _still("jxl", "a JPEG XL picture")),
    (((0, b"RIFF"), (8, b"WEBP")), _still("webp", "a WebP picture")),
    (((0, b"FOVb"),), _still("x3f", "a Sigma X3F picture")),
    (((0, b"FUJIFILMCCD-RAW"),), _still("raf", "a Fujifilm RAF picture")),
    (((0, b"IIRO"),), _still("orf", "an Olympus ORF picture")),
    (((0, b"IIU\x00"),), _still("rw2", "a Panasonic RW2 picture")),
    (((0, b"RIFF"), (8, b"WAVE")), _audio("wav", "a WAVE audio file")),
    (((0, b"RF64"), (8, b"WAVE")), _audio("wav", "an RF64 WAVE audio file")),
    (((0, b"BW64"), (8, b"WAVE")), _audio("wav", "a BW64 WAVE audio file")),
    (((0, b"FORM"), (8, b"AIF")), _audio("aiff", "an AIFF audio file")),
    (((0, b"fLaC"),), _audio("flac", "a FLAC audio file")),
    (((0, b"ID3"),), _audio("mp3", "an MP3 audio file")),
    (((0, b"caff"),), _audio("caf", "a CAF audio file")),
    (((0, b"#EXTM3U"),), _other("hls", "an HLS playlist, which names other files")),
    (((0, b"ffconcat"),), _other("concat", "a concat script, which names other files")),
    (((0, b"<?xml"),), _other("xml", "an XML document")),
    (((0, b"OggS"),), _other("ogg", "an Ogg file")),
    (((0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),), _other("asf", "a Windows Media (ASF) file")),
    (((0, b"FLV\x01"),), _other("flv", "a Flash video file")),
    (((0, b".RMF"),), _other("rm", "a RealMedia file")),
    (((0, b"\x00\x00\x01\xba"),), _other("mpegps", "an MPEG program stream")),
    (((0, b"\x00\x00\x01\xb3"),), _other("mpegvideo", "an MPEG elementary stream")),
    (((0, b"\x00\x00\x00\x01\x67"),), _other("h264", "an H.264 elementary stream")),
    (((0, b"\x00\x00\x00\x01\x40\x01"),), _other("hevc", "an HEVC elementary stream")),
    (((0, b"\x1f\x07\x00"),), _other("dv", "a raw DV stream")),
    (((0, b"\x00\x00\x02\x80"),), _other("dnx", "a raw VC-3 (DNx) stream")),
    (((0, b"DKIF"),), _other("ivf", "an IVF file")),
    (((0, b"YUV4MPEG2"),), _other("y4m", "a YUV4MPEG stream")),
    (((0, b"CI\x2c\x00"),), _other("cine", "a Phantom CINE file")),
    (((0, b"\x01\x00\x00\x00\x04\x00\x00\x00DVCC"),), _other("cri", "a Cintel RAW picture")),
    (((0, b"MLVI"),), _other("mlv", "a Magic Lantern file")),
    (((0, b"GXF"),), _other("gxf", "a GXF file")),
    (((0, b"\x00\x00\x00\x00\x01\xbc"),), _other("gxf", "a GXF file")),
    (((0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),), _other("aaf", "an AAF or OLE document")),
)

_HALF_RED = _other(
    "r3d", "a file that begins like REDCODE without its second mark (R1 at byte 10 behind RED1, R2 behind RED2)"
)
_NEAR_MISSES = (
    (4, b"RED1", _HALF_RED),
    (4, b"RED2", _HALF_RED),
    (0, b"ARRI", _other("ari", "a file that begins with ARRI and without the 12345678h of an ARRIRAW frame")),
)

_TIFF_MAGICS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

HEAD_BYTES = 64
"""How many bytes from the start the fixed signatures need."""


def fixed_form(*, head: bytes) -> Form | None:
    """Return the form whose fixed signature `head` (the first HEAD_BYTES) bears. TIFF is told by `is_tiff`."""
    for parts, form in _SIGNATURES:
        if all(head[offset : offset + len(magic)] == magic for offset, magic in parts):
            return form
    return None


def near_miss(*, head: bytes) -> Form | None:
    """Return the form that `head` bears half the signature of. Asked last: the half proves nothing."""
    return next((form for offset, magic, form in _NEAR_MISSES if head[offset : offset + len(magic)] == magic), None)


def is_tiff(*, head: bytes) -> bool:
    """Return whether `head` begins a TIFF (or DNG, NEF, CR2, ARW, …) file."""
    return head[:4] in _TIFF_MAGICS
