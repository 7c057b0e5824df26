"""Exports as files: read line by line, and never a line without bound."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode

LINE_LIMIT = 64 * 1024 * 1024
"""Bytes. What is longer is read as several lines, and so is no line of an export."""


@contextmanager
def export_lines(path: Path) -> Iterator[Iterator[bytes]]:
    """Open an export, - for stdin, and give its lines with their ends.

    Raises:
        CommandError: it cannot be opened.
    """
    if str(path) == "-":
        yield _lines(sys.stdin.buffer)
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise CommandError(f"export {path}: {error.strerror or error}", exit_code=ExitCode.SYSTEM) from error
    with file:
        yield _lines(file)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LINE_LIMIT):
        yield line
