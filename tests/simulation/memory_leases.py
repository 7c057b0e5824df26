"""Steps, attempts and sessions in memory."""

from collections.abc import Collection, Mapping
from datetime import datetime

from proxx.core.plan import Plan
from proxx.core.staging import staged_path
from proxx.core.steps import EncodeWork, StepKind
from proxx_scheduler.app.records import (
    UNAVAILABLE,
    ClipOutputs,
    DrainedExecutor,
    EncodeFacts,
    LeaseEnded,
    LeaseRecord,
    QueuedStep,
    SessionRecord,
    StagingAttempt,
    WorkQueued,
)
from proxx_scheduler.domain.effects import EventDraft
from proxx_scheduler.domain.fencing import ExecutorRecord
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.records import StepState, StopReason
from tests.simulation.memory_lanes import MemoryLanes
from tests.simulation.memory_rows import HELD, AttemptRow, DuplicateKeyError, changed


class MemoryLeases(MemoryLanes):
    """The part of a transaction that stores steps, attempts and sessions."""

    def grant(
        self, step: QueuedStep, *, lease_id: str, session: SessionRecord, acquire_sequence: int, now: datetime
    ) -> int:
        epoch = step.epoch + 1
        row = changed(
            self._db.steps[step.step_id], state=StepState.LEASED, epoch=epoch, lease_id=lease_id,
            session_id=session.session_id, acquire_sequence=acquire_sequence, lane=None,
        )  # fmt: skip
        self._put(self._db.steps, step.step_id, row)
        if any(old.step_id == step.step_id and old.epoch == epoch for old in self._db.attempts.values()):
            raise DuplicateKeyError((step.step_id, epoch))
        attempt = AttemptRow(
            step_id=step.step_id, epoch=epoch, lease_id=lease_id, job_key=step.job_key, clip_index=step.clip_index,
            kind=step.kind, incarnation=session.description.incarnation, executor=session.description.name,
        )  # fmt: skip
        self._insert(self._db.attempts, lease_id, attempt)
        if step.kind is StepKind.ENCODE:
            self._clip(step.job_key, step.clip_index, epoch=epoch, executor=session.description.name)
        return epoch

    def granted_by(self, *, session_id: str, acquire_sequence: int) -> tuple[LeaseRecord, ...]:
        return tuple(
            self._record(self._db.attempts[step.lease_id])
            for step in self._db.steps.values()
            if step.session_id == session_id and step.acquire_sequence == acquire_sequence and step.lease_id is not None
        )

    def lease(self, lease_id: str) -> LeaseRecord | None:
        attempt = self._db.attempts.get(lease_id)
        return None if attempt is None else self._record(attempt)

    def live_leases(self) -> tuple[LeaseRecord, ...]:
        return tuple(
            self._record(self._db.attempts[step.lease_id])
            for step in self._db.steps.values()
            if step.state in HELD and step.lease_id is not None
        )

    def _record(self, attempt: AttemptRow) -> LeaseRecord:
        step = self._db.steps[attempt.step_id]
        stopping = self._db.clips[attempt.job_key, attempt.clip_index].clip.stopping
        return LeaseRecord(
            lease_id=attempt.lease_id, step_id=attempt.step_id, epoch=attempt.epoch, job_key=attempt.job_key,
            clip_index=attempt.clip_index, last_clip=step.last_clip, kind=attempt.kind,
            session_id=step.session_id or "", live=step.lease_id == attempt.lease_id,
            started=attempt.start_time is not None, outcome=attempt.outcome, answer=attempt.answer,
            cancelled=attempt.kind is StepKind.ENCODE and stopping is not StopReason.NONE,
            acquire_sequence=step.acquire_sequence or 0,
        )  # fmt: skip

    def start_attempt(self, lease: LeaseRecord, *, now: datetime) -> None:
        step = self._db.steps[lease.step_id]
        self._put(self._db.steps, lease.step_id, changed(step, state=StepState.RUNNING))
        self._attempt(lease, start_time=now, outcome="STARTED")
        if lease.kind is StepKind.ENCODE:
            self._clip(lease.job_key, lease.clip_index, start_time=now)

    def end_attempt(self, lease: LeaseRecord, *, outcome: str, now: datetime) -> None:
        self._attempt(lease, outcome=outcome)

    def step_needs(self, lease: LeaseRecord) -> Needs:
        return self._db.steps[lease.step_id].needs

    def set_step_needs(self, lease: LeaseRecord, *, needs: Needs) -> None:
        step = self._db.steps[lease.step_id]
        self._put(self._db.steps, lease.step_id, changed(step, staging=needs.staging, avoid=needs.avoid))

    def setbacks(self, lease: LeaseRecord) -> int:
        tries = [it for it in self._db.attempts.values() if it.step_id == lease.step_id]
        return sum(it.outcome == UNAVAILABLE for it in tries)

    def forget_avoided(self, name: str, *, incarnation: str) -> None:
        if any((it.incarnation, it.outcome) == (incarnation, UNAVAILABLE) for it in self._db.attempts.values()):
            return
        avoiding = [step for step in self._db.steps.values() if name in step.avoid and step.state is not StepState.DONE]
        for step in avoiding:
            left = tuple(known for known in step.avoid if known != name)
            self._put(self._db.steps, step.step_id, changed(step, avoid=left))
        for job_key in dict.fromkeys(step.job_key for step in avoiding):
            self._line_up(job_key)
        if avoiding:
            self.effects.append(WorkQueued())

    def sessions(self) -> tuple[SessionRecord, ...]:
        return tuple(self._db.sessions[key] for key in sorted(self._db.sessions))

    def losses(self, lease: LeaseRecord) -> int:
        tries = [it for it in self._db.attempts.values() if it.step_id == lease.step_id]
        return sum(it.outcome == "LOST" and it.start_time is not None for it in tries)

    def finish_step(self, lease: LeaseRecord) -> None:
        self._end_step(lease, StepState.DONE)

    def requeue_step(self, lease: LeaseRecord) -> None:
        self._end_step(lease, StepState.QUEUED)
        self._line_up(lease.job_key)
        self.effects.append(WorkQueued())

    def _end_step(self, lease: LeaseRecord, state: StepState) -> None:
        step = self._db.steps[lease.step_id]
        if step.lease_id == lease.lease_id:
            self._put(self._db.steps, step.step_id, changed(step, state=state, lease_id=None, session_id=None))
        self.effects.append(LeaseEnded(lease_id=lease.lease_id))

    def encode_facts(self, job_key: str, *, clip_index: int) -> EncodeFacts:
        row = self._db.clips[job_key, clip_index]
        assert row.inputs is not None
        assert row.plan is not None
        assert row.identity is not None
        return EncodeFacts(inputs=row.inputs, plan=row.plan, identity=row.identity, replaces=row.replaces)

    def encode_works(self, job_key: str, *, clips: Collection[int]) -> Mapping[int, EncodeWork]:
        return {index: self._encode_work(job_key, index) for index in clips}

    def _encode_work(self, job_key: str, index: int) -> EncodeWork:
        row = self._db.clips[job_key, index]
        assert row.inputs is not None
        assert row.plan is not None
        assert row.identity is not None
        return EncodeWork(
            inputs=row.inputs,
            plan_digest=row.plan.digest,
            planner_version=row.plan.planner_version,
            identity=row.identity,
            replaces=row.replaces,
        )

    def plan_of(self, lease: LeaseRecord) -> Plan:
        plan = self._db.clips[lease.job_key, lease.clip_index].plan
        assert plan is not None
        return plan

    def prepared_sha256(self, lease: LeaseRecord) -> str | None:
        prepared = self._db.clips[lease.job_key, lease.clip_index].prepared
        return None if prepared is None else prepared.sha256

    def read_ahead(self, lease_ids: Collection[str], *, plans: bool = False) -> None:
        """Everything is at hand."""

    def clip_outputs(self, job_key: str, *, clip_index: int) -> ClipOutputs:
        row = self._db.clips[job_key, clip_index]
        job_id = self._db.jobs[job_key].new.job_id
        attempts = tuple(
            StagingAttempt(
                staged=staged_path(
                    output=row.output, job_id=job_id, clip_index=clip_index, step_id=attempt.step_id,
                    epoch=attempt.epoch, incarnation=attempt.incarnation,
                ),
                kind=attempt.kind, step_id=attempt.step_id, epoch=attempt.epoch, incarnation=attempt.incarnation,
                executor=attempt.executor, outcome=attempt.outcome, sha256=attempt.sha256,
            )
            for attempt in self._db.attempts.values()  # in the order in which they were granted
            if attempt.job_key == job_key and attempt.clip_index == clip_index
            and attempt.kind in (StepKind.ENCODE, StepKind.SWEEP)
        )  # fmt: skip
        return ClipOutputs(output=row.output, prepared=row.prepared, attempts=attempts, replaces=row.replaces)

    def session(self, session_id: str) -> SessionRecord | None:
        return self._db.sessions.get(session_id)

    def session_of(self, incarnation: str) -> SessionRecord | None:
        for session in self._db.sessions.values():
            if session.description.incarnation == incarnation:
                return session
        return None

    def drop_idle_sessions(self) -> None:
        holding = {step.session_id for step in self._db.steps.values() if step.state in HELD}
        for session_id in list(self._db.sessions):
            if session_id not in holding:
                self.drop_session(session_id)

    def drop_session(self, session_id: str) -> None:
        if session_id in self._db.sessions:
            self._remove(self._db.sessions, session_id)

    def put_session(self, session: SessionRecord) -> None:
        self._put(self._db.sessions, session.session_id, session)

    def is_drained(self, name: str) -> bool:
        return name in self._db.drained

    def is_barred(self, name: str) -> bool:
        return self.is_drained(name) or name in self.fenced_executors()

    def fenced_executors(self) -> frozenset[str]:
        return frozenset(record.name for record in self._db.records.values() if record.fenced)

    def executor_records(self) -> tuple[ExecutorRecord, ...]:
        return tuple(self._db.records[name] for name in sorted(self._db.records))

    def related_records(self, *, job_key: str, source: str) -> tuple[ExecutorRecord, ...]:
        return tuple(
            record
            for record in self.executor_records()
            if any(mark.job_key == job_key or source in mark.sources for mark in record.marks)
        )

    def recorded_executors(self) -> int:
        return len(self._db.records)

    def executor_record(self, name: str) -> ExecutorRecord | None:
        return self._db.records.get(name)

    def put_executor_record(self, record: ExecutorRecord) -> None:
        self._put(self._db.records, record.name, record)

    def drop_executor_record(self, name: str) -> None:
        self._remove(self._db.records, name)

    def note_executor(
        self, *, kind: str, before: str, after: str, data: Mapping[str, object], actor: str, now: datetime
    ) -> None:
        draft = EventDraft(kind=kind, clip_index=None, before=before, after=after, data=data)
        self._append("", (draft,), actor=actor, now=now)

    def mark_stale(self, lease: LeaseRecord, *, kind: str) -> bool:
        known = self._db.attempts[lease.lease_id].stale
        self._attempt(lease, stale=known | {kind})
        return kind not in known

    def current_epoch(self, lease: LeaseRecord) -> int:
        place = (lease.job_key, lease.clip_index, lease.kind)
        tries = self._db.attempts.values()
        return max(it.epoch for it in tries if (it.job_key, it.clip_index, it.kind) == place)

    def note_clip(
        self, job_key: str, *, clip_index: int, kind: str, data: Mapping[str, object], actor: str, now: datetime
    ) -> None:
        state = self._db.clips[job_key, clip_index].clip.state
        draft = EventDraft(kind=kind, clip_index=clip_index, before=state, after=state, data=data)
        self._append(job_key, (draft,), actor=actor, now=now)

    def drained_executors(self) -> tuple[DrainedExecutor, ...]:
        return tuple(self._db.drained[name] for name in sorted(self._db.drained))

    def drain_executor(self, executor: DrainedExecutor) -> None:
        self._insert(self._db.drained, executor.name, executor)

    def undrain_executor(self, name: str) -> None:
        self._remove(self._db.drained, name)
