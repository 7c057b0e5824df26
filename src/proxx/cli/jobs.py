"""`proxx jobs`: list, show, watch and steer the jobs of a server."""

from collections.abc import Awaitable, Callable

import click

from proxx.cli.environment import Environment, environment_of
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option, needed_server_option, target
from proxx.cli.output import say, show, show_json
from proxx.core.jobs import JobState, JobView
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
@needed_server_option
@json_option
@click.pass_context
def result(context: click.Context, job: str, server: str, as_json: bool) -> int:  # noqa: ARG001  always JSON
    """Print the result JSON of JOB; the exit code is the job's own, 4 while it is not finished."""
    from proxx.cli.finish import finish
    from proxx.cli.steer import find_job

    environment = environment_of(context)

    async def ask(client: SchedulerPort) -> int:
        view = await find_job(client=client, name=job)
        found = await client.get_job_result(job_key=view.job_key)
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


@command.command("start")
@click.argument("job")
@needed_server_option
@json_option
@click.pass_context
def start(context: click.Context, job: str, server: str, as_json: bool) -> int:
    """Start JOB, which was submitted with --hold."""
    return _steer(context, "start", job, server, as_json, lambda client: client.start_job)


@command.command("pause")
@click.argument("job")
@needed_server_option
@json_option
@click.pass_context
def pause(context: click.Context, job: str, server: str, as_json: bool) -> int:
    """Pause JOB: started clips finish or stage, nothing new starts."""
    return _steer(context, "pause", job, server, as_json, lambda client: client.pause_job)


@command.command("resume")
@click.argument("job")
@needed_server_option
@json_option
@click.pass_context
def resume(context: click.Context, job: str, server: str, as_json: bool) -> int:
    """Resume JOB from PAUSED or RECOVERY_REQUIRED. Published proxies are never made again."""
    return _steer(context, "resume", job, server, as_json, lambda client: client.resume_job)


@command.command("cancel")
@click.argument("job")
@click.option("--now", is_flag=True, help="Stop the clip in work too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@needed_server_option
@json_option
@click.pass_context
def cancel(context: click.Context, job: str, now: bool, yes: bool, server: str, as_json: bool) -> int:
    """Cancel JOB. What is published stays."""
    from proxx.cli.steer import consequences, find_job

    environment = environment_of(context)
    if not yes and not environment.interactive:
        raise click.UsageError("nobody can be asked here: confirm with --yes", ctx=context)

    async def ask(client: SchedulerPort) -> int:
        view = await find_job(client=client, name=job)
        say(*consequences(verb="cancel", job=view, now=now))
        if not yes and not click.confirm("Cancel it?", default=False, err=True):
            raise CommandError("not confirmed; nothing was changed", exit_code=ExitCode.VALIDATION)
        after = await client.cancel_job(
            job_key=view.job_key,
            request_id=environment.new_request_id(),
            expected_revision=0 if yes else view.revision,
            now=now,
        )
        return _show_job(after, as_json)

    return _ask(environment, server, ask)


def _steer(
    context: click.Context,
    verb: str,
    name: str,
    server: str,
    as_json: bool,
    method: Callable[[SchedulerPort], Callable[..., Awaitable[JobView]]],
) -> int:
    from proxx.cli.steer import consequences, find_job

    environment = environment_of(context)

    async def ask(client: SchedulerPort) -> int:
        view = await find_job(client=client, name=name)
        say(*consequences(verb=verb, job=view))
        after = await method(client)(job_key=view.job_key, request_id=environment.new_request_id())
        return _show_job(after, as_json)

    return _ask(environment, server, ask)


def _show_job(view: JobView, as_json: bool) -> int:
    if as_json:
        show_json({"job": to_plain(view)})
    else:
        show(f"{view.job_key} {view.job_id} {view.state}")
    return ExitCode.OK


def _ask(environment: Environment, server: str, question: Callable[[SchedulerPort], Awaitable[int]]) -> int:
    from proxx.cli.remote import run_remote

    async def ask() -> int:
        async with environment.connect(target(server=server)) as session:
            return await question(session.client)

    return run_remote(ask)
