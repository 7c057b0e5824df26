"""Hands durable events and lossy progress to the streams that watch."""

import asyncio
import contextlib
from collections.abc import Iterable

from proxx.core.jobs import ClipProgress, JobEvent
from proxx_scheduler.app.records import Effect, EventAppended, ProgressMade

CAPACITY = 10_000


class Subscription:
    """One watcher's queue. A reader that falls too far behind is cut off, never buffered without bound."""

    def __init__(self, *, job_keys: frozenset[str], progress: bool) -> None:
        """Take which jobs are watched (all when empty) and whether progress is wanted."""
        self._job_keys = job_keys
        self._progress = progress
        self._queue: asyncio.Queue[JobEvent | ClipProgress | None] = asyncio.Queue(maxsize=CAPACITY)
        self.overflowed = False
        self.cut = ""

    def offer(self, item: JobEvent | ClipProgress) -> None:
        """Queue an item if it is watched. Progress yields to events when the queue is half full."""
        if self._job_keys and item.job_key not in self._job_keys:
            return
        if isinstance(item, ClipProgress) and (not self._progress or self._queue.qsize() > CAPACITY // 2):
            return
        try:
            self._queue.put_nowait(item)
        except asyncio.QueueFull:
            self.overflowed = True

    def end(self, why: str) -> None:
        """End it, even where the reader waits. `cut` says why."""
        self.cut = why
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait(None)

    async def next(self, *, timeout: float) -> JobEvent | ClipProgress | None:  # noqa: ASYNC109  a heartbeat, not a deadline
        """Return the next item, or None when `timeout` seconds passed without one."""
        try:
            return await asyncio.wait_for(self._queue.get(), timeout)
        except TimeoutError:
            return None


class EventHub:
    """All subscriptions."""

    def __init__(self) -> None:
        """Begin without watchers."""
        self._subscriptions: set[Subscription] = set()

    def subscribe(self, *, job_keys: Iterable[str], progress: bool) -> Subscription:
        """Begin to watch."""
        subscription = Subscription(job_keys=frozenset(job_keys), progress=progress)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """End watching."""
        self._subscriptions.discard(subscription)

    def cut(self, why: str) -> None:
        """End every subscription that there is: what happens may not be told here any more."""
        for subscription in self._subscriptions:
            subscription.end(why)

    def publish(self, effect: Effect) -> None:
        """Offer an event or progress to every watcher."""
        if isinstance(effect, EventAppended):
            item: JobEvent | ClipProgress = effect.event
        elif isinstance(effect, ProgressMade):
            item = effect.progress
        else:
            return
        for subscription in self._subscriptions:
            subscription.offer(item)
