"""The executor's side of the lease protocol over gRPC (docs/EXECUTOR_PROTOCOL.md)."""

from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from google.protobuf.duration_pb2 import Duration

from proxx.api.executors.v1 import (
    executor_service_pb2 as executors_pb2,
)
from proxx.api.executors.v1 import (
    executor_service_pb2_grpc as executors_grpc,
)
from proxx.api.executors.v1 import (
    lease_pb2,
)
from proxx.core.leases import (
    ExecutorDescription,
    HeldLease,
    Lease,
    LeaseDirective,
    LeaseOutcome,
    LeasePreparation,
    LeaseRelease,
    LeaseReport,
    PreparationResult,
    ReportStatus,
    SessionTerms,
)
from proxx.core.steps import PrepareAnswer, PreparedOutput
from proxx.rpc.client_security import OPEN_CLIENT, ClientSecurity
from proxx.rpc.connection import Connection
from proxx.rpc.errors import CallError, RefusedCallError
from proxx.rpc.executor_errors import (
    AcquireConsumedError,
    AssetUnknownError,
    CallRefusedError,
    LeaseSupersededError,
    SchedulerCallError,
    SchedulerDefectError,
    SchedulerUnavailableError,
    SessionUnknownError,
)
from proxx.rpc.mapping import enum_from_number, from_message, to_message
from proxx.rpc.mapping_errors import MessageRefusedError
from proxx.rpc.mapping_values import write_duration
from proxx.rpc.reasons import PASSING, UNRECOGNISED, Reason

Answer = TypeVar("Answer")
_NEXT_MOVES: dict[str, type[SchedulerCallError]] = {
    Reason.SESSION_UNKNOWN: SessionUnknownError,
    Reason.LEASE_SUPERSEDED: LeaseSupersededError,
    Reason.ACQUIRE_CONSUMED: AcquireConsumedError,
    Reason.ASSET_NOT_FOUND: AssetUnknownError,
}
_PREPARE_ANSWER = lease_pb2.DESCRIPTOR.enum_types_by_name["PrepareAnswer"]
_REPORT_STATUS = executors_pb2.DESCRIPTOR.enum_types_by_name["ReportStatus"]


