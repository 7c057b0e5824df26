"""What executors report, applied to jobs. Runs inside write transactions; every late report is refused by its lease.

What is refused is recorded (stale_reports.py); what failed is held against its executor (fencing.py).
"""

from collections.abc import Collection, Sequence

from proxx.core.failure import Failure, FailureKind
from proxx.core.jobs import ClipState
from proxx.core.judge import judge
from proxx.core.leases import LeaseOutcome, LeaseRelease, ReportStatus
from proxx.core.steps import Delivered, PrepareAnswer, PreparedOutput, Published, ReplacedFile, StepKind, SweepReport
from proxx_scheduler.app.actors import executor_name
from proxx_scheduler.app.delivering import check_delivered, has_warnings
from proxx_scheduler.app.errors import JobNotFoundError, LeaseSupersededError, VerdictFailedError
from proxx_scheduler.app.fencing import Fencing
from proxx_scheduler.app.moving import next_needs
from proxx_scheduler.app.ports import Clock, Ids, Tx
from proxx_scheduler.app.records import DELIVERY_REFUSED, UNAVAILABLE, ClipOutputs, LeaseRecord
from proxx_scheduler.app.stale_reports import (
    MESSAGE_LIMIT,
    ReportKind,
    StaleReports,
    kind_of,
    said_by_outcome,
    said_by_release,
)
from proxx_scheduler.app.submitting import Submitting
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.doubt import FinalPath
from proxx_scheduler.domain.losing import loss_facts, why_given_up
from proxx_scheduler.domain.probing import LOOKS

RECORDED_OUTCOMES = frozenset({"DONE", "PUBLISHED", "FAILED", "RETURNED", "STAGED", DELIVERY_REFUSED, UNAVAILABLE})
"""How an attempt ended by its own executor's word: the same report again is answered as before."""


