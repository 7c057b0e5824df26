"""Whether an identity may do what it asks. Pure: the policy, the identity and the facts of the thing asked for."""

from proxx.core.access.identity import Identity
from proxx.core.access.policy import POLICY
from proxx.core.access.refusal import AccessReason, AccessRefusal
from proxx.core.access.role import Role
from proxx.core.quoting import quote

_METHOD_CHARACTERS = 200


def needs_no_credentials(*, method: str) -> bool:
    """Return whether anybody may call a method (`/package.Service/Method`)."""
    grant = POLICY.get(method)
    return grant is not None and grant.role is None and not grant.known


def refusal_of_method(*, method: str, identity: Identity) -> AccessRefusal | None:
    """Return why this identity may not call a method (`/package.Service/Method`), None when it may.

    A method with `own` is let through here for a caller with its role; whose job it is `refusal_of_job` looks at.
    A listener that asks nobody who they are lets every method through.
    """
    if identity.is_open:
        return None
    grant = POLICY.get(method)
    if grant is None:
        message = (
            f"{quote(text=method, limit=_METHOD_CHARACTERS)} is in no row of the published roles: nobody may call it"
        )
        return _role_missing(method=method, needed="", identity=identity, message=message)
    if grant.role is None or identity.has(grant.role):
        return None
    message = (
        f"{quote(text=method, limit=_METHOD_CHARACTERS)} needs the role {grant.role.value}; "
        f"{quote(text=identity.name)} has {_roles(identity) or 'none'}"
    )
    return _role_missing(method=method, needed=grant.role.value, identity=identity, message=message)


def refusal_of_job(*, method: str, identity: Identity, job_key: str, owner: str) -> AccessRefusal | None:
    """Return why this identity may not do it to this job, None when it may. `owner` is the identity that submitted it.

    "" as owner is that of a job submitted where nobody was asked: no named identity owns it.
    """
    grant = POLICY.get(method)
    if identity.is_open or grant is None or not grant.own or identity.has(Role.OPERATOR):
        return None
    if identity.name and identity.name == owner:
        return None
    whose = f"was submitted by {quote(text=owner)}" if owner else "was submitted by nobody who is known"
    return AccessRefusal(
        reason=AccessReason.NOT_OWNER,
        message=f"job {quote(text=job_key)} {whose}; {quote(text=identity.name)} may do this to its own jobs only, "
        "an operator to any",
        metadata={"method": method, "job_key": job_key, "owner": owner, "identity": identity.name},
        identity=identity.name,
    )


def refusal_of_executor(*, identity: Identity, executor: str, held_by: str | None = None) -> AccessRefusal | None:
    """Return why this identity may not act as the executor of this name, None when it may.

    `held_by` is the identity whose living session has the name, None without one.
    """
    if identity.is_open:
        return None
    if not identity.may_be_executor(executor):
        rule = f"may be executors {', '.join(quote(text=pattern) for pattern in identity.executors)} only"
    elif held_by is not None and held_by != identity.name:
        rule = f"is not {quote(text=held_by)}, whose session is alive" if held_by else "is not whose session is alive"
    else:
        return None
    return AccessRefusal(
        reason=AccessReason.EXECUTOR_FOREIGN,
        message=f"executor {quote(text=executor)}: {quote(text=identity.name)} {rule}",
        metadata={"executor": executor, "identity": identity.name},
        identity=identity.name,
    )


def _role_missing(*, method: str, needed: str, identity: Identity, message: str) -> AccessRefusal:
    return AccessRefusal(
        reason=AccessReason.ROLE_MISSING,
        message=message,
        metadata={"method": method[:_METHOD_CHARACTERS], "needed": needed, "has": _roles(identity)},
        identity=identity.name,
    )


def _roles(identity: Identity) -> str:
    return ", ".join(sorted(role.value for role in identity.roles))
