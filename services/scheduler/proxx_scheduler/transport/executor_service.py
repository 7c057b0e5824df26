"""ExecutorService: decode, call one use case, encode."""

from typing import Any

from google.protobuf.duration_pb2 import Duration

from proxx.api.executors.v1 import executor_service_pb2 as pb
from proxx.api.executors.v1 import lease_pb2
from proxx.api.executors.v1.executor_service_pb2_grpc import ExecutorServiceServicer
from proxx.core.leases import (
    ExecutorDescription,
    HeldLease,
    LeaseOutcome,
    LeasePreparation,
    LeaseRelease,
    LeaseReport,
)
from proxx.core.profile_library import ProfileLibrary
from proxx.core.steps import PreparedOutput
from proxx.rpc.caller import caller
from proxx.rpc.mapping import enum_to_number, from_message, to_message
from proxx_scheduler.app.errors import AssetNotFoundError
from proxx_scheduler.app.executor_desk import ExecutorDesk
from proxx_scheduler.transport.refusals import refusing

ANSWERS = lease_pb2.DESCRIPTOR.enum_types_by_name["PrepareAnswer"]
STATUSES = pb.DESCRIPTOR.enum_types_by_name["ReportStatus"]


class ExecutorService(ExecutorServiceServicer):
    """Serves executors."""

    def __init__(self, *, desk: ExecutorDesk, library: ProfileLibrary) -> None:
        """Take the use cases, and the library whose looks' files executors need."""
        self._desk = desk
        self._library = library

    async def OpenSession(self, request: pb.OpenSessionRequest, context: Any) -> pb.OpenSessionResponse:
        """Open or re-open a session."""
        with refusing():
            terms = await self._desk.open_session(
                description=from_message(request, ExecutorDescription),
                held=[from_message(item, HeldLease) for item in request.held],
                identity=caller(context),
            )
        return to_message(terms, pb.OpenSessionResponse)

    async def AcquireLeases(self, request: pb.AcquireLeasesRequest, context: Any) -> pb.AcquireLeasesResponse:
        """Wait for work."""
        with refusing():
            leases = await self._desk.acquire(
                session_id=request.session_id,
                identity=caller(context),
                acquire_sequence=request.acquire_sequence,
                max_grants=request.max_grants,
                max_probes=request.max_probes,
                wait_seconds=_seconds(request.wait),
            )
        return pb.AcquireLeasesResponse(leases=[to_message(lease, lease_pb2.Lease) for lease in leases])

    async def RenewLeases(self, request: pb.RenewLeasesRequest, context: Any) -> pb.RenewLeasesResponse:
        """Renew leases."""
        with refusing():
            directives = await self._desk.renew(
                session_id=request.session_id,
                identity=caller(context),
                reports=[from_message(report, LeaseReport) for report in request.reports],
                draining=request.draining,
            )
        return pb.RenewLeasesResponse(directives=[to_message(item, pb.LeaseDirective) for item in directives])

    async def PrepareLease(self, request: pb.PrepareLeaseRequest, context: Any) -> pb.PrepareLeaseResponse:
        """Decide about a staged file."""
        with refusing():
            answer = await self._desk.prepare(
                session_id=request.session_id,
                identity=caller(context),
                lease_id=request.lease_id,
                epoch=request.epoch,
                output=from_message(request.output, PreparedOutput),
            )
        return pb.PrepareLeaseResponse(answer=lease_pb2.PrepareAnswer.ValueType(enum_to_number(answer, ANSWERS)))

    async def PrepareLeases(self, request: pb.PrepareLeasesRequest, context: Any) -> pb.PrepareLeasesResponse:
        """Decide about staged files."""
        with refusing():
            answers = await self._desk.prepare_all(
                session_id=request.session_id,
                identity=caller(context),
                preparations=[from_message(item, LeasePreparation) for item in request.preparations],
            )
        return pb.PrepareLeasesResponse(results=[to_message(answer, pb.PreparationResult) for answer in answers])

    async def CompleteLeases(self, request: pb.CompleteLeasesRequest, context: Any) -> pb.CompleteLeasesResponse:
        """Record outcomes."""
        with refusing():
            statuses = await self._desk.complete(
                session_id=request.session_id,
                identity=caller(context),
                outcomes=[from_message(outcome, LeaseOutcome) for outcome in request.outcomes],
            )
        return pb.CompleteLeasesResponse(
            statuses=[pb.ReportStatus.ValueType(enum_to_number(status, STATUSES)) for status in statuses]
        )

    async def ReleaseLeases(self, request: pb.ReleaseLeasesRequest, context: Any) -> pb.ReleaseLeasesResponse:
        """Take leases back."""
        with refusing():
            statuses = await self._desk.release(
                session_id=request.session_id,
                identity=caller(context),
                releases=[from_message(release, LeaseRelease) for release in request.releases],
            )
        return pb.ReleaseLeasesResponse(
            statuses=[pb.ReportStatus.ValueType(enum_to_number(status, STATUSES)) for status in statuses]
        )

    async def CloseSession(self, request: pb.CloseSessionRequest, context: Any) -> pb.CloseSessionResponse:
        """End a session."""
        with refusing():
            await self._desk.close_session(session_id=request.session_id, identity=caller(context))
        return pb.CloseSessionResponse()

    async def GetAsset(self, request: pb.GetAssetRequest, context: Any) -> pb.GetAssetResponse:
        """Return a file of a look."""
        with refusing():
            content = self._library.asset(request.sha256)
            if content is None:
                raise AssetNotFoundError(sha256=request.sha256)
        return pb.GetAssetResponse(content=content)


def _seconds(duration: Duration) -> float:
    return float(duration.seconds) + duration.nanos / 1e9
