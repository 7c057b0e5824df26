"""Reports at the end of a followed job: which ones it asks for, and their files."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import click

from proxx.cli.output import say
from proxx.core.jobs import JobResult
from proxx.core.presets import REPORTS_LABEL
from proxx.core.reports import ReportFormat
from proxx.embedded.report_files import write_reports

Command = TypeVar("Command", bound=Callable[..., Any])


def report_option(command: Command) -> Command:
    """Add `--report`."""
    return click.option(
        "--report",
        metavar="FORMATS",
        callback=_formats,
        help="Write these reports beside the proxies: json, csv, txt, separated by commas.",
    )(command)


def report_labels(formats: tuple[ReportFormat, ...]) -> dict[str, str]:
    """Return the labels that make a job ask for these reports, whoever follows it to its end."""
    return {REPORTS_LABEL: ",".join(formats)} if formats else {}


def write_asked_reports(*, document: Mapping[str, object], result: JobResult, now: datetime) -> None:
    """Write the reports that the job's labels ask for. What fails is said on stderr and changes nothing else."""
    words = result.options.labels.get(REPORTS_LABEL, "").split(",")
    formats = tuple(form for form in ReportFormat if form in words)
    if not formats:
        return
    paths, problems = write_reports(document=document, spec=result.spec, job_id=result.job_id, now=now, formats=formats)
    say(*(f"report: {path}" for path in paths))
    say(*(f"warning: a report was not written: {problem}" for problem in problems))


def _formats(_: click.Context, __: click.Parameter, value: str | None) -> tuple[ReportFormat, ...]:
    words = [word.strip() for word in value.split(",")] if value is not None else []
    unknown = [word for word in words if word not in set(ReportFormat)]
    if unknown:
        raise click.BadParameter(f"{', '.join(map(repr, unknown))}; formats are {', '.join(ReportFormat)}")
    return tuple(form for form in ReportFormat if form in words)
