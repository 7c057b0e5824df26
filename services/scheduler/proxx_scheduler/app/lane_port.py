"""The part of a transaction that ordering needs: lanes of waiting steps, their turns, and what limits hold them."""

from collections.abc import Collection, Mapping
from typing import Protocol

from proxx_scheduler.app.records import QueuedStep, QueuedWork, ResourceHold
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.ordering import Account, Lane, Share
from proxx_scheduler.domain.waiting import Ahead


class LaneTx(Protocol):
    """Plain storage, as Tx, of which it is a part."""

    def waiting_needs(self) -> tuple[Needs, ...]:
        """Return everything that any waiting step may ask of an executor: a few, whatever the queue is long."""
        ...

    def first_lanes(
        self, *, needs: Collection[Needs], without: Collection[str], limit: int = 1, account: Account = Account.SLOTS
    ) -> tuple[Lane, ...]:
        """Return the first `limit` lanes of each of `needs`; of the queues `without` only what finishes steps."""
        ...

    def lane_steps(self, lane: Lane, *, limit: int) -> tuple[QueuedStep, ...]:
        """Return the first steps that wait in a lane."""
        ...

    def leave_lane(self, step: QueuedStep) -> None:
        """Let a queued step stand in no lane until its clip becomes head, or its job is lined up again."""
        ...

    def drop_lane(self, lane: Lane) -> None:
        """Forget a lane in which nothing waits."""
        ...

    def move_lane(self, lane: Lane) -> None:
        """Store the head of a lane."""
        ...

    def virtual_time(self, priority: int, account: Account = Account.SLOTS) -> int:
        """Return the latest start of any grant in a priority class, 0 when there was none."""
        ...

    def charge(self, lane: Lane, *, share: Share) -> None:
        """Store what the queue of a lane has had of its account; every lane of that queue and priority moves there."""
        ...

    def staged_bytes(self, roots: Collection[str]) -> Mapping[str, int]:
        """Return, by root, what is staged under its budget and what clips that are made ahead are expected to take."""
        ...

    def held_in_queues(self, queues: Collection[str]) -> Mapping[str, int]:
        """Return how many steps of these queues are leased, without those that only finish what was begun."""
        ...

    def resource_holds(self) -> tuple[ResourceHold, ...]:
        """Return the leased steps that take resources, one entry for each resource that they take."""
        ...

    def queued_work(
        self, job_key: str, *, first: int, last: int, limit: int | None = None
    ) -> tuple[QueuedWork, ...]:  # fmt: skip
        """Return the steps of a job, may they be granted now or as head, that clips from `first` to `last` wait for:
        all, or the first of them up to `limit`.
        """
        ...

    def ahead_of(self, work: QueuedWork, *, rivals: Collection[Needs], limit: int, account: Account) -> Ahead:
        """Return what goes before a step, counted up to `limit`; `rivals` are what takes the same of executors."""
        ...

    def forget_shares(self) -> None:
        """Forget what queues have had that counts for nothing any more."""
        ...
