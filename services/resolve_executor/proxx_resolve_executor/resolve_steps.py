"""The work of a Resolve executor: what every executor does, INSPECT, and ENCODE as a render."""

from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.steps import PreparedOutput, Published
from proxx.engine.encoder import Encoder
from proxx.engine.mounts import MountTable
from proxx.engine.shared_steps import SharedSteps
from proxx.engine.step_runner import StepWatch
from proxx.engine.tool import ToolRunner
from proxx.runtime.clock import Clock
from proxx_resolve_executor.host_keeper import HostKeeper
from proxx_resolve_executor.host_port import ResolveHost
from proxx_resolve_executor.inspect_step import InspectStep
from proxx_resolve_executor.project_name import ProjectNames
from proxx_resolve_executor.render_step import RenderStep


class ResolveSteps:
    """The StepRunner of a Resolve executor."""

    def __init__(
        self,
        *,
        mounts: MountTable,
        runner: ToolRunner,
        encoder: Encoder,
        clock: Clock,
        host: ResolveHost,
        keeper: HostKeeper,
        project_prefix: str,
        probe_concurrency: int,
    ) -> None:
        """Take the mounts, what runs tools, who encodes (with the toolchain of the verifying ffmpeg), the clock, the
        host and who lends it, how the names of projects begin, and how many sources are probed side by side.
        """
        self._keeper = keeper
        names = ProjectNames(prefix=project_prefix, incarnation=encoder.incarnation)
        self._inspect = InspectStep(mounts=mounts, names=names, host=host, keeper=keeper)
        self._render = RenderStep(
            mounts=mounts, runner=runner, encoder=encoder, clock=clock, host=host, keeper=keeper, names=names
        )
        self._shared = SharedSteps(
            mounts=mounts,
            runner=runner,
            ffprobe=encoder.tools.ffprobe,
            probe_concurrency=probe_concurrency,
            incarnation=encoder.incarnation,
        )

    async def run(self, *, lease: Lease, watch: StepWatch) -> LeaseOutcome | PreparedOutput:
        """Do the work of a lease.

        Raises:
            StepFailedError: the media work failed.
            HandBackError: Resolve is in trouble.
            ValueError: the lease carries no work that this executor does.
        """
        if lease.encode is not None:
            return await self._render.run(lease=lease, work=lease.encode, watch=watch)
        if lease.inspect is not None:
            return await self._inspect.run(lease=lease, work=lease.inspect, watch=watch)
        outcome = await self._shared.run(lease=lease, watch=watch)
        if outcome is None:
            raise ValueError(f"a Resolve executor does no {lease.kind.value} steps")
        if lease.sweep is not None:
            await self._keeper.sweep()
        return outcome

    async def publish(self, *, lease: Lease, output: PreparedOutput) -> Published:
        """Give the staged file of an ENCODE its final name.

        Raises:
            StepFailedError: it was not published, and the staged file is removed.
            ValueError: the lease is no ENCODE.
        """
        return await self._shared.publish(lease=lease, output=output)

    async def discard(self, *, lease: Lease) -> None:
        """Remove what this attempt staged, if anything.

        Raises:
            OSError: it cannot be removed.
        """
        await self._shared.discard(lease=lease)
