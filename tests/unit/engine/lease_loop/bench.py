"""An executor at work on fakes."""

import asyncio
from contextlib import suppress

from proxx.core.leases import ExecutorDescription, LeaseOutcome, LeaseRelease, ReleaseReason
from proxx.core.steps import Published
from proxx.engine.lease_loop import Executor, LoopSettings
from proxx.engine.scheduler_port import CallRefusedError
from tests.fakes.clock import FakeClock, settle
from tests.fakes.leases import DESCRIPTION, lease
from tests.fakes.scheduler_port import FakeScheduler
from tests.fakes.step_runner import FakeSteps

SETTINGS = LoopSettings(acquire_wait_seconds=20.0, drain_grace_seconds=30.0, settle_seconds=10.0)
PUBLISHED = LeaseOutcome(lease_id="lease-1", epoch=3, published=Published(sha256="a" * 64, size_bytes=1234))


class Bench:
    """An executor at work on fakes."""

    def __init__(self, description: ExecutorDescription = DESCRIPTION) -> None:
        self.clock = FakeClock()
        self.scheduler = FakeScheduler(lease_seconds=10.0, renew_seconds=2.0)
        self.steps = FakeSteps()
        self.executor = Executor(
            port=self.scheduler, description=description, steps=self.steps, clock=self.clock, settings=SETTINGS
        )
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.task = asyncio.create_task(self.executor.run())
        await settle()

    async def work_on(self, lease_id: str = "lease-1") -> None:
        """Grant a lease and see it past its start barrier."""
        await self.start()
        self.scheduler.grant(lease(lease_id))
        await settle()
        assert self.steps.started == [lease_id]

    async def end(self) -> None:
        self.scheduler.down = False
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError, CallRefusedError):
                await self.task


def release(reason: ReleaseReason) -> LeaseRelease:
    return LeaseRelease(lease_id="lease-1", epoch=3, reason=reason)
