"""Makes proxies of generated clips with the steps of a real FFmpeg executor: probe, plan, encode, measure, judge."""

from dataclasses import dataclass
from pathlib import Path

from proxx.core.facts import MediaFacts
from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.plan import PLANNER_VERSION, PlanInputs
from proxx.core.planner import PlanRefusedError, plan_clip
from proxx.core.roots import RootPath
from proxx.core.steps import (
    EncodeWork,
    Phase,
    PreparedOutput,
    ProbedSource,
    ProbeItem,
    ProbeWork,
    Progress,
    StepKind,
)
from proxx.engine.encoder import Encoder
from proxx.engine.measure import Tools
from proxx.engine.mounts import MountTable
from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.step_runner import StepWatch
from proxx.engine.tool import ToolRunner
from proxx.runtime.clock import SystemClock
from proxx_ffmpeg_executor.ffmpeg_steps import FfmpegSteps
from tests.fakes.leases import TOOLCHAIN
from tests.footage.make import write_clip
from tests.footage.recipe import Recipe
from tests.witness.way import Way

ROOT = "media"
INCARNATION = "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeProxy:
    """A finished, staged proxy: where it lies, and what Proxx measured of it."""

    path: Path
    output: PreparedOutput

    @property
    def facts(self) -> MediaFacts:
        """What Proxx says of the file."""
        return self.output.measured.facts


class Unwatched:
    """A StepWatch that listens to nothing."""

    def enter(self, phase: Phase) -> None:
        """Nobody asks."""

    def progress(self, progress: Progress) -> None:
        """Nobody asks."""

    def commit(self) -> bool:
        """Nothing interrupts."""
        return True


class Studio:
    """One directory as a root; every source is made and probed in it once."""

    def __init__(self, directory: Path, *, runner: ToolRunner | None = None) -> None:
        """Take an existing directory, and what runs tools when it is not to be the plain one."""
        self._directory = directory
        self._probed: dict[str, ProbedSource] = {}
        self._kept: dict[tuple[str, str], MadeProxy] = {}
        self._made = 0
        self._mounts = MountTable({ROOT: directory})
        self.runner: ToolRunner = runner or ProcessToolRunner(scratch=directory)
        self._steps = FfmpegSteps(
            mounts=self._mounts,
            runner=self.runner,
            encoder=Encoder(
                name="studio",
                incarnation=INCARNATION,
                tools=Tools(ffmpeg="ffmpeg", ffprobe="ffprobe"),
                toolchain=TOOLCHAIN,
            ),
            clock=SystemClock(),
            probe_concurrency=1,
        )

    async def make(self, recipe: Recipe, way: Way, *, watch: StepWatch | None = None) -> MadeProxy:
        """Return the proxy that `way` makes of a clip of `recipe`; its verdict has passed.

        Raises:
            PlanRefusedError: this source cannot have a proxy of this profile.
            StepFailedError: the encode failed, or its verdict.
            AssertionError: the source cannot be probed.
        """
        probed = await self._source(recipe)
        assert probed.facts is not None, probed.violations
        assert probed.identity is not None
        self._made += 1
        name = f"{self._made:03}_{Path(recipe.file_name).stem}.{way.container}"
        inputs = PlanInputs(
            source=_source_path(recipe),
            output=RootPath(root=ROOT, path=f"out{self._made}/{name}"),
            facts=probed.facts,
            profile=way.profile,
            codec=way.profile.codec,
            container=way.container,
            resolution=way.resolution,
            fps=None,
        )
        work = EncodeWork(
            inputs=inputs,
            plan_digest=plan_clip(inputs=inputs).digest,
            planner_version=PLANNER_VERSION,
            identity=probed.identity,
        )
        (self._directory / f"out{self._made}").mkdir()
        output = await self._steps.run(lease=_lease(StepKind.ENCODE, encode=work), watch=watch or Unwatched())
        assert isinstance(output, PreparedOutput)
        return MadeProxy(path=self._mounts.local(output.staged), output=output)

    async def attempt(self, recipe: Recipe, way: Way) -> MadeProxy | PlanRefusedError:
        """Return the same as `make`, or the planner's refusal. Raises what else `make` raises."""
        try:
            return await self.make(recipe, way)
        except PlanRefusedError as refusal:
            return refusal

    async def once(self, recipe: Recipe, way: Way) -> MadeProxy:
        """Return the same as `make`, made at the first call only. Raises what `make` does."""
        key = (recipe.file_name, way.name)
        if key not in self._kept:
            self._kept[key] = await self.make(recipe, way)
        return self._kept[key]

    async def _source(self, recipe: Recipe) -> ProbedSource:
        if recipe.file_name not in self._probed:
            write_clip(recipe, self._directory / recipe.file_name)
            item = ProbeItem(clip_index=0, source=_source_path(recipe), output=None)
            work = ProbeWork(items=(item,), output_directory=None, create_output_directory=False)
            outcome = await self._steps.run(lease=_lease(StepKind.PROBE, probe=work), watch=Unwatched())
            assert isinstance(outcome, LeaseOutcome)
            assert outcome.probe is not None
            self._probed[recipe.file_name] = outcome.probe.sources[0]
        return self._probed[recipe.file_name]


def _source_path(recipe: Recipe) -> RootPath:
    return RootPath(root=ROOT, path=recipe.file_name)


def _lease(kind: StepKind, *, probe: ProbeWork | None = None, encode: EncodeWork | None = None) -> Lease:
    return Lease(
        lease_id="lease-1",
        step_id="0123456789abcdef",
        epoch=1,
        kind=kind,
        job_key="job-key",
        job_id="job-id",
        clip_index=0,
        probe=probe,
        encode=encode,
    )
