"""Work in memory: every lease waits until a test lets it finish."""

import asyncio
from collections import defaultdict

from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.steps import PreparedOutput, Published
from proxx.engine.step_runner import StepWatch


class FakeSteps:
    """Implements proxx.engine.step_runner.StepRunner. A result that is an exception is raised."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.stopped: list[str] = []
        self.published: list[str] = []
        self.discarded: list[str] = []
        self.watches: dict[str, StepWatch] = {}
        self.publish_error: Exception | None = None
        self.discard_error: OSError | None = None
        self.publish_gate = asyncio.Event()
        self.publish_gate.set()
        self._results: dict[str, asyncio.Future[LeaseOutcome | PreparedOutput | Exception]] = defaultdict(
            lambda: asyncio.get_running_loop().create_future()
        )

    def finish(self, lease_id: str, result: LeaseOutcome | PreparedOutput | Exception) -> None:
        """Let the work of a lease end."""
        self._results[lease_id].set_result(result)

    async def run(self, *, lease: Lease, watch: StepWatch) -> LeaseOutcome | PreparedOutput:
        self.started.append(lease.lease_id)
        self.watches[lease.lease_id] = watch
        try:
            result = await asyncio.shield(self._results[lease.lease_id])
        except asyncio.CancelledError:
            self.stopped.append(lease.lease_id)
            raise
        if isinstance(result, Exception):
            raise result
        return result

    async def publish(self, *, lease: Lease, output: PreparedOutput) -> Published:
        await self.publish_gate.wait()
        if self.publish_error is not None:
            raise self.publish_error
        self.published.append(lease.lease_id)
        return Published(sha256=output.sha256, size_bytes=output.size_bytes)

    async def discard(self, *, lease: Lease) -> None:
        if self.discard_error is not None:
            raise self.discard_error
        self.discarded.append(lease.lease_id)
