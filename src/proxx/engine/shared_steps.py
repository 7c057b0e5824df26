"""The steps that every executor does in the same way, whatever engine it has: PROBE, PUBLISH and SWEEP."""

from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.steps import PreparedOutput, Published
from proxx.engine.attempt import place_of
from proxx.engine.mounts import MountTable
from proxx.engine.probe_step import ProbeSettings, ProbeStep
from proxx.engine.publish_step import PublishStep
from proxx.engine.staging import remove_staged
from proxx.engine.step_runner import StepWatch
from proxx.engine.sweep_step import SweepStep
from proxx.engine.threads import to_thread_whole
from proxx.engine.tool import ToolRunner


class SharedSteps:
    """What a StepRunner hands on."""

    def __init__(
        self, *, mounts: MountTable, runner: ToolRunner, ffprobe: str, probe_concurrency: int, incarnation: str
    ) -> None:
        """Take the mounts, what runs tools, which ffprobe, how many sources it sees side by side, and who we are."""
        self._mounts = mounts
        self._incarnation = incarnation
        self._publish = PublishStep(mounts=mounts)
        self._sweep = SweepStep(mounts=mounts, incarnation=incarnation)
        self._probe = ProbeStep(
            mounts=mounts, runner=runner, settings=ProbeSettings(ffprobe=ffprobe, concurrency=probe_concurrency)
        )

    async def run(self, *, lease: Lease, watch: StepWatch) -> LeaseOutcome | None:
        """Do the work of a PROBE, PUBLISH or SWEEP; None for every other kind.

        Raises:
            StepFailedError, PublicationInDoubtError: as the steps say.
        """
        if lease.probe is not None:
            return await self._probe.run(lease=lease, work=lease.probe, watch=watch)
        if lease.publish is not None:
            return await self._publish.run(lease=lease, work=lease.publish, watch=watch)
        if lease.sweep is not None:
            return await self._sweep.run(lease=lease, work=lease.sweep, watch=watch)
        return None

    async def publish(self, *, lease: Lease, output: PreparedOutput) -> Published:
        """Give the staged file of an ENCODE its final name.

        Raises:
            StepFailedError: it was not published, and the staged file is removed.
            PublicationInDoubtError: as the port says.
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
        staged = place_of(lease=lease, incarnation=self._incarnation)
        if staged is not None:
            await to_thread_whole(remove_staged, mounts=self._mounts, staged=staged)
