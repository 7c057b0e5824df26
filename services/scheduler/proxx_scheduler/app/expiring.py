"""What time alone decides: leases that were not renewed are lost, and sessions that fell silent are forgotten.

The loop never ends by an error. One lease that cannot be recorded keeps no other one alive: it is told once, counted,
and tried again later.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable

from proxx_scheduler.app.dry_runs import DryRuns
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.ports import Clock, Store, StoreError
from proxx_scheduler.app.reporting import Reporting
from proxx_scheduler.app.sessions import Sessions

log = logging.getLogger("proxx.scheduler")
INTERVAL_SECONDS = 0.25
DEFECT_SECONDS = 5.0
"""After an error that nobody foresaw, the same thing is tried again no earlier than this."""

REFUSED_SECONDS = 1.0
"""And this after the database refused to write it, so that what comes behind it has its turn."""


class Expiring:
    """Declares leases lost, ends dry runs that nobody answers, and forgets sessions."""

    def __init__(
        self,
        *,
        store: Store,
        book: LeaseBook,
        reporting: Reporting,
        dry_runs: DryRuns,
        sessions: Sessions,
        clock: Clock,
    ) -> None:
        """Take the parts; the book says which leases are over."""
        self._store = store
        self._book = book
        self._reporting = reporting
        self._dry_runs = dry_runs
        self._sessions = sessions
        self._clock = clock
        self._again: dict[str, float] = {}
        self._told: set[str] = set()
        self._refused = False
        self.leases = 0
        """How many were lost by time since the start."""
        self.errors = 0
        """How many errors nobody foresaw, each of them a defect."""

    async def run(self) -> None:
        """Look four times a second, for ever."""
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Do everything whose time has come. What the database refuses is left for the next time."""
        expired = self._book.expired(now=self._clock.monotonic())
        self._forget_but(expired)
        if not await self._try("dry runs", self._end_dry_runs):
            return
        for lease_id in expired:
            if not self._book.is_expired(lease_id, now=self._clock.monotonic()):
                continue  # renewed while others were recorded
            if not await self._try(lease_id, lambda lease_id=lease_id: self.expire(lease_id)):  # type: ignore[misc]  # the default binds the loop's value
                return
        if self._sessions.any_silent():
            await self._try("silent sessions", self._forget_silent)

    async def expire(self, lease_id: str) -> None:
        """Declare a lease lost.

        Raises:
            StoreError: nothing was recorded.
        """
        why = f"the executor did not renew its lease for {self._book.lease_seconds:g} s"
        await self._store.write(lambda tx: self._reporting.lose(tx, lease_id=lease_id, why=why))
        self._refused = False
        self._book.end(lease_id)
        self.leases += 1
        log.warning("lease expired", extra={"lease_id": lease_id})

    async def _end_dry_runs(self) -> None:
        self._dry_runs.expire()

    async def _forget_silent(self) -> None:
        if await self._sessions.forget_silent():
            self._refused = False

    async def _try(self, subject: str, work: Callable[[], Coroutine[None, None, None]]) -> bool:
        """Do one thing if it is time to. Returns whether the database takes writes, as far as is known."""
        now = self._clock.monotonic()
        if self._again.get(subject, now) > now:
            return True
        try:
            await work()
        except StoreError as error:  # the store says by itself what troubles it: here one line until it is over
            self._again[subject] = now + REFUSED_SECONDS
            if not self._refused:
                log.warning("expiry waits for the database", extra={"subject": subject, "fact": str(error)})
            self._refused = True
            return False
        except Exception:  # whatever fails here, everything else must go on
            self._again[subject] = now + DEFECT_SECONDS
            self.errors += 1
            if subject not in self._told:
                log.exception("expiry failed", extra={"subject": subject})
            self._told.add(subject)
        return True

    def _forget_but(self, expired: Iterable[str]) -> None:
        if not self._told and not self._again:
            return
        kept = {*expired, "dry runs", "silent sessions"}
        self._told &= kept
        self._again = {subject: until for subject, until in self._again.items() if subject in kept}
