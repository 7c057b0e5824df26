"""A result document (of a job that just ended, or a file that somebody kept) becomes a JobReport, strictly read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from proxx.core.facts import SourceIdentity
from proxx.core.jobs import RESULT_SCHEMA_VERSION
from proxx.core.plain import from_plain
from proxx.core.quoting import describe, quote
from proxx.core.relink import RelinkCertificate
from proxx.core.render_command import command_summary
from proxx.core.reports.diagnostics import Diagnostics
from proxx.core.reports.job_report import ClipReport, JobReport, ReportedCheck
from proxx.core.units import files_text
from proxx.core.verdict import CheckLevel

PRESET_LABEL = "proxx.preset"

Value = TypeVar("Value", str, int, float)


class ReportInputError(ValueError):
    """A document is no result of Proxx: the text names key, expected and actual."""


def job_report(*, document: Mapping[str, object], diagnostics: Diagnostics) -> JobReport:
    """Return the report of a result document (docs/CLI.md, "Result JSON").

    Raises:
        ReportInputError: the document is no result, or one of another major schema version.
    """
    job = _Fields(document, "")
    version = job.text("schema_version")
    if version.partition(".")[0] != RESULT_SCHEMA_VERSION.partition(".")[0]:
        raise ReportInputError(f"schema_version: expected {RESULT_SCHEMA_VERSION}, got {quote(text=version)}")
    job_key = job.optional("job_key", str)
    clips = tuple(_clip(fields, job_key or "") for fields in job.tables("clips"))
    return JobReport(
        job_id=job.optional("job_id", str),
        job_key=job_key,
        status=job.text("final_status"),
        reason=job.optional("reason", str),
        preset=_inside(job, "options", "labels", PRESET_LABEL),
        profile=_inside(job, "jobspec", "proxy_profile"),
        submitted_at=job.optional("submitted_at", str),
        started_at=job.optional("started_at", str),
        completed_at=job.optional("completed_at", str),
        duration_seconds=job.optional("duration_seconds", float),
        total=job.count("total_clips"),
        completed=job.count("success_count"),
        failed=job.count("failed_count"),
        skipped=job.count("skipped_count"),
        warning_count=sum(len(clip.warnings) for clip in clips),
        violations=tuple(item.text("message") for item in job.tables("violations")),
        clips=clips,
        diagnostics=diagnostics,
        document=document,
        event_chain_head=job.optional("event_chain_head", str),
    )


def _clip(clip: "_Fields", job_key: str) -> ClipReport:
    index = clip.count("clip_index")
    verdict = clip.optional_table("verdict")
    checks = [_check(item) for item in verdict.tables("checks")] if verdict is not None else None
    return ClipReport(
        task_id=f"{job_key}:{index}",
        clip_index=index,
        source_path=clip.text("source_path"),
        status=clip.text("status"),
        output_path=clip.text("resolved_output_path"),
        output_size_bytes=clip.optional("output_size_bytes", int),
        duration_seconds=clip.optional("duration_seconds", float),
        failure_reason=clip.optional("failure_reason", str),
        warnings=clip.texts("warnings"),
        started_at=clip.optional("started_at", str),
        completed_at=clip.optional("completed_at", str),
        tool=_tool(clip.optional_table("toolchain")),
        check_count=len(checks) if checks is not None else None,
        open_checks=tuple(check for check in checks or () if check.level is not CheckLevel.PASS),
        relink=tuple(_certificate(item) for item in clip.tables("relink", absent=True)),
        replaced_path=_inside(clip, "replaced_output", "path") or "",
        source_files=_source_files(clip),
        render=command_summary(words=clip.texts("engine_command")) if "engine_command" in clip.values else "",
    )


def _source_files(clip: "_Fields") -> str:
    """Return the files of a clip of several, in one line; empty for one file."""
    value = clip.values.get("source_identity")
    if not isinstance(value, Mapping) or "parts" not in value:
        return ""
    try:
        return files_text(identity=from_plain(SourceIdentity, value))
    except (TypeError, ValueError) as error:
        raise clip.error("source_identity", "the identity of a source", str(error)) from error


def _check(item: "_Fields") -> ReportedCheck:
    level = item.text("level")
    if level not in set(CheckLevel):
        raise item.error("level", f"one of {', '.join(CheckLevel)}", quote(text=level))
    return ReportedCheck(
        name=item.text("name"), level=CheckLevel(level), expected=item.text("expected"), actual=item.text("actual")
    )


def _tool(toolchain: "_Fields | None") -> str:
    return f"{toolchain.text('tool')} {toolchain.text('version')}" if toolchain is not None else ""


def _certificate(item: "_Fields") -> RelinkCertificate:
    try:
        return from_plain(RelinkCertificate, item.values)
    except (TypeError, ValueError) as error:
        raise ReportInputError(f"{item.where}: expected a relink certificate: {error}") from error


def _inside(fields: "_Fields", *keys: str) -> str | None:
    """Return a text below optional objects; None when one of them, or it, is absent or no text."""
    value: object = fields.values
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class _Fields:
    """Typed access to one JSON object; `where` is its place in the document."""

    values: Mapping[str, object]
    where: str

    def error(self, key: str, expected: str, actual: str) -> ReportInputError:
        place = f"{self.where}.{key}" if self.where else key
        return ReportInputError(f"{place}: expected {expected}, got {actual}")

    def text(self, key: str) -> str:
        value = self.optional(key, str)
        if value is None:
            raise self.error(key, "a string", self._found(key))
        return value

    def count(self, key: str) -> int:
        value = self.optional(key, int)
        if value is None or value < 0:
            raise self.error(key, "a whole number from 0", self._found(key))
        return value

    def optional(self, key: str, kind: type[Value]) -> Value | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float) if kind is float else kind):
            raise self.error(key, "a string" if kind is str else "a number", describe(value=value))
        return kind(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, "a list of strings", self._found(key))
        return tuple(value)

    def tables(self, key: str, *, absent: bool = False) -> "tuple[_Fields, ...]":
        value = self.values.get(key)
        if value is None and absent:
            return ()
        if not isinstance(value, list):
            raise self.error(key, "a list of objects", self._found(key))
        return tuple(self._table(f"{key}[{number}]", item) for number, item in enumerate(value))

    def optional_table(self, key: str) -> "_Fields | None":
        value = self.values.get(key)
        return None if value is None else self._table(key, value)

    def _table(self, key: str, value: object) -> "_Fields":
        if not isinstance(value, Mapping):
            raise self.error(key, "an object", describe(value=value))
        return _Fields(value, f"{self.where}.{key}" if self.where else key)

    def _found(self, key: str) -> str:
        return describe(value=self.values[key]) if key in self.values else "nothing"