class Reporting:
    """Applies reports."""

    def __init__(self, *, submitting: Submitting, fencing: Fencing, clock: Clock, ids: Ids) -> None:
        """Take what decisions need."""
        self.stale = StaleReports(clock=clock)
        self._submitting = submitting
        self._fencing = fencing
        self._clock = clock
        self._ids = ids

    def start(self, tx: Tx, *, lease_id: str, epoch: int, actor: str) -> bool:
        """Pass the start barrier. Returns False when the lease is not valid any more."""
        lease = tx.lease(lease_id)
        if lease is None or not lease.live or lease.epoch != epoch:
            return False
        if lease.started:
            return True
        tx.start_attempt(lease, now=self._clock.now())
        if lease.kind not in LOOKS:
            board = _board(tx, lease)
            board.started(lease.clip_index)
            self._save(tx, board, actor)
        return True

    def refused_start(self, tx: Tx, *, lease_id: str, epoch: int, actor: str) -> bool:
        """Record a start that was refused. Returns whether it was stale, not only a repeat that came late."""
        lease = tx.lease(lease_id)
        if lease is not None and lease.epoch == epoch and not lease.live and lease.outcome in RECORDED_OUTCOMES:
            return False
        self.stale.record(tx, lease_id=lease_id, epoch=epoch, kind=ReportKind.START, said={}, actor=actor)
        return True

    def prepare(
        self, tx: Tx, *, session_id: str, lease_id: str, epoch: int, output: PreparedOutput, actor: str
    ) -> PrepareAnswer:
        """Decide about a verified staged file; the same call again gets the same answer.

        Raises:
            LeaseSupersededError: the lease is not valid any more.
            VerdictFailedError: the measured facts do not pass; the scheduler judges by itself.
        """
        lease = tx.lease(lease_id)
        if lease is None or not _owned(lease, session_id, epoch) or lease.kind is not StepKind.ENCODE:
            raise LeaseSupersededError(lease_id=lease_id, epoch=epoch)
        if lease.answer is not None and (lease.live or lease.outcome in RECORDED_OUTCOMES):
            return lease.answer
        if not lease.live or not lease.started:
            raise LeaseSupersededError(lease_id=lease_id, epoch=epoch)
        plan = tx.plan_of(lease)
        verdict = judge(plan=plan, measured=output.measured)
        if not verdict.passed:
            raise VerdictFailedError(checks=tuple(check.name for check in verdict.failures()))
        board = _board(tx, lease)
        warned = has_warnings(plan, verdict, output.verdict)
        facts = {"sha256": output.sha256, "size_bytes": output.size_bytes, "staged": output.staged.path}
        answer = board.prepared(lease.clip_index, has_warnings=warned, facts=facts)
        tx.set_prepared(lease, output=output, answer=answer)
        if answer is PrepareAnswer.STAGED:
            tx.end_attempt(lease, outcome="STAGED", now=self._clock.now())
            self._fencing.finished(tx, name=_name(actor), lease=lease)
        self._save(tx, board, actor)
        return answer

    def complete(
        self,
        tx: Tx,
        *,
        session_id: str,
        outcomes: Sequence[LeaseOutcome],
        actor: str,
        alive: Collection[str] = frozenset(),
    ) -> tuple[ReportStatus, ...]:
        """Record how leases ended. A report for a lease that is not valid any more changes nothing.

        `alive` are the incarnations of executors that call or are about to: what one of them has no working engine for,
        another may do.
        """
        tx.read_ahead([outcome.lease_id for outcome in outcomes])
        probed: set[str] = set()
        statuses = tuple(self._complete(tx, session_id, outcome, actor, alive, probed) for outcome in outcomes)
        for job_key in sorted(probed):
            self._submitting.decide_if_probed(tx, job_key=job_key)
        return statuses

    def _complete(
        self, tx: Tx, session_id: str, outcome: LeaseOutcome, actor: str, alive: Collection[str], probed: set[str]
    ) -> ReportStatus:
        lease = tx.lease(outcome.lease_id)
        if lease is None or not _valid(tx, lease, session_id, outcome):
            kind, said = kind_of(outcome), said_by_outcome(outcome)
            self.stale.record(
                tx, lease_id=outcome.lease_id, epoch=outcome.epoch, kind=kind, said=said, actor=actor
            )  # fmt: skip
            return ReportStatus.STALE
        if not lease.live:
            return ReportStatus.RECORDED
        if outcome.failure is not None and self._gave_to_another(tx, lease, outcome.failure, actor, alive):
            return ReportStatus.RECORDED
        if lease.kind in LOOKS:
            self._looked(tx, lease, outcome, actor)
            probed.add(lease.job_key)
            return ReportStatus.RECORDED
        self._end(tx, lease, outcome, actor)
        return ReportStatus.RECORDED

    def _looked(self, tx: Tx, lease: LeaseRecord, outcome: LeaseOutcome, actor: str) -> None:
        """Take the outcome of a PROBE or INSPECT."""
        if outcome.failure is not None:
            self._fencing.failed(tx, name=_name(actor), lease=lease, kind=outcome.failure.kind)
        if lease.kind is StepKind.PROBE:
            self._submitting.probed(tx, lease=lease, outcome=outcome.failure or outcome.probe or _no_outcome())
        else:
            self._submitting.inspected(tx, lease=lease, outcome=outcome.failure or outcome.inspect or _no_outcome())

    def _gave_to_another(
        self, tx: Tx, lease: LeaseRecord, failure: Failure, actor: str, alive: Collection[str]
    ) -> bool:
        """Queue a step again for another executor if this one's engine was unavailable and there is another."""
        needs = next_needs(tx, lease=lease, failure=failure.kind, name=_name(actor), alive=alive)
        if needs is None:
            return False
        self._fencing.failed(tx, name=_name(actor), lease=lease, kind=failure.kind)
        tx.set_step_needs(lease, needs=needs)
        tx.end_attempt(lease, outcome=UNAVAILABLE, now=self._clock.now())
        why = f"{failure.kind}: {failure.message[:MESSAGE_LIMIT]}"
        if lease.kind is StepKind.ENCODE:
            board = _board(tx, lease)
            board.returned(lease.clip_index, why=why)
            self._save(tx, board, actor)
            return True
        data = {"why": why, "tried": list(needs.avoid)}
        tx.note_clip(
            lease.job_key, clip_index=lease.clip_index, kind="clip.inspect_returned", data=data, actor=actor,
            now=self._clock.now(),
        )  # fmt: skip
        tx.requeue_step(lease)
        return True

    def _end(self, tx: Tx, lease: LeaseRecord, outcome: LeaseOutcome, actor: str) -> None:
        board = _board(tx, lease)
        if outcome.failure is not None:
            self._fail(tx, board, lease, outcome, actor)
        elif lease.kind is StepKind.SWEEP:
            self._swept(tx, board, lease, outcome.sweep, actor)
        elif outcome.published is not None:
            replaced = outcome.published.replaced
            self._set_aside(tx, lease, replaced)
            board.published(lease.clip_index, facts=_aside_facts(replaced))
            tx.end_attempt(lease, outcome="PUBLISHED", now=self._clock.now())
            self._fencing.finished(tx, name=_name(actor), lease=lease)
        else:
            self._fail(tx, board, lease, outcome, actor)
        self._save(tx, board, actor)

    def release(self, tx: Tx, *, session_id: str, release: LeaseRelease, actor: str) -> ReportStatus:
        """Take a lease back whose work had no effect."""
        lease = tx.lease(release.lease_id)
        if lease is None or not _owned(lease, session_id, release.epoch) or _over(lease):
            kind, said = ReportKind.RELEASE, said_by_release(release)
            self.stale.record(
                tx, lease_id=release.lease_id, epoch=release.epoch, kind=kind, said=said, actor=actor
            )  # fmt: skip
            return ReportStatus.STALE
        if not lease.live:
            return ReportStatus.RECORDED
        tx.end_attempt(lease, outcome="RETURNED", now=self._clock.now())
        if lease.kind in LOOKS:
            tx.requeue_step(lease)
        else:
            board = _board(tx, lease)
            board.returned(lease.clip_index, why=release.reason)
            self._save(tx, board, actor)
        return ReportStatus.RECORDED

    def lose(self, tx: Tx, *, lease_id: str, why: str) -> None:
        """A lease was not renewed in time, or its executor is gone."""
        lease = tx.lease(lease_id)
        if lease is None or not lease.live:
            return
        tx.end_attempt(lease, outcome="LOST", now=self._clock.now())
        session = tx.session(lease.session_id)
        if lease.started and session is not None:
            self._fencing.lost(tx, session=session, lease=lease)
        losses = tx.losses(lease) if lease.kind in LOOKS | {StepKind.SWEEP} else 0
        if lease.kind in LOOKS:
            self._lose_look(tx, lease, why, losses)
            return
        board = _board(tx, lease)
        board.lost(lease.clip_index, why=why, losses=losses)
        self._save(tx, board, "scheduler")

    def _lose_look(self, tx: Tx, lease: LeaseRecord, why: str, losses: int) -> None:
        probe = lease.kind is StepKind.PROBE
        data: dict[str, object] = {"last": lease.last_clip} if probe else {}
        data |= loss_facts(why=why, losses=losses)
        tx.note_clip(
            lease.job_key,
            clip_index=lease.clip_index,
            kind="clip.probe_lost" if probe else "clip.inspect_lost",
            data=data,
            actor="scheduler",
            now=self._clock.now(),
        )
        given_up = why_given_up(losses=losses)
        if not given_up:
            tx.requeue_step(lease)
            return
        failure = Failure(kind=FailureKind.EXECUTOR_LOST, message=given_up)
        if probe:
            self._submitting.probed(tx, lease=lease, outcome=failure, ended="LOST")
        else:
            self._submitting.inspected(tx, lease=lease, outcome=failure, ended="LOST")
        self._submitting.decide_if_probed(tx, job_key=lease.job_key)

    def _fail(self, tx: Tx, board: Board, lease: LeaseRecord, outcome: LeaseOutcome, actor: str) -> None:
        failure = outcome.failure or _no_outcome()
        tx.set_failed(
            lease,
            failure=failure,
            execution=outcome.execution,
            measured=outcome.measured,
            verdict=outcome.verdict,
        )
        if outcome.replaced is not None:
            self._set_aside(tx, lease, outcome.replaced)
        self._fail_with(tx, board, lease, failure, actor)

    def _set_aside(self, tx: Tx, lease: LeaseRecord, replaced: ReplacedFile | None) -> None:
        tx.set_replaced(lease.job_key, clip_index=lease.clip_index, replaced=replaced)

    def _fail_with(self, tx: Tx, board: Board, lease: LeaseRecord, failure: Failure, actor: str) -> None:
        self._fencing.failed(tx, name=_name(actor), lease=lease, kind=failure.kind)
        board.failed(lease.clip_index, kind=failure.kind, message=failure.message)
        tx.end_attempt(lease, outcome="FAILED", now=self._clock.now())

    def _swept(self, tx: Tx, board: Board, lease: LeaseRecord, report: SweepReport | None, actor: str) -> None:
        if report is None:
            self._fail_with(tx, board, lease, _no_outcome(), actor)
            return
        outputs = tx.clip_outputs(lease.job_key, clip_index=lease.clip_index)
        prepared = outputs.prepared
        if outputs.replaces is not None:
            self._set_aside(tx, lease, report.replaced)
        facts = _aside_facts(report.replaced, restored=report.restored)
        if not report.output_exists:
            found = FinalPath.ABSENT
        elif prepared is not None and report.output_sha256 == prepared.sha256:
            found = FinalPath.SAME
            tx.set_adopted(lease.job_key, clip_index=lease.clip_index)
        elif report.output_unreplaced and outputs.replaces is not None:
            found = FinalPath.UNREPLACED
        else:
            found = FinalPath.FOREIGN
        doubtful = board.clips[lease.clip_index].state is ClipState.INTERRUPTED
        if report.delivered is not None and doubtful and found in (FinalPath.ABSENT, FinalPath.UNREPLACED):
            self._deliver(tx, board, lease, outputs, report.delivered, {"final_path": found, **facts})
            return
        board.swept(lease.clip_index, found=found, facts=facts)
        tx.end_attempt(lease, outcome="DONE", now=self._clock.now())

    def _deliver(
        self,
        tx: Tx,
        board: Board,
        lease: LeaseRecord,
        outputs: ClipOutputs,
        delivered: Delivered,
        facts: dict[str, object],
    ) -> None:
        result = check_delivered(tx, lease=lease, outputs=outputs, delivered=delivered)
        if isinstance(result, str):
            board.delivery_refused(lease.clip_index, facts={**facts, "why": result})
            tx.end_attempt(lease, outcome=DELIVERY_REFUSED, now=self._clock.now())
            return
        board.delivered(lease.clip_index, has_warnings=result.has_warnings, facts={**facts, **result.facts})
        tx.set_delivered(lease, output=result.output)
        tx.end_attempt(lease, outcome="DONE", now=self._clock.now())

    def _save(self, tx: Tx, board: Board, actor: str) -> None:
        tx.save(board, actor=actor, now=self._clock.now(), new_step_id=self._ids.new_step_id)


