"""Denied calls, counted by kind for as long as a window lasts, so that a flood of them becomes a few records. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from proxx.core.access import Denial

KINDS_LIMIT = 100
"""Most kinds of one window that are told apart; all others are counted together."""

COUNT_LIMIT = 2**53
"""Where counting ends: larger numbers could not stand in an event's data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedDenials:
    """Denied calls of one kind: how many, and when the first and the last one came.

    `denial` is None of those beyond KINDS_LIMIT, counted together. Of a caller that was recognised, it names the way on
    which the first one came.
    """

    denial: Denial | None
    count: int
    first: datetime
    last: datetime

    def joined(self, other: "CountedDenials") -> "CountedDenials":
        """Return both as one."""
        return CountedDenials(
            denial=self.denial,
            count=min(self.count + other.count, COUNT_LIMIT),
            first=min(self.first, other.first),
            last=max(self.last, other.last),
        )


Kind = tuple[str, str, str, str]


class DenialWindow:
    """What was denied since it was emptied. A kind is who (the identity, or the way on which an unknown one came),
    which method, and why.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._kinds: dict[Kind, CountedDenials] = {}
        self._rest: CountedDenials | None = None

    def add(self, denial: Denial, *, now: datetime) -> None:
        """Count one."""
        self._join(CountedDenials(denial=denial, count=1, first=now, last=now))

    def put_back(self, counted: Iterable[CountedDenials]) -> None:
        """Count what was taken and could not be recorded."""
        for item in counted:
            self._join(item)

    def take(self) -> tuple[CountedDenials, ...]:
        """Return everything in the order in which it first came, those beyond the limit last, and begin anew."""
        taken = (*self._kinds.values(), *(() if self._rest is None else (self._rest,)))
        self._kinds, self._rest = {}, None
        return taken

    def _join(self, counted: CountedDenials) -> None:
        kind = None if counted.denial is None else _kind(counted.denial)
        known = None if kind is None else self._kinds.get(kind)
        if kind is not None and known is not None:
            self._kinds[kind] = known.joined(counted)
        elif kind is not None and len(self._kinds) < KINDS_LIMIT:
            self._kinds[kind] = counted
        else:
            rest = CountedDenials(denial=None, count=counted.count, first=counted.first, last=counted.last)
            self._rest = rest if self._rest is None else self._rest.joined(rest)


def _kind(denial: Denial) -> Kind:
    who = f"identity {denial.identity}" if denial.identity else f"peer {denial.peer_kind}"
    return who, denial.service, denial.method, denial.reason
