"""Executors that ask for work: each call waits until there is some, looks whenever it is called, and takes it."""

import asyncio
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from proxx.core.detection import Engine
from proxx.core.leases import ExecutorDescription, Lease
from proxx.core.steps import StepKind
from proxx_scheduler.app.dry_runs import DryRuns
from proxx_scheduler.app.granting import Granting
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.ports import Clock, Store
from proxx_scheduler.app.records import LeaseRecord, SessionRecord
from proxx_scheduler.app.sessions import Sessions
from proxx_scheduler.app.wake import Turn, Wake

WAIT_LIMIT_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One call: its sequence, and how many leases there is room for. With `probes` apart, `grants` counts no PROBE."""

    sequence: int
    grants: int
    probes: int = 0

    @property
    def nothing(self) -> bool:
        """Whether there is no room at all."""
        return self.grants < 1 and self.probes < 1

    def filled(self, granted: Sequence[tuple[LeaseRecord, Lease]]) -> bool:
        """Whether there may be more than was granted: what an executor has room for is never left to others."""
        probes = sum(lease.kind is StepKind.PROBE for _, lease in granted) if self.probes > 0 else 0
        return probes >= self.probes > 0 or len(granted) - probes >= self.grants

    def kind(self, description: ExecutorDescription) -> Hashable:
        """Return what calls have in common of which one finds nothing where another found nothing."""
        return (
            description.engine,
            frozenset(description.roots),
            description.planner_version,
            frozenset(description.codecs),
            description.name if description.engine is Engine.RESOLVE else "",  # a step may avoid one of them by name
            description.probe_slots > 0,
            self.grants > 0,
            self.probes > 0,
        )


class Acquiring:
    """Waits for work on behalf of executors. Everything here belongs to the event loop."""

    def __init__(
        self,
        *,
        store: Store,
        book: LeaseBook,
        granting: Granting,
        dry_runs: DryRuns,
        sessions: Sessions,
        clock: Clock,
        wake: Wake,
    ) -> None:
        """Take the parts; `wake` is set when work is queued."""
        self._store = store
        self._book = book
        self._granting = granting
        self._dry_runs = dry_runs
        self._sessions = sessions
        self._clock = clock
        self._wake = wake
        self._stopping = False
        self._turns: dict[str, set[Turn]] = {}

    def stop(self) -> None:
        """Let waiting calls answer with nothing: the scheduler goes away."""
        self._stopping = True
        self._wake.set_all()

    async def acquire(self, *, session_id: str, ask: Ask, wait_seconds: float) -> tuple[Lease, ...]:
        """Wait for work and grant it.

        Raises:
            SessionUnknownError, AcquireConsumedError.
        """
        session = self._sessions.get(session_id)
        if session.description.probe_slots < 1:
            ask = replace(ask, probes=0)
        deadline = self._clock.monotonic() + min(max(wait_seconds, 0.0), WAIT_LIMIT_SECONDS)
        self._book.polls(session_id, more=1)
        turns = self._turns.setdefault(session_id, set())
        try:
            with self._wake.turn(ask.kind(session.description)) as turn:
                turns.add(turn)
                try:
                    return await self._wait(session, ask, turn, deadline)
                finally:
                    turns.discard(turn)
        finally:
            self._book.polls(session_id, more=-1)
            if not turns and self._turns.get(session_id) is turns:
                del self._turns[session_id]

    async def _wait(self, session: SessionRecord, ask: Ask, turn: Turn, deadline: float) -> tuple[Lease, ...]:
        while True:
            turn.called.clear()
            found = await self._look(session, ask, turn)
            now = self._clock.monotonic()
            if found or now >= deadline or ask.nothing or self._stopping:
                return found or ()
            if found is None:
                self._wake.stand_aside(turn)
            else:
                self._wake.come_back(turn)
            try:
                async with asyncio.timeout(deadline - now):
                    await turn.called.wait()
            except TimeoutError:
                return ()

    async def _look(self, session: SessionRecord, ask: Ask, turn: Turn) -> tuple[Lease, ...] | None:
        """Take what there is; None when the executor is given nothing new, whatever there is."""
        session_id, description = session.session_id, session.description
        if self._dry_runs.waiting and await self._takes_work(session_id):
            looks = self._dry_runs.take(
                session_id=session_id, description=description, grants=ask.grants, probes=ask.probes
            )
            if looks:
                return looks
        try:
            granted = await self._store.write(
                lambda tx: self._granting.acquire(
                    tx,
                    session_id=session_id,
                    acquire_sequence=ask.sequence,
                    max_grants=ask.grants,
                    max_probes=ask.probes,
                )
            )
        except asyncio.CancelledError:
            self._call_others(session_id, turn)
            raise
        self._book.seen(session_id, now=self._clock.monotonic())
        if granted is None:
            return None
        if granted:
            if ask.filled(granted):
                self._wake.set()  # there may be more than this executor took
            self._call_others(session_id, turn)
        return tuple(lease for _, lease in granted)

    def _call_others(self, session_id: str, turn: Turn) -> None:
        """Let other calls of an executor look: where nobody reads this answer, the same sequence brings it to them."""
        for other in self._turns.get(session_id, set()) - {turn}:
            other.called.set()

    async def _takes_work(self, session_id: str) -> bool:
        session = self._sessions.get(session_id)
        if session.draining:
            return False
        return not await self._store.read(lambda tx: tx.is_barred(session.description.name))
