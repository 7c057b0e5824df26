"""The work of an FFmpeg executor: one step class for each kind of lease that it takes."""

from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.steps import PreparedOutput, Published
from proxx.engine.asset_cache import AssetCache
from proxx.engine.encode_step import Encoder, EncodeStep
from proxx.engine.mounts import MountTable
from proxx.engine.probe_step import ProbeSettings, ProbeStep
from proxx.engine.publish_step import PublishStep
from proxx.engine.staging import remove_staged
from proxx.engine.step_runner import StepWatch
from proxx.engine.sweep_step import SweepStep
from proxx.engine.threads import to_thread_whole
from proxx.engine.tool import ToolRunner
from proxx.runtime.clock import Clock


class FfmpegSteps:
    """The StepRunner of an FFmpeg executor."""

    def __init__(
        self,
        *,
        mounts: MountTable,
        runner: ToolRunner,
        encoder: Encoder,
        clock: Clock,
        probe_concurrency: int,
        assets: AssetCache | None = None,
    ) -> None:
        """Take the mounts, what runs tools, who encodes, the clock, and how many sources are probed side by side.

        `assets` has the files of looks; without it a clip whose look needs files fails.
        """
        self._mounts = mounts
        self._encode = EncodeStep(mounts=mounts, runner=runner, encoder=encoder, clock=clock, assets=assets)
        self._publish = PublishStep(mounts=mounts)
        self._sweep = SweepStep(mounts=mounts, incarnation=encoder.incarnation)
        self._probe = ProbeStep(
            mounts=mounts,
            runner=runner,
            settings=ProbeSettings(ffprobe=encoder.tools.ffprobe, concurrency=probe_concurrency),
        )

    async def run(self, *, lease: Lease, watch: StepWatch) -> LeaseOutcome | PreparedOutput:
        """Do the work of a lease.

        Raises:
            StepFailedError: the media work failed.
            ValueError: the lease carries no work that this executor does.
        """
        if lease.probe is not None:
            return await self._probe.run(lease=lease, work=lease.probe, watch=watch)
        if lease.encode is not None:
            return await self._encode.run(lease=lease, work=lease.encode, watch=watch)
        if lease.publish is not None:
            return await self._publish.run(lease=lease, work=lease.publish, watch=watch)
        if lease.sweep is not None:
            return await self._sweep.run(lease=lease, work=lease.sweep, watch=watch)
        raise ValueError(f"an FFmpeg executor does no {lease.kind.value} steps")

    async def publish(self, *, lease: Lease, output: PreparedOutput) -> Published:
        """Give the staged file of an ENCODE its final name.

        Raises:
            StepFailedError: it was not published, and the staged file is removed.
            ValueError: the lease is no ENCODE.
        """
        if lease.encode is None:
            raise ValueError(f"a {lease.kind.value} step stages nothing that could be published")
        return await self._publish.publish(
            staged=output.staged,
            output=lease.encode.inputs.output,
            sha256=output.sha256,
            size_bytes=output.size_bytes,
            replaces=lease.encode.replaces,
        )

    async def discard(self, *, lease: Lease) -> None:
        """Remove what this attempt staged, if anything.

        Raises:
            OSError: it cannot be removed.
        """
        staged = self._encode.staged(lease)
        if staged is not None:
            await to_thread_whole(remove_staged, mounts=self._mounts, staged=staged)
