"""Rates and timecodes of the simulator against numbers from elsewhere."""

from fractions import Fraction

import pytest

from tests.resolve_simulator.app.rates import parse_rate, rate_text, to_frames, to_timecode


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        pytest.param("23.976", (Fraction(24000, 1001), False), id="film rate"),
        pytest.param("29.97 DF", (Fraction(30000, 1001), True), id="drop-frame"),
        pytest.param("25.0", (Fraction(25), False), id="decimals of a whole rate"),
        pytest.param("31", None, id="no such rate"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_rate_as_text(text: str, rate: tuple[Fraction, bool] | None) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    ("timecode", "rate", "frame"),
    [
        pytest.param("01:00:00:00", Fraction(24), 86400, id="one hour at 24"),
        pytest.param("01:00:00:00", Fraction(24000, 1001), 86400, id="one hour at 23.976 counts 24"),
        pytest.param("01:00:00;00", Fraction(30000, 1001), 107892, id="one hour of drop-frame"),
        pytest.param("00:01:00;02", Fraction(30000, 1001), 1800, id="the first frame after the first drop"),
        pytest.param("00:10:00;00", Fraction(60000, 1001), 35964, id="ten minutes at 59.94"),
    ],
)
def test_a_timecode_and_its_frame(timecode: str, rate: Fraction, frame: int) -> None:
    assert to_frames(timecode, rate) == frame
    assert to_timecode(frame, rate, drop=";" in timecode) == timecode


def test_a_rate_that_has_no_name_is_written_with_three_decimals() -> None:
    assert (rate_text(Fraction(24000, 1001)), rate_text(Fraction(27, 2))) == ("23.976", "13.5")
