"""Who acts in a call: the identity that is known, and the name that the call claims."""

from typing import Any

from proxx.core.access import actor_of as actor_of_identity
from proxx.core.actor import CLAIM_KEY, OPERATOR
from proxx.rpc.caller import caller


def actor_of(context: Any, *, otherwise: str = OPERATOR) -> str:
    """Return the actor to record; `otherwise` where nobody is asked, and the call claims no name."""
    claims = (
        value for key, value in context.invocation_metadata() or () if key == CLAIM_KEY and isinstance(value, str)
    )
    return actor_of_identity(identity=caller(context), claim=next(claims, ""), otherwise=otherwise)
