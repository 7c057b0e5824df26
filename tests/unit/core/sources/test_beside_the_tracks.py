"""Edit lists, timecode samples and metadata that our own readers find: QuickTime, MP4 and MXF."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.sources.detect import inspect_source
from proxx.core.sources.isobmff_notes import MAX_EDITS, XMP_UUID
from proxx.core.sources.reading import Edit, Reading, StatedLabel, TimecodeTrack
from tests.fakes.byte_source import MemoryByteSource
from tests.unit.core.sources import media_bytes as made

ONE = 1 << 16
SONY = b'<LtcChangeTable tcFps="25"><LtcChange frameCount="0" value="00000010"/></LtcChangeTable>'
XMP = b'<xmpDM:startTimecode xmpDM:timeValue="02:00:00:00"/><xmpDM:tapeName>A001</xmpDM:tapeName>'
SONY_LABEL = StatedLabel(text="10:00:00:00", origin="Sony camera metadata", counts=25)
XMP_LABEL = StatedLabel(text="02:00:00:00", origin="XMP startTimecode")


def reading_of(data: bytes, name: str = "a.mov") -> Reading:
    _, reading = inspect_source(name=name, data=MemoryByteSource(data))
    assert reading is not None
    return reading


def header(scale: int) -> bytes:
    return made.box(b"mvhd", bytes(12), made.number(scale), bytes(84))


def clip(*more: bytes) -> bytes:
    trak = made.track(made.sample_entry(b"avc1"))
    return made.number(len(trak) + sum(map(len, more))) + trak[4:] + b"".join(more)


def elst(*entries: tuple[int, int, int], version: int = 0) -> bytes:
    size = 8 if version else 4
    rows = b"".join(
        made.number(duration, size) + media.to_bytes(size, "big", signed=True) + rate.to_bytes(4, "big", signed=True)
        for duration, media, rate in entries
    )
    return made.box(b"edts", made.box(b"elst", bytes([version, 0, 0, 0]), made.number(len(entries)), rows))


def movie(*parts: bytes, scale: int = 1000) -> bytes:
    return made.ftyp() + made.box(b"moov", header(scale), *parts)


@pytest.mark.parametrize("version", [0, 1])
def test_the_edit_list_of_the_clip_is_read_in_seconds_and_ticks(version: int) -> None:
    data = movie(clip(elst((500, -1, ONE), (1000, 20, ONE // 2), version=version)))
    assert reading_of(data).video[0].edits == (
        Edit(seconds=Fraction(1, 2), media_time=-1, rate=Fraction(1)),
        Edit(seconds=Fraction(1), media_time=20, rate=Fraction(1, 2)),
    )


@pytest.mark.parametrize(
    ("parts", "scale"),
    [((made.box(b"edts"),), 1000), ((elst((500, 0, ONE)),), 0), ((made.box(b"edts", made.box(b"elst")),), 1000)],
    ids=["no list", "no scale", "no entries"],
)
def test_an_edit_list_that_cannot_be_read_is_none(parts: tuple[bytes, ...], scale: int) -> None:
    assert reading_of(movie(clip(*parts), scale=scale)).video[0].edits == ()


def test_a_long_edit_list_is_read_up_to_its_bound() -> None:
    edits = reading_of(movie(clip(elst(*[(1, 0, ONE)] * (MAX_EDITS + 9))))).video[0].edits
    assert len(edits) == MAX_EDITS


def test_the_frame_number_of_the_timecode_track_is_read_from_its_sample() -> None:
    entry = made.timecode_entry(timescale=25, frame_duration=1, frames=25)
    front = made.ftyp() + made.box(b"mdat", made.number(90000))
    labels = made.track(entry, handler=b"tmcd", track_id=2, sizes=(4,), offset=len(front) - 4)
    data = front + made.box(b"moov", header(1000), clip(), labels)
    assert reading_of(data).timecode_track == TimecodeTrack(
        timescale=25, frame_duration=1, frames_per_second=25, drop_frame=False, start=90000, samples=1
    )


@pytest.mark.parametrize(
    "data",
    [
        movie(clip(), made.box(b"meta", bytes(4), made.box(b"xml ", bytes(4), SONY))),
        movie(clip(), made.box(b"meta", made.box(b"hdlr", bytes(24)), made.box(b"xml ", bytes(4), SONY))),
        movie(clip()) + made.box(b"meta", bytes(4), made.box(b"hdlr", bytes(24)), made.box(b"xml ", bytes(4), SONY)),
    ],
    ids=["in the movie header", "as QuickTime writes meta", "behind the movie header"],
)
def test_sonys_label_is_found_inside_and_behind_the_movie_header(data: bytes) -> None:
    assert reading_of(data).labels == (SONY_LABEL,)


@pytest.mark.parametrize(
    "data",
    [
        movie(clip(), made.box(b"udta", made.box(b"XMP_", XMP))),
        movie(clip()) + made.box(b"uuid", XMP_UUID, XMP),
        made.ftyp() + made.box(b"uuid", XMP_UUID, XMP) + movie(clip())[len(made.ftyp()) :],
    ],
    ids=["user data", "behind the movie header", "before the movie header"],
)
def test_xmp_gives_label_and_reel(data: bytes) -> None:
    found = reading_of(data)
    assert (found.labels, found.reels) == ((XMP_LABEL,), ("A001",))


def test_the_camera_comes_before_the_editor() -> None:
    data = movie(clip(), made.box(b"meta", bytes(4), made.box(b"xml ", bytes(4), SONY)))
    assert reading_of(data + made.box(b"uuid", XMP_UUID, XMP)).labels == (SONY_LABEL, XMP_LABEL)


def test_damage_behind_the_movie_header_costs_the_metadata_and_not_the_tracks() -> None:
    found = reading_of(movie(clip()) + made.number(3) + b"free" + bytes(20))
    assert (len(found.video), found.labels, found.reels) == (1, (), ())


@given(st.binary(max_size=200))
def test_any_bytes_as_edit_list_or_metadata_are_no_error(junk: bytes) -> None:
    parts = (made.box(b"meta", junk), made.box(b"udta", made.box(b"XMP_", junk)))
    found = reading_of(movie(clip(made.box(b"edts", made.box(b"elst", junk))), *parts))
    assert len(found.video) == 1


# MXF


def component(*, start: int, base: int, drop: int = 0) -> bytes:
    items = made.item(0x1501, made.number(start, 8)) + made.item(0x1502, made.number(base, 2))
    return made.klv("060e2b34025301010d01010101011400", items + made.item(0x1503, bytes([drop])))


def mxf(*sets: bytes) -> bytes:
    picture = made.descriptor(0x28, container=made.label("0d01030102046001"), coding=made.label("0401020201040300"))
    return made.mxf_file(*sets, picture)


def test_timecode_components_are_labels_that_say_what_they_count() -> None:
    found = reading_of(mxf(component(start=90000, base=25), component(start=1800, base=30, drop=1)), "a.mxf")
    assert found.labels == (
        StatedLabel(text="01:00:00:00", origin="timecode component", counts=25),
        StatedLabel(text="00:01:00;02", origin="timecode component", counts=30),
    )


@pytest.mark.parametrize(
    "broken",
    [component(start=25 * 86400, base=25), component(start=0, base=0), component(start=0, base=25, drop=1)],
    ids=["past the day", "no base", "drop-frame at 25"],
)
def test_a_component_that_counts_no_label_is_passed_over(broken: bytes) -> None:
    assert reading_of(mxf(broken), "a.mxf").labels == ()
