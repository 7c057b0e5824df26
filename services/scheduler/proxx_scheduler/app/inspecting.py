"""INSPECT: what Resolve is asked about a camera RAW clip, and what becomes of its answer."""

from dataclasses import replace

from proxx.core.failure import Failure
from proxx.core.steps import InspectReport, InspectWork, ProbedSource
from proxx.core.violation import Violation, ViolationCode
from proxx_scheduler.app.records import StoredClip


def inspect_work(clip: StoredClip) -> InspectWork:
    """Return the work of the INSPECT of a clip that was probed and routed to Resolve.

    Raises:
        ValueError: it was not; no such clip is ever given to an INSPECT.
    """
    probed = clip.probed
    if probed is None or probed.identity is None or probed.detection is None:
        raise ValueError(f"clip {clip.clip_index} was not probed, and is to be inspected")
    return InspectWork(
        clip_index=clip.clip_index,
        source=clip.source,
        identity=probed.identity,
        container=probed.detection.container or "",
        codec=probed.detection.codec or "",
    )


def awaits_inspection(probed: ProbedSource | None) -> bool:
    """Whether nothing is known against a source and nothing of its facts: only an INSPECT can tell."""
    return probed is not None and probed.facts is None and not probed.violations


def inspected(*, probed: ProbedSource, path: str, outcome: InspectReport | Failure) -> ProbedSource:
    """Return what is known of a source after its INSPECT: facts, or why there are none."""
    if isinstance(outcome, Failure):
        return replace(probed, violations=(_refused(f"{path} could not be inspected in Resolve: {outcome.message}"),))
    if outcome.facts is None and not outcome.violations:
        message = f"{path} was inspected, and the report states neither its facts nor what is wrong with it"
        return replace(probed, violations=(_refused(message),))
    return replace(probed, facts=outcome.facts, violations=outcome.violations)


def _refused(message: str) -> Violation:
    return Violation(code=ViolationCode.PROBE_FAILED, field="source", message=message)
