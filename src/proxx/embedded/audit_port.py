"""What the audit commands need of a scheduler: the port that proxx.rpc.audit_client.AuditClient fills."""

from datetime import datetime
from typing import Protocol

from proxx.core.audit import LogPage, LogPlace, PrunePlan, PruneResult


class AuditPort(Protocol):
    """The log of a scheduler, letter by letter. Errors as those of SchedulerPort."""

    async def read_log(
        self,
        *,
        job_key: str | None = None,
        after_sequence: int = 0,
        until_sequence: int = 0,
        after: LogPlace | None = None,
        page_size: int = 0,
    ) -> LogPage: ...

    async def plan_prune(self, *, before: datetime, through_sequence: int = 0) -> PrunePlan: ...

    async def prune_events(
        self, *, before: datetime, request_id: str, through_sequence: int = 0, timeout_seconds: float
    ) -> PruneResult: ...
