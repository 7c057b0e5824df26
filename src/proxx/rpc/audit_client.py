"""The client of AuditService: typed methods over dataclasses of core."""

from datetime import datetime
from typing import Any, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp

from proxx.api.operator.v1 import audit_service_pb2 as pb
from proxx.api.operator.v1.audit_service_pb2_grpc import AuditServiceStub
from proxx.core.audit import LogPage, LogPlace, PrunePlan, PruneResult
from proxx.rpc.connection import Connection
from proxx.rpc.mapping import from_message, to_message

Item = TypeVar("Item")
PAGE_SECONDS = 60.0


class AuditClient:
    """Reads the log of a scheduler letter by letter, and prunes it. Errors as those of SchedulerClient."""

    def __init__(self, connection: Connection) -> None:
        """Take an open connection; its owner closes it."""
        self._connection = connection
        self._stub = AuditServiceStub(connection.channel)

    async def read_log(
        self,
        *,
        job_key: str | None = None,
        after_sequence: int = 0,
        until_sequence: int = 0,
        after: LogPlace | None = None,
        page_size: int = 0,
    ) -> LogPage:
        """Return a page of the log; `job_key` None means every chain, `until_sequence` 0 the newest record."""
        request = pb.ReadLogRequest(
            after_sequence=after_sequence,
            until_sequence=until_sequence,
            after=None if after is None else to_message(after, pb.LogPlace),
            page_size=page_size,
        )
        if job_key is not None:
            request.job_key = job_key
        return await self._call(self._stub.ReadLog, request, LogPage, PAGE_SECONDS)

    async def plan_prune(self, *, before: datetime, through_sequence: int = 0) -> PrunePlan:
        """Say what a prune would retire."""
        request = pb.PlanPruneRequest(before=_timestamp(before), through_sequence=through_sequence)
        return await self._call(self._stub.PlanPrune, request, PrunePlan, PAGE_SECONDS)

    async def prune_events(
        self, *, before: datetime, request_id: str, through_sequence: int = 0, timeout_seconds: float
    ) -> PruneResult:
        """Retire the oldest records of jobs that ended before a moment."""
        request = pb.PruneEventsRequest(
            before=_timestamp(before), through_sequence=through_sequence, request_id=request_id
        )
        return await self._call(self._stub.PruneEvents, request, PruneResult, timeout_seconds)

    async def _call(self, method: Any, request: object, kind: type[Item], seconds: float) -> Item:
        def read(answer: Any) -> Item:
            return from_message(answer, kind)

        return await self._connection.call(method, request, timeout_seconds=seconds, read=read)


def _timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
