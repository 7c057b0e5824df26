"""The scheduler's own records of a job and its clips: what decisions are made from, nothing else."""

from dataclasses import dataclass
from enum import StrEnum

from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.steps import StepKind


class StepState(StrEnum):
    """Where a step stands. DONE has no outcome of its own: the clip carries it."""

    QUEUED = "QUEUED"
    LEASED = "LEASED"
    RUNNING = "RUNNING"
    DONE = "DONE"


class StopReason(StrEnum):
    """Why a clip is not to be made. The words are contract: they stand in results.

    REBOUND never does: such a clip is stopped only to be made by another revision of the spec.
    """

    NONE = ""
    FAIL_FAST = "fail_fast"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    REBOUND = "rebound"


class Hold(StrEnum):
    """Why a clip waits for an operator, where a lost executor alone does not say it.

    LOST_AGAIN: it was lost after every requeue that its submission allows.
    """

    NONE = ""
    FOREIGN = "foreign"
    SWEEP_FAILED = "sweep_failed"
    PUBLISH_FAILED = "publish_failed"
    LOST_AGAIN = "lost_again"


class CancelMode(StrEnum):
    """How far a cancellation goes: HEAD_FINISHES lets the head publish, NOW stops it too."""

    NONE = ""
    HEAD_FINISHES = "head_finishes"
    NOW = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job. `head` is the first clip that is not finished; clips before `next_clip` were opened, or were published
    by an earlier run.

    `admitted` says that every source was probed and accepted; `rebinding` that a new revision of the spec waits until
    what was begun under the old one is swept. `requeue_limit` is how often a run makes a lost clip again without an
    operator, 0 for never.
    """

    job_key: str
    job_id: str
    state: JobState
    reason: str
    revision: int
    failure_policy: FailurePolicy
    window: int
    hold: bool
    admitted: bool
    clip_count: int
    head: int
    next_clip: int
    completed: int
    failed: int
    skipped: int
    has_warnings: bool
    cancel: CancelMode
    run_number: int = 1
    priority: int = 0
    queue: str = "default"
    rebinding: bool = False
    requeue_limit: int = 0

    @property
    def finished_clips(self) -> int:
        """How many clips are in a terminal state (a provisional failure is not)."""
        return self.completed + self.failed + self.skipped

    @property
    def fail_fast(self) -> bool:
        """Whether the first failure in clip order stops the job."""
        return self.failure_policy is FailurePolicy.FAIL_FAST


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRange:
    """Neighbouring clips of one state as they are stored, both ends included."""

    first: int
    last: int
    state: ClipState
    skip_reason: StopReason = StopReason.NONE

    @property
    def clips(self) -> int:
        """How many."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One opened clip and its live step, if it has one.

    `provisional` marks a FAILED clip that is not head yet; `stopping` one whose work is being ended; `head_only` one
    that ran out of space ahead of the head and runs again as head; `hold` says why it waits for an operator; `requeues`
    is how often this run took it back from a lost executor without one. `ahead`: its live ENCODE step was opened while
    it was not head, and counts against the staging budget of its root, if there is one.
    """

    index: int
    state: ClipState
    stopping: StopReason = StopReason.NONE
    skip_reason: StopReason = StopReason.NONE
    provisional: bool = False
    failure_kind: FailureKind | None = None
    head_only: bool = False
    hold: Hold = Hold.NONE
    requeues: int = 0
    step_kind: StepKind | None = None
    step_state: StepState | None = None
    ahead: bool = False

    @property
    def finished(self) -> bool:
        """Whether nothing is open about this clip."""
        state = self.state
        if state is ClipState.COMPLETED or state is ClipState.SKIPPED:
            return True
        return state is ClipState.FAILED and not self.provisional

    @property
    def waits_for_sweep(self) -> bool:
        """Whether only a SWEEP can move it, and none is open."""
        doubtful = self.state is ClipState.INTERRUPTED
        unwanted = self.state is ClipState.STAGED and self.stopping is not StopReason.NONE
        return self.step_kind is None and (doubtful or unwanted)
