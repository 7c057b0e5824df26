"""An executor that does exactly what a test says, over the real protocol. It touches no file and runs no tool.

It keeps to the protocol unless told otherwise: sequences grow with answered calls, plans are rebuilt and compared.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from proxx.core.detection import Detection, Engine
from proxx.core.facts import MediaFacts
from proxx.core.failure import Failure, FailureKind
from proxx.core.judge import judge
from proxx.core.leases import (
    ExecutorDescription,
    HeldLease,
    Lease,
    LeaseDirective,
    LeaseOutcome,
    LeaseRelease,
    LeaseReport,
    ReleaseReason,
    ReportStatus,
    SessionTerms,
)
from proxx.core.plan import PLANNER_VERSION, Plan
from proxx.core.planner import plan_clip
from proxx.core.roots import RootPath
from proxx.core.staging import staged_path
from proxx.core.steps import (
    Delivered,
    Directive,
    Execution,
    InspectReport,
    Journal,
    Measured,
    Phase,
    PrepareAnswer,
    PreparedOutput,
    ProbedSource,
    ProbeItem,
    ProbeReport,
    Progress,
    Published,
    StepKind,
    SweepReport,
)
from proxx.core.violation import Violation
from proxx.rpc.client_security import OPEN_CLIENT, ClientSecurity
from proxx.rpc.executor_client import ExecutorClient
from proxx.rpc.executor_errors import SchedulerUnavailableError
from tests.fakes.leases import TOOLCHAIN
from tests.fakes.measured import RAW_FACTS, STANDARD, measured_as_planned, probed

WAIT_SECONDS = 5.0
RETRY_SECONDS = 0.05
PATIENCE_SECONDS = 20.0
Answer = Callable[[ProbeItem], ProbedSource]


def sha256_of(lease: Lease) -> str:
    """The digest that a scripted attempt prepares: another one for each clip and epoch."""
    return f"{lease.clip_index:032x}{lease.epoch:032x}"


class ScriptedExecutor:
    """One incarnation. `terms` are those of its newest session."""

    def __init__(
        self,
        target: str,
        *,
        name: str = "bench-1",
        engine: Engine = Engine.FFMPEG,
        roots: tuple[str, ...] = ("local",),
        planner_version: int = PLANNER_VERSION,
        probe_slots: int = 0,
        codecs: tuple[str, ...] = (),
        security: ClientSecurity = OPEN_CLIENT,
    ) -> None:
        self.description = ExecutorDescription(
            name=name,
            incarnation=str(uuid.uuid4()),
            engine=engine,
            slots=4,
            roots=roots,
            toolchain=TOOLCHAIN,
            sandbox_level="process",
            version="0.1.0",
            planner_version=planner_version,
            probe_slots=probe_slots,
            codecs=codecs,
        )
        self.client = ExecutorClient(target, security=security)
        self.terms: SessionTerms | None = None
        self.sequence = 0

    @property
    def session_id(self) -> str:
        assert self.terms is not None, "the session was not opened"
        return self.terms.session_id

    async def open(self, *, held: Sequence[Lease] = (), phase: Phase = Phase.ENCODING) -> "ScriptedExecutor":
        """Open the session, or open it again with the leases still held; ask again until the scheduler answers."""
        named = [HeldLease(lease_id=lease.lease_id, epoch=lease.epoch, phase=phase) for lease in held]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                try:
                    self.terms = await self.client.open_session(description=self.description, held=named)
                except SchedulerUnavailableError:
                    await asyncio.sleep(RETRY_SECONDS)  # the protocol's own pause before it asks again
                else:
                    return self

    async def take(
        self,
        max_grants: int = 1,
        *,
        max_probes: int = 0,
        wait_seconds: float = WAIT_SECONDS,
        sequence: int | None = None,
    ) -> tuple[Lease, ...]:
        """Acquire with the next sequence, or with the one given."""
        if sequence is None:
            self.sequence += 1
        return await self.client.acquire(
            session_id=self.session_id,
            sequence=self.sequence if sequence is None else sequence,
            max_grants=max_grants,
            max_probes=max_probes,
            wait_seconds=wait_seconds,
        )

    async def take_one(self, kind: StepKind) -> Lease:
        """Acquire one lease, which must be of this kind."""
        (lease,) = await self.take()
        assert lease.kind is kind
        return lease

    async def idle(self) -> bool:
        """Whether there is no work for this executor at this moment."""
        return await self.take(wait_seconds=0) == ()

    async def renew(
        self,
        *leases: Lease,
        phase: Phase = Phase.ENCODING,
        progress: Progress | None = None,
        draining: bool = False,
    ) -> tuple[LeaseDirective, ...]:
        reports = [
            LeaseReport(lease_id=lease.lease_id, epoch=lease.epoch, phase=phase, progress=progress) for lease in leases
        ]
        return await self.client.renew(session_id=self.session_id, reports=reports, draining=draining)

    async def directive(self, lease: Lease, *, phase: Phase = Phase.ENCODING) -> Directive:
        (answer,) = await self.renew(lease, phase=phase)
        assert answer.lease_id == lease.lease_id
        return answer.directive

    async def start(self, lease: Lease) -> Lease:
        """Pass the start barrier."""
        assert await self.directive(lease, phase=Phase.STARTING) is Directive.CONTINUE
        return lease

    async def begin(self, kind: StepKind = StepKind.ENCODE) -> Lease:
        """Acquire one lease and start it."""
        return await self.start(await self.take_one(kind))

    @asynccontextmanager
    async def keeping(self, *leases: Lease) -> AsyncIterator[None]:
        """Renew leases in the background until the block ends."""

        async def beat() -> None:
            assert self.terms is not None
            while True:
                await self.renew(*leases)
                await asyncio.sleep(self.terms.renew_seconds)

        task = asyncio.create_task(beat())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    # --- PROBE ------------------------------------------------------------------------------------------------------

    async def answer_probes(
        self, answer: Answer | Mapping[int, Answer] | Detection = STANDARD, *, directory: Sequence[Violation] = ()
    ) -> Lease:
        """Acquire one PROBE and report; `answer` serves every source, or names clips that differ from a good one."""
        lease = await self.take_one(StepKind.PROBE)
        assert await self.report_probe(lease, answer, directory=directory) is ReportStatus.RECORDED
        return lease

    async def report_probe(
        self,
        lease: Lease,
        answer: Answer | Mapping[int, Answer] | Detection = STANDARD,
        *,
        directory: Sequence[Violation] = (),
    ) -> ReportStatus:
        assert lease.probe is not None

        def find(item: ProbeItem) -> ProbedSource:
            if isinstance(answer, Detection):
                return probed(item, detection=answer)
            if isinstance(answer, Mapping):
                return answer.get(item.clip_index, probed)(item)
            return answer(item)

        report = ProbeReport(
            sources=tuple(find(item) for item in lease.probe.items), output_directory_violations=tuple(directory)
        )
        return await self.complete(LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, probe=report))

    # --- INSPECT ----------------------------------------------------------------------------------------------------

    async def answer_inspect(
        self, facts: MediaFacts | None = RAW_FACTS, *, violations: Sequence[Violation] = ()
    ) -> Lease:
        """Acquire and start one INSPECT, and report what Resolve states."""
        lease = await self.begin(StepKind.INSPECT)
        assert await self.report_inspect(lease, facts, violations=violations) is ReportStatus.RECORDED
        return lease

    async def report_inspect(
        self, lease: Lease, facts: MediaFacts | None = RAW_FACTS, *, violations: Sequence[Violation] = ()
    ) -> ReportStatus:
        report = InspectReport(facts=facts, violations=tuple(violations))
        return await self.complete(LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, inspect=report))

    # --- ENCODE -----------------------------------------------------------------------------------------------------

    def plan_of(self, lease: Lease) -> Plan:
        """Rebuild the plan as an executor must, and refuse another digest."""
        assert lease.encode is not None
        plan = plan_clip(inputs=lease.encode.inputs)
        assert plan.digest == lease.encode.plan_digest
        return plan

    def output_of(self, lease: Lease, *, change: Callable[[Measured], Measured] = lambda same: same) -> PreparedOutput:
        """What an encode of this lease prepares; by default a proxy that is as planned."""
        plan = self.plan_of(lease)
        measured = change(measured_as_planned(plan))
        return PreparedOutput(
            staged=staged_path(
                output=plan.output,
                job_id=lease.job_id,
                clip_index=lease.clip_index,
                step_id=lease.step_id,
                epoch=lease.epoch,
                incarnation=self.description.incarnation,
            ),
            sha256=sha256_of(lease),
            size_bytes=1234,
            measured=measured,
            verdict=judge(plan=plan, measured=measured),
            execution=self.execution(plan),
        )

    def execution(self, plan: Plan) -> Execution:
        return Execution(
            argv=plan.argv,
            exit_code=0,
            stderr_tail="",
            started_time=None,
            ended_time=None,
            encode_seconds=1.0,
            verify_seconds=0.5,
            cpu_seconds=1.5,
            max_rss_bytes=1_000_000,
            toolchain=TOOLCHAIN,
            executor=self.description.name,
            sandbox_level="process",
        )

    async def prepare(self, lease: Lease, output: PreparedOutput | None = None) -> PrepareAnswer:
        return await self.client.prepare(
            session_id=self.session_id,
            lease_id=lease.lease_id,
            epoch=lease.epoch,
            output=self.output_of(lease) if output is None else output,
        )

    async def published(self, lease: Lease, *, sha256: str | None = None) -> ReportStatus:
        """Report that the file stands under its final name."""
        if sha256 is None:
            sha256 = lease.publish.sha256 if lease.publish is not None else sha256_of(lease)
        return await self.complete(
            LeaseOutcome(
                lease_id=lease.lease_id, epoch=lease.epoch, published=Published(sha256=sha256, size_bytes=1234)
            )
        )

    async def finish(self, lease: Lease) -> None:
        """Prepare and publish a started ENCODE, or publish a started PUBLISH."""
        if lease.kind is StepKind.ENCODE:
            assert await self.prepare(lease) is PrepareAnswer.PUBLISH
        assert await self.published(lease) is ReportStatus.RECORDED

    async def make(self) -> Lease:
        """Acquire, start, prepare and publish the next clip."""
        lease = await self.begin()
        await self.finish(lease)
        return lease

    async def fail(
        self, lease: Lease, *, kind: FailureKind = FailureKind.TOOL_EXIT_NONZERO, exit_code: int | None = 1
    ) -> ReportStatus:
        """Report that the work failed and left nothing behind."""
        failure = Failure(kind=kind, message=f"FFmpeg exited with code {exit_code}", exit_code=exit_code)
        execution = None
        if lease.kind is StepKind.ENCODE:
            execution = replace(self.execution(self.plan_of(lease)), exit_code=exit_code, stderr_tail="Error")
        return await self.complete(
            LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, failure=failure, execution=execution)
        )

    # --- SWEEP ------------------------------------------------------------------------------------------------------

    async def swept(self, lease: Lease, *, removed: Sequence[RootPath] = (), found: str = "") -> ReportStatus:
        """Report a SWEEP: `found` is the digest of what stands under the final name, empty for nothing."""
        report = SweepReport(
            removed=tuple(removed),
            output_exists=bool(found),
            output_sha256=found,
            output_size_bytes=1234 if found else 0,
        )
        return await self.complete(LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, sweep=report))

    def staged_by(self, lease: Lease) -> RootPath:
        """The staged name of a SWEEP's own attempt."""
        assert lease.sweep is not None
        return staged_path(
            output=lease.sweep.output,
            job_id=lease.job_id,
            clip_index=lease.clip_index,
            step_id=lease.step_id,
            epoch=lease.epoch,
            incarnation=self.description.incarnation,
        )

    def journal_of(self, lease: Lease, output: PreparedOutput) -> Journal:
        """The journal that this executor's attempt of an ENCODE leaves beside its staged file."""
        assert lease.encode is not None
        return Journal(
            step_id=lease.step_id,
            epoch=lease.epoch,
            incarnation=self.description.incarnation,
            plan_digest=lease.encode.plan_digest,
            source=lease.encode.identity,
            output=output,
        )

    async def delivered(self, lease: Lease, journal: Journal, *, staged: RootPath | None = None) -> ReportStatus:
        """Report a SWEEP that took a finished file; by default under its own name."""
        report = SweepReport(
            removed=(),
            output_exists=False,
            output_sha256="",
            output_size_bytes=0,
            delivered=Delivered(staged=staged or self.staged_by(lease), journal=journal),
        )
        return await self.complete(LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, sweep=report))

    # --- ends -------------------------------------------------------------------------------------------------------

    async def complete(self, outcome: LeaseOutcome) -> ReportStatus:
        (status,) = await self.client.complete(session_id=self.session_id, outcomes=[outcome])
        return status

    async def release(self, lease: Lease, reason: ReleaseReason) -> ReportStatus:
        (status,) = await self.client.release(
            session_id=self.session_id,
            releases=[LeaseRelease(lease_id=lease.lease_id, epoch=lease.epoch, reason=reason)],
        )
        return status

    async def close(self) -> None:
        """End the session in good order."""
        await self.client.close(session_id=self.session_id)

    async def disconnect(self) -> None:
        """Close the channel; the session stays. From now on the executor is silent."""
        await self.client.disconnect()
