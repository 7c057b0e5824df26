"""Whether a render moves, is done, or is over without an end: decided from what its polls show. Pure."""

from proxx.core.quoting import quote
from proxx_resolve_executor.bridge.remote import JobProgress
from proxx_resolve_executor.resolve_error import RenderError, RenderStalledError, RenderTimeoutError

COMPLETE = 100.0
MOST_AT_ONCE = 0.5
"""Of a watchdog's time so much counts at most between two polls: a machine that slept must not end its render."""
IDLE_LOOKS = 10
"""So many polls in a row may show that nothing renders before that counts as an end: a start can be slow."""


class Following:
    """Follows one render from poll to poll. Times are seconds of a monotonic clock."""

    def __init__(self, *, started: float, stall_seconds: int, timeout_seconds: int | None) -> None:
        """Take when it started and how long it may take, and stand still."""
        self._looked = started
        self._taken = 0.0
        self._still = 0.0
        self._stall_seconds = stall_seconds
        self._timeout_seconds = timeout_seconds
        self._seen: tuple[float | None, int] | None = None
        self._idle = 0

    def look(self, *, progress: JobProgress, written: int, now: float) -> bool:
        """Take one poll, and the bytes written so far; return whether the render is done.

        The words of a status are localised and count for nothing: done is all of it, without an error, at rest.

        Raises:
            RenderError: Resolve says an error, or nothing renders any more before the end.
            RenderStalledError: neither percentage nor bytes moved for too long.
            RenderTimeoutError: it takes too long.
        """
        if progress.error:
            raise RenderError(f"the render failed; Resolve says {quote(text=progress.error, limit=500)}")
        percentage = progress.percentage
        if percentage is not None and percentage >= COMPLETE and progress.rendering is False:
            return True
        at = "an unknown point" if percentage is None else f"{percentage:g} %"
        self._idle = self._idle + 1 if progress.rendering is False else 0
        if self._idle >= IDLE_LOOKS:
            raise RenderError(f"nothing renders any more at {at}: somebody cancelled it, or it failed without a word")
        gap, self._looked = now - self._looked, now
        self._still += min(gap, self._stall_seconds * MOST_AT_ONCE)
        if self._seen != (percentage, written):
            self._seen, self._still = (percentage, written), 0.0
        if self._still >= self._stall_seconds:
            raise RenderStalledError(f"the render did not move for {self._stall_seconds} s at {at}")
        if self._timeout_seconds is None:
            return False
        self._taken += min(gap, self._timeout_seconds * MOST_AT_ONCE)
        if self._taken >= self._timeout_seconds:
            raise RenderTimeoutError(f"the render was not done after {self._timeout_seconds} s, at {at}")
        return False
