"""The text report: summary, diagnostics, then every clip with what went wrong and where its proxy attaches."""

from collections.abc import Iterator

from proxx.core.client_path import client_name
from proxx.core.relink import certificate_line, totals_line
from proxx.core.reports.cells import one_line
from proxx.core.reports.job_report import ClipReport, JobReport
from proxx.core.reports.units import plural, seconds_text, size_text
from proxx.core.reports.verdict_text import verdict_text

_UNKNOWN = "unknown"
_NOTHING = "nothing"


def text_report(report: JobReport) -> str:
    """Return the report for people, lines ended by LF."""
    sections = [
        _section("Summary", _summary(report)),
        _section("Diagnostics", _diagnostics(report)),
        *(_section(_heading(clip), _clip(clip)) for clip in report.clips),
    ]
    title = one_line(f"Proxx job report {report.job_id or ''}".rstrip())
    return "\n".join([title, "=" * len(title), "", *(line for section in sections for line in section)])


def _section(heading: str, pairs: Iterator[tuple[str, str]]) -> list[str]:
    head = one_line(heading)
    return [head, "-" * len(head), *(f"{name:12}{one_line(text)}" for name, text in pairs if text), ""]


def _summary(report: JobReport) -> Iterator[tuple[str, str]]:
    yield "status", report.status + (f": {report.reason}" if report.reason else "")
    yield "job key", report.job_key or ""
    yield "preset", report.preset or ""
    yield "profile", report.profile or ""
    counts = [f"{report.completed} completed", f"{report.failed} failed", f"{report.skipped} skipped"]
    yield "clips", f"{report.total}: {', '.join(counts)}"
    yield "warnings", plural(report.warning_count, "warning") if report.warning_count else ""
    yield "submitted", report.submitted_at or ""
    yield "started", report.started_at or ""
    yield "completed", report.completed_at or ""
    yield "duration", seconds_text(report.duration_seconds)
    sizes = [clip.output_size_bytes for clip in report.clips if clip.output_size_bytes is not None]
    yield "size", size_text(sum(sizes)) if sizes else ""
    yield "relink", totals_line(clip.relink for clip in report.clips)
    yield "event head", report.event_chain_head or ""
    for violation in report.violations:
        yield "refused", violation


def _diagnostics(report: JobReport) -> Iterator[tuple[str, str]]:
    found = report.diagnostics
    yield "proxx", found.proxx_version or _UNKNOWN
    yield "python", found.python_version or _UNKNOWN
    yield "system", found.operating_system or _UNKNOWN
    yield "host", found.hostname or _UNKNOWN
    yield "tools", ", ".join(sorted({clip.tool for clip in report.clips if clip.tool}))
    yield "resolve", found.resolve_path or "not installed where this report was made"
    if found.resolve_path:
        yield "", f"version {found.resolve_version or _UNKNOWN}, licence {found.resolve_licence or _UNKNOWN}"
    yield "generated", found.generated_at.isoformat()
    for problem in found.problems:
        yield "not known", problem


def _heading(clip: ClipReport) -> str:
    return f"Clip {clip.clip_index}: {clip.status} {client_name(clip.source_path)}"


def _clip(clip: ClipReport) -> Iterator[tuple[str, str]]:
    yield "source", clip.source_path
    yield "files", clip.source_files
    yield "output", clip.output_path
    yield "replaced", f"the old file lies in {clip.replaced_path}" if clip.replaced_path else ""
    yield "size", size_text(clip.output_size_bytes) if clip.output_size_bytes is not None else ""
    yield "time", seconds_text(clip.duration_seconds) if clip.duration_seconds is not None else ""
    yield "render", clip.render
    yield "FAILED" if clip.status == "FAILED" else "reason", clip.failure_reason or ""
    yield "verdict", verdict_text(clip)
    for check in clip.open_checks:
        yield check.level.value, f"{check.name}: expected {check.expected or _NOTHING}, got {check.actual or _NOTHING}"
    for warning in clip.warnings:
        yield "warning", warning
    yield "relink", certificate_line(clip.relink) if clip.relink else ""
