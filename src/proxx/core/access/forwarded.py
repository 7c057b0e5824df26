"""How a replica says for whom it passes a call on."""

import json
from datetime import datetime

from proxx.core.access.identity import Identity
from proxx.core.access.refusal import AccessReason, AccessRefusal
from proxx.core.access.role import Role

FORWARDED_KEY = "proxx-forwarded-identity"
"""Request metadata with the identity of the caller, written by `forwarded_of`. It is believed of a REPLICA only."""
_KEYS = {"name", "roles", "how", "executors", "credential", "expires"}


def forwarded_of(identity: Identity) -> str:
    """Return the metadata value for a caller that was authenticated.

    Raises:
        ValueError: nobody proved who that is: there is nothing to pass on.
    """
    if identity.is_open:
        raise ValueError("an open listener's caller has no identity to pass on")
    roles = sorted(role.value for role in identity.roles)
    return json.dumps(
        {
            "name": identity.name,
            "roles": roles,
            "how": identity.how,
            "executors": list(identity.executors),
            "credential": identity.credential,
            "expires": "" if identity.expires is None else identity.expires.isoformat(),
        }
    )


def forwarded_identity(*, value: str, replica: Identity) -> Identity | AccessRefusal:
    """Return for whom a replica passes a call on, or why that is not believed.

    Only a caller with the role REPLICA is believed, and never that somebody else is a REPLICA. A listener that asks
    nobody believes nobody: replicas of one scheduler either all ask their callers, or none does.
    """
    if replica.is_open or Role.REPLICA not in replica.roles:
        has = "" if replica.is_open else ", ".join(sorted(role.value for role in replica.roles))
        return AccessRefusal(
            reason=AccessReason.ROLE_MISSING,
            message=f"{FORWARDED_KEY}: only an authenticated caller with the role replica passes calls of others on",
            metadata={"method": FORWARDED_KEY, "needed": Role.REPLICA.value, "has": has},
            identity=replica.name,
        )
    identity = _read(value)
    if identity is None:
        return AccessRefusal(
            reason=AccessReason.IDENTITY_UNKNOWN,
            message=f"{FORWARDED_KEY}: the replica says nothing that this version can read",
            metadata={"names": ""},
            identity=replica.name,
        )
    return identity


def _read(value: str) -> Identity | None:
    try:
        said = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or set(said) != _KEYS:
        return None
    name, roles, how, executors = said["name"], said["roles"], said["how"], said["executors"]
    known = {role.value for role in Role if role is not Role.REPLICA}
    if not _texts(roles) or not _texts(executors) or not set(roles) <= known:
        return None
    if not isinstance(name, str) or not name or how not in ("certificate", "token"):
        return None
    credential, expires = said["credential"], said["expires"]
    if not isinstance(credential, str) or not isinstance(expires, str):
        return None
    try:
        ends = datetime.fromisoformat(expires) if expires else None
    except ValueError:
        return None
    return Identity(
        name=name,
        roles=frozenset(Role(role) for role in roles),
        how=how,
        executors=tuple(executors),
        credential=credential,
        expires=ends,
    )


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
