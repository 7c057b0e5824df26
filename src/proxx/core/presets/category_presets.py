"""The category presets: pure data, one concern each, none knows another."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from proxx.core.canonical import digest
from proxx.core.jobs import CollisionPolicy, FailurePolicy, ReusePolicy
from proxx.core.jobspec.fps_mode import FpsMode
from proxx.core.plain import to_plain
from proxx.core.presets.category import Category, file_name
from proxx.core.reports.formats import ReportFormat

NO_WATERMARK = "none"
"""What a WATERMARK preset says when the profile of the CODEC preset is to be taken as it is."""


class RepeatedSources(StrEnum):
    """What happens when one source is listed twice."""

    REFUSE = "REFUSE"
    KEEP_FIRST = "KEEP_FIRST"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPreset:
    """What every category preset has. `version` grows with each change; ids are unique within a category."""

    category: ClassVar[Category]
    id: str
    version: int
    description: str

    @property
    def file(self) -> str:
        """The name of its file."""
        return file_name(kind=self.category, preset_id=self.id)

    @property
    def digest(self) -> str:
        """The digest over category and every field."""
        return digest({"kind": self.category.value, **to_plain(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecPreset(CategoryPreset):
    """Which profile makes the proxy, in which container, at which rate (`fps_explicit` in frames a second)."""

    category: ClassVar[Category] = Category.CODEC
    profile: str
    codec: str
    container: str
    fps_mode: FpsMode
    fps_explicit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingPreset(CategoryPreset):
    """The raster: a directive or WIDTHxHEIGHT that the profile permits."""

    category: ClassVar[Category] = Category.SCALING
    resolution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatermarkPreset(CategoryPreset):
    """The look: `none`, or the word of a variant of the CODEC preset's profile."""

    category: ClassVar[Category] = Category.WATERMARK
    variant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingPreset(CategoryPreset):
    """How proxies are named: a naming template of the JobSpec."""

    category: ClassVar[Category] = Category.NAMING
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderOutputPreset(CategoryPreset):
    """Where below the base directory proxies go (empty: into it), and whether an executor may make the folder."""

    category: ClassVar[Category] = Category.FOLDER_OUTPUT
    subfolder: str
    create: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionsPreset(CategoryPreset):
    """Which sources are left out, by their names and sizes alone. Letter case does not count.

    `patterns` are globs over the file name; `extensions` have no dot; `smaller_than_bytes` is 0 for no limit.
    """

    category: ClassVar[Category] = Category.EXCLUSIONS
    patterns: tuple[str, ...]
    extensions: tuple[str, ...]
    hidden_files: bool
    smaller_than_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatesPreset(CategoryPreset):
    """What happens when an output exists, and when a source is listed twice."""

    category: ClassVar[Category] = Category.DUPLICATES
    collision_policy: CollisionPolicy
    reuse: ReusePolicy
    repeated_sources: RepeatedSources


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePreset(CategoryPreset):
    """How the job is scheduled."""

    category: ClassVar[Category] = Category.QUEUE
    queue: str
    priority: int
    failure_policy: FailurePolicy
    max_parallel_clips: int
    hold: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingPreset(CategoryPreset):
    """Which reports are written when the job has ended."""

    category: ClassVar[Category] = Category.REPORTING
    enabled: bool
    formats: tuple[ReportFormat, ...]
