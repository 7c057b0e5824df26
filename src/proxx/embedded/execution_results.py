"""What the library returns: the result JSON as typed values, with the whole document beside them."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from proxx.core.jobs import ClipResult, JobResult, JobState
from proxx.core.result_json import clip_document, failure_reason, ffmpeg_command, seconds_between


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipExecutionResult:
    """One clip. Times have an offset, durations are seconds, sizes bytes; `detail` is the clip's full result JSON."""

    source_path: str
    resolved_output_path: str
    status: str
    exit_code: int | None
    output_exists: bool
    output_size_bytes: int | None
    ffmpeg_command: list[str] | None
    failure_reason: str | None
    stderr: str
    started_at: datetime | None
    completed_at: datetime | None
    duration_seconds: float | None
    detail: Mapping[str, object] = field(repr=False, compare=False)

    @property
    def success(self) -> bool:
        """Whether the proxy was verified and published."""
        return self.status == "COMPLETED"

    def to_dict(self) -> dict[str, object]:
        """Return the clip as JSON values, as in the result JSON."""
        return copy.deepcopy(dict(self.detail))


@dataclass(frozen=True, slots=True, kw_only=True)
class JobExecutionResult:
    """A job. `final_status` is COMPLETED, PARTIAL, FAILED, CANCELLED or RECOVERY_REQUIRED; clips are in spec order."""

    job_id: str
    final_status: str
    clips: tuple[ClipExecutionResult, ...]
    started_at: datetime | None
    completed_at: datetime | None
    duration_seconds: float | None
    success_count: int
    failed_count: int
    skipped_count: int
    total_clips: int
    detail: Mapping[str, object] = field(repr=False, compare=False)

    @property
    def success(self) -> bool:
        """Whether every proxy was verified and published."""
        return self.final_status == JobState.COMPLETED.value

    def to_dict(self) -> dict[str, object]:
        """Return the result JSON (docs/CLI.md) as JSON values."""
        return copy.deepcopy(dict(self.detail))

    def summary(self) -> str:
        """Return the outcome in one sentence, and one line for each clip that failed."""
        counts = f"{self.success_count} of {self.total_clips} clips published"
        counts += f", {self.failed_count} failed" if self.failed_count else ""
        counts += f", {self.skipped_count} skipped" if self.skipped_count else ""
        failed = [f"{clip.source_path}: {clip.failure_reason}" for clip in self.clips if clip.status == "FAILED"]
        return "\n".join([f"job {self.job_id} {self.final_status}: {counts}", *failed])


def execution_result(*, result: JobResult, document: Mapping[str, object]) -> JobExecutionResult:
    """Return the typed form of a result and its document."""
    return JobExecutionResult(
        job_id=result.job_id,
        final_status=result.final_status.value,
        clips=tuple(_clip(clip) for clip in result.clips),
        started_at=result.start_time,
        completed_at=result.end_time,
        duration_seconds=seconds_between(result.start_time, result.end_time),
        success_count=result.counts.completed,
        failed_count=result.counts.failed,
        skipped_count=result.counts.skipped,
        total_clips=result.counts.total,
        detail=document,
    )


def _clip(clip: ClipResult) -> ClipExecutionResult:
    detail = clip_document(clip=clip)
    return ClipExecutionResult(
        source_path=clip.source_path,
        resolved_output_path=clip.resolved_output_path,
        status=clip.status.value,
        exit_code=clip.exit_code,
        output_exists=clip.output_exists,
        output_size_bytes=clip.output_size_bytes,
        ffmpeg_command=ffmpeg_command(clip),
        failure_reason=failure_reason(clip),
        stderr=str(detail["stderr"]),
        started_at=clip.start_time,
        completed_at=clip.end_time,
        duration_seconds=seconds_between(clip.start_time, clip.end_time),
        detail=detail,
    )
