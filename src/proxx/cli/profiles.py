"""`proxx profiles`: the recipes that decide what a proxy is."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from proxx.cli.check import profile_library
from proxx.cli.environment import Environment, environment_of
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.look_text import look_lines
from proxx.cli.options import json_option, profiles_option, target
from proxx.cli.output import show, show_json
from proxx.cli.security_options import security_options
from proxx.cli.text import table
from proxx.core.plain import to_plain
from proxx.core.profile import Profile
from proxx.embedded.port import SchedulerPort

Answer = TypeVar("Answer")


@click.group("profiles")
def command() -> None:
    """List and show proxy profiles: the built-in library, those of a directory, or those of a server."""


def _server_option(inner: Callable[..., int]) -> Callable[..., int]:
    return click.option("--server", metavar="HOST:PORT", help="Ask this server for its library.")(
        security_options(inner)
    )


@command.command("list")
@_server_option
@profiles_option
@json_option
@click.pass_context
def list_profiles(context: click.Context, server: str | None, profiles: Path | None, as_json: bool) -> int:
    """List every profile, by name."""
    if server is None:
        library = profile_library(profiles)
        found = tuple(profile for name in library.names() if (profile := library.get(name)) is not None)
    else:
        found = _asked(environment_of(context), server, lambda client: client.list_profiles())
    if as_json:
        show_json({"profiles": [_document(profile) for profile in found]})
    else:
        show(
            *table(
                headers=("NAME", "VERSION", "ENGINE", "CODEC", "CONTAINERS", "RESOLUTIONS", "DESCRIPTION"),
                rows=map(_row, found),
            )
        )
    return ExitCode.OK


@command.command("show")
@click.argument("name")
@_server_option
@profiles_option
@json_option
@click.pass_context
def show_profile(context: click.Context, name: str, server: str | None, profiles: Path | None, as_json: bool) -> int:
    """Show the profile NAME with every setting."""
    if server is None:
        library = profile_library(profiles)
        profile = library.get(name)
        if profile is None:
            known = ", ".join(library.names())
            raise CommandError(f"no profile is named {name} (there are: {known})", exit_code=ExitCode.VALIDATION)
    else:
        profile = _asked(environment_of(context), server, lambda client: client.get_profile(name=name))
    document = _document(profile)
    if as_json:
        show_json(document)
    else:
        lines = [(key, _words(value)) for key, value in document.items() if key != "look"] + look_lines(profile.look)
        show(*(f"{key:20} {value}" for key, value in lines))
    return ExitCode.OK


def _asked(environment: Environment, server: str, question: Callable[[SchedulerPort], Awaitable[Answer]]) -> Answer:
    from proxx.cli.remote import run_remote

    async def ask() -> Answer:
        async with environment.connect(target(server=server)) as session:
            return await question(session.client)

    return run_remote(ask)


def _document(profile: Profile) -> dict[str, object]:
    """Return the profile as JSON values; `container` and `resolution` repeat the lists under the JobSpec's words."""
    plain: dict[str, object] = to_plain(profile)
    first = ("name", "version", "digest", "engine", "codec", "containers", "resolutions", "description")
    document = {name: plain[name] for name in first}
    document["container"] = plain["containers"]
    document["resolution"] = plain["resolutions"]
    return document | {name: value for name, value in plain.items() if name not in document}


def _row(profile: Profile) -> tuple[str, ...]:
    return (
        profile.name,
        str(profile.version),
        profile.engine.value,
        profile.codec,
        ", ".join(profile.containers),
        ", ".join(profile.resolutions),
        profile.description,
    )


def _words(value: object) -> str:
    if isinstance(value, list):
        return " ".join(_words(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={_words(item)}" for key, item in value.items())
    return "-" if value is None else str(value)
