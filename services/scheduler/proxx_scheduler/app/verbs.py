"""The operators' verbs: each is one decision on one job, idempotent by request_id, guarded by the revision seen."""

from collections.abc import Callable

from proxx.core.canonical import digest
from proxx.core.jobs import JobState, JobView
from proxx_scheduler.app.errors import (
    JobNotFoundError,
    RequestInvalidError,
    RequestReusedError,
    RevisionMismatchError,
    VerbNotAllowedError,
)
from proxx_scheduler.app.ports import Clock, Ids, Tx
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.transitions import IllegalTransitionError


class Verbs:
    """Runs verbs. Every method runs inside one write transaction."""

    def __init__(self, *, clock: Clock, ids: Ids) -> None:
        """Take time and ids."""
        self._clock = clock
        self._ids = ids

    def run(
        self,
        tx: Tx,
        *,
        verb: str,
        decide: Callable[[Board], None],
        job_key: str,
        request_id: str,
        expected_revision: int,
        actor: str,
    ) -> JobView:
        """Apply `decide` to the job.

        Raises:
            JobNotFoundError, RequestInvalidError, RequestReusedError, RevisionMismatchError, VerbNotAllowedError.
        """
        if not 1 <= len(request_id) <= 128:
            raise RequestInvalidError(field="request_id", message="1 to 128 characters are needed")
        body = digest({"verb": verb, "job_key": job_key, "expected_revision": expected_revision})
        known = tx.request(request_id)
        if known is not None:
            if known[0] != body:
                raise RequestReusedError(request_id=request_id, stored=known[0], received=body)
            return self._view(tx, job_key)
        board = tx.board(job_key)
        if board is None:
            raise JobNotFoundError(job_key=job_key)
        if expected_revision and expected_revision != board.job.revision:
            raise RevisionMismatchError(expected=expected_revision, actual=board.job.revision)
        try:
            decide(board)
        except IllegalTransitionError as error:
            # the table knows states only: PENDING allows start, and only a held job is there to be started
            allowed = tuple(name for name in error.allowed if name != "start" or board.job.hold)
            raise VerbNotAllowedError(state=error.state, verb=verb, allowed=allowed) from error
        tx.add_request(request_id=request_id, body_digest=body, job_key=job_key)
        tx.save(board, actor=actor, now=self._clock.now(), new_step_id=self._ids.new_step_id)
        if board.job.state is JobState.CANCELLED:
            tx.close_probes(job_key)
        return self._view(tx, job_key)

    def _view(self, tx: Tx, job_key: str) -> JobView:
        view = tx.job_view(job_key)
        if view is None:
            raise JobNotFoundError(job_key=job_key)
        return view