def _owned(lease: LeaseRecord, session_id: str, epoch: int) -> bool:
    """Whether a report names the right epoch, and does not come from a session that never held a live lease."""
    return lease.epoch == epoch and (not lease.live or lease.session_id == session_id)


def _over(lease: LeaseRecord) -> bool:
    """Whether somebody else than its own executor ended an attempt."""
    return not lease.live and lease.outcome not in RECORDED_OUTCOMES


def _valid(tx: Tx, lease: LeaseRecord, session_id: str, outcome: LeaseOutcome) -> bool:
    """Whether an outcome is that of the live attempt, or the repeat of one that was recorded."""
    if not _owned(lease, session_id, outcome.epoch) or _over(lease):
        return False
    claims = lease.live and lease.kind not in LOOKS and outcome.failure is None
    return not claims or outcome.published is None or _allowed(tx, lease, outcome.published)


def _name(actor: str) -> str:
    return executor_name(actor) or actor


def _allowed(tx: Tx, lease: LeaseRecord, published: Published) -> bool:
    """Whether a file may count as published: started, allowed by Prepare, and the very file that was prepared."""
    if lease.kind is StepKind.ENCODE and lease.answer is not PrepareAnswer.PUBLISH:
        return False
    return lease.started and tx.prepared_sha256(lease) == published.sha256


def _board(tx: Tx, lease: LeaseRecord) -> Board:
    board = tx.board(lease.job_key)
    if board is None:
        raise JobNotFoundError(job_key=lease.job_key)
    return board


def _aside_facts(replaced: ReplacedFile | None, *, restored: bool = False) -> dict[str, object]:
    """Return what an event says of a file that was moved aside; nothing when none was."""
    facts: dict[str, object] = {} if replaced is None else {"replaced": replaced}
    return facts | {"restored": True} if restored else facts


def _no_outcome() -> Failure:
    return Failure(kind=FailureKind.EXECUTOR_ERROR, message="The executor reported no outcome for its lease")
