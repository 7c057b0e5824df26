"""Files that are almost well formed: trees of boxes, elements, chunks, sets and directories, with sizes that lie.

Everything is drawn from the Random that is handed in, so a seed or hypothesis gives the same file again.
"""

from collections.abc import Callable, Sequence
from random import Random

from tests.unit.core.sources import media_bytes as made
from tests.unit.core.sources.headers import HEADERS

BOXES = (
    *(
        b"ftyp moov trak mdia minf stbl stsd stsz stz2 stco co64 stsc hdlr tkhd mdhd mvhd edts elst tref chap tmcd "
        b"udta meta mdat free skip wide uuid moof mvex cmov sinf rinf frma NCDT CNCV XMP_ pnot junk styp avc1 encv "
        b"resv CRAW aprn brvl apcn hvc1 nzzz"
    ).split(),
    b"xml ",
    b"crx ",
    bytes(4),
)
_ELEMENTS = (
    "1a45dfa3 4282 18538067 114d9b74 4dbb 53ab 53ac 1f43b675 1654ae6b ae 83 86 63a2 ec bf d7 73c5 e0 a3 00 ff 01ffffff"
)
ELEMENTS = tuple(bytes.fromhex(identity) for identity in _ELEMENTS.split())
CHUNKS = (b"RIFF", b"LIST", b"hdrl", b"strl", b"strh", b"strf", b"avih", b"movi", b"JUNK", b"vids", b"iavs", b"odml")
SETS = (
    *(
        bytes.fromhex(f"060e2b34025301010d0101010101{kind:02x}00")
        for kind in b"\x27\x28\x29\x51\x5f\x14\x2f\x48\x44\x3b"
    ),
    bytes.fromhex("060e2b34020501010d01020101020400"),
    bytes.fromhex("060e2b34020501010d01020101040400"),
    bytes.fromhex("060e2b34010201010d01030115010c00"),
    bytes.fromhex("060e2b34010101020301021001000000"),
)
_LABELS = (
    "0401020271000000 0401020271240000 0401020102010101 0401020102010201 0d01030102220100 0d01030102220200 "
    "0e06040102040201 0e060d0302010101 0401020201322001 0d01030102110100 0e17000000000000 0401020203060300"
)
LABELS = tuple(_LABELS.split())
LOCAL_TAGS = (0x3004, 0x3201, 0x1501, 0x1502, 0x1503, 0x3C0A, 0x4401)
TIFF_TAGS = (254, 256, 257, 259, 262, 330, 50706, 51044, 51043, 0, 65535)
NUMBERS = (0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 127, 128, 255, 256, 4095, 4096, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1)
TEXTS = (
    b"matroska",
    b"webm",
    b"V_VP9",
    b"V_MS/VFW/FOURCC",
    b"V_QUICKTIME",
    b"CanonCRM",
    b"CanonCR3",
    b"NRAW",
    b"\xff" * 8,
)


def grow(random: Random) -> bytes:
    """Return one file of a format drawn at random, made of its own parts in an order of its own."""
    return random.choice(_FORMATS)(random)


def _bytes(random: Random, most: int) -> bytes:
    kind = random.randrange(4)
    if kind == 0:
        return bytes(random.randrange(most))
    if kind == 1:
        return random.choice(TEXTS)
    return random.randbytes(random.randrange(most))


def _size(random: Random, real: int) -> int:
    """The real size mostly, else one that lies."""
    lie = random.randrange(12)
    if lie == 0:
        return random.choice(NUMBERS)
    if lie == 1:
        return max(0, real + random.choice((-8, -1, 1, 8)))
    return real


def _parts(random: Random, depth: int, leaf: Callable[[Random], bytes], node: Callable[[Random, int], bytes]) -> bytes:
    if depth == 0 or random.randrange(3) == 0:
        return leaf(random)
    part = b"".join(node(random, depth - 1) for _ in range(random.randrange(5)))
    return part * (random.choice((2, 50)) if len(part) < 200 and random.randrange(8) == 0 else 1)


def _box(random: Random, depth: int) -> bytes:
    body = _parts(random, depth, _box_leaf, _box)
    size, kind = _size(random, 8 + len(body)), random.choice(BOXES)
    if random.randrange(10) == 0:
        return made.number(1) + kind + made.number(_size(random, 16 + len(body)), 8) + body
    return made.number(size & 0xFFFFFFFF) + kind + body


def _box_leaf(random: Random) -> bytes:
    """Tables of numbers, sample entries, bytes."""
    kind = random.randrange(3)
    if kind == 0:
        return b"".join(made.number(random.choice(NUMBERS)) for _ in range(random.randrange(12)))
    if kind == 1:
        return made.number(0) + made.number(1) + made.sample_entry(random.choice(BOXES))
    return _bytes(random, 60)


def _iso(random: Random) -> bytes:
    return made.ftyp(random.choice(BOXES)) + b"".join(_box(random, 6) for _ in range(random.randrange(1, 5)))


