"""A scheduler in memory, as an executor sees it: grants what a test queues and answers what a test says."""

import asyncio
from collections import defaultdict

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
from proxx.core.steps import Directive, PrepareAnswer, PreparedOutput, StepKind
from proxx.engine.scheduler_port import AssetUnknownError, SchedulerUnavailableError


class FakeScheduler:
    """Implements proxx.engine.scheduler_port.SchedulerPort."""

    def __init__(self, *, lease_seconds: float = 10.0, renew_seconds: float = 2.0) -> None:
        self.lease_seconds = lease_seconds
        self.renew_seconds = renew_seconds
        self.sessions: list[tuple[HeldLease, ...]] = []
        self.descriptions: list[ExecutorDescription] = []
        self.revoked_on_open: tuple[str, ...] = ()
        self.acquired: list[tuple[int, int]] = []
        self.asked_probes: list[int] = []
        self.probes_apart = False
        self.renewed: list[tuple[LeaseReport, ...]] = []
        self.draining: list[bool] = []
        self.prepared: list[str] = []
        self.outcomes: list[LeaseOutcome] = []
        self.releases: list[LeaseRelease] = []
        self.closed: list[str] = []
        self.directives: dict[str, Directive] = {}
        self.prepare_answer = PrepareAnswer.PUBLISH
        self.report_status = ReportStatus.RECORDED
        self.down = False
        self.assets: dict[str, bytes] = {}
        self.asked_assets: list[str] = []
        self._queue: list[Lease] = []
        self._errors: dict[str, list[Exception]] = defaultdict(list)
        self._changed = asyncio.Event()

    def grant(self, *leases: Lease) -> None:
        """Queue leases; a waiting acquire gets them at once."""
        self._queue += leases
        self._changed.set()

    def fail(self, verb: str, *errors: Exception) -> None:
        """Raise these from the next calls of a verb, one each."""
        self._errors[verb] += errors

    async def open_session(self, *, description: ExecutorDescription, held: tuple[HeldLease, ...]) -> SessionTerms:
        self._raise("open_session")
        self.sessions.append(held)
        self.descriptions.append(description)
        return SessionTerms(
            session_id=f"session-{len(self.sessions)}",
            lease_seconds=self.lease_seconds,
            renew_seconds=self.renew_seconds,
            revoked_lease_ids=self.revoked_on_open,
        )

    async def acquire(
        self, *, session_id: str, sequence: int, max_grants: int, max_probes: int, wait_seconds: float
    ) -> tuple[Lease, ...]:
        self.acquired.append((sequence, max_grants))
        self.asked_probes.append(max_probes)
        self._raise("acquire")
        while not (granted := self._fitting(max_grants, max_probes)):
            self._changed.clear()
            await self._changed.wait()
            self._raise("acquire")
        return granted

    def _fitting(self, max_grants: int, max_probes: int) -> tuple[Lease, ...]:
        room = {True: max_probes, False: max_grants}
        granted: list[Lease] = []
        left: list[Lease] = []
        for lease in self._queue:
            apart = self.probes_apart and lease.kind is StepKind.PROBE
            room[apart] -= 1
            (granted if room[apart] >= 0 else left).append(lease)
        self._queue = left
        return tuple(granted)

    async def renew(
        self, *, session_id: str, reports: tuple[LeaseReport, ...], draining: bool
    ) -> tuple[LeaseDirective, ...]:
        self._raise("renew")
        self.renewed.append(reports)
        self.draining.append(draining)
        return tuple(
            LeaseDirective(lease_id=report.lease_id, directive=self.directives.get(report.lease_id, Directive.CONTINUE))
            for report in reports
        )

    async def prepare(self, *, session_id: str, lease_id: str, epoch: int, output: PreparedOutput) -> PrepareAnswer:
        self._raise("prepare")
        self.prepared.append(lease_id)
        return self.prepare_answer

    async def complete(self, *, session_id: str, outcomes: tuple[LeaseOutcome, ...]) -> tuple[ReportStatus, ...]:
        self._raise("complete")
        self.outcomes += outcomes
        return tuple(self.report_status for _ in outcomes)

    async def release(self, *, session_id: str, releases: tuple[LeaseRelease, ...]) -> tuple[ReportStatus, ...]:
        self._raise("release")
        self.releases += releases
        return tuple(self.report_status for _ in releases)

    async def get_asset(self, *, sha256: str) -> bytes:
        self.asked_assets.append(sha256)
        self._raise("get_asset")
        if sha256 not in self.assets:
            raise AssetUnknownError(f"no {sha256}")
        return self.assets[sha256]

    async def close(self, *, session_id: str) -> None:
        self._raise("close")
        self.closed.append(session_id)

    def _raise(self, verb: str) -> None:
        if self.down:
            raise SchedulerUnavailableError(verb)
        if self._errors[verb]:
            raise self._errors[verb].pop(0)
