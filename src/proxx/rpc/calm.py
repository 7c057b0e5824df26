"""Lets work wait while calls come in faster than they are taken in.

gRPC hands a server its calls one by one, in the order in which they came, executors' among all others. So while there
is a crowd at the door, taking calls in goes before working on them: only a call that was taken in can be told apart.
"""

import asyncio
from collections import deque
from collections.abc import Callable

_TICK_SECONDS = 0.005
_QUIET_SECONDS = 0.003
"""The door is quiet when nobody came in for so long."""

_PATIENCE_SECONDS = 0.25
"""Whoever waited so long works in spite of the crowd."""


class Calm:
    """One for each server. Tell it of every call that comes in; `wait` before working on one that can wait."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        """Take a clock that never goes back, in seconds."""
        self._clock = clock
        self._came = clock()
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()

    def came(self) -> None:
        """Say that a call came in."""
        self._came = self._clock()

    async def wait(self) -> None:
        """Return when the door is quiet, or after a moment in spite of the crowd."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        if not self._waiting:
            loop.call_later(_TICK_SECONDS, self._tick, loop)
        self._waiting.append((self._clock(), turn))
        await turn

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        now = self._clock()
        quiet = now - self._came >= _QUIET_SECONDS
        while self._waiting and (quiet or now - self._waiting[0][0] >= _PATIENCE_SECONDS):
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
        if self._waiting:
            loop.call_later(_TICK_SECONDS, self._tick, loop)