class ExecutorClient:
    """The executor verbs of one scheduler. Use it as an async context manager.

    Every verb raises SchedulerUnavailableError (no answer of the scheduler's own, none in time, or INTERNAL),
    SessionUnknownError or CallRefusedError (another published reason) of proxx.rpc.executor_errors; `acquire` also
    AcquireConsumedError, `prepare` also LeaseSupersededError, `get_asset` also AssetUnknownError.
    """

    def __init__(self, target: str, *, timeout_seconds: float = 15.0, security: ClientSecurity = OPEN_CLIENT) -> None:
        """Take the target and the deadline of a verb (a long poll gets its waiting time on top).

        Raises:
            AddressError: the target is malformed.
            ClientSecurityError: a token would be sent in the clear, or a file of `security` cannot be used.
        """
        self._connection = Connection(target, security=security)
        self._timeout = timeout_seconds
        self._let_in = False
        self._stub = executors_grpc.ExecutorServiceStub(self._connection.channel)

    @property
    def target(self) -> str:
        """Where the scheduler is."""
        return self._connection.target

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the channel, not the session."""
        await self.disconnect()

    async def disconnect(self) -> None:
        """Close the channel; calls under way are cancelled. The session stays."""
        await self._connection.close()

    async def open_session(self, *, description: ExecutorDescription, held: Sequence[HeldLease]) -> SessionTerms:
        """Open or re-open the session of this incarnation and reconcile the leases still held."""
        request = to_message(description, executors_pb2.OpenSessionRequest)
        request.held.extend(to_message(lease, executors_pb2.HeldLease) for lease in held)
        terms = await self._call(self._stub.OpenSession, request, lambda answer: from_message(answer, SessionTerms))
        self._let_in = True
        return terms

    async def acquire(
        self, *, session_id: str, sequence: int, max_grants: int, max_probes: int = 0, wait_seconds: float
    ) -> tuple[Lease, ...]:
        """Wait at most `wait_seconds` for work. The same sequence returns the same leases again."""
        wait = Duration()
        write_duration(wait_seconds, wait)
        request = executors_pb2.AcquireLeasesRequest(
            session_id=session_id, acquire_sequence=sequence, max_grants=max_grants, max_probes=max_probes, wait=wait
        )
        return await self._call(
            self._stub.AcquireLeases,
            request,
            lambda answer: tuple(_read_lease(lease) for lease in answer.leases),
            extra_seconds=wait_seconds,
        )

    async def renew(
        self, *, session_id: str, reports: Sequence[LeaseReport], draining: bool
    ) -> tuple[LeaseDirective, ...]:
        """Report phases and progress. Returns one directive for each report, in order."""
        request = executors_pb2.RenewLeasesRequest(session_id=session_id, draining=draining)
        request.reports.extend(to_message(report, executors_pb2.LeaseReport) for report in reports)
        return await self._call(
            self._stub.RenewLeases,
            request,
            lambda answer: tuple(from_message(item, LeaseDirective) for item in answer.directives),
        )

    async def prepare(self, *, session_id: str, lease_id: str, epoch: int, output: PreparedOutput) -> PrepareAnswer:
        """Announce a verified, durable staged file. Returns what becomes of it."""
        request = executors_pb2.PrepareLeaseRequest(
            session_id=session_id,
            lease_id=lease_id,
            epoch=epoch,
            output=to_message(output, lease_pb2.PreparedOutput),
        )
        return await self._call(
            self._stub.PrepareLease,
            request,
            lambda answer: enum_from_number(answer.answer, PrepareAnswer, _PREPARE_ANSWER),
        )

    async def prepare_all(
        self, *, session_id: str, preparations: Sequence[LeasePreparation]
    ) -> tuple[PreparationResult, ...]:
        """Announce several verified, durable staged files. Returns one result for each, in order."""
        request = executors_pb2.PrepareLeasesRequest(session_id=session_id)
        request.preparations.extend(to_message(item, executors_pb2.LeasePreparation) for item in preparations)
        return await self._call(
            self._stub.PrepareLeases,
            request,
            lambda answer: tuple(from_message(item, PreparationResult) for item in answer.results),
        )

    async def complete(self, *, session_id: str, outcomes: Sequence[LeaseOutcome]) -> tuple[ReportStatus, ...]:
        """End leases with their outcomes. Returns one status for each, in order."""
        request = executors_pb2.CompleteLeasesRequest(session_id=session_id)
        request.outcomes.extend(to_message(outcome, executors_pb2.LeaseOutcome) for outcome in outcomes)
        return await self._call(self._stub.CompleteLeases, request, _read_statuses)

    async def release(self, *, session_id: str, releases: Sequence[LeaseRelease]) -> tuple[ReportStatus, ...]:
        """Hand leases back. Returns one status for each, in order."""
        request = executors_pb2.ReleaseLeasesRequest(session_id=session_id)
        request.releases.extend(to_message(release, executors_pb2.LeaseRelease) for release in releases)
        return await self._call(self._stub.ReleaseLeases, request, _read_statuses)

    async def close(self, *, session_id: str) -> None:
        """End the session. Leases not handed back before are treated as those of a lost executor."""
        await self._call(self._stub.CloseSession, executors_pb2.CloseSessionRequest(session_id=session_id), _ignore)

    async def get_asset(self, *, sha256: str) -> bytes:
        """Return a file of a look, not yet compared with its digest. Needs no session."""
        return await self._call(self._stub.GetAsset, executors_pb2.GetAssetRequest(sha256=sha256), _read_content)

    async def _call(
        self,
        method: Callable[..., Awaitable[Any]],
        request: object,
        read: Callable[[Any], Answer],
        *,
        extra_seconds: float = 0.0,
    ) -> Answer:
        try:
            return await self._connection.call(
                method, request, timeout_seconds=self._timeout + extra_seconds, read=read
            )
        except CallError as error:
            raise _executor_error(error, let_in=self._let_in) from error


def _executor_error(error: CallError, *, let_in: bool = False) -> SchedulerCallError:
    # Only a published reason tells that the call had no effect. After anything else it may have had one: ask again.
    if not isinstance(error, RefusedCallError):
        return SchedulerUnavailableError(str(error))
    if error.reason == Reason.INTERNAL:
        return SchedulerDefectError(str(error))
    if error.reason in PASSING:
        return SchedulerUnavailableError(str(error))
    if error.reason in UNRECOGNISED and let_in:
        # Certificates and tokens are being replaced at one end before the other: no reason to end, with leases held.
        return SchedulerUnavailableError(str(error))
    kind = _NEXT_MOVES.get(error.reason)
    return kind(str(error)) if kind is not None else CallRefusedError(str(error), reason=error.reason)


def _ignore(answer: Any) -> None:
    del answer


def _read_lease(message: Any) -> Lease:
    if message.WhichOneof("work") is None:
        raise MessageRefusedError(rule="carries no work that this version knows", path=f"leases[{message.lease_id}]")
    return from_message(message, Lease)


def _read_content(answer: Any) -> bytes:
    return bytes(answer.content)


def _read_statuses(answer: Any) -> tuple[ReportStatus, ...]:
    return tuple(enum_from_number(status, ReportStatus, _REPORT_STATUS) for status in answer.statuses)
