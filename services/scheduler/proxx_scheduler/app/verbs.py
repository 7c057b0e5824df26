"""The operators' verbs: each is one decision on one job, idempotent by request_id, guarded by the revision seen."""

from proxx.core.canonical import digest
from proxx.core.jobs import JobState, JobView
from proxx.core.verbs import Verb, VerbPlan
from proxx_scheduler.app.errors import (
    JobNotFoundError,
    RequestInvalidError,
    RequestReusedError,
    RevisionMismatchError,
    VerbNotAllowedError,
)
from proxx_scheduler.app.intake import PRIORITY_LIMIT, QUEUE_LIMIT
from proxx_scheduler.app.ports import Clock, Ids, Tx
from proxx_scheduler.app.verb_call import VerbCall
from proxx_scheduler.app.verb_warnings import verb_warnings
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.foresight import counted, fates
from proxx_scheduler.domain.records import CancelMode
from proxx_scheduler.domain.transitions import IllegalTransitionError

PRESET_LABEL = "proxx.preset"
"""The label by which a job says that a preset made it (docs/PRESETS.md)."""
REQUEST_ID_LIMIT = 128
RANGE_LIMIT = 1000
"""Most ranges of one plan: far below the limit of a message."""


class Verbs:
    """Runs and plans verbs. Every method runs inside one transaction."""

    def __init__(self, *, clock: Clock, ids: Ids) -> None:
        """Take time and ids."""
        self._clock = clock
        self._ids = ids

    def answered(
        self, tx: Tx, *, call: VerbCall, job_key: str, request_id: str, expected_revision: int
    ) -> JobView | None:
        """Return the job when this very call was answered before.

        Raises:
            RequestInvalidError: the request_id is empty or too long.
            RequestReusedError: it was used with another body.
        """
        check_request_id(request_id)
        known = tx.request(request_id)
        if known is None:
            return None
        body = _digest(call, job_key, expected_revision)
        if known[0] != body:
            raise RequestReusedError(request_id=request_id, stored=known[0], received=body)
        return _view(tx, job_key)

    def run(
        self, tx: Tx, *, call: VerbCall, job_key: str, request_id: str, expected_revision: int, actor: str
    ) -> JobView:
        """Do what was asked of the job.

        Raises:
            JobNotFoundError, RequestInvalidError, RequestReusedError, RevisionMismatchError, VerbNotAllowedError.
        """
        before = self.answered(
            tx, call=call, job_key=job_key, request_id=request_id, expected_revision=expected_revision
        )
        if before is not None:
            return before
        board = self._board(tx, job_key)
        if expected_revision and expected_revision != board.job.revision:
            raise RevisionMismatchError(job_key=job_key, expected=expected_revision, actual=board.job.revision)
        _decide(tx, board, call)
        body = _digest(call, job_key, expected_revision)
        tx.add_request(request_id=request_id, body_digest=body, job_key=job_key)
        if call.revision is not None:
            tx.add_revision(job_key, revision=call.revision, actor=actor, now=self._clock.now())
        tx.save(board, actor=actor, now=self._clock.now(), new_step_id=self._ids.new_step_id)
        if board.job.state is JobState.CANCELLED:
            tx.close_probes(job_key)
        return _view(tx, job_key)

    def plan(self, tx: Tx, *, call: VerbCall, job_key: str) -> VerbPlan:
        """Return what the verb would do: decided by the same board, stored nowhere.

        Raises:
            JobNotFoundError, RequestInvalidError, VerbNotAllowedError.
        """
        board = self._board(tx, job_key)
        before, opened, stored = board.job, dict(board.clips), tx.clip_ranges(job_key)
        _decide(tx, board, call)
        ranges = fates(stored=stored, opened=opened, board=board)
        return VerbPlan(
            job_key=job_key,
            verb=call.verb,
            revision=before.revision,
            state_before=before.state,
            state_after=board.job.state,
            run_number=board.job.run_number,
            counts=counted(ranges),
            ranges=ranges[:RANGE_LIMIT],
            ranges_cut=len(ranges) > RANGE_LIMIT,
            warnings=verb_warnings(verb=call.verb, before=before, opened=opened.values(), board=board),
        )

    def _board(self, tx: Tx, job_key: str) -> Board:
        board = tx.board(job_key)
        if board is None:
            raise JobNotFoundError(job_key=job_key)
        return board


