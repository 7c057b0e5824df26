"""`proxx report`: a job that has ended, as JSON, CSV or text."""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from proxx.cli.environment import Environment, environment_of
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.options import target
from proxx.cli.security_options import security_options
from proxx.core.quoting import describe
from proxx.core.reports import ReportFormat, ReportInputError, job_report, render_report
from proxx.core.result_json import job_result_document
from proxx.runtime.diagnostics import capture_diagnostics


@click.command("report")
@click.argument("result")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in ReportFormat]),
    default=ReportFormat.TXT.value,
    show_default=True,
    help="The form of the report.",
)
@click.option("--server", metavar="HOST:PORT", help="RESULT is a job of this server: its key or eight-character id.")
@security_options
@click.pass_context
def command(context: click.Context, result: str, form: str, server: str | None) -> int:
    """Print the report of RESULT, a result JSON that `proxx run` wrote (- for stdin), on stdout. Writes no file."""
    environment = environment_of(context)
    document = _saved(result) if server is None else _asked(environment, server, result)
    try:
        report = job_report(document=document, diagnostics=capture_diagnostics(now=environment.now()))
    except ReportInputError as error:
        raise CommandError(f"{result} is no result of proxx: {error}", exit_code=ExitCode.VALIDATION) from error
    click.echo(render_report(report=report, form=ReportFormat(form)).encode("utf-8"), nl=False)
    return ExitCode.OK


def _saved(name: str) -> Mapping[str, object]:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"result file {name}: {error.strerror or error}", exit_code=ExitCode.SYSTEM) from error
    try:
        document = json.loads(data, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise CommandError(f"result file {name} is not JSON: {error}", exit_code=ExitCode.VALIDATION) from error
    if not isinstance(document, Mapping):
        found = describe(value=document)
        raise CommandError(
            f"{name} is no result of proxx: expected an object, got {found}", exit_code=ExitCode.VALIDATION
        )
    return document


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text:.40} is no JSON number")
    return value


def _asked(environment: Environment, server: str, name: str) -> Mapping[str, object]:
    from proxx.cli.remote import run_remote
    from proxx.cli.steer import find_job

    async def ask() -> Mapping[str, object]:
        async with environment.connect(target(server=server)) as session:
            job = await find_job(client=session.client, name=name)
            result = await session.client.get_job_result(job_key=job.job_key)
            return job_result_document(result=result, result_written_at=environment.now())

    return run_remote(ask)
