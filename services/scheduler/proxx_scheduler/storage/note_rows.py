"""Events that change no job: those of executors, and those that only say what came too late."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select, update

from proxx_scheduler.app.records import LeaseRecord
from proxx_scheduler.domain.effects import EventDraft
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.job_rows import JobRows


class NoteRows(JobRows):
    """The part of a transaction that records what changes nothing."""

    def note_executor(
        self, *, kind: str, before: str, after: str, data: Mapping[str, object], actor: str, now: datetime
    ) -> None:
        """Append an event that belongs to no job: its chain is that of the empty job key."""
        count, head = self._own_chain()
        draft = EventDraft(kind=kind, clip_index=None, before=before, after=after, data=data)
        self._append("", (draft,), actor=actor, now=now, count=count, head=head)

    def note_clip(
        self,
        job_key: str,
        *,
        clip_index: int,
        kind: str,
        data: Mapping[str, object],
        actor: str,
        now: datetime,
    ) -> None:
        j, c = t.jobs.c, t.clips.c
        job = self.connection.execute(select(j.event_count, j.event_head).where(j.job_key == job_key)).one()
        where = (c.job_key == job_key, c.clip_index == clip_index)
        state = str(self.connection.execute(select(c.state).where(*where)).scalar_one())
        draft = EventDraft(kind=kind, clip_index=clip_index, before=state, after=state, data=data)
        self._append(job_key, (draft,), actor=actor, now=now, count=job.event_count, head=job.event_head)

    def mark_stale(self, lease: LeaseRecord, *, kind: str) -> bool:
        a = t.attempts.c
        mark = f"{kind},"
        new = update(t.attempts).where(a.lease_id == lease.lease_id, ~a.stale.contains(mark))
        return self.connection.execute(new.values(stale=a.stale + mark)).rowcount == 1

    def current_epoch(self, lease: LeaseRecord) -> int:
        a = t.attempts.c
        query = select(func.max(a.epoch)).where(
            a.job_key == lease.job_key, a.clip_index == lease.clip_index, a.kind == lease.kind
        )
        return int(self.connection.execute(query).scalar_one())
