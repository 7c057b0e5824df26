"""Takes the next steps out of their lanes, several for one call: the very steps that one after another would give.

What is waiting is read once. As long as the next lane provably stands before every lane that was not read, it is next
in storage too; where that ends, what was taken is stored, and the caller asks again once it has granted it.
"""

from collections.abc import Collection, Sequence

from proxx.core.replacing import replace
from proxx_scheduler.app.ports import Tx
from proxx_scheduler.app.records import QueuedStep
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.ordering import Account, Lane, Place, Share, charged, first_of, order_key
from proxx_scheduler.domain.rules import Rules

OrderKey = tuple[int, int, Place, str, str]


LANES = 32
"""Most lanes of one need that are read at a time, beside the one that shows where the next ones begin."""

STEPS = 4
"""How many steps are read of a lane that others stand beside: each grant moves it behind them."""


def take_steps(
    tx: Tx,
    *,
    needs: Collection[Needs],
    rules: Rules,
    without: Collection[str],
    limit: int,
    account: Account = Account.SLOTS,
) -> Sequence[QueuedStep]:
    """Take some steps, up to `limit`, in the order of an account, and charge it to their queues. None only when nothing
    waits that may be taken.

    They must be granted before more are taken; where staging budgets hold something back, they are taken one by one.
    """
    while True:
        lanes = _Lanes(tx, needs=needs, rules=rules, without=without, limit=limit, account=account)
        taken = lanes.take()
        if taken is None or taken:
            return taken or ()
        # nothing else that would be staged there passes what does not fit: small clips must not starve a large one
        needs = [item for item in needs if not lanes.blocked or item.staging != lanes.blocked]


class _Lanes:
    """The first lanes of each need, as they stand after what was taken so far."""

    def __init__(
        self,
        tx: Tx,
        *,
        needs: Collection[Needs],
        rules: Rules,
        without: Collection[str],
        limit: int,
        account: Account,
    ) -> None:
        self._tx = tx
        self._account = account
        self._rules = rules
        self._limit = limit
        size = min(limit, LANES) + 1
        lanes = tx.first_lanes(needs=needs, without=without, limit=size, account=account)
        self._lanes = {lane.lane_id: lane for lane in lanes}
        self._end = _first_unread(lanes, size=size)
        self._depth = (limit if len(lanes) == 1 else min(limit, STEPS)) + 1
        self._steps: dict[int, list[QueuedStep]] = {}
        self._whole: dict[int, bool] = {}
        self._read_out: set[int] = set()
        self._moved: set[int] = set()
        self._dropped: dict[int, Lane] = {}
        self._shares: dict[tuple[str, int], tuple[Lane, Share]] = {}
        self._times: dict[int, int] = {}
        self.blocked = ""
        """The root whose staging budget holds back what is next."""

    def take(self) -> list[QueuedStep] | None:
        """Take what can be taken and store it. None when nothing waits."""
        if not self._lanes:
            return None
        taken: list[QueuedStep] = []
        while len(taken) < self._limit and not self.blocked:
            lane = first_of(self._lanes.values())
            if lane is None or not self._is_next(lane):
                break
            step = self._next(lane)
            if step is not None:
                taken.append(step)
        self._store()
        return taken

    def _is_next(self, lane: Lane) -> bool:
        """Whether it is known that no lane stands before this one, and which steps wait in it."""
        if self._end is not None and order_key(lane) > self._end:
            return False
        return lane.lane_id not in self._read_out

    def _next(self, lane: Lane) -> QueuedStep | None:
        """Take the first step of a lane, or set right where the lane stands."""
        steps = self._steps.get(lane.lane_id)
        if steps is None:
            steps = self._steps[lane.lane_id] = list(self._tx.lane_steps(lane, limit=self._depth))
            self._whole[lane.lane_id] = len(steps) < self._depth
        if not steps:
            self._drop(lane)
            return None
        if steps[0].place != lane.head:  # what stood before it was closed
            self._move(lane, steps[0].place)
            return None
        if steps[0].staging and not _fits(self._tx, steps[0], self._rules):
            if _can_fit(steps[0], self._rules):
                self.blocked = steps[0].staging
            else:  # it would hold back all others until it is head; then it is lined up again
                self._tx.leave_lane(steps[0])
                del self._steps[lane.lane_id]
            return None
        step = steps.pop(0)
        self._charge(lane, step)
        lane = self._lanes[lane.lane_id]
        if not steps:
            self._drop(lane)
            return step
        self._move(lane, steps[0].place)
        if len(steps) == 1 and not self._whole[lane.lane_id]:
            self._read_out.add(lane.lane_id)
        return step

    def _charge(self, lane: Lane, step: QueuedStep) -> None:
        time = self._times.get(lane.priority)
        if time is None:
            time = self._tx.virtual_time(lane.priority, self._account)
        share = charged(tag=lane.tag, virtual_time=time, cost=step.cost, weight=self._rules.weight(lane.queue))
        self._times[lane.priority] = max(time, share.start)
        self._shares[lane.queue, lane.priority] = (lane, share)
        for other in self._lanes.values():
            if (other.queue, other.priority) == (lane.queue, lane.priority):
                self._lanes[other.lane_id] = replace(other, tag=share.finish)

    def _move(self, lane: Lane, head: Place) -> None:
        self._lanes[lane.lane_id] = replace(lane, head=head)
        self._moved.add(lane.lane_id)

    def _drop(self, lane: Lane) -> None:
        self._dropped[lane.lane_id] = self._lanes.pop(lane.lane_id)

    def _store(self) -> None:
        for lane, share in self._shares.values():
            self._tx.charge(lane, share=share)
        for lane in self._dropped.values():
            self._tx.drop_lane(lane)
        for lane_id in sorted(self._moved - set(self._dropped)):
            self._tx.move_lane(self._lanes[lane_id])


def _can_fit(step: QueuedStep, rules: Rules) -> bool:
    """Whether a step fits into the staging budget once nothing else is staged."""
    return rules.fits(root=step.staging, staged=0, expected=step.expected_bytes)


def _fits(tx: Tx, step: QueuedStep, rules: Rules) -> bool:
    """Whether the staging budget lets a step begin that is not its job's head."""
    staged = tx.staged_bytes((step.staging,)).get(step.staging, 0) if step.staging in rules.budgets else 0
    return rules.fits(root=step.staging, staged=staged, expected=step.expected_bytes)


def _first_unread(lanes: Collection[Lane], *, size: int) -> OrderKey | None:
    """Return where the lanes begin that were not read; None when all were."""
    ends: list[OrderKey] = []
    for needs in {lane.needs for lane in lanes}:
        keys = [order_key(lane) for lane in lanes if lane.needs == needs]
        if len(keys) == size:
            ends.append(max(keys))
    return min(ends, default=None)
