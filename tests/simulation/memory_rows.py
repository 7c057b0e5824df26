"""The rows of the database in memory, as values, and the tables that hold them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from proxx.core.facts import SourceIdentity
from proxx.core.failure import Failure
from proxx.core.jobs import ClipState, JobEvent, JobState
from proxx.core.plan import Plan, PlanInputs
from proxx.core.roots import RootPath
from proxx.core.steps import PrepareAnswer, PreparedOutput, ProbedSource, ReplacedFile, StepKind
from proxx.core.violation import Violation
from proxx_scheduler.app.records import (
    DrainedExecutor,
    NewJob,
    SessionRecord,
)
from proxx_scheduler.domain.fencing import ExecutorRecord
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.ordering import Account, Lane, Place, Share
from proxx_scheduler.domain.records import Clip, Job, StepState

Row = TypeVar("Row", "JobRow", "ClipRow", "StepRow", "AttemptRow")

NO_HASH = "0" * 64
RANKS = {StepKind.SWEEP: 0, StepKind.PUBLISH: 1, StepKind.PROBE: 2, StepKind.INSPECT: 2, StepKind.ENCODE: 3}
GRANTABLE = {
    StepKind.SWEEP: frozenset(JobState),
    StepKind.PROBE: frozenset({JobState.PENDING}),
    StepKind.INSPECT: frozenset({JobState.PENDING}),
    StepKind.PUBLISH: frozenset({JobState.RUNNING, JobState.CANCELLING}),
    StepKind.ENCODE: frozenset({JobState.RUNNING}),
}
HELD = (StepState.LEASED, StepState.RUNNING)
FINISHED = (ClipState.COMPLETED, ClipState.SKIPPED, ClipState.FAILED)


class DuplicateKeyError(Exception):
    """A row with this key exists."""


def changed(row: Row, **values: Any) -> Row:
    """Return a copy of a row with other values: what `replace` does, in a fifth of its time. Rows have no slots."""
    copy = object.__new__(type(row))
    vars(copy).update(vars(row))
    if not values.keys() <= vars(copy).keys():
        raise TypeError(f"{type(row).__name__} has not all of {sorted(values)}")
    vars(copy).update(values)
    return copy


@dataclass(frozen=True, kw_only=True)
class JobRow:
    job: Job
    new: NewJob
    sequence: int
    violations: tuple[Violation, ...] = ()
    start_time: datetime | None = None
    end_time: datetime | None = None
    event_count: int = 0
    event_head: str = NO_HASH
    last_sequence: int = 0
    named: bool = False


@dataclass(frozen=True, kw_only=True)
class ClipRow:
    clip: Clip
    source_path: str
    source: RootPath
    output_path: str
    output: RootPath
    tokens: Mapping[str, str]
    probed: ProbedSource | None = None
    plan: Plan | None = None
    inputs: PlanInputs | None = None
    identity: SourceIdentity | None = None
    replaces: SourceIdentity | None = None
    replaced: ReplacedFile | None = None
    prepared: PreparedOutput | None = None
    failure: Failure | None = None
    adopted: bool = False
    staging: str = ""
    expected_bytes: int = 0
    epoch: int = 0
    executor: str = ""
    start_time: datetime | None = None
    end_time: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class StepRow:
    sequence: int
    step_id: str
    job_key: str
    job_sequence: int
    clip_index: int
    last_clip: int
    kind: StepKind
    priority: int
    engine: str
    roots: tuple[str, ...]
    epoch: int
    planner_version: int | None
    state: StepState = StepState.QUEUED
    lease_id: str | None = None
    session_id: str | None = None
    acquire_sequence: int | None = None
    cost: int = 1
    staging: str = ""
    expected_bytes: int = 0
    codec: str = ""
    avoid: tuple[str, ...] = ()
    lane: int | None = None

    @property
    def needs(self) -> Needs:
        return Needs(
            engine=self.engine, roots=self.roots, planner_version=self.planner_version, staging=self.staging,
            codec=self.codec, avoid=self.avoid,
        )  # fmt: skip

    @property
    def place(self) -> Place:
        return Place(job_sequence=self.job_sequence, rank=RANKS[self.kind], clip_index=self.clip_index)


@dataclass(frozen=True, kw_only=True)
class AttemptRow:
    step_id: str
    epoch: int
    lease_id: str
    job_key: str
    clip_index: int
    kind: StepKind
    incarnation: str
    executor: str
    start_time: datetime | None = None
    sha256: str = ""
    outcome: str = "GRANTED"
    answer: PrepareAnswer | None = None
    stale: frozenset[str] = frozenset()


@dataclass(slots=True)
class MemoryTables:
    """Everything that a database holds."""

    requests: dict[str, tuple[str, str]] = field(default_factory=dict)
    jobs: dict[str, JobRow] = field(default_factory=dict)
    clips: dict[tuple[str, int], ClipRow] = field(default_factory=dict)
    steps: dict[str, StepRow] = field(default_factory=dict)
    attempts: dict[str, AttemptRow] = field(default_factory=dict)
    sessions: dict[str, SessionRecord] = field(default_factory=dict)
    reservations: dict[str, tuple[str, int]] = field(default_factory=dict)
    events: dict[int, JobEvent] = field(default_factory=dict)
    drained: dict[str, DrainedExecutor] = field(default_factory=dict)
    records: dict[str, ExecutorRecord] = field(default_factory=dict)
    executor_chain: dict[str, tuple[int, str]] = field(default_factory=dict)
    lanes: dict[int, Lane] = field(default_factory=dict)
    probe_tags: dict[int, int] = field(default_factory=dict)
    shares: dict[tuple[str, int, Account], Share] = field(default_factory=dict)
    needs: dict[str, Needs] = field(default_factory=dict)
    lane_count: int = 0
