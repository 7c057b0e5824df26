"""Timecode labels and frame numbers, exact and 0-based; a label that does not exist is refused, never repaired.

Source: SMPTE ST 12-1 (drop-frame skips the first labels of each minute that is not a multiple of ten).
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from proxx.core.rate import drop_frame_allowed, format_rate, nominal_rate

_LABEL = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})([:;.,])([0-9]{2,3})", re.ASCII)
_HOURS = 24
_MINUTES_BETWEEN_EXCEPTIONS = 10
_NOMINAL_PER_DROPPED_LABEL = 15


class TimecodeError(ValueError):
    """A timecode that does not exist: carries the label (or frame number), the rate and the rule it breaks."""

    def __init__(self, *, label: str, rate: Fraction, rule: str) -> None:
        """Keep the three facts; the text names them all."""
        super().__init__(f"timecode {label!r} at {format_rate(rate=rate)} fps does not exist: {rule}")
        self.label = label
        self.rate = rate
        self.rule = rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Timecode:
    """A frame of a 24-hour clock: `frames` since 00:00:00:00, below one day's count.

    A day has 24 * 3600 * nominal labels without drop-frame and 1000/1001 of them with it. Labels do not run past
    23:59:59; counting on from there begins at zero again (`plus`).
    """

    frames: int
    rate: Fraction
    drop_frame: bool

    def __post_init__(self) -> None:
        """Refuse a frame number outside the day, and drop-frame where it does not exist.

        Raises:
            TimecodeError: one of the two.
        """
        _check_drop_frame(label=f"frame {self.frames}", rate=self.rate, drop_frame=self.drop_frame)
        count = frames_per_day(rate=self.rate, drop_frame=self.drop_frame)
        if not 0 <= self.frames < count:
            raise TimecodeError(
                label=f"frame {self.frames}", rate=self.rate, rule=f"a day has the frames 0 to {count - 1}"
            )

    @classmethod
    def parse(cls, *, label: str, rate: Fraction, drop_frame: bool | None = None) -> "Timecode":
        """Return the timecode of `HH:MM:SS:FF`; `;`, `.` or `,` before the frames says drop-frame.

        Above 100 frames a second the frames may have three digits, which FFmpeg always writes there.
        `drop_frame` is a flag that the file carries beside the label: True makes `:` labels drop-frame too.

        Raises:
            TimecodeError: the label is malformed, does not exist at this rate, or contradicts `drop_frame`.
        """
        match = _LABEL.fullmatch(label)
        if match is None:
            raise TimecodeError(label=label, rate=rate, rule="a label is HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame")
        marked = match[4] != ":"
        if marked and drop_frame is False:
            raise TimecodeError(
                label=label, rate=rate, rule=f"{match[4]!r} says drop-frame and the flag beside it says not"
            )
        drop = marked or bool(drop_frame)
        _check_drop_frame(label=label, rate=rate, drop_frame=drop)
        numbers = (int(match[1]), int(match[2]), int(match[3]), int(match[5]))
        _check_numbers(label=label, rate=rate, numbers=numbers, frame_digits=len(match[5]))
        _check_dropped(label=label, rate=rate, numbers=numbers, drop_frame=drop)
        return cls(frames=_count(numbers=numbers, rate=rate, drop_frame=drop), rate=rate, drop_frame=drop)

    @property
    def label(self) -> str:
        """`HH:MM:SS:FF`, with `;` before the frames when drop-frame; three frame digits only where FF passes 99."""
        nominal = nominal_rate(rate=self.rate)
        seconds, frame = divmod(self.frames + self._dropped_before(nominal=nominal), nominal)
        minutes, second = divmod(seconds, 60)
        hour, minute = divmod(minutes, 60)
        separator = ";" if self.drop_frame else ":"
        return f"{hour:02d}:{minute:02d}:{second:02d}{separator}{frame:02d}"

    def plus(self, *, frames: int) -> "Timecode":
        """Return the timecode `frames` later (earlier when negative), wrapping at 24 hours."""
        count = frames_per_day(rate=self.rate, drop_frame=self.drop_frame)
        return Timecode(frames=(self.frames + frames) % count, rate=self.rate, drop_frame=self.drop_frame)

    def _dropped_before(self, *, nominal: int) -> int:
        if not self.drop_frame:
            return 0
        dropped = _dropped_labels(nominal=nominal)
        per_minute = nominal * 60 - dropped
        per_ten_minutes = per_minute * _MINUTES_BETWEEN_EXCEPTIONS + dropped
        tens, rest = divmod(self.frames, per_ten_minutes)
        further_minutes = max(0, (rest - dropped) // per_minute)
        return dropped * (tens * (_MINUTES_BETWEEN_EXCEPTIONS - 1) + further_minutes)


def frames_per_day(*, rate: Fraction, drop_frame: bool) -> int:
    """Return how many frames a day of timecode counts."""
    return _count(numbers=(_HOURS, 0, 0, 0), rate=rate, drop_frame=drop_frame)


def _dropped_labels(*, nominal: int) -> int:
    return nominal // _NOMINAL_PER_DROPPED_LABEL


def _count(*, numbers: tuple[int, int, int, int], rate: Fraction, drop_frame: bool) -> int:
    hour, minute, second, frame = numbers
    nominal = nominal_rate(rate=rate)
    minutes = hour * 60 + minute
    labels = (minutes * 60 + second) * nominal + frame
    if not drop_frame:
        return labels
    return labels - _dropped_labels(nominal=nominal) * (minutes - minutes // _MINUTES_BETWEEN_EXCEPTIONS)


def _check_drop_frame(*, label: str, rate: Fraction, drop_frame: bool) -> None:
    if drop_frame and not drop_frame_allowed(rate=rate):
        raise TimecodeError(
            label=label, rate=rate, rule="drop-frame exists at 30000/1001, 60000/1001 and 120000/1001 fps only"
        )


def _check_numbers(*, label: str, rate: Fraction, numbers: tuple[int, int, int, int], frame_digits: int) -> None:
    hour, minute, second, frame = numbers
    nominal = nominal_rate(rate=rate)
    rules = (
        (hour >= _HOURS, "hours run from 00 to 23; the clock wraps at 24 hours"),
        (minute > 59, "minutes run from 00 to 59"),
        (second > 59, "seconds run from 00 to 59"),
        (frame >= nominal, f"frames run from 00 to {nominal - 1:02d}"),
        (frame_digits > 2 and nominal <= 100, "frames have two digits"),
    )
    for broken, rule in rules:
        if broken:
            raise TimecodeError(label=label, rate=rate, rule=rule)


def _check_dropped(*, label: str, rate: Fraction, numbers: tuple[int, int, int, int], drop_frame: bool) -> None:
    _, minute, second, frame = numbers
    dropped = _dropped_labels(nominal=nominal_rate(rate=rate))
    if drop_frame and minute % _MINUTES_BETWEEN_EXCEPTIONS and second == 0 and frame < dropped:
        rule = f"drop-frame skips the frames 00 to {dropped - 1:02d} of each minute that is not a multiple of ten"
        raise TimecodeError(label=label, rate=rate, rule=rule)
