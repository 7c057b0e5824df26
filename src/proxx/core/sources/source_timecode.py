"""The start timecode of a source: which of its places decides, at which rate it counts, whether its label exists."""

from dataclasses import dataclass
from fractions import Fraction

from proxx.core.facts import TimecodeFacts
from proxx.core.rate import NTSC_RATES, format_rate, nominal_rate
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.reading import StatedLabel, TimecodeTrack, printable
from proxx.core.sources.timecode_places import disagreements, stated_labels
from proxx.core.sources.timecode_track import track_labels
from proxx.core.timecode import Timecode, TimecodeError, frames_per_day

_NTSC_BASE = 1001
_NOMINALS = frozenset({24, 25, 30, 48, 50, 60, 72, 96, 100, 120})


@dataclass(frozen=True, slots=True, kw_only=True)
class TimecodeFinding:
    """The timecode (None when there is none or it cannot be believed), remarks, and an error that is certain."""

    timecode: TimecodeFacts | None
    warnings: tuple[str, ...] = ()
    error: str = ""


def find_timecode(
    *,
    container: str,
    video: values.Record,
    streams: tuple[values.Record, ...],
    form: values.Record,
    rate: Fraction,
    constant: bool,
    track: TimecodeTrack | None,
    stated: tuple[StatedLabel, ...] = (),
    frames: int = 0,
) -> TimecodeFinding:
    """Return the start timecode that the file states, `rate` being the video's and `frames` its count of pictures.

    The first place of `stated_labels` that has a label decides; one that says something else is named in a warning. An
    illegal label is an error only when its counting rate is beyond doubt; otherwise it is a warning and no timecode.
    """
    labels = stated_labels(container=container, video=video, streams=streams, form=form, stated=stated)
    labels, said = _own_first(labels, track)
    if not labels:
        return TimecodeFinding(timecode=None)
    label, warnings = labels[0], [*said, *disagreements(labels=labels)]
    counting, certain = _counting_rate(rate, constant, track if label.origin == "tmcd" else None, label, warnings)
    if not has_timecode(rate=counting):
        certain = False
        warnings.append(f"timecode at {format_rate(rate=counting)} fps, a rate that has none by standard")
    try:
        parsed = _parsed(label, counting)
    except TimecodeError as error:
        if certain:
            return TimecodeFinding(timecode=None, warnings=tuple(warnings), error=_printed(error))
        warnings.append(f"{_printed(error)}; it is not used")
        return TimecodeFinding(timecode=None, warnings=tuple(warnings))
    if _passes_midnight(parsed, frames, rate):
        warnings.append(f"the timecode runs past midnight: it starts at {parsed.label} and begins again at 00:00:00:00")
    origin = "mxf" if container == "mxf" else label.origin
    facts = TimecodeFacts(label=parsed.label, drop_frame=parsed.drop_frame, rate=counting, origin=origin)
    return TimecodeFinding(timecode=facts, warnings=tuple(warnings))


def has_timecode(*, rate: Fraction) -> bool:
    """Return whether timecode exists at this frame rate (SMPTE ST 12-1, ST 12-3 and their multiples)."""
    return rate in NTSC_RATES or (rate.denominator == 1 and rate.numerator in _NOMINALS)


def _printed(error: TimecodeError) -> str:
    return printable(text=str(error), limit=300)


def _own_first(
    labels: tuple[StatedLabel, ...], track: TimecodeTrack | None
) -> tuple[tuple[StatedLabel, ...], tuple[str, ...]]:
    """Put our own reading of the timecode track before what ffprobe prints of the same sample."""
    own = track_labels(track=track) if track is not None else None
    if own is None:
        return labels, ()
    label, written, warnings = own
    same = {written.replace(";", ":").lstrip("-"), label.text.replace(";", ":")}
    rest = (item for item in labels if item.origin != "tmcd" or item.text.replace(";", ":").lstrip("-") not in same)
    return (label, *rest), warnings


def _parsed(label: StatedLabel, rate: Fraction) -> Timecode:
    if label.text.startswith("-"):
        raise TimecodeError(label=label.text, rate=rate, rule="a clip starts at 00:00:00:00 or later, never before")
    return Timecode.parse(label=label.text, rate=rate)


def _passes_midnight(start: Timecode, frames: int, rate: Fraction) -> bool:
    counted = frames * start.rate / rate
    return start.frames + counted > frames_per_day(rate=start.rate, drop_frame=start.drop_frame)


def _counting_rate(
    rate: Fraction, constant: bool, track: TimecodeTrack | None, label: StatedLabel, warnings: list[str]
) -> tuple[Fraction, bool]:
    """Return the rate at which the label counts, and whether that is beyond doubt."""
    if track is None or track.timescale <= 0 or track.frame_duration <= 0:
        return _stated_count(rate, constant, label, warnings)
    stated = Fraction(track.timescale, track.frame_duration)
    if nominal_rate(rate=stated) != track.frames_per_second:
        warnings.append(
            f"the timecode track counts {track.frames_per_second} frames a second and runs at "
            f"{format_rate(rate=stated)} fps; readers disagree about such a timecode"
        )
        return rate, False
    if stated != rate:
        warnings.append(
            f"the timecode track runs at {format_rate(rate=stated)} fps, the video at {format_rate(rate=rate)}"
        )
    return stated, True


def _stated_count(rate: Fraction, constant: bool, label: StatedLabel, warnings: list[str]) -> tuple[Fraction, bool]:
    """Return the rate of a label that says how many frames a second it counts; NTSC where the video is NTSC."""
    if not label.counts or label.counts == nominal_rate(rate=rate):
        return rate, constant
    stated = Fraction(label.counts * 1000, 1001) if rate.denominator == _NTSC_BASE else Fraction(label.counts)
    warnings.append(f"the timecode counts {label.counts} frames a second, the video has {format_rate(rate=rate)}")
    return stated, constant
