"""One life of a scheduler process under virtual time."""

import asyncio
import random
from collections.abc import Callable

from proxx_scheduler.app.ports import StoreError
from proxx_scheduler.app.records import Effect
from proxx_scheduler.domain.rules import NO_RULES, Rules
from tests.simulation.scheduler_parts import SchedulerParts
from tests.simulation.sim_clock import SimClock, SimIds
from tests.simulation.sim_store import Backend, SimStore, StoreFaults
from tests.simulation.virtual_loop import Process, VirtualLoop


class SchedulerProcess:
    """A scheduler from its start to its death. Nothing survives but the backend."""

    def __init__(
        self,
        *,
        number: int,
        backend: Backend,
        clock: SimClock,
        ids: SimIds,
        source: random.Random,
        store_faults: StoreFaults,
        lease_seconds: float,
        fence_after: int,
        staging_budget: int | None,
        committed: Callable[[list[Effect]], None],
        failed: Callable[[], None],
    ) -> None:
        self._failed = failed
        self.process = Process(f"scheduler#{number}")
        self.ready = False
        parts = SchedulerParts(
            open_store=lambda on_commit: SimStore(
                backend=backend, source=source, faults=store_faults, on_commit=on_commit, committed=committed
            ),
            clock=clock,
            ids=ids,
            lease_seconds=lease_seconds,
            fence_after=fence_after,
            rules=NO_RULES if staging_budget is None else Rules(budgets={"local": staging_budget}),
        )
        self.executors = parts.executors
        self.jobs = parts.jobs
        self._admission = parts.admission

    def start(self, loop: VirtualLoop) -> None:
        """Start the process."""
        loop.spawn(self.process, self._run())

    async def _run(self) -> None:
        try:
            await self.executors.load()
            await self._admission.load()
        except StoreError:
            self._failed()  # the product's process ends, and whoever supervises it starts it again
            return
        expiry = asyncio.create_task(self.executors.expiring.run())
        self.ready = True
        await expiry
