"""The actor of a call whose caller is known (docs/AUDIT.md)."""

from proxx.core.access.identity import Identity
from proxx.core.actor import claimed

PREFIX = "identity/"


def actor_of(*, identity: Identity, claim: str, otherwise: str) -> str:
    """Return who acts: `identity/NAME`, and behind it `/claimed/…` when the call claims a name, too.

    `claim` is the metadata value of `proxx-actor`, "" without one. Where nobody was asked who they are, it is what it
    was without identities: `claimed/…`, or `otherwise`.
    """
    if identity.is_open:
        return claimed(claim, otherwise=otherwise)
    known = f"{PREFIX}{identity.name}"
    said = claimed(claim, otherwise="")
    return f"{known}/{said}" if said else known
