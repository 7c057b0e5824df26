"""When a PROBE or SWEEP is given up that takes one executor after another with it.

Either is safe to repeat, and so it is: but what kills those who look at it would be passed on for ever, to every
executor in turn, with nobody told. An ENCODE or PUBLISH that is lost is in doubt, and has a policy of its own.
"""

LOSSES_LIMIT = 3
"""After so many started attempts of one step were lost it is not tried again."""


def why_given_up(*, losses: int) -> str:
    """Return why a step is given up that was lost `losses` times after it had started, "" when it is tried again."""
    if losses < LOSSES_LIMIT:
        return ""
    return f"It was started {losses} times, and each time its executor was lost; it is not tried again"


def loss_facts(*, why: str, losses: int) -> dict[str, object]:
    """Return what the event of a loss says."""
    return {"why": why, "losses": losses, "losses_limit": LOSSES_LIMIT}
