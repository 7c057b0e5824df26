"""The frame rate of a track, measured from its time stamps: exact when they lie on a grid, else an average.

A grid fits when every time stamp lies within one tick of it. Time stamps that a container rounds (Matroska, to the
millisecond) fit several grids; the order of the candidates decides and is part of the contract:
declared rates that are within 50 millionths of a standard rate, standard rates near the measured mean, declared rates
as they stand, the distance between time stamps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from proxx.core.rate import HALF_RATES, NTSC_RATES, WHOLE_RATES, format_rate

LARGEST_RATE = Fraction(300)
"""A declared rate above this is a placeholder (time base, 1000 fps), not a rate."""

STANDARD_RATES = tuple(sorted({*NTSC_RATES, *HALF_RATES, *(Fraction(rate) for rate in WHOLE_RATES)}))
_NEAR = Fraction(1, 20000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """The rate in frames a second, whether every frame lies on its grid, and a remark when others would fit too."""

    frame_rate: Fraction
    constant: bool
    warning: str = ""


def measure_cadence(
    *,
    times: Sequence[int] | None,
    time_base: Fraction,
    declared: tuple[Fraction | None, ...],
    rounded: bool,
    last_duration: int | None,
) -> Cadence | None:
    """Return the cadence of the ascending time stamps `times` (ticks of `time_base`); None when nothing states a rate.

    `declared` are the container's rates, most trusted first; `rounded` says that the container rounds time stamps.
    A single frame has the first sane declared rate, else one over its duration.
    """
    sane = tuple(rate for rate in declared if rate is not None and rate <= LARGEST_RATE)
    if times is None:
        if not sane:
            return None
        return Cadence(frame_rate=sane[0], constant=len(set(sane)) == 1, warning="frames carry no time stamps")
    if len(times) < 2:
        return _single(sane, time_base, last_duration)
    deltas = {after - before for before, after in pairwise(times)}
    step = deltas.pop() if len(deltas) == 1 else None
    if step and not rounded:
        return Cadence(frame_rate=1 / (step * time_base), constant=True)
    chosen = _fitting(times, time_base, sane)
    if chosen is not None:
        return chosen
    if step:
        return Cadence(frame_rate=1 / (step * time_base), constant=True)
    return _average(times, time_base, sane, last_duration)


def _single(sane: tuple[Fraction, ...], time_base: Fraction, duration: int | None) -> Cadence | None:
    if sane:
        return Cadence(frame_rate=sane[0], constant=True)
    if duration is not None and duration > 0 and 1 / (duration * time_base) <= LARGEST_RATE:
        return Cadence(frame_rate=1 / (duration * time_base), constant=True)
    return None


def _fitting(times: Sequence[int], time_base: Fraction, sane: tuple[Fraction, ...]) -> Cadence | None:
    for rate in sane:
        standard = _nearest(rate)
        if abs(standard - rate) <= rate * _NEAR and _deviation(times, time_base, standard) is not None:
            return Cadence(frame_rate=standard, constant=True)
    standards = sorted(
        (deviation, rate)
        for rate in _near_mean(times, time_base)
        if (deviation := _deviation(times, time_base, rate)) is not None
    )
    if standards:
        rate = standards[0][1]
        others = ", ".join(format_rate(rate=other) for _, other in standards[1:])
        warning = f"frame rate {format_rate(rate=rate)} measured; {others} would fit as well" if others else ""
        return Cadence(frame_rate=rate, constant=True, warning=warning)
    for rate in sane:
        if _deviation(times, time_base, rate) is not None:
            return Cadence(frame_rate=rate, constant=True)
    return None


def _nearest(rate: Fraction) -> Fraction:
    return min(STANDARD_RATES, key=lambda standard: abs(standard - rate))


def _near_mean(times: Sequence[int], time_base: Fraction) -> list[Fraction]:
    span = (times[-1] - times[0]) * time_base
    if span <= 0:
        return []
    steps = len(times) - 1
    slowest, fastest = steps / (span + time_base), steps / max(span - time_base, time_base)
    return [rate for rate in STANDARD_RATES if slowest <= rate <= fastest]


def _deviation(times: Sequence[int], time_base: Fraction, rate: Fraction) -> int | None:
    """Return the largest distance from the grid, scaled by the rate's numerator; None when it exceeds one tick."""
    step = 1 / (rate * time_base)
    above, below, first, worst = step.numerator, step.denominator, times[0], 0
    for index, time in enumerate(times):
        distance = abs((time - first) * below - index * above)
        if distance > below:
            return None
        worst = max(worst, distance)
    return worst * 1_000_000 // below


def _average(
    times: Sequence[int], time_base: Fraction, sane: tuple[Fraction, ...], last_duration: int | None
) -> Cadence | None:
    span = (times[-1] - times[0]) * time_base
    if span <= 0:
        return Cadence(frame_rate=sane[-1], constant=False) if sane else None
    if last_duration is not None and last_duration > 0:
        return Cadence(frame_rate=len(times) / (span + last_duration * time_base), constant=False)
    return Cadence(frame_rate=(len(times) - 1) / span, constant=False)
