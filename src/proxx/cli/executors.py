"""`proxx executors`: list the executors of a server, drain them and let them work again."""

import click

from proxx.cli.asking import ask_server
from proxx.cli.environment import environment_of
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option, needed_server_option
from proxx.cli.output import say, show, show_json
from proxx.cli.text import plural, table
from proxx.core.jobs import ExecutorView
from proxx.core.plain import to_plain
from proxx.embedded.port import SchedulerPort


@click.group("executors")
def command() -> None:
    """List the executors of a server, drain them and let them work again."""


@command.command("list")
@needed_server_option
@json_option
@click.pass_context
def list_executors(context: click.Context, server: str, as_json: bool) -> int:
    """List the executors that have a session, by name."""

    async def ask(client: SchedulerPort) -> int:
        return _show(await client.list_executors(), as_json)

    return ask_server(context, server, ask)


@command.command("drain")
@click.argument("name")
@click.option("--reason", default="", help="Why, for the record.")
@needed_server_option
@json_option
@click.pass_context
def drain(context: click.Context, name: str, reason: str, server: str, as_json: bool) -> int:
    """Let executor NAME end what it has and give it nothing new, also after it connects again."""
    environment = environment_of(context)

    async def ask(client: SchedulerPort) -> int:
        views = await _named(client, name)
        held = sum(view.leases for view in views)
        say(f"drain executor {name}: it ends what it has ({plural(held, 'lease')}) and gets nothing new")
        after = await client.drain_executor(name=name, request_id=environment.new_request_id(), reason=reason)
        return _show(after, as_json)

    return ask_server(context, server, ask)


@command.command("undrain")
@click.argument("name")
@click.option("--reason", default="", help="Why, for the record.")
@needed_server_option
@json_option
@click.pass_context
def undrain(context: click.Context, name: str, reason: str, server: str, as_json: bool) -> int:
    """Let executor NAME, which was drained or fenced off, take work again."""
    environment = environment_of(context)

    async def ask(client: SchedulerPort) -> int:
        say(f"undrain executor {name}: it takes work again")
        after = await client.undrain_executor(name=name, request_id=environment.new_request_id(), reason=reason)
        return _show(after, as_json)

    return ask_server(context, server, ask)


async def _named(client: SchedulerPort, name: str) -> tuple[ExecutorView, ...]:
    views = tuple(view for view in await client.list_executors() if view.name == name)
    if not views:
        raise CommandError(f"no executor of the name {name} has a session", exit_code=ExitCode.VALIDATION)
    return views


def _show(views: tuple[ExecutorView, ...], as_json: bool) -> int:
    if as_json:
        show_json({"executors": to_plain(views)})
        return ExitCode.OK
    rows = (
        (
            view.name,
            view.state + (f" (by {view.drained_by})" if view.drained_by else ""),
            view.engine.value,
            f"{view.leases}/{view.slots}" + (f"+{view.probe_slots}" if view.probe_slots else ""),
            view.last_seen_time.isoformat(timespec="seconds"),
            view.version,
        )
        for view in views
    )
    show(*table(headers=("NAME", "STATE", "ENGINE", "SLOTS", "LAST SEEN", "VERSION"), rows=rows))
    show(*(f"{view.name}: session of identity {view.identity}" for view in views if view.identity))
    show(*(f"{view.name} encodes {', '.join(view.codecs)}" for view in views if view.codecs))
    show(*dict.fromkeys(_fence_line(view) for view in views if view.fence_time is not None))
    return ExitCode.OK


def _fence_line(view: ExecutorView) -> str:
    since = "" if view.fence_time is None else f" since {view.fence_time.isoformat(timespec='seconds')}"
    return f"{view.name} is fenced off{since}: {view.fence_reason}; proxx executors undrain lets it work again"
