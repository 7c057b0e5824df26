"""`proxx whoami`: who a server takes the caller for."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from proxx.cli.asking import ask_server
from proxx.cli.environment import environment_of
from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option, needed_server_option
from proxx.cli.output import show, show_json
from proxx.core.plain import to_plain
from proxx.embedded.port import SchedulerPort

if TYPE_CHECKING:
    from proxx.core.access import CallerView


@click.command("whoami")
@needed_server_option
@json_option
@click.pass_context
def command(context: click.Context, server: str, as_json: bool) -> int:
    """Say who a server takes me for, what I may do there, and when my token or certificate ends."""
    now = environment_of(context).now()

    async def ask(client: SchedulerPort) -> int:
        view = await client.who_am_i()
        if as_json:
            show_json(to_plain(view))
        else:
            show(*_lines(view, now))
        return ExitCode.OK

    return ask_server(context, server, ask)


def _lines(view: "CallerView", now: datetime) -> list[str]:
    if view.how == "open":
        return ["nobody in particular: this server asks nobody who they are", f"recorded as  {view.actor}"]
    rows = [
        ("identity", view.name),
        ("roles", ", ".join(view.roles)),
        ("may act as", ", ".join(view.rights)),
        ("executors", ", ".join(view.executors)),
        ("by", f"{view.how} {view.credential}"),
        ("until", _end(view.expire_time, now)),
        ("recorded as", view.actor),
    ]
    return [f"{label:12} {text}" for label, text in rows if text]


def _end(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return ""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC, {(moment - now).days} days left"
