"""How the sources of a job are shared out to the steps that look at them before the job is decided about."""

from collections.abc import Iterable

from proxx.core.steps import StepKind
from proxx_scheduler.domain.effects import OpenProbe

LOOKS = frozenset({StepKind.PROBE, StepKind.INSPECT})
"""The kinds of steps that look at sources while their job is PENDING. No clip owns one, and nothing is lost with it."""

PROBE_BATCH = 16
"""Sources of one step: many to a lease, few enough that many executors share a job."""


def probes_of(*, ranges: Iterable[tuple[int, int]]) -> tuple[OpenProbe, ...]:
    """Return the PROBE steps of ranges of clips, both ends included."""
    return tuple(
        OpenProbe(first=start, last=min(start + PROBE_BATCH - 1, last))
        for first, last in ranges
        for start in range(first, last + 1, PROBE_BATCH)
    )
