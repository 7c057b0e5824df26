"""How commands prove themselves to a server: options that go wherever `--server` goes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from proxx.rpc.client_security import OPEN_CLIENT, ClientSecurity, ClientSecurityError

Command = TypeVar("Command", bound=Callable[..., Any])

TOKEN_VARIABLE = "PROXX_TOKEN"  # noqa: S105  the name of a variable
_KEPT = "proxx.cli.security"
_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = {
    "--tls-ca": ("FILE", str, "Dial with TLS and trust these authorities only (PEM), or `system`."),
    "--tls-client-certificate": ("FILE", _FILE, "The certificate to show (PEM)."),
    "--tls-client-key": ("FILE", _FILE, "Its private key (PEM)."),
    "--token-file": ("FILE", _FILE, f"The bearer token to send; {TOKEN_VARIABLE} holds one by itself."),
}


def security_options(command: Command) -> Command:
    """Add the options. They reach `given_security` through click's context, not the command's arguments."""
    for name, (metavar, kind, text) in reversed(_OPTIONS.items()):
        variable = f"PROXX_{name.removeprefix('--').replace('-', '_').upper()}"
        command = click.option(
            name,
            envvar=variable,
            metavar=metavar,
            type=kind,
            expose_value=False,
            callback=_keep,
            help=f"{text}  [env: {variable}]",
        )(command)
    return command


def given_security(*, server: str | None) -> ClientSecurity:
    """Return what the running command was given. `server` None: an embedded one, which needs none of it.

    Raises:
        click.UsageError: the options do not go together, or one stands on the command line without a server.
    """
    context = click.get_current_context(silent=True)
    kept: dict[str, tuple[Any, bool]] = {} if context is None else context.meta.get(_KEPT, {})
    if server is None:
        for name, (_, typed) in kept.items():
            if typed:
                raise click.UsageError(f"--{name.replace('_', '-')} goes with --server")
        return OPEN_CLIENT
    values = {name: value for name, (value, _) in kept.items()}
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if token and kept.get("token_file", (None, False))[1]:
        token = ""  # an option wins over a variable
    try:
        return ClientSecurity(**values, token=token)
    except ClientSecurityError as error:
        hint = f" ({TOKEN_VARIABLE} and PROXX_TOKEN_FILE are both set)" if token and values.get("token_file") else ""
        raise click.UsageError(f"{error}{hint}") from error


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value is not None and parameter.name is not None:
        typed = context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
        context.meta.setdefault(_KEPT, {})[parameter.name] = (value, typed)
