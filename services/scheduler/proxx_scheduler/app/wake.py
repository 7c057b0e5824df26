"""Tells those who wait for work that there may be some."""

import asyncio
import contextlib
from collections.abc import Hashable, Iterator


class Turn:
    """One who waits for work among others of its kind. What it is called for is told to another if it goes away."""

    def __init__(self, kind: Hashable) -> None:
        """Take what it is like: those of one kind can do the same."""
        self.kind = kind
        self.called = asyncio.Event()


class Wake:
    """A signal without memory of its own: each waiter holds the state that it saw, so that none can miss a call.

    One event that every waiter clears would lose calls: a call between the look of one waiter and its wait is cleared
    by the look of the next. Of those who take turns, a call reaches one of each kind: what one of them does not find,
    no other of its kind would.
    """

    def __init__(self) -> None:
        """Begin silent."""
        self._now = asyncio.Event()
        self._turns: dict[Hashable, dict[Turn, None]] = {}
        self._aside: dict[Turn, None] = {}

    def seen(self) -> asyncio.Event:
        """Return what the next `set` will set. Take it before looking for work, wait on it after finding none."""
        return self._now

    @contextlib.contextmanager
    def turn(self, kind: Hashable) -> Iterator[Turn]:
        """Take turns with others of a kind. Clear `called` before each look, wait on it after finding nothing."""
        turn = Turn(kind)
        self._turns.setdefault(kind, {})[turn] = None
        try:
            yield turn
        finally:
            self._leave(turn)
            self._aside.pop(turn, None)

    def stand_aside(self, turn: Turn) -> None:
        """Let the others of its kind be called before: it may do nothing at present. It is called beside them."""
        self._leave(turn)
        self._aside[turn] = None

    def come_back(self, turn: Turn) -> None:
        """Take turns again."""
        if self._aside.pop(turn, turn) is None:
            self._turns.setdefault(turn.kind, {})[turn] = None

    def set(self) -> None:
        """Wake everybody who took `seen` before, and one of each kind of those who take turns."""
        past, self._now = self._now, asyncio.Event()
        past.set()
        for turns in self._turns.values():
            _call_one(turns)
        for turn in self._aside:
            turn.called.set()

    def set_all(self) -> None:
        """Wake everybody: it is not work that there is news of."""
        self.set()
        for turns in self._turns.values():
            for turn in turns:
                turn.called.set()

    def _leave(self, turn: Turn) -> None:
        turns = self._turns.get(turn.kind, {})
        if turns.pop(turn, turn) is not None:
            return
        if turn.called.is_set():
            _call_one(turns)
        if not turns:
            del self._turns[turn.kind]


def _call_one(turns: dict[Turn, None]) -> None:
    """Call the one that waits longest and was not called yet."""
    for turn in turns:
        if not turn.called.is_set():
            turn.called.set()
            return
