"""Which queued steps an executor gets, and what their leases carry. Runs inside write transactions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from proxx.core.leases import ExecutorDescription, Lease
from proxx.core.steps import DeliverWork, EncodeWork, PublishWork, StepKind, SweepWork
from proxx_scheduler.app.actors import executor_actor
from proxx_scheduler.app.errors import AcquireConsumedError, SessionUnknownError
from proxx_scheduler.app.inspecting import inspect_work
from proxx_scheduler.app.ports import Clock, Ids, Tx
from proxx_scheduler.app.records import ClipOutputs, LeaseGranted, LeaseRecord, QueuedStep, SessionRecord
from proxx_scheduler.app.submitting import Submitting
from proxx_scheduler.app.taking import take_steps
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.ordering import Account
from proxx_scheduler.domain.probing import LOOKS
from proxx_scheduler.domain.records import StopReason
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
        self, tx: Tx, *, session_id: str, acquire_sequence: int, max_grants: int, max_probes: int = 0
    ) -> tuple[tuple[LeaseRecord, Lease], ...] | None:
        """Grant up to `max_grants` leases, or return those that the same call was granted before. None when the
        executor is drained or fenced: it gets nothing new.

        An executor with room to probe gets up to `max_probes` PROBEs, and `max_grants` of the others.

        Raises:
            SessionUnknownError, AcquireConsumedError.
        """
        session = tx.session(session_id)
        if session is None or not session.open:
            raise SessionUnknownError(session_id=session_id)
        tx.identity = session.identity
        if acquire_sequence < session.acquire_sequence:
            raise AcquireConsumedError(newest=session.acquire_sequence)
        if acquire_sequence == session.acquire_sequence:
            again = tx.granted_by(session_id=session_id, acquire_sequence=acquire_sequence)
            if not again:
                raise AcquireConsumedError(newest=session.acquire_sequence)
            return self._leases(tx, again)
        room = {Account.PROBES: max_probes, Account.SLOTS: max_grants}
        if session.draining or tx.is_barred(session.description.name):
            return None
        granted: list[LeaseRecord] = []
        for account, limit in room.items():
            granted += self._grant_all(
                tx, session=session, acquire_sequence=acquire_sequence, account=account, limit=limit
            )
        if granted:
            tx.put_session(replace(session, acquire_sequence=acquire_sequence, last_seen_time=self._clock.now()))
        return self._leases(tx, granted)

    def _grant_all(
        self, tx: Tx, *, session: SessionRecord, acquire_sequence: int, account: Account, limit: int
    ) -> list[LeaseRecord]:
        granted: list[LeaseRecord] = []
        while len(granted) < limit:
            # where the site has limits, each grant may be the one that reaches some
            size = 1 if self._rules.bounded else limit - len(granted)
            steps = next_steps(
                tx, description=session.description, rules=self._rules, limit=size, account=account
            )  # fmt: skip
            if not steps:
                break
            granted += [self._grant(tx, step=step, session=session, sequence=acquire_sequence) for step in steps]
        return granted

    def _grant(self, tx: Tx, *, step: QueuedStep, session: SessionRecord, sequence: int) -> LeaseRecord:
        now = self._clock.now()
        lease_id = self._ids.new_key()
        epoch = tx.grant(step, lease_id=lease_id, session=session, acquire_sequence=sequence, now=now)
        cancelled = False
        board = tx.board(step.job_key) if step.kind not in LOOKS else None
        if board is not None:
            board.granted(step.clip_index)
            cancelled = step.kind is StepKind.ENCODE and board.clips[step.clip_index].stopping is not StopReason.NONE
            actor = executor_actor(session.description.name)
            tx.save(board, actor=actor, now=now, new_step_id=self._ids.new_step_id)
        record = LeaseRecord(
            lease_id=lease_id, step_id=step.step_id, epoch=epoch, job_key=step.job_key, clip_index=step.clip_index,
            last_clip=step.last_clip, kind=step.kind, session_id=session.session_id, live=True, started=False,
            outcome="GRANTED", answer=None, cancelled=cancelled, acquire_sequence=sequence,
        )  # fmt: skip
        tx.effects.append(LeaseGranted(record=record))
        return record

    def _leases(self, tx: Tx, records: Sequence[LeaseRecord]) -> tuple[tuple[LeaseRecord, Lease], ...]:
        """Return the leases with their work, what is known of a job asked once."""
        encodes: dict[str, list[int]] = {}
        for record in records:
            if record.kind is StepKind.ENCODE:
                encodes.setdefault(record.job_key, []).append(record.clip_index)
        works = {key: tx.encode_works(key, clips=clips) for key, clips in encodes.items()}
        job_ids = {key: tx.document(key).job_id for key in {record.job_key for record in records}}
        return tuple((record, self._lease(tx, record, job_ids[record.job_key], works)) for record in records)

    def _lease(self, tx: Tx, record: LeaseRecord, job_id: str, works: Mapping[str, Mapping[int, EncodeWork]]) -> Lease:
        job_key, index = record.job_key, record.clip_index
        lease = Lease(
            lease_id=record.lease_id,
            step_id=record.step_id,
            epoch=record.epoch,
            kind=record.kind,
            job_key=job_key,
            job_id=job_id,
            clip_index=index,
        )
        if record.kind is StepKind.PROBE:
            work = self._submitting.probe_work(tx, job_key=job_key, first=index, last=record.last_clip)
            return replace(lease, probe=work)
        if record.kind is StepKind.INSPECT:
            (clip,) = tx.stored_clips(job_key, first=index, last=index)
            return replace(lease, inspect=inspect_work(clip))
        if record.kind is StepKind.ENCODE:
            return replace(lease, encode=works[job_key][index])
        outputs = tx.clip_outputs(job_key, clip_index=index)
        prepared = outputs.prepared
        if record.kind is StepKind.SWEEP:
            return replace(lease, sweep=_sweep(tx, record, outputs))
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


def _sweep(tx: Tx, record: LeaseRecord, outputs: ClipOutputs) -> SweepWork:
    """What a SWEEP removes, and which finished file it may deliver instead."""
    deliver, board = None, tx.board(record.job_key)
    if board is not None and board.delivers(record.clip_index) and not outputs.refused:
        facts = tx.encode_facts(record.job_key, clip_index=record.clip_index)
        deliver = DeliverWork(plan_digest=facts.plan.digest, source=facts.identity)
    before = outputs.before(step_id=record.step_id, epoch=record.epoch)
    return SweepWork(
        staged=tuple(attempt.staged for attempt in before),
        output=outputs.output,
        expected_sha256="" if outputs.prepared is None else outputs.prepared.sha256,
        replaces=outputs.replaces,
        deliver=deliver,
    )


def next_steps(
    tx: Tx, *, description: ExecutorDescription, rules: Rules, limit: int, account: Account = Account.SLOTS
) -> Sequence[QueuedStep]:
    """Take the next steps that an executor can run out of their lanes and charge their queues: PROBEs, or the others.

    What the executor cannot run hides nothing and costs nothing: lanes are found by what their steps need. Limits of
    the site are those that hold before the first of them.
    """
    runs = _runner(description)
    here = [item for item in tx.waiting_needs() if item.account(probe_slots=description.probe_slots) is account]
    needs = [item for item in here if runs(item)]
    if not needs:
        return ()
    scarce = _exhausted(tx, rules) if rules.resources else frozenset()
    needs = [item for item in needs if scarce.isdisjoint(item.resources)]
    full = full_queues(held=tx.held_in_queues(rules.limits), rules=rules) if rules.limits else frozenset()
    return take_steps(tx, needs=needs, rules=rules, without=full, limit=limit, account=account)


def _exhausted(tx: Tx, rules: Rules) -> frozenset[str]:
    return exhausted(taken=(hold.resource for hold in tx.resource_holds()), rules=rules)


def can_run(*, needs: Needs, description: ExecutorDescription) -> bool:
    """Whether an executor mounts every root of a step, plans as it was planned, is of its engine and has its codec."""
    return _runner(description)(needs)


def _runner(description: ExecutorDescription) -> Callable[[Needs], bool]:
    """Return what tells whether an executor mounts every root of a step, plans as it was planned, is of its engine and
    has its codec.
    """
    return partial(
        Needs.met_by,
        engine=description.engine,
        roots=frozenset(description.roots),
        planner_version=description.planner_version,
        codecs=frozenset(description.codecs),
        name=description.name,
    )
