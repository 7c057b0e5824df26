"""What one method asks of its caller."""

from dataclasses import dataclass

from proxx.core.access.role import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The role that a method needs; None: none, and no credentials either.

    `own`: the role is enough for the caller's own jobs only; on any job it takes an operator. `known`, without a role:
    whoever is recognised may call.
    """

    role: Role | None
    own: bool = False
    known: bool = False
