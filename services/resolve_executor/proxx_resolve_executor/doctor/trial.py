"""One whole render of one clip, as the executor does it, judged as a proxy of a job is."""

from dataclasses import dataclass
from pathlib import Path

from proxx.core.judge.verdict import judge
from proxx.core.plan import Plan
from proxx.core.profile import Profile
from proxx.core.render_plan import RenderPlan
from proxx.core.roots import RootPath
from proxx.core.verdict import CheckLevel
from proxx.engine.errors import StepFailedError
from proxx.engine.measure import Tools, measure
from proxx.engine.tool_runners import tool_runner
from proxx.runtime.clock import Clock
from proxx_resolve_executor.bridge.call_log import CallLog
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.bridge.render import Render
from proxx_resolve_executor.bridge.tidying import tidy
from proxx_resolve_executor.doctor.recorded_media import MediaRefusedError, RecordedMedia, render_plan
from proxx_resolve_executor.doctor.visit import Arrived
from proxx_resolve_executor.host_port import HostFacts, InspectedClip, RenderProgress, RenderRequest
from proxx_resolve_executor.resolve_error import ResolveError

CUSTOM_NAME = "proxy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a render ended: whether its file is the proxy that was planned, in a sentence; and what was seen of it.

    `asked` says that Resolve was asked for it: a clip that cannot be planned is no fault of the host.
    """

    passed: bool
    sentence: str
    asked: bool = True
    rendered: bool = False
    jobs: object = None
    statuses: tuple[object, ...] = ()


class Trials:
    """Renders clips on one Resolve, each in a project of its own that is gone afterwards."""

    def __init__(
        self,
        *,
        arrived: Arrived,
        options: ResolveOptions,
        pairs: frozenset[tuple[str, str]],
        tools: Tools,
        clock: Clock,
        project: str,
    ) -> None:
        """Take the Resolve, the pairs that it lists, the tools that verify, and the name of the projects."""
        self._arrived = arrived
        self._options = options
        self._facts = HostFacts(product=arrived.product, version=arrived.version, studio=True, platform="", pairs=pairs)
        self._tools = tools
        self._clock = clock
        self._project = project

    async def run(self, *, recorded: RecordedMedia, clip: InspectedClip, profile: Profile) -> Trial:
        """Render the clip with a profile, verify the file, and remove both.

        Raises:
            ChildError: Resolve does not answer any more.
        """
        try:
            plan = render_plan(recorded=recorded, clip=clip, profile=profile)
        except MediaRefusedError as error:
            return Trial(passed=False, asked=False, sentence=f"not rendered: {error}")
        if plan.render is None:
            return Trial(passed=False, asked=False, sentence="not rendered: the plan is one for FFmpeg")
        directory = self._options.state_directory / f"render_{profile.name}"
        directory.mkdir()
        child = self._arrived.child
        child.forget()
        file: Path | None = None
        try:
            file = await self._render(recorded, plan, plan.render, directory)
            passed, sentence = await self._judge(plan, file, recorded)
        except (ResolveError, StepFailedError) as error:
            passed, sentence = False, f"{type(error).__name__}: {error}"
        return Trial(
            passed=passed,
            sentence=sentence,
            rendered=file is not None,
            jobs=child.jobs,
            statuses=tuple(child.statuses),
        )

    async def _render(self, recorded: RecordedMedia, plan: Plan, settings: RenderPlan, directory: Path) -> Path:
        remote = self._arrived.remote
        render = Render(
            remote=remote,
            options=self._options,
            request=RenderRequest(
                project=self._project,
                media=recorded.media,
                plan=settings,
                directory=directory,
                name=f"{CUSTOM_NAME}.{plan.expected.container}",
                stall_seconds=plan.stall_seconds,
                timeout_seconds=plan.timeout_seconds,
            ),
            facts=self._facts,
            clock=self._clock,
            log=CallLog(),
            on_progress=_unseen,
        )
        try:
            return await render.run()
        finally:
            await tidy(
                remote=remote,
                options=self._options,
                clock=self._clock,
                project=self._project,
                job=render.job,
                started=render.started,
            )

    async def _judge(self, plan: Plan, file: Path, recorded: RecordedMedia) -> tuple[bool, str]:
        measurement = await measure(
            runner=tool_runner(scratch=self._options.state_directory),
            tools=self._tools,
            path=file,
            staged=RootPath(root="doctor", path=file.name),
            plan=plan,
            source_errors=(),
        )
        checks = judge(plan=plan, measured=measurement.measured).checks
        named = {CUSTOM_NAME: "CustomName", recorded.stem: "the source"}.get(file.stem, "something else")
        failed = [check for check in checks if check.level is CheckLevel.FAIL]
        warned = [check.name for check in checks if check.level is CheckLevel.WARN]
        words = [f"named after {named}", f"{len(failed)} checks failed" if failed else "every check passed"]
        words += [f"{check.name}: expected {check.expected}, actual {check.actual}" for check in failed]
        if warned:
            words.append(f"warnings: {', '.join(warned)}")
        return not failed, "; ".join(words)


def _unseen(progress: RenderProgress) -> None:
    """Progress that nobody is shown: the child keeps every status."""
