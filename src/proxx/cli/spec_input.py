"""Reads the JobSpec that a command was given: a file, or stdin for `-`."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.core.jobspec import MAX_SOURCES, MAX_TEXT_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecInput:
    """The text as it was received, and the absolute path that it came from (None: stdin)."""

    text: str
    path: str | None


def read_spec(name: str) -> SpecInput:
    """Read the JobSpec text.

    Raises:
        CommandError: the file is missing, cannot be read or is too long (4), or is not UTF-8 (1).
    """
    try:
        data = _bytes_of(name)
    except OSError as error:
        raise CommandError(f"JobSpec file {name}: {error.strerror or error}", exit_code=ExitCode.SYSTEM) from error
    if len(data) > MAX_TEXT_BYTES:
        raise CommandError(
            f"JobSpec {name}: more than {MAX_TEXT_BYTES} bytes, which is the most; a job has at most {MAX_SOURCES}"
            " sources: submit several jobs",
            exit_code=ExitCode.VALIDATION,
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CommandError(
            f"JobSpec {name}: not UTF-8 at byte {error.start}; JSON is UTF-8", exit_code=ExitCode.VALIDATION
        ) from error
    return SpecInput(text=text, path=None if name == "-" else os.path.abspath(name))  # noqa: PTH100  keeps symlinks


def _bytes_of(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(MAX_TEXT_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(MAX_TEXT_BYTES + 1)
