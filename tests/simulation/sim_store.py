"""The port Store under virtual time: commits are grouped, acknowledged later than they hold, and sometimes refused.

A scheduler that dies between the commit and the acknowledgement leaves the caller not knowing: the outcome is unknown,
as it is in life.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from proxx_scheduler.app.ports import StoreError, Tx
from proxx_scheduler.app.records import Effect

Result = TypeVar("Result")


@dataclass(slots=True)
class PieceOutcome:
    """What became of one piece of a transaction."""

    value: Any
    error: BaseException | None
    effects: list[Effect]


class Backend(Protocol):
    """A database that outlives its scheduler."""

    def run(self, works: Sequence[Callable[[Tx], Any]]) -> list[PieceOutcome]:
        """Run pieces in one transaction, each under its own savepoint, and commit."""
        ...

    def read(self, work: Callable[[Tx], Result]) -> Result:
        """Run `work` on a consistent view; what it writes is undone."""
        ...


@dataclass(slots=True)
class StoreFaults:
    """What the database does wrong: the probability that a commit is refused, as on a full disk."""

    on: bool = False
    refuse: float = 0.0


class SimStore:
    """Implements proxx_scheduler.app.ports.Store for one life of a scheduler."""

    def __init__(
        self,
        *,
        backend: Backend,
        source: random.Random,
        faults: StoreFaults,
        on_commit: Callable[[list[Effect]], None],
        committed: Callable[[list[Effect]], None],
    ) -> None:
        """`on_commit` is the scheduler's own; `committed` is told at the very moment of the commit, by the world."""
        self._backend = backend
        self._source = source
        self._faults = faults
        self._on_commit = on_commit
        self._committed = committed
        self._waiting: list[tuple[Callable[[Tx], Any], asyncio.Future[Any]]] = []

    async def write(self, work: Callable[[Tx], Result]) -> Result:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((work, done))
        if len(self._waiting) == 1:
            loop.call_later(self._delay(), self._commit)
        return await done

    async def read(self, work: Callable[[Tx], Result]) -> Result:
        await asyncio.sleep(self._delay())
        return self._backend.read(work)

    def _delay(self) -> float:
        return 0.001 + self._source.random() * 0.02

    def _commit(self) -> None:
        pieces = [(work, done) for work, done in self._waiting if not done.done()]
        self._waiting.clear()
        if not pieces:
            return
        loop = asyncio.get_running_loop()
        if self._faults.on and self._source.random() < self._faults.refuse:
            loop.call_later(self._delay(), _refuse, [done for _, done in pieces])
            return
        outcomes = self._backend.run([work for work, _ in pieces])
        effects = [effect for outcome in outcomes for effect in outcome.effects]
        self._committed(effects)
        loop.call_later(self._delay(), self._acknowledge, [done for _, done in pieces], outcomes, effects)

    def _acknowledge(
        self, waiting: list["asyncio.Future[Any]"], outcomes: list[PieceOutcome], effects: list[Effect]
    ) -> None:
        if effects:
            self._on_commit(effects)
        for done, outcome in zip(waiting, outcomes, strict=True):
            if done.done():
                continue
            if outcome.error is None:
                done.set_result(outcome.value)
            else:
                done.set_exception(outcome.error)


def _refuse(waiting: list["asyncio.Future[Any]"]) -> None:
    for done in waiting:
        if not done.done():
            done.set_exception(StoreError("the database could not be written: disk I/O error (simulated)"))
