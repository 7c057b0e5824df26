"""The sessions of executors: who is there, as it described itself, and whether it still takes work.

Storage keeps them over a restart of the scheduler; the copies here serve the calls in between. Every change is made on
the stored session as it is at that moment.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from proxx.core.detection import Engine
from proxx.core.leases import ExecutorDescription
from proxx_scheduler.app.errors import ExecutorInvalidError, SessionUnknownError
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.ports import Clock, Ids, Store, Tx
from proxx_scheduler.app.records import SessionRecord

TEXT_LIMITS = {"name": 200, "incarnation": 64, "version": 200}
SLOTS_LIMIT = 1024
Lose = Callable[[Tx, str, str], None]
"""Records that a lease (its id, and why) is lost."""


class Sessions:
    """Opens, finds and closes sessions."""

    def __init__(
        self, *, store: Store, book: LeaseBook, clock: Clock, ids: Ids, roots: frozenset[str], lose: Lose
    ) -> None:
        """Take the parts; `roots` are the configured root names, `lose` records leases that a session does not hold."""
        self._store = store
        self._book = book
        self._clock = clock
        self._ids = ids
        self._roots = roots
        self._lose = lose
        self._open: dict[str, SessionRecord] = {}

    async def open(
        self, *, description: ExecutorDescription, kept: Mapping[str, int]
    ) -> tuple[SessionRecord, frozenset[str]]:
        """Open or re-open the session of an incarnation. `kept` are the leases that it says it holds, with epochs.

        Returns the session and those of `kept` that are valid; whatever else it had is lost.

        Raises:
            ExecutorInvalidError: the description is incomplete or names an unknown root.
        """
        self._check(description)

        def work(tx: Tx) -> tuple[SessionRecord, frozenset[str]]:
            known = tx.session_of(description.incarnation)
            session = SessionRecord(
                session_id=self._ids.new_key() if known is None else known.session_id,
                description=description,
                acquire_sequence=0 if known is None else known.acquire_sequence,
                draining=False,
                open=True,
                last_seen_time=self._clock.now(),
            )
            tx.put_session(session)
            mine = [lease for lease in tx.live_leases() if lease.session_id == session.session_id]
            valid = frozenset(lease.lease_id for lease in mine if kept.get(lease.lease_id) == lease.epoch)
            for lease in mine:
                if lease.lease_id not in valid:
                    self._lose(tx, lease.lease_id, "its executor does not hold it any more")
            return session, valid

        session, valid = await self._store.write(work)
        self._open[session.session_id] = session
        self._book.seen(session.session_id, now=self._clock.monotonic())
        return session, valid

    def get(self, session_id: str) -> SessionRecord:
        """Return an open session, and remember that it called.

        Raises:
            SessionUnknownError: after a restart of the scheduler every executor opens its session again.
        """
        session = self._open.get(session_id)
        if session is None:
            raise SessionUnknownError(session_id=session_id)
        self._book.seen(session_id, now=self._clock.monotonic())
        return session

    def actor(self, session_id: str) -> str:
        """Return who acts in a session, as events name it. Raises as `get`."""
        return f"executor:{self.get(session_id).description.name}"

    async def drain(self, session_id: str) -> None:
        """Grant nothing more to a session."""
        session = self.get(session_id)
        if session.draining:
            return
        self._open[session_id] = replace(session, draining=True)

        def work(tx: Tx) -> None:
            stored = tx.session(session_id)
            if stored is not None:
                tx.put_session(replace(stored, draining=True, last_seen_time=self._clock.now()))

        await self._store.write(work)

    async def close(self, session_id: str) -> None:
        """End a session; what it still holds is lost. Raises as `get`."""
        self.get(session_id)

        def work(tx: Tx) -> None:
            stored = tx.session(session_id)
            if stored is not None:
                tx.put_session(replace(stored, open=False, last_seen_time=self._clock.now()))
            for lease in tx.live_leases():
                if lease.session_id == session_id:
                    self._lose(tx, lease.lease_id, "its executor closed its session")

        await self._store.write(work)
        self._open.pop(session_id, None)
        self._book.forget(session_id)

    def has_prober(self) -> bool:
        """Whether any executor that can probe is there."""
        now = self._clock.monotonic()
        return any(
            session.description.engine is Engine.FFMPEG and self._book.alive(session.session_id, now=now)
            for session in self._open.values()
        )

    def known(self) -> tuple[tuple[ExecutorDescription, bool, bool], ...]:
        """Return every executor with a session, whether it called within one lease, and whether it drains itself."""
        now = self._clock.monotonic()
        return tuple(
            (session.description, self._book.alive(session.session_id, now=now), session.draining)
            for session in self._open.values()
        )

    def alive(self, incarnation: str) -> bool:
        """Whether an incarnation has a session and called within one lease duration."""
        now = self._clock.monotonic()
        return any(
            session.description.incarnation == incarnation and self._book.alive(session.session_id, now=now)
            for session in self._open.values()
        )

    def _check(self, description: ExecutorDescription) -> None:
        for name, limit in TEXT_LIMITS.items():
            text = str(getattr(description, name))
            if not text:
                raise ExecutorInvalidError(field=name, message="it is empty")
            if len(text) > limit or not text.isprintable():
                message = f"it has at most {limit} characters, and no control character"
                raise ExecutorInvalidError(field=name, message=message)
        if not 1 <= description.slots <= SLOTS_LIMIT:
            raise ExecutorInvalidError(field="slots", message=f"it must lie between 1 and {SLOTS_LIMIT}")
        unknown = sorted(set(description.roots) - self._roots)
        if unknown or not description.roots:
            names = ", ".join(unknown) or "none"
            raise ExecutorInvalidError(field="roots", message=f"{names}: the scheduler knows {sorted(self._roots)}")
