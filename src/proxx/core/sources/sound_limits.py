"""What a sound track may claim: a rate, channels or a hole that a few bytes state and somebody would have to fill."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.packet_log import TrackExtent
from proxx.core.sources.source_refusal import SourceRefusal
from proxx.core.sources.time_limits import LONGEST_SPAN_SECONDS
from proxx.core.violation import ViolationCode

LEAST_SAMPLE_RATE = 1_000
LARGEST_SAMPLE_RATE = 768_000
"""Samples a second of a sound track, from and to."""

MOST_CHANNELS = 64
"""Channels of one sound track."""

MOST_FILLED_SAMPLES = 128 * 1024 * 1024
"""Most samples of silence, over all channels, that fill one hole of a sound track: FFmpeg makes them in one piece."""


def refuse_sound(
    *, stream: values.Record, extent: TrackExtent | None, picture_start: Fraction | None
) -> SourceRefusal | None:
    """Return which limit a sound track passes, or None. Times are in seconds; `extent` are its packets, if any."""
    index = values.whole(source=stream, key="index")
    rate, channels = values.whole(source=stream, key="sample_rate"), values.whole(source=stream, key="channels")
    if rate and not LEAST_SAMPLE_RATE <= rate <= LARGEST_SAMPLE_RATE:
        allowed = f"{LEAST_SAMPLE_RATE} to {LARGEST_SAMPLE_RATE}"
        return _passed(f"the sound in stream {index} has {rate} samples a second", allowed, rate)
    if channels and channels > MOST_CHANNELS:
        return _passed(f"the sound in stream {index} has {channels} channels", str(MOST_CHANNELS), channels)
    time_base = values.ratio(source=stream, key="time_base")
    if extent is None or extent.first is None or extent.end is None or time_base is None:
        return None
    span = (extent.end - extent.first) * time_base
    if span > LONGEST_SPAN_SECONDS:
        what = f"the sound in stream {index} spans {float(span):.0f} s"
        return _passed(what, f"{LONGEST_SPAN_SECONDS} s", f"{float(span):.0f} s")
    late = extent.first * time_base - picture_start if picture_start is not None else Fraction(0)
    hole = max(extent.hole * time_base, late)
    samples = int(hole * (rate or 0) * (channels or 0))
    if samples <= MOST_FILLED_SAMPLES:
        return None
    what = f"a hole of {float(hole):.0f} s in the sound of stream {index} takes {samples} samples to fill"
    return _passed(what, str(MOST_FILLED_SAMPLES), samples)


def refuse_sounds(
    *,
    streams: Sequence[values.Record],
    extents: Mapping[int, TrackExtent],
    picture_start: Fraction | None,
) -> SourceRefusal | None:
    """Return the first refusal among the sound tracks of `streams`, or None."""
    for stream in streams:
        if values.text(source=stream, key="codec_type") == "audio":
            extent = extents.get(values.whole(source=stream, key="index") or 0)
            refusal = refuse_sound(stream=stream, extent=extent, picture_start=picture_start)
            if refusal is not None:
                return refusal
    return None


def _passed(what: str, allowed: str, actual: int | str) -> SourceRefusal:
    return SourceRefusal(
        code=ViolationCode.LIMIT_EXCEEDED,
        clause=f"{what}; the limit is {allowed}",
        expected=f"within the limit of {allowed}",
        actual=str(actual),
    )
