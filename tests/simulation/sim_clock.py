"""Clocks and ids of simulated processes: all from the virtual loop and the seed."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


class SimClock:
    """Implements proxx.runtime.clock.Clock. The wall clock jumps as the world says; the monotonic one never does."""

    def __init__(self, *, wall_jump: Callable[[], float], time: Callable[[], float]) -> None:
        self._wall_jump = wall_jump
        self.monotonic = time

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic() + self._wall_jump())

    def sleep(self, seconds: float) -> Coroutine[Any, Any, None]:
        return asyncio.sleep(seconds)


class SimIds:
    """Implements proxx_scheduler.app.ports.Ids, from a seed. Keys sort by their making."""

    def __init__(self, source: random.Random) -> None:
        self._source = source
        self._count = 0

    def new_key(self) -> str:
        self._count += 1
        return f"{self._count:08x}-0000-7000-8000-{self._source.getrandbits(48):012x}"

    def new_step_id(self) -> str:
        return f"{self._source.getrandbits(128):032x}"

    def new_job_id(self) -> str:
        return f"{self._source.getrandbits(32):08x}"
