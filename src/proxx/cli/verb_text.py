"""The plan of a verb as lines for people."""

from collections.abc import Sequence

from proxx.cli.text import plural
from proxx.core.jobs import JobView
from proxx.core.verbs import ClipFate, FateRange, Verb, VerbPlan

_SHOWN_RANGES = 12
_WORDS = {
    ClipFate.STAY: ("stays as it is", "stay as they are"),
    ClipFate.WAIT: ("waits", "wait"),
    ClipFate.RUN: ("is made", "are made"),
    ClipFate.FINISH: ("goes on to its end", "go on to their end"),
    ClipFate.PUBLISH: ("is published", "are published"),
    ClipFate.SWEEP: ("is swept first: what is published is adopted", "are swept first: what is published is adopted"),
    ClipFate.STOP: ("is stopped", "are stopped"),
    ClipFate.SKIP: ("is skipped", "are skipped"),
}
"""For one clip, and for several."""


def verb_plan_lines(*, plan: VerbPlan, job: JobView) -> list[str]:
    """Return what a verb will do: state, one line for each fate, then what to know before."""
    word = "cancel --now" if plan.verb is Verb.CANCEL_NOW else plan.verb.lower()
    change = f"{plan.state_before}" + (
        f" -> {plan.state_after}" if plan.state_after is not plan.state_before else " (stays)"
    )
    lines = [f"{word} job {job.job_id} ({job.job_key}): {change}"]
    for count in plan.counts:
        inside = [item for item in plan.ranges if item.fate is count.fate]
        more = ", ..." if plan.ranges_cut or len(inside) > _SHOWN_RANGES else ""
        lines.append(f"  {plural(count.clips, 'clip')} {_WORDS[count.fate][count.clips > 1]}: {_numbers(inside)}{more}")
    return [*lines, *(f"  note: {warning}" for warning in plan.warnings)]


def _numbers(ranges: Sequence[FateRange]) -> str:
    return ", ".join(
        str(item.first) if item.first == item.last else f"{item.first}-{item.last}" for item in ranges[:_SHOWN_RANGES]
    )
