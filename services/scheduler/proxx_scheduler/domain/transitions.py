"""The state machine as tables. State changes nowhere else than through `next_clip_state` and `next_job_state`."""

from enum import StrEnum

from proxx.core.jobs import ClipState, JobState


class ClipEvent(StrEnum):
    """What can happen to a clip."""

    GRANT = "grant"
    START = "start"
    RETURN = "return"
    STAGE = "stage"
    PREPARE = "prepare"
    COMPLETE = "complete"
    FAIL = "fail"
    INTERRUPT = "interrupt"
    ADOPT = "adopt"
    DELIVER = "deliver"
    REQUEUE = "requeue"
    SKIP = "skip"


class JobEventKind(StrEnum):
    """What can happen to a job."""

    ADMIT = "admit"
    REJECT = "reject"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RECOVER = "recover"
    RETRY = "retry"
    REBIND = "rebind"
    REBOUND = "rebound"
    RESCHEDULE = "reschedule"
    FINISH_COMPLETED = "finish_completed"
    FINISH_PARTIAL = "finish_partial"
    FINISH_FAILED = "finish_failed"
    FINISH_CANCELLED = "finish_cancelled"


class IllegalTransitionError(ValueError):
    """An event came in a state that does not allow it."""

    def __init__(self, *, subject: str, state: str, event: str, allowed: tuple[str, ...]) -> None:
        """Name the subject (`job` or `clip N`), its state, the event and what the state allows."""
        super().__init__(f"{subject} is {state}: {event} is not allowed (allowed: {', '.join(allowed) or 'nothing'})")
        self.subject = subject
        self.state = state
        self.event = event
        self.allowed = allowed


CLIP_TRANSITIONS: dict[tuple[ClipState, ClipEvent], ClipState] = {
    (ClipState.QUEUED, ClipEvent.GRANT): ClipState.LEASED,
    (ClipState.QUEUED, ClipEvent.SKIP): ClipState.SKIPPED,
    (ClipState.LEASED, ClipEvent.START): ClipState.RUNNING,
    (ClipState.LEASED, ClipEvent.RETURN): ClipState.QUEUED,
    (ClipState.LEASED, ClipEvent.FAIL): ClipState.FAILED,
    (ClipState.LEASED, ClipEvent.SKIP): ClipState.SKIPPED,
    (ClipState.RUNNING, ClipEvent.RETURN): ClipState.QUEUED,
    (ClipState.RUNNING, ClipEvent.STAGE): ClipState.STAGED,
    (ClipState.RUNNING, ClipEvent.PREPARE): ClipState.PUBLISHING,
    (ClipState.RUNNING, ClipEvent.FAIL): ClipState.FAILED,
    (ClipState.RUNNING, ClipEvent.INTERRUPT): ClipState.INTERRUPTED,
    (ClipState.RUNNING, ClipEvent.SKIP): ClipState.SKIPPED,
    (ClipState.STAGED, ClipEvent.START): ClipState.PUBLISHING,
    (ClipState.STAGED, ClipEvent.FAIL): ClipState.FAILED,
    (ClipState.STAGED, ClipEvent.REQUEUE): ClipState.QUEUED,
    (ClipState.STAGED, ClipEvent.SKIP): ClipState.SKIPPED,
    (ClipState.PUBLISHING, ClipEvent.COMPLETE): ClipState.COMPLETED,
    (ClipState.PUBLISHING, ClipEvent.RETURN): ClipState.STAGED,
    (ClipState.PUBLISHING, ClipEvent.FAIL): ClipState.FAILED,
    (ClipState.PUBLISHING, ClipEvent.INTERRUPT): ClipState.INTERRUPTED,
    (ClipState.PUBLISHING, ClipEvent.SKIP): ClipState.SKIPPED,
    (ClipState.INTERRUPTED, ClipEvent.ADOPT): ClipState.COMPLETED,
    (ClipState.INTERRUPTED, ClipEvent.DELIVER): ClipState.STAGED,
    (ClipState.INTERRUPTED, ClipEvent.REQUEUE): ClipState.QUEUED,
    (ClipState.INTERRUPTED, ClipEvent.SKIP): ClipState.SKIPPED,
    (ClipState.FAILED, ClipEvent.REQUEUE): ClipState.QUEUED,
    (ClipState.FAILED, ClipEvent.SKIP): ClipState.SKIPPED,
    (ClipState.SKIPPED, ClipEvent.REQUEUE): ClipState.QUEUED,
}
"""Every legal move of a clip. FAILED to SKIPPED is that of a provisional failure after an earlier clip failed.

STAGED to QUEUED is that of a rebind; FAILED and SKIPPED to QUEUED are those of a retry or a rebind.
"""

