"""How much time a small file may claim: few pictures far apart are a bomb for whoever fills the time between them."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from proxx.core.sources.source_refusal import SourceRefusal
from proxx.core.violation import ViolationCode

LONGEST_SPAN_SECONDS = 48 * 3600
"""Most time from the first picture of a clip to its last."""

LONGEST_GAP_SECONDS = 600
"""Most time from one picture to the next."""

FASTEST_RATE = 10_000
"""Most pictures a second, on average."""


def refuse_time(
    *, times: Sequence[int] | None, time_base: Fraction | None, rate: Fraction | None = None
) -> SourceRefusal | None:
    """Return which limit the ascending time stamps `times` (ticks of `time_base`, seconds) pass, None for a clip.

    `rate` is what a clip of one picture is taken to have.
    """
    if rate is not None and 0 < rate * LONGEST_GAP_SECONDS < 1:
        return _passed("its picture lasts", 1 / rate, LONGEST_GAP_SECONDS)
    if times is None or time_base is None or time_base <= 0 or len(times) < 2:
        return None
    span = (times[-1] - times[0]) * time_base
    if span > LONGEST_SPAN_SECONDS:
        return _passed("its pictures span", span, LONGEST_SPAN_SECONDS)
    gap = max(after - before for before, after in pairwise(times)) * time_base
    if gap > LONGEST_GAP_SECONDS:
        return _passed("two of its pictures that follow each other are apart by", gap, LONGEST_GAP_SECONDS)
    shown = (len(times) - 1) / span if span > 0 else Fraction(0)
    if shown > FASTEST_RATE:
        return SourceRefusal(
            code=ViolationCode.LIMIT_EXCEEDED,
            clause=f"it shows {float(shown):.0f} pictures a second; the limit is {FASTEST_RATE}",
            expected=f"at most {FASTEST_RATE} pictures a second",
            actual=f"{float(shown):.0f}",
        )
    return None


def _passed(what: str, seconds: Fraction, limit: int) -> SourceRefusal:
    return SourceRefusal(
        code=ViolationCode.LIMIT_EXCEEDED,
        clause=f"{what} {float(seconds):.0f} s; the limit is {limit} s",
        expected=f"at most {limit} s",
        actual=f"{float(seconds):.0f} s",
    )
