"""Steps, attempts and sessions."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Row, and_, bindparam, func, insert, select, update
from sqlalchemy.sql import Select

from proxx.core.facts import SourceIdentity
from proxx.core.jobs import JobState
from proxx.core.leases import ExecutorDescription
from proxx.core.plain import from_plain
from proxx.core.plan import Plan
from proxx.core.roots import RootPath
from proxx.core.staging import staged_path
from proxx.core.steps import EncodeWork, PrepareAnswer, PreparedOutput, StepKind
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
from proxx_scheduler.domain.fencing import ExecutorRecord, Mark
from proxx_scheduler.domain.records import StepState, StopReason
from proxx_scheduler.storage import step_statements as statements
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import IN_LIMIT, dump, load, load_list, load_object, time_text, time_value
from proxx_scheduler.storage.lane_rows import LaneRows
from proxx_scheduler.storage.plan_documents import plan_document

HELD = and_(t.steps.c.lease_id.is_not(None), t.steps.c.state.in_([StepState.LEASED, StepState.RUNNING]))
"""A step that an executor holds. The first half is the condition of the index of such steps."""


class StepRows(LaneRows):
    """The part of a transaction that stores steps, attempts and sessions."""

    def open_probes(self, job_key: str) -> int:
        return int(self.connection.execute(statements.OPEN_PROBES, {"b_job": job_key}).scalar_one())

    def grant(
        self, step: QueuedStep, *, lease_id: str, session: SessionRecord, acquire_sequence: int, now: datetime
    ) -> int:
        epoch = step.epoch + 1
        executor = session.description
        lease = {"b_lease": lease_id, "b_session": session.session_id, "b_acquire": acquire_sequence}
        self._later(statements.LEASE_STEP, step.step_id, {"b_step": step.step_id, "b_epoch": epoch, **lease})
        attempt = {
            "step_id": step.step_id, "epoch": epoch, "lease_id": lease_id, "job_key": step.job_key,
            "clip_index": step.clip_index, "kind": step.kind, "executor": executor.name,
            "incarnation": executor.incarnation, "grant_time": time_text(now), "outcome": "GRANTED",
        }  # fmt: skip
        self._later(statements.ADD_ATTEMPT, lease_id, attempt)
        if step.kind is StepKind.ENCODE:
            self._clip_later(step.job_key, step.clip_index, epoch=epoch, executor=executor.name)
        return epoch

    def granted_by(self, *, session_id: str, acquire_sequence: int) -> tuple[LeaseRecord, ...]:
        query = _lease_query().where(
            HELD,
            t.steps.c.session_id == session_id,
            t.steps.c.acquire_sequence == acquire_sequence,
            t.steps.c.lease_id == t.attempts.c.lease_id,
        )
        return tuple(_lease(row) for row in self.connection.execute(query))

    def lease(self, lease_id: str) -> LeaseRecord | None:
        row: Any = self._known.get(lease_id)
        if row is None:
            row = self.connection.execute(_LEASE, {"b_lease": lease_id}).first()
        return None if row is None else _lease(row)

    def read_ahead(self, lease_ids: Collection[str], *, plans: bool = False) -> None:
        wanted = sorted(set(lease_ids))
        for start in range(0, len(wanted), IN_LIMIT):
            chunk = {"b_leases": wanted[start : start + IN_LIMIT]}
            rows: Iterable[Any] = self.connection.execute(_LEASES_AND_PLANS if plans else _LEASES, chunk)
            for row in rows:
                at = (row.job_key, row.clip_index)
                self._known.pop(self._known_at.get(at, ""), None)
                self._known[row.lease_id] = row
                self._known_at[at] = row.lease_id

    def plan_of(self, lease: LeaseRecord) -> Plan:
        row: Any = self._known.get(lease.lease_id)
        text = getattr(row, "plan_json", None)
        if text is None:
            place = {"b_job": lease.job_key, "b_clips": [lease.clip_index]}
            text = self.connection.execute(statements.ENCODES, place).one().plan_json
        return plan_document(text).plan

    def prepared_sha256(self, lease: LeaseRecord) -> str | None:
        row: Any = self._known.get(lease.lease_id)
        if row is not None and lease.kind is StepKind.ENCODE:
            return None if row.sha256 is None else str(row.sha256)
        prepared = self.clip_outputs(lease.job_key, clip_index=lease.clip_index).prepared
        return None if prepared is None else prepared.sha256

    def live_leases(self) -> tuple[LeaseRecord, ...]:
        query = _lease_query().add_columns(t.steps.c.sequence)
        rows = self.connection.execute(query.where(HELD, t.steps.c.lease_id == t.attempts.c.lease_id)).all()
        # sorted here: to give them in order, SQLite would go through every step there ever was
        return tuple(_lease(row) for row in sorted(rows, key=lambda row: row.sequence))

    def start_attempt(self, lease: LeaseRecord, *, now: datetime) -> None:
        self._forget_leases(lease.job_key, (lease.clip_index,))
        self._later(statements.RUN_STEP, lease.step_id, {"b_step": lease.step_id})
        started = {"b_lease": lease.lease_id, "b_time": time_text(now)}
        self._later(statements.START_ATTEMPT, lease.lease_id, started)
        if lease.kind is StepKind.ENCODE:
            self._clip_later(lease.job_key, lease.clip_index, start_time=time_text(now))

    def end_attempt(self, lease: LeaseRecord, *, outcome: str, now: datetime) -> None:
        self._forget_leases(lease.job_key, (lease.clip_index,))
        ended = {"b_lease": lease.lease_id, "b_time": time_text(now), "b_outcome": outcome}
        self._later(statements.END_ATTEMPT, lease.lease_id, ended)

    def losses(self, lease: LeaseRecord) -> int:
        a = t.attempts.c
        lost = (a.step_id == lease.step_id, a.outcome == "LOST", a.start_time.is_not(None))
        return int(self.connection.execute(select(func.count()).select_from(t.attempts).where(*lost)).scalar_one())

    def setbacks(self, lease: LeaseRecord) -> int:
        a = t.attempts.c
        found = (a.step_id == lease.step_id, a.outcome == UNAVAILABLE)
        return int(self.connection.execute(select(func.count()).select_from(t.attempts).where(*found)).scalar_one())

    def finish_step(self, lease: LeaseRecord) -> None:
        self._forget_leases(lease.job_key, (lease.clip_index,))
        ended = {"b_step": lease.step_id, "b_lease": lease.lease_id}
        self._later(statements.FINISH_STEP, lease.step_id, ended)
        self.effects.append(LeaseEnded(lease_id=lease.lease_id))

    def requeue_step(self, lease: LeaseRecord) -> None:
        self.connection.execute(
            update(t.steps)
            .where(t.steps.c.step_id == lease.step_id, t.steps.c.lease_id == lease.lease_id)
            .values(state=StepState.QUEUED, lease_id=None, session_id=None)
        )
        self.effects.append(LeaseEnded(lease_id=lease.lease_id))
        job = self.connection.execute(
            select(t.jobs.c.state, t.jobs.c.queue, t.jobs.c.priority).where(t.jobs.c.job_key == lease.job_key)
        ).one()
        only = t.steps.c.step_id == lease.step_id
        self._line_up(lease.job_key, state=JobState(job.state), queue=job.queue, priority=job.priority, only=only)
        self.effects.append(WorkQueued())

    def encode_facts(self, job_key: str, *, clip_index: int) -> EncodeFacts:
        row = self.connection.execute(
            select(t.clips.c.plan_json, t.clips.c.replaces_json).where(
                t.clips.c.job_key == job_key, t.clips.c.clip_index == clip_index
            )
        ).one()
        document = plan_document(row.plan_json)
        return EncodeFacts(
            inputs=document.inputs,
            plan=document.plan,
            identity=document.identity,
            replaces=load(SourceIdentity, row.replaces_json),
        )

    def encode_works(self, job_key: str, *, clips: Collection[int]) -> Mapping[int, EncodeWork]:
        found = {}
        wanted = sorted(clips)
        for start in range(0, len(wanted), IN_LIMIT):
            place = {"b_job": job_key, "b_clips": wanted[start : start + IN_LIMIT]}
            rows: Iterable[Any] = self.connection.execute(statements.ENCODES, place)
            for row in rows:
                document = plan_document(row.plan_json)
                found[row.clip_index] = EncodeWork(
                    inputs=document.inputs,
                    plan_digest=row.plan_digest,
                    planner_version=row.planner_version,
                    identity=document.identity,
                    replaces=load(SourceIdentity, row.replaces_json),
                )
        return found

    def clip_outputs(self, job_key: str, *, clip_index: int) -> ClipOutputs:
        clip = self.connection.execute(
            select(
                t.clips.c.output_root,
                t.clips.c.output_relative,
                t.clips.c.prepared_json,
                t.clips.c.replaces_json,
                t.jobs.c.job_id,
            )
            .join(t.jobs, t.jobs.c.job_key == t.clips.c.job_key)
            .where(t.clips.c.job_key == job_key, t.clips.c.clip_index == clip_index)
        ).one()
        output = RootPath(root=clip.output_root, path=clip.output_relative)
        a = t.attempts.c
        rows = self.connection.execute(
            select(a.step_id, a.epoch, a.kind, a.incarnation, a.executor, a.outcome, a.sha256)
            .join(t.steps, t.steps.c.step_id == a.step_id)
            .where(
                a.job_key == job_key, a.clip_index == clip_index, a.kind.in_([StepKind.ENCODE, StepKind.SWEEP])
            )
            .order_by(t.steps.c.sequence, a.epoch)
        )  # fmt: skip
        attempts = tuple(
            StagingAttempt(
                staged=staged_path(
                    output=output, job_id=clip.job_id, clip_index=clip_index, step_id=row.step_id, epoch=row.epoch,
                    incarnation=row.incarnation,
                ),
                kind=StepKind(row.kind), step_id=row.step_id, epoch=row.epoch, incarnation=row.incarnation,
                executor=row.executor, outcome=row.outcome, sha256=row.sha256 or "",
            )
            for row in rows
        )  # fmt: skip
        return ClipOutputs(
            output=output,
            prepared=load(PreparedOutput, clip.prepared_json),
            attempts=attempts,
            replaces=load(SourceIdentity, clip.replaces_json),
        )

    def session(self, session_id: str) -> SessionRecord | None:
        return self._session(statements.SESSION, session_id)

    def session_of(self, incarnation: str) -> SessionRecord | None:
        return self._session(statements.SESSION_OF, incarnation)

    def _session(self, statement: Executable, key: str) -> SessionRecord | None:
        row: Any = self.connection.execute(statement, {"b_key": key}).first()
        return None if row is None else _session_record(row)

    def sessions(self) -> tuple[SessionRecord, ...]:
        rows: Iterable[Any] = self.connection.execute(select(t.sessions).order_by(t.sessions.c.session_id))
        return tuple(_session_record(row) for row in rows)

    def drop_idle_sessions(self) -> None:
        held = select(t.steps.c.session_id).where(HELD)
        idle = t.sessions.c.session_id.not_in(held.where(t.steps.c.session_id.is_not(None)))
        self.connection.execute(t.sessions.delete().where(idle))

    def drop_session(self, session_id: str) -> None:
        self.connection.execute(t.sessions.delete().where(t.sessions.c.session_id == session_id))

    def drained_executors(self) -> tuple[DrainedExecutor, ...]:
        rows = self.connection.execute(select(t.drained_executors).order_by(t.drained_executors.c.name))
        return tuple(
            DrainedExecutor(name=row.name, actor=row.actor, drain_time=datetime.fromisoformat(row.drain_time))
            for row in rows
        )

    def drain_executor(self, executor: DrainedExecutor) -> None:
        self.connection.execute(
            insert(t.drained_executors).values(
                name=executor.name, actor=executor.actor, drain_time=time_text(executor.drain_time)
            )
        )

    def undrain_executor(self, name: str) -> None:
        self.connection.execute(t.drained_executors.delete().where(t.drained_executors.c.name == name))

    def is_drained(self, name: str) -> bool:
        d = t.drained_executors.c
        return self.connection.execute(select(d.name).where(d.name == name)).first() is not None

    def is_barred(self, name: str) -> bool:
        return self.connection.execute(statements.BARRED, {"b_name": name}).first() is not None

    def executor_records(self) -> tuple[ExecutorRecord, ...]:
        rows = self.connection.execute(select(t.executor_records).order_by(t.executor_records.c.name))
        return tuple(_executor_record(row) for row in rows)

    def related_records(self, *, job_key: str, source: str) -> tuple[ExecutorRecord, ...]:
        rows = self.connection.execute(select(t.executor_records).order_by(t.executor_records.c.name))
        # to search the texts here takes a tenth of what the database takes, and few of them are read as marks
        found = (row for row in rows if job_key in row.failures_json or source in row.failures_json)
        return tuple(_executor_record(row) for row in found)

    def recorded_executors(self) -> int:
        query = select(func.count()).select_from(t.executor_records)
        return int(self.connection.execute(query).scalar_one())

    def executor_record(self, name: str) -> ExecutorRecord | None:
        query = select(t.executor_records).where(t.executor_records.c.name == name)
        row = self.direct.execute(query).first()
        return None if row is None else _executor_record(row)

    def fenced_executors(self) -> frozenset[str]:
        r = t.executor_records.c
        return frozenset(self.connection.execute(select(r.name).where(r.fence_time.is_not(None))).scalars())

    def drop_executor_record(self, name: str) -> None:
        self.connection.execute(t.executor_records.delete().where(t.executor_records.c.name == name))

    def put_executor_record(self, record: ExecutorRecord) -> None:
        values = {
            "failures_json": dump(record.marks),
            "fence_reason": record.fence_reason,
            "fence_time": None if record.fence_time is None else time_text(record.fence_time),
        }
        known = update(t.executor_records).where(t.executor_records.c.name == record.name).values(values)
        if self.connection.execute(known).rowcount == 0:
            self.connection.execute(insert(t.executor_records).values(name=record.name, **values))

    def put_session(self, session: SessionRecord) -> None:
        values = {
            "b_session": session.session_id,
            "b_incarnation": session.description.incarnation,
            "b_description_json": dump(session.description),
            "b_acquire_sequence": session.acquire_sequence,
            "b_draining": session.draining,
            "b_open": session.open,
            "b_last_seen_time": time_text(session.last_seen_time),
            "b_identity": session.identity,
        }
        if self.connection.execute(statements.SAVE_SESSION, values).rowcount == 0:
            self.connection.execute(statements.ADD_SESSION, values)


def _session_record(row: Row[Any]) -> SessionRecord:
    return SessionRecord(
        session_id=row.session_id,
        description=from_plain(ExecutorDescription, load_object(row.description_json)),
        acquire_sequence=row.acquire_sequence,
        draining=row.draining,
        open=row.open,
        last_seen_time=datetime.fromisoformat(row.last_seen_time),
        identity=row.identity,
    )


def _executor_record(row: Row[Any]) -> ExecutorRecord:
    return ExecutorRecord(
        name=row.name,
        marks=_marks(row.failures_json),
        fence_reason=row.fence_reason,
        fence_time=time_value(row.fence_time),
    )


@lru_cache(maxsize=1024)
def _marks(text: str) -> tuple[Mark, ...]:
    """Read marks. Most texts are read again and again: when many executors fail, each failure looks at all of them."""
    return load_list(Mark, text)


def _lease_query() -> Select[tuple[object, ...]]:
    a, s, c = t.attempts.c, t.steps.c, t.clips.c
    query = select(
        a.lease_id, a.step_id, a.epoch, a.job_key, a.clip_index, s.last_clip, a.kind, s.session_id,
        (s.lease_id == a.lease_id).label("live"), a.start_time, a.outcome, a.answer, c.stopping, s.acquire_sequence,
    )  # fmt: skip
    return query.join(t.steps, s.step_id == a.step_id).join(
        t.clips, and_(c.job_key == a.job_key, c.clip_index == a.clip_index)
    )


def _lease(row: Row[tuple[object, ...]]) -> LeaseRecord:
    return LeaseRecord(
        lease_id=row.lease_id, step_id=row.step_id, epoch=row.epoch, job_key=row.job_key, clip_index=row.clip_index,
        last_clip=row.last_clip, kind=StepKind(row.kind), session_id=row.session_id or "", live=bool(row.live),
        started=row.start_time is not None, outcome=row.outcome,
        answer=None if row.answer is None else PrepareAnswer(row.answer),
        cancelled=row.kind == StepKind.ENCODE and row.stopping != StopReason.NONE,
        acquire_sequence=row.acquire_sequence or 0,
    )  # fmt: skip


_LEASE = _lease_query().where(t.attempts.c.lease_id == bindparam("b_lease"))
_LEASES = (
    _lease_query()
    .add_columns(t.attempts.c.sha256)
    .where(t.attempts.c.lease_id.in_(bindparam("b_leases", expanding=True)))
)
_LEASES_AND_PLANS = _LEASES.add_columns(t.clips.c.plan_json)
