"""ENCODE with Resolve: one clip from its plan's inputs to a verified, durable staged file."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from proxx.core.failure import Failure, FailureKind, output_missing
from proxx.core.leases import Lease
from proxx.core.plan import Plan
from proxx.core.render_command import render_command
from proxx.core.render_plan import RenderPlan
from proxx.core.steps import EncodeWork, Phase, PreparedOutput, Progress
from proxx.engine.attempt import Attempt, begin_attempt, holding_place
from proxx.engine.disk import disk_error, out_of_space
from proxx.engine.encoder import Encoder
from proxx.engine.errors import StepFailedError, failed
from proxx.engine.finish import Finish, Made
from proxx.engine.mounts import MountTable
from proxx.engine.render_place import make_render_place, render_place, take_render
from proxx.engine.source_check import check_source
from proxx.engine.step_runner import StepWatch
from proxx.engine.threads import to_thread_whole
from proxx.engine.tool import ToolRunner
from proxx.runtime.clock import Clock
from proxx.runtime.where import host_path
from proxx_resolve_executor.host_keeper import HostKeeper
from proxx_resolve_executor.host_port import HostFacts, RenderEnd, RenderProgress, RenderRequest, ResolveHost
from proxx_resolve_executor.project_name import ProjectNames
from proxx_resolve_executor.resolve_error import ExecutionError, ResolveError
from proxx_resolve_executor.source_media import local_media
from proxx_resolve_executor.toolchain import with_resolve

SANDBOX_LEVEL = "none"
"""Resolve runs as itself, with everything that its user may do; only the ffmpeg that verifies runs in the launcher."""

MOST_CALL_CHARACTERS = 64 * 1024
"""Longest list of calls that a result keeps; the last ones, which say most about an end."""


class _Moves:
    """Hands a render's progress on, and knows whether it has begun to move."""

    def __init__(self, *, plan: Plan, watch: StepWatch, monotonic: Callable[[], float]) -> None:
        self._plan = plan
        self._watch = watch
        self._monotonic = monotonic
        self._begun = monotonic()
        self.started = False

    def on_progress(self, progress: RenderProgress) -> None:
        """Take one report."""
        self.started = True
        expected = self._plan.expected
        frames = int(progress.fraction * expected.frame_count)
        seconds = self._monotonic() - self._begun
        fps = frames / seconds if seconds > 0 else 0.0
        self._watch.progress(
            Progress(
                fraction=progress.fraction,
                frames=frames,
                fps=fps,
                speed=fps / float(expected.frame_rate),
                eta_seconds=progress.eta_seconds,
            )
        )


