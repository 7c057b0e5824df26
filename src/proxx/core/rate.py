"""Frame rates as exact fractions: the decimals that people write, mapped by table and never by rounding (C23)."""

import math
from fractions import Fraction

NTSC_RATES = (
    Fraction(24000, 1001),
    Fraction(30000, 1001),
    Fraction(48000, 1001),
    Fraction(60000, 1001),
    Fraction(120000, 1001),
)
"""The rates of the NTSC family, 1000/1001 below a whole rate."""

WHOLE_RATES = (
    *(1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 16, 18, 20, 24, 25, 30, 36, 40, 48, 50, 60, 72, 75),
    *(90, 96, 100, 120, 144, 150, 180, 192, 200, 240),
)
"""The whole rates that cameras, film and time-lapse use, frames a second."""

HALF_RATES = (Fraction(25, 2),)
"""12.5, half of 25."""

_DROP_FRAME_RATES = frozenset({Fraction(30000, 1001), Fraction(60000, 1001), Fraction(120000, 1001)})


def _spellings() -> dict[float, Fraction]:
    table = {float(rate): Fraction(rate) for rate in (*WHOLE_RATES, *HALF_RATES)}
    for rate in NTSC_RATES:
        table |= {round(float(rate), 2): rate, round(float(rate), 3): rate, float(rate): rate}
    return table


RATE_TABLE = _spellings()
"""Every number that `exact_rate` takes. An NTSC rate has three: two decimals, three decimals, and the quotient."""


def exact_rate(*, value: float) -> Fraction:
    """Return the exact rate, in frames a second, that the number `value` stands for.

    Raises:
        ValueError: the number is not in the table; the error names the number and the table.
    """
    rate = None if isinstance(value, bool) else RATE_TABLE.get(value)
    if rate is None:
        raise ValueError(f"{value!r} is not a known frame rate; known: {rate_table_text()}")
    return rate


def rate_table_text() -> str:
    """Return the rates of the table as people write them, ascending."""
    return ", ".join(f"{rate_number(rate=rate):g}" for rate in sorted(set(RATE_TABLE.values())))


def rate_number(*, rate: Fraction) -> int | float:
    """Return the one number that the canonical JobSpec writes for a rate of the table: 24, 12.5, 23.976.

    Raises:
        ValueError: the rate is not one of the table.
    """
    if rate not in RATE_TABLE.values():
        raise ValueError(f"{format_rate(rate=rate)} is not a rate of the table; known: {rate_table_text()}")
    return rate.numerator if rate.denominator == 1 else round(float(rate), 3)


def nominal_rate(*, rate: Fraction) -> int:
    """Return how many frame numbers a second of timecode has at `rate`: the rate, rounded up.

    Raises:
        ValueError: the rate is not above zero.
    """
    if rate <= 0:
        raise ValueError(f"a frame rate is above zero, got {format_rate(rate=rate)}")
    return math.ceil(rate)


def drop_frame_allowed(*, rate: Fraction) -> bool:
    """Return whether drop-frame counting exists at `rate` (SMPTE ST 12-1, and its multiples for high frame rates)."""
    return rate in _DROP_FRAME_RATES


def format_rate(*, rate: Fraction) -> str:
    """Return `rate` as `numerator/denominator`, for example `24000/1001` or `25/1`."""
    return f"{rate.numerator}/{rate.denominator}"
