"""Reports of a job as JSON, CSV and text: pure, made from its result document alone."""

from proxx.core.reports.diagnostics import Diagnostics
from proxx.core.reports.formats import ReportFormat
from proxx.core.reports.job_report import ClipReport, JobReport, ReportedCheck
from proxx.core.reports.render_report import render_report, report_stem
from proxx.core.reports.result_reader import ReportInputError, job_report

__all__ = [
    "ClipReport",
    "Diagnostics",
    "JobReport",
    "ReportFormat",
    "ReportInputError",
    "ReportedCheck",
    "job_report",
    "render_report",
    "report_stem",
]
