"""`proxx jobs`: list, show, watch and steer the jobs of a server."""

from collections.abc import Awaitable, Callable

import click

from proxx.cli.environment import Environment, environment_of
from proxx.cli.exits import ExitCode
from proxx.cli.job_verbs import VERBS
from proxx.cli.options import json_option, needed_server_option, target
from proxx.cli.output import show, show_json
from proxx.core.jobs import JobState
from proxx.core.plain import to_plain
from proxx.embedded.port import SchedulerPort

_STATES = [state.value for state in JobState]


@click.group("jobs")
def command() -> None:
    """List, show, watch and steer the jobs of a server. JOB is a job key or the eight-character job id."""


@command.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES, case_sensitive=False))
@click.option("--job-id", default="", help="Only jobs with this eight-character id.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@needed_server_option
@json_option
@click.pass_context
def list_jobs(
    context: click.Context, states: tuple[str, ...], job_id: str, limit: int, server: str, as_json: bool
) -> int:
    """List jobs, newest first."""
    from proxx.cli.render import jobs_table
    from proxx.embedded.paging import newest_jobs

    wanted = tuple(JobState(state) for state in states)

    async def ask(client: SchedulerPort) -> int:
        jobs = await newest_jobs(client=client, states=wanted, job_id=job_id, limit=limit)
        if as_json:
            show_json({"jobs": to_plain(jobs)})
        else:
            show(*jobs_table(jobs))
        return ExitCode.OK

    return _ask(environment_of(context), server, ask)


@command.command("get")
@click.argument("job")
@needed_server_option
@json_option
@click.pass_context
def get(context: click.Context, job: str, server: str, as_json: bool) -> int:
    """Show JOB with its clips."""
    from proxx.cli.render import job_lines
    from proxx.cli.steer import find_job
    from proxx.embedded.paging import all_clips

    async def ask(client: SchedulerPort) -> int:
        view = await find_job(client=client, name=job)
        clips = await all_clips(client=client, job_key=view.job_key)
        if as_json:
            show_json({"job": to_plain(view), "clips": to_plain(clips)})
        else:
            show(*job_lines(view=view, clips=clips))
        return ExitCode.OK

    return _ask(environment_of(context), server, ask)


@command.command("result")
@click.argument("job")
@click.option(
    "--run", "run_number", type=click.IntRange(min=1), default=None, help="Which run; the newest when absent."
)
@needed_server_option
@json_option
@click.pass_context
def result(context: click.Context, job: str, run_number: int | None, server: str, as_json: bool) -> int:  # noqa: ARG001  always JSON
    """Print the result JSON of JOB; the exit code is the job's own, 4 while it is not finished."""
    from proxx.cli.finish import finish
    from proxx.cli.steer import find_job

    environment = environment_of(context)

    async def ask(client: SchedulerPort) -> int:
        view = await find_job(client=client, name=job)
        found = await client.get_job_result(job_key=view.job_key, run_number=run_number or 0)
        return finish(result=found, jobspec_path=None, trace_path=None, now=environment.now(), files=False)

    return _ask(environment, server, ask)


@command.command("watch")
@click.argument("jobs", nargs=-1)
@needed_server_option
@json_option
@click.pass_context
def watch(context: click.Context, jobs: tuple[str, ...], server: str, as_json: bool) -> int:
    """Print every event of JOBS, or of all jobs, one a line.

    Ends with exit code 0 when every job named is over; without names it goes on until interrupted.
    """
    from proxx.cli.event_log import print_events

    return _ask(
        environment_of(context), server, lambda client: print_events(client=client, names=jobs, as_json=as_json)
    )


@command.command("spec")
@click.argument("job")
@click.option("--revision", type=click.IntRange(min=1), default=None, help="Which; the one in force when absent.")
@needed_server_option
@json_option
@click.pass_context
def spec(context: click.Context, job: str, revision: int | None, server: str, as_json: bool) -> int:  # noqa: ARG001  always JSON
    """Print a revision of the JobSpec of JOB: 1 is the submitted one, each rebind makes another."""
    from proxx.cli.steer import find_job

    async def ask(client: SchedulerPort) -> int:
        view = await find_job(client=client, name=job)
        found, newest = await client.get_spec_revision(job_key=view.job_key, number=revision or 0)
        show_json({"revision": to_plain(found), "newest": newest})
        return ExitCode.OK

    return _ask(environment_of(context), server, ask)


for _verb in VERBS:
    command.add_command(_verb)


def _ask(environment: Environment, server: str, question: Callable[[SchedulerPort], Awaitable[int]]) -> int:
    from proxx.cli.remote import run_remote

    async def ask() -> int:
        async with environment.connect(target(server=server)) as session:
            return await question(session.client)

    return run_remote(ask)
