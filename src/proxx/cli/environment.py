"""The outside world of the commands: connections, clock, ids and the terminal. Tests bring their own."""

import os
import sys
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from proxx.embedded.session import Session
from proxx.embedded.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """`connect` opens a session; `interactive` says that a person can answer; `live` that bars can be drawn."""

    connect: Callable[[Target], AbstractAsyncContextManager[Session]]
    now: Callable[[], datetime]
    new_request_id: Callable[[], str]
    interactive: bool
    live: bool


def environment_of(context: click.Context) -> Environment:
    """Return the environment that the command line was started with; the real one when none was given."""
    given = context.find_root().obj
    return given if isinstance(given, Environment) else real_environment()


def real_environment() -> Environment:
    """Return the environment of this process."""
    from proxx.embedded.connect import connect

    return Environment(
        connect=connect,
        now=lambda: datetime.now(UTC),
        new_request_id=lambda: str(uuid.uuid4()),
        interactive=sys.stdin.isatty() and sys.stderr.isatty(),
        live=sys.stderr.isatty() and os.environ.get("TERM", "") != "dumb",
    )
