"""Jobs, clips, events and results as clients see them: the mirror of proxx.api.jobs.v1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from proxx.core.detection import Detection, Engine
from proxx.core.facts import MediaFacts, SourceIdentity
from proxx.core.failure import Failure
from proxx.core.plan import Plan
from proxx.core.toolchain import Toolchain
from proxx.core.verdict import Verdict
from proxx.core.violation import Violation
from proxx.core.waiting import WaitingReason

RESULT_SCHEMA_VERSION = "1.0"


class JobState(StrEnum):
    """Where a job stands (protos/proxx/api/jobs/v1/job.proto says how each is reached and left)."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"
    RECOVERY_REQUIRED = "RECOVERY_REQUIRED"
    COMPLETED = "COMPLETED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"

    @property
    def terminal(self) -> bool:
        """Whether nothing moves the job on any more (RetryFailedClips apart)."""
        return self in TERMINAL_JOB_STATES


TERMINAL_JOB_STATES = frozenset(
    {JobState.COMPLETED, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED, JobState.REJECTED}
)


class ClipState(StrEnum):
    """Where a clip stands; derived from its steps."""

    QUEUED = "QUEUED"
    LEASED = "LEASED"
    RUNNING = "RUNNING"
    STAGED = "STAGED"
    PUBLISHING = "PUBLISHING"
    INTERRUPTED = "INTERRUPTED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


TERMINAL_CLIP_STATES = frozenset({ClipState.COMPLETED, ClipState.FAILED, ClipState.SKIPPED})


class FailurePolicy(StrEnum):
    """What happens to the other clips when one fails."""

    FAIL_FAST = "FAIL_FAST"
    CONTINUE = "CONTINUE"


class CollisionPolicy(StrEnum):
    """What happens when an output path is taken."""

    FAIL = "FAIL"
    SUFFIX = "SUFFIX"
    OVERWRITE = "OVERWRITE"


class ReusePolicy(StrEnum):
    """Whether an output that the same plan made may be adopted."""

    NEVER = "NEVER"
    VERIFIED = "VERIFIED"


class LostPolicy(StrEnum):
    """What happens to started work whose executor is lost."""

    HOLD = "HOLD"
    REQUEUE = "REQUEUE"


