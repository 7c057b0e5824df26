"""One question to a server, and the answer printed."""

from collections.abc import Awaitable, Callable

import click

from proxx.cli.environment import environment_of
from proxx.cli.options import target
from proxx.embedded.port import SchedulerPort


def ask_server(context: click.Context, server: str, question: Callable[[SchedulerPort], Awaitable[int]]) -> int:
    """Connect to `server`, ask, and return the exit code that the question gives.

    Raises:
        CommandError: a call was refused or not answered.
    """
    from proxx.cli.remote import run_remote

    environment = environment_of(context)

    async def ask() -> int:
        async with environment.connect(target(server=server)) as session:
            return await question(session.client)

    return run_remote(ask)