class RenderStep:
    """Renders on this host, one clip at a time; measuring one proxy may go beside rendering the next."""

    def __init__(
        self,
        *,
        mounts: MountTable,
        runner: ToolRunner,
        encoder: Encoder,
        clock: Clock,
        host: ResolveHost,
        keeper: HostKeeper,
        names: ProjectNames,
    ) -> None:
        """Take the mounts, what runs the verifying tools, who encodes, the clock, the host, who lends it, and how
        projects are named.

        The toolchain of `encoder` is that of the verifying ffmpeg; each render adds the Resolve that made it.
        """
        self._mounts = mounts
        self._runner = runner
        self._encoder = encoder
        self._clock = clock
        self._host = host
        self._keeper = keeper
        self._names = names

    async def run(self, *, lease: Lease, work: EncodeWork, watch: StepWatch) -> PreparedOutput:
        """Render, verify, make durable, and write the journal.

        Whatever goes wrong, also a cancellation: render, project, staged file and journal are gone before the call
        returns.

        Raises:
            StepFailedError: the clip failed.
            HandBackError: Resolve is in trouble, and the render had not started.
        """
        attempt = begin_attempt(mounts=self._mounts, lease=lease, work=work, incarnation=self._encoder.incarnation)
        render = attempt.plan.render
        if render is None:
            raise failed(FailureKind.PLAN_MISMATCH, "the plan is one for FFmpeg, and this executor has Resolve")
        await check_source(
            mounts=self._mounts, source=work.inputs.source, identity=work.identity, during="before the encode"
        )
        moves = _Moves(plan=attempt.plan, watch=watch, monotonic=self._clock.monotonic)
        with holding_place(mounts=self._mounts, attempt=attempt):
            begun = self._clock.now()
            try:
                async with self._keeper.lend(step_id=lease.step_id, started=lambda: moves.started) as facts:
                    finish = self._finish(facts)
                    made = await self._render(attempt, render, moves, watch)
            except StepFailedError as error:
                raise self._with_execution(attempt, error, begun) from error
            return await finish.run(attempt=attempt, made=made, watch=watch, assets={})

    def _finish(self, facts: HostFacts | None) -> Finish:
        toolchain = with_resolve(facts=facts, verifier=self._encoder.toolchain)
        return Finish(
            mounts=self._mounts,
            runner=self._runner,
            encoder=replace(self._encoder, toolchain=toolchain),
            clock=self._clock,
        )

    async def _render(self, attempt: Attempt, render: RenderPlan, moves: _Moves, watch: StepWatch) -> Made:
        work = attempt.work
        media = local_media(mounts=self._mounts, source=work.inputs.source, identity=work.identity)
        watch.enter(Phase.ENCODING)
        try:
            place = host_path(make_render_place(self._mounts.rooted(attempt.staged)))
        except OSError as error:
            raise disk_error(error, what="cannot make a directory to render into") from error
        request = RenderRequest(
            project=self._names.of(attempt.lease),
            media=media,
            plan=render,
            directory=place,
            name=f"proxy{attempt.staged_file.suffix}",
            stall_seconds=attempt.plan.stall_seconds,
            timeout_seconds=attempt.plan.timeout_seconds,
        )
        begun = self._clock.monotonic()
        try:
            end = await self._host.render(request=request, on_progress=moves.on_progress)
        except ExecutionError as error:
            raise StepFailedError(_or_no_space(attempt, Failure(kind=error.kind, message=str(error)))) from error
        await self._take(attempt, request, end)
        seconds = self._clock.monotonic() - begun
        return _made(attempt, end.calls, (end.started_time, end.ended_time), seconds)

    async def _take(self, attempt: Attempt, request: RenderRequest, end: RenderEnd) -> None:
        """Give the one file of the render its staged name."""
        if end.file.parent != request.directory:
            raise failed(FailureKind.OUTPUT_MISSING, f"Resolve rendered {end.file}; expected it in {request.directory}")
        try:
            staged = self._mounts.rooted(attempt.staged)
            await to_thread_whole(take_render, file=render_place(staged) / end.file.name, staged=staged)
        except FileNotFoundError as error:
            raise StepFailedError(_or_no_space(attempt, output_missing())) from error
        except OSError as error:
            raise disk_error(error, what="cannot take the rendered file") from error
        size, ceiling = attempt.staged_file.stat().st_size, attempt.plan.ceiling_bytes
        if size > ceiling:
            raise failed(
                FailureKind.LIMIT_EXCEEDED,
                f"The output has {size} bytes, more than the plan's ceiling of {ceiling} bytes",
            )

    def _with_execution(self, attempt: Attempt, error: StepFailedError, begun: datetime) -> StepFailedError:
        """The same failure, and how the attempt ran: what Resolve was told stands in the result also then."""
        ended = self._clock.now()
        calls = error.__cause__.calls if isinstance(error.__cause__, ResolveError) else ()
        made = _made(attempt, calls, (begun, ended), (ended - begun).total_seconds())
        finish = self._finish(self._host.facts)
        return StepFailedError(error.failure, execution=finish.execution(made=made))


def _made(attempt: Attempt, calls: tuple[str, ...], span: tuple[datetime, datetime], seconds: float) -> Made:
    return Made(
        argv=render_command(plan=attempt.plan, source=attempt.source, output=attempt.staged_file).words(),
        exit_code=None,
        stderr_tail="\n".join(calls)[-MOST_CALL_CHARACTERS:],
        error_lines=(),
        started=span[0],
        ended=span[1],
        wall_seconds=seconds,
        cpu_seconds=0.0,
        max_rss_bytes=0,
        sandbox_level=SANDBOX_LEVEL,
    )


def _or_no_space(attempt: Attempt, failure: Failure) -> Failure:
    """The failure, or NO_SPACE in its place on a full disk: Resolve says no more than that a render failed."""
    full = out_of_space(directory=attempt.staged_file.parent, stderr=failure.message)
    return failure if full is None else Failure(kind=FailureKind.NO_SPACE, message=full)
