"""Numbers as people write them."""

from fractions import Fraction

LARGEST_TERM = 64
"""The largest number that a ratio shows; 64:45 (widescreen PAL) is one that people know."""


def rate_text(rate: Fraction) -> str:
    """Return `25`, `23.976`, `12.5`: up to three decimals."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def ratio_text(ratio: Fraction) -> str:
    """Return `16:9`; `0.90:1` where the exact terms are too large to mean anything to a reader."""
    if max(ratio.numerator, ratio.denominator) <= LARGEST_TERM:
        return f"{ratio.numerator}:{ratio.denominator}"
    return f"{float(ratio):.2f}:1"


def clock_text(seconds: Fraction) -> str:
    """Return `0:01:23.456`, rounded to the millisecond."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
