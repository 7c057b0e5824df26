"""INSPECT: a clip that only Resolve opens, opened by it, and its facts."""

from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.steps import InspectReport, InspectWork, Phase
from proxx.core.violation import Violation, ViolationCode
from proxx.engine.errors import StepFailedError
from proxx.engine.mounts import MountTable
from proxx.engine.source_check import check_source
from proxx.engine.step_runner import StepWatch
from proxx_resolve_executor.clip_facts import clip_facts
from proxx_resolve_executor.host_keeper import HostKeeper
from proxx_resolve_executor.host_port import InspectedClip, Media, ResolveHost
from proxx_resolve_executor.project_name import ProjectNames
from proxx_resolve_executor.resolve_error import ExecutionError, ImportRefusedError
from proxx_resolve_executor.source_media import local_media


class InspectStep:
    """Inspects on this host, one clip at a time."""

    def __init__(self, *, mounts: MountTable, names: ProjectNames, host: ResolveHost, keeper: HostKeeper) -> None:
        """Take the mounts, how projects are named, the host, and who lends it."""
        self._mounts = mounts
        self._names = names
        self._host = host
        self._keeper = keeper

    async def run(self, *, lease: Lease, work: InspectWork, watch: StepWatch) -> LeaseOutcome:
        """Return the clip's facts, or why there are none: a clip that Resolve does not open is an answer, no failure.

        Raises:
            StepFailedError: Resolve fell into trouble over this clip again.
            HandBackError: Resolve is in trouble.
        """
        watch.enter(Phase.INSPECTING)
        try:
            report = await self._inspect(lease, work)
        except ExecutionError as error:
            refused = isinstance(error, ImportRefusedError)
            report = _refused(
                work, ViolationCode.SOURCE_UNREADABLE if refused else ViolationCode.PROBE_FAILED, str(error)
            )
        return LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, inspect=report)

    async def _inspect(self, lease: Lease, work: InspectWork) -> InspectReport:
        try:
            await self._check(work, "before it was inspected")
            media = local_media(mounts=self._mounts, source=work.source, identity=work.identity)
        except StepFailedError as error:
            return _refused(work, ViolationCode.SOURCE_UNREADABLE, error.failure.message)
        clip = await self._open(lease, media)
        try:
            await self._check(work, "after it was inspected")
        except StepFailedError as error:
            return _refused(work, ViolationCode.PROBE_FAILED, error.failure.message)
        return clip_facts(work=work, clip=clip, sequence=media.sequence)

    async def _open(self, lease: Lease, media: Media) -> InspectedClip:
        async with self._keeper.lend(step_id=lease.step_id, started=lambda: False):
            return await self._host.inspect(project=self._names.of(lease), media=media)

    async def _check(self, work: InspectWork, during: str) -> None:
        await check_source(mounts=self._mounts, source=work.source, identity=work.identity, during=during)


def _refused(work: InspectWork, code: ViolationCode, message: str) -> InspectReport:
    violation = Violation(code=code, field=f"sources[{work.clip_index}]", message=message)
    return InspectReport(facts=None, violations=(violation,))
