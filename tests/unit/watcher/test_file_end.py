"""Whether a file ends where its structure says: made by hand, cut and damaged by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx_watcher.domain.ends.ending import End
from proxx_watcher.domain.ends.file_end import file_end
from tests.fakes.byte_source import MemoryByteSource

FTYP = b"\0\0\0\x14ftypqt  \0\0\0\0qt  "
MOOV = b"\0\0\0\x10moov\0\0\0\x08mvhd"
HEADER = bytes.fromhex("060e2b34020501010d0102010102")
FOOTER = bytes.fromhex("060e2b34020501010d0102010104")
INDEX_PACK = bytes.fromhex("060e2b34020501010d01020101110100")


def box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content


def mxf(*, status: int, footer: bool, names_footer: bool, index: bool) -> bytes:
    """A header partition, a filler, and what is written last."""
    body = bytes.fromhex("060e2b34010101010301021001000000") + b"\x83" + (64).to_bytes(3, "big") + b"\x11" * 64
    pack = bytearray(88)
    length = 16 + 4 + len(pack)
    at = length + len(body)
    if names_footer:
        pack[24:32] = at.to_bytes(8, "big")
    whole = HEADER + bytes([status]) + b"\0\x83" + len(pack).to_bytes(3, "big") + bytes(pack) + body
    if footer:
        whole += FOOTER + b"\x04\0\x83" + len(pack).to_bytes(3, "big") + bytes(pack)
    if index:
        entry = bytes(4) + at.to_bytes(8, "big")
        whole += INDEX_PACK + b"\x83" + (len(entry) + 4).to_bytes(3, "big") + entry
        whole += (16 + 4 + len(entry) + 4).to_bytes(4, "big")
    return whole


def ebml(*, size: bytes, content: bytes, behind: bytes = b"") -> bytes:
    return b"\x1a\x45\xdf\xa3\x80" + b"\x18\x53\x80\x67" + size + content + behind


def chunk(kind: bytes, content: bytes) -> bytes:
    return kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)


def avi(*parts: bytes) -> bytes:
    return chunk(b"RIFF", b"AVI " + b"".join(parts))


HDRL, MOVI = chunk(b"LIST", b"hdrl"), chunk(b"LIST", b"movi" + chunk(b"00dc", b"abcd"))
PACKET = b"\x47" + b"\x11" * 187


@pytest.mark.parametrize(
    ("data", "end", "fact"),
    [
        pytest.param(b"", End.CUT, "holds no bytes", id="nothing"),
        pytest.param(bytes(500), End.DOUBTFUL, "the first 64 bytes are zeros", id="zeros"),
        pytest.param(
            b"hello, I am a text\n" * 9,
            End.OPEN,
            "no media format that Proxx knows, so its end is not looked at",
            id="no media",
        ),
        pytest.param(
            FTYP + box(b"mdat", b"x" * 9) + MOOV, End.WHOLE, "moov present, 3 boxes end at byte 53", id="moov last"
        ),
        pytest.param(FTYP + box(b"mdat", b"x" * 9), End.CUT, "moov box absent", id="no movie header"),
        pytest.param(
            FTYP + MOOV, End.CUT, "mdat box absent: it has a movie header and no media", id="a movie header alone"
        ),
        pytest.param(
            FTYP + box(b"mdat", b"x" * 99)[:50],
            End.CUT,
            "its box mdat at byte 20 goes to byte 127, the file has 70 bytes",
            id="cut inside the media",
        ),
        pytest.param(
            FTYP + box(b"mdat", b"x" * 9) + MOOV + b"\0\0\1",
            End.CUT,
            "3 bytes of an unfinished box header at the end",
            id="cut inside a header",
        ),
        pytest.param(
            FTYP + box(b"mdat", b"x" * 9) + bytes(64),
            End.DOUBTFUL,
            "a box header of zeros at byte 37",
            id="zeros where a box should be",
        ),
        pytest.param(
            FTYP + MOOV + box(b"moof", b"") + box(b"mdat", b"x"),
            End.OPEN,
            "1 fragments without an index (mfra): another may follow",
            id="fragments without an end",
        ),
        pytest.param(
            FTYP + MOOV + box(b"moof", b"") + box(b"mdat", b"x") + box(b"mfra", b""),
            End.WHOLE,
            "fragments with their index (mfra), 5 boxes end at byte 61",
            id="fragments with their index",
        ),
        pytest.param(
            mxf(status=4, footer=True, names_footer=True, index=True),
            End.WHOLE,
            "footer partition at byte 192, packets end at byte 336",
            id="MXF, closed and complete",
        ),
        pytest.param(
            mxf(status=1, footer=True, names_footer=False, index=True),
            End.WHOLE,
            "footer partition at byte 192, packets end at byte 336",
            id="MXF whose header was never closed and whose index pack names its footer",
        ),
        pytest.param(
            mxf(status=4, footer=True, names_footer=True, index=False),
            End.OPEN,
            "footer partition at byte 192 and no random index pack behind it: more may follow",
            id="MXF without an index pack",
        ),
        pytest.param(
            mxf(status=4, footer=False, names_footer=True, index=False),
            End.CUT,
            "its footer partition is declared at byte 192, the file has 192 bytes",
            id="MXF without its footer",
        ),
        pytest.param(
            mxf(status=1, footer=False, names_footer=False, index=False),
            End.CUT,
            "its header partition is open, and no random index pack is at the end",
            id="MXF that is being recorded",
        ),
        pytest.param(
            mxf(status=2, footer=False, names_footer=False, index=False),
            End.OPEN,
            "its header partition is closed and names no footer partition",
            id="MXF without any footer",
        ),
        pytest.param(
            ebml(size=b"\x8a", content=b"\x1f\x43\xb6\x75\x85hello"),
            End.WHOLE,
            "segment with 1 parts ends at byte 20",
            id="Matroska",
        ),
        pytest.param(
            ebml(size=b"\x9a", content=b"\x1f\x43\xb6\x75\x85hello"),
            End.CUT,
            "its segment goes to byte 36, the file has 20 bytes",
            id="Matroska, cut off",
        ),
        pytest.param(
            ebml(size=b"\x01" + b"\xff" * 7, content=b"\x1f\x43\xb6\x75\x85hello"),
            End.OPEN,
            "its segment has no size: it is still being recorded, or was streamed",
            id="Matroska that is being recorded",
        ),
        pytest.param(
            ebml(size=b"\x8a", content=b"\x1f\x43\xb6\x75\x8fhello"),
            End.CUT,
            "the element at byte 15 goes to byte 30, the segment ends at byte 20",
            id="Matroska whose last cluster goes on",
        ),
        pytest.param(avi(HDRL, MOVI), End.WHOLE, "1 RIFF chunks end at byte 48", id="AVI"),
        pytest.param(avi(HDRL), End.CUT, "movi list absent: it has a header and no media", id="AVI without media"),
        pytest.param(
            b"RIFF\0\0\0\0" + avi(HDRL, MOVI)[8:],
            End.CUT,
            "the RIFF chunk at byte 0 has no size yet",
            id="AVI that is being recorded",
        ),
        pytest.param(
            avi(HDRL, MOVI)[:-5],
            End.CUT,
            "the RIFF chunk at byte 0 goes to byte 48, the file has 43 bytes",
            id="AVI, cut off",
        ),
        pytest.param(
            avi(HDRL, MOVI) + chunk(b"RIFF", b"AVIX" + MOVI),
            End.WHOLE,
            "2 RIFF chunks end at byte 84",
            id="AVI in two pieces",
        ),
        pytest.param(
            PACKET * 40,
            End.OPEN,
            "40 packets, in step to the end; a transport stream does not say where it ends",
            id="a transport stream",
        ),
        pytest.param(
            PACKET * 40 + PACKET[:100], End.DOUBTFUL, "100 bytes of an unfinished packet at the end", id="half a packet"
        ),
        pytest.param(
            PACKET * 39 + bytes(188),
            End.DOUBTFUL,
            "no packet at byte 7332, among the last 16",
            id="a transport stream that ends in zeros",
        ),
    ],
)
def test_the_end_of_a_file(data: bytes, end: End, fact: str) -> None:
    found = file_end(data=MemoryByteSource(data))
    assert (found.end, found.fact) == (end, fact)


def test_a_super_index_names_the_pieces_that_must_follow() -> None:
    def with_index(size: int) -> bytes:
        entry = (44).to_bytes(8, "little") + size.to_bytes(4, "little") + bytes(4)
        index = chunk(b"indx", b"\x04\0\0\0\x01\0\0\0" + bytes(16) + entry)
        return avi(chunk(b"LIST", b"hdrl" + chunk(b"LIST", b"strl" + index)), MOVI)

    assert file_end(data=MemoryByteSource(with_index(20))).end is End.WHOLE
    found = file_end(data=MemoryByteSource(with_index(5000)))
    assert (found.end, found.fact) == (
        End.CUT,
        "its index names a part that goes to byte 5044, the file has 108 bytes",
    )


@pytest.mark.parametrize(
    ("data", "zeros"),
    [
        pytest.param(FTYP + box(b"mdat", b"x") + MOOV + box(b"free", bytes(40)), 40, id="a free box at the end"),
        pytest.param(
            FTYP + box(b"mdat", b"x") + box(b"moov", box(b"udta", box(b"abcd", b"x") + bytes(4))),
            4,
            id="the terminator of user data",
        ),
        pytest.param(avi(HDRL, MOVI, chunk(b"JUNK", bytes(30))), 30, id="a JUNK chunk"),
        pytest.param(ebml(size=b"\x8f", content=b"\x1f\x43\xb6\x75\x82hi\xec\x86" + bytes(6)), 6, id="a Void element"),
    ],
)
def test_padding_at_the_end_is_accounted_for(data: bytes, zeros: int) -> None:
    found = file_end(data=MemoryByteSource(data))
    assert (found.end, found.own_zeros) == (End.WHOLE, zeros)


@given(
    head=st.sampled_from([FTYP, HEADER + b"\x04\0", b"\x1a\x45\xdf\xa3", b"RIFF\0\1\0\0AVI ", PACKET * 6, b""]),
    tail=st.binary(max_size=400),
)
def test_any_bytes_get_an_answer_within_the_limits(head: bytes, tail: bytes) -> None:
    source = MemoryByteSource(head + tail)
    assert file_end(data=source).fact
    assert source.calls < 2000
