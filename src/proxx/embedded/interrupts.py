"""Ctrl-C and SIGTERM as something to wait for, so that a run can end its job cleanly."""

import asyncio
import signal
from types import TracebackType


class Interrupts:
    """While the context is open, both signals are counted instead of ending the process."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self.count = 0
        self.terminated = False
        self._seen = 0
        self._changed = asyncio.Event()

    def __enter__(self) -> "Interrupts":
        """Take the signals over."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self.arrive)
        loop.add_signal_handler(signal.SIGTERM, self.arrive, True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the signals back."""
        loop = asyncio.get_running_loop()
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)

    def arrive(self, terminated: bool = False) -> None:
        """Record one signal."""
        self.count += 1
        self.terminated = self.terminated or terminated
        self._changed.set()

    async def next(self) -> None:
        """Wait for a signal that was not waited for before; it may have come already."""
        while self.count == self._seen:
            self._changed.clear()
            await self._changed.wait()
        self._seen = self.count
