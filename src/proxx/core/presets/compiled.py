"""What a global preset becomes."""

from dataclasses import dataclass

from proxx.core.jobs import SubmissionOptions
from proxx.core.jobspec.spec import JobSpec
from proxx.core.presets.selection import ExcludedSource
from proxx.core.reports.formats import ReportFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledPreset:
    """A JobSpec, how to schedule it, which reports to write at its end, and the sources that were left out."""

    spec: JobSpec
    options: SubmissionOptions
    reports: tuple[ReportFormat, ...]
    excluded: tuple[ExcludedSource, ...]
