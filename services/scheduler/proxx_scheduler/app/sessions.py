"""The sessions of executors: who is there, as it described itself, and whether it still takes work.

Storage keeps them over a restart of the scheduler; the copies here serve the calls in between. Every change is made on
the stored session as it is at that moment.

A session that fell silent and holds nothing is forgotten, here and in storage: an executor that is there after all
meets SESSION_UNKNOWN and opens another one. The newest of each name stays for an hour, for operators to see it LOST.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from proxx.core.access import Identity
from proxx.core.detection import Engine
from proxx.core.leases import ExecutorDescription
from proxx.core.quoting import quote
from proxx_scheduler.app.errors import ExecutorInvalidError, SessionUnknownError
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.ownership import refuse_foreign_name, refuse_foreign_session
from proxx_scheduler.app.ports import Clock, Ids, Store, Tx
from proxx_scheduler.app.records import SessionRecord
from proxx_scheduler.app.root_hosts import SHARED, RootHosts, as_bound

TEXT_LIMITS = {"name": 200, "incarnation": 64, "version": 200}
SLOTS_LIMIT = 1024
CODECS_LIMIT = 1000
CODEC_LIMIT = 200
SILENT_LEASES = 3
"""After so many lease durations of silence a session that holds nothing may be forgotten."""

LOST_SHOWN_SECONDS = 3600.0
"""For so long the newest silent session of a name is kept all the same, if there are not too many of them."""

LOST_KEPT = 100
"""So many of those are kept; the ones that were silent for longest go first."""

log = logging.getLogger("proxx.scheduler")
Lose = Callable[[Tx, str, str], None]
"""Records that a lease (its id, and why) is lost."""


Known = tuple[tuple[ExecutorDescription, bool, bool], ...]
"""Executors with a session, whether each called within one lease, and whether it drains itself."""


class Sessions:
    """Opens, finds and closes sessions. Everything here belongs to the event loop, but what runs in a transaction."""

    def __init__(
        self,
        *,
        store: Store,
        book: LeaseBook,
        clock: Clock,
        ids: Ids,
        roots: frozenset[str],
        lose: Lose,
        root_hosts: RootHosts = SHARED,
    ) -> None:
        """Take the parts; `roots` are the configured root names, `lose` records leases that a session does not hold.

        `root_hosts` are the executors that some of the roots are bound to.
        """
        self._store = store
        self._book = book
        self._clock = clock
        self._ids = ids
        self._roots = roots
        self._lose = lose
        self._root_hosts = root_hosts
        self._open: dict[str, SessionRecord] = {}
        self._before: dict[str, SessionRecord] = {}
        self._opening: list[tuple[str, str]] = []

    async def load(self) -> None:
        """After a start: the sessions that hold leases will be forgotten like others, unless they are opened again."""

        def work(tx: Tx) -> tuple[SessionRecord | None, ...]:
            tx.drop_idle_sessions()
            return tuple(tx.session(key) for key in sorted({lease.session_id for lease in tx.live_leases()}))

        for session in await self._store.write(work):
            if session is not None:
                self._before[session.session_id] = session
                self._book.meet(session.session_id, now=self._clock.monotonic())

    async def open(
        self, *, description: ExecutorDescription, kept: Mapping[str, int], identity: Identity
    ) -> tuple[SessionRecord, frozenset[str]]:
        """Open or re-open the session of an incarnation. `kept` are the leases that it says it holds, with epochs.

        Returns the session and those of `kept` that are valid; whatever else it had is lost.

        Raises:
            ExecutorInvalidError: the description is incomplete, names an unknown root, or only those of others.
            AccessRefusedError: the caller may not be an executor of this name, or of this incarnation.
        """
        self._check(description)
        description = as_bound(description=description, hosts=self._root_hosts)
        opening = (description.name, identity.name)
        refuse_foreign_name(description.name, identity=identity, held_by=self._held_by(*opening))
        self._opening.append(opening)
        try:
            session, valid = await self._store_open(description, kept, identity)
        finally:
            self._opening.remove(opening)
        self._before.pop(session.session_id, None)
        self._open.pop(session.session_id, None)
        self._open[session.session_id] = session  # the newest stands last
        self._book.meet(session.session_id, now=self._clock.monotonic())
        return session, valid

    def _held_by(self, name: str, identity: str) -> str:
        """Return another identity whose the living session of this name is, or will be in a moment; "" for none."""
        now = self._clock.monotonic()
        living = (
            (session.description.name, session.identity)
            for session in (*self._before.values(), *self._open.values())
            if self._book.alive(session.session_id, now=now)
        )
        others = (holder for held, holder in (*self._opening, *living) if held == name and holder != identity)
        return next(filter(None, others), "")

    async def _store_open(
        self, description: ExecutorDescription, kept: Mapping[str, int], identity: Identity
    ) -> tuple[SessionRecord, frozenset[str]]:
        def work(tx: Tx) -> tuple[SessionRecord, frozenset[str]]:
            known = tx.session_of(description.incarnation)
            if known is not None:
                refuse_foreign_session(known, identity=identity)
            session = SessionRecord(
                session_id=self._ids.new_key() if known is None else known.session_id,
                description=description,
                acquire_sequence=0 if known is None else known.acquire_sequence,
                draining=False,
                open=True,
                last_seen_time=self._clock.now(),
                identity=identity.name,
            )
            if known is None:
                # where its process is new, its engine may be, too
                tx.forget_avoided(description.name, incarnation=description.incarnation)
            tx.put_session(session)
            mine = [lease for lease in tx.live_leases() if lease.session_id == session.session_id]
            valid = frozenset(lease.lease_id for lease in mine if kept.get(lease.lease_id) == lease.epoch)
            for lease in mine:
                if lease.lease_id not in valid:
                    self._lose(tx, lease.lease_id, "its executor does not hold it any more")
            return session, valid

        return await self._store.write(work)

    def enter(self, session_id: str, *, identity: Identity) -> SessionRecord:
        """Return an open session to the one who calls in it, and remember that it called.

        Raises:
            SessionUnknownError: after a restart of the scheduler every executor opens its session again.
            AccessRefusedError: another identity opened it.
        """
        session = self._open.get(session_id)
        if session is None:
            raise SessionUnknownError(session_id=session_id)
        refuse_foreign_session(session, identity=identity)
        return self.get(session_id)

    def refuse_foreign(self, session_id: str, *, identity: Identity) -> None:
        """Refuse a caller that names what a session of another identity holds. A session that is gone holds nothing.

        Raises:
            AccessRefusedError.
        """
        session = self._open.get(session_id) or self._before.get(session_id)
        if session is not None:
            refuse_foreign_session(session, identity=identity)

    def get(self, session_id: str) -> SessionRecord:
        """Return an open session in which somebody calls who was let in by `enter`, and remember that it called.

        Raises:
            SessionUnknownError: it is not open, or not any more.
        """
        session = self._open.get(session_id)
        if session is None:
            raise SessionUnknownError(session_id=session_id)
        self._book.seen(session_id, now=self._clock.monotonic())
        return session

    async def drain(self, session_id: str) -> None:
        """Grant nothing more to a session."""
        session = self.get(session_id)
        if session.draining:
            return

        def work(tx: Tx) -> None:
            stored = tx.session(session_id)
            if stored is not None:
                tx.put_session(replace(stored, draining=True, last_seen_time=self._clock.now()))

        await self._store.write(work)
        if session_id in self._open:  # it may have been closed meanwhile
            self._open[session_id] = replace(self._open[session_id], draining=True)

    async def close(self, session_id: str) -> None:
        """End a session; what it still holds is lost. Raises as `get`."""
        self.get(session_id)

        def work(tx: Tx) -> None:
            for lease in tx.live_leases():
                if lease.session_id == session_id:
                    self._lose(tx, lease.lease_id, "its executor closed its session")
            tx.drop_session(session_id)

        await self._store.write(work)
        self._forget(session_id)

    async def forget_silent(self) -> int:
        """Forget the sessions that fell silent, hold nothing and are not to be shown any more. Returns how many.

        Raises:
            StoreError: nothing was forgotten.
        """
        silent = self._silent()
        if not silent:
            return 0

        def work(tx: Tx) -> tuple[str, ...]:
            holding = {lease.session_id for lease in tx.live_leases()}
            free = tuple(session_id for session_id in silent if session_id not in holding)
            for session_id in free:
                tx.drop_session(session_id)
            return free

        forgotten = await self._store.write(work)
        for session_id in forgotten:
            self._forget(session_id)
            log.info("session forgotten", extra={"executor": silent[session_id], "session_id": session_id})
        return len(forgotten)

    def any_silent(self) -> bool:
        """Whether any session fell silent, may it be forgotten or not."""
        now, long = self._clock.monotonic(), SILENT_LEASES * self._book.lease_seconds
        return any(self._book.silence(key, now=now) > long for key in (*self._before, *self._open))

    def _silent(self) -> dict[str, str]:
        """Return the sessions that may be forgotten, with the names of their executors."""
        now, long = self._clock.monotonic(), SILENT_LEASES * self._book.lease_seconds
        names = {key: it.description.name for key, it in (*self._before.items(), *self._open.items())}
        newest = {name: session_id for session_id, name in names.items()}
        found, shown = {}, []
        for session_id, name in names.items():
            silence = self._book.silence(session_id, now=now)
            if silence <= long or self._book.held_by(session_id):
                continue
            if newest[name] == session_id and silence <= LOST_SHOWN_SECONDS:
                shown.append((silence, session_id))
            else:
                found[session_id] = name
        shown.sort()
        return found | {session_id: names[session_id] for _, session_id in shown[LOST_KEPT:]}

    def _forget(self, session_id: str) -> None:
        self._open.pop(session_id, None)
        self._before.pop(session_id, None)
        self._book.forget(session_id)

    def has_prober(self) -> bool:
        """Whether any executor is there: each of them can probe, whatever its engine."""
        now = self._clock.monotonic()
        return any(self._book.alive(session_id, now=now) for session_id in self._open)

    def has_engine(self, engine: Engine) -> bool:
        """Whether any executor of an engine is there."""
        return any(alive and description.engine is engine for description, alive, _ in self.known())

    def known(self) -> Known:
        """Return every executor with a session, whether it called within one lease, and whether it drains itself."""
        now = self._clock.monotonic()
        return tuple(
            (session.description, self._book.alive(session.session_id, now=now), session.draining)
            for session in self._open.values()
        )

    def alive(self) -> frozenset[str]:
        """Return the incarnations that have a session and called within one lease duration."""
        now = self._clock.monotonic()
        return frozenset(
            session.description.incarnation
            for session in self._open.values()
            if self._book.alive(session.session_id, now=now)
        )

    def expected(self) -> frozenset[str]:
        """Return those of `alive`, and those that hold leases since before the start and are not lost yet."""
        now = self._clock.monotonic()
        back = (item for item in self._before.values() if self._book.alive(item.session_id, now=now))
        return self.alive() | {session.description.incarnation for session in back}

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
        if not 0 <= description.probe_slots <= SLOTS_LIMIT:
            raise ExecutorInvalidError(field="probe_slots", message=f"it must lie between 0 and {SLOTS_LIMIT}")
        unknown = sorted(set(description.roots) - self._roots)
        if unknown or not description.roots:
            names = ", ".join(unknown) or "none"
            raise ExecutorInvalidError(field="roots", message=f"{names}: the scheduler knows {sorted(self._roots)}")
        if len(description.codecs) > CODECS_LIMIT:
            message = f"at most {CODECS_LIMIT} pairs are kept, got {len(description.codecs)}"
            raise ExecutorInvalidError(field="codecs", message=message)
        for pair in description.codecs:
            if not (pair.isprintable() and "/" in pair and len(pair) <= CODEC_LIMIT):
                rule = f"a pair is FORMAT/CODEC, of at most {CODEC_LIMIT} characters and no control character"
                raise ExecutorInvalidError(field="codecs", message=f"{quote(text=pair[:CODEC_LIMIT])}: {rule}")
