"""The start timecode of a source: where it stands, at which rate it counts, and whether its label exists."""

from dataclasses import dataclass
from fractions import Fraction

from proxx.core.facts import TimecodeFacts
from proxx.core.rate import NTSC_RATES, format_rate, nominal_rate
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.reading import TimecodeTrack, printable
from proxx.core.timecode import Timecode, TimecodeError

_NOMINALS = frozenset({24, 25, 30, 48, 50, 60, 72, 96, 100, 120})


@dataclass(frozen=True, slots=True, kw_only=True)
class TimecodeFinding:
    """The timecode (None when there is none or it cannot be believed), remarks, and an error that is certain."""

    timecode: TimecodeFacts | None
    warnings: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Label:
    text: str
    origin: str


def find_timecode(
    *,
    container: str,
    video: values.Record,
    streams: tuple[values.Record, ...],
    form: values.Record,
    rate: Fraction,
    constant: bool,
    track: TimecodeTrack | None,
) -> TimecodeFinding:
    """Return the start timecode that the file states, `rate` being the video's.

    An illegal label is an error only when its counting rate is beyond doubt; otherwise it is a warning and no timecode.
    """
    labels = _labels(container, video, streams, form)
    if not labels:
        return TimecodeFinding(timecode=None)
    warnings: list[str] = []
    label = labels[0]
    different = sorted({printable(text=other.text) for other in labels[1:] if other.text != label.text})
    if different:
        warnings.append(f"further timecodes in the file are not used: {', '.join(different)}")
    counting, certain = _counting_rate(rate, constant, track if label.origin == "tmcd" else None, warnings)
    if not has_timecode(rate=counting):
        certain = False
        warnings.append(f"timecode at {format_rate(rate=counting)} fps, a rate that has none by standard")
    try:
        parsed = Timecode.parse(label=label.text, rate=counting)
    except TimecodeError as error:
        if certain:
            return TimecodeFinding(timecode=None, warnings=tuple(warnings), error=_printed(error))
        warnings.append(f"{_printed(error)}; it is not used")
        return TimecodeFinding(timecode=None, warnings=tuple(warnings))
    facts = TimecodeFacts(label=parsed.label, drop_frame=parsed.drop_frame, rate=counting, origin=label.origin)
    return TimecodeFinding(timecode=facts, warnings=tuple(warnings))


def has_timecode(*, rate: Fraction) -> bool:
    """Return whether timecode exists at this frame rate (SMPTE ST 12-1, ST 12-3 and their multiples)."""
    return rate in NTSC_RATES or (rate.denominator == 1 and rate.numerator in _NOMINALS)


def _printed(error: TimecodeError) -> str:
    return printable(text=str(error), limit=300)


def _labels(
    container: str, video: values.Record, streams: tuple[values.Record, ...], form: values.Record
) -> list[_Label]:
    tracks = [stream for stream in streams if values.text(source=stream, key="codec_tag_string") == "tmcd"]
    others = [stream for stream in streams if stream is not video and stream not in tracks]
    placed = [
        *((stream, "tmcd" if tracks else "stream tag") for stream in (video,)),
        *((stream, "tmcd") for stream in tracks),
        *((stream, "stream tag") for stream in others),
        (form, "container tag"),
    ]
    labels: list[_Label] = []
    for source, origin in placed:
        text = values.tag(source=source, name="timecode")
        if text is not None:
            labels.append(_Label(text=text.strip(), origin="mxf" if container == "mxf" else origin))
    return labels


def _counting_rate(
    rate: Fraction, constant: bool, track: TimecodeTrack | None, warnings: list[str]
) -> tuple[Fraction, bool]:
    """Return the rate at which the label counts, and whether that is beyond doubt."""
    if track is None or track.timescale <= 0 or track.frame_duration <= 0:
        return rate, constant
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
