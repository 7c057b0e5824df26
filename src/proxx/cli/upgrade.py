"""`proxx upgrade`: the current form of an older JobSpec."""

import json
from pathlib import Path

import click

from proxx.cli.check import profile_library
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.options import profiles_option
from proxx.cli.output import show_json
from proxx.cli.spec_input import read_spec
from proxx.core.jobspec import JobSpecValidationError, upgrade_text


@click.command("upgrade")
@click.argument("jobspec")
@profiles_option
def command(jobspec: str, profiles: Path | None) -> int:
    """Print JOBSPEC (- for stdin) as JobSpec 2.1. The file itself is never changed."""
    received = read_spec(jobspec)
    try:
        text = upgrade_text(text=received.text, library=profile_library(profiles))
    except JobSpecValidationError as error:
        from proxx.cli.remote import violation_lines

        raise CommandError(*violation_lines(error.violations), exit_code=ExitCode.VALIDATION) from error
    show_json(json.loads(text))
    return ExitCode.OK
