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
from proxx.runtime.user import user_and_host


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
    if isinstance(given, Environment):
        return given
    return real_environment(actor=context.find_root().params.get("acting_as") or user_and_host())


def real_environment(*, actor: str) -> Environment:
    """Return the environment of this process; `actor` is the name that calls claim."""
    from proxx.embedded.connect import connect

    return Environment(
        connect=lambda target: connect(target, actor=actor),
        now=lambda: datetime.now(UTC),
        new_request_id=lambda: str(uuid.uuid4()),
        interactive=sys.stdin.isatty() and sys.stderr.isatty(),
        live=sys.stderr.isatty() and os.environ.get("TERM", "") != "dumb",
    )
