"""Who fails clip after clip: keeps what executors failed at, and fences them off by the rules of domain/fencing.py.

What is kept lives in storage and changes in the transaction of the report. In memory, and there alone, is who has
anything to clear, and whether others finish clips of a job in which one fails: a restart forgets it, and fences nobody
by that. Transactions follow one another, so it belongs to whoever runs them; `fenced` and `fences` to the event loop.
"""

import json
from datetime import datetime

from proxx.core.canonical import digest
from proxx.core.failure import FailureKind
from proxx.core.steps import StepKind
from proxx_scheduler.app.ports import Clock, Tx
from proxx_scheduler.app.records import Effect, EventAppended, LeaseRecord, SessionRecord, WorkQueued
from proxx_scheduler.domain.fencing import (
    HOST,
    NOBODY,
    RECORDS_KEPT,
    REMEMBERED,
    ExecutorRecord,
    Loss,
    Mark,
    Row,
    by_name,
    finished,
    released,
    superfluous,
    why_fence,
    with_failure,
)

FENCE, UNFENCE = "executor.fence", "executor.unfence"


class Fencing:
    """Judges executors. Methods with a transaction run inside it."""

    def __init__(self, *, clock: Clock, fence_after: int) -> None:
        """Take time, and how many failures in a row fence an executor off; 0 fences none."""
        self._clock = clock
        self._fence_after = fence_after
        self._suspects: set[str] = set()
        self._rows: dict[str, dict[str, Row]] = {}
        self.fenced: set[str] = set()
        """The names of executors that are fenced now."""
        self.fences = 0
        """How often an executor was fenced since the start."""

    def load(self, tx: Tx) -> None:
        """After a start: who has failed at something, and who is fenced."""
        records = tx.executor_records()
        self._suspects = {record.name for record in records}
        self.fenced = {record.name for record in records if record.fenced}

    def failed(self, tx: Tx, *, name: str, lease: LeaseRecord, kind: FailureKind) -> None:
        """An executor reported that a step failed."""
        self._mark(tx, name=name, lease=lease, kind=kind, loss=None)

    def lost(self, tx: Tx, *, session: SessionRecord, lease: LeaseRecord) -> None:
        """A started step was lost with its executor."""
        loss = Loss(
            incarnation=session.description.incarnation, granted=lease.acquire_sequence, newest=session.acquire_sequence
        )
        self._mark(tx, name=session.description.name, lease=lease, kind=FailureKind.EXECUTOR_LOST, loss=loss)

    def finished(self, tx: Tx, *, name: str, lease: LeaseRecord) -> None:
        """An executor finished a clip: what it failed at before counts no more, and it is a witness against others."""
        self._rows.pop(name, None)
        if lease.kind is StepKind.ENCODE:  # to publish what was made before proves nothing of the footage
            for rows in self._rows.values():
                if lease.job_key in rows:
                    rows[lease.job_key].finished_by_another(lease.clip_index)
        if name not in self._suspects:
            return
        record = tx.executor_record(name)
        if record is not None and record.streak:
            tx.put_executor_record(finished(record))

    def observe(self, effect: Effect) -> None:
        """Take notice of what was committed."""
        if not isinstance(effect, EventAppended):
            return
        event = effect.event
        if event.kind == FENCE:
            self.fences += 1
            self.fenced.add(str(json.loads(event.data_json)["executor"]))
        elif event.kind == UNFENCE:
            self.fenced.discard(str(json.loads(event.data_json)["executor"]))

    def _mark(self, tx: Tx, *, name: str, lease: LeaseRecord, kind: FailureKind, loss: Loss | None) -> None:
        if kind in NOBODY:
            return
        source = _source_of(tx, lease)
        records = by_name(tx.related_records(job_key=lease.job_key, source=source))
        own = tx.executor_record(name)
        mark = Mark(
            kind=kind,
            sources=(source,),
            job_key=lease.job_key,
            clip_index=lease.clip_index,
            others_finished=kind not in HOST and self._witnessed(name, lease),
        )
        self._suspects.add(name)
        records |= {} if own is None else {name: own}
        for record in with_failure(records=records, name=name, mark=mark, loss=loss):
            tx.put_executor_record(self._judged(tx, record) if record.name == name else record)
        if tx.recorded_executors() > RECORDS_KEPT + 1:
            self._forget(tx, but=name)

    def _witnessed(self, name: str, lease: LeaseRecord) -> bool:
        """Go on with the row of an executor in a job, or begin it. Returns whether a witness speaks against it."""
        rows = self._rows.pop(name, {})
        self._rows[name] = rows  # the newest stands last
        rows.setdefault(lease.job_key, Row(lease.clip_index))
        for many, kept in ((rows, REMEMBERED), (self._rows, RECORDS_KEPT)):
            for oldest in list(many)[:-kept]:
                del many[oldest]
        return rows[lease.job_key].witnessed

    def _forget(self, tx: Tx, *, but: str) -> None:
        for name in superfluous(record for record in tx.executor_records() if record.name != but):
            tx.drop_executor_record(name)
            self._suspects.discard(name)
            self._rows.pop(name, None)

    def _judged(self, tx: Tx, record: ExecutorRecord) -> ExecutorRecord:
        reason = why_fence(record, fence_after=self._fence_after)
        if not reason:
            return record
        now = self._clock.now()
        failures = [{"job_key": it.job_key, "clip_index": it.clip_index, "kind": it.kind} for it in record.streak]
        data = {"executor": record.name, "reason": reason, "failures": failures}
        tx.note_executor(kind=FENCE, before="READY", after="FENCED", data=data, actor="scheduler", now=now)
        return ExecutorRecord(name=record.name, marks=record.marks, fence_reason=reason, fence_time=now)


def release(tx: Tx, *, name: str, reason: str, actor: str, now: datetime) -> bool:
    """Trust an executor again. Returns whether it was fenced."""
    record = tx.executor_record(name)
    if record is None or not record.fenced:
        return False
    tx.put_executor_record(released(record))
    data = {"executor": name, "reason": reason}
    tx.note_executor(kind=UNFENCE, before="FENCED", after="READY", data=data, actor=actor, now=now)
    tx.effects.append(WorkQueued())  # it may be the one that work waits for
    return True


def _source_of(tx: Tx, lease: LeaseRecord) -> str:
    """Return what stands for the source of a step; of a PROBE, for the first of its sources."""
    (clip,) = tx.stored_clips(lease.job_key, first=lease.clip_index, last=lease.clip_index)
    return digest({"root": clip.source.root, "path": clip.source.path})[:32]