REQUEUES = 2
"""How often REQUEUE queues a clip again where `requeue_limit` is 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionOptions:
    """How a job is scheduled: beside the JobSpec, never part of it."""

    priority: int = 0
    queue: str = "default"
    failure_policy: FailurePolicy = FailurePolicy.FAIL_FAST
    max_parallel_clips: int = 8
    hold: bool = False
    collision_policy: CollisionPolicy = CollisionPolicy.FAIL
    reuse: ReusePolicy = ReusePolicy.NEVER
    on_executor_lost: LostPolicy = LostPolicy.HOLD
    requeue_limit: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    create_output_directory: bool = False

    @property
    def requeues(self) -> int:
        """How often a run makes a clip again whose executor was lost, without an operator; 0 for never."""
        return (self.requeue_limit or REQUEUES) if self.on_executor_lost is LostPolicy.REQUEUE else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipCounts:
    """How many clips stand where."""

    total: int
    completed: int
    failed: int
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job as clients see it. `spec` is the canonical JobSpec 2.1 as a plain object.

    `submitted_by` is the identity that submitted it, "" where nobody was asked.
    """

    job_key: str
    job_id: str
    state: JobState
    reason: str
    revision: int
    run_number: int
    counts: ClipCounts
    has_warnings: bool
    spec: Mapping[str, object]
    spec_digest: str
    received_digest: str
    options: SubmissionOptions
    submit_time: datetime
    start_time: datetime | None
    end_time: datetime | None
    violations: tuple[Violation, ...]
    last_event_sequence: int
    spec_revision: int = 1
    waiting_reason: WaitingReason | None = None
    submitted_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipView:
    """A clip as clients see it."""

    job_key: str
    clip_index: int
    state: ClipState
    reason: str
    source_path: str
    output_path: str
    engine: Engine | None
    plan_digest: str
    failure: Failure | None
    epoch: int
    executor: str
    start_time: datetime | None
    end_time: datetime | None
    waiting_reason: WaitingReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """One transition, hash-chained per job. `data_json` is a canonical JSON object."""

    sequence: int
    job_sequence: int
    job_key: str
    clip_index: int | None
    event_time: datetime
    actor: str
    kind: str
    before: str
    after: str
    data_json: str
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipProgress:
    """How far a running clip is. Lossy."""

    job_key: str
    clip_index: int
    phase: str
    fraction: float
    frames: int
    fps: float
    speed: float
    eta_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The state of the watched jobs at one moment. While `partial`, more of it follows and `sequence` is 0."""

    sequence: int
    jobs: tuple[JobView, ...]
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The scheduler is there and nothing happened."""

    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipPlan:
    """What one clip of a dry run would become. `command` carries the submitter's own spellings.

    `suffix` is the number in the output's name, 0 for none; `replaces` is the file that would be moved aside;
    `source_files` says which files the source is made of, empty for one.
    """

    clip_index: int
    source_path: str
    output_path: str
    detection: Detection | None
    facts: MediaFacts | None
    plan: Plan | None
    command: tuple[str, ...]
    suffix: int = 0
    replaces: SourceIdentity | None = None
    source_files: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPlan:
    """The answer of a dry run. `warnings` say what it leaves open."""

    admissible: bool
    violations: tuple[Violation, ...]
    clips: tuple[ClipPlan, ...]
    spec: Mapping[str, object]
    waiting_reasons: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedPath:
    """What was found at one path. `source_files` says which files it is made of, empty for one."""

    path: str
    detection: Detection | None
    facts: MediaFacts | None
    violations: tuple[Violation, ...]
    source_files: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipResult:
    """The result of one clip, as the scheduler keeps it.

    `replaced` is the file that was moved aside for it, `replaced_path` where that lies now, as the submitter spells it.
    """

    clip_index: int
    source_path: str
    resolved_output_path: str
    status: ClipState
    skip_reason: str
    exit_code: int | None
    output_exists: bool
    output_size_bytes: int | None
    output_sha256: str | None
    engine: Engine | None
    engine_command: tuple[str, ...]
    failure: Failure | None
    stderr: str
    start_time: datetime | None
    end_time: datetime | None
    profile_name: str
    profile_digest: str
    plan_digest: str
    planner_version: int
    toolchain: Toolchain | None
    source_identity: SourceIdentity | None
    source_facts: MediaFacts | None
    output_facts: MediaFacts | None
    verdict: Verdict | None
    warnings: tuple[str, ...]
    resolved_tokens: Mapping[str, str]
    executor: str
    epoch: int
    encode_seconds: float
    verify_seconds: float
    cpu_seconds: float
    sandbox_level: str
    adopted: bool
    replaced: SourceIdentity | None = None
    replaced_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """The result of a job. `final_status` is terminal for a finished job."""

    schema_version: str
    job_key: str
    job_id: str
    final_status: JobState
    reason: str
    run_number: int
    counts: ClipCounts
    has_warnings: bool
    submit_time: datetime
    start_time: datetime | None
    end_time: datetime | None
    violations: tuple[Violation, ...]
    clips: tuple[ClipResult, ...]
    spec: Mapping[str, object]
    spec_digest: str
    received_digest: str
    options: SubmissionOptions
    event_chain_head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorView:
    """An executor as operators see it. `state` is READY, DRAINING, LOST or FENCED.

    `drained_by` is the operator who drained it, with the time; empty and None when none did. `fence_reason` says why it
    was fenced off, with the time; empty and None when it is not. `codecs` are the pairs that its Resolve encodes.
    `leases` counts those in slots and those in `probe_slots`. `identity` opened its session, "" where nobody was asked.
    """

    name: str
    incarnation: str
    engine: Engine
    state: str
    slots: int
    leases: int
    toolchain: Toolchain
    sandbox_level: str
    roots: tuple[str, ...]
    last_seen_time: datetime
    version: str
    drained_by: str = ""
    drain_time: datetime | None = None
    fence_reason: str = ""
    fence_time: datetime | None = None
    codecs: tuple[str, ...] = ()
    probe_slots: int = 0
    identity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootInfo:
    """A storage root as clients see it."""

    name: str
    spelling: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemInfo:
    """Facts of a scheduler."""

    version: str
    schema_revision: str
    planner_version: int
    jobspec_versions: tuple[str, ...]
    max_sources: int
    max_message_bytes: int
    roots: tuple[RootInfo, ...]
    database: str
