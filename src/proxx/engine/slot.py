"""One lease in work: where it stands, and what may still interrupt it."""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from proxx.core.leases import HeldLease, Lease, LeaseOutcome, LeaseReport
from proxx.core.steps import Phase, Progress


class Interruption(StrEnum):
    """Why a lease in work was stopped from outside."""

    CANCELLED = "CANCELLED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    DRAINED = "DRAINED"

    @property
    def silent(self) -> bool:
        """Whether the lease is another's already, so that nothing is reported."""
        return self in (Interruption.REVOKED, Interruption.EXPIRED)


class Slot:
    """The StepWatch of one lease, and the lease loop's record of it."""

    def __init__(self, *, lease: Lease, acknowledged: float, wake: Callable[[], None]) -> None:
        """Take the lease, when the scheduler was last heard of it (monotonic), and how to wake the renewal loop."""
        self.lease = lease
        self.acknowledged = acknowledged
        self.interruption: Interruption | None = None
        self.phase = Phase.ACCEPTED
        self._progress: Progress | None = None
        self._settling = False
        self._barrier = asyncio.Event()
        self.worker: asyncio.Task[None] | None = None
        self._step: asyncio.Task[LeaseOutcome | None] | None = None
        self._wake = wake

    @property
    def started(self) -> bool:
        """Whether the start barrier was passed."""
        return self._barrier.is_set()

    @property
    def interruptible(self) -> bool:
        """Whether a directive still stops it. Later only the answers of Prepare and Complete decide."""
        return not self._settling and self.interruption is None

    def report(self) -> LeaseReport:
        """What the next renewal carries."""
        return LeaseReport(
            lease_id=self.lease.lease_id, epoch=self.lease.epoch, phase=self.phase, progress=self._progress
        )

    def held(self) -> HeldLease:
        """What a re-opened session is told."""
        return HeldLease(lease_id=self.lease.lease_id, epoch=self.lease.epoch, phase=self.phase)

    def enter(self, phase: Phase) -> None:
        """Say what the step does from now on."""
        self.phase = phase

    def progress(self, progress: Progress) -> None:
        """Say how far it is."""
        self._progress = progress

    def commit(self) -> bool:
        """Pass the point after which no directive interrupts. False: interrupted already."""
        if self.interruption is not None:
            return False
        self._settling = True
        return True

    async def pass_barrier(self) -> None:
        """Ask to start, and wait until the scheduler has said CONTINUE to that."""
        self.phase = Phase.STARTING
        self._wake()
        await self._barrier.wait()

    def acknowledge(self, *, reported: LeaseReport, sent: float, may_start: bool) -> None:
        """The scheduler answered a report sent at `sent` (monotonic); CONTINUE to STARTING opens the barrier."""
        self.acknowledged = max(self.acknowledged, sent)
        if may_start and reported.phase is Phase.STARTING:
            self._barrier.set()

    def follow(self, step: "asyncio.Task[LeaseOutcome | None]") -> None:
        """Take the task that an interruption cancels."""
        self._step = step
        if self.interruption is not None:
            step.cancel()

    def abandon(self) -> None:
        """Stop everything about this lease, also what no directive may stop: the process ends."""
        if self.worker is not None:
            self.worker.cancel()

    def interrupt(self, interruption: Interruption) -> None:
        """Stop the step, unless it is past that."""
        if self.interruptible:
            self.interruption = interruption
            if self._step is not None:
                self._step.cancel()
