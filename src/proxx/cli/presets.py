"""`proxx presets`: the recipes that make a JobSpec of sources."""

from pathlib import Path

import click

from proxx.cli.check import profile_library
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option, profiles_option
from proxx.cli.output import say, show, show_json
from proxx.cli.preset_options import preset_library, presets_option
from proxx.cli.text import plural, table
from proxx.core.plain import to_plain
from proxx.core.presets import (
    GLOBAL,
    Category,
    CategoryPreset,
    GlobalPreset,
    PresetLibrary,
    PresetProblem,
    PresetValidationError,
    agreement_problems,
    preset_digest,
)
from proxx.runtime.preset_files import Preset, load_presets


@click.group("presets")
def command() -> None:
    """List, show and check presets: the shipped ones, and those of a directory."""


@command.command("list")
@click.option("--category", type=click.Choice([GLOBAL, *Category]), help="Only presets of this kind.")
@presets_option
@json_option
def list_presets(category: str | None, presets: Path | None, as_json: bool) -> int:
    """List global presets, then category presets."""
    library = preset_library(presets)
    every: tuple[Preset, ...] = (*library.global_presets, *library.category_presets)
    found = [preset for preset in every if category is None or category == _kind(preset)]
    if as_json:
        show_json({"presets": [_document(preset, library) for preset in found]})
    else:
        rows = ((_kind(preset), preset.id, str(preset.version), preset.description) for preset in found)
        show(*table(headers=("KIND", "ID", "VERSION", "DESCRIPTION"), rows=rows))
    return ExitCode.OK


@command.command("show")
@click.argument("name")
@presets_option
@json_option
def show_preset(name: str, presets: Path | None, as_json: bool) -> int:
    """Show the global preset NAME with everything it refers to, or one category preset as CATEGORY/ID."""
    library = preset_library(presets)
    category, slash, preset_id = name.partition("/")
    try:
        if not slash:
            document = _document(library.global_preset(preset_id=name), library)
        elif category in set(Category):
            document = _document(library.category_preset(category=Category(category), preset_id=preset_id), library)
        else:
            raise click.UsageError(f"{name}: there is no such category; there are {', '.join(Category)}")
    except PresetValidationError as error:
        raise CommandError(*str(error).splitlines(), exit_code=ExitCode.VALIDATION) from error
    if as_json:
        show_json(document)
    else:
        show(*_lines(document))
    return ExitCode.OK


@command.command("check")
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@presets_option
@profiles_option
@json_option
def check_presets(directory: Path | None, presets: Path | None, profiles: Path | None, as_json: bool) -> int:
    """Check every preset file of DIRECTORY (else of --presets), and that each global preset fits the profiles.

    Prints every problem of every file; exit code 1 when there is one.
    """
    place = directory or presets
    problems, count = _problems(place, profiles)
    if as_json:
        show_json(
            {
                "directory": str(place) if place is not None else None,
                "valid": not problems,
                "problems": [{**to_plain(problem), "message": problem.sentence} for problem in problems],
            }
        )
    elif problems:
        say(*(problem.sentence for problem in problems), plural(len(problems), "problem"))
    else:
        show(f"{plural(count, 'preset')}: valid")
    return ExitCode.VALIDATION if problems else ExitCode.OK


def _problems(place: Path | None, profiles: Path | None) -> tuple[tuple[PresetProblem, ...], int]:
    try:
        library = load_presets(directory=place)
    except PresetValidationError as error:
        return error.problems, 0
    known = profile_library(profiles)
    found = (
        problem
        for preset in library.global_presets
        for problem in agreement_problems(preset=preset, library=library, profiles=known)
    )
    return tuple(found), len(library.global_presets) + len(library.category_presets)


def _kind(preset: Preset) -> str:
    return GLOBAL if isinstance(preset, GlobalPreset) else preset.category.value


def _document(preset: Preset, library: PresetLibrary) -> dict[str, object]:
    """Return a preset as JSON values; a global one with its category presets in full."""
    plain: dict[str, object] = to_plain(preset)
    if isinstance(preset, CategoryPreset):
        return {"kind": preset.category.value, **plain, "digest": preset.digest}
    parts = {
        reference.category.value: _document(
            library.category_preset(category=reference.category, preset_id=reference.id), library
        )
        for reference in sorted(preset.presets, key=lambda item: list(Category).index(item.category))
    }
    return {"kind": GLOBAL, **plain, "presets": parts, "digest": preset_digest(preset=preset, library=library)}


def _lines(document: dict[str, object]) -> list[str]:
    lines = []
    for key, value in document.items():
        if isinstance(value, dict):
            for category, part in value.items():
                settings = {name: item for name, item in part.items() if name not in _ABOUT}
                words = ", ".join(f"{name}={_word(item)}" for name, item in settings.items())
                lines.append(f"{category:14} {part['id']}: {words}")
        else:
            lines.append(f"{key:14} {_word(value)}")
    return lines


_ABOUT = ("kind", "id", "version", "description", "digest")


def _word(value: object) -> str:
    if isinstance(value, list):
        return " ".join(str(item) for item in value) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value in (None, "") else str(value)
