"""The work of each step kind, and what comes back: the vocabulary that scheduler and executors share.

Flow of an ENCODE: encode into a staged file, measure, Prepare (`PreparedOutput`), then publish at the scheduler's word.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from proxx.core.detection import DEFAULT_SOURCE_MATRIX, Detection
from proxx.core.facts import MediaFacts, SourceIdentity
from proxx.core.plan import PlanInputs
from proxx.core.roots import RootPath
from proxx.core.stillness import Stillness
from proxx.core.toolchain import Toolchain
from proxx.core.verdict import Verdict
from proxx.core.violation import Violation
from proxx.core.witness.report import WitnessReport


class StepKind(StrEnum):
    """The unit of work and of leasing."""

    PROBE = "PROBE"
    INSPECT = "INSPECT"
    ENCODE = "ENCODE"
    SEGMENT = "SEGMENT"
    AUDIO = "AUDIO"
    JOIN = "JOIN"
    PUBLISH = "PUBLISH"
    SWEEP = "SWEEP"


class Phase(StrEnum):
    """What a leased slot is doing. The tool starts only after STARTING was acknowledged."""

    ACCEPTED = "ACCEPTED"
    STARTING = "STARTING"
    PROBING = "PROBING"
    INSPECTING = "INSPECTING"
    ENCODING = "ENCODING"
    VERIFYING = "VERIFYING"
    PUBLISHING = "PUBLISHING"
    SWEEPING = "SWEEPING"


class Directive(StrEnum):
    """What the scheduler answers to a renewal."""

    CONTINUE = "CONTINUE"
    CANCEL = "CANCEL"
    REVOKED = "REVOKED"


class PrepareAnswer(StrEnum):
    """What becomes of a prepared output."""

    PUBLISH = "PUBLISH"
    STAGED = "STAGED"
    DISCARD = "DISCARD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an encode is. Lossy by design: it rides on renewals. `fraction` is 0 to 1."""

    fraction: float
    frames: int
    fps: float
    speed: float
    eta_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeItem:
    """One source to look at, and the output path whose absence is to be seen."""

    clip_index: int
    source: RootPath
    output: RootPath | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeWork:
    """Several sources to probe. `output_directory` is checked too when given.

    `source_matrix` is the version of the source matrix that the site has set: the scheduler says it, executors obey.
    `report_suffixes` and `report_existing` ask what stands where the outputs would go, as the collision policy needs.
    """

    items: tuple[ProbeItem, ...]
    output_directory: RootPath | None
    create_output_directory: bool
    source_matrix: int = DEFAULT_SOURCE_MATRIX
    report_suffixes: bool = False
    report_existing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedSource:
    """What was found at one source. Without `facts`, `violations` say why.

    `suffixes_taken` are the numbers of the suffixed names of the output at which something stands; `existing` is the
    regular file at the output path. Each only where it was asked for.
    """

    clip_index: int
    identity: SourceIdentity | None
    detection: Detection | None
    facts: MediaFacts | None
    output_exists: bool
    violations: tuple[Violation, ...]
    suffixes_taken: tuple[int, ...] = ()
    existing: SourceIdentity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """The outcome of a PROBE step: one entry for each item, and what is wrong with the output directory."""

    sources: tuple[ProbedSource, ...]
    output_directory_violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectWork:
    """One camera RAW clip to be opened by the engine that decodes it: nobody else can state its facts.

    `identity` is what the PROBE saw (with the parts of the clip), `container` and `codec` are the detection's words.
    """

    clip_index: int
    source: RootPath
    identity: SourceIdentity
    container: str
    codec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectReport:
    """The outcome of an INSPECT step. Without `facts`, `violations` say why."""

    facts: MediaFacts | None
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeWork:
    """One clip to make: the plan's inputs, the digest that the rebuilt plan must have, and the bytes to read.

    `replaces` is the file at the output path that is to be moved aside before the publication, as admission saw it.
    """

    inputs: PlanInputs
    plan_digest: str
    planner_version: int
    identity: SourceIdentity
    replaces: SourceIdentity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishWork:
    """A staged file to publish after rehashing it. `replaces` as in EncodeWork."""

    staged: RootPath
    output: RootPath
    sha256: str
    size_bytes: int
    replaces: SourceIdentity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverWork:
    """Which finished file a SWEEP may deliver: one made by this plan of this source. Every other is removed."""

    plan_digest: str
    source: SourceIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepWork:
    """Staged files of attempts recorded dead, to be removed first; then the final path is looked at.

    `expected_sha256` is the digest prepared by a dead attempt, empty when none prepared one; `replaces` as in
    EncodeWork. With `deliver`, a finished file among them is kept and reported instead of removed.
    """

    staged: tuple[RootPath, ...]
    output: RootPath
    expected_sha256: str
    replaces: SourceIdentity | None = None
    deliver: DeliverWork | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedFile:
    """A file that was moved aside for a proxy: where it lies now, and what it is."""

    quarantine: RootPath
    identity: SourceIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What a SWEEP found at the final path. `output_sha256` is empty when nothing is there.

    `output_unreplaced` says that the file there is the one that was to be replaced, `restored` that it was put back
    there, and `replaced` where it lies when it was not. `delivered` is a finished file of a dead attempt.
    """

    removed: tuple[RootPath, ...]
    output_exists: bool
    output_sha256: str
    output_size_bytes: int
    output_unreplaced: bool = False
    restored: bool = False
    replaced: ReplacedFile | None = None
    delivered: "Delivered | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How one attempt ran: the command as executed, its end and its cost. Times are UTC; rates are per second."""

    argv: tuple[str, ...]
    exit_code: int | None
    stderr_tail: str
    started_time: datetime | None
    ended_time: datetime | None
    encode_seconds: float
    verify_seconds: float
    cpu_seconds: float
    max_rss_bytes: int
    toolchain: Toolchain
    executor: str
    sandbox_level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedOutput:
    """A verified staged file, durable on its disk: what Prepare carries."""

    staged: RootPath
    sha256: str
    size_bytes: int
    measured: "Measured"
    verdict: Verdict
    execution: Execution


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What verification measured of a staged proxy.

    `decoded_frames` counts the pictures a full decode gave, `decode_errors` the tool's error lines (bounded, first
    ones), `audio_durations` the decoded length of each track in seconds; `source_errors` are error lines of the
    encode, `source_unchanged` compares the source identity before and after. `output_unchanged` compares the proxy's
    digest from before its decode with that from after it; `witness` is what the witness of the profile says, and
    `structure_errors` what is wrong between the packets, one clause each. `stillness` is known of renders only.
    """

    facts: MediaFacts
    decoded_frames: int
    decode_errors: tuple[str, ...]
    audio_durations: tuple[Fraction, ...]
    source_errors: tuple[str, ...]
    source_unchanged: bool
    output_unchanged: bool = True
    witness: WitnessReport | None = None
    structure_errors: tuple[str, ...] = ()
    stillness: Stillness | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A file now stands under its final name and its directory entry is durable. `replaced` was moved aside for it."""

    sha256: str
    size_bytes: int
    replaced: ReplacedFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What stands beside a staged file: which attempt made it, by which plan, of which source, and its Prepare."""

    step_id: str
    epoch: int
    incarnation: str
    plan_digest: str
    source: SourceIdentity
    output: PreparedOutput


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A finished file that a dead attempt left, rehashed: `staged` is where it lies now, under the SWEEP's own name."""

    staged: RootPath
    journal: Journal
