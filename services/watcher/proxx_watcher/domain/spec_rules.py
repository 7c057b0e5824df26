"""What to do with a JobSpec file that is at rest: the rules C38, C39 and C41 of REQUIREMENTS.md as one pure table."""

from dataclasses import dataclass
from enum import StrEnum

from proxx.core.jobs import JobState
from proxx_watcher.domain.spec_record import SpecRecord, next_generation


class ResultFile(StrEnum):
    """What stands under the name of a spec's result, compared with the spec's content."""

    NONE = "NONE"
    SAME = "SAME"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"
    """It does not say which content it is of."""


class Step(StrEnum):
    """What comes next for a spec."""

    SKIP = "SKIP"
    ASK = "ASK"
    """Ask the scheduler which job this content has made."""
    SUBMIT = "SUBMIT"
    FOLLOW = "FOLLOW"
    FILE = "FILE"
    """The result is delivered; only the spec has to be moved to its final place."""
    HOLD = "HOLD"
    """Nobody can know; only an operator's command moves it (RECOVERY_REQUIRED)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An earlier outcome of the same content that the manifest tells; the ledger is asked first."""

    outcome: JobState
    generation: int
    job_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecFacts:
    """What is known of a spec file at rest.

    `working` says that it stands among those whose job goes on. `record` is the ledger's of this very content, `newest`
    that no other content was taken under this name since. `manifest` is the manifest's word of this very content;
    `forgotten` says that the layout has a manifest without it. `filed` says that a file with this content stands in the
    final place already.
    """

    working: bool
    record: SpecRecord | None
    newest: bool
    manifest: Past | None
    forgotten: bool
    result: ResultFile
    filed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The step, the generation it is about, and for people why."""

    step: Step
    generation: int = 0
    reason: str = ""


def decide(facts: SpecFacts) -> Decision:
    """Return what to do before the scheduler is asked."""
    record = facts.record
    if facts.working:
        return Decision(step=Step.ASK, generation=record.generation if record else 0)
    if record is not None:
        return _by_record(facts, record)
    if facts.manifest is not None:
        return _by_manifest(facts, facts.manifest)
    if facts.result is ResultFile.UNKNOWN:
        return _skip("a result of its name stands there already, and does not say which JobSpec it is of")
    if facts.result is ResultFile.SAME and facts.filed:
        return _skip("this very JobSpec was done before, its result stands there")
    return Decision(step=Step.ASK)


def after_asking(*, facts: SpecFacts, generation: int, known: bool) -> Decision:
    """Return what to do when the scheduler said whether it knows a job of this content and generation."""
    if known:
        return Decision(step=Step.FOLLOW, generation=generation)
    if facts.working:
        return Decision(
            step=Step.HOLD,
            generation=generation,
            reason="this scheduler knows no job of it (another server, a lost database, or changed content)",
        )
    record = facts.record
    if record is not None and record.job_key and not record.delivered and record.generation == generation:
        return Decision(
            step=Step.HOLD,
            generation=generation,
            reason=f"it was submitted as job {record.job_key}, which this scheduler does not know",
        )
    return Decision(step=Step.SUBMIT, generation=generation)


def _by_record(facts: SpecFacts, record: SpecRecord) -> Decision:
    if not record.delivered:
        return Decision(step=Step.ASK, generation=record.generation)
    generation = next_generation(generation=record.generation, job_key=record.job_key)
    again = Decision(step=Step.SUBMIT, generation=generation)
    if not facts.newest:
        return again
    if facts.forgotten and facts.result is ResultFile.NONE:
        return again  # manifest entry and result were both removed: seed 003's way to start afresh
    if record.outcome is JobState.COMPLETED:
        return _skip(f"this very JobSpec is COMPLETED (job {record.job_key})")
    if facts.result is not ResultFile.NONE:
        return _skip(f"this very JobSpec ended {record.outcome} and its result stands there; remove that to try again")
    return again


def _by_manifest(facts: SpecFacts, past: Past) -> Decision:
    if facts.result is ResultFile.SAME and not facts.filed:
        return Decision(step=Step.FILE, generation=past.generation)
    if past.outcome is JobState.COMPLETED:
        return _skip("the manifest says that this very JobSpec is COMPLETED")
    if facts.result is ResultFile.NONE:
        generation = next_generation(generation=past.generation, job_key=past.job_key)
        return Decision(step=Step.SUBMIT, generation=generation)
    return _skip(f"the manifest says that this very JobSpec ended {past.outcome}, and its result stands there")


def _skip(reason: str) -> Decision:
    return Decision(step=Step.SKIP, reason=f"{reason}; `proxx watch reset` makes it anew")