def _movie(random: Random) -> bytes:
    """Boxes drawn at random at the places where a reader looks for them."""
    tracks = []
    for index in range(random.randrange(1, 4)):
        entry = made.sample_entry(random.choice(BOXES), _box(random, 2))
        sizes = tuple(random.choice(NUMBERS) for _ in range(random.randrange(4)))
        track = made.track(
            entry,
            handler=random.choice((b"vide", b"vide", b"tmcd", b"soun")),
            track_id=index,
            sizes=sizes,
            offset=random.choice(NUMBERS),
            chapters=(random.randrange(4),),
        )
        tracks.append(track[:8] + _box(random, 2) + track[8:] if random.randrange(4) == 0 else track)
    return made.ftyp(random.choice(BOXES)) + made.movie(*tracks, _box(random, 3)) + _box(random, 2)


def _element(random: Random, depth: int) -> bytes:
    body = _parts(random, depth, lambda chooser: _bytes(chooser, 40), _element)
    head = random.choice(ELEMENTS)
    size = _size(random, len(body))
    if random.randrange(12) == 0:
        return head + random.choice((b"\xff", b"\x01" + b"\xff" * 7, b"\x00", b"\x08")) + body
    return head + made.number(0x10000000 | size & 0x0FFFFFFF) + body


def _ebml(random: Random) -> bytes:
    parts = b"".join(_element(random, 4) for _ in range(random.randrange(5)))
    return made.ebml_header(random.choice((b"webm", b"matroska", b"other"))) + made.element("18538067", parts)


def _chunk(random: Random, depth: int) -> bytes:
    body = _parts(random, depth, lambda chooser: _bytes(chooser, 64), _chunk)
    if random.randrange(2):
        body = random.choice(CHUNKS) + body
    return random.choice(CHUNKS) + (_size(random, len(body)) & 0xFFFFFFFF).to_bytes(4, "little") + body


def _riff(random: Random) -> bytes:
    return b"RIFF" + random.randbytes(4) + b"AVI " + b"".join(_chunk(random, 4) for _ in range(random.randrange(5)))


def _klv(random: Random) -> bytes:
    items = b"".join(_item(random) for _ in range(random.randrange(8)))
    if random.randrange(20) == 0:
        items *= random.choice((30, 2000))
    key, size = random.choice(SETS), _size(random, len(items))
    width = random.choice((1, 2, 3, 4, 8))
    return key + bytes([0x80 | width]) + (size & ((1 << 8 * width) - 1)).to_bytes(width, "big") + items


def _item(random: Random) -> bytes:
    value = made.label(random.choice(LABELS), random.randrange(16)) if random.randrange(2) else _bytes(random, 20)
    tag = random.choice(LOCAL_TAGS)
    return made.number(tag, 2) + made.number(_size(random, len(value)) & 0xFFFF, 2) + value


def _mxf(random: Random) -> bytes:
    sets = b"".join(_klv(random) for _ in range(random.randrange(8)))
    return made.mxf_file(sets, run_in=bytes(random.choice((0, 0, 0, 7, 65536))), footer=random.choice(NUMBERS))


def _tiff(random: Random) -> bytes:
    order = random.choice(("little", "big"))

    def word(value: int, length: int) -> bytes:
        return (value & ((1 << 8 * length) - 1)).to_bytes(length, "little" if order == "little" else "big")

    def directory() -> bytes:
        entries = [
            word(random.choice(TIFF_TAGS), 2)
            + word(random.choice((1, 2, 3, 4, 10, 13, 99)), 2)
            + word(random.choice((0, 1, 1, 2, 9, 2**32 - 1)), 4)
            + word(random.choice((8, 20, 32803, 34892, random.randrange(300), random.choice(NUMBERS))), 4)
            for _ in range(random.randrange(12))
        ]
        return word(_size(random, len(entries)), 2) + b"".join(entries) + bytes(4)

    head = b"II*\0" if order == "little" else b"MM\0*"
    return head + word(random.choice((8, 8, 8, 200)), 4) + b"".join(directory() for _ in range(random.randrange(1, 4)))


def _packets(random: Random) -> bytes:
    stride = random.choice((188, 188, 192, 204))
    packets = []
    for _ in range(random.randrange(3, 12)):
        packet = bytearray(made.ts_packet(random.choice((0, 0x100, 0x1FFF)), _bytes(random, 180)))
        packet[3] = random.choice((0x10, 0x30, 0x20, 0x50))
        packets.append(bytes(packet) + bytes(stride - 188))
    return b"".join(packets) * random.choice((1, 1, 40))


def _header(random: Random) -> bytes:
    return random.choice(HEADERS).data


_FORMATS: Sequence[Callable[[Random], bytes]] = (_iso, _movie, _ebml, _riff, _mxf, _tiff, _packets, _header)
