"""Events: one append-only log, hash-chained for each job."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update

from proxx.core.audit.chain_rule import event_hash
from proxx.core.jobs import JobEvent
from proxx_scheduler.app.records import EventAppended
from proxx_scheduler.domain.effects import EventDraft
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import TxBase, dump, time_text

NEWEST_EVENT = select(func.max(t.events.c.sequence))
ADD_EVENTS = insert(t.events)
EXTEND_CHAIN = (
    update(t.jobs)
    .where(t.jobs.c.job_key == bindparam("b_job"))
    .values(event_count=bindparam("b_count"), event_head=bindparam("b_head"), last_sequence=bindparam("b_newest"))
)


class EventRows(TxBase):
    """The part of a transaction that stores events."""

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
        # given here, not by the database: in the order of commits and without holes, because only one writes
        newest = self._newest_event()
        rows: list[dict[str, object]] = []
        for draft, actor, now in drafts:
            newest += 1
            count += 1
            fields = {
                "sequence": newest, "job_key": job_key, "job_sequence": count, "clip_index": draft.clip_index,
                "event_time": time_text(now), "actor": actor, "kind": draft.kind, "before": draft.before,
                "after": draft.after, "data_json": dump(draft.data),
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
        self.connection.execute(ADD_EVENTS, rows)
        values = {"b_job": job_key, "b_count": count, "b_head": head, "b_newest": newest}
        self.connection.execute(EXTEND_CHAIN, values)

    def _newest_event(self) -> int:
        return int(self.connection.execute(NEWEST_EVENT).scalar() or 0)
