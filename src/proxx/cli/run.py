"""`proxx run`: a JobSpec goes in, verified proxies and the result JSON come out."""

from dataclasses import replace
from pathlib import Path

import click

from proxx.cli.environment import environment_of
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.options import embedded_options, server_option, submission, submission_options, target
from proxx.cli.preset_options import PresetChoice, preset_options, work_of
from proxx.cli.reporting import report_labels, report_option
from proxx.cli.run_command import RunCommand
from proxx.core.reports import ReportFormat


@click.command("run")
@click.argument("words", nargs=-1, metavar="JOBSPEC | SOURCE...")
@preset_options
@click.option("--resume", metavar="ID", help="Go on with a kept run instead of a JobSpec.")
@click.option("--request-id", help="Idempotency key: the same key with the same JobSpec is the same job.")
@click.option("--no-result-files", is_flag=True, help="Do not write result and JobSpec beside the proxies.")
@click.option("--no-progress", is_flag=True, help="Show no progress on stderr.")
@report_option
@submission_options
@server_option
@embedded_options
@click.option("--json", "_as_json", is_flag=True, help="Accepted for symmetry: stdout is the result JSON always.")
@click.pass_context
def command(
    context: click.Context,
    words: tuple[str, ...],
    choice: PresetChoice,
    report: tuple[ReportFormat, ...],
    resume: str | None,
    request_id: str | None,
    no_result_files: bool,
    no_progress: bool,
    server: str | None,
    profiles: Path | None,
    slots: int | None,
    source_matrix: int,
    _as_json: bool,
    failure_policy: str,
    max_parallel_clips: int,
    priority: int,
    queue: str,
    create_output_directory: bool,
    collision_policy: str,
) -> int:
    """Make the proxies of JOBSPEC (a file, or - for stdin) and print the result JSON on stdout.

    With --preset ID and --output DIR, make the proxies of the SOURCES by that preset.
    Without --server, scheduler and executor run inside this command and end with it.

    \b
    Exit codes: 0 COMPLETED, 1 refused, 2 FAILED, 3 PARTIAL, 4 system error or RECOVERY_REQUIRED,
    64 usage, 130 interrupted.
    """
    if (not words and choice.preset is None) == (resume is None):
        raise click.UsageError("give a JobSpec file, or --resume ID")
    if resume is not None and server is not None:
        raise click.UsageError("--resume opens a kept run of this machine; use `proxx jobs resume` with a server")
    place = target(server=server, profiles=profiles, slots=slots, resume=resume, source_matrix=source_matrix)
    options = submission(
        failure_policy=failure_policy,
        max_parallel_clips=max_parallel_clips,
        priority=priority,
        queue=queue,
        create_output_directory=create_output_directory,
        collision_policy=collision_policy,
    )
    running = RunCommand(
        environment=environment_of(context),
        target=place,
        options=replace(options, labels=report_labels(report)),
        request_id=request_id,
        result_files=not no_result_files,
        progress=not no_progress,
    )
    if resume is not None:
        return running.resume()
    work = work_of(context=context, words=words, choice=choice, place=place, options=running.options)
    if work.options.hold:
        raise CommandError(
            f"preset {choice.preset} holds its jobs until somebody starts them, and `proxx run` would wait for ever; "
            "use `proxx submit`",
            exit_code=ExitCode.VALIDATION,
        )
    return replace(running, options=work.options).spec(work.received)
