"""The keys of each category, and how they are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from proxx.core.jobs import CollisionPolicy, FailurePolicy, ReusePolicy
from proxx.core.jobspec.fps_mode import FpsMode
from proxx.core.media_table import CODEC_CONTAINERS, CODECS, CONTAINERS, RESOLUTION_RULE, resolution_is_legal
from proxx.core.naming import template_violations
from proxx.core.presets.category import Category
from proxx.core.presets.category_presets import (
    CategoryPreset,
    CodecPreset,
    DuplicatesPreset,
    ExclusionsPreset,
    FolderOutputPreset,
    NamingPreset,
    QueuePreset,
    RepeatedSources,
    ReportingPreset,
    ScalingPreset,
    WatermarkPreset,
)
from proxx.core.presets.subfolder import subfolder_faults
from proxx.core.presets.table_reader import TableReader
from proxx.core.quoting import describe, quote
from proxx.core.rate import RATE_TABLE, rate_table_text
from proxx.core.reports.formats import ReportFormat

PRIORITY_LIMIT = 100
PARALLEL_LIMIT = 64
_MAX_SIZE = 2**63 - 1
_MAX_PATTERN = 255

Common = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldReader:
    """How one category is read: its type, its required keys, and the function that reads them."""

    preset: type[CategoryPreset]
    required: tuple[str, ...]
    read: Callable[[TableReader, Common], CategoryPreset]


def _codec(reader: TableReader, common: Common) -> CodecPreset:
    codec = reader.word("codec", CODECS)
    mode = reader.word("fps_mode", FpsMode)
    return CodecPreset(
        **common,
        profile=reader.name("profile"),
        codec=codec,
        container=reader.word("container", CODEC_CONTAINERS.get(codec, CONTAINERS)),
        fps_mode=FpsMode(mode) if mode else FpsMode.SAME_AS_SOURCE,
        fps_explicit=_fps_explicit(reader, mode),
    )


def _fps_explicit(reader: TableReader, mode: str) -> float | None:
    """A rate stands exactly when the mode is explicit; TOML's 25 and 25.0 are one number, as in JSON."""
    key = "fps_explicit"
    value = reader.table.get(key)
    if key not in reader.table:
        if mode == FpsMode.EXPLICIT:
            reader.problem(key, "required with fps_mode explicit", expected=f"one of {rate_table_text()}")
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        reader.problem(key, "wrong type", expected="a number", actual=describe(value=value))
        return None
    if mode == FpsMode.SAME_AS_SOURCE:
        reader.problem(key, "goes with fps_mode explicit only", actual=f"{value!r:.40}")
    if value not in RATE_TABLE:
        reader.problem(key, "not a known frame rate", expected=f"one of {rate_table_text()}", actual=f"{value!r:.40}")
        return None
    return float(value)


def _scaling(reader: TableReader, common: Common) -> ScalingPreset:
    word = reader.text("resolution")
    if word and not resolution_is_legal(resolution=word):
        reader.problem("resolution", "not a resolution", expected=RESOLUTION_RULE, actual=quote(text=word))
    return ScalingPreset(**common, resolution=word)


def _watermark(reader: TableReader, common: Common) -> WatermarkPreset:
    return WatermarkPreset(**common, variant=reader.name("variant"))


def _naming(reader: TableReader, common: Common) -> NamingPreset:
    template = reader.text("template")
    if template:
        for violation in template_violations(template=template, source_count=1, field="template"):
            reader.problem("template", violation.message)
    return NamingPreset(**common, template=template)


def _folder_output(reader: TableReader, common: Common) -> FolderOutputPreset:
    subfolder = reader.text("subfolder", empty=True)
    for fault in subfolder_faults(subfolder):
        reader.problem("subfolder", fault, actual=quote(text=subfolder))
    return FolderOutputPreset(**common, subfolder=subfolder, create=reader.flag("create"))


