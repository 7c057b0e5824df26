"""Jobs, plans, results and events as text for people. Callers write it; the writer makes it safe."""

import shlex

from proxx.cli.event_text import event_note
from proxx.cli.remote import violation_lines
from proxx.cli.render_text import expected_line, render_plan_lines
from proxx.cli.text import plural, seconds_text, size_text, table
from proxx.core.jobs import ClipPlan, ClipResult, ClipState, ClipView, JobEvent, JobPlan, JobResult, JobState, JobView
from proxx.core.relink import certificate_line, totals_line
from proxx.core.result_json import failure_reason, relink_certificates, seconds_between

_SHOWN_CLIPS = 40


def result_lines(result: JobResult) -> list[str]:
    """Return the table of clips (all when few, else those that are not COMPLETED) and the closing sentence."""
    clips = result.clips
    totals: list[str] = []
    if result.final_status is JobState.REJECTED:
        clips = ()  # nothing was tried: the violations say it all
    elif len(clips) > _SHOWN_CLIPS:
        totals = _relink_totals(clips)
        clips = tuple(clip for clip in clips if clip.status is not ClipState.COMPLETED or clip.warnings)
    lines = table(headers=("CLIP", "STATUS", "TIME", "SIZE", "OUTPUT"), rows=map(_clip_row, clips)) if clips else []
    for clip in clips:
        reason = failure_reason(clip)
        if clip.status is ClipState.FAILED and reason:
            lines.append(f"clip {clip.clip_index} {clip.source_path}: {reason}")
        lines += (
            [f"clip {clip.clip_index} replaced: the old file lies in {clip.replaced_path}"] if clip.replaced else []
        )
        lines += [f"clip {clip.clip_index} warning: {warning}" for warning in clip.warnings]
        certificates = relink_certificates(clip)
        lines += [f"clip {clip.clip_index} relink: {certificate_line(certificates)}"] if certificates else []
    return [*lines, *totals, *violation_lines(result.violations), _closing(result)]


def plan_lines(plan: JobPlan) -> list[str]:
    """Return the plan clip by clip, then every blocking reason."""
    lines = [line for clip in plan.clips for line in _clip_plan_lines(clip)]
    lines += [f"warning: {warning}" for warning in plan.warnings]
    lines += [f"waits: {reason}" for reason in plan.waiting_reasons]
    lines += [f"blocked: {line}" for line in violation_lines(plan.violations)]
    return [*lines, "admissible: " + ("yes" if plan.admissible else "no")]


def job_lines(*, view: JobView, clips: tuple[ClipView, ...]) -> list[str]:
    """Return one job with its clips."""
    lines = [
        f"job       {view.job_id}  ({view.job_key})",
        f"state     {view.state}" + (f": {view.reason}" if view.reason else ""),
        f"clips     {_counts(view)}",
        f"priority  {view.options.priority}, queue {view.options.queue}, {view.options.failure_policy}",
        f"submitted {view.submit_time.isoformat()}" + (f" by {view.submitted_by}" if view.submitted_by else ""),
        f"run       {view.run_number}",
        f"spec      {view.spec_digest} (revision {view.spec_revision})",
    ]
    lines += [] if view.waiting_reason is None else [f"waits     {view.waiting_reason.detail}"]
    lines += [f"refused: {line}" for line in violation_lines(view.violations)]
    rows = [
        (str(clip.clip_index), clip.state.value, clip.executor or "-", clip.output_path or clip.source_path, _why(clip))
        for clip in clips
    ]
    return lines + (table(headers=("CLIP", "STATE", "EXECUTOR", "OUTPUT", "REASON"), rows=rows) if rows else [])


def jobs_table(views: tuple[JobView, ...]) -> list[str]:
    """Return a table of jobs."""
    return table(
        headers=("JOB", "STATE", "CLIPS", "SUBMITTED", "KEY", "REASON"),
        rows=(
            (
                view.job_id,
                view.state.value,
                f"{view.counts.completed}/{view.counts.total}",
                view.submit_time.isoformat(timespec="seconds"),
                view.job_key,
                view.reason,
            )
            for view in views
        ),
    )


def event_line(event: JobEvent) -> str:
    """Return one event as a line."""
    where = (
        "executors"
        if not event.job_key
        else f"job {event.job_key}" + ("" if event.clip_index is None else f" clip {event.clip_index}")
    )
    moved = f" stays {event.after}" if event.before == event.after else f" {event.before or '-'} -> {event.after}"
    change, note = moved if event.after else "", event_note(event)
    line = f"{event.event_time.isoformat(timespec='milliseconds')} {where} {event.kind}{change} ({event.actor})"
    return f"{line}: {note}" if note else line


def _clip_row(clip: ClipResult) -> tuple[str, ...]:
    return (
        str(clip.clip_index),
        clip.status.value + (f" ({clip.skip_reason})" if clip.skip_reason else ""),
        seconds_text(seconds_between(clip.start_time, clip.end_time)),
        size_text(clip.output_size_bytes),
        clip.resolved_output_path or clip.source_path,
    )


def _relink_totals(clips: tuple[ClipResult, ...]) -> list[str]:
    line = totals_line(relink_certificates(clip) or () for clip in clips)
    return [f"relink: {line}"] if line else []


def _closing(result: JobResult) -> str:
    counts = result.counts
    parts = [f"{counts.completed} of {plural(counts.total, 'clip')} published"]
    parts += [f"{counts.failed} failed"] if counts.failed else []
    parts += [f"{counts.skipped} skipped"] if counts.skipped else []
    elapsed = seconds_between(result.start_time, result.end_time)
    parts += [seconds_text(elapsed)] if elapsed is not None else []
    reason = f" ({result.reason})" if result.reason else ""
    return f"job {result.job_id} {result.final_status}{reason}: {', '.join(parts)}"


def _clip_plan_lines(clip: ClipPlan) -> list[str]:
    lines = [f"clip {clip.clip_index}  {clip.source_path}"]
    lines += [f"  files    {clip.source_files}"] if clip.source_files else []
    if clip.detection is not None:
        found = clip.detection
        engine = found.engine.value if found.engine is not None else "none"
        lines.append(f"  engine   {engine} ({found.reason}: {found.detail})")
    if clip.output_path:
        taken = f" (numbered {clip.suffix:03d}: its own name is taken)" if clip.suffix else ""
        lines.append(f"  output   {clip.output_path}{taken}")
    if clip.replaces is not None:
        size = size_text(clip.replaces.size_bytes)
        lines.append(f"  moves    the file that stands there ({size}) aside, and keeps it")
    if clip.plan is not None and clip.plan.render is not None:
        lines += [f"  {line}" for line in render_plan_lines(clip.plan.render)]
        lines.append(f"  expects  {expected_line(clip.plan.expected)}")
    elif clip.command:
        lines.append(f"  command  {shlex.join(clip.command)}")
    if clip.plan is not None:
        width = "" if clip.plan.render is not None else f", {clip.plan.threads} threads"
        lines.append(f"  plan     {clip.plan.digest} ({clip.plan.profile_name}{width})")
        lines += [f"  warning  {warning}" for warning in clip.plan.warnings]
    return lines


def _counts(view: JobView) -> str:
    counts = view.counts
    return f"{counts.completed} completed, {counts.failed} failed, {counts.skipped} skipped of {counts.total}"


def _why(clip: ClipView) -> str:
    if clip.failure is not None:
        return clip.failure.message
    return clip.reason or ("" if clip.waiting_reason is None else f"waits: {clip.waiting_reason.detail}")
