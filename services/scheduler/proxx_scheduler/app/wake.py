"""Tells those who wait for work that there may be some."""

import asyncio


class Wake:
    """A signal without memory of its own: each waiter holds the state that it saw, so that none can miss a call.

    One event that every waiter clears would lose calls: a call between the look of one waiter and its wait is cleared
    by the look of the next.
    """

    def __init__(self) -> None:
        """Begin silent."""
        self._now = asyncio.Event()

    def seen(self) -> asyncio.Event:
        """Return what the next `set` will set. Take it before looking for work, wait on it after finding none."""
        return self._now

    def set(self) -> None:
        """Wake everybody who took `seen` before."""
        past, self._now = self._now, asyncio.Event()
        past.set()
