"""`proxx submit`: hand a JobSpec to a server."""

import click

from proxx.cli.environment import environment_of
from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option, needed_server_option, submission, submission_options, target
from proxx.cli.output import say, show, show_json
from proxx.cli.spec_input import read_spec
from proxx.core.plain import to_plain


@click.command("submit")
@click.argument("jobspec")
@click.option("--request-id", help="Idempotency key: the same key with the same JobSpec is the same job.")
@click.option("--hold", is_flag=True, help="Stay PENDING until `proxx jobs start`.")
@click.option("--wait", is_flag=True, help="Follow the job; then print its result JSON and exit as `proxx run` does.")
@click.option("--no-progress", is_flag=True, help="With --wait: show no progress on stderr.")
@submission_options
@needed_server_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    jobspec: str,
    request_id: str | None,
    hold: bool,
    wait: bool,
    no_progress: bool,
    server: str,
    as_json: bool,
    failure_policy: str,
    max_parallel_clips: int,
    priority: int,
    queue: str,
    create_output_directory: bool,
) -> int:
    """Submit JOBSPEC (a file, or - for stdin) to a server and print the job. Ctrl-C never cancels it."""
    from proxx.cli.remote import run_remote
    from proxx.cli.steer import show_followed

    received = read_spec(jobspec)
    environment = environment_of(context)
    options = submission(
        failure_policy=failure_policy,
        max_parallel_clips=max_parallel_clips,
        priority=priority,
        queue=queue,
        create_output_directory=create_output_directory,
        hold=hold,
    )

    async def ask() -> int:
        async with environment.connect(target(server=server)) as session:
            job, created = await session.client.submit_job(
                request_id=request_id or environment.new_request_id(), spec_json=received.text, options=options
            )
            if wait:
                say(f"job {job.job_id} ({job.job_key}) {'submitted' if created else 'was submitted before'}")
                return await show_followed(environment, session.client, job, received.path, not no_progress)
            if as_json:
                show_json({"created": created, "job": to_plain(job)})
            else:
                show(f"{job.job_key} {job.job_id} {job.state}{'' if created else ' (submitted before)'}")
            return ExitCode.OK

    return run_remote(ask)
