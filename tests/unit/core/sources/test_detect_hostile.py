"""Whatever the bytes are: an answer, within the limits, and never an error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxx.core.sources.bounded_reader import MAX_BYTES, BoundedReader
from proxx.core.sources.detect import detect
from proxx.core.sources.isobmff_notes import XMP_UUID
from tests.fakes.byte_source import MemoryByteSource
from tests.fuzzing.guided import READERS, Watcher
from tests.fuzzing.properties import LINES, MEMORY_BYTES, NAMES, examine, memory_bytes
from tests.unit.core.sources import media_bytes as made

FEW_NAMES = st.sampled_from(["a.mov", "a.mp4", "a.mkv", "a.webm", "a.mxf", "a.ts", "a.avi", "a.r3d", "a.dng", "a", ""])
HEADERS = (
    made.iso_file(b"avc1"),
    made.ftyp(b"crx ") + made.movie(made.canon_version(b"CanonCRM"), made.track(made.sample_entry(b"CRAW"))),
    made.ftyp() + made.movie(made.track(made.wrapped_entry(b"encv", b"avc1"), chapters=(2, 3))),
    made.matroska_file(made.track_entry(b"V_MS/VFW/FOURCC", private=bytes(40)), unknown_size=True),
    made.avi_file(),
    made.ts_file((0x02, b"\x05\x04HDMV"), (0x06, b"\x05\x04HEVC")),
    made.mxf_file(
        made.descriptor(0x28, container=made.label("0d01030102110100"), coding=made.label("0401020271000000")),
        run_in=bytes(30),
        footer=60,
    ),
    b"II*\x00\x08\x00\x00\x00\x02\x00" + bytes(30),
    made.number(512) + b"RED2" + bytes(2) + b"R2",
)


def check(name: str, data: bytes) -> None:
    source = MemoryByteSource(data)
    found = detect(name=name, data=source)
    assert found.detail.isprintable()
    assert (found.engine is None) == bool(found.action)
    assert source.taken <= MAX_BYTES
    assert len(found.detail) < 1500


@settings(max_examples=150, deadline=None)
@given(name=FEW_NAMES | st.text(max_size=40), data=st.binary(max_size=600))
def test_random_bytes_get_an_answer(name: str, data: bytes) -> None:
    check(name, data)


@settings(max_examples=400, deadline=None)
@given(
    name=FEW_NAMES,
    header=st.sampled_from(HEADERS),
    edits=st.lists(
        st.tuples(
            st.integers(0, 5000),
            st.binary(max_size=8)
            | st.sampled_from([b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\1", b"\x7f" * 8, b"\x80\0\0\0"]),
            st.integers(0, 8),
        ),
        max_size=6,
    ),
    keep=st.integers(0, 5000),
)
def test_damaged_headers_get_an_answer(
    name: str, header: bytes, edits: list[tuple[int, bytes, int]], keep: int
) -> None:
    data = bytearray(header)
    for offset, replacement, length in edits:
        at = offset % (len(data) + 1)
        data[at : at + length] = replacement
    check(name, bytes(data[:keep]) if keep % 3 == 0 else bytes(data))


ZERO_SET = made.klv("060e2b34025301010d01010101012800", bytes(65000))
ZERO_ITEMS = made.klv("060e2b34025301010d01010101012800", bytes(512))
TIMECODES = made.klv(
    "060e2b34025301010d01010101011400", (made.item(0x1502, b"\0\x19") + made.item(0x1501, bytes(8))) * 64
)
H264_SET = made.descriptor(0x28, container=made.label("0d010301020f0100"), coding=made.label("0401020201322001"))
AVC1 = made.sample_entry(b"avc1")
LONG_TABLES = made.track(AVC1, sizes=(7,) * 4096)
REFERENCES = made.track(AVC1, chapters=tuple(range(64)))
PACKET_OF_4_BYTES_A_CHARACTER = made.box(b"uuid", XMP_UUID, "\U0001f600".encode() + b" " * (256 * 1024 - 30))
ELEMENTS_WITHOUT_VALUE = made.box(b"uuid", XMP_UUID, b"<xmpDM:altTimecode>" * 13000)
CAMERA_TEXT = made.box(b"meta", made.box(b"hdlr", bytes(24)), made.box(b"xml ", bytes(4), b"<LtcChangeTable " * 16000))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("a.mov", made.box(b"free") * 200_000, id="endless small boxes"),
        pytest.param("a.mov", made.box(b"free", bytes(4080)) * 4000, id="endless boxes a block apart"),
        pytest.param("a.mov", made.ftyp() + made.movie(*[made.track(b"")] * 3000), id="thousands of tracks"),
        pytest.param("a.mov", made.ftyp() + made.movie(*[LONG_TABLES] * 190), id="long tables in every track"),
        pytest.param("a.mov", made.ftyp() + made.movie(*[REFERENCES] * 400), id="tracks that refer to all others"),
        pytest.param("a.mov", made.ftyp() + made.movie(*[CAMERA_TEXT] * 31), id="camera text that says nothing"),
        pytest.param(
            "a.mov", made.ftyp() + made.movie(made.track(AVC1), ELEMENTS_WITHOUT_VALUE), id="XMP without values"
        ),
        pytest.param(
            "a.mov",
            made.ftyp() + made.movie(made.track(AVC1)) + PACKET_OF_4_BYTES_A_CHARACTER * 31,
            id="many packets of XMP",
        ),
        pytest.param("a.mkv", made.matroska_file() + b"\xec\x80" * 200_000, id="empty track list, then void elements"),
        pytest.param("a.mkv", made.ebml_header(b"webm") + b"\xec\x80" * 200_000, id="void elements for ever"),
        pytest.param("a.ts", made.ts_packet(0x1FFF, b"") * 16_000, id="packets without tables"),
        pytest.param("a.ts", made.ts_packet(0, b"\x00\xbf\xff") * 16_000, id="table sections that never end"),
        pytest.param("a.ts", made.ts_packet(0, b"\x00\x00\x0d" + bytes(180)) * 11_000, id="tables without programs"),
        pytest.param("a.mxf", made.mxf_file(*[ZERO_SET] * 150), id="long sets of zero-length items"),
        pytest.param("a.mxf", made.mxf_file(*[ZERO_ITEMS] * 1020), id="many sets of zero-length items"),
        pytest.param("a.mxf", made.mxf_file(*[TIMECODES] * 1020), id="many timecodes"),
        pytest.param("a.mxf", made.mxf_file(*[H264_SET] * 1020), id="many picture descriptors"),
        pytest.param("a.mxf", made.mxf_file() + made.klv("060e2b34025301010d01010101012800") * 50_000, id="empty sets"),
        pytest.param("a.avi", b"RIFF\0\0\0\0AVI " + made.chunk(b"JUNK") * 100_000, id="endless chunks"),
    ],
)
def test_files_made_to_be_slow_are_given_up_within_the_limits(name: str, data: bytes) -> None:
    check(name, data)
    chosen = next(index for index, known in enumerate(NAMES) if known.endswith(name[1:]))
    file = bytes([chosen]) + data
    assert Watcher(READERS).lines_of(examine, file) <= LINES
    assert memory_bytes(file) <= MEMORY_BYTES


@pytest.mark.parametrize("length", [0, -1, -(1 << 63)])
def test_a_length_below_one_reads_nothing(length: int) -> None:
    source = MemoryByteSource(b"some bytes")
    reader = BoundedReader(source)
    reader.peek(0, 4)
    assert reader.peek(2, length) == b""
    assert source.calls == 1
