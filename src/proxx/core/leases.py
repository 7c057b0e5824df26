"""Sessions and leases: what scheduler and executor say to each other (docs/EXECUTOR_PROTOCOL.md)."""

from dataclasses import dataclass
from enum import StrEnum

from proxx.core.detection import Engine
from proxx.core.failure import Failure
from proxx.core.steps import (
    Directive,
    EncodeWork,
    Execution,
    InspectReport,
    InspectWork,
    Measured,
    Phase,
    PrepareAnswer,
    PreparedOutput,
    ProbeReport,
    ProbeWork,
    Progress,
    Published,
    PublishWork,
    ReplacedFile,
    StepKind,
    SweepReport,
    SweepWork,
)
from proxx.core.toolchain import Toolchain
from proxx.core.verdict import Verdict


class ReleaseReason(StrEnum):
    """Why a lease is handed back without an outcome."""

    NOT_STARTED = "NOT_STARTED"
    DRAINED = "DRAINED"
    CANCELLED = "CANCELLED"


class ReportStatus(StrEnum):
    """What became of a report."""

    RECORDED = "RECORDED"
    STALE = "STALE"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLease:
    """A lease that an executor still holds when it (re)opens its session."""

    lease_id: str
    epoch: int
    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorDescription:
    """An executor's description of itself. `incarnation` is new and random with every start of its process.

    `codecs` are the pairs that this host's Resolve encodes, written `mov/DNxHRLB`; empty for FFmpeg, which encodes all.
    `probe_slots` is how many PROBE leases it works on beside its `slots`; with 0 each of them takes a slot.
    """

    name: str
    incarnation: str
    engine: Engine
    slots: int
    roots: tuple[str, ...]
    toolchain: Toolchain
    sandbox_level: str
    version: str
    planner_version: int
    codecs: tuple[str, ...] = ()
    probe_slots: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTerms:
    """The scheduler's terms. Durations in seconds, chosen by the server, so that clocks never need to agree."""

    session_id: str
    lease_seconds: float
    renew_seconds: float
    revoked_lease_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The grant of one attempt. Exactly one of the works is set, as `kind` says. No job: asked for by a dry run."""

    lease_id: str
    step_id: str
    epoch: int
    kind: StepKind
    job_key: str
    job_id: str
    clip_index: int
    probe: ProbeWork | None = None
    inspect: InspectWork | None = None
    encode: EncodeWork | None = None
    publish: PublishWork | None = None
    sweep: SweepWork | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseReport:
    """What one lease is doing."""

    lease_id: str
    epoch: int
    phase: Phase
    progress: Progress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseDirective:
    """The answer to one report."""

    lease_id: str
    directive: Directive


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasePreparation:
    """The verified, durable staged file of one lease."""

    lease_id: str
    epoch: int
    output: PreparedOutput


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationResult:
    """What becomes of a prepared output: the answer, or why it was refused."""

    answer: PrepareAnswer | None = None
    superseded: bool = False
    failed_checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseOutcome:
    """The outcome of one lease: exactly one of probe, inspect, published, sweep, failure.

    `execution`, `measured` and `verdict` tell how a failed encode ran, as far as it came. `replaced` is a file that was
    moved aside for a publication that failed, and that could not be put back because its name is taken.
    """

    lease_id: str
    epoch: int
    probe: ProbeReport | None = None
    inspect: InspectReport | None = None
    published: Published | None = None
    sweep: SweepReport | None = None
    failure: Failure | None = None
    execution: Execution | None = None
    measured: Measured | None = None
    verdict: Verdict | None = None
    replaced: ReplacedFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRelease:
    """A lease handed back."""

    lease_id: str
    epoch: int
    reason: ReleaseReason
