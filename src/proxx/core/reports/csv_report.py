"""The CSV report: a header and one row for each clip (REQUIREMENTS.md 181 and 183)."""

import csv
import io

from proxx.core.reports.cells import cell
from proxx.core.reports.job_report import ClipReport, JobReport
from proxx.core.reports.verdict_text import verdict_text

COLUMNS = (
    "task_id",
    "source_path",
    "status",
    "output_path",
    "output_size_bytes",
    "execution_duration_seconds",
    "failure_reason",
    "warnings",
    "started_at",
    "completed_at",
    "verdict",
    "render",
    "source_files",
)
"""The columns. Only ever added to, at the end."""


def csv_report(report: JobReport) -> str:
    """Return the report as RFC 4180 CSV, lines ended by CR LF. No cell is a formula, whatever a file is called."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(clip) for clip in report.clips)
    return text.getvalue()


def _row(clip: ClipReport) -> tuple[str, ...]:
    return (
        cell(clip.task_id),
        cell(clip.source_path),
        cell(clip.status),
        cell(clip.output_path),
        "" if clip.output_size_bytes is None else str(clip.output_size_bytes),
        "" if clip.duration_seconds is None else f"{clip.duration_seconds:.3f}",
        cell(clip.failure_reason or ""),
        cell("; ".join(clip.warnings)),
        cell(clip.started_at or ""),
        cell(clip.completed_at or ""),
        cell(verdict_text(clip)),
        cell(clip.render),
        cell(clip.source_files),
    )
