"""Numbers as people write them."""

from fractions import Fraction


def rate_text(rate: Fraction) -> str:
    """Return `25`, `23.976`, `12.5`: up to three decimals."""
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def ratio_text(ratio: Fraction) -> str:
    """Return `16:9`."""
    return f"{ratio.numerator}:{ratio.denominator}"


def clock_text(seconds: Fraction) -> str:
    """Return `0:01:23.456`, rounded to the millisecond."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{rest // 1000:02d}.{rest % 1000:03d}"
