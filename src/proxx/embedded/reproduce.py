"""Makes the clips of a result again in a scratch place and compares them with what was recorded and published."""

import asyncio
import json
import shutil
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from proxx.core.detection import Engine
from proxx.core.jobs import ClipResult, ClipState, FailurePolicy, JobState, SubmissionOptions
from proxx.core.plan import Plan
from proxx.core.reproduce import (
    ClipReproduction,
    Difference,
    FirstDifference,
    Outcome,
    Published,
    PublishedState,
    RecordedClip,
    RecordedResult,
    clip_spec,
    judge_digests,
    plan_differences,
    source_changed,
    source_differences,
    toolchain_differences,
)
from proxx.core.roots import RootPath
from proxx.core.toolchain import Toolchain
from proxx.core.violation import Violation
from proxx.embedded.display import Display
from proxx.embedded.errors import EmbeddedError
from proxx.embedded.frame_compare import FrameComparer, HashingFailedError
from proxx.embedded.job_run import JobRun
from proxx.embedded.port import SchedulerPort
from proxx.engine.checksum import digest_file
from proxx.engine.identity import read_identity
from proxx.engine.together import all_together
from proxx.rpc.errors import RefusedCallError

PLAN_SECONDS = 600.0
_OPTIONS = SubmissionOptions(failure_policy=FailurePolicy.FAIL_FAST)
_NOT_LOOKED = Published(state=PublishedState.NOT_LOOKED, sha256=None)


