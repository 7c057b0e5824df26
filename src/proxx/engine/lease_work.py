"""One lease from its start barrier to its answered outcome."""

import asyncio
import logging
import uuid
from dataclasses import replace

from proxx.core.failure import Failure, FailureKind
from proxx.core.leases import Lease, LeaseOutcome, LeaseRelease, ReleaseReason, ReportStatus
from proxx.core.steps import Phase, PrepareAnswer, PreparedOutput
from proxx.engine.errors import HandBackError, PublicationInDoubtError, StepFailedError
from proxx.engine.scheduler_port import CallRefusedError, LeaseSupersededError, SchedulerDefectError, SchedulerPort
from proxx.engine.session import Session
from proxx.engine.slot import Interruption, Slot
from proxx.engine.step_runner import StepRunner

_LOG = logging.getLogger("proxx.engine")

MOST_DEFECTS = 10
"""How often the scheduler may answer a report with a defect of its own before its lease is left to expire."""


class LeaseWork:
    """Runs the step of a lease and settles it with the scheduler. Counts what became of the leases."""

    def __init__(self, *, port: SchedulerPort, session: Session, steps: StepRunner) -> None:
        """Take the scheduler, the session to call it in, and what does the work."""
        self._port = port
        self._session = session
        self._steps = steps
        self.completed = 0
        self.failed = 0
        self.released = 0
        self.revoked = 0

    async def run(self, slot: Slot) -> None:
        """Work on the lease until the scheduler has its outcome, or has no claim to one."""
        outcome = await self._follow(slot)
        if not slot.commit():
            await self._withdraw(slot)
        elif outcome is not None:
            await self._complete(slot, outcome)

    async def _follow(self, slot: Slot) -> LeaseOutcome | None:
        attempt = asyncio.create_task(self._attempt(slot))
        slot.follow(attempt)
        try:
            return await attempt
        except asyncio.CancelledError:
            worker = asyncio.current_task()
            if slot.interruption is None or (worker is not None and worker.cancelling()):
                raise  # the whole executor is being cancelled, not this lease alone
            return None

    async def _attempt(self, slot: Slot) -> LeaseOutcome | None:
        """Return the outcome to complete the lease with, or None when there is nothing to say."""
        try:
            await slot.pass_barrier()
            result = await self._steps.run(lease=slot.lease, watch=slot)
            if isinstance(result, PreparedOutput):
                return await self._settle(slot, result)
            return result
        except StepFailedError as failure:
            return LeaseOutcome(
                lease_id=slot.lease.lease_id,
                epoch=slot.lease.epoch,
                failure=failure.failure,
                execution=failure.execution,
                measured=failure.measured,
                verdict=failure.verdict,
                replaced=failure.replaced,
            )
        except HandBackError as trouble:
            _LOG.warning("the lease is handed back: %s", trouble, extra=log_fields(slot.lease))
            if not slot.commit():
                return None
            return await self._hand_back(slot, ReleaseReason.DRAINED, problem=await self._discard(slot))
        except PublicationInDoubtError as doubt:
            # Without a report the lease expires: its clip is then INTERRUPTED, and a SWEEP looks what became of it.
            _LOG.error(
                "a publication is in doubt; its lease is left to expire: %s", doubt, extra=log_fields(slot.lease)
            )
            return None
        except SchedulerDefectError as defect:
            _LOG.error(
                "the scheduler cannot take this report; its lease is left to expire: %s",
                defect,
                extra=log_fields(slot.lease),
            )
            return None
        except Exception as error:  # noqa: BLE001  a defect of ours must reach the job as a failure, not vanish in a log
            return await self._own_failure(slot, error)

    async def _settle(self, slot: Slot, output: PreparedOutput) -> LeaseOutcome | None:
        """Announce a staged file and do what the scheduler says of it.

        From here no directive counts: a renewal may be answered REVOKED only because Prepare has just ended the lease
        with STAGED, and removing the file then would lose a finished clip.
        """
        if not slot.commit():
            return None
        lease = slot.lease
        try:
            answer = await self._session.call(
                lambda session_id: self._port.prepare(
                    session_id=session_id, lease_id=lease.lease_id, epoch=lease.epoch, output=output
                ),
                most_defects=MOST_DEFECTS,
            )
        except LeaseSupersededError:
            self.revoked += 1
            await self._discard(slot)
            return None
        except CallRefusedError as refusal:
            if refusal.reason != "VERDICT_FAILED":
                raise
            await self._steps.discard(lease=lease)
            failure = Failure(kind=FailureKind.OUTPUT_MISMATCH, message=str(refusal))
            return _failed_outcome(lease, output, failure)
        _LOG.info("output prepared", extra={**log_fields(lease), "answer": answer.value})
        if answer is PrepareAnswer.STAGED:
            return None
        if answer is PrepareAnswer.DISCARD:
            return await self._hand_back(slot, ReleaseReason.CANCELLED, problem=await self._discard(slot))
        slot.enter(Phase.PUBLISHING)
        try:
            published = await self._steps.publish(lease=lease, output=output)
        except StepFailedError as failure:
            return replace(_failed_outcome(lease, output, failure.failure), replaced=failure.replaced)
        return LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, published=published)

    async def _own_failure(self, slot: Slot, error: Exception) -> LeaseOutcome:
        correlation_id = uuid.uuid4().hex[:12]
        _LOG.error(
            "the executor failed", exc_info=error, extra={**log_fields(slot.lease), "correlation_id": correlation_id}
        )
        await self._discard(slot)
        return LeaseOutcome(
            lease_id=slot.lease.lease_id,
            epoch=slot.lease.epoch,
            failure=Failure(
                kind=FailureKind.EXECUTOR_ERROR,
                message=f"the executor failed with {type(error).__name__}: {error} (its log: {correlation_id})",
            ),
        )

    async def _discard(self, slot: Slot) -> OSError | None:
        try:
            await self._steps.discard(lease=slot.lease)
        except OSError as error:
            _LOG.error("a staged file could not be removed", exc_info=error, extra=log_fields(slot.lease))
            return error
        return None

    async def _withdraw(self, slot: Slot) -> None:
        """An interrupted lease: its tool is dead. Clean, and hand it back unless it is another's already."""
        interruption = slot.interruption
        problem = await self._discard(slot)
        _LOG.info("lease stopped", extra={**log_fields(slot.lease), "reason": str(interruption)})
        if interruption is None or interruption.silent:
            self.revoked += 1
            return
        reason = ReleaseReason.CANCELLED
        if interruption is Interruption.DRAINED:
            reason = ReleaseReason.DRAINED if slot.started else ReleaseReason.NOT_STARTED
        outcome = await self._hand_back(slot, reason, problem=problem)
        if outcome is not None:
            await self._complete(slot, outcome)

    async def _hand_back(self, slot: Slot, reason: ReleaseReason, *, problem: OSError | None) -> LeaseOutcome | None:
        """Release a lease whose staged file is gone; return the outcome to complete it with where it is not."""
        lease = slot.lease
        if problem is not None:
            failure = Failure(kind=FailureKind.IO_ERROR, message=f"a staged file could not be removed: {problem}")
            return LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, failure=failure)
        release = LeaseRelease(lease_id=lease.lease_id, epoch=lease.epoch, reason=reason)
        try:
            await self._session.call(lambda session_id: self._port.release(session_id=session_id, releases=(release,)))
        except CallRefusedError as refusal:
            _LOG.error("a release was refused", exc_info=refusal, extra=log_fields(lease))
        self.released += 1
        return None

    async def _complete(self, slot: Slot, outcome: LeaseOutcome) -> None:
        """Report until it is answered: an outcome exists once, and only its owner has it."""
        try:
            statuses = await self._session.call(
                lambda session_id: self._port.complete(session_id=session_id, outcomes=(outcome,)),
                most_defects=MOST_DEFECTS,
            )
        except (CallRefusedError, SchedulerDefectError) as refusal:
            _LOG.error("an outcome was refused", exc_info=refusal, extra=log_fields(slot.lease))
            return
        if ReportStatus.STALE in statuses:
            _LOG.warning("an outcome came too late", extra=log_fields(slot.lease))
        if outcome.failure is None:
            self.completed += 1
        else:
            self.failed += 1


def _failed_outcome(lease: Lease, output: PreparedOutput, failure: Failure) -> LeaseOutcome:
    return LeaseOutcome(
        lease_id=lease.lease_id,
        epoch=lease.epoch,
        failure=failure,
        execution=output.execution,
        measured=output.measured,
        verdict=output.verdict,
    )


def log_fields(lease: Lease) -> dict[str, object]:
    """The fields of every log record about a lease."""
    return {
        "job_key": lease.job_key,
        "clip_index": lease.clip_index,
        "lease_id": lease.lease_id,
        "step_id": lease.step_id,
    }
