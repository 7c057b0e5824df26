"""ENCODE: one clip from its plan's inputs to a verified, durable staged file."""

import asyncio
import contextlib
import stat
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from proxx.core.command_paths import fill_placeholders
from proxx.core.failure import Failure, FailureKind
from proxx.core.judge import is_chatter, judge
from proxx.core.leases import Lease
from proxx.core.look import Asset
from proxx.core.plan import PLANNER_VERSION, Plan
from proxx.core.planner import PlanRefusedError, plan_clip
from proxx.core.roots import RootPath
from proxx.core.staging import journal_path, staged_path
from proxx.core.steps import EncodeWork, Execution, Journal, Phase, PreparedOutput
from proxx.core.toolchain import Toolchain
from proxx.core.verdict import Check, Verdict
from proxx.engine.asset_cache import AssetCache
from proxx.engine.classify import nothing_written, tool_failure
from proxx.engine.disk import disk_error, out_of_space
from proxx.engine.errors import StepFailedError, failed
from proxx.engine.identity import identity_difference, read_identity
from proxx.engine.journal import write_journal
from proxx.engine.measure import Tools, measure
from proxx.engine.mounts import MountError, MountTable
from proxx.engine.oom import oom_kills
from proxx.engine.picture_checks import check_pictures
from proxx.engine.progress import ProgressParser
from proxx.engine.staging import remove_staged, reserve_staged
from proxx.engine.step_runner import StepWatch
from proxx.engine.threads import to_thread_whole
from proxx.engine.tool import ToolRequest, ToolResult, ToolRunner
from proxx.engine.witness_files import remove_witness
from proxx.runtime.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """Who encodes: name and incarnation of the executor, its tools, their fingerprint, and their memory limit."""

    name: str
    incarnation: str
    tools: Tools
    toolchain: Toolchain
    memory_limit_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clip:
    """What one attempt works on."""

    lease: Lease
    plan: Plan
    work: EncodeWork
    source: Path
    staged: RootPath
    staged_file: Path
    assets: Mapping[str, Path]
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """How the tool ran."""

    result: ToolResult
    started: datetime
    ended: datetime


