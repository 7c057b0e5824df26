"""The scheduler as executors see it: the verbs of executor_service.proto in the words of core."""

from typing import Protocol

from proxx.core.leases import (
    ExecutorDescription,
    HeldLease,
    Lease,
    LeaseDirective,
    LeaseOutcome,
    LeaseRelease,
    LeaseReport,
    ReportStatus,
    SessionTerms,
)
from proxx.core.steps import PrepareAnswer, PreparedOutput


class SchedulerUnavailableError(Exception):
    """No answer. Whether the call took effect is unknown; every verb may be called again."""


class SessionUnknownError(Exception):
    """The scheduler does not know the session (any more): open it again with the leases still held."""


class LeaseSupersededError(Exception):
    """The lease is not valid any more: remove the staged file and report nothing."""


class AcquireConsumedError(Exception):
    """A newer acquire sequence was seen: go on with the next one."""


class CallRefusedError(Exception):
    """The scheduler refused a call for good. `reason` is a word of proxx.api.errors.v1.ErrorReason."""

    def __init__(self, reason: str, message: str) -> None:
        """Keep the reason and the scheduler's sentence."""
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


class SchedulerPort(Protocol):
    """Every call ends within a deadline of its own (for `acquire` that is wait_seconds and a little more).

    Every verb raises SchedulerUnavailableError without an answer, SessionUnknownError (open_session apart), and
    CallRefusedError for what calling again cannot mend.
    """

    async def open_session(self, *, description: ExecutorDescription, held: tuple[HeldLease, ...]) -> SessionTerms:
        """Open or re-open the session of this incarnation."""
        ...

    async def acquire(
        self, *, session_id: str, sequence: int, max_grants: int, wait_seconds: float
    ) -> tuple[Lease, ...]:
        """Wait for work. The same sequence brings the same leases again.

        Raises:
            AcquireConsumedError: a newer sequence was seen.
        """
        ...

    async def renew(
        self, *, session_id: str, reports: tuple[LeaseReport, ...], draining: bool
    ) -> tuple[LeaseDirective, ...]:
        """Report phases and progress; one directive comes back for each report, in order."""
        ...

    async def prepare(self, *, session_id: str, lease_id: str, epoch: int, output: PreparedOutput) -> PrepareAnswer:
        """Announce a verified, durable staged file.

        Raises:
            LeaseSupersededError: the lease is not valid any more.
        """
        ...

    async def complete(self, *, session_id: str, outcomes: tuple[LeaseOutcome, ...]) -> tuple[ReportStatus, ...]:
        """End leases with their outcome; one status for each, in order."""
        ...

    async def release(self, *, session_id: str, releases: tuple[LeaseRelease, ...]) -> tuple[ReportStatus, ...]:
        """Hand leases back; one status for each, in order."""
        ...

    async def close(self, *, session_id: str) -> None:
        """End the session."""
        ...
