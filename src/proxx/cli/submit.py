"""`proxx submit`: hand a JobSpec to a server."""

from dataclasses import replace

import click

from proxx.cli.environment import environment_of
from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option, needed_server_option, submission, submission_options, target
from proxx.cli.output import say, show, show_json
from proxx.cli.preset_options import PresetChoice, preset_options, work_of
from proxx.cli.reporting import report_labels, report_option
from proxx.core.jobs import LostPolicy
from proxx.core.plain import to_plain
from proxx.core.reports import ReportFormat


@click.command("submit")
@click.argument("words", nargs=-1, required=True, metavar="JOBSPEC | SOURCE...")
@preset_options
@click.option("--request-id", help="Idempotency key: the same key with the same JobSpec is the same job.")
@click.option("--hold", is_flag=True, help="Stay PENDING until `proxx jobs start`.")
@click.option(
    "--requeue-lost",
    type=click.IntRange(0, 10),
    default=0,
    show_default=True,
    help="How often a clip whose executor is lost is made again by itself; then, and at 0, an operator decides.",
)
@click.option("--wait", is_flag=True, help="Follow the job; then print its result JSON and exit as `proxx run` does.")
@click.option("--no-progress", is_flag=True, help="With --wait: show no progress on stderr.")
@report_option
@submission_options
@needed_server_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    words: tuple[str, ...],
    choice: PresetChoice,
    report: tuple[ReportFormat, ...],
    request_id: str | None,
    hold: bool,
    requeue_lost: int,
    wait: bool,
    no_progress: bool,
    server: str,
    as_json: bool,
    failure_policy: str,
    max_parallel_clips: int,
    priority: int,
    queue: str,
    create_output_directory: bool,
    collision_policy: str,
) -> int:
    """Submit JOBSPEC (a file, or - for stdin) to a server and print the job. Ctrl-C never cancels it.

    With --preset ID and --output DIR, submit the JobSpec that this preset makes of the SOURCES. Reports that are asked
    for are written by --wait; `proxx report` makes them at any time.
    """
    from proxx.cli.remote import run_remote
    from proxx.cli.steer import show_followed

    environment = environment_of(context)
    options = submission(
        failure_policy=failure_policy,
        max_parallel_clips=max_parallel_clips,
        priority=priority,
        queue=queue,
        create_output_directory=create_output_directory,
        collision_policy=collision_policy,
        hold=hold,
    )
    place = target(server=server)
    work = work_of(
        context=context,
        words=words,
        choice=choice,
        place=place,
        options=replace(options, labels=report_labels(report)),
    )

    lost = LostPolicy.REQUEUE if requeue_lost else LostPolicy.HOLD
    wanted = replace(work.options, on_executor_lost=lost, requeue_limit=requeue_lost)

    async def ask() -> int:
        async with environment.connect(place) as session:
            job, created = await session.client.submit_job(
                request_id=request_id or environment.new_request_id(),
                spec_json=work.received.text,
                options=wanted,
            )
            if wait:
                say(f"job {job.job_id} ({job.job_key}) {'submitted' if created else 'was submitted before'}")
                return await show_followed(environment, session.client, job, work.received.path, not no_progress)
            if as_json:
                show_json({"created": created, "job": to_plain(job)})
            else:
                show(f"{job.job_key} {job.job_id} {job.state}{'' if created else ' (submitted before)'}")
            return ExitCode.OK

    return run_remote(ask)
