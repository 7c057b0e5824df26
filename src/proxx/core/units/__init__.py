"""Clips of several files: recognised by names alone, and named as one source (docs/SOURCES.md)."""

from proxx.core.units.clip_unit import ClipUnit
from proxx.core.units.files_text import files_text
from proxx.core.units.media_files import MOST_PARTS, media_count, media_files, part_runs
from proxx.core.units.names import clip_name, may_be_part
from proxx.core.units.recognise import recognise
from proxx.core.units.unit_kind import UnitKind

__all__ = [
    "MOST_PARTS",
    "ClipUnit",
    "UnitKind",
    "clip_name",
    "files_text",
    "may_be_part",
    "media_count",
    "media_files",
    "part_runs",
    "recognise",
]
