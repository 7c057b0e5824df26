"""A clock that only moves when a test says so."""

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
SETTLING_ROUNDS = 50


async def settle() -> None:
    """Let every task run until it waits for something."""
    for _ in range(SETTLING_ROUNDS):
        await asyncio.sleep(0)


class FakeClock:
    """Implements proxx.runtime.clock.Clock."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return self._now

    def now(self) -> datetime:
        return START + timedelta(seconds=self._now)

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + seconds, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Move time forward, waking sleepers in order, each at its own moment."""
        await settle()
        end = self._now + seconds
        while due := [sleeper for sleeper in self._sleepers if sleeper[0] <= end and not sleeper[1].done()]:
            moment = min(due, key=lambda sleeper: sleeper[0])
            self._sleepers.remove(moment)
            self._now = max(self._now, moment[0])
            moment[1].set_result(None)
            await settle()
        self._sleepers = [sleeper for sleeper in self._sleepers if not sleeper[1].done()]
        self._now = end
        await settle()
