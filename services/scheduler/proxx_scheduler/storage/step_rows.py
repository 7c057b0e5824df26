"""Steps, attempts and sessions."""

from datetime import datetime

from sqlalchemy import Row, and_, func, insert, select, update
from sqlalchemy.sql import Select

from proxx.core.facts import SourceIdentity
from proxx.core.jobs import JobState
from proxx.core.leases import ExecutorDescription
from proxx.core.plain import from_plain
from proxx.core.plan import Plan, PlanInputs
from proxx.core.roots import RootPath
from proxx.core.staging import staged_path
from proxx.core.steps import PrepareAnswer, PreparedOutput, StepKind
from proxx_scheduler.app.records import (
    ClipOutputs,
    DrainedExecutor,
    EncodeFacts,
    LeaseEnded,
    LeaseRecord,
    QueuedStep,
    SessionRecord,
    WorkQueued,
)
from proxx_scheduler.domain.records import StepState, StopReason
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import dump, load, load_object, time_text
from proxx_scheduler.storage.lane_rows import LaneRows

HELD = and_(t.steps.c.lease_id.is_not(None), t.steps.c.state.in_([StepState.LEASED, StepState.RUNNING]))
"""A step that an executor holds. The first half is the condition of the index of such steps."""


class StepRows(LaneRows):
    """The part of a transaction that stores steps, attempts and sessions."""

    def open_probes(self, job_key: str) -> int:
        query = (
            select(func.count())
            .select_from(t.steps)
            .where(
                t.steps.c.job_key == job_key,
                t.steps.c.kind == StepKind.PROBE,
                t.steps.c.state != StepState.DONE,
            )
        )
        return int(self.connection.execute(query).scalar_one())

    def grant(
        self, step: QueuedStep, *, lease_id: str, session: SessionRecord, acquire_sequence: int, now: datetime
    ) -> int:
        epoch = step.epoch + 1
        self.connection.execute(
            update(t.steps)
            .where(t.steps.c.step_id == step.step_id)
            .values(
                state=StepState.LEASED,
                epoch=epoch,
                lease_id=lease_id,
                session_id=session.session_id,
                acquire_sequence=acquire_sequence,
                lane=None,
            )
        )
        self.connection.execute(
            insert(t.attempts).values(
                step_id=step.step_id, epoch=epoch, lease_id=lease_id, job_key=step.job_key,
                clip_index=step.clip_index, kind=step.kind, executor=session.description.name,
                incarnation=session.description.incarnation, grant_time=time_text(now), outcome="GRANTED",
            )
        )  # fmt: skip
        if step.kind is StepKind.ENCODE:
            self.connection.execute(
                update(t.clips)
                .where(t.clips.c.job_key == step.job_key, t.clips.c.clip_index == step.clip_index)
                .values(epoch=epoch, executor=session.description.name)
            )
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
        row = self.connection.execute(_lease_query().where(t.attempts.c.lease_id == lease_id)).first()
        return None if row is None else _lease(row)

    def live_leases(self) -> tuple[LeaseRecord, ...]:
        query = _lease_query().add_columns(t.steps.c.sequence)
        rows = self.connection.execute(query.where(HELD, t.steps.c.lease_id == t.attempts.c.lease_id)).all()
        # sorted here: to give them in order, SQLite would go through every step there ever was
        return tuple(_lease(row) for row in sorted(rows, key=lambda row: row.sequence))

    def start_attempt(self, lease: LeaseRecord, *, now: datetime) -> None:
        self.connection.execute(
            update(t.steps).where(t.steps.c.step_id == lease.step_id).values(state=StepState.RUNNING)
        )
        self._update_attempt(lease, start_time=time_text(now), outcome="STARTED")
        if lease.kind is StepKind.ENCODE:
            self.connection.execute(
                update(t.clips)
                .where(t.clips.c.job_key == lease.job_key, t.clips.c.clip_index == lease.clip_index)
                .values(start_time=time_text(now))
            )

    def end_attempt(self, lease: LeaseRecord, *, outcome: str, now: datetime) -> None:
        self._update_attempt(lease, end_time=time_text(now), outcome=outcome)

    def _update_attempt(self, lease: LeaseRecord, **values: object) -> None:
        self.connection.execute(update(t.attempts).where(t.attempts.c.lease_id == lease.lease_id).values(values))

    def finish_step(self, lease: LeaseRecord) -> None:
        self._end_step(lease, state=StepState.DONE)

    def requeue_step(self, lease: LeaseRecord) -> None:
        self._end_step(lease, state=StepState.QUEUED)
        job = self.connection.execute(
            select(t.jobs.c.state, t.jobs.c.queue, t.jobs.c.priority).where(t.jobs.c.job_key == lease.job_key)
        ).one()
        self._line_up(lease.job_key, state=JobState(job.state), queue=job.queue, priority=job.priority)
        self.effects.append(WorkQueued())

    def _end_step(self, lease: LeaseRecord, *, state: StepState) -> None:
        self.connection.execute(
            update(t.steps)
            .where(t.steps.c.step_id == lease.step_id, t.steps.c.lease_id == lease.lease_id)
            .values(state=state, lease_id=None, session_id=None)
        )
        self.effects.append(LeaseEnded(lease_id=lease.lease_id))

    def encode_facts(self, job_key: str, *, clip_index: int) -> EncodeFacts:
        row = self.connection.execute(
            select(t.clips.c.plan_json, t.clips.c.replaces_json).where(
                t.clips.c.job_key == job_key, t.clips.c.clip_index == clip_index
            )
        ).one()
        document = load_object(row.plan_json)
        return EncodeFacts(
            inputs=from_plain(PlanInputs, document["inputs"]),
            plan=from_plain(Plan, document["plan"]),
            identity=from_plain(SourceIdentity, document["identity"]),
            replaces=load(SourceIdentity, row.replaces_json),
        )

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
        attempts = self.connection.execute(
            select(t.attempts.c.step_id, t.attempts.c.epoch, t.attempts.c.incarnation)
            .where(
                t.attempts.c.job_key == job_key,
                t.attempts.c.clip_index == clip_index,
                t.attempts.c.kind == StepKind.ENCODE,
            )
            .order_by(t.attempts.c.step_id, t.attempts.c.epoch)
        )
        staged = tuple(
            staged_path(
                output=output,
                job_id=clip.job_id,
                clip_index=clip_index,
                step_id=row.step_id,
                epoch=row.epoch,
                incarnation=row.incarnation,
            )
            for row in attempts
        )
        return ClipOutputs(
            output=output,
            prepared=load(PreparedOutput, clip.prepared_json),
            staged=staged,
            replaces=load(SourceIdentity, clip.replaces_json),
        )

    def session(self, session_id: str) -> SessionRecord | None:
        return self._session(t.sessions.c.session_id == session_id)

    def session_of(self, incarnation: str) -> SessionRecord | None:
        return self._session(t.sessions.c.incarnation == incarnation)

    def _session(self, condition: object) -> SessionRecord | None:
        row = self.connection.execute(select(t.sessions).where(condition)).first()  # type: ignore[arg-type]  # a column expression
        if row is None:
            return None
        return SessionRecord(
            session_id=row.session_id,
            description=from_plain(ExecutorDescription, load_object(row.description_json)),
            acquire_sequence=row.acquire_sequence,
            draining=row.draining,
            open=row.open,
            last_seen_time=datetime.fromisoformat(row.last_seen_time),
        )

    def close_idle_sessions(self) -> None:
        held = select(t.steps.c.session_id).where(HELD)
        idle = t.sessions.c.session_id.not_in(held.where(t.steps.c.session_id.is_not(None)))
        self.connection.execute(update(t.sessions).where(t.sessions.c.open, idle).values(open=False))

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

    def put_session(self, session: SessionRecord) -> None:
        values = {
            "incarnation": session.description.incarnation,
            "description_json": dump(session.description),
            "acquire_sequence": session.acquire_sequence,
            "draining": session.draining,
            "open": session.open,
            "last_seen_time": time_text(session.last_seen_time),
        }
        known = update(t.sessions).where(t.sessions.c.session_id == session.session_id).values(values)
        if self.connection.execute(known).rowcount == 0:
            self.connection.execute(insert(t.sessions).values(session_id=session.session_id, **values))


def _lease_query() -> Select[tuple[object, ...]]:
    a, s, c = t.attempts.c, t.steps.c, t.clips.c
    query = select(
        a.lease_id, a.step_id, a.epoch, a.job_key, a.clip_index, s.last_clip, a.kind, s.session_id,
        (s.lease_id == a.lease_id).label("live"), a.start_time, a.outcome, a.answer, c.stopping,
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
    )  # fmt: skip