JOB_TRANSITIONS: dict[tuple[JobState, JobEventKind], JobState] = {
    (JobState.PENDING, JobEventKind.ADMIT): JobState.RUNNING,
    (JobState.PENDING, JobEventKind.REJECT): JobState.REJECTED,
    (JobState.PENDING, JobEventKind.CANCEL): JobState.CANCELLED,
    (JobState.PENDING, JobEventKind.REBIND): JobState.PENDING,
    (JobState.PENDING, JobEventKind.REBOUND): JobState.PENDING,
    (JobState.PENDING, JobEventKind.RESCHEDULE): JobState.PENDING,
    (JobState.PENDING, JobEventKind.FINISH_PARTIAL): JobState.PARTIAL,
    (JobState.PENDING, JobEventKind.FINISH_FAILED): JobState.FAILED,
    (JobState.RUNNING, JobEventKind.PAUSE): JobState.PAUSED,
    (JobState.RUNNING, JobEventKind.CANCEL): JobState.CANCELLING,
    (JobState.RUNNING, JobEventKind.RECOVER): JobState.RECOVERY_REQUIRED,
    (JobState.RUNNING, JobEventKind.RESCHEDULE): JobState.RUNNING,
    (JobState.RUNNING, JobEventKind.FINISH_COMPLETED): JobState.COMPLETED,
    (JobState.RUNNING, JobEventKind.FINISH_PARTIAL): JobState.PARTIAL,
    (JobState.RUNNING, JobEventKind.FINISH_FAILED): JobState.FAILED,
    (JobState.PAUSED, JobEventKind.RESUME): JobState.RUNNING,
    (JobState.PAUSED, JobEventKind.CANCEL): JobState.CANCELLING,
    (JobState.PAUSED, JobEventKind.RECOVER): JobState.RECOVERY_REQUIRED,
    (JobState.PAUSED, JobEventKind.RESCHEDULE): JobState.PAUSED,
    (JobState.PAUSED, JobEventKind.FINISH_COMPLETED): JobState.COMPLETED,
    (JobState.PAUSED, JobEventKind.FINISH_PARTIAL): JobState.PARTIAL,
    (JobState.PAUSED, JobEventKind.FINISH_FAILED): JobState.FAILED,
    (JobState.RECOVERY_REQUIRED, JobEventKind.RESUME): JobState.RUNNING,
    (JobState.RECOVERY_REQUIRED, JobEventKind.CANCEL): JobState.CANCELLING,
    (JobState.RECOVERY_REQUIRED, JobEventKind.REBIND): JobState.RECOVERY_REQUIRED,
    (JobState.RECOVERY_REQUIRED, JobEventKind.REBOUND): JobState.PENDING,
    (JobState.RECOVERY_REQUIRED, JobEventKind.RESCHEDULE): JobState.RECOVERY_REQUIRED,
    (JobState.RECOVERY_REQUIRED, JobEventKind.FINISH_COMPLETED): JobState.COMPLETED,
    (JobState.RECOVERY_REQUIRED, JobEventKind.FINISH_PARTIAL): JobState.PARTIAL,
    (JobState.CANCELLING, JobEventKind.CANCEL): JobState.CANCELLING,
    (JobState.CANCELLING, JobEventKind.RECOVER): JobState.RECOVERY_REQUIRED,
    (JobState.CANCELLING, JobEventKind.FINISH_CANCELLED): JobState.CANCELLED,
    (JobState.CANCELLING, JobEventKind.RESCHEDULE): JobState.CANCELLING,
    (JobState.CANCELLING, JobEventKind.FINISH_COMPLETED): JobState.COMPLETED,
    (JobState.PARTIAL, JobEventKind.RETRY): JobState.PENDING,
    (JobState.FAILED, JobEventKind.RETRY): JobState.PENDING,
}
"""Every legal move of a job. A second cancel (`now`) keeps CANCELLING; a job whose last clip was the head completes.

PENDING ends as PARTIAL or FAILED when a retry is refused; RECOVERY_REQUIRED ends when a rebind finds that the last clip
had been published. CANCELLED is never retried: somebody ended the job.
"""

VERBS = {
    JobEventKind.ADMIT: "start",
    JobEventKind.PAUSE: "pause",
    JobEventKind.RESUME: "resume",
    JobEventKind.CANCEL: "cancel",
    JobEventKind.RETRY: "retry",
    JobEventKind.REBIND: "rebind",
}
"""Which events are operators' verbs, and their names (ADMIT is `start` for a held job).

RESCHEDULE (priority, queue) is not listed: it moves no state, and every state that is not terminal allows it.
"""


def next_clip_state(*, clip_index: int, state: ClipState, event: ClipEvent) -> ClipState:
    """Return the state after `event`.

    Raises:
        IllegalTransitionError: the table has no such move.
    """
    found = CLIP_TRANSITIONS.get((state, event))
    if found is None:
        allowed = tuple(known.value for (before, known) in CLIP_TRANSITIONS if before is state)
        raise IllegalTransitionError(subject=f"clip {clip_index}", state=state, event=event, allowed=allowed)
    return found


def next_job_state(*, state: JobState, event: JobEventKind) -> JobState:
    """Return the state after `event`.

    Raises:
        IllegalTransitionError: the table has no such move.
    """
    found = JOB_TRANSITIONS.get((state, event))
    if found is None:
        raise IllegalTransitionError(subject="job", state=state, event=event, allowed=allowed_verbs(state=state))
    return found


def allowed_verbs(*, state: JobState) -> tuple[str, ...]:
    """Return the operators' verbs that a job in `state` allows, in a fixed order."""
    return tuple(verb for event, verb in VERBS.items() if (state, event) in JOB_TRANSITIONS)
