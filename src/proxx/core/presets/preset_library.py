"""The presets that a command knows: referential integrity holds in every library that exists."""

from collections.abc import Collection, Iterable
from typing import TypeVar

from proxx.core.presets.category import GLOBAL, Category, file_name
from proxx.core.presets.category_presets import CategoryPreset
from proxx.core.presets.errors import PresetFault, PresetNotFoundError, PresetProblem, preset_error
from proxx.core.presets.global_preset import GlobalPreset
from proxx.core.presets.references import absent_references, reference_problems
from proxx.core.quoting import quote

OfCategory = TypeVar("OfCategory", bound=CategoryPreset)


class PresetLibrary:
    """Category presets by (category, id) and global presets by id. Immutable: `adding` makes a new one."""

    def __init__(self, presets: Iterable[CategoryPreset | GlobalPreset] = ()) -> None:
        """Take presets in any order.

        Raises:
            PresetValidationError: ids stand twice, or a global preset does not refer to exactly one existing preset of
                each category; every problem is in it. A subclass when all are of one kind.
        """
        taken = tuple(presets)
        if problems := library_problems(presets=taken):
            raise preset_error(problems)
        found = sorted((preset for preset in taken if isinstance(preset, CategoryPreset)), key=_order)
        self._by_key = {(preset.category, preset.id): preset for preset in found}
        recipes = sorted((preset for preset in taken if isinstance(preset, GlobalPreset)), key=lambda item: item.id)
        self._by_id = {preset.id: preset for preset in recipes}

    @property
    def category_presets(self) -> tuple[CategoryPreset, ...]:
        """All category presets, by category in their own order, then by id."""
        return tuple(self._by_key.values())

    @property
    def global_presets(self) -> tuple[GlobalPreset, ...]:
        """All global presets, by id."""
        return tuple(self._by_id.values())

    def adding(self, preset: CategoryPreset | GlobalPreset) -> "PresetLibrary":
        """Return a library that holds `preset` too.

        Raises:
            PresetValidationError: as for a new library.
        """
        return PresetLibrary((*self.category_presets, *self.global_presets, preset))

    def category_preset(self, *, category: Category, preset_id: str) -> CategoryPreset:
        """Return one category preset.

        Raises:
            PresetNotFoundError: there is none; the error names those that there are.
        """
        found = self._by_key.get((category, preset_id))
        if found is None:
            there = [item.id for item in self.category_presets if item.category is category]
            raise _not_found(category, preset_id, there)
        return found

    def global_preset(self, *, preset_id: str) -> GlobalPreset:
        """Return one global preset.

        Raises:
            PresetNotFoundError: there is none; the error names those that there are.
        """
        found = self._by_id.get(preset_id)
        if found is None:
            raise _not_found(GLOBAL, preset_id, list(self._by_id))
        return found

    def part(self, *, preset: GlobalPreset, kind: type[OfCategory]) -> OfCategory:
        """Return the category preset of type `kind` that a global preset of this library refers to.

        Raises:
            PresetNotFoundError: the global preset is not one of this library.
        """
        for reference in preset.presets:
            if reference.category is kind.category:
                found = self.category_preset(category=reference.category, preset_id=reference.id)
                if isinstance(found, kind):
                    return found
        raise _not_found(kind.category, "", [])


def library_problems(
    *, presets: Iterable[CategoryPreset | GlobalPreset], unread: Collection[tuple[Category, str]] = ()
) -> list[PresetProblem]:
    """Return what stands between these presets and a library. `unread` are presets whose own file is at fault."""
    taken = tuple(presets)
    seen: set[str] = set()
    found: list[PresetProblem] = []
    for preset in taken:
        if preset.file in seen:
            found.append(_doubled(preset))
        seen.add(preset.file)
    known = {(preset.category, preset.id) for preset in taken if isinstance(preset, CategoryPreset)}
    for preset in taken:
        if isinstance(preset, GlobalPreset):
            found += reference_problems(preset)
            found += absent_references(preset, known=known, unread=unread)
    return found


def _doubled(preset: CategoryPreset | GlobalPreset) -> PresetProblem:
    kind = preset.category.value if isinstance(preset, CategoryPreset) else GLOBAL
    return PresetProblem(
        fault=PresetFault.DUPLICATE_ID,
        file=preset.file,
        key="id",
        rule=f"there is a {kind} preset of this id already; an id stands for one preset",
        expected="an id that is not taken",
        actual=quote(text=preset.id),
    )


def _not_found(kind: str, preset_id: str, there: list[str]) -> PresetNotFoundError:
    problem = PresetProblem(
        fault=PresetFault.PRESET_NOT_FOUND,
        file=file_name(kind=kind, preset_id=preset_id),
        key="",
        rule=f"there is no {kind} preset of this id",
        expected=f"one of {', '.join(there)}" if there else "",
        actual=quote(text=preset_id),
    )
    return PresetNotFoundError((problem,))


def _order(preset: CategoryPreset) -> tuple[int, str]:
    return list(Category).index(preset.category), preset.id
