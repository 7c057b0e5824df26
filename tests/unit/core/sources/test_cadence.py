"""Frame rates measured from time stamps."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.rate import NTSC_RATES, WHOLE_RATES
from proxx.core.sources.cadence import Cadence, measure_cadence

MILLISECOND = Fraction(1, 1000)
NTSC = Fraction(30000, 1001)
FILM = Fraction(24000, 1001)
RATES = (*NTSC_RATES, *(Fraction(rate) for rate in WHOLE_RATES))


def grid(rate: Fraction, time_base: Fraction, count: int, first: int = 0) -> list[int]:
    """Time stamps of a constant rate, rounded to the time base as a muxer does."""
    return [first + int(index / (rate * time_base) + Fraction(1, 2)) for index in range(count)]


def measured(
    times: list[int] | None,
    time_base: Fraction,
    *declared: Fraction | None,
    rounded: bool = False,
    last: int | None = None,
) -> Cadence | None:
    return measure_cadence(times=times, time_base=time_base, declared=declared, rounded=rounded, last_duration=last)


@given(rate=st.sampled_from(RATES), count=st.integers(2, 400), first=st.integers(-1000, 100000))
def test_an_exact_time_base_gives_the_exact_rate(rate: Fraction, count: int, first: int) -> None:
    times = grid(rate, 1 / Fraction(rate.numerator), count, first)
    assert measured(times, 1 / Fraction(rate.numerator), Fraction(90000)) == Cadence(frame_rate=rate, constant=True)


@given(rate=st.sampled_from([rate for rate in RATES if rate <= 120]), count=st.integers(2, 600))
def test_milliseconds_and_a_declared_rate_give_that_rate(rate: Fraction, count: int) -> None:
    assert measured(grid(rate, MILLISECOND, count), MILLISECOND, rate, rounded=True) == Cadence(
        frame_rate=rate, constant=True
    )


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        pytest.param((Fraction(19001, 317),), Fraction(60000, 1001), id="59.94 from a rounded default duration"),
        pytest.param((Fraction(60), Fraction(60000, 1001)), Fraction(60000, 1001), id="second declared rate fits"),
        pytest.param((Fraction(1000), Fraction(120)), Fraction(60000, 1001), id="nonsense declared, mean decides"),
        pytest.param((None, None), Fraction(60000, 1001), id="nothing declared"),
    ],
)
def test_matroska_rates_are_told_by_their_grid(declared: tuple[Fraction | None, ...], expected: Fraction) -> None:
    times = grid(Fraction(60000, 1001), MILLISECOND, 2000)
    cadence = measured(times, MILLISECOND, *declared, rounded=True)
    assert cadence == Cadence(frame_rate=expected, constant=True)


def test_a_short_clip_that_fits_several_rates_says_so() -> None:
    cadence = measured(grid(Fraction(30), MILLISECOND, 20), MILLISECOND, rounded=True)
    assert cadence == Cadence(
        frame_rate=Fraction(30), constant=True, warning="frame rate 30/1 measured; 30000/1001 would fit as well"
    )


def test_film_in_a_transport_stream_lies_on_its_grid_within_a_tick() -> None:
    tick = Fraction(1, 90000)
    assert measured(grid(FILM, tick, 100, 126000), tick, FILM) == Cadence(frame_rate=FILM, constant=True)


@pytest.mark.parametrize(
    ("times", "declared", "last", "expected"),
    [
        pytest.param([0, 1001, 2002, 5005], (NTSC,), 1001, Fraction(4 * 30000, 6006), id="a gap"),
        pytest.param([0, 900, 2002, 3003], (NTSC,), 1001, Fraction(4 * 30000, 4004), id="a frame off the grid"),
        pytest.param([0, 900, 2002, 3003], (NTSC,), None, Fraction(3 * 30000, 3003), id="last duration unknown"),
        pytest.param([0, 0, 0], (Fraction(25),), 3600, Fraction(25), id="all at one moment: as declared"),
    ],
)
def test_frames_off_the_grid_have_an_average(
    times: list[int], declared: tuple[Fraction, ...], last: int | None, expected: Fraction
) -> None:
    cadence = measured(times, Fraction(1, 30000), *declared, last=last)
    assert cadence == Cadence(frame_rate=expected, constant=False)


@pytest.mark.parametrize(
    ("declared", "last", "expected"),
    [
        ((Fraction(25),), 512, Fraction(25)),
        ((Fraction(90000), Fraction(24)), 512, Fraction(24)),
        ((Fraction(90000), None), 512, Fraction(25)),
        ((None,), None, None),
        ((None,), 0, None),
    ],
)
def test_a_single_frame_has_the_first_sane_rate(
    declared: tuple[Fraction | None, ...], last: int | None, expected: Fraction | None
) -> None:
    cadence = measured([0], Fraction(1, 12800), *declared, last=last)
    assert cadence == (None if expected is None else Cadence(frame_rate=expected, constant=True))


def test_frames_without_time_stamps_have_the_declared_rate_and_a_remark() -> None:
    cadence = measured(None, MILLISECOND, Fraction(25), Fraction(25))
    assert cadence == Cadence(frame_rate=Fraction(25), constant=True, warning="frames carry no time stamps")
