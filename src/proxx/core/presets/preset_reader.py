"""Preset files, strictly read: every unknown, missing or wrong key is named, nothing is coerced or defaulted."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType

from proxx.core.presets.category import GLOBAL, Category, file_name
from proxx.core.presets.category_fields import FIELD_READERS
from proxx.core.presets.category_presets import CategoryPreset
from proxx.core.presets.errors import PresetFault, PresetProblem, preset_error
from proxx.core.presets.global_preset import GlobalPreset, PresetReference
from proxx.core.presets.references import reference_problems
from proxx.core.presets.table_reader import TableReader
from proxx.core.quoting import describe, quote

COMMON_KEYS = ("kind", "id", "version", "description")
"""What every preset file has."""

_NO_REFERENCE = "a category preset refers to no other preset, so no preset can contain itself"
_REFERENCES_ONLY = "a global preset refers to category presets only, so no preset can contain itself"


def read_preset(*, text: str, file: str) -> CategoryPreset | GlobalPreset:
    """Return the preset that a TOML text holds. `file` is the name of its file, which follows from kind and id.

    Raises:
        PresetValidationError: the text is not TOML, or keys are unknown, missing, of the wrong type or of an illegal
            value, or the file has another name; everything that is wrong is in it. A subclass when all of it is of
            one kind.
    """
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise preset_error(
            [PresetProblem(fault=PresetFault.INVALID, file=file, key="", rule=f"not TOML: {error}")]
        ) from error
    reader = TableReader(file=file, table=table)
    preset = _preset(reader)
    if preset is None or reader.problems:
        raise preset_error(reader.problems)
    return preset


def _preset(reader: TableReader) -> CategoryPreset | GlobalPreset | None:
    kind = reader.table.get("kind")
    if kind == GLOBAL:
        preset: CategoryPreset | GlobalPreset = _global(reader)
    elif isinstance(kind, str) and kind in set(Category):
        preset = _category(reader, Category(kind))
    else:
        _no_kind(reader)
        return None
    expected = file_name(kind=str(kind), preset_id=preset.id)
    if preset.id and reader.file != expected:
        reader.problem("id", "the file is not named after its preset", expected=expected, actual=reader.file)
    return preset


def _no_kind(reader: TableReader) -> None:
    kinds = ", ".join((GLOBAL, *Category))
    if "kind" not in reader.table:
        reader.problem("kind", "required key is missing", expected=f"one of {kinds}")
        return
    value = reader.table["kind"]
    actual = quote(text=value) if isinstance(value, str) else describe(value=value)
    reader.problem(
        "kind", "unknown category", expected=f"one of {kinds}", actual=actual, fault=PresetFault.UNKNOWN_CATEGORY
    )


def _category(reader: TableReader, category: Category) -> CategoryPreset:
    own = FIELD_READERS[category]
    legal = {*COMMON_KEYS, *(field.name for field in fields(own.preset))}
    for key in sorted(set(reader.table) - legal):
        reader.problem(key, _category_rule(key, category))
    reader.missing(key for key in (*COMMON_KEYS, *own.required))
    common = {"id": reader.id("id"), "version": reader.count("version", least=1)}
    return own.read(reader, {**common, "description": reader.text("description")})


def _category_rule(key: str, category: Category) -> str:
    if key in ("preset", "presets", "extends", "include", "inherits", "parent"):
        return f"unknown key; {_NO_REFERENCE}"
    owner = _OWNERS.get(key)
    if owner is not None:
        return f"unknown key for {category}; it belongs to {owner}"
    return f"unknown key for {category}"


def _owners() -> Mapping[str, Category]:
    return MappingProxyType(
        {
            field.name: category
            for category, own in FIELD_READERS.items()
            for field in fields(own.preset)
            if field.name not in COMMON_KEYS
        }
    )


_OWNERS = _owners()


def _global(reader: TableReader) -> GlobalPreset:
    for key in sorted(set(reader.table) - {*COMMON_KEYS, "presets"}):
        owner = _OWNERS.get(key)
        where = f"; it belongs into a {owner} preset" if owner is not None else ""
        reader.problem(key, f"unknown key: a global preset holds references and no configuration{where}")
    reader.missing((*COMMON_KEYS, "presets"))
    preset = GlobalPreset(
        id=reader.id("id"),
        version=reader.count("version", least=1),
        description=reader.text("description"),
        presets=_references(reader),
    )
    if "presets" in reader.table and not reader.problems:
        reader.problems += reference_problems(preset)
    return preset


def _references(reader: TableReader) -> tuple[PresetReference, ...]:
    value = reader.table.get("presets")
    if "presets" not in reader.table:
        return ()
    if not isinstance(value, list):
        reader.problem("presets", "wrong type", expected="a list of references", actual=describe(value=value))
        return ()
    found = []
    for number, item in enumerate(value):
        if not isinstance(item, Mapping):
            expected = '{ category = "CODEC", id = "…" }'
            reader.problem("presets", f"wrong type at {number}", expected=expected, actual=describe(value=item))
            continue
        inner = TableReader(file=reader.file, table=item, prefix=f"presets[{number}].", problems=reader.problems)
        reference = _reference(inner)
        found += [reference] if reference is not None else []
    return tuple(found)


def _reference(inner: TableReader) -> PresetReference | None:
    for key in sorted(set(inner.table) - {"category", "id"}):
        inner.problem(key, "unknown key: a reference holds a category and an id, no configuration")
    inner.missing(("category", "id"))
    word = inner.text("category")
    preset_id = inner.id("id")
    if word in set(Category):
        return PresetReference(category=Category(word), id=preset_id)
    if word:
        rule = _REFERENCES_ONLY if word == GLOBAL else "unknown category"
        expected = f"one of {', '.join(Category)}"
        inner.problem("category", rule, expected=expected, actual=quote(text=word), fault=PresetFault.UNKNOWN_CATEGORY)
    return None
