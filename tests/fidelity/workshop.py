"""Makes scenes real and measures proxies, with the real prober, planner, runner, measure and judge. Caches by scene."""

from pathlib import Path

from proxx.core.command_paths import fill_placeholders
from proxx.core.judge import judge
from proxx.core.plan import PlanInputs
from proxx.core.planner import plan_clip
from proxx.core.roots import RootPath
from proxx.engine.errors import StepFailedError
from proxx.engine.measure import Tools, measure
from proxx.engine.probe import probe_source
from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.tool import ToolRequest, ToolResult
from proxx.runtime.profile_files import builtin_library
from tests.fidelity.outcome import UNREADABLE, Outcome, outcome_of
from tests.fidelity.prepared import Prepared
from tests.fidelity.scene import Scene
from tests.footage.make import write_clip

TOOLS = Tools(ffmpeg="ffmpeg", ffprobe="ffprobe")
ROOT = "media"


class Workshop:
    """One directory; every scene is made in it once."""

    def __init__(self, directory: Path) -> None:
        """Take an empty directory."""
        self._directory = directory
        self._prepared: dict[str, Prepared] = {}
        self._library = builtin_library()
        self.runner = ProcessToolRunner(scratch=directory)

    async def prepare(self, scene: Scene) -> Prepared:
        """Return source, plan and good proxy of a scene.

        Raises:
            AssertionError: the source cannot be probed, or the planned command fails.
        """
        if scene.name not in self._prepared:
            self._prepared[scene.name] = await self._make(scene)
        return self._prepared[scene.name]

    async def run(self, argv: tuple[str, ...], *, reads: tuple[Path, ...] = (), into: Path | None = None) -> ToolResult:
        """Run one command as an executor would. It may read `reads` and write into that directory, and this one's.

        Raises:
            AssertionError: it failed.
        """
        result = await self.runner.run(
            ToolRequest(
                argv=argv,
                readable=reads,
                writable=(self._directory, *((into,) if into is not None else ())),
                timeout_seconds=100,
            )
        )
        assert result.ok, f"{' '.join(argv)}\n{result.end} {result.exit_code}: {result.stderr_tail}"
        return result

    async def judge(
        self, prepared: Prepared, proxy: Path, *, source_errors: tuple[str, ...], kept: Path | None = None
    ) -> Outcome:
        """Measure and judge the file at `proxy` in the place of the good one.

        `kept` is the output whose encode has put the witness aside (default: the good one's).
        """
        staged = RootPath(root=ROOT, path=proxy.name)
        try:
            measurement = await measure(
                runner=self.runner,
                tools=TOOLS,
                path=proxy,
                staged=staged,
                plan=prepared.plan,
                source_errors=source_errors,
                kept=kept if kept is not None else prepared.proxy,
            )
        except StepFailedError as error:
            return Outcome(caught_by=(UNREADABLE,), details=(str(error.failure.message),))
        measured = measurement.measured
        return outcome_of(judge(plan=prepared.plan, measured=measured).failures(), witness=measured.witness)

    async def _make(self, scene: Scene) -> Prepared:
        directory = self._directory / scene.name
        directory.mkdir()
        source = write_clip(scene.recipe, directory / scene.recipe.file_name)
        return await self.plan(scene, directory, source)

    async def plan(self, scene: Scene, directory: Path, source: Path) -> Prepared:
        """Probe a source, plan its proxy and run the plan.

        Raises:
            AssertionError: the source cannot be probed, or the planned command fails.
        """
        named = RootPath(root=ROOT, path=source.name)
        probed = await probe_source(runner=self.runner, path=source, source=named, ffprobe=TOOLS.ffprobe)
        profile = self._library.get(scene.profile)
        assert profile is not None, scene.profile
        assert probed.facts is not None, probed.violations
        assert probed.identity is not None
        proxy = directory / f"{source.stem}_proxy.{scene.container}"
        inputs = PlanInputs(
            source=named,
            output=RootPath(root=ROOT, path=proxy.name),
            facts=probed.facts,
            profile=profile,
            codec=profile.codec,
            container=scene.container,
            resolution=scene.resolution,
            fps=None,
        )
        plan = plan_clip(inputs=inputs)
        argv = fill_placeholders(argv=plan.argv, tool=TOOLS.ffmpeg, source=source, output=proxy)
        made = await self.run(argv, reads=(source,), into=directory)
        return Prepared(
            directory=directory,
            source=source,
            identity=probed.identity,
            facts=probed.facts,
            inputs=inputs,
            plan=plan,
            proxy=proxy,
            source_errors=made.error_lines,
        )
