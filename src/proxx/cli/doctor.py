"""`proxx doctor`: can this machine make proxies?"""

import asyncio
from pathlib import Path

import click

from proxx.cli.check import profile_library
from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option, profiles_option, target
from proxx.cli.output import show, show_json


@click.command("doctor")
@profiles_option
@json_option
def command(profiles: Path | None, as_json: bool) -> int:
    """Check Python, FFmpeg and its encoders, the state directory, sandbox, clock and disk.

    Exit code 4 when something that every run needs is missing; a warning alone is 0.
    """
    from proxx.cli.checkup import check_up
    from proxx.core.plain import to_plain

    library = profile_library(profiles)
    findings = asyncio.run(check_up(target=target(server=None), profiles=library.profiles))
    broken = any(finding.level == "fail" for finding in findings)
    if as_json:
        show_json({"ok": not broken, "checks": to_plain(findings)})
    else:
        show(*(f"{finding.level:5} {finding.name:16} {finding.detail}" for finding in findings))
    return ExitCode.SYSTEM if broken else ExitCode.OK
