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
    C.STAGED: {E.START: C.PUBLISHING, E.FAIL: C.FAILED, E.REQUEUE: C.QUEUED, E.SKIP: C.SKIPPED},
    C.PUBLISHING: {
        E.COMPLETE: C.COMPLETED,
        E.RETURN: C.STAGED,
        E.FAIL: C.FAILED,
        E.INTERRUPT: C.INTERRUPTED,
        E.SKIP: C.SKIPPED,
    },
    C.INTERRUPTED: {E.ADOPT: C.COMPLETED, E.DELIVER: C.STAGED, E.REQUEUE: C.QUEUED, E.SKIP: C.SKIPPED},
    C.COMPLETED: {},
    C.FAILED: {E.REQUEUE: C.QUEUED, E.SKIP: C.SKIPPED},
    C.SKIPPED: {E.REQUEUE: C.QUEUED},
}

J, K = JobState, JobEventKind
ENDS = {K.FINISH_COMPLETED: J.COMPLETED, K.FINISH_PARTIAL: J.PARTIAL, K.FINISH_FAILED: J.FAILED}
LEGAL_JOB_MOVES = {
    J.PENDING: {
        K.ADMIT: J.RUNNING,
        K.REJECT: J.REJECTED,
        K.CANCEL: J.CANCELLED,
        K.REBIND: J.PENDING,
        K.REBOUND: J.PENDING,
        K.RESCHEDULE: J.PENDING,
        K.FINISH_PARTIAL: J.PARTIAL,
        K.FINISH_FAILED: J.FAILED,
    },
    J.RUNNING: {
        K.PAUSE: J.PAUSED,
        K.CANCEL: J.CANCELLING,
        K.RECOVER: J.RECOVERY_REQUIRED,
        K.RESCHEDULE: J.RUNNING,
        **ENDS,
    },
    J.PAUSED: {
        K.RESUME: J.RUNNING,
        K.CANCEL: J.CANCELLING,
        K.RECOVER: J.RECOVERY_REQUIRED,
        K.RESCHEDULE: J.PAUSED,
        **ENDS,
    },
    J.CANCELLING: {
        K.CANCEL: J.CANCELLING,
        K.RECOVER: J.RECOVERY_REQUIRED,
        K.RESCHEDULE: J.CANCELLING,
        K.FINISH_CANCELLED: J.CANCELLED,
        K.FINISH_COMPLETED: J.COMPLETED,
    },
    J.RECOVERY_REQUIRED: {
        K.RESUME: J.RUNNING,
        K.CANCEL: J.CANCELLING,
        K.REBIND: J.RECOVERY_REQUIRED,
        K.REBOUND: J.PENDING,
        K.RESCHEDULE: J.RECOVERY_REQUIRED,
        K.FINISH_COMPLETED: J.COMPLETED,
        K.FINISH_PARTIAL: J.PARTIAL,
    },
    J.COMPLETED: {},
    J.PARTIAL: {K.RETRY: J.PENDING},
    J.FAILED: {K.RETRY: J.PENDING},
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


def test_each_state_allows_its_verbs() -> None:
    assert {state: allowed_verbs(state=state) for state in JobState} == {
        J.PENDING: ("start", "cancel", "rebind"),
        J.RUNNING: ("pause", "cancel"),
        J.PAUSED: ("resume", "cancel"),
        J.CANCELLING: ("cancel",),
        J.RECOVERY_REQUIRED: ("resume", "cancel", "rebind"),
        J.COMPLETED: (),
        J.PARTIAL: ("retry",),
        J.FAILED: ("retry",),
        J.CANCELLED: (),
        J.REJECTED: (),
    }


def test_every_state_that_is_not_terminal_has_a_way_on() -> None:
    ends = {state for state in JobState if state.terminal}
    for state in set(JobState) - ends:
        reached = {state}
        while more := {after for before in reached for after in LEGAL_JOB_MOVES[before].values()} - reached:
            reached |= more
        assert reached & ends
