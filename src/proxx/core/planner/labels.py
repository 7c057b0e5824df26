"""Start timecode and reel name: written as the source states them, or left out and said."""

from dataclasses import dataclass
from fractions import Fraction

from proxx.core.facts import MediaFacts, TimecodeFacts
from proxx.core.planner.container_rules import ContainerRules
from proxx.core.rate import format_rate, nominal_rate
from proxx.core.timecode import Timecode, TimecodeError

LONGEST_REEL = 256
_TIMECODE_NOMINALS = (24, 25, 30, 48, 50, 60, 100, 120, 150)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What is written; None: nothing. `drop_frame` belongs to the timecode."""

    timecode: str | None
    drop_frame: bool | None
    reel_name: str | None
    warnings: tuple[str, ...]


def plan_labels(*, facts: MediaFacts, rate: Fraction, container: ContainerRules) -> Labels:
    """Return the labels of a proxy that runs at `rate` frames a second."""
    warnings: list[str] = []
    timecode = _timecode(timecode=facts.timecode, rate=rate, warnings=warnings)
    if timecode is None and container.always_timecode:
        warnings.append("the container always states a start timecode; without one it says 00:00:00:00")
    reel = facts.reel_name
    if reel is not None and not container.reel:
        warnings.append("the reel name is not carried: this container has no place for it")
        reel = None
    if reel is not None and (not reel.isprintable() or not 0 < len(reel) <= LONGEST_REEL):
        warnings.append("the reel name is not carried: it is empty, too long or holds control characters")
        reel = None
    if reel is not None and container.ticks and timecode is None:
        warnings.append(
            "the reel name is not carried: this container keeps it in the timecode track, and there is none"
        )
        reel = None
    return Labels(
        timecode=timecode.label if timecode is not None else None,
        drop_frame=timecode.drop_frame if timecode is not None else None,
        reel_name=reel,
        warnings=tuple(warnings),
    )


def _timecode(*, timecode: TimecodeFacts | None, rate: Fraction, warnings: list[str]) -> Timecode | None:
    """Return the label at the proxy's own rate.

    A label counts frames of its own rate. Where the proxy counts at another (60 frames a second beside a 30-frame
    label), the frame number is rescaled when that is exact and left out when it is not.
    """
    if timecode is None:
        return None
    lost = f"the start timecode {timecode.label} at {format_rate(rate=timecode.rate)} is not carried: "
    try:
        source = Timecode.parse(label=timecode.label, rate=timecode.rate, drop_frame=timecode.drop_frame)
        nominal, own = nominal_rate(rate=rate), nominal_rate(rate=source.rate)
        if nominal not in _TIMECODE_NOMINALS:
            warnings.append(f"{lost}no timecode exists at {format_rate(rate=rate)}")
            return None
        seconds = len("00:00:00:")
        head, frame = source.label[:seconds], int(source.label[seconds:])
        if frame * nominal % own:
            warnings.append(f"{lost}its frame number has no exact counterpart at {format_rate(rate=rate)}")
            return None
        return Timecode.parse(label=f"{head}{frame * nominal // own:02d}", rate=rate, drop_frame=timecode.drop_frame)
    except (TimecodeError, ValueError) as error:
        warnings.append(f"{lost}{error}")
        return None
