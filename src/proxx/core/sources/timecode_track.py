"""The label of a QuickTime timecode track, from the frame number in its own sample: our reading, before any tool's.

Source: QuickTime File Format, timecode media. Readers print the number without its sign, drop a label whose drop flag
is impossible, and pass over the track's edit list; all three would give a wrong label in silence.
"""

from fractions import Fraction

from proxx.core.rate import drop_frame_allowed, nominal_rate
from proxx.core.sources.reading import StatedLabel, TimecodeTrack
from proxx.core.timecode import Timecode, frames_per_day

_SIGN_BIT = 1 << 31


def track_rate(*, track: TimecodeTrack) -> Fraction | None:
    """Return the frames a second of the track, None when its numbers are no rate or contradict its counter."""
    if track.timescale <= 0 or track.frame_duration <= 0:
        return None
    rate = Fraction(track.timescale, track.frame_duration)
    return rate if nominal_rate(rate=rate) == track.frames_per_second else None


def track_labels(*, track: TimecodeTrack) -> tuple[StatedLabel, str, tuple[str, ...]] | None:
    """Return the label of the first picture, the label in the sample, and remarks; None when the track has none.

    The two labels differ where the track's edit list begins later than its first frame.
    """
    rate = track_rate(track=track)
    if rate is None or track.start is None:
        return None
    signed = track.start - (1 << 32) if track.start >= _SIGN_BIT else track.start
    first = signed + track.skipped_frames
    warnings: list[str] = []
    day = frames_per_day(rate=rate, drop_frame=_drops(track, rate))
    written = _text(signed, track, rate)
    if track.wraps and first >= day:
        first %= day
        warnings.append(f"the timecode track counts past 24 hours ({written}) and wraps there")
    label = StatedLabel(text=_text(first, track, rate), origin="tmcd")
    if track.skipped_frames:
        warnings.append(
            f"the edit list of the timecode track begins {track.skipped_frames} frames in, so the clip starts at "
            f"{label.text} and not at {written}; readers that ignore the edit list say the latter"
        )
    if track.samples is not None and track.samples > 1:
        warnings.append(
            f"the timecode track has {track.samples} samples, so the timecode jumps within the clip; the first is used"
        )
    return label, written, tuple(warnings)


def _drops(track: TimecodeTrack, rate: Fraction) -> bool:
    return track.drop_frame and drop_frame_allowed(rate=rate)


def _text(frame: int, track: TimecodeTrack, rate: Fraction) -> str:
    """Write a frame number as a label, with a sign or more than 23 hours where it needs them."""
    drop = _drops(track, rate)
    days, rest = divmod(abs(frame), frames_per_day(rate=rate, drop_frame=drop))
    label = Timecode(frames=rest, rate=rate, drop_frame=drop).label
    hours, _, minutes = label.partition(":")
    if track.drop_frame and not drop:
        minutes = ";".join(minutes.rsplit(":", 1))
    return f"{'-' if frame < 0 else ''}{int(hours) + 24 * days:02d}:{minutes}"
