"""Who calls, as far as a call says."""

from typing import Any

from proxx.core.actor import CLAIM_KEY, OPERATOR, claimed


def actor_of(context: Any, *, otherwise: str = OPERATOR) -> str:
    """Return the actor to record: the name that the call claims, unverified, or `otherwise` when it claims none."""
    for key, value in context.invocation_metadata() or ():
        if key == CLAIM_KEY and isinstance(value, str):
            return claimed(value, otherwise=otherwise)
    return otherwise
