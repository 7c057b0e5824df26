"""The scheduler as executors see it: the verbs of executor_service.proto in the words of core.

proxx.rpc.executor_client implements it; the errors are its own.
"""

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
from proxx.rpc.executor_errors import (
    AcquireConsumedError,
    AssetUnknownError,
    CallRefusedError,
    LeaseSupersededError,
    SchedulerDefectError,
    SchedulerUnavailableError,
    SessionUnknownError,
)

__all__ = [
    "AcquireConsumedError",
    "AssetUnknownError",
    "CallRefusedError",
    "LeaseSupersededError",
    "SchedulerDefectError",
    "SchedulerPort",
    "SchedulerUnavailableError",
    "SessionUnknownError",
]


class SchedulerPort(Protocol):
    """Every call ends within a deadline of its own (for `acquire` that is wait_seconds and a little more).

    Every verb raises SchedulerUnavailableError without an answer, SessionUnknownError (open_session apart), and
    CallRefusedError for what calling again cannot mend.
    """

    async def open_session(self, *, description: ExecutorDescription, held: tuple[HeldLease, ...]) -> SessionTerms:
        """Open or re-open the session of this incarnation."""
        ...

    async def acquire(
        self, *, session_id: str, sequence: int, max_grants: int, max_probes: int, wait_seconds: float
    ) -> tuple[Lease, ...]:
        """Wait for work. The same sequence brings the same leases again, also after a call that was cancelled.

        `max_probes` counts PROBEs of an executor that describes probe_slots, `max_grants` the others.

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

    async def get_asset(self, *, sha256: str) -> bytes:
        """Return a file of a look, not yet compared with its digest. Needs no session.

        Raises:
            AssetUnknownError: the scheduler has none with this digest.
        """
        ...

    async def close(self, *, session_id: str) -> None:
        """End the session."""
        ...
