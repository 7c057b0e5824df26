"""A database in memory: the tables that decisions read and write, as values, with an undo log in place of rollback.

It implements that part of the port Tx which the scheduler uses to decide; lists and results for clients are not among
it. It cannot drift from the SQL: tests/storage runs one suite over both, and whole histories must give the same events.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from proxx_scheduler.app.ports import Tx
from tests.simulation.memory_clips import MemoryClips
from tests.simulation.memory_decisions import MemoryDecisions
from tests.simulation.memory_leases import MemoryLeases
from tests.simulation.memory_rows import MemoryTables
from tests.simulation.memory_views import MemoryViews
from tests.simulation.sim_store import PieceOutcome

Result = TypeVar("Result")


class MemoryTx(MemoryDecisions, MemoryClips, MemoryLeases, MemoryViews):
    """Implements what the scheduler decides with of proxx_scheduler.app.ports.Tx."""


class MemoryBackend(MemoryTables):
    """Implements Backend."""

    def run(self, works: Sequence[Callable[[Tx], Any]]) -> list[PieceOutcome]:
        return [self._piece(work) for work in works]

    def _piece(self, work: Callable[[Tx], Any]) -> PieceOutcome:
        tx = MemoryTx(self)
        port: Any = tx
        try:
            value = work(port)
        except Exception as error:  # noqa: BLE001  handed to the caller whole, as the product's store does
            tx.undo()
            return PieceOutcome(None, error, [])
        return PieceOutcome(value, None, tx.effects)

    def read(self, work: Callable[[Tx], Result]) -> Result:
        tx = MemoryTx(self)
        port: Any = tx
        try:
            return work(port)
        finally:
            tx.undo()
