"""`proxx access`: look at an access file before a server does."""

from datetime import UTC, datetime
from pathlib import Path

import click

from proxx.cli.exits import ExitCode
from proxx.cli.output import say, show
from proxx.cli.text import table
from proxx.core.access.access_table import AccessTable


@click.group("access")
def command() -> None:
    """Check an access file: who may do what."""


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def check(file: Path) -> int:
    """Read FILE as a server does and show who is in it. Every mistake is said; exit code 1 when there is one.

    What is allowed but useless is said as a warning: expired tokens, identities that nobody can use.
    """
    from proxx.cli.token_files import read_table

    found = read_table(file)
    show(*table(headers=("IDENTITY", "ROLES", "CERTIFICATE", "TOKENS", "EXECUTORS"), rows=_rows(found)))
    say(*(f"warning: {line}" for line in (*_warnings(found), *_mode(file))))
    say(f"{file}: valid")
    return ExitCode.OK


def _rows(found: AccessTable) -> list[tuple[str, ...]]:
    counts = {entry.name: 0 for entry in found.entries}
    for entry, _ in found.tokens.values():
        counts[entry.name] += 1
    return [
        (
            entry.name,
            ", ".join(sorted(role.value for role in entry.roles)),
            entry.certificate or "-",
            str(counts[entry.name]),
            ", ".join(entry.executors) or "-",
        )
        for entry in found.entries
    ]


def _warnings(found: AccessTable) -> list[str]:
    now = datetime.now(UTC)
    valid = {entry.name for entry, token in found.tokens.values() if token.expires > now}
    lines = [
        f"token {token.id} of {entry.name} expired on {token.expires:%Y-%m-%d}; proxx tokens prune removes it"
        for entry, token in found.tokens.values()
        if token.expires <= now
    ]
    return lines + [
        f"{entry.name} has neither a certificate nor a valid token: nobody can be it"
        for entry in found.entries
        if not entry.certificate and entry.name not in valid
    ]


def _mode(file: Path) -> list[str]:
    if file.stat().st_mode & 0o022:
        return [f"{file} can be written by others than its owner: whoever does so decides who may do what"]
    return []
