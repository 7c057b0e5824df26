"""What use cases and storage hand to each other: plain values, no rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from proxx.core.actor import SUBMITTER
from proxx.core.detection import Engine
from proxx.core.facts import SourceIdentity
from proxx.core.jobs import ClipProgress, ClipState, JobEvent, SubmissionOptions
from proxx.core.leases import ExecutorDescription
from proxx.core.plan import Plan, PlanInputs
from proxx.core.roots import RootPath
from proxx.core.steps import PrepareAnswer, PreparedOutput, ProbedSource, StepKind
from proxx.core.violation import Violation
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.ordering import Place

DELIVERY_REFUSED = "REFUSED"
"""How the attempt of a SWEEP ended whose finished file was not taken."""

UNAVAILABLE = "UNAVAILABLE"
"""How an attempt ended whose executor had no working engine, where another executor has its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClip:
    """A clip of a job to store: both spellings of its paths and the tokens of its name."""

    clip_index: int
    source_path: str
    source: RootPath
    output_path: str
    output: RootPath
    tokens: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRange:
    """The clips that one PROBE step looks at, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """A structurally valid job to store. `spec` is canonical and completed."""

    job_key: str
    job_id: str
    request_id: str
    body_digest: str
    received_text: str
    received_digest: str
    spec: Mapping[str, object]
    spec_digest: str
    options: SubmissionOptions
    clips: tuple[NewClip, ...]
    probes: tuple[ProbeRange, ...]
    submit_time: datetime
    actor: str = SUBMITTER
    owner: str = ""
    """The identity that submits it, "" where nobody is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClip:
    """A clip as admission needs it.

    `suffix` is the number in the name of its output, 0 for none; `replaces` is the file at its output path that is to
    be moved aside. Both are decided at admission.
    """

    clip_index: int
    source_path: str
    source: RootPath
    output_path: str
    output: RootPath
    probed: ProbedSource | None
    tokens: Mapping[str, str] = field(default_factory=dict)
    suffix: int = 0
    replaces: SourceIdentity | None = None
    state: ClipState = ClipState.QUEUED


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedClip:
    """What admission decided about one clip: its place, which may be a numbered one, and its plan."""

    clip: StoredClip
    plan: Plan
    document: str
    """Canonical JSON of plan, inputs and identity, as storage keeps it."""
    resources: tuple[str, ...] = ()
    """The resources of the site of which its encode takes one each."""
    staging: str = ""
    """The root whose staging budget it stands under; "" when there is none, or it is never staged ahead."""
    expected_bytes: int = 0
    """The estimate of its output's size (core/expected_size.py), where it stands under a budget."""
    inputs: PlanInputs | None = None
    """What the plan was made of, as the document has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedPlan:
    """The plan of a queued clip that an older planner made, and what it was made of."""

    clip_index: int
    plan_digest: str
    planner_version: int
    inputs: PlanInputs
    identity: SourceIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewedPlan:
    """What the present planner makes of the same inputs; `document` and `expected_bytes` as in AdmittedClip."""

    old: OutdatedPlan
    plan: Plan
    document: str
    expected_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDocument:
    """What a job is to make, as it stands: it changes only with a new run or a new revision of the spec.

    `named` says that an admission has decided the names of its outputs: in a later run they stay what they are.
    """

    job_key: str
    job_id: str
    spec: Mapping[str, object]
    options: SubmissionOptions
    submit_time: datetime
    run_number: int = 1
    spec_revision: int = 1
    named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What belongs to the database as a whole: the key of its page tokens, and the planner's version and the digest of
    the site's resources that its queued work was last brought up to (0 and "": never).
    """

    page_key: str
    planner_version: int
    resources_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRevision:
    """A structurally valid revision of a job's spec to store; `spec` is canonical and completed."""

    received_text: str
    received_digest: str
    spec: Mapping[str, object]
    spec_digest: str
    options: SubmissionOptions
    clips: tuple[NewClip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionMaterial:
    """Everything that the decision about a job looks at. `taken` are keys of outputs that other jobs hold or have made
    since it was submitted, where its collision policy asks for them.
    """

    document: JobDocument
    clips: tuple[StoredClip, ...]
    directory_violations: tuple[Violation, ...]
    engines: frozenset[Engine]
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedStep:
    """A step that may be granted now. `planner_version` is that of its plan, if it has one; `cost` what it takes of its
    queue's share.
    """

    step_id: str
    job_key: str
    clip_index: int
    last_clip: int
    kind: StepKind
    engine: str
    roots: tuple[str, ...]
    epoch: int
    planner_version: int | None
    cost: int
    place: Place
    staging: str = ""
    """The root whose staging budget may hold it back."""
    expected_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedWork:
    """A queued step: the clips that wait for it, both ends included, where it stands and what it needs."""

    clip_index: int
    last_clip: int
    queue: str
    priority: int
    needs: Needs
    place: Place
    expected_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceHold:
    """A leased step that takes one of a resource."""

    resource: str
    job_key: str
    clip_index: int
    executor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRecord:
    """One attempt. `live` says that its step still holds this very lease, `cancelled` that it is to be told CANCEL.

    `acquire_sequence` is that of the newest grant of its step.
    """

    lease_id: str
    step_id: str
    epoch: int
    job_key: str
    clip_index: int
    last_clip: int
    kind: StepKind
    session_id: str
    live: bool
    started: bool
    outcome: str
    answer: PrepareAnswer | None
    cancelled: bool
    acquire_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeFacts:
    """What a grant of an ENCODE carries, from storage."""

    inputs: PlanInputs
    plan: Plan
    identity: SourceIdentity
    replaces: SourceIdentity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StagingAttempt:
    """An attempt that may have left a staged file: an ENCODE that prepared `sha256`, or a SWEEP that took one."""

    staged: RootPath
    kind: StepKind
    step_id: str
    epoch: int
    incarnation: str
    executor: str
    outcome: str
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipOutputs:
    """What PUBLISH and SWEEP need to know of a clip. `attempts` stand in the order in which they were granted."""

    output: RootPath
    prepared: PreparedOutput | None
    attempts: tuple[StagingAttempt, ...] = ()
    replaces: SourceIdentity | None = None

    def before(self, *, step_id: str, epoch: int) -> tuple[StagingAttempt, ...]:
        """Return the attempts that were granted before that one."""
        return tuple(item for item in self.attempts if (item.step_id, item.epoch) != (step_id, epoch))

    @property
    def refused(self) -> bool:
        """Whether what was found since the newest ENCODE was refused: it is not to be delivered once more."""
        newest = max((place for place, item in enumerate(self.attempts) if item.kind is StepKind.ENCODE), default=0)
        return any(item.outcome == DELIVERY_REFUSED for item in self.attempts[newest:])


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """One executor incarnation's session. `identity` opened it, "" where nobody was asked."""

    session_id: str
    description: ExecutorDescription
    acquire_sequence: int
    draining: bool
    open: bool
    last_seen_time: datetime
    identity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainedExecutor:
    """An executor, by its name, that gets nothing new until an operator says otherwise."""

    name: str
    actor: str
    drain_time: datetime


# --- what has to be told after a commit ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkQueued:
    """A step waits: executors may ask again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbesDone:
    """Every source of a job was probed: it can be decided about."""

    job_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseGranted:
    """A lease lives from now on."""

    record: LeaseRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseCancelled:
    """The holder of this lease is to be told CANCEL."""

    lease_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseEnded:
    """This lease is over."""

    lease_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAppended:
    """An event is durable."""

    event: JobEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressMade:
    """A clip moved on; never stored."""

    progress: ClipProgress


Effect = WorkQueued | ProbesDone | LeaseGranted | LeaseCancelled | LeaseEnded | EventAppended | ProgressMade


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list: keys in order and where the next page begins (None at the end)."""

    keys: tuple[str, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The decision about a whole job before it runs: every violation, or a plan for every clip.

    `placed` are all clips with the outputs that the collision policy gave them; `uninspected` those among them, by
    index, that have no plan because only an INSPECT can state their facts.
    """

    violations: tuple[Violation, ...]
    clips: Mapping[int, AdmittedClip] = field(default_factory=dict)
    warnings: bool = False
    placed: tuple[StoredClip, ...] = ()
    uninspected: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PrunableChain:
    """A chain of a finished job whose records from `first` to before `cut` are to be retired; `cut` stays."""

    job_key: str
    first: int
    cut: int
