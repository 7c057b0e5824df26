"""The offline check of a JobSpec: what needs neither a scheduler nor a look at any file."""

from pathlib import Path

from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.core.jobspec import JobSpecValidationError, ParsedSpec, parse_jobspec
from proxx.core.profile_library import ProfileLibrary
from proxx.core.violation import Violation
from proxx.runtime.profile_files import load_library


def check_spec(*, text: str, library: ProfileLibrary) -> tuple[ParsedSpec | None, tuple[Violation, ...]]:
    """Return the parsed spec, or None with every violation."""
    try:
        return parse_jobspec(text=text, library=library), ()
    except JobSpecValidationError as error:
        return None, error.violations


def profile_library(directory: Path | None) -> ProfileLibrary:
    """Return the built-in library, with the profiles in `directory` when given.

    Raises:
        CommandError: the directory cannot be read, or one of its files is no profile.
    """
    try:
        return load_library(directory=directory)
    except (OSError, ValueError) as error:
        raise CommandError(*str(error).splitlines(), exit_code=ExitCode.SYSTEM) from error
