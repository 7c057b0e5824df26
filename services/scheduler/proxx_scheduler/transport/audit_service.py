"""AuditService: decode, call one use case, encode."""

from datetime import UTC, datetime
from typing import Any

from proxx.api.operator.v1 import audit_service_pb2 as pb
from proxx.api.operator.v1.audit_service_pb2_grpc import AuditServiceServicer
from proxx.core.audit import LogPlace, LogRange
from proxx.rpc.caller import caller
from proxx.rpc.errors import request_invalid
from proxx.rpc.mapping import from_message, to_message
from proxx_scheduler.app.audit_desk import READ_PAGE, AuditDesk
from proxx_scheduler.app.denials import Denials
from proxx_scheduler.transport.actor import actor_of
from proxx_scheduler.transport.denied_calls import denials_of
from proxx_scheduler.transport.paging import page_size
from proxx_scheduler.transport.refusals import refusing


class AuditService(AuditServiceServicer):
    """Serves whoever checks the log."""

    def __init__(self, *, desk: AuditDesk, denials: Denials) -> None:
        """Take the use cases, and what takes notice of denied calls."""
        self._desk = desk
        self._denials = denials

    async def ReadLog(self, request: pb.ReadLogRequest, context: Any) -> pb.ReadLogResponse:
        """Return a page of the log."""
        with refusing():
            page = await self._desk.read(
                within=LogRange(
                    after_sequence=request.after_sequence,
                    until_sequence=request.until_sequence,
                    job_key=request.job_key if request.HasField("job_key") else None,
                ),
                after=from_message(request.after, LogPlace) if request.HasField("after") else None,
                size=page_size(request.page_size, default=READ_PAGE),
            )
        return to_message(page, pb.ReadLogResponse)

    async def PlanPrune(self, request: pb.PlanPruneRequest, context: Any) -> pb.PlanPruneResponse:
        """Say what a prune would retire."""
        with refusing():
            plan = await self._desk.plan_prune(before=_moment(request), through=request.through_sequence)
        return to_message(plan, pb.PlanPruneResponse)

    async def PruneEvents(self, request: pb.PruneEventsRequest, context: Any) -> pb.PruneEventsResponse:
        """Retire old records."""
        with refusing():
            result = await self._desk.prune(
                before=_moment(request),
                through=request.through_sequence,
                request_id=request.request_id,
                actor=actor_of(context),
            )
        return to_message(result, pb.PruneEventsResponse)

    async def NoteDenials(self, request: pb.NoteDenialsRequest, context: Any) -> pb.NoteDenialsResponse:
        """Take notice of what a standby denied."""
        counted = denials_of(request)
        if counted and caller(context).is_open:
            raise request_invalid(field="denials", rule="where nobody is asked who they are, nobody is denied anything")
        self._denials.note_all(counted)
        return pb.NoteDenialsResponse()


def _moment(request: pb.PlanPruneRequest | pb.PruneEventsRequest) -> datetime | None:
    if not request.HasField("before"):
        return None
    try:
        return request.before.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise request_invalid(field="before", rule=f"a time that can be told is needed: {error}") from error
