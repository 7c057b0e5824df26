"""For how many more leases an executor has room."""

from collections.abc import Iterable
from dataclasses import dataclass

from proxx.core.leases import Lease
from proxx.core.steps import StepKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many leases fit. Where PROBEs have places of their own, `grants` counts the others."""

    grants: int
    probes: int

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return self.grants > 0 or self.probes > 0

    def lacks(self, other: "Room") -> bool:
        """Whether the other has some of what there is none of here."""
        return (other.grants > 0 and self.grants == 0) or (other.probes > 0 and self.probes == 0)


NO_ROOM = Room(grants=0, probes=0)


def room_beside(*, held: Iterable[Lease], slots: int, probe_slots: int) -> Room:
    """Return what is left of `slots` and `probe_slots` beside the leases that are held."""
    leases = list(held)
    probes = sum(lease.kind is StepKind.PROBE for lease in leases) if probe_slots else 0
    return Room(grants=max(slots - (len(leases) - probes), 0), probes=max(probe_slots - probes, 0))
