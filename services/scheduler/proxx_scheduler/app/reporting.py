"""What executors report, applied to jobs. Runs inside write transactions; every late report is refused by its lease."""

from proxx.core.failure import Failure, FailureKind
from proxx.core.judge import judge
from proxx.core.leases import LeaseOutcome, LeaseRelease, ReportStatus
from proxx.core.steps import PrepareAnswer, PreparedOutput, Published, ReplacedFile, StepKind, SweepReport
from proxx.core.verdict import CheckLevel
from proxx_scheduler.app.errors import JobNotFoundError, LeaseSupersededError, VerdictFailedError
from proxx_scheduler.app.ports import Clock, Ids, Tx
from proxx_scheduler.app.records import LeaseRecord
from proxx_scheduler.app.submitting import Submitting
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.doubt import FinalPath

RECORDED_OUTCOMES = frozenset({"DONE", "PUBLISHED", "FAILED", "RETURNED", "STAGED"})
"""How an attempt ended by its own executor's word: the same report again is answered as before."""


class Reporting:
    """Applies reports."""

    def __init__(self, *, submitting: Submitting, clock: Clock, ids: Ids) -> None:
        """Take what decisions need."""
        self._submitting = submitting
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
        if lease.kind is not StepKind.PROBE:
            board = _board(tx, lease)
            board.started(lease.clip_index)
            self._save(tx, board, actor)
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
        plan = tx.encode_facts(lease.job_key, clip_index=lease.clip_index).plan
        verdict = judge(plan=plan, measured=output.measured)
        if not verdict.passed:
            raise VerdictFailedError(checks=tuple(check.name for check in verdict.failures()))
        board = _board(tx, lease)
        warned = bool(plan.warnings) or any(check.level is CheckLevel.WARN for check in verdict.checks)
        facts = {"sha256": output.sha256, "size_bytes": output.size_bytes, "staged": output.staged.path}
        answer = board.prepared(lease.clip_index, has_warnings=warned, facts=facts)
        tx.set_prepared(lease, output=output, answer=answer)
        if answer is PrepareAnswer.STAGED:
            tx.end_attempt(lease, outcome="STAGED", now=self._clock.now())
        self._save(tx, board, actor)
        return answer

    def complete(self, tx: Tx, *, session_id: str, outcome: LeaseOutcome, actor: str) -> ReportStatus:
        """Record how a lease ended. A report for a lease that is not valid any more changes nothing."""
        lease = tx.lease(outcome.lease_id)
        if lease is None or not _owned(lease, session_id, outcome.epoch):
            return ReportStatus.STALE
        if not lease.live:
            return ReportStatus.RECORDED if lease.outcome in RECORDED_OUTCOMES else ReportStatus.STALE
        if lease.kind is StepKind.PROBE:
            self._submitting.probed(tx, lease=lease, outcome=outcome.failure or outcome.probe or _no_outcome())
            return ReportStatus.RECORDED
        if outcome.failure is None and outcome.published is not None and not _allowed(tx, lease, outcome.published):
            return ReportStatus.STALE
        board = _board(tx, lease)
        if outcome.failure is not None:
            self._fail(tx, board, lease, outcome)
        elif lease.kind is StepKind.SWEEP:
            self._swept(tx, board, lease, outcome.sweep)
        elif outcome.published is not None:
            replaced = outcome.published.replaced
            self._set_aside(tx, lease, replaced)
            board.published(lease.clip_index, facts=_aside_facts(replaced))
            tx.end_attempt(lease, outcome="PUBLISHED", now=self._clock.now())
        else:
            self._fail(tx, board, lease, outcome)
        self._save(tx, board, actor)
        return ReportStatus.RECORDED

    def release(self, tx: Tx, *, session_id: str, release: LeaseRelease, actor: str) -> ReportStatus:
        """Take a lease back whose work had no effect."""
        lease = tx.lease(release.lease_id)
        if lease is None or not _owned(lease, session_id, release.epoch):
            return ReportStatus.STALE
        if not lease.live:
            return ReportStatus.RECORDED if lease.outcome in RECORDED_OUTCOMES else ReportStatus.STALE
        tx.end_attempt(lease, outcome="RETURNED", now=self._clock.now())
        if lease.kind is StepKind.PROBE:
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
        if lease.kind is StepKind.PROBE:
            tx.requeue_step(lease)
            return
        board = _board(tx, lease)
        board.lost(lease.clip_index, why=why)
        self._save(tx, board, "scheduler")

    def _fail(self, tx: Tx, board: Board, lease: LeaseRecord, outcome: LeaseOutcome) -> None:
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
        self._fail_with(tx, board, lease, failure)

    def _set_aside(self, tx: Tx, lease: LeaseRecord, replaced: ReplacedFile | None) -> None:
        tx.set_replaced(lease.job_key, clip_index=lease.clip_index, replaced=replaced)

    def _fail_with(self, tx: Tx, board: Board, lease: LeaseRecord, failure: Failure) -> None:
        board.failed(lease.clip_index, kind=failure.kind, message=failure.message)
        tx.end_attempt(lease, outcome="FAILED", now=self._clock.now())

    def _swept(self, tx: Tx, board: Board, lease: LeaseRecord, report: SweepReport | None) -> None:
        if report is None:
            self._fail_with(tx, board, lease, _no_outcome())
            return
        outputs = tx.clip_outputs(lease.job_key, clip_index=lease.clip_index)
        prepared = outputs.prepared
        if outputs.replaces is not None:
            self._set_aside(tx, lease, report.replaced)
        if not report.output_exists:
            found = FinalPath.ABSENT
        elif prepared is not None and report.output_sha256 == prepared.sha256:
            found = FinalPath.SAME
            tx.set_adopted(lease.job_key, clip_index=lease.clip_index)
        elif report.output_unreplaced and outputs.replaces is not None:
            found = FinalPath.UNREPLACED
        else:
            found = FinalPath.FOREIGN
        board.swept(lease.clip_index, found=found, facts=_aside_facts(report.replaced, restored=report.restored))
        tx.end_attempt(lease, outcome="DONE", now=self._clock.now())

    def _save(self, tx: Tx, board: Board, actor: str) -> None:
        tx.save(board, actor=actor, now=self._clock.now(), new_step_id=self._ids.new_step_id)


def _owned(lease: LeaseRecord, session_id: str, epoch: int) -> bool:
    """Whether a report names the right epoch, and does not come from a session that never held a live lease."""
    return lease.epoch == epoch and (not lease.live or lease.session_id == session_id)


def _allowed(tx: Tx, lease: LeaseRecord, published: Published) -> bool:
    """Whether a file may count as published: started, allowed by Prepare, and the very file that was prepared."""
    if lease.kind is StepKind.ENCODE and lease.answer is not PrepareAnswer.PUBLISH:
        return False
    prepared = tx.clip_outputs(lease.job_key, clip_index=lease.clip_index).prepared
    return lease.started and prepared is not None and prepared.sha256 == published.sha256


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
