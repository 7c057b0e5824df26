"""From the file that an engine left to a prepared output: source compared, proxy measured and judged, journal."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from proxx.core.failure import Failure, FailureKind
from proxx.core.judge import judge
from proxx.core.staging import journal_path
from proxx.core.steps import Execution, Journal, Phase, PreparedOutput
from proxx.core.verdict import Check, Verdict
from proxx.engine.attempt import Attempt
from proxx.engine.disk import disk_error, out_of_space
from proxx.engine.encoder import Encoder
from proxx.engine.errors import StepFailedError
from proxx.engine.journal import write_journal
from proxx.engine.measure import Measurement, measure
from proxx.engine.mounts import MountTable
from proxx.engine.picture_checks import check_pictures
from proxx.engine.source_check import check_source
from proxx.engine.step_evidence import evidence_at
from proxx.engine.step_runner import StepWatch
from proxx.engine.threads import to_thread_whole
from proxx.engine.tool import ToolRunner
from proxx.engine.witness_files import remove_witness
from proxx.runtime.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How the engine ran: its command, its end, its words, its cost. `error_lines` are those about the source."""

    argv: tuple[str, ...]
    exit_code: int | None
    stderr_tail: str
    error_lines: tuple[str, ...]
    started: datetime
    ended: datetime
    wall_seconds: float
    cpu_seconds: float
    max_rss_bytes: int
    sandbox_level: str


class Finish:
    """Finishes attempts on this host, for every engine in the same way. Calls overlap."""

    def __init__(self, *, mounts: MountTable, runner: ToolRunner, encoder: Encoder, clock: Clock) -> None:
        """Take the mounts, what runs the tools that measure, who encodes, and the clock."""
        self._mounts = mounts
        self._runner = runner
        self._encoder = encoder
        self._clock = clock

    async def run(
        self, *, attempt: Attempt, made: Made, watch: StepWatch, assets: Mapping[str, Path]
    ) -> PreparedOutput:
        """Compare the source once more, measure and judge the staged file, and write the journal beside it.

        Raises:
            StepFailedError: the proxy is not what was planned, or could not be measured; carries how far it came.
        """
        try:
            await check_source(
                mounts=self._mounts,
                source=attempt.work.inputs.source,
                identity=attempt.work.identity,
                during="after the encode",
            )
        except StepFailedError as changed:
            raise StepFailedError(changed.failure, execution=self.execution(made=made)) from changed
        watch.enter(Phase.VERIFYING)
        verifying = self._clock.monotonic()
        try:
            measurement = await self._measure(attempt, made)
            verdict = judge(plan=attempt.plan, measured=measurement.measured)
            verdict = await self._look_closer(attempt, verdict, assets)
        except StepFailedError as error:
            execution = self.execution(made=made, verify_seconds=self._clock.monotonic() - verifying)
            raise StepFailedError(_or_no_space(attempt, made, error.failure), execution=execution) from error
        execution = self.execution(made=made, verify_seconds=self._clock.monotonic() - verifying)
        output = PreparedOutput(
            staged=attempt.staged,
            sha256=measurement.digest.sha256,
            size_bytes=measurement.digest.size_bytes,
            measured=measurement.measured,
            verdict=verdict,
            execution=execution,
        )
        if not verdict.passed:
            raise _not_as_planned(attempt, made, output)
        await self._keep(attempt, output)
        return output

    def execution(self, *, made: Made, verify_seconds: float = 0.0) -> Execution:
        """Return how the attempt ran, for its result."""
        return Execution(
            argv=made.argv,
            exit_code=made.exit_code,
            stderr_tail=made.stderr_tail,
            started_time=made.started,
            ended_time=made.ended,
            encode_seconds=made.wall_seconds,
            verify_seconds=verify_seconds,
            cpu_seconds=made.cpu_seconds,
            max_rss_bytes=made.max_rss_bytes,
            toolchain=self._encoder.toolchain,
            executor=self._encoder.name,
            sandbox_level=made.sandbox_level,
        )

    async def _measure(self, attempt: Attempt, made: Made) -> Measurement:
        return await measure(
            runner=self._runner,
            tools=self._encoder.tools,
            path=self._mounts.rooted(attempt.staged),
            staged=attempt.staged,
            plan=attempt.plan,
            source_errors=made.error_lines,
            memory_limit_bytes=self._encoder.memory_limit_bytes,
        )

    async def _look_closer(self, attempt: Attempt, verdict: Verdict, assets: Mapping[str, Path]) -> Verdict:
        """Add the picture checks that the profile asks for; a proxy that fails already is not looked at again."""
        checks = attempt.work.inputs.profile.picture_checks
        if checks is None or not attempt.plan.checks_argv or not verdict.passed:
            return verdict
        places = (self._mounts.rooted(attempt.work.inputs.source), self._mounts.rooted(attempt.staged))
        found = await check_pictures(
            runner=self._runner,
            ffmpeg=self._encoder.tools.ffmpeg,
            plan=attempt.plan,
            checks=checks,
            source=attempt.source,
            proxy=attempt.staged_file,
            assets=assets,
            evidence=await evidence_at(places=places),
            memory_limit_bytes=self._encoder.memory_limit_bytes,
        )
        return Verdict(checks=(*verdict.checks, *found))

    async def _keep(self, attempt: Attempt, output: PreparedOutput) -> None:
        journal = Journal(
            step_id=attempt.lease.step_id,
            epoch=attempt.lease.epoch,
            incarnation=self._encoder.incarnation,
            plan_digest=attempt.plan.digest,
            source=attempt.work.identity,
            output=output,
        )
        try:
            await to_thread_whole(remove_witness, self._mounts.rooted(attempt.staged))
            path = self._mounts.rooted(journal_path(staged=attempt.staged))
            await to_thread_whole(write_journal, path=path, journal=journal)
        except OSError as error:
            raise disk_error(error, what="cannot write the journal, or remove the witness") from error


def _not_as_planned(attempt: Attempt, made: Made, output: PreparedOutput) -> StepFailedError:
    message = f"The proxy is not what was planned: {'; '.join(map(_say, output.verdict.failures()))}"
    failure = Failure(kind=FailureKind.OUTPUT_MISMATCH, message=message, exit_code=made.exit_code)
    return StepFailedError(
        _or_no_space(attempt, made, failure),
        execution=output.execution,
        measured=output.measured,
        verdict=output.verdict,
    )


def _or_no_space(attempt: Attempt, made: Made, failure: Failure) -> Failure:
    """The failure, or NO_SPACE in its place on a full disk: FFmpeg ends well there and leaves a short file."""
    stderr = made.stderr_tail
    full = out_of_space(directory=attempt.staged_file.parent, stderr=stderr)
    if full is None:
        return replace(failure, stderr_tail=failure.stderr_tail or stderr)
    return Failure(kind=FailureKind.NO_SPACE, message=full, exit_code=made.exit_code, stderr_tail=stderr)


def _say(check: Check) -> str:
    return f"{check.name} expected {check.expected}, measured {check.actual}"
