"""The options that several commands share, each defined once."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from proxx.cli.security_options import given_security, security_options
from proxx.core.detection import DEFAULT_SOURCE_MATRIX, SOURCE_MATRICES
from proxx.core.jobs import CollisionPolicy, FailurePolicy, SubmissionOptions
from proxx.embedded.cpus import usable_cpus
from proxx.embedded.target import Target

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_SERVER = "127.0.0.1:7600"
"""Where `proxx up` listens by default."""


def json_option(command: Command) -> Command:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one stable JSON form on stdout.")(command)


def server_option(command: Command) -> Command:
    """Add `--server`, absent meaning: embed scheduler and executor for this command."""
    return click.option(
        "--server",
        envvar="PROXX_SERVER",
        metavar="HOST:PORT",
        help="Talk to this server (or unix:/path) instead of an embedded one.  [env: PROXX_SERVER]",
    )(security_options(command))


def needed_server_option(command: Command) -> Command:
    """Add `--server` for commands that make no sense without a server."""
    return click.option(
        "--server",
        envvar="PROXX_SERVER",
        metavar="HOST:PORT",
        default=DEFAULT_SERVER,
        show_default=True,
        help="The server to talk to (or unix:/path).  [env: PROXX_SERVER]",
    )(security_options(command))


def profiles_option(command: Command) -> Command:
    """Add `--profiles`."""
    return click.option(
        "--profiles",
        envvar="PROXX_PROFILES",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Directory of further profile files (*.toml).  [env: PROXX_PROFILES]",
    )(command)


def source_matrix_option(command: Command) -> Command:
    """Add `--source-matrix`, which an embedded scheduler obeys; a server has its own setting."""
    return click.option(
        "--source-matrix",
        envvar="PROXX_SOURCE_MATRIX",
        type=click.IntRange(SOURCE_MATRICES[0], SOURCE_MATRICES[-1]),
        default=DEFAULT_SOURCE_MATRIX,
        show_default=True,
        help="Version of the source matrix: what FFmpeg takes.  [env: PROXX_SOURCE_MATRIX]",
    )(command)


def embedded_options(command: Command) -> Command:
    """Add what only an embedded run looks at: profiles, source matrix and slots."""
    command = click.option(
        "--slots",
        envvar="PROXX_SLOTS",
        type=click.IntRange(1, 256),
        help="Clips made at once by the embedded executor.  [env: PROXX_SLOTS; default: number of CPUs]",
    )(command)
    return profiles_option(source_matrix_option(command))


def submission_options(command: Command) -> Command:
    """Add how a job is scheduled."""
    for option in (
        click.option("--create-output-directory", is_flag=True, help="Let an executor make the output directory."),
        click.option("--queue", default="default", show_default=True, metavar="NAME", help="Fair-share queue."),
        click.option(
            "--priority", type=click.IntRange(-100, 100), default=0, show_default=True, help="Higher runs first."
        ),
        click.option(
            "--max-parallel-clips",
            type=click.IntRange(1, 64),
            default=8,
            show_default=True,
            help="How far clips may run ahead of the first one that is not finished.",
        ),
        click.option(
            "--failure-policy",
            type=click.Choice(["fail-fast", "continue"], case_sensitive=False),
            default="fail-fast",
            show_default=True,
            help="What happens to the other clips when one fails.",
        ),
        click.option(
            "--collision-policy",
            "--collision",
            "collision_policy",
            type=click.Choice(["fail", "suffix", "overwrite"], case_sensitive=False),
            default="fail",
            show_default=True,
            help="When an output exists: refuse the job, number the new name (_001), or move the old file aside.",
        ),
    ):
        command = option(command)
    return command


def submission(
    *,
    failure_policy: str,
    max_parallel_clips: int,
    priority: int,
    queue: str,
    create_output_directory: bool,
    collision_policy: str,
    hold: bool = False,
) -> SubmissionOptions:
    """Return the options of a submission from their flags."""
    return SubmissionOptions(
        failure_policy=FailurePolicy(failure_policy.upper().replace("-", "_")),
        max_parallel_clips=max_parallel_clips,
        priority=priority,
        queue=queue,
        create_output_directory=create_output_directory,
        collision_policy=CollisionPolicy(collision_policy.upper()),
        hold=hold,
    )


def target(
    *,
    server: str | None,
    profiles: Path | None = None,
    slots: int | None = None,
    resume: str | None = None,
    source_matrix: int = DEFAULT_SOURCE_MATRIX,
    without_engine: str = "reject",
) -> Target:
    """Return the target of a command. Tool paths come from PROXX_FFMPEG and PROXX_FFPROBE, else from PATH.

    Raises:
        click.UsageError: the options of TLS and tokens do not go together, or were given without a server.
    """
    return Target(
        server=server,
        security=given_security(server=server),
        profiles=profiles.absolute() if profiles is not None else None,
        slots=slots or usable_cpus(),
        ffmpeg=os.environ.get("PROXX_FFMPEG") or "ffmpeg",
        ffprobe=os.environ.get("PROXX_FFPROBE") or "ffprobe",
        resume=resume,
        source_matrix=source_matrix,
        without_engine=without_engine,
    )
