"""Whatever the bytes are: an answer, within the limits, and never an error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxx.core.sources.bounded_reader import MAX_BYTES
from proxx.core.sources.detect import detect
from tests.fakes.byte_source import MemoryByteSource
from tests.unit.core.sources import media_bytes as made

NAMES = st.sampled_from(["a.mov", "a.mp4", "a.mkv", "a.webm", "a.mxf", "a.ts", "a.avi", "a.r3d", "a.dng", "a", ""])
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
@given(name=NAMES | st.text(max_size=40), data=st.binary(max_size=600))
def test_random_bytes_get_an_answer(name: str, data: bytes) -> None:
    check(name, data)


@settings(max_examples=400, deadline=None)
@given(
    name=NAMES,
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


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("a.mov", made.box(b"free") * 200_000, id="endless small boxes"),
        pytest.param("a.mov", made.box(b"free", bytes(4080)) * 4000, id="endless boxes a block apart"),
        pytest.param("a.mov", made.ftyp() + made.movie(*[made.track(b"")] * 3000), id="thousands of tracks"),
        pytest.param("a.mkv", made.matroska_file() + b"\xec\x80" * 200_000, id="empty track list, then void elements"),
        pytest.param("a.mkv", made.ebml_header(b"webm") + b"\xec\x80" * 200_000, id="void elements for ever"),
        pytest.param("a.ts", made.ts_packet(0x1FFF, b"") * 16_000, id="packets without tables"),
        pytest.param("a.ts", made.ts_packet(0, b"\x00\xbf\xff") * 16_000, id="table sections that never end"),
        pytest.param("a.mxf", made.mxf_file(*[ZERO_SET] * 150), id="sets of zero-length items"),
        pytest.param("a.mxf", made.mxf_file() + made.klv("060e2b34025301010d01010101012800") * 50_000, id="empty sets"),
        pytest.param("a.avi", b"RIFF\0\0\0\0AVI " + made.chunk(b"JUNK") * 100_000, id="endless chunks"),
    ],
)
def test_files_made_to_be_slow_are_given_up_within_the_limits(name: str, data: bytes) -> None:
    check(name, data)
