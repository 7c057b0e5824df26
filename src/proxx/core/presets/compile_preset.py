"""A global preset and sources become a JobSpec with submission options: pure, the same every time."""

from collections.abc import Sequence

from proxx.core.canonical import digest
from proxx.core.client_path import join_client_path
from proxx.core.jobs import SubmissionOptions
from proxx.core.presets.agreement import agreement_problems, chosen_profile, preset_spec
from proxx.core.presets.category_presets import (
    DuplicatesPreset,
    ExclusionsPreset,
    FolderOutputPreset,
    QueuePreset,
    ReportingPreset,
)
from proxx.core.presets.compiled import CompiledPreset
from proxx.core.presets.errors import PresetCompileError, PresetFault, PresetProblem
from proxx.core.presets.global_preset import GlobalPreset
from proxx.core.presets.nothing_left import NothingLeftError
from proxx.core.presets.preset_library import PresetLibrary
from proxx.core.presets.selection import Selection, SourceFile, select_sources
from proxx.core.presets.subfolder import render_subfolder, subfolder_tokens
from proxx.core.profile_library import ProfileLibrary
from proxx.core.reports.formats import ReportFormat
from proxx.core.reports.result_reader import PRESET_LABEL

LABEL = PRESET_LABEL
"""The label of a job that holds its global preset's id; labels below it hold digests and the category presets."""

REPORTS_LABEL = "proxx.reports"
"""The label that holds the report formats that the job's preset asks for, separated by commas."""


def compile_preset(
    *,
    preset_id: str,
    library: PresetLibrary,
    profiles: ProfileLibrary,
    sources: Sequence[SourceFile],
    base_directory: str,
    job_id: str,
    created_at: str,
) -> CompiledPreset:
    """Return what the global preset makes of the sources.

    `base_directory` is absolute. `job_id` and `created_at` (ISO 8601 with offset) stand in the JobSpec only when the
    folder of FOLDER_OUTPUT is named after them; else the server assigns both, and equal calls give an equal JobSpec.
    Rules that concern single sources (names that collide, for example) are left to the check of the JobSpec.

    Raises:
        PresetNotFoundError: there is no such global preset.
        NothingLeftError: every source was left out; the error holds them.
        PresetCompileError: the profiles do not fit the preset, or a source is refused; every problem is in it.
        ValueError: created_at is no ISO 8601 time with offset.
    """
    preset = library.global_preset(preset_id=preset_id)
    problems = list(agreement_problems(preset=preset, library=library, profiles=profiles))
    selection = _selected(preset, library, sources, problems)
    profile = chosen_profile(preset=preset, library=library, profiles=profiles)
    if problems or isinstance(profile, PresetProblem):
        raise PresetCompileError(problems)
    if not selection.kept:
        raise NothingLeftError(_nothing_left(preset, library, len(sources)), excluded=selection.excluded)
    folder = library.part(preset=preset, kind=FolderOutputPreset)
    named = bool(subfolder_tokens(folder.subfolder))
    subfolder = render_subfolder(template=folder.subfolder, job_id=job_id, created_at=created_at)
    reports = _reports(preset, library)
    return CompiledPreset(
        spec=preset_spec(
            preset=preset,
            library=library,
            profile=profile,
            sources=selection.kept,
            output_directory=_below(base_directory, subfolder),
            job_id=job_id if named else None,
            created_at=created_at if named else None,
        ),
        options=_options(preset, library, reports),
        reports=reports,
        excluded=selection.excluded,
    )


def preset_digest(*, preset: GlobalPreset, library: PresetLibrary) -> str:
    """Return the digest over a global preset and everything that it refers to.

    Raises:
        PresetNotFoundError: a reference is not in the library.
    """
    parts = {
        reference.category.value: library.category_preset(category=reference.category, preset_id=reference.id).digest
        for reference in preset.presets
    }
    return digest({"global": preset.digest, "presets": parts})


def _selected(
    preset: GlobalPreset, library: PresetLibrary, sources: Sequence[SourceFile], problems: list[PresetProblem]
) -> Selection:
    try:
        return select_sources(
            exclusions=library.part(preset=preset, kind=ExclusionsPreset),
            duplicates=library.part(preset=preset, kind=DuplicatesPreset),
            sources=sources,
        )
    except PresetCompileError as error:
        problems += error.problems
        return Selection(kept=(), excluded=())


def _nothing_left(preset: GlobalPreset, library: PresetLibrary, count: int) -> PresetProblem:
    exclusions = library.part(preset=preset, kind=ExclusionsPreset)
    return PresetProblem(
        fault=PresetFault.NOTHING_LEFT,
        file=exclusions.file,
        key="",
        rule="no source is left" if count else "no source was given",
        expected="at least one source that no rule leaves out",
        actual=f"{count} given, 0 left",
    )


def _below(base: str, subfolder: str) -> str:
    return join_client_path(directory=base, name=subfolder) if subfolder else base


def _reports(preset: GlobalPreset, library: PresetLibrary) -> tuple[ReportFormat, ...]:
    reporting = library.part(preset=preset, kind=ReportingPreset)
    return reporting.formats if reporting.enabled else ()


def _options(preset: GlobalPreset, library: PresetLibrary, reports: tuple[ReportFormat, ...]) -> SubmissionOptions:
    queue = library.part(preset=preset, kind=QueuePreset)
    duplicates = library.part(preset=preset, kind=DuplicatesPreset)
    return SubmissionOptions(
        priority=queue.priority,
        queue=queue.queue,
        failure_policy=queue.failure_policy,
        max_parallel_clips=queue.max_parallel_clips,
        hold=queue.hold,
        collision_policy=duplicates.collision_policy,
        reuse=duplicates.reuse,
        labels=_labels(preset, library, reports),
        create_output_directory=library.part(preset=preset, kind=FolderOutputPreset).create,
    )


def _labels(preset: GlobalPreset, library: PresetLibrary, reports: tuple[ReportFormat, ...]) -> dict[str, str]:
    parts = {}
    for reference in preset.presets:
        part = library.category_preset(category=reference.category, preset_id=reference.id)
        parts[f"{LABEL}.{reference.category.lower()}"] = f"{part.id} {part.version} {part.digest}"
    return {
        LABEL: preset.id,
        f"{LABEL}.version": str(preset.version),
        f"{LABEL}.digest": preset_digest(preset=preset, library=library),
        **dict(sorted(parts.items())),
        REPORTS_LABEL: ",".join(reports),
    }
