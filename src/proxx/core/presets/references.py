"""What a global preset must refer to: exactly one preset of each category, each of them there."""

from collections import Counter
from collections.abc import Collection

from proxx.core.presets.category import Category
from proxx.core.presets.errors import PresetFault, PresetProblem
from proxx.core.presets.global_preset import GlobalPreset
from proxx.core.quoting import quote


def reference_problems(preset: GlobalPreset) -> list[PresetProblem]:
    """Return each category that stands twice or not at all."""
    counted = Counter(reference.category for reference in preset.presets)
    found = []
    for category in Category:
        ids = [quote(text=item.id) for item in preset.presets if item.category is category]
        if counted[category] > 1:
            rule = f"{category} stands {counted[category]} times"
            found.append(_problem(preset, PresetFault.DUPLICATE_CATEGORY, rule, ", ".join(ids)))
        elif not counted[category]:
            found.append(_problem(preset, PresetFault.MISSING_CATEGORY, f"{category} is missing", ""))
    return found


def absent_references(
    preset: GlobalPreset, *, known: Collection[tuple[Category, str]], unread: Collection[tuple[Category, str]]
) -> list[PresetProblem]:
    """Return each reference to a preset that does not exist. `unread` are those whose own file is at fault already."""
    found = []
    for reference in preset.presets:
        key = (reference.category, reference.id)
        if key in known or key in unread:
            continue
        there = ", ".join(sorted(known_id for category, known_id in known if category is reference.category))
        found.append(
            PresetProblem(
                fault=PresetFault.PRESET_NOT_FOUND,
                file=preset.file,
                key="presets",
                rule=f"there is no {reference.category} preset of this id",
                expected=f"one of {there}" if there else f"a {reference.category} preset, of which there is none",
                actual=quote(text=reference.id),
            )
        )
    return found


def _problem(preset: GlobalPreset, fault: PresetFault, rule: str, actual: str) -> PresetProblem:
    return PresetProblem(
        fault=fault, file=preset.file, key="presets", rule=rule, expected="one preset of each category", actual=actual
    )
