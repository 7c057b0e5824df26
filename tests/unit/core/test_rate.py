"""Frame rates: numbers map by table, exactly or not at all.

Witnesses: OpenTimelineIO's table of legal rates, and the FFmpeg libraries (through PyAV) for what a written rate means.
"""

from fractions import Fraction

import av
import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.rate import (
    NTSC_RATES,
    RATE_TABLE,
    drop_frame_allowed,
    exact_rate,
    format_rate,
    nominal_rate,
    rate_number,
)

OTIO_RATES = {
    *(Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(48000, 1001)),
    *(Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60)),
}
"""The rates of the table at which OpenTimelineIO has timecode."""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (23.976, Fraction(24000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (24000 / 1001, Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (47.952, Fraction(48000, 1001)),
        (47.95, Fraction(48000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (119.88, Fraction(120000, 1001)),
        (12.5, Fraction(25, 2)),
        (24, Fraction(24)),
        (25.0, Fraction(25)),
        (240.0, Fraction(240)),
    ],
)
def test_a_number_of_the_table_maps_to_its_exact_rate(value: float, expected: Fraction) -> None:
    assert exact_rate(value=value) == expected


def ffmpeg_rate(text: str) -> Fraction | None:
    """What FFmpeg makes of a written rate."""
    with av.open(f"color=size=16x16:rate={text}", format="lavfi") as opened:
        return opened.streams.video[0].average_rate


@pytest.mark.parametrize("value", sorted(value for value in RATE_TABLE if 23.9 < value <= 60))
def test_a_number_that_opentimelineio_knows_maps_to_the_rate_that_it_names(value: float) -> None:
    nearest = otio.opentime.RationalTime.nearest_valid_timecode_rate(value)
    legal = abs(nearest - value) < 0.005
    assert legal == (exact_rate(value=value) in OTIO_RATES)
    assert not legal or float(exact_rate(value=value)) == nearest


@pytest.mark.parametrize("nominal", [24, 30, 48, 60, 120])
@pytest.mark.parametrize("digits", [2, 3])
def test_an_ntsc_rate_is_its_whole_rate_slowed_by_1000_to_1001_however_it_is_rounded(nominal: int, digits: int) -> None:
    exact = Fraction(nominal * 1000, 1001)
    assert exact_rate(value=float(round(exact, digits))) == exact


@pytest.mark.parametrize(
    ("name", "value"),
    [("ntsc", 29.97), ("ntsc-film", 23.976), ("film", 24), ("pal", 25)],
    ids=["ntsc", "ntsc-film", "film", "pal"],
)
def test_the_standard_rates_are_those_that_ffmpeg_has_names_for(name: str, value: float) -> None:
    assert exact_rate(value=value) == ffmpeg_rate(name)


@given(st.sampled_from(sorted(set(RATE_TABLE.values()))))
def test_ffmpeg_reads_a_formatted_rate_as_that_rate(rate: Fraction) -> None:
    assert ffmpeg_rate(format_rate(rate=rate)) == rate


def test_ffmpeg_takes_a_decimal_by_its_letters() -> None:
    """The reason why no decimal is ever handed to it: 29.97 is 2997/100 there, not 30000/1001."""
    assert ffmpeg_rate("29.97") == Fraction(2997, 100)


@pytest.mark.parametrize("value", [0.0, -25.0, 23.97, 24.5, 29.9, 241.0, float("nan"), float("inf"), True])
def test_any_other_number_is_refused_with_the_number_and_the_table(value: float) -> None:
    with pytest.raises(ValueError, match="is not a known frame rate") as caught:
        exact_rate(value=value)
    assert str(caught.value) == (
        f"{value!r} is not a known frame rate; known: 1, 2, 3, 4, 5, 6, 8, 10, 12, 12.5, 15, 16, 18, 20, 23.976, 24, "
        "25, 29.97, 30, 36, 40, 47.952, 48, 50, 59.94, 60, 72, 75, 90, 96, 100, 119.88, 120, 144, 150, 180, 192, "
        "200, 240"
    )


def test_the_canonical_number_of_every_rate_maps_back_to_it() -> None:
    rates = set(RATE_TABLE.values())
    assert {exact_rate(value=rate_number(rate=rate)) for rate in rates} == rates


def test_the_canonical_number_is_the_short_one() -> None:
    assert [repr(rate_number(rate=rate)) for rate in (*NTSC_RATES, Fraction(24), Fraction(25, 2))] == [
        "23.976",
        "29.97",
        "47.952",
        "59.94",
        "119.88",
        "24",
        "12.5",
    ]


def test_a_rate_outside_the_table_has_no_canonical_number() -> None:
    with pytest.raises(ValueError, match="19001/317 is not a rate of the table"):
        rate_number(rate=Fraction(19001, 317))


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (Fraction(24000, 1001), 24),
        (Fraction(30000, 1001), 30),
        (Fraction(120000, 1001), 120),
        (Fraction(25), 25),
        (Fraction(25, 2), 13),
    ],
    ids=["23.976", "29.97", "119.88", "25", "12.5"],
)
def test_the_nominal_rate_is_the_rate_rounded_up(rate: Fraction, expected: int) -> None:
    assert nominal_rate(rate=rate) == expected


@pytest.mark.parametrize("rate", [Fraction(0), Fraction(-25)], ids=["zero", "negative"])
def test_a_rate_that_is_not_above_zero_has_no_nominal_rate(rate: Fraction) -> None:
    with pytest.raises(ValueError, match="a frame rate is above zero"):
        nominal_rate(rate=rate)


def test_drop_frame_exists_at_three_rates_only() -> None:
    assert sorted(rate for rate in set(RATE_TABLE.values()) if drop_frame_allowed(rate=rate)) == [
        Fraction(30000, 1001),
        Fraction(60000, 1001),
        Fraction(120000, 1001),
    ]


def test_a_rate_prints_as_numerator_and_denominator() -> None:
    assert [format_rate(rate=rate) for rate in (Fraction(24000, 1001), Fraction(25))] == ["24000/1001", "25/1"]
