"""When a step is given up that takes one executor after another with it, or that finds no engine that works.

A PROBE, INSPECT or SWEEP is safe to repeat, and so it is: but what kills those who look at it would be passed on for
ever, to every executor in turn, with nobody told. An ENCODE or PUBLISH that is lost is in doubt, and has a policy of
its own.

An INSPECT or ENCODE whose executor says ENGINE_UNAVAILABLE failed by its host and not by its clip: it is tried on
another host, as long as there is one, and not for ever either.
"""

from proxx.core.failure import FailureKind
from proxx.core.steps import StepKind

LOSSES_LIMIT = 3
"""After so many started attempts of one step were lost it is not tried again."""

HOSTS_LIMIT = 3
"""After so many attempts of one step found no working engine it is not tried again."""


def why_given_up(*, losses: int) -> str:
    """Return why a step is given up that was lost `losses` times after it had started, "" when it is tried again."""
    if losses < LOSSES_LIMIT:
        return ""
    return f"It was started {losses} times, and each time its executor was lost; it is not tried again"


def loss_facts(*, why: str, losses: int) -> dict[str, object]:
    """Return what the event of a loss says."""
    return {"why": why, "losses": losses, "losses_limit": LOSSES_LIMIT}


def may_move(*, step: StepKind, failure: FailureKind, before: int) -> bool:
    """Whether a failed step is given to another executor, where there is one. `before` is how often it was so far."""
    moves = failure is FailureKind.ENGINE_UNAVAILABLE and step in (StepKind.INSPECT, StepKind.ENCODE)
    return moves and before + 1 < HOSTS_LIMIT
