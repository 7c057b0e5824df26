"""The options of commands that take a preset and sources in place of a JobSpec, and the work that they ask for."""

import functools
import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from proxx.cli.absolute import absolute_name
from proxx.cli.check import profile_library
from proxx.cli.environment import Environment, environment_of
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.output import say
from proxx.cli.spec_input import SpecInput, read_spec
from proxx.core.jobs import SubmissionOptions
from proxx.core.presets import (
    CompiledPreset,
    ExcludedSource,
    ExclusionsPreset,
    NothingLeftError,
    PresetLibrary,
    PresetValidationError,
    SourceFile,
    compile_preset,
)
from proxx.core.profile_library import ProfileLibrary
from proxx.embedded.target import Target
from proxx.runtime.preset_files import load_presets

Command = TypeVar("Command", bound=Callable[..., Any])

_OF_THE_PRESET = (
    *("failure_policy", "max_parallel_clips", "priority", "queue", "create_output_directory", "hold"),
    *("collision_policy", "reuse", "report"),
)
"""Parameters of commands that a preset decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A JobSpec, given or compiled, and how to schedule it."""

    received: SpecInput
    options: SubmissionOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetChoice:
    """What the preset options of a command said."""

    preset: str | None
    output: Path | None
    presets: Path | None


def presets_option(command: Command) -> Command:
    """Add `--presets`."""
    return click.option(
        "--presets",
        envvar="PROXX_PRESETS",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Directory of further preset files (*.toml).  [env: PROXX_PRESETS]",
    )(command)


def preset_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add `--preset`, `--output` and `--presets`; the command gets them as one argument, `choice`."""

    @functools.wraps(command)
    def chosen(*given: object, preset: str | None, output: Path | None, presets: Path | None, **others: object) -> int:
        return command(*given, choice=PresetChoice(preset=preset, output=output, presets=presets), **others)

    base = click.option(
        "--output", metavar="DIR", type=click.Path(path_type=Path), help="With --preset: the base output directory."
    )
    recipe = click.option("--preset", metavar="ID", help="Take SOURCES in place of a JobSpec, by this global preset.")
    return recipe(base(presets_option(chosen)))


def work_of(
    *,
    context: click.Context,
    words: Sequence[str],
    choice: PresetChoice,
    place: Target,
    options: SubmissionOptions,
) -> Work:
    """Return the work of a command: the JobSpec that `words` name, or what the preset makes of the sources there.

    What the preset leaves out is said on stderr.

    Raises:
        UsageError: the options do not fit together.
        CommandError: the JobSpec cannot be read (4), or the preset makes no job of these sources (1).
    """
    if choice.preset is None:
        if choice.output is not None:
            raise click.UsageError("--output goes with --preset; a JobSpec names its own output directory")
        if len(words) != 1:
            raise click.UsageError(f"give one JobSpec file, got {len(words)}; several sources need --preset ID")
        return Work(received=read_spec(words[0]), options=options)
    if choice.output is None or not words:
        raise click.UsageError("--preset needs --output DIR and at least one source")
    _refuse_flags(context)
    environment = environment_of(context)
    compiled = compiled_preset(
        environment=environment,
        words=words,
        preset=choice.preset,
        output=choice.output,
        presets=choice.presets,
        place=place,
        job_id=hashlib.sha256(environment.new_request_id().encode()).hexdigest()[:8],
        created_at=environment.now().isoformat(timespec="seconds"),
    )
    return Work(received=SpecInput(text=compiled.spec.to_json(), path=None), options=compiled.options)


def preset_library(directory: Path | None) -> PresetLibrary:
    """Return the shipped presets, with those in `directory` when given.

    Raises:
        CommandError: the directory cannot be read, or its files are no presets.
    """
    try:
        return load_presets(directory=directory)
    except PresetValidationError as error:
        raise CommandError(*str(error).splitlines(), exit_code=ExitCode.VALIDATION) from error


def _refuse_flags(context: click.Context) -> None:
    given = [
        f"--{name.replace('_', '-')}"
        for name in _OF_THE_PRESET
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(f"{', '.join(given)}: the preset decides this; take another preset or a JobSpec")


def compiled_preset(
    *,
    environment: Environment,
    words: Sequence[str],
    preset: str,
    output: Path,
    presets: Path | None,
    place: Target,
    job_id: str,
    created_at: str,
) -> CompiledPreset:
    """Return what a preset makes of sources; what it leaves out is said on stderr.

    Raises:
        CommandError: it makes no job of these sources.
    """
    library = preset_library(presets)
    profiles = _profiles(environment, place)
    try:
        compiled = compile_preset(
            preset_id=preset,
            library=library,
            profiles=profiles,
            sources=_sources(words, _asks_sizes(library, preset)),
            base_directory=absolute_name(output),
            job_id=job_id,
            created_at=created_at,
        )
    except NothingLeftError as error:
        _say_excluded(error.excluded)
        raise CommandError(*str(error).splitlines(), exit_code=ExitCode.VALIDATION) from error
    except PresetValidationError as error:
        raise CommandError(*str(error).splitlines(), exit_code=ExitCode.VALIDATION) from error
    _say_excluded(compiled.excluded)
    return compiled


def _profiles(environment: Environment, place: Target) -> ProfileLibrary:
    """The profiles of the scheduler that will judge the JobSpec: a server's own, or those of this command.

    The files of a server's looks stay there: what a preset asks of a profile needs none of them.
    """
    if place.server is None:
        return profile_library(place.profiles)
    from proxx.cli.remote import run_remote

    async def ask() -> ProfileLibrary:
        async with environment.connect(place) as session:
            asked = await session.client.list_profiles()
            return ProfileLibrary(tuple(replace(profile, look=None) for profile in asked))

    return run_remote(ask)


def _asks_sizes(library: PresetLibrary, preset_id: str) -> bool:
    preset = library.global_preset(preset_id=preset_id)
    return library.part(preset=preset, kind=ExclusionsPreset).smaller_than_bytes > 0


def _sources(words: Sequence[str], sizes: bool) -> list[SourceFile]:
    paths = [absolute_name(word) for word in words]
    return [SourceFile(path=path, size_bytes=_size(path) if sizes else None) for path in paths]


def _size(path: str) -> int | None:
    """Return the size of a file, or of all files of a folder that is a clip."""
    try:
        if os.path.isdir(path):  # noqa: PTH112
            with os.scandir(path) as entries:
                return sum(entry.stat().st_size for entry in entries if entry.is_file())
        return Path(path).stat().st_size
    except OSError:
        return None  # the compiler names each source whose size a rule needs and nobody knows


def _say_excluded(excluded: Sequence[ExcludedSource]) -> None:
    say(*(item.sentence for item in excluded))
