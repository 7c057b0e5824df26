"""What a result JSON says of its clips, as far as making them again needs it."""

from collections.abc import Mapping
from dataclasses import dataclass

from proxx.core.facts import SourceIdentity, TimecodeFacts
from proxx.core.toolchain import Toolchain


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedClip:
    """One clip of a result. `output_sha256` is None for a clip that was not published.

    `command` is the argv as it was run; `timecode` is the proxy's own start.
    """

    clip_index: int
    source_path: str
    output_path: str
    status: str
    engine: str | None
    output_sha256: str | None
    profile_digest: str | None
    plan_digest: str | None
    planner_version: int | None
    command: tuple[str, ...]
    toolchain: Toolchain | None
    source_identity: SourceIdentity | None
    timecode: TimecodeFacts | None

    @property
    def published(self) -> bool:
        """Whether there is a digest to compare with."""
        return self.status == "COMPLETED" and self.output_sha256 is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedResult:
    """A result: its job, its JobSpec as JSON values, its clips in their order."""

    schema_version: str
    job_id: str
    job_key: str
    jobspec: Mapping[str, object]
    clips: tuple[RecordedClip, ...]


def clip_spec(*, result: RecordedResult, clip: RecordedClip, output_directory: str) -> dict[str, object]:
    """Return the JobSpec that makes one clip again: the recorded one with this source alone and another directory.

    `created_at` stays, because tokens follow from it; the job id goes, because this is another job.
    """
    kept = {name: value for name, value in result.jobspec.items() if name != "job_id"}
    return {**kept, "sources": [clip.source_path], "output_directory": output_directory}
