"""Who makes a call, and what that caller may do."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from proxx.core.access.role import INCLUDED, Role

How = Literal["certificate", "token", "open"]
"""What proved the identity; `open`: nothing did, and nothing had to."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A caller by the name of the access file. `roles` are those that are given, without what they bring along.

    `executors` are patterns of the executor names that it may open sessions for; none: any name that no living session
    of another identity holds. `credential` is what was shown, by its public id: that of a token, the sha256 of a
    certificate; `expires` is when that ends. Both say nothing about who it is.
    """

    name: str
    roles: frozenset[Role]
    how: How
    executors: tuple[str, ...] = ()
    credential: str = field(default="", compare=False)
    expires: datetime | None = field(default=None, compare=False)

    @cached_property
    def rights(self) -> frozenset[Role]:
        """The roles with all that they bring along."""
        return frozenset[Role]().union(*(INCLUDED[role] for role in self.roles))

    def has(self, role: Role) -> bool:
        """Return whether it has this role, by itself or by another one."""
        return role in self.rights

    @property
    def is_open(self) -> bool:
        """Whether nobody proved anything, because the listener asks nobody."""
        return self.how == "open"

    def may_be_executor(self, name: str) -> bool:
        """Return whether the patterns allow a session of an executor with this name."""
        return not self.executors or any(matches(pattern=pattern, name=name) for pattern in self.executors)


OPEN = Identity(name="", roles=frozenset(Role), how="open")
"""Every caller of a listener that asks nobody who they are: loopback, a unix socket, or `--insecure`."""


def matches(*, pattern: str, name: str) -> bool:
    """Return whether a name matches; `*` stands for any characters, also none, everything else for itself."""
    first, *rest = pattern.split("*")
    if not rest:
        return name == first
    last = rest.pop()
    if len(name) < len(first) + len(last) or not name.startswith(first) or not name.endswith(last):
        return False
    return _in_order(rest, name[len(first) : len(name) - len(last)])


def _in_order(parts: Iterable[str], text: str) -> bool:
    place = 0
    for part in parts:
        place = text.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return True
