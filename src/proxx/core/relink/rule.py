"""A rule as data: what a target asks, how a breach counts, who says so, and the comparison that tells."""

from collections.abc import Callable
from dataclasses import dataclass

from proxx.core.relink.certificate import Effect, Strength
from proxx.core.relink.pair import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was expected and found. `holds` is None when the files do not state enough to tell."""

    holds: bool | None
    expected: str
    actual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of a target's table. `compare` gives None where the rule does not apply to the pair.

    A rule that cannot be told leaves a DOUBT where a breach of it would block.
    """

    name: str
    requirement: str
    effect: Effect
    strength: Strength
    source: str
    compare: Callable[[Pair], Comparison | None]
