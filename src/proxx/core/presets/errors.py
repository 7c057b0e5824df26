"""What is wrong with presets, as data, and the typed errors that carry it (seed 000)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class PresetFault(StrEnum):
    """The kind of a problem. Part of the contract; only grows."""

    INVALID = "INVALID"
    DUPLICATE_ID = "DUPLICATE_ID"
    UNKNOWN_CATEGORY = "UNKNOWN_CATEGORY"
    DUPLICATE_CATEGORY = "DUPLICATE_CATEGORY"
    MISSING_CATEGORY = "MISSING_CATEGORY"
    PRESET_NOT_FOUND = "PRESET_NOT_FOUND"
    PROFILE_NOT_FOUND = "PROFILE_NOT_FOUND"
    PROFILE_MISMATCH = "PROFILE_MISMATCH"
    VARIANT_NOT_FOUND = "VARIANT_NOT_FOUND"
    SOURCE_REPEATED = "SOURCE_REPEATED"
    SIZE_UNKNOWN = "SIZE_UNKNOWN"
    NOTHING_LEFT = "NOTHING_LEFT"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetProblem:
    """One broken rule: the file and the key where it stands (either may be empty), what was expected and found."""

    fault: PresetFault
    file: str
    key: str
    rule: str
    expected: str = ""
    actual: str = ""

    @property
    def sentence(self) -> str:
        """The problem as one line."""
        where = "".join(f"{part}: " for part in (self.file, self.key) if part)
        facts = (f"expected {self.expected}" if self.expected else "", f"got {self.actual}" if self.actual else "")
        said = ", ".join(fact for fact in facts if fact)
        return f"{where}{self.rule}" + (f"; {said}" if said else "")


class PresetValidationError(ValueError):
    """Presets were refused; `problems` holds every broken rule of every file at once."""

    def __init__(self, problems: Sequence[PresetProblem]) -> None:
        """Keep the problems; the text of the error is their sentences, one a line."""
        super().__init__("\n".join(problem.sentence for problem in problems))
        self.problems = tuple(problems)


class UnknownCategoryError(PresetValidationError):
    """A preset names a category that does not exist."""


class DuplicateCategoryError(PresetValidationError):
    """A global preset refers to two presets of one category."""


class MissingCategoryError(PresetValidationError):
    """A global preset refers to no preset of some category."""


class PresetNotFoundError(PresetValidationError):
    """A preset that is referred to or asked for does not exist."""


class PresetCompileError(PresetValidationError):
    """A sound preset cannot become a job with these profiles and sources."""


_BY_FAULT: dict[PresetFault, type[PresetValidationError]] = {
    PresetFault.UNKNOWN_CATEGORY: UnknownCategoryError,
    PresetFault.DUPLICATE_CATEGORY: DuplicateCategoryError,
    PresetFault.MISSING_CATEGORY: MissingCategoryError,
    PresetFault.PRESET_NOT_FOUND: PresetNotFoundError,
}


def preset_error(problems: Iterable[PresetProblem]) -> PresetValidationError:
    """Return the error for these problems: the typed one when all are of one kind, else PresetValidationError."""
    found = tuple(problems)
    faults = {problem.fault for problem in found}
    kind = _BY_FAULT.get(faults.pop(), PresetValidationError) if len(faults) == 1 else PresetValidationError
    return kind(found)
