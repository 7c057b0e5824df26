"""`proxx certs`: a certificate authority for development and small sites, without openssl."""

from pathlib import Path

import click

from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option
from proxx.cli.output import say, show, show_json

STATEMENT = (
    "This authority is for development and small sites: its key is a file without a password, and it revokes nothing "
    "by itself (the access file does). A site with a PKI of its own uses that."
)
DIRECTORY = click.Path(path_type=Path, file_okay=False)
REPLACE = click.option("--replace", is_flag=True, help="Take the place of the files that are there.")


@click.group("certs", epilog=STATEMENT)
def command() -> None:
    """Make a certificate authority and its certificates; show certificates."""


@command.command("init")
@click.argument("directory", metavar="DIR", type=DIRECTORY)
@click.option("--name", default="Proxx development CA", show_default=True, help="Name of the authority.")
@click.option("--days", type=click.IntRange(1, 36_500), default=3650, show_default=True, help="How long it is valid.")
@REPLACE
def init(directory: Path, name: str, days: int, replace: bool) -> int:
    """Make a certificate authority in DIR: ca.crt for everybody, ca.key for nobody else.

    With --replace a new one takes the place of the old, and every certificate of the old one stops working.
    """
    from proxx.cli.certs_files import make_authority

    path = make_authority(directory=directory, name=name, days=days, replace=replace)
    say(STATEMENT)
    show(str(path))
    return ExitCode.OK


@command.command("issue")
@click.argument("name")
@click.option(
    "--ca", "authority", required=True, envvar="PROXX_CERTS", metavar="DIR", type=DIRECTORY, help="From certs init."
)
@click.option("--server", "hosts", multiple=True, metavar="HOST", help="DNS name or address of a server; repeatable.")
@click.option("--client", is_flag=True, help="To be shown to servers.")
@click.option("--spiffe", default="", metavar="URI", help="A name for the access file: spiffe://site/name.")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="How long it is valid.")
@click.option("--out", metavar="DIR", type=DIRECTORY, help="Where NAME.crt and NAME.key go.  [default: as --ca]")
@REPLACE
def issue(
    name: str,
    authority: Path,
    hosts: tuple[str, ...],
    client: bool,
    spiffe: str,
    days: int,
    out: Path | None,
    replace: bool,
) -> int:
    """Issue a certificate for a server (--server, with every name and address that callers use), a client, or both.

    To renew one, issue it again with --replace: running processes take the new files without a restart.
    """
    from proxx.cli.certs_files import issue_files
    from proxx.runtime.authority import Wanted

    if spiffe and not client:
        raise click.UsageError("--spiffe names a client: it goes with --client")
    wanted = Wanted(name=name, hosts=hosts, client=client, spiffe=spiffe, days=days)
    show(*map(str, issue_files(authority=authority, out=out or authority, wanted=wanted, replace=replace)))
    return ExitCode.OK


@command.command("show")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def show_file(file: Path, as_json: bool) -> int:
    """Show the certificates in FILE: names, dates, use, and what the access file calls them."""
    from proxx.cli.certs_files import lines_of, read_certificates
    from proxx.core.plain import to_plain

    found = read_certificates(file)
    if as_json:
        show_json({"certificates": to_plain(found)})
    else:
        show(*lines_of(found))
    return ExitCode.OK
