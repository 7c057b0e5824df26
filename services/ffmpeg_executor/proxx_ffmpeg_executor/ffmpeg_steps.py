"""The work of an FFmpeg executor: what every executor does, and ENCODE with FFmpeg."""

from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.steps import PreparedOutput, Published
from proxx.engine.asset_cache import AssetCache
from proxx.engine.encode_step import EncodeStep
from proxx.engine.encoder import Encoder
from proxx.engine.mounts import MountTable
from proxx.engine.shared_steps import SharedSteps
from proxx.engine.step_runner import StepWatch
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
        self._encode = EncodeStep(mounts=mounts, runner=runner, encoder=encoder, clock=clock, assets=assets)
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
            ValueError: the lease carries no work that this executor does.
        """
        if lease.encode is not None:
            return await self._encode.run(lease=lease, work=lease.encode, watch=watch)
        outcome = await self._shared.run(lease=lease, watch=watch)
        if outcome is None:
            raise ValueError(f"an FFmpeg executor does no {lease.kind.value} steps")
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
