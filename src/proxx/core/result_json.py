"""The result JSON: a JobResult as the document that people and programs read (docs/CLI.md, seeds 002 and 003).

Pure: the moment of writing and the paths come in. Key order is fixed; fields are only ever added.
"""

import json
import re
from datetime import datetime

from proxx.core.detection import Engine
from proxx.core.facts import SourceIdentity
from proxx.core.jobs import RESULT_SCHEMA_VERSION, ClipResult, ClipState, JobResult, JobState
from proxx.core.plain import to_plain
from proxx.core.relink import RelinkCertificate, certify
from proxx.core.violation import Violation

_NOT_PLAIN = re.compile(r"[^\n -~]")


def job_result_document(
    *,
    result: JobResult,
    jobspec_path: str | None = None,
    result_written_at: datetime | None = None,
    trace_path: str | None = None,
) -> dict[str, object]:
    """Return the result as JSON values in their fixed order.

    `final_status` and `outcome` are the canonical word; `stage` says how far the job came: VALIDATION when it was
    REJECTED, else EXECUTION. Times are ISO 8601 with offset, durations seconds.
    """
    spec = to_plain(result.spec)
    return {
        "schema_version": result.schema_version,
        "job_id": result.job_id,
        "job_key": result.job_key,
        "final_status": result.final_status.value,
        "outcome": result.final_status.value,
        "stage": "VALIDATION" if result.final_status is JobState.REJECTED else "EXECUTION",
        "reason": result.reason or None,
        "run_number": result.run_number,
        "submitted_at": to_plain(result.submit_time),
        "started_at": to_plain(result.start_time),
        "completed_at": to_plain(result.end_time),
        "duration_seconds": seconds_between(result.start_time, result.end_time),
        "success_count": result.counts.completed,
        "failed_count": result.counts.failed,
        "skipped_count": result.counts.skipped,
        "total_clips": result.counts.total,
        "has_warnings": result.has_warnings,
        "warnings": [f"clip {clip.clip_index}: {warning}" for clip in result.clips for warning in clip.warnings],
        "violations": to_plain(result.violations),
        "clips": [clip_document(clip=clip) for clip in result.clips],
        "jobspec": spec,
        "jobspec_digest": result.spec_digest,
        "received_digest": result.received_digest,
        "options": to_plain(result.options),
        "event_chain_head": result.event_chain_head,
        "_metadata": {
            "jobspec_path": jobspec_path,
            "result_written_at": to_plain(result_written_at),
            "trace_path": trace_path,
        },
    }


def refused_document(
    *, violations: tuple[Violation, ...], jobspec_path: str | None = None, result_written_at: datetime | None = None
) -> dict[str, object]:
    """Return the document of a JobSpec that was refused before a job existed: the same keys, no ids, no clips."""
    counts = dict.fromkeys(("success_count", "failed_count", "skipped_count", "total_clips"), 0)
    return {
        "schema_version": RESULT_SCHEMA_VERSION,
        "job_id": None,
        "job_key": None,
        "final_status": JobState.REJECTED.value,
        "outcome": JobState.REJECTED.value,
        "stage": "VALIDATION",
        "reason": None,
        "run_number": None,
        "submitted_at": None,
        "started_at": None,
        "completed_at": None,
        "duration_seconds": None,
        **counts,
        "has_warnings": False,
        "warnings": [],
        "violations": to_plain(violations),
        "clips": [],
        "jobspec": None,
        "jobspec_digest": None,
        "received_digest": None,
        "options": None,
        "event_chain_head": None,
        "_metadata": {
            "jobspec_path": jobspec_path,
            "result_written_at": to_plain(result_written_at),
            "trace_path": None,
        },
    }


