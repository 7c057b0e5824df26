"""Whether the scheduler answers, shared by all folders: when to ask again, and since when it is gone."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from proxx.runtime.clock import Clock
from proxx_watcher.app.ports import SchedulerAwayError

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 5.0


class Reach:
    """Counts what every call says. Waits double from half a second to five."""

    def __init__(self, *, clock: Clock) -> None:
        """Nothing is known yet: asking is allowed."""
        self._clock = clock
        self._next_try = 0.0
        self._wait = 0.0
        self.gone_since: datetime | None = None
        self.reason = ""

    @property
    def may_ask(self) -> bool:
        """Whether it is time to ask."""
        return self._clock.monotonic() >= self._next_try

    @property
    def wait_seconds(self) -> float:
        """How long to wait before asking; 0 when it is time."""
        return max(0.0, self._next_try - self._clock.monotonic())

    def answered(self) -> None:
        """A call was answered."""
        self._next_try = self._wait = 0.0
        self.gone_since, self.reason = None, ""

    def missed(self, reason: str) -> None:
        """A call was not answered."""
        self._wait = min(max(FIRST_WAIT_SECONDS, self._wait * 2), LONGEST_WAIT_SECONDS)
        self._next_try = self._clock.monotonic() + self._wait
        self.gone_since = self.gone_since or self._clock.now()
        self.reason = reason

    async def converse(self, *, advance: Callable[[], Awaitable[bool]], alive: Callable[[], Awaitable[None]]) -> None:
        """Let a folder talk to the scheduler, and count what comes of it. `advance` returns whether it asked anything.

        `alive` is asked in its place where nothing was to be asked of a scheduler that did not answer before.
        """
        try:
            asked = await advance()
            if not asked and self.gone_since is not None:
                await alive()
                asked = True
        except SchedulerAwayError as error:
            self.missed(str(error))
            return
        if asked:
            self.answered()

    def said(self) -> str:
        """Return the sentence for operators; empty while the scheduler answers."""
        if self.gone_since is None:
            return ""
        return f"the scheduler does not answer since {self.gone_since.isoformat(timespec='seconds')}: {self.reason}"
