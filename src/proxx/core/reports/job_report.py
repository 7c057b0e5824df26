"""A job as it is reported: taken from its result document, never from anything that changes."""

from collections.abc import Mapping
from dataclasses import dataclass

from proxx.core.relink import RelinkCertificate
from proxx.core.reports.diagnostics import Diagnostics
from proxx.core.verdict import CheckLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedCheck:
    """One check of a verdict that did not pass."""

    name: str
    level: CheckLevel
    expected: str
    actual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReport:
    """One clip. Times are ISO 8601, durations seconds; None stands for what does not exist.

    `check_count` counts all checks of the verdict (None: it was never measured); `open_checks` are those that warn or
    fail; `relink` are its certificates, none without a published proxy; `replaced_path` is where the file lies that was
    moved aside for it, empty when none was; `render` is what Resolve was told, in short, empty for FFmpeg;
    `source_files` says which files the source is made of, empty for one.
    """

    task_id: str
    clip_index: int
    source_path: str
    status: str
    output_path: str
    output_size_bytes: int | None
    duration_seconds: float | None
    failure_reason: str | None
    warnings: tuple[str, ...]
    started_at: str | None
    completed_at: str | None
    tool: str
    check_count: int | None
    open_checks: tuple[ReportedCheck, ...]
    relink: tuple[RelinkCertificate, ...]
    replaced_path: str = ""
    render: str = ""
    source_files: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """One job and its clips. `document` is the whole result that everything else was read from."""

    job_id: str | None
    job_key: str | None
    status: str
    reason: str | None
    preset: str | None
    profile: str | None
    submitted_at: str | None
    started_at: str | None
    completed_at: str | None
    duration_seconds: float | None
    total: int
    completed: int
    failed: int
    skipped: int
    warning_count: int
    violations: tuple[str, ...]
    clips: tuple[ClipReport, ...]
    diagnostics: Diagnostics
    document: Mapping[str, object]
    event_chain_head: str | None = None
