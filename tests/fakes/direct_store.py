"""A store without delay over a database in memory: for use cases that are called one after another."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from proxx_scheduler.app.ports import StoreError, Tx
from proxx_scheduler.app.records import Effect
from tests.simulation.memory_backend import MemoryBackend

Result = TypeVar("Result")


def nobody(_effects: list[Effect]) -> None:
    """Nobody is told of commits."""


class DirectStore:
    """Implements proxx_scheduler.app.ports.Store. Reads run on another thread, as those of the product do.

    `refusal` says why writes are refused, "" when they are taken; `tried` counts them.
    """

    def __init__(self, backend: MemoryBackend, on_commit: Callable[[list[Effect]], None] = nobody) -> None:
        self._backend = backend
        self._on_commit = on_commit
        self.refusal = ""
        self.tried = 0

    async def write(self, work: Callable[[Tx], Result]) -> Result:
        self.tried += 1
        if self.refusal:
            raise StoreError(self.refusal)
        (outcome,) = self._backend.run([work])
        if outcome.error is not None:
            raise outcome.error
        self._on_commit(outcome.effects)
        value: Result = outcome.value
        return value

    async def read(self, work: Callable[[Tx], Result]) -> Result:
        return await asyncio.to_thread(self._backend.read, work)
