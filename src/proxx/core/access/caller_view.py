"""Who a server takes a caller for, as the caller may see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from proxx.core.access.identity import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerView:
    """An identity with what it may do. `how` is `certificate`, `token`, or `open` where nothing had to be proved.

    `rights` are the roles with those that they bring along. `credential` is the public id of the token or the sha256 of
    the certificate, `expire_time` its end; "" and None without one. `actor` is what its calls are recorded under.
    """

    name: str
    how: str
    roles: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    executors: tuple[str, ...] = ()
    credential: str = ""
    expire_time: datetime | None = None
    actor: str = ""

    @classmethod
    def of(cls, identity: Identity, *, actor: str) -> Self:
        """Return the view of an identity."""
        return cls(
            name=identity.name,
            how=identity.how,
            roles=tuple(sorted(role.value for role in identity.roles)),
            rights=tuple(sorted(role.value for role in identity.rights)),
            executors=identity.executors,
            credential=identity.credential,
            expire_time=identity.expires,
            actor=actor,
        )
