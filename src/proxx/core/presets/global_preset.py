"""A global preset: one reference for each category, and no configuration of its own."""

from dataclasses import dataclass

from proxx.core.canonical import digest
from proxx.core.plain import to_plain
from proxx.core.presets.category import GLOBAL, Category, file_name


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetReference:
    """One category preset, by category and id."""

    category: Category
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalPreset:
    """A recipe. A PresetLibrary takes it only when its references are exactly one for each category, and exist."""

    id: str
    version: int
    description: str
    presets: tuple[PresetReference, ...]

    @property
    def file(self) -> str:
        """The name of its file."""
        return file_name(kind=GLOBAL, preset_id=self.id)

    @property
    def digest(self) -> str:
        """The digest over its own fields; the category presets have their own."""
        return digest({"kind": GLOBAL, **to_plain(self)})
