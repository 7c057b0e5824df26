"""Time and ids come in through these ports, so that tests can say what time it is."""

import asyncio
import secrets
import time
import uuid
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What Proxx asks of time."""

    def now(self) -> datetime:
        """Wall time, aware, UTC; for records, never for deciding about leases."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""
        ...


class SystemClock:
    """The clock of this host."""

    def now(self) -> datetime:
        """Wall time, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""
        await asyncio.sleep(seconds)


class Ids(Protocol):
    """Where new keys come from."""

    def new_id(self) -> str:
        """Return a new UUID as text."""
        ...


class SortableIds:
    """UUIDs of version 7 (RFC 9562): later ones sort after earlier ones, even when the clock steps back."""

    def __init__(self, clock: Clock) -> None:
        """Take the clock whose milliseconds lead every id."""
        self._clock = clock
        self._last = 0

    def new_id(self) -> str:
        """Return a new UUID as text."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        # 48 bits of milliseconds and a 12-bit counter grow as one number: a full counter borrows the next millisecond
        self._last = max(self._last + 1, milliseconds << 12)
        head, counter = self._last >> 12, self._last & 0xFFF
        value = (head << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | secrets.randbits(62)
        return str(uuid.UUID(int=value))
