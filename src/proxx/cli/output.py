"""The two streams: results alone on stdout, everything said to people on stderr."""

import sys

import click

from proxx.runtime.terminal import printable


def say(*lines: str) -> None:
    """Write lines for people to stderr, strangers' text made harmless."""
    for line in lines:
        click.echo(printable(line), err=True)


def show(*lines: str) -> None:
    """Write lines to stdout: the human form of what a command was asked for."""
    for line in lines:
        click.echo(printable(line))


def show_json(value: object, *, lines: bool = False) -> None:
    """Write one JSON value to stdout, indented by two spaces, or on one line when `lines` is set."""
    from proxx.core.result_json import json_text

    click.echo(json_text(value, indent=None if lines else 2))
    sys.stdout.flush()


def set_up_streams() -> None:
    """Make stdout UTF-8 whatever the locale says (JSON is UTF-8), and stderr unable to fail on any character."""
    for stream, encoding in ((sys.stdout, "utf-8"), (sys.stderr, None)):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding=encoding, errors="backslashreplace")