class ImpossibleError(Exception):
    """A clip cannot be made again here; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproducer:
    """Makes clips again through one scheduler, below `scratch`, which exists.

    `tell` gets (clip, sentence) for the operator, `display_of` gives what shows the progress of a clip's job.
    """

    client: SchedulerPort
    result: RecordedResult
    toolchain: Toolchain
    scratch: Path
    keep: bool
    comparer: FrameComparer
    new_request_id: Callable[[], str]
    tell: Callable[[RecordedClip, str], None]
    display_of: Callable[[RecordedClip], Display]

    async def clips(self, *, clips: Iterable[RecordedClip], at_once: int) -> tuple[ClipReproduction, ...]:
        """Make the clips again, at most `at_once` side by side; outcomes in the order given.

        Raises:
            EmbeddedError, CallError: the embedded scheduler failed. OSError: the scratch place did.
        """
        slots = asyncio.Semaphore(at_once)

        async def one(clip: RecordedClip) -> ClipReproduction:
            async with slots:
                return await self.clip(clip)

        return await all_together(one(clip) for clip in clips)

    async def clip(self, clip: RecordedClip) -> ClipReproduction:
        """Make one clip again and compare it. The remade file is gone afterwards unless it is to be kept."""
        directory = self.scratch / f"clip_{clip.clip_index:05d}"
        report = _nothing_made(clip)
        try:
            report = replace(report, differences=await self._source(clip))
            directory.mkdir()
            plan = await self._plan(clip, directory)
            report = replace(
                report,
                differences=(
                    *toolchain_differences(recorded=clip.toolchain, here=self.toolchain),
                    *report.differences,
                    *plan_differences(recorded=clip, plan=plan),
                ),
            )
            for difference in report.differences:
                self.tell(clip, f"{difference.what}: recorded {difference.recorded}, here {difference.here}")
            return await self._compare(clip, plan, await self._make(clip, directory), report)
        except ImpossibleError as error:
            return replace(report, reason=str(error))
        finally:
            if not self.keep:
                shutil.rmtree(directory, ignore_errors=True)
            with suppress(OSError):
                directory.rmdir()  # nothing was made in it

    async def _source(self, clip: RecordedClip) -> tuple[Difference, ...]:
        """Refuse what cannot be made again, and say how the source differs from the recorded one."""
        if clip.engine != Engine.FFMPEG.value:
            made_by = clip.engine or "no engine"
            raise ImpossibleError(f"made by {made_by}: only what FFmpeg made is promised byte for byte, RAW is not")
        if not clip.published:
            raise ImpossibleError(f"it is {clip.status} in the result: nothing was published to compare with")
        path = Path(clip.source_path)
        if "\0" in clip.source_path or not path.is_absolute():
            raise ImpossibleError("its source path is not absolute on this host")
        try:
            here = await asyncio.to_thread(
                read_identity, path=path, source=RootPath(root="", path=clip.source_path.lstrip("/"))
            )
        except (FileNotFoundError, NotADirectoryError) as error:
            raise ImpossibleError("source absent: it does not exist here") from error
        except OSError as error:
            raise ImpossibleError(f"source unreadable: {error.strerror or error}") from error
        if clip.source_identity is not None:
            changed = source_changed(recorded=clip.source_identity, here=here)
            if changed is not None:
                raise ImpossibleError(f"source changed: {changed}")
        return source_differences(recorded=clip.source_identity, here=here)

    async def _plan(self, clip: RecordedClip, directory: Path) -> Plan:
        try:
            dry_run = await self.client.plan_job(
                spec_json=self._spec(clip, directory), options=_OPTIONS, timeout_seconds=PLAN_SECONDS
            )
        except RefusedCallError as error:
            if not error.violations:
                raise
            raise ImpossibleError(_reasons(error.violations)) from error
        plan = next((item.plan for item in dry_run.clips), None)
        if not dry_run.admissible or plan is None:
            raise ImpossibleError(_reasons(dry_run.violations) or "no plan can be made for it here")
        return plan

    async def _make(self, clip: RecordedClip, directory: Path) -> ClipResult:
        """Run one job of this clip alone."""
        try:
            job, _ = await self.client.submit_job(
                request_id=self.new_request_id(), spec_json=self._spec(clip, directory), options=_OPTIONS
            )
        except RefusedCallError as error:
            if not error.violations:
                raise
            raise ImpossibleError(_reasons(error.violations)) from error
        display = self.display_of(clip)
        running = JobRun(
            client=self.client,
            display=display,
            say=lambda sentence: self.tell(clip, sentence),
            new_request_id=self.new_request_id,
            embedded=True,
        )
        try:
            result = await running.to_result(job=job, interrupts=None)
        finally:
            display.close()
        if result is None or result.final_status is JobState.RECOVERY_REQUIRED:
            raise EmbeddedError(f"the embedded executor was lost while clip {clip.clip_index} was made")
        if result.final_status is JobState.REJECTED or not result.clips:
            raise ImpossibleError(_reasons(result.violations) or result.reason)
        made = result.clips[0]
        if made.status is not ClipState.COMPLETED or made.output_sha256 is None:
            why = made.failure.message if made.failure else running.missing_engine or made.skip_reason
            raise ImpossibleError(f"it could not be made again: {why}")
        return made

    async def _compare(
        self, clip: RecordedClip, plan: Plan, made: ClipResult, report: ClipReproduction
    ) -> ClipReproduction:
        published = await asyncio.to_thread(_look, clip)
        remade = str(made.output_sha256)
        outcome, reason = judge_digests(recorded=str(clip.output_sha256), remade=remade, published=published)
        first = None
        if published.sha256 is not None and published.sha256 != remade:
            self.tell(clip, "looking for the first difference")
            first, failed = await self._first(clip, plan, made)
            reason += f": {first.detail if first is not None else failed}"
        return replace(
            report,
            outcome=outcome,
            reason=reason,
            remade_sha256=remade,
            published=published,
            first_difference=first,
            kept_path=made.resolved_output_path if self.keep else None,
        )

    async def _first(self, clip: RecordedClip, plan: Plan, made: ClipResult) -> tuple[FirstDifference | None, str]:
        try:
            found = await self.comparer.compare(
                published=Path(clip.output_path),
                remade=Path(made.resolved_output_path),
                container=plan.expected.container,
                timecode=clip.timecode,
            )
        except HashingFailedError as error:
            return None, str(error)
        return found, ""

    def _spec(self, clip: RecordedClip, directory: Path) -> str:
        return json.dumps(clip_spec(result=self.result, clip=clip, output_directory=str(directory)))


def _nothing_made(clip: RecordedClip) -> ClipReproduction:
    return ClipReproduction(
        clip_index=clip.clip_index,
        source_path=clip.source_path,
        output_path=clip.output_path,
        outcome=Outcome.IMPOSSIBLE,
        reason="",
        recorded_sha256=clip.output_sha256,
        remade_sha256=None,
        published=_NOT_LOOKED,
        differences=(),
        first_difference=None,
        kept_path=None,
    )


def _look(clip: RecordedClip) -> Published:
    """Digest the file at the recorded output path; it is opened for reading only, and not through a link."""
    path = Path(clip.output_path)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return Published(state=PublishedState.UNREADABLE, sha256=None)
        found = digest_file(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return Published(state=PublishedState.ABSENT, sha256=None)
    except OSError:
        return Published(state=PublishedState.UNREADABLE, sha256=None)
    recorded = found.sha256 == clip.output_sha256
    return Published(state=PublishedState.AS_RECORDED if recorded else PublishedState.ALTERED, sha256=found.sha256)


def _reasons(violations: Iterable[Violation]) -> str:
    return "; ".join(dict.fromkeys(violation.message for violation in violations))
