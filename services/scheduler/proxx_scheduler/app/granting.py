"""Which queued steps an executor gets, and what their leases carry. Runs inside write transactions."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice

from proxx.core.detection import Engine
from proxx.core.leases import ExecutorDescription, Lease
from proxx.core.steps import EncodeWork, PublishWork, StepKind, SweepWork
from proxx_scheduler.app.errors import AcquireConsumedError, SessionUnknownError
from proxx_scheduler.app.ports import Clock, Ids, Tx
from proxx_scheduler.app.records import LeaseGranted, LeaseRecord, QueuedStep, SessionRecord
from proxx_scheduler.app.submitting import Submitting

LOOK_AHEAD = 200
"""How many queued steps are looked at in one query."""


class Granting:
    """Grants leases."""

    def __init__(self, *, submitting: Submitting, clock: Clock, ids: Ids) -> None:
        """Take what grants need."""
        self._submitting = submitting
        self._clock = clock
        self._ids = ids

    def acquire(
        self, tx: Tx, *, session_id: str, acquire_sequence: int, max_grants: int
    ) -> tuple[tuple[LeaseRecord, Lease], ...]:
        """Grant up to `max_grants` leases, or return those that the same call was granted before.

        Raises:
            SessionUnknownError, AcquireConsumedError.
        """
        session = tx.session(session_id)
        if session is None or not session.open:
            raise SessionUnknownError(session_id=session_id)
        if acquire_sequence < session.acquire_sequence:
            raise AcquireConsumedError(newest=session.acquire_sequence)
        if acquire_sequence == session.acquire_sequence:
            again = tx.granted_by(session_id=session_id, acquire_sequence=acquire_sequence)
            if not again:
                raise AcquireConsumedError(newest=session.acquire_sequence)
            return tuple((record, self._lease(tx, record)) for record in again)
        if session.draining or max_grants < 1 or tx.is_drained(session.description.name):
            return ()
        granted: list[tuple[LeaseRecord, Lease]] = []
        for step in list(islice(runnable(tx, description=session.description), max_grants)):
            record = self._grant(tx, step=step, session=session, acquire_sequence=acquire_sequence)
            if record is not None:
                granted.append((record, self._lease(tx, record)))
        if granted:
            tx.put_session(replace(session, acquire_sequence=acquire_sequence, last_seen_time=self._clock.now()))
        return tuple(granted)

    def _grant(self, tx: Tx, *, step: QueuedStep, session: SessionRecord, acquire_sequence: int) -> LeaseRecord | None:
        now = self._clock.now()
        lease_id = self._ids.new_key()
        tx.grant(step, lease_id=lease_id, session=session, acquire_sequence=acquire_sequence, now=now)
        if step.kind is not StepKind.PROBE:
            board = tx.board(step.job_key)
            if board is not None:
                board.granted(step.clip_index)
                actor = f"executor:{session.description.name}"
                tx.save(board, actor=actor, now=now, new_step_id=self._ids.new_step_id)
        record = tx.lease(lease_id)
        if record is not None:
            tx.effects.append(LeaseGranted(record=record))
        return record

    def _lease(self, tx: Tx, record: LeaseRecord) -> Lease:
        job_key, index = record.job_key, record.clip_index
        lease = Lease(
            lease_id=record.lease_id,
            step_id=record.step_id,
            epoch=record.epoch,
            kind=record.kind,
            job_key=job_key,
            job_id=tx.document(job_key).job_id,
            clip_index=index,
        )
        if record.kind is StepKind.PROBE:
            work = self._submitting.probe_work(tx, job_key=job_key, first=index, last=record.last_clip)
            return replace(lease, probe=work)
        if record.kind is StepKind.ENCODE:
            facts = tx.encode_facts(job_key, clip_index=index)
            encode = EncodeWork(
                inputs=facts.inputs,
                plan_digest=facts.plan.digest,
                planner_version=facts.plan.planner_version,
                identity=facts.identity,
                replaces=facts.replaces,
            )
            return replace(lease, encode=encode)
        outputs = tx.clip_outputs(job_key, clip_index=index)
        prepared = outputs.prepared
        if record.kind is StepKind.SWEEP:
            expected = "" if prepared is None else prepared.sha256
            sweep = SweepWork(
                staged=outputs.staged, output=outputs.output, expected_sha256=expected, replaces=outputs.replaces
            )
            return replace(lease, sweep=sweep)
        if record.kind is not StepKind.PUBLISH or prepared is None:
            raise ValueError(f"step {record.step_id}: nothing tells how to do a {record.kind}")
        publish = PublishWork(
            staged=prepared.staged,
            output=outputs.output,
            sha256=prepared.sha256,
            size_bytes=prepared.size_bytes,
            replaces=outputs.replaces,
        )
        return replace(lease, publish=publish)


def runnable(tx: Tx, *, description: ExecutorDescription) -> Iterator[QueuedStep]:
    """Yield the queued steps that an executor can run, in order of the queue; what it cannot run hides none of them.

    Nothing may be granted while this is read: it goes through the queue by pages.
    """
    for offset in count(step=LOOK_AHEAD):
        page = tx.queued_steps(limit=LOOK_AHEAD, offset=offset, engine=description.engine)
        yield from (step for step in page if can_run(step=step, description=description))
        if len(page) < LOOK_AHEAD:
            return


def can_run(*, step: QueuedStep, description: ExecutorDescription) -> bool:
    """Whether an executor mounts every root of a step, plans as it was planned, and is of its engine (or `any`)."""
    if not set(step.roots) <= set(description.roots):
        return False
    if step.planner_version not in (None, description.planner_version):
        return False
    return step.engine == "any" or Engine(step.engine) is description.engine