def check_request_id(request_id: str) -> None:
    """Refuse a request_id that cannot be kept.

    Raises:
        RequestInvalidError: it is empty, too long, or holds a control character.
    """
    if not 1 <= len(request_id) <= REQUEST_ID_LIMIT:
        raise RequestInvalidError(field="request_id", message=f"1 to {REQUEST_ID_LIMIT} characters are needed")
    if not request_id.isprintable():
        raise RequestInvalidError(field="request_id", message="no control characters are allowed")


def why_no_rebind(tx: Tx, board: Board) -> str:
    """Return why the spec of a job as it stands cannot be rebound; empty when it can."""
    job = board.job
    if PRESET_LABEL not in tx.document(job.job_key).options.labels:
        return "no preset made the job"
    if job.completed:
        return f"{job.completed} of its clips are published"
    if job.state is JobState.PENDING and not job.hold:
        return "it is not held"
    if job.cancel is not CancelMode.NONE:
        return "it is being cancelled"
    return ""


def _decide(tx: Tx, board: Board, call: VerbCall) -> None:
    why = why_no_rebind(tx, board) if call.verb is Verb.REBIND else ""
    try:
        if why:
            board.refuse(call.word)
        _apply(tx, board, call)
    except IllegalTransitionError as error:
        raise VerbNotAllowedError(
            job_key=board.job.job_key,
            state=error.state,
            verb=call.word,
            allowed=tuple(name for name in error.allowed if _is_open(tx, board, name)),
            why=why,
        ) from error


def _apply(tx: Tx, board: Board, call: VerbCall) -> None:
    match call.verb:
        case Verb.START:
            board.start()
        case Verb.PAUSE:
            board.pause()
        case Verb.RESUME:
            board.resume()
        case Verb.CANCEL | Verb.CANCEL_NOW:
            board.cancel(now=call.verb is Verb.CANCEL_NOW)
        case Verb.RETRY:
            board.retry(clips=tx.clip_ranges(board.job.job_key))
        case Verb.REBIND:
            if call.revision is None:
                raise RequestInvalidError(field="body", message="spec or spec_json is needed")
            board.rebind(digest=call.revision.spec_digest)
        case Verb.RESCHEDULE:
            _check_place(call)
            board.reschedule(priority=call.priority, queue=call.queue)


def _check_place(call: VerbCall) -> None:
    if call.priority is None and call.queue is None:
        raise RequestInvalidError(field="priority", message="priority or queue is needed")
    if call.priority is not None and not -PRIORITY_LIMIT <= call.priority <= PRIORITY_LIMIT:
        rule = f"it must lie between -{PRIORITY_LIMIT} and {PRIORITY_LIMIT}, got {call.priority}"
        raise RequestInvalidError(field="priority", message=rule)
    if call.queue is not None and not (1 <= len(call.queue) <= QUEUE_LIMIT and call.queue.isprintable()):
        rule = f"1 to {QUEUE_LIMIT} characters are needed, and no control character"
        raise RequestInvalidError(field="queue", message=rule)


def _is_open(tx: Tx, board: Board, verb: str) -> bool:
    """Whether a verb that the table allows in a state is open to this very job."""
    if verb == "start":
        return board.job.hold
    return verb != "rebind" or not why_no_rebind(tx, board)


def _digest(call: VerbCall, job_key: str, expected_revision: int) -> str:
    return digest({"verb": call.word, "job_key": job_key, "expected_revision": expected_revision, **call.body})


def _view(tx: Tx, job_key: str) -> JobView:
    view = tx.job_view(job_key)
    if view is None:
        raise JobNotFoundError(job_key=job_key)
    return view
