"""The packets of one track, line by line as ffprobe lists them: counts and time stamps, eight bytes a packet."""

from array import array
from collections.abc import Mapping

MAX_PACKETS = 10_000_000
"""Longest track that is measured: 46 hours at 60 frames a second."""

_LARGEST = 2**62


class PacketLog:
    """Collects packet lines of the form `pts=0|dts=0|duration=512|flags=K_`. Discarded packets are only counted."""

    def __init__(self) -> None:
        """Start with no packet."""
        self.times = array("q")
        self.decode_times = array("q")
        self.frames = 0
        self.discarded = 0
        self.key_frames = 0
        self.last_end: int | None = None
        self.last_duration: int | None = None
        self.overflow = False

    @property
    def packets(self) -> int:
        """All packets that could be read, discarded ones included."""
        return self.frames + self.discarded

    def add_line(self, line: str) -> None:
        """Take one line; lines without flags are none of ours and are passed over."""
        self.add(dict(part.split("=", 1) for part in line.strip().split("|") if "=" in part))

    def add(self, fields: Mapping[str, str]) -> None:
        """Take the fields of one packet (pts, dts, duration, flags); without flags it is none of ours."""
        flags = fields.get("flags")
        if flags is None:
            return
        if self.packets >= MAX_PACKETS:
            self.overflow = True
            return
        self.key_frames += "K" in flags
        if "D" in flags:
            self.discarded += 1
            return
        self.frames += 1
        time, decoded = _number(fields.get("pts")), _number(fields.get("dts"))
        duration = _number(fields.get("duration"))
        if time is not None:
            self.times.append(time)
            self._note_end(time, duration)
        if decoded is not None:
            self.decode_times.append(decoded)

    def sorted_times(self) -> list[int] | None:
        """Return the presentation times in ascending order; the decoding times where presentation times are missing.

        None when neither is there for every frame.
        """
        if len(self.times) == self.frames:
            return sorted(self.times)
        if len(self.decode_times) == self.frames:
            return sorted(self.decode_times)
        return None

    def _note_end(self, time: int, duration: int | None) -> None:
        end = time + (duration or 0)
        if self.last_end is None or end > self.last_end:
            self.last_end = end
            self.last_duration = duration


class TrackExtent:
    """How many packets a track had, and from when to when they reach: ticks of its time base, None where unknown.

    `hole` is the longest time between the end of what was read and the next packet.
    """

    def __init__(self) -> None:
        """Start with no packet."""
        self.packets = 0
        self.first: int | None = None
        self.end: int | None = None
        self.hole = 0

    def add(self, fields: Mapping[str, str]) -> None:
        """Take the fields of one packet (pts, duration)."""
        self.packets += 1
        time, duration = _number(fields.get("pts")), _number(fields.get("duration"))
        if time is None:
            return
        self.first = time if self.first is None else min(self.first, time)
        end = time + (duration or 0)
        self.hole = max(self.hole, time - self.end) if self.end is not None else 0
        self.end = end if self.end is None else max(self.end, end)


class FrameLog:
    """Collects decoded frames of the form `key_frame=1|best_effort_timestamp=0`."""

    def __init__(self) -> None:
        """Start with no frame."""
        self.times = array("q")
        self.frames = 0

    def add_line(self, line: str) -> None:
        """Take one line; lines without a time stamp field are none of ours."""
        fields = dict(part.split("=", 1) for part in line.strip().split("|") if "=" in part)
        if "best_effort_timestamp" not in fields or self.frames >= MAX_PACKETS:
            return
        self.frames += 1
        time = _number(fields["best_effort_timestamp"])
        if time is not None:
            self.times.append(time)


def _number(value: str | None) -> int | None:
    if value is None or len(value) > 20 or not value.removeprefix("-").isdecimal():
        return None
    number = int(value)
    return number if abs(number) < _LARGEST else None