def _exclusions(reader: TableReader, common: Common) -> ExclusionsPreset:
    patterns = reader.texts("patterns")
    for pattern in patterns:
        if "/" in pattern or len(pattern) > _MAX_PATTERN:
            expected = f"a glob over a file name, at most {_MAX_PATTERN} characters, no slash"
            reader.problem("patterns", "not a pattern", expected=expected, actual=quote(text=pattern))
    extensions = reader.texts("extensions")
    for extension in extensions:
        if extension != extension.casefold() or any(mark in extension for mark in "./*?["):
            expected = "an extension in lower case, without its dot"
            reader.problem("extensions", "not an extension", expected=expected, actual=quote(text=extension))
    return ExclusionsPreset(
        **common,
        patterns=patterns,
        extensions=extensions,
        hidden_files=reader.flag("hidden_files"),
        smaller_than_bytes=reader.count("smaller_than_bytes", least=0, most=_MAX_SIZE),
    )


def _duplicates(reader: TableReader, common: Common) -> DuplicatesPreset:
    collision = reader.word("collision_policy", CollisionPolicy)
    reuse = reader.word("reuse", ReusePolicy)
    repeated = reader.word("repeated_sources", RepeatedSources)
    return DuplicatesPreset(
        **common,
        collision_policy=CollisionPolicy(collision or CollisionPolicy.FAIL),
        reuse=ReusePolicy(reuse or ReusePolicy.NEVER),
        repeated_sources=RepeatedSources(repeated or RepeatedSources.REFUSE),
    )


def _queue(reader: TableReader, common: Common) -> QueuePreset:
    policy = reader.word("failure_policy", FailurePolicy)
    return QueuePreset(
        **common,
        queue=reader.name("queue"),
        priority=reader.count("priority", least=-PRIORITY_LIMIT, most=PRIORITY_LIMIT),
        failure_policy=FailurePolicy(policy or FailurePolicy.FAIL_FAST),
        max_parallel_clips=reader.count("max_parallel_clips", least=1, most=PARALLEL_LIMIT),
        hold=reader.flag("hold"),
    )


def _reporting(reader: TableReader, common: Common) -> ReportingPreset:
    enabled = reader.flag("enabled")
    words = reader.texts("formats")
    for word in words:
        if word not in set(ReportFormat):
            expected = f"words of {', '.join(ReportFormat)}"
            reader.problem("formats", "unknown word", expected=expected, actual=quote(text=word))
    if enabled and not words and "formats" in reader.table:
        reader.problem("formats", "must not be empty when enabled is true")
    formats = tuple(item for item in ReportFormat if item in words)
    return ReportingPreset(**common, enabled=enabled, formats=formats)


def _reader(
    preset: type[CategoryPreset], read: Callable[[TableReader, Common], CategoryPreset], *required: str
) -> FieldReader:
    return FieldReader(preset=preset, required=required, read=read)


FIELD_READERS: Mapping[Category, FieldReader] = MappingProxyType(
    {
        Category.CODEC: _reader(CodecPreset, _codec, "profile", "codec", "container", "fps_mode"),
        Category.SCALING: _reader(ScalingPreset, _scaling, "resolution"),
        Category.WATERMARK: _reader(WatermarkPreset, _watermark, "variant"),
        Category.NAMING: _reader(NamingPreset, _naming, "template"),
        Category.FOLDER_OUTPUT: _reader(FolderOutputPreset, _folder_output, "subfolder", "create"),
        Category.EXCLUSIONS: _reader(
            ExclusionsPreset, _exclusions, "patterns", "extensions", "hidden_files", "smaller_than_bytes"
        ),
        Category.DUPLICATES: _reader(DuplicatesPreset, _duplicates, "collision_policy", "reuse", "repeated_sources"),
        Category.QUEUE: _reader(
            QueuePreset, _queue, "queue", "priority", "failure_policy", "max_parallel_clips", "hold"
        ),
        Category.REPORTING: _reader(ReportingPreset, _reporting, "enabled", "formats"),
    }
)
"""Every category. `fps_explicit` of CODEC is the one key that may be absent."""
