"""A report in any of its forms, and the name of its file."""

from datetime import UTC, datetime

from proxx.core.plain import to_plain
from proxx.core.reports.csv_report import csv_report
from proxx.core.reports.formats import ReportFormat
from proxx.core.reports.job_report import JobReport
from proxx.core.reports.text_report import text_report
from proxx.core.result_json import json_text

REPORT_VERSION = "1.0"


def render_report(*, report: JobReport, form: ReportFormat) -> str:
    """Return the whole text of the report, its last line ended."""
    if form is ReportFormat.CSV:
        return csv_report(report)
    if form is ReportFormat.TXT:
        return text_report(report)
    document = {
        "report_version": REPORT_VERSION,
        "diagnostics": to_plain(report.diagnostics),
        "result": report.document,
    }
    return json_text(document) + "\n"


def report_stem(*, job_id: str, moment: datetime) -> str:
    """Return `proxx_job_{job_id}_{timestamp}`, the time in UTC to the second; the extension is the format's word."""
    return f"proxx_job_{job_id}_{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
