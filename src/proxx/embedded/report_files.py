"""Writes the reports of a job beside its proxies."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from proxx.core.reports import ReportFormat, job_report, render_report
from proxx.embedded.new_file import write_new_file
from proxx.embedded.result_files import place_beside_proxies
from proxx.runtime.diagnostics import capture_diagnostics


def write_reports(
    *,
    document: Mapping[str, object],
    spec: Mapping[str, object],
    job_id: str,
    now: datetime,
    formats: Sequence[ReportFormat],
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write one file for each format into the spec's output directory. Return their paths, and what went wrong.

    A report that cannot be written (its name is taken, the directory is gone or full) stops neither the others nor
    anything else.
    """
    try:
        directory, stem = place_beside_proxies(spec=spec, job_id=job_id, now=now)
        report = job_report(document=document, diagnostics=capture_diagnostics(now=now))
    except ValueError as error:
        return (), (str(error),)
    paths: list[Path] = []
    problems: list[str] = []
    for form in formats:
        path = directory / f"{stem}.{form}"
        try:
            write_new_file(path=path, text=render_report(report=report, form=form))
        except OSError as error:
            problems.append(f"{path}: {error.strerror or error}")
        else:
            paths.append(path)
    return tuple(paths), tuple(problems)
