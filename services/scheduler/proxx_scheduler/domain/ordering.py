"""Which waiting step is next: priority class, then weighted fair share between queues, then submission order.

Pure arithmetic over small facts; docs/ORDERING.md has the formula and a worked example. It is start-time fair queueing
(Goyal, Vin, Cheng 1996), kept apart for each priority: every grant moves its queue's tag forward by cost / weight, and
the lane with the lowest tag is next. A queue that was away comes back at the virtual time of its class, so that it gets
neither credit for the time it asked for nothing nor a debt older than that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

SCALE = 1_000_000
"""One unit of cost at weight 1, in whole numbers: the same arithmetic on every database and machine."""

WEIGHT_LIMIT = 1000


class Account(Enum):
    """What a grant takes of its executor. Each has tags and a virtual time of its own, so that neither is paid with the
    other: looking at the sources of ten thousand clips does not cost a queue its next encode.
    """

    SLOTS = "slots"
    PROBES = "probes"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Where a step stands in its queue: order of submission, then what finishes a job before what begins more of it."""

    job_sequence: int
    rank: int
    clip_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The waiting steps of a queue and priority that ask the same of an executor; `needs` is the key of what they ask.

    `head` is the place of the first of them, or a place before it; `tag` is where their queue stands in its class, in
    the account in which the lane was asked for.
    """

    lane_id: int
    queue: str
    priority: int
    needs: str
    tag: int
    head: Place
    account: Account = Account.SLOTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a queue has had of its priority class: where its newest grant began in virtual time, and where it ended."""

    start: int
    finish: int


def order_key(lane: Lane) -> tuple[int, int, Place, str, str]:
    """Return what lanes are ordered by. No two lanes have the same."""
    return (-lane.priority, lane.tag, lane.head, lane.queue, lane.needs)


def first_of(lanes: Iterable[Lane]) -> Lane | None:
    """Return the lane whose first step is next, None when there is none."""
    return min(lanes, key=order_key, default=None)


def tag_on_arrival(*, share: Share | None, virtual_time: int) -> int:
    """Return the tag of a queue whose first step begins to wait: what it had before counts as far as it goes."""
    return virtual_time if share is None else max(share.finish, virtual_time)


def charged(*, tag: int, virtual_time: int, cost: int, weight: int) -> Share:
    """Return the share of a queue after a grant of `cost` (threads of an encode, 1 for other steps).

    `virtual_time` is the latest start of any grant in the class. A queue that no executor could serve stands behind it;
    it does not get the grants that it could not take.
    """
    start = max(tag, virtual_time)
    return Share(start=start, finish=start + cost * SCALE // weight)
