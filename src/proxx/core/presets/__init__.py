"""Presets: one concern each in nine categories, and global presets that compile to a JobSpec and options."""

from proxx.core.presets.agreement import agreement_problems
from proxx.core.presets.category import GLOBAL, Category
from proxx.core.presets.category_presets import CategoryPreset, ExclusionsPreset
from proxx.core.presets.compile_preset import LABEL, REPORTS_LABEL, compile_preset, preset_digest
from proxx.core.presets.compiled import CompiledPreset
from proxx.core.presets.errors import (
    DuplicateCategoryError,
    MissingCategoryError,
    PresetCompileError,
    PresetFault,
    PresetNotFoundError,
    PresetProblem,
    PresetValidationError,
    UnknownCategoryError,
    preset_error,
)
from proxx.core.presets.global_preset import GlobalPreset, PresetReference
from proxx.core.presets.nothing_left import NothingLeftError
from proxx.core.presets.preset_library import PresetLibrary, library_problems
from proxx.core.presets.preset_reader import read_preset
from proxx.core.presets.selection import ExcludedSource, SourceFile

__all__ = [
    "GLOBAL",
    "LABEL",
    "REPORTS_LABEL",
    "Category",
    "CategoryPreset",
    "CompiledPreset",
    "DuplicateCategoryError",
    "ExcludedSource",
    "ExclusionsPreset",
    "GlobalPreset",
    "MissingCategoryError",
    "NothingLeftError",
    "PresetCompileError",
    "PresetFault",
    "PresetLibrary",
    "PresetNotFoundError",
    "PresetProblem",
    "PresetReference",
    "PresetValidationError",
    "SourceFile",
    "UnknownCategoryError",
    "agreement_problems",
    "compile_preset",
    "library_problems",
    "preset_digest",
    "preset_error",
    "read_preset",
]
