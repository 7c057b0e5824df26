"""The JSON of `proxx reproduce --json` (docs/CLI.md). Key order is fixed; fields are only ever added."""

from proxx.core.plain import to_plain
from proxx.core.reproduce.outcome import ClipReproduction, Outcome, Reproduction

REPRODUCTION_SCHEMA_VERSION = "1.0"


def reproduction_document(*, reproduction: Reproduction, result_path: str | None) -> dict[str, object]:
    """Return the outcome of every clip as JSON values."""
    counts = {word.value.lower(): sum(clip.outcome is word for clip in reproduction.clips) for word in Outcome}
    return {
        "schema_version": REPRODUCTION_SCHEMA_VERSION,
        "result_path": result_path,
        "job_id": reproduction.job_id,
        "job_key": reproduction.job_key,
        "outcome": reproduction.outcome.value,
        "counts": counts,
        "toolchain": to_plain(reproduction.toolchain),
        "clips": [_clip(clip) for clip in reproduction.clips],
    }


def _clip(clip: ClipReproduction) -> dict[str, object]:
    return {
        "clip_index": clip.clip_index,
        "source_path": clip.source_path,
        "resolved_output_path": clip.output_path,
        "outcome": clip.outcome.value,
        "reason": clip.reason,
        "recorded_sha256": clip.recorded_sha256,
        "remade_sha256": clip.remade_sha256,
        "published": to_plain(clip.published),
        "differences": to_plain(clip.differences),
        "first_difference": to_plain(clip.first_difference),
        "kept_path": clip.kept_path,
    }
