"""A scene made real: the source on disk, what the prober found, the plan, and the good proxy that the plan makes."""

from dataclasses import dataclass
from pathlib import Path

from proxx.core.facts import MediaFacts, SourceIdentity
from proxx.core.plan import Plan, PlanInputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything that a fault may start from. Paths are absolute; `source_errors` are the encode's error lines."""

    directory: Path
    source: Path
    identity: SourceIdentity
    facts: MediaFacts
    inputs: PlanInputs
    plan: Plan
    proxy: Path
    source_errors: tuple[str, ...]
