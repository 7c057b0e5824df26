"""The first difference of two files from their hashes."""

from fractions import Fraction

import pytest

from proxx.core.facts import TimecodeFacts
from proxx.core.reproduce import FirstDifference, FrameHashes, Level, first_difference

START = TimecodeFacts(label="00:59:59:23", drop_frame=False, rate=Fraction(24), origin="tmcd")
HEADER = """#format: frame checksums
#tb 0: 1/24
#media_type 0: video
#tb 1: 1/48000
#media_type 1: audio
"""


def hashes(*, pictures: str, sound: str = "xyz", header: str = HEADER) -> FrameHashes:
    """Each letter is one packet; letters that differ are packets that differ."""
    found = FrameHashes()
    lines = header.splitlines()
    lines += [f"0, {tick}, {tick}, 1, 100, {letter}" for tick, letter in enumerate(pictures)]
    lines += [f"1, {tick * 2000}, {tick * 2000}, 2000, 10, {letter}" for tick, letter in enumerate(sound)]
    for line in lines:
        found.feed(line)
    return found


def located(packets, pictures=None, timecode=START):
    return first_difference(packets=packets, pictures=pictures, timecode=timecode)


def test_equal_packets_leave_the_container():
    same = hashes(pictures="abc")

    assert located((same, hashes(pictures="abc"))) == FirstDifference(
        level=Level.CONTAINER,
        stream=None,
        index=None,
        pts=None,
        seconds=None,
        timecode=None,
        detail="container bytes only: every packet of every stream is equal",
    )


def test_the_first_picture_that_decodes_differently_has_index_time_and_label():
    pair = (hashes(pictures="abcd"), hashes(pictures="abXY"))

    assert located(pair, pair) == FirstDifference(
        level=Level.FRAME,
        stream="video (stream 0)",
        index=2,
        pts=2,
        seconds=Fraction(1, 12),
        timecode="01:00:00:01",
        detail="first differing frame 2 of video (stream 0), pts 2, 0.083333 s, timecode 01:00:00:01",
    )


@pytest.mark.parametrize(
    "timecode",
    [None, TimecodeFacts(label="99:00:00:00", drop_frame=False, rate=Fraction(24), origin="tag")],
    ids=["none", "a label that does not exist"],
)
def test_without_a_sound_timecode_there_is_no_label(timecode):
    pair = (hashes(pictures="abcd"), hashes(pictures="abXY"))

    found = located(pair, pair, timecode)

    assert (found.index, found.timecode) == (2, None)


def test_packets_that_decode_alike_are_told_as_packets():
    packets = (hashes(pictures="abc"), hashes(pictures="aBc"))
    pictures = (hashes(pictures="pqr", sound=""), hashes(pictures="pqr", sound=""))

    found = located(packets, pictures)

    assert (found.level, found.stream, found.index) == (Level.PACKET, "video (stream 0)", 1)
    assert "every picture decodes alike" in found.detail


def test_sound_that_differs_under_equal_pictures_is_found():
    packets = (hashes(pictures="abc"), hashes(pictures="abc", sound="xyZ"))
    pictures = (hashes(pictures="pqr", sound=""), hashes(pictures="pqr", sound=""))

    found = located(packets, pictures)

    assert (found.level, found.stream, found.index, found.seconds) == (
        Level.PACKET,
        "audio (stream 1)",
        2,
        Fraction(4000, 48000),
    )


@pytest.mark.parametrize(
    ("published", "remade", "detail"),
    [
        ("abc", "abcd", "the published file has 3, the remade one 4"),
        ("abc", "a", "the published file has 3, the remade one 1"),
    ],
    ids=["longer", "shorter"],
)
def test_a_file_that_ends_first_differs_where_it_ends(published, remade, detail):
    pair = (hashes(pictures=published), hashes(pictures=remade))

    found = located(pair, pair)

    assert (found.level, found.index) == (Level.FRAME, min(len(published), len(remade)))
    assert found.detail.endswith(detail)


def test_a_property_of_the_streams_is_named():
    other = HEADER.replace("#tb 0: 1/24", "#tb 0: 1/25")
    packets = (hashes(pictures="abc"), hashes(pictures="abc", header=other))

    found = located(packets, packets)

    assert (found.level, found.detail) == (Level.STREAMS, "published tb 0: 1/24, remade tb 0: 1/25")
