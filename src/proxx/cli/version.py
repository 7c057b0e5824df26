"""`proxx version`: which Proxx, which Python, which FFmpeg."""

import asyncio
import platform

import click

from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option, target
from proxx.cli.output import show, show_json


@click.command("version")
@json_option
def command(as_json: bool) -> int:
    """Print the versions of Proxx, its contract, Python and the FFmpeg that it would use."""
    from proxx.cli.tools import tool_version
    from proxx.core.jobs import RESULT_SCHEMA_VERSION
    from proxx.core.jobspec import ACCEPTED_VERSIONS
    from proxx.core.plan import PLANNER_VERSION
    from proxx.runtime.version import current_version

    ours = current_version()
    place = target(server=None)
    found = asyncio.run(tool_version(tool=place.ffmpeg))
    document: dict[str, object] = {
        "proxx": ours.version,
        "commit": ours.commit,
        "jobspec_versions": list(ACCEPTED_VERSIONS),
        "result_schema_version": RESULT_SCHEMA_VERSION,
        "planner_version": PLANNER_VERSION,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "ffmpeg": found.version if found else None,
        "ffmpeg_configuration_sha256": found.configuration_sha256 if found else None,
    }
    if as_json:
        show_json(document)
    else:
        show(f"proxx {ours}", f"python {document['python']}", f"ffmpeg {document['ffmpeg'] or 'not found'}")
    return ExitCode.OK
