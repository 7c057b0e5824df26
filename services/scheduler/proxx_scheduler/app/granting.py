"""Which queued steps an executor gets, and what their leases carry. Runs inside write transactions."""

from collections.abc import Sequence
from dataclasses import replace

from proxx.core.leases import ExecutorDescription, Lease
from proxx.core.steps import EncodeWork, PublishWork, StepKind, SweepWork
from proxx_scheduler.app.errors import AcquireConsumedError, SessionUnknownError
from proxx_scheduler.app.ports import Clock, Ids, Tx
from proxx_scheduler.app.records import LeaseGranted, LeaseRecord, QueuedStep, SessionRecord
from proxx_scheduler.app.submitting import Submitting
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.ordering import Lane, charged, first_of
from proxx_scheduler.domain.rules import NO_RULES, Rules, exhausted, full_queues


class Granting:
    """Grants leases."""

    def __init__(self, *, submitting: Submitting, clock: Clock, ids: Ids, rules: Rules = NO_RULES) -> None:
        """Take what grants need; `rules` are the site's own for queues and resources."""
        self._rules = rules
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
        for _ in range(max_grants):
            step = next_step(tx, description=session.description, rules=self._rules)
            if step is None:
                break
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


def next_step(tx: Tx, *, description: ExecutorDescription, rules: Rules) -> QueuedStep | None:
    """Take the next step that an executor can run out of its lane and charge its queue; None when there is none.

    What the executor cannot run hides nothing and costs nothing: lanes are found by what their steps need.
    """
    needs = [item for item in tx.waiting_needs() if can_run(needs=item, description=description)]
    scarce = _exhausted(tx, rules) if rules.resources else frozenset()
    needs = [item for item in needs if scarce.isdisjoint(item.resources)]
    full = full_queues(held=tx.held_in_queues(rules.limits), rules=rules) if rules.limits else frozenset()
    while True:
        lane = first_of(tx.first_lanes(needs=needs, without=full))
        if lane is None:
            return None
        found = tx.lane_steps(lane, limit=2)
        if not found:
            tx.drop_lane(lane)
        elif found[0].place != lane.head:  # what stood before it was closed
            tx.move_lane(replace(lane, head=found[0].place))
        else:
            _take(tx, lane=lane, steps=found, weight=rules.weight(lane.queue))
            return found[0]


def _take(tx: Tx, *, lane: Lane, steps: Sequence[QueuedStep], weight: int) -> None:
    share = charged(tag=lane.tag, virtual_time=tx.virtual_time(lane.priority), cost=steps[0].cost, weight=weight)
    tx.charge(lane, share=share)
    if len(steps) == 1:
        tx.drop_lane(lane)
    else:
        tx.move_lane(replace(lane, head=steps[1].place))


def _exhausted(tx: Tx, rules: Rules) -> frozenset[str]:
    return exhausted(taken=(hold.resource for hold in tx.resource_holds()), rules=rules)


def can_run(*, needs: Needs, description: ExecutorDescription) -> bool:
    """Whether an executor mounts every root of a step, plans as it was planned, and is of its engine."""
    return needs.met_by(
        engine=description.engine,
        roots=frozenset(description.roots),
        planner_version=description.planner_version,
    )