class EncodeStep:
    """Encodes on this host. Calls overlap, one for each slot."""

    def __init__(
        self,
        *,
        mounts: MountTable,
        runner: ToolRunner,
        encoder: Encoder,
        clock: Clock,
        assets: AssetCache | None = None,
    ) -> None:
        """Take the mounts, what runs tools, who encodes, the clock, and the files of looks.

        Without `assets` a clip whose look needs files fails.
        """
        self._mounts = mounts
        self._runner = runner
        self._encoder = encoder
        self._clock = clock
        self._assets = assets

    def staged(self, lease: Lease) -> RootPath | None:
        """Where the attempt of this lease stages its output; None for a lease that stages nothing."""
        if lease.encode is None:
            return None
        return staged_path(
            output=lease.encode.inputs.output,
            job_id=lease.job_id,
            clip_index=lease.clip_index,
            step_id=lease.step_id,
            epoch=lease.epoch,
            incarnation=self._encoder.incarnation,
        )

    async def run(self, *, lease: Lease, work: EncodeWork, watch: StepWatch) -> PreparedOutput:
        """Encode, verify, make durable, and write the journal.

        Whatever goes wrong, also a cancellation: tool, staged file, journal and empty staging directory are gone
        before the call returns.

        Raises:
            StepFailedError: the clip failed.
        """
        look = work.inputs.profile.look
        async with self._hold(look.assets if look is not None else ()) as assets:
            return await self._run(lease, work, watch, assets)

    @contextlib.asynccontextmanager
    async def _hold(self, assets: tuple[Asset, ...]) -> AsyncIterator[Mapping[str, Path]]:
        if not assets:
            yield {}
        elif self._assets is None:
            names = ", ".join(asset.name for asset in assets)
            raise failed(FailureKind.ASSET_UNAVAILABLE, f"The look needs {names}; this executor cannot fetch files")
        else:
            async with self._assets.hold(assets) as held:
                yield held

    async def _run(
        self, lease: Lease, work: EncodeWork, watch: StepWatch, assets: Mapping[str, Path]
    ) -> PreparedOutput:
        clip = self._prepare(lease, work, assets)
        await self._check_source(clip)
        try:
            reserve_staged(clip.staged_file, quarantine=work.replaces is not None)
        except OSError as error:
            raise disk_error(error, what="cannot stage the output") from error
        try:
            return await self._make(clip, watch)
        except BaseException:
            remove_staged(mounts=self._mounts, staged=clip.staged)
            raise

    def _prepare(self, lease: Lease, work: EncodeWork, assets: Mapping[str, Path]) -> _Clip:
        plan = _rebuild(work)
        staged = self.staged(lease)
        assert staged is not None  # noqa: S101  the lease carries the work that this was called with
        try:
            source = self._mounts.local(work.inputs.source)
        except MountError as error:
            raise failed(FailureKind.SOURCE_UNREADABLE, str(error)) from error
        try:
            staged_file = self._mounts.local(staged)
        except MountError as error:
            raise failed(FailureKind.IO_ERROR, str(error)) from error
        argv = fill_placeholders(
            argv=plan.argv, tool=self._encoder.tools.ffmpeg, source=source, output=staged_file, assets=assets
        )
        return _Clip(
            lease=lease,
            plan=plan,
            work=work,
            source=source,
            staged=staged,
            staged_file=staged_file,
            assets=assets,
            argv=argv,
        )

    async def _check_source(self, clip: _Clip, *, during: str = "before the encode") -> None:
        try:
            found = await asyncio.to_thread(read_identity, path=clip.source, source=clip.work.inputs.source)
        except OSError as error:
            raise failed(
                FailureKind.SOURCE_UNREADABLE, f"cannot read {clip.source} {during}: {error.strerror}"
            ) from error
        if (difference := identity_difference(expected=clip.work.identity, actual=found)) is not None:
            raise failed(
                FailureKind.SOURCE_CHANGED, f"{clip.source} is not what was probed, seen {during}: {difference}"
            )

    async def _make(self, clip: _Clip, watch: StepWatch) -> PreparedOutput:
        run = await self._encode(clip, watch)
        try:
            await self._check_source(clip, during="after the encode")
        except StepFailedError as changed:
            raise StepFailedError(changed.failure, execution=self._execution(clip, run, 0.0)) from changed
        watch.enter(Phase.VERIFYING)
        verifying = self._clock.monotonic()
        try:
            measurement = await measure(
                runner=self._runner,
                tools=self._encoder.tools,
                path=clip.staged_file,
                staged=clip.staged,
                plan=clip.plan,
                source_errors=run.result.error_lines,
                memory_limit_bytes=self._encoder.memory_limit_bytes,
            )
            verdict = await self._look_closer(clip, judge(plan=clip.plan, measured=measurement.measured))
        except StepFailedError as error:
            execution = self._execution(clip, run, self._clock.monotonic() - verifying)
            raise StepFailedError(self._or_no_space(clip, run, error.failure), execution=execution) from error
        measured, digest = measurement.measured, measurement.digest
        execution = self._execution(clip, run, self._clock.monotonic() - verifying)
        if not verdict.passed:
            message = f"The proxy is not what was planned: {'; '.join(map(_say, verdict.failures()))}"
            failure = Failure(kind=FailureKind.OUTPUT_MISMATCH, message=message, exit_code=execution.exit_code)
            failure = self._or_no_space(clip, run, failure)
            raise StepFailedError(failure, execution=execution, measured=measured, verdict=verdict)
        output = PreparedOutput(
            staged=clip.staged,
            sha256=digest.sha256,
            size_bytes=digest.size_bytes,
            measured=measured,
            verdict=verdict,
            execution=execution,
        )
        try:
            await to_thread_whole(remove_witness, clip.staged_file)
            path = self._mounts.local(journal_path(staged=clip.staged))
            await to_thread_whole(write_journal, path=path, journal=self._journal(clip, output))
        except OSError as error:
            raise disk_error(error, what="cannot write the journal, or remove the witness") from error
        return output

    def _journal(self, clip: _Clip, output: PreparedOutput) -> Journal:
        return Journal(
            step_id=clip.lease.step_id,
            epoch=clip.lease.epoch,
            incarnation=self._encoder.incarnation,
            plan_digest=clip.plan.digest,
            source=clip.work.identity,
            output=output,
        )

    async def _look_closer(self, clip: _Clip, verdict: Verdict) -> Verdict:
        """Add the picture checks that the profile asks for; a proxy that fails already is not looked at again."""
        checks = clip.work.inputs.profile.picture_checks
        if checks is None or not clip.plan.checks_argv or not verdict.passed:
            return verdict
        found = await check_pictures(
            runner=self._runner,
            ffmpeg=self._encoder.tools.ffmpeg,
            plan=clip.plan,
            checks=checks,
            source=clip.source,
            proxy=clip.staged_file,
            assets=clip.assets,
            memory_limit_bytes=self._encoder.memory_limit_bytes,
        )
        return Verdict(checks=(*verdict.checks, *found))

    async def _encode(self, clip: _Clip, watch: StepWatch) -> _Run:
        watch.enter(Phase.ENCODING)
        parser = ProgressParser(expected_frames=clip.plan.expected.frame_count)

        def on_line(line: str) -> None:
            if (progress := parser.feed(line)) is not None:
                watch.progress(progress)

        kills_before = oom_kills()
        started = self._clock.now()
        result = await self._runner.run(
            ToolRequest(
                argv=clip.argv,
                readable=(clip.source, *clip.assets.values()),
                writable=(clip.staged_file.parent,),
                timeout_seconds=clip.plan.timeout_seconds,
                stall_seconds=clip.plan.stall_seconds,
                memory_limit_bytes=self._encoder.memory_limit_bytes,
                output_limit_bytes=clip.plan.ceiling_bytes,
                harmless=is_chatter,
            ),
            on_line=on_line,
        )
        run = _Run(result=result, started=started, ended=self._clock.now())
        directory = clip.staged_file.parent
        failure = tool_failure(
            result=result, plan=clip.plan, directory=directory, oom_killed=oom_kills() != kills_before
        )
        if failure is None and _is_empty(clip.staged_file):
            failure = nothing_written(result=result, directory=directory)
        if failure is not None:
            raise StepFailedError(failure, execution=self._execution(clip, run, 0.0))
        return run

    def _or_no_space(self, clip: _Clip, run: _Run, failure: Failure) -> Failure:
        """The failure, or NO_SPACE in its place on a full disk: FFmpeg ends well there and leaves a short file."""
        stderr = run.result.stderr_tail
        full = out_of_space(directory=clip.staged_file.parent, stderr=stderr)
        if full is None:
            return replace(failure, stderr_tail=failure.stderr_tail or stderr)
        return Failure(kind=FailureKind.NO_SPACE, message=full, exit_code=run.result.exit_code, stderr_tail=stderr)

    def _execution(self, clip: _Clip, run: _Run, verify_seconds: float) -> Execution:
        return Execution(
            argv=clip.argv,
            exit_code=run.result.exit_code,
            stderr_tail=run.result.stderr_tail,
            started_time=run.started,
            ended_time=run.ended,
            encode_seconds=run.result.wall_seconds,
            verify_seconds=verify_seconds,
            cpu_seconds=run.result.cpu_seconds,
            max_rss_bytes=run.result.max_rss_bytes,
            toolchain=self._encoder.toolchain,
            executor=self._encoder.name,
            sandbox_level=self._runner.sandbox_level,
        )


def _rebuild(work: EncodeWork) -> Plan:
    if work.planner_version != PLANNER_VERSION:
        raise failed(
            FailureKind.PLAN_MISMATCH,
            f"the plan was made by planner version {work.planner_version}; this executor has version {PLANNER_VERSION}",
        )
    try:
        plan = plan_clip(inputs=work.inputs)
    except PlanRefusedError as refusal:
        raise failed(
            FailureKind.PLAN_MISMATCH, f"the scheduler made a plan and this executor refuses one: {refusal}"
        ) from refusal
    if plan.digest != work.plan_digest:
        raise failed(
            FailureKind.PLAN_MISMATCH,
            f"the plan rebuilt here has digest {plan.digest}; the scheduler's has {work.plan_digest}",
        )
    return plan


def _is_empty(path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return True
    return not stat.S_ISREG(found.st_mode) or found.st_size == 0


def _say(check: Check) -> str:
    return f"{check.name} expected {check.expected}, measured {check.actual}"
