"""What waits for the writing thread: executors' pieces before all others, each in the order in which it came."""

import threading
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class PieceQueue(Generic[Item]):
    """Two lines. Any thread may put; one thread takes."""

    def __init__(self) -> None:
        """Begin empty."""
        self._first: deque[Item] = deque()
        self._others: deque[Item] = deque()
        self._changed = threading.Condition(threading.Lock())

    def put(self, item: Item, *, first: bool = False) -> None:
        """Let an item wait: with `first` before all that do not have it."""
        with self._changed:
            (self._first if first else self._others).append(item)
            self._changed.notify()

    def take(self, *, timeout: float | None) -> Item | None:
        """Wait for an item, at most `timeout` seconds (None: for ever). Returns None when there was none."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._first or self._others, timeout):
                return None
            return self._first.popleft() if self._first else self._others.popleft()

    def take_waiting(self, limit: int) -> list[Item]:
        """Return what waits, at most `limit` items."""
        found = self.take_first(limit)
        with self._changed:
            while self._others and len(found) < limit:
                found.append(self._others.popleft())
        return found

    def take_first(self, limit: int) -> list[Item]:
        """Return what goes before all others, at most `limit` items."""
        if not self._first:  # asked between two pieces of every transaction
            return []
        with self._changed:
            return [self._first.popleft() for _ in range(min(limit, len(self._first)))]
