"""`proxx tokens`: the bearer tokens of an access file."""

from pathlib import Path

import click

from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option
from proxx.cli.output import say, show, show_json
from proxx.cli.text import plural, table

ROLES = ("viewer", "submitter", "operator", "executor", "replica")
FILE = click.Path(path_type=Path, dir_okay=False)
access_option = click.option(
    "--access", required=True, envvar="PROXX_ACCESS", metavar="FILE", type=FILE, help="The access file (TOML)."
)


@click.group("tokens")
def command() -> None:
    """Make, list and revoke the tokens of an access file. Servers read the changed file by themselves."""


@command.command("create")
@click.argument("name")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="For a new identity; repeatable.")
@click.option("--executor", "executors", multiple=True, metavar="PATTERN", help="Executor names that it may use.")
@click.option("--expires", default="90d", show_default=True, metavar="TIME", help="90d, 12h, or 2027-05-01.")
@click.option("--id", "key", metavar="ID", help="What the token is called in logs.  [default: the date]")
@click.option("--out", type=FILE, metavar="FILE", help="Write the token there (mode 0600) instead of to stdout.")
@access_option
def create(
    name: str,
    roles: tuple[str, ...],
    executors: tuple[str, ...],
    expires: str,
    key: str | None,
    out: Path | None,
    access: Path,
) -> int:
    """Give the identity NAME one more token and print it: this once, the file holds only its sha256.

    An identity that is not there yet needs a --role. Two tokens of one identity may overlap: that is how one is
    replaced without a pause.
    """
    from proxx.cli.token_files import create_token

    made = create_token(
        access=access, name=name, roles=roles, executors=executors, expires=expires, key=key or "", out=out
    )
    say(f"token {made.id} of {name}, valid until {made.expires:%Y-%m-%d %H:%M} UTC; {access} holds its sha256")
    if out is None:
        say("it is shown this once; keep it in a file that only its user can read (--token-file)")
        show(made.token)
    else:
        show(str(out))
    return ExitCode.OK


@command.command("list")
@access_option
@json_option
def list_tokens(access: Path, as_json: bool) -> int:
    """List every token, by identity."""
    from proxx.cli.token_files import listed
    from proxx.core.plain import to_plain

    found = listed(access)
    if as_json:
        show_json({"tokens": to_plain(found)})
    else:
        rows = ((item.identity, item.id, ", ".join(item.roles), f"{item.expires:%Y-%m-%d %H:%M} UTC") for item in found)
        marked = (
            (*row, "EXPIRED" if item.expired else f"{item.days_left} days left")
            for row, item in zip(rows, found, strict=True)
        )
        show(*table(headers=("IDENTITY", "ID", "ROLES", "VALID UNTIL", ""), rows=marked))
    return ExitCode.OK


@command.command("revoke")
@click.argument("name")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "every", is_flag=True, help="Every token of NAME.")
@access_option
def revoke(name: str, ids: tuple[str, ...], every: bool, access: Path) -> int:
    """Take tokens from the identity NAME. Servers refuse them from their next call on; the identity stays."""
    from proxx.cli.token_files import revoke_tokens

    if every == bool(ids):
        raise click.UsageError("name the ids of tokens (proxx tokens list shows them), or give --all")
    gone = revoke_tokens(access=access, name=name, ids=ids)
    say(f"{plural(len(gone), 'token')} of {name} revoked: {', '.join(gone)}")
    return ExitCode.OK


@command.command("prune")
@access_option
def prune(access: Path) -> int:
    """Remove every token that has expired."""
    from proxx.cli.token_files import prune_tokens

    gone = prune_tokens(access)
    say(*(f"{item.identity}: {item.id} expired on {item.expires:%Y-%m-%d}" for item in gone))
    say(f"{plural(len(gone), 'token')} removed")
    return ExitCode.OK
