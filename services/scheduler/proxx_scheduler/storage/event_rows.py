"""Events: one append-only log, hash-chained for each job."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from proxx.core.audit.chain_rule import NO_HASH, event_hash
from proxx.core.jobs import JobEvent
from proxx_scheduler.app.actors import recorded
from proxx_scheduler.app.records import EventAppended
from proxx_scheduler.domain.effects import EventDraft
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import TxBase, dump, time_text
from proxx_scheduler.storage.many_rows import ManyRows

OWN_CHAIN = select(t.own_chain.c.event_count, t.own_chain.c.event_head)
# the last one of the own chain too: were its newest event deleted, no other may take that place in the log
NEWEST_EVENT = select(func.max(t.events.c.sequence), select(t.own_chain.c.last_sequence).scalar_subquery())
ADD_EVENTS = ManyRows(insert(t.events))
OWN_SLOT = 1
EXTEND_CHAIN = (
    update(t.jobs)
    .where(t.jobs.c.job_key == bindparam("b_job"))
    .values(event_count=bindparam("b_count"), event_head=bindparam("b_event_head"), last_sequence=bindparam("b_newest"))
)
EXTEND_OWN_CHAIN = update(t.own_chain).values(
    event_count=bindparam("b_count"), event_head=bindparam("b_event_head"), last_sequence=bindparam("b_newest")
)


class EventRows(TxBase):
    """The part of a transaction that stores events."""

    _newest: int | None = None

    def _append(
        self, job_key: str, drafts: Iterable[EventDraft], *, actor: str, now: datetime, count: int, head: str
    ) -> None:
        """Append events to a job's chain, of which `count` and `head` are the newest."""
        self._append_all(job_key, [(draft, actor, now) for draft in drafts], count=count, head=head)

    def _append_all(
        self, job_key: str, drafts: Sequence[tuple[EventDraft, str, datetime]], *, count: int, head: str
    ) -> None:
        """Append events, each with who acted and when."""
        if not drafts:
            return
        values = self._add_events(job_key, drafts, count=count, head=head)
        if job_key:
            self.connection.execute(EXTEND_CHAIN, {"b_job": job_key, **values})
        else:
            self.connection.execute(EXTEND_OWN_CHAIN, values)

    def _add_events(
        self, job_key: str, drafts: Sequence[tuple[EventDraft, str, datetime]], *, count: int, head: str
    ) -> dict[str, object]:
        """Add the rows of events. Returns what the chain's own row is to say of it afterwards."""
        # given here, not by the database: in the order of commits and without holes, because only one writes
        newest = self._newest_event()
        rows: list[dict[str, object]] = []
        for draft, actor, now in drafts:
            newest += 1
            count += 1
            fields = {
                "sequence": newest, "job_key": job_key, "job_sequence": count, "clip_index": draft.clip_index,
                "event_time": time_text(now), "actor": actor, "kind": draft.kind, "before": draft.before,
                "after": draft.after, "data_json": dump(recorded(draft.data, actor=actor, identity=self.identity)),
            }  # fmt: skip
            own = event_hash(previous_hash=head, fields=fields)
            rows.append({"previous_hash": head, "hash": own, **fields})
            event = JobEvent(
                sequence=newest, job_sequence=count, job_key=job_key, clip_index=draft.clip_index, event_time=now,
                actor=actor, kind=draft.kind, before=draft.before, after=draft.after,
                data_json=str(fields["data_json"]), previous_hash=head, hash=own,
            )  # fmt: skip
            self.effects.append(EventAppended(event=event))
            head = own
        self._rows.pop(job_key, None)
        ADD_EVENTS.run(self.direct, rows)
        self._newest = newest
        return {"b_count": count, "b_event_head": head, "b_newest": newest}

    def _newest_event(self) -> int:
        """Return the sequence of the newest event: only this transaction adds some after it has looked."""
        if self._newest is None:
            self._newest = max(int(sequence or 0) for sequence in self.direct.execute(NEWEST_EVENT).one())
        return self._newest

    def _own_chain(self) -> tuple[int, str]:
        """Return how many events the scheduler's own chain has, and its head."""
        row = self.connection.execute(OWN_CHAIN).first()
        if row is not None:
            return int(row.event_count), str(row.event_head)
        # no event yet; or somebody deleted the row, which an audit shows until now: the chain goes on where it ends
        e = t.events.c
        newest = self.connection.execute(
            select(e.job_sequence, e.hash).where(e.job_key == "").order_by(e.job_sequence.desc()).limit(1)
        ).first()
        count, head = (0, NO_HASH) if newest is None else (newest.job_sequence, newest.hash)
        values = {"slot": OWN_SLOT, "event_count": count, "event_head": head, "last_sequence": 0}
        self.connection.execute(insert(t.own_chain).values(values))
        return count, head
