"""`proxx run`: a JobSpec goes in, verified proxies and the result JSON come out."""

from pathlib import Path

import click

from proxx.cli.environment import environment_of
from proxx.cli.options import embedded_options, server_option, submission, submission_options, target
from proxx.cli.run_command import RunCommand


@click.command("run")
@click.argument("jobspec", required=False)
@click.option("--resume", metavar="ID", help="Go on with a kept run instead of a JobSpec.")
@click.option("--request-id", help="Idempotency key: the same key with the same JobSpec is the same job.")
@click.option("--no-result-files", is_flag=True, help="Do not write result and JobSpec beside the proxies.")
@click.option("--no-progress", is_flag=True, help="Show no progress on stderr.")
@submission_options
@server_option
@embedded_options
@click.option("--json", "_as_json", is_flag=True, help="Accepted for symmetry: stdout is the result JSON always.")
@click.pass_context
def command(
    context: click.Context,
    jobspec: str | None,
    resume: str | None,
    request_id: str | None,
    no_result_files: bool,
    no_progress: bool,
    server: str | None,
    profiles: Path | None,
    slots: int | None,
    _as_json: bool,
    failure_policy: str,
    max_parallel_clips: int,
    priority: int,
    queue: str,
    create_output_directory: bool,
) -> int:
    """Make the proxies of JOBSPEC (a file, or - for stdin) and print the result JSON on stdout.

    Without --server, scheduler and executor run inside this command and end with it.

    \b
    Exit codes: 0 COMPLETED, 1 refused, 2 FAILED, 3 PARTIAL, 4 system error or RECOVERY_REQUIRED,
    64 usage, 130 interrupted.
    """
    if (jobspec is None) == (resume is None):
        raise click.UsageError("give a JobSpec file, or --resume ID")
    if resume is not None and server is not None:
        raise click.UsageError("--resume opens a kept run of this machine; use `proxx jobs resume` with a server")
    running = RunCommand(
        environment=environment_of(context),
        target=target(server=server, profiles=profiles, slots=slots, resume=resume),
        options=submission(
            failure_policy=failure_policy,
            max_parallel_clips=max_parallel_clips,
            priority=priority,
            queue=queue,
            create_output_directory=create_output_directory,
        ),
        request_id=request_id,
        result_files=not no_result_files,
        progress=not no_progress,
    )
    return running.resume() if jobspec is None else running.spec(jobspec)
