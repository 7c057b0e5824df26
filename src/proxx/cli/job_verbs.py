"""`proxx jobs start|pause|resume|cancel|retry|rebind|priority|queue`: what an operator asks of a job."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from proxx.cli.environment import environment_of
from proxx.cli.options import json_option, needed_server_option, target
from proxx.cli.preset_options import compiled_preset, presets_option
from proxx.cli.pressing import Press, Pressed, press, refuse_unasked
from proxx.core.verbs import Verb

Command = TypeVar("Command", bound=Callable[..., Any])
REBIND_SECONDS = 3600.0
"""How long a rebind may look at the sources of a job: as `proxx plan` may."""


def _verb_options(command: Command) -> Command:
    """Add what every verb takes."""
    plan = click.option("--plan", "only_plan", is_flag=True, help="Only say what would happen.")
    return click.argument("job")(plan(needed_server_option(json_option(command))))


def _yes_option(command: Command) -> Command:
    return click.option("--yes", is_flag=True, help="Do not ask.")(command)


@click.command("start")
@_verb_options
@click.pass_context
def start(context: click.Context, /, job: str, **common: Any) -> int:
    """Start JOB, which was submitted with --hold or rebound."""
    return _press(context, job, Verb.START, _simple("start_job"), **common)


@click.command("pause")
@_verb_options
@click.pass_context
def pause(context: click.Context, /, job: str, **common: Any) -> int:
    """Pause JOB: started clips finish or stage, nothing new starts."""
    return _press(context, job, Verb.PAUSE, _simple("pause_job"), **common)


@click.command("resume")
@_verb_options
@click.pass_context
def resume(context: click.Context, /, job: str, **common: Any) -> int:
    """Resume JOB from PAUSED or RECOVERY_REQUIRED. Published proxies are never made again."""
    return _press(context, job, Verb.RESUME, _simple("resume_job"), **common)


@click.command("cancel")
@click.option("--now", is_flag=True, help="Stop the clip in work too.")
@_yes_option
@_verb_options
@click.pass_context
def cancel(context: click.Context, /, job: str, now: bool, **common: Any) -> int:
    """Cancel JOB. What is published stays."""
    return _press(
        context,
        job,
        Verb.CANCEL_NOW if now else Verb.CANCEL,
        lambda client, key, request, revision: client.cancel_job(
            job_key=key, request_id=request, expected_revision=revision, now=now
        ),
        asks=True,
        **common,
    )


@click.command("retry")
@_verb_options
@click.pass_context
def retry(context: click.Context, /, job: str, **common: Any) -> int:
    """Make the failed clips of JOB again, as a new run. Published proxies are never made again."""
    return _press(context, job, Verb.RETRY, _simple("retry_failed_clips"), **common)


@click.command("priority")
@click.argument("job")
@click.argument("priority", type=click.IntRange(-100, 100))
@click.option("--plan", "only_plan", is_flag=True, help="Only say what would happen.")
@needed_server_option
@json_option
@click.pass_context
def priority(context: click.Context, /, job: str, priority: int, **common: Any) -> int:
    """Give JOB another priority, -100 to 100; higher runs first. A negative one: `proxx jobs priority JOB -- -5`."""
    return _press(
        context,
        job,
        Verb.RESCHEDULE,
        lambda client, key, request, revision: client.update_job_scheduling(
            job_key=key, request_id=request, expected_revision=revision, priority=priority
        ),
        priority=priority,
        **common,
    )


@click.command("queue")
@click.argument("job")
@click.argument("queue", metavar="QUEUE")
@click.option("--plan", "only_plan", is_flag=True, help="Only say what would happen.")
@needed_server_option
@json_option
@click.pass_context
def queue(context: click.Context, /, job: str, queue: str, **common: Any) -> int:
    """Move JOB to another fair-share queue."""
    return _press(
        context,
        job,
        Verb.RESCHEDULE,
        lambda client, key, request, revision: client.update_job_scheduling(
            job_key=key, request_id=request, expected_revision=revision, queue=queue
        ),
        queue=queue,
        **common,
    )


@click.command("rebind")
@click.option("--preset", metavar="ID", required=True, help="The global preset to make the job by.")
@click.option(
    "--output", metavar="DIR", required=True, type=click.Path(path_type=Path), help="The base output directory."
)
@presets_option
@_yes_option
@_verb_options
@click.pass_context
def rebind(
    context: click.Context, /, job: str, preset: str, output: Path, presets: Path | None, server: str, **common: Any
) -> int:
    """Have JOB, which a preset made, made by another preset. Nothing of it may be published yet; it is held then."""
    from proxx.cli.remote import run_remote
    from proxx.cli.steer import find_job

    environment = environment_of(context)
    place = target(server=server)

    async def look() -> Any:
        async with environment.connect(place) as session:
            return await find_job(client=session.client, name=job)

    view = run_remote(look)
    sources = view.spec["sources"]
    compiled = compiled_preset(
        environment=environment,
        words=[str(source) for source in sources],
        preset=preset,
        output=output,
        presets=presets,
        place=place,
        job_id=view.job_id,
        created_at=str(view.spec["created_at"]),
    )
    text, options = compiled.spec.to_json(), replace(compiled.options, hold=True)
    return _press(
        context,
        view.job_key,
        Verb.REBIND,
        lambda client, key, request, revision: client.rebind_preset(
            job_key=key,
            request_id=request,
            expected_revision=revision,
            spec_json=text,
            options=options,
            timeout_seconds=REBIND_SECONDS,
        ),
        asks=True,
        server=server,
        spec_json=text,
        options=options,
        **common,
    )


VERBS = (start, pause, resume, cancel, retry, rebind, priority, queue)


def _simple(method: str) -> Press:
    """Return how to press a verb that carries nothing."""
    return lambda client, key, request, revision: getattr(client, method)(
        job_key=key, request_id=request, expected_revision=revision
    )


def _press(
    context: click.Context,
    name: str,
    verb: Verb,
    how: Press,
    *,
    server: str,
    as_json: bool,
    only_plan: bool,
    asks: bool = False,
    yes: bool = False,
    **carried: Any,
) -> int:
    from proxx.cli.remote import run_remote

    environment = environment_of(context)
    if asks:
        refuse_unasked(context=context, environment=environment, yes=yes, only_plan=only_plan)
    what = Pressed(verb=verb, press=how, asks=asks, yes=yes, only_plan=only_plan, as_json=as_json, **carried)

    async def ask() -> int:
        async with environment.connect(target(server=server)) as session:
            return await press(client=session.client, environment=environment, name=name, what=what)

    return run_remote(ask)
