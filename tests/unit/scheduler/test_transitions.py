"""The state tables, cell by cell."""

import pytest

from proxx.core.jobs import ClipState, JobState
from proxx_scheduler.domain.transitions import (
    ClipEvent,
    IllegalTransitionError,
    JobEventKind,
    allowed_verbs,
    next_clip_state,
    next_job_state,
)

C, E = ClipState, ClipEvent
LEGAL_CLIP_MOVES = {
    C.QUEUED: {E.GRANT: C.LEASED, E.SKIP: C.SKIPPED},
    C.LEASED: {E.START: C.RUNNING, E.RETURN: C.QUEUED, E.FAIL: C.FAILED, E.SKIP: C.SKIPPED},
    C.RUNNING: {
        E.RETURN: C.QUEUED,
        E.STAGE: C.STAGED,
        E.PREPARE: C.PUBLISHING,
        E.FAIL: C.FAILED,
        E.INTERRUPT: C.INTERRUPTED,
        E.SKIP: C.SKIPPED,
    },
    C.STAGED: {E.START: C.PUBLISHING, E.FAIL: C.FAILED, E.SKIP: C.SKIPPED},
    C.PUBLISHING: {
        E.COMPLETE: C.COMPLETED,
        E.RETURN: C.STAGED,
        E.FAIL: C.FAILED,
        E.INTERRUPT: C.INTERRUPTED,
        E.SKIP: C.SKIPPED,
    },
    C.INTERRUPTED: {E.ADOPT: C.COMPLETED, E.REQUEUE: C.QUEUED, E.SKIP: C.SKIPPED},
    C.COMPLETED: {},
    C.FAILED: {E.REQUEUE: C.QUEUED, E.SKIP: C.SKIPPED},
    C.SKIPPED: {E.REQUEUE: C.QUEUED},
}

J, K = JobState, JobEventKind
ENDS = {K.FINISH_COMPLETED: J.COMPLETED, K.FINISH_PARTIAL: J.PARTIAL, K.FINISH_FAILED: J.FAILED}
LEGAL_JOB_MOVES = {
    J.PENDING: {K.ADMIT: J.RUNNING, K.REJECT: J.REJECTED, K.CANCEL: J.CANCELLED},
    J.RUNNING: {K.PAUSE: J.PAUSED, K.CANCEL: J.CANCELLING, K.RECOVER: J.RECOVERY_REQUIRED, **ENDS},
    J.PAUSED: {K.RESUME: J.RUNNING, K.CANCEL: J.CANCELLING, K.RECOVER: J.RECOVERY_REQUIRED, **ENDS},
    J.CANCELLING: {
        K.CANCEL: J.CANCELLING,
        K.RECOVER: J.RECOVERY_REQUIRED,
        K.FINISH_CANCELLED: J.CANCELLED,
        K.FINISH_COMPLETED: J.COMPLETED,
    },
    J.RECOVERY_REQUIRED: {K.RESUME: J.RUNNING, K.CANCEL: J.CANCELLING},
    J.COMPLETED: {},
    J.PARTIAL: {},
    J.FAILED: {},
    J.CANCELLED: {},
    J.REJECTED: {},
}


@pytest.mark.parametrize("event", ClipEvent)
@pytest.mark.parametrize("state", ClipState)
def test_a_clip_moves_only_as_the_table_says(state: ClipState, event: ClipEvent) -> None:
    expected = LEGAL_CLIP_MOVES[state].get(event)
    if expected is not None:
        assert next_clip_state(clip_index=3, state=state, event=event) is expected
        return
    with pytest.raises(IllegalTransitionError) as refused:
        next_clip_state(clip_index=3, state=state, event=event)
    assert refused.value.subject == "clip 3"
    assert refused.value.state == state
    assert set(refused.value.allowed) == {known.value for known in LEGAL_CLIP_MOVES[state]}


@pytest.mark.parametrize("event", JobEventKind)
@pytest.mark.parametrize("state", JobState)
def test_a_job_moves_only_as_the_table_says(state: JobState, event: JobEventKind) -> None:
    expected = LEGAL_JOB_MOVES[state].get(event)
    if expected is not None:
        assert next_job_state(state=state, event=event) is expected
        return
    with pytest.raises(IllegalTransitionError):
        next_job_state(state=state, event=event)


def test_a_terminal_job_allows_no_verb() -> None:
    assert {state: allowed_verbs(state=state) for state in JobState if state.terminal} == {
        J.COMPLETED: (),
        J.PARTIAL: (),
        J.FAILED: (),
        J.CANCELLED: (),
        J.REJECTED: (),
    }


def test_only_resume_and_cancel_leave_recovery_required() -> None:
    assert allowed_verbs(state=J.RECOVERY_REQUIRED) == ("resume", "cancel")
