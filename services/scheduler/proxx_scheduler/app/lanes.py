"""How steps come to wait in lanes, over a table of lanes. Storage and its likeness in the simulation share it.

A lane may be empty: steps that are closed do not look back. Whoever meets an empty one drops it (app/granting.py).
"""

from dataclasses import replace
from typing import Protocol

from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.ordering import Account, Lane, Place, Share, tag_on_arrival


class LaneTable(Protocol):
    """What is stored of lanes and shares."""

    def find_lane(self, *, queue: str, priority: int, needs: str) -> Lane | None:
        """Return a lane."""
        ...

    def add_lane(self, *, queue: str, priority: int, needs: Needs, tag: int, probe_tag: int | None, head: Place) -> int:
        """Store a new lane and what its steps need. `probe_tag` is its tag among PROBEs, None where it has none.

        Returns its id.
        """
        ...

    def move_lane(self, lane: Lane) -> None:
        """Store the head of a lane."""
        ...

    def share(self, *, queue: str, priority: int, account: Account = Account.SLOTS) -> Share | None:
        """Return what a queue has had of its class."""
        ...

    def virtual_time(self, priority: int, account: Account = Account.SLOTS) -> int:
        """Return the latest start of any grant in a class, 0 when there was none."""
        ...


def enter_lane(table: LaneTable, *, queue: str, priority: int, needs: Needs, place: Place) -> int:
    """Return the id of the lane for a step that begins to wait, made or moved so that its head is not behind it."""
    lane = table.find_lane(queue=queue, priority=priority, needs=needs.key)
    if lane is not None:
        if place < lane.head:
            table.move_lane(replace(lane, head=place))
        return lane.lane_id
    tag = _tag(table, queue=queue, priority=priority, account=Account.SLOTS)
    probe_tag = _tag(table, queue=queue, priority=priority, account=Account.PROBES) if needs.probes else None
    return table.add_lane(queue=queue, priority=priority, needs=needs, tag=tag, probe_tag=probe_tag, head=place)


def _tag(table: LaneTable, *, queue: str, priority: int, account: Account) -> int:
    share = table.share(queue=queue, priority=priority, account=account)
    return tag_on_arrival(share=share, virtual_time=table.virtual_time(priority, account))