def clip_document(*, clip: ClipResult) -> dict[str, object]:
    """Return one clip's part of the result document."""
    return {
        "clip_index": clip.clip_index,
        "source_path": clip.source_path,
        "resolved_output_path": clip.resolved_output_path,
        "status": clip.status.value,
        "exit_code": clip.exit_code,
        "output_exists": clip.output_exists,
        "output_size_bytes": clip.output_size_bytes,
        "output_sha256": clip.output_sha256,
        "engine": to_plain(clip.engine),
        "engine_command": list(clip.engine_command),
        "ffmpeg_command": ffmpeg_command(clip),
        "failure_reason": failure_reason(clip),
        "failure_kind": clip.failure.kind.value if clip.failure else None,
        "stderr": clip.stderr or (clip.failure.stderr_tail if clip.failure else ""),
        "started_at": to_plain(clip.start_time),
        "completed_at": to_plain(clip.end_time),
        "duration_seconds": seconds_between(clip.start_time, clip.end_time),
        **_provenance(clip),
        "verdict": _verdict(clip),
        "warnings": list(clip.warnings),
        "resolved_tokens": to_plain(clip.resolved_tokens),
        "timings": {
            "encode_seconds": clip.encode_seconds,
            "verify_seconds": clip.verify_seconds,
            "cpu_seconds": clip.cpu_seconds,
        },
        "executor": clip.executor or None,
        "epoch": clip.epoch,
        "sandbox_level": clip.sandbox_level or None,
        "adopted": clip.adopted,
        "relink": to_plain(relink_certificates(clip)),
        "replaced_output": _replaced(clip),
    }


def json_text(value: object, *, indent: int | None = 2) -> str:
    """Return `value` (JSON values) as JSON text in its own key order, without a newline at the end.

    Text stays readable, but every character that a terminal could act on or an encoder refuse (controls, text
    direction marks, lone surrogates of file names that are not UTF-8) is written as its \\u escape.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return _NOT_PLAIN.sub(lambda found: found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1], text)


def failure_reason(clip: ClipResult) -> str | None:
    """Return the sentence of a failed clip, the word of a skipped one, None for any other."""
    if clip.status is ClipState.SKIPPED:
        return clip.skip_reason
    return clip.failure.message if clip.failure else None


def ffmpeg_command(clip: ClipResult) -> list[str] | None:
    """Return the argv of a clip that FFmpeg ran; None for another engine or a clip that was never started (C37)."""
    if clip.engine is not Engine.FFMPEG or not clip.engine_command:
        return None
    return list(clip.engine_command)


def relink_certificates(clip: ClipResult) -> tuple[RelinkCertificate, ...] | None:
    """Return the certificates of a published proxy, computed from the stored facts; None without proxy or facts."""
    if clip.status is not ClipState.COMPLETED or clip.source_facts is None or clip.output_facts is None:
        return None
    return certify(
        source=clip.source_facts,
        proxy=clip.output_facts,
        source_name=clip.source_path,
        output_name=clip.resolved_output_path,
    )


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Return the seconds from `start` to `end`, None when either is unknown."""
    if start is None or end is None:
        return None
    return (end - start).total_seconds()


def _provenance(clip: ClipResult) -> dict[str, object]:
    return {
        "profile_name": clip.profile_name or None,
        "profile_digest": clip.profile_digest or None,
        "plan_digest": clip.plan_digest or None,
        "planner_version": clip.planner_version or None,
        "toolchain": to_plain(clip.toolchain),
        "source_identity": _identity(clip.source_identity),
        "source_facts": to_plain(clip.source_facts),
        "output_facts": to_plain(clip.output_facts),
    }


def _replaced(clip: ClipResult) -> dict[str, object] | None:
    """Return the file that was moved aside for this clip and where it lies now; None when none was."""
    if clip.replaced is None:
        return None
    found = clip.replaced
    return {
        "path": clip.replaced_path,
        "size_bytes": found.size_bytes,
        "mtime_ns": found.mtime_ns,
        "inode": found.inode,
        "edge_sha256": found.edge_sha256,
    }


def _verdict(clip: ClipResult) -> dict[str, object] | None:
    if clip.verdict is None:
        return None
    return {"passed": clip.verdict.passed, "checks": to_plain(clip.verdict.checks)}


def _identity(identity: SourceIdentity | None) -> object:
    """Write an identity; `parts` only where the clip has several files."""
    if identity is None:
        return None
    plain = to_plain(identity)
    if not identity.parts:
        del plain["parts"]
    return plain
