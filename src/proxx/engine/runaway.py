"""Stops an FFmpeg that makes more than its plan expects: more pictures, or more time than picture and sound last.

Bytes are the kernel's matter (Plan.ceiling_bytes as a limit on file size); FFmpeg's own limits on output either change
what is written or end with success.
"""

from fractions import Fraction

from proxx.core.failure import Failure, FailureKind
from proxx.core.plan import Expected
from proxx.engine.errors import StepFailedError

SPARE_FRAMES = 1_000
"""Pictures beyond the planned ones before FFmpeg is stopped. The verdict wants the exact number."""

SPARE_SECONDS = 600
"""Seconds of time beyond the planned ones."""

_MICROSECONDS = 1_000_000


class RunawayGuard:
    """Reads FFmpeg's `-progress` lines beside whoever else does."""

    def __init__(self, *, expected: Expected) -> None:
        """Take what the plan expects."""
        longest = max((track.duration or Fraction(0) for track in expected.audio), default=Fraction(0))
        self.most_frames = expected.frame_count + SPARE_FRAMES
        self.most_seconds = int(max(expected.frame_count / expected.frame_rate, longest)) + SPARE_SECONDS
        self._timed = expected.constant_frame_rate

    def feed(self, line: str) -> None:
        """Take one line.

        Raises:
            StepFailedError: LIMIT_EXCEEDED; the plan's ceiling is passed.
        """
        key, _, text = line.strip().partition("=")
        if not text.isascii() or not text.isdecimal():
            return
        if key == "frame" and int(text) > self.most_frames:
            self._stop(f"FFmpeg made {int(text)} pictures; the plan's ceiling is {self.most_frames}")
        elif key == "out_time_us" and self._timed and int(text) > self.most_seconds * _MICROSECONDS:
            seconds = int(text) // _MICROSECONDS
            self._stop(f"FFmpeg made {seconds} seconds; the plan's ceiling is {self.most_seconds}")

    def _stop(self, message: str) -> None:
        raise StepFailedError(Failure(kind=FailureKind.LIMIT_EXCEEDED, message=message))
