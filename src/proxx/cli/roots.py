"""`proxx roots`: the markers of storage roots, which tell a root from the mount point of a disk that is not there."""

import uuid
from pathlib import Path

import click

from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.output import say, show, show_json

_DIRECTORY = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group(name="roots")
def command() -> None:
    """Mark storage roots, so that an unmounted disk is never mistaken for an empty one (docs/PATHS.md)."""


@command.command("init")
@click.argument("directory", type=_DIRECTORY)
@click.option("--name", required=True, help="The name that scheduler and executors know the root by.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def init(directory: Path, name: str, as_json: bool) -> int:
    """Write the marker file into DIRECTORY, once; one that is there stays, and its id is told.

    Prints the option for the executors that mount the root.
    """
    from proxx.runtime.root_marker import MarkerTakenError, write_marker

    if not name or not name.isprintable() or "=" in name:
        raise click.UsageError("--name: printable characters, and no =")
    try:
        marker = write_marker(directory=directory, name=name, marker=uuid.uuid4().hex)
    except MarkerTakenError as taken:
        marker = taken.marker
        say(f"{directory} is marked already")
    except OSError as error:
        raise CommandError(f"{directory}: {error.strerror or error}", exit_code=ExitCode.SYSTEM) from error
    return _show(directory, name, marker, as_json=as_json)


@command.command("show")
@click.argument("directory", type=_DIRECTORY)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show_marker(directory: Path, as_json: bool) -> int:
    """Print the id in the marker of DIRECTORY; exit code 1 when there is none."""
    from proxx.runtime.root_marker import read_marker

    try:
        marker, name = read_marker(directory)
    except OSError as error:
        raise CommandError(f"{directory}: {error.strerror or error}", exit_code=ExitCode.SYSTEM) from error
    if not marker:
        raise CommandError(f"{directory} has no marker: proxx roots init", exit_code=ExitCode.VALIDATION)
    return _show(directory, name, marker, as_json=as_json)


def _show(directory: Path, name: str, marker: str, *, as_json: bool) -> int:
    if as_json:
        show_json({"directory": str(directory), "name": name, "id": marker})
    else:
        show(f"--root-marker {name}={marker}")
    return ExitCode.OK
