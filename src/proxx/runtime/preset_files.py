"""Where presets come from: the files of this package, and a site's own directory."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from proxx.core.presets import (
    Category,
    CategoryPreset,
    GlobalPreset,
    PresetFault,
    PresetLibrary,
    PresetProblem,
    PresetValidationError,
    library_problems,
    preset_error,
    read_preset,
)
from proxx.core.presets.category import SUFFIX

Preset = CategoryPreset | GlobalPreset


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The sound presets of some files, the names of the others, and what is wrong with those."""

    presets: tuple[Preset, ...]
    broken: tuple[str, ...]
    problems: tuple[PresetProblem, ...]


def builtin_presets() -> PresetLibrary:
    """Return the presets that Proxx ships.

    Raises:
        PresetValidationError: a shipped file is broken, which only a damaged installation explains.
    """
    return load_presets(directory=None)


def load_presets(*, directory: Path | None) -> PresetLibrary:
    """Return the shipped presets and those of a site: every `*.toml` file of `directory`, not below it.

    Raises:
        PresetValidationError: the directory cannot be read, a file is broken, is not named after its preset, takes an
            id that is already in use, or refers to what does not exist. All problems of all files are in it.
    """
    shipped = _builtin()
    site = _site(directory) if directory is not None else _Read(presets=(), broken=(), problems=())
    presets = (*shipped.presets, *site.presets)
    problems = [*shipped.problems, *site.problems]
    problems += library_problems(presets=presets, unread=_keys((*shipped.broken, *site.broken)))
    if problems:
        raise preset_error(problems)
    return PresetLibrary(presets)


@cache
def _builtin() -> _Read:
    files = (entry for entry in resources.files("proxx.presets").iterdir() if entry.name.endswith(SUFFIX))
    return _read([(entry.name, entry.read_bytes()) for entry in sorted(files, key=lambda entry: entry.name)])


def _site(directory: Path) -> _Read:
    try:
        paths = sorted(path for path in directory.iterdir() if path.name.endswith(SUFFIX))
        return _read([(path.name, path.read_bytes()) for path in paths])
    except OSError as error:
        rule = f"the preset directory cannot be read: {error.strerror or error}"
        problem = PresetProblem(fault=PresetFault.INVALID, file=str(directory), key="", rule=rule)
        return _Read(presets=(), broken=(), problems=(problem,))


def _read(files: list[tuple[str, bytes]]) -> _Read:
    presets: list[Preset] = []
    broken: list[str] = []
    problems: list[PresetProblem] = []
    for name, data in files:
        try:
            presets.append(read_preset(text=data.decode("utf-8"), file=name))
        except UnicodeDecodeError as error:
            rule = f"not UTF-8 at byte {error.start}; TOML is UTF-8"
            problems.append(PresetProblem(fault=PresetFault.INVALID, file=name, key="", rule=rule))
            broken.append(name)
        except PresetValidationError as error:
            problems += error.problems
            broken.append(name)
    return _Read(presets=tuple(presets), broken=tuple(broken), problems=tuple(problems))


def _keys(names: tuple[str, ...]) -> frozenset[tuple[Category, str]]:
    """Return what the names of broken files say that they hold: a reference to one of them is not at fault."""
    found = set()
    for name in names:
        kind, _, preset_id = name.removesuffix(SUFFIX).partition(".")
        if kind.upper() in set(Category):
            found.add((Category(kind.upper()), preset_id))
    return frozenset(found)
