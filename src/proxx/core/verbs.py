"""Operators' verbs and their plans: what each clip of a job becomes, said before it is done."""

from dataclasses import dataclass
from enum import StrEnum

from proxx.core.jobs import JobState


class Verb(StrEnum):
    """What an operator can ask of a job. CANCEL_NOW stops the head too."""

    START = "START"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    CANCEL = "CANCEL"
    CANCEL_NOW = "CANCEL_NOW"
    RETRY = "RETRY"
    REBIND = "REBIND"
    RESCHEDULE = "RESCHEDULE"


class ClipFate(StrEnum):
    """What a verb makes of a clip (protos/proxx/api/jobs/v1/verb.proto says each word)."""

    STAY = "STAY"
    WAIT = "WAIT"
    RUN = "RUN"
    FINISH = "FINISH"
    PUBLISH = "PUBLISH"
    SWEEP = "SWEEP"
    STOP = "STOP"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True, kw_only=True)
class FateRange:
    """Neighbouring clips with one fate, both ends included."""

    fate: ClipFate
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FateCount:
    """How many clips have a fate."""

    fate: ClipFate
    clips: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbPlan:
    """What a verb would do. `ranges` are the first of them in clip order, all unless `ranges_cut`; counts are whole."""

    job_key: str
    verb: Verb
    revision: int
    state_before: JobState
    state_after: JobState
    run_number: int
    counts: tuple[FateCount, ...]
    ranges: tuple[FateRange, ...]
    ranges_cut: bool
    warnings: tuple[str, ...]
