"""The JobSpec of one ready clip: what the bound preset makes of it, and nothing that a name suggests."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from proxx.core.jobs import FailurePolicy, SubmissionOptions
from proxx.core.presets.compile_preset import compile_preset
from proxx.core.presets.errors import PresetCompileError, PresetNotFoundError
from proxx.core.presets.nothing_left import NothingLeftError
from proxx.core.presets.preset_library import PresetLibrary
from proxx.core.presets.selection import SourceFile
from proxx.core.profile_library import ProfileLibrary

FOLDER_LABEL = "watch.folder"
PATH_LABEL = "watch.path"
EVIDENCE_LABEL = "watch.evidence"

_JOB_ID_CHARACTERS = 8
_LABEL_CHARACTERS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyClip:
    """A clip that may become a job: the absolute path of the file that stands for it, its size, what it is known by.

    `shown_path` is its path below the folder, printable; `evidence` what its readiness relied on; `labels` those
    that the folder gives its jobs.
    """

    source: str
    size: int
    request_id: str
    folder: str
    shown_path: str
    evidence: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaJob:
    """What is submitted for one clip."""

    spec_json: str
    options: SubmissionOptions
    output_directory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoJob:
    """Why a preset makes no job of a clip. `left_out` says that a rule of the preset leaves it out, as it is meant."""

    reason: str
    left_out: bool


def media_job(
    *,
    clip: ReadyClip,
    preset: str,
    library: PresetLibrary,
    profiles: ProfileLibrary,
    base_directory: str,
    created_at: str,
) -> MediaJob | NoJob:
    """Return the job of one clip: held, CONTINUE, one source. Equal calls give equal texts.

    `created_at` stands in the JobSpec only where the preset names its output folder after it; otherwise the server
    assigns it. The job_id follows from the request_id.
    """
    try:
        compiled = compile_preset(
            preset_id=preset,
            library=library,
            profiles=profiles,
            sources=(SourceFile(path=clip.source, size_bytes=clip.size),),
            base_directory=base_directory,
            job_id=job_id_of(request_id=clip.request_id),
            created_at=created_at,
        )
    except NothingLeftError as error:
        rules = "; ".join(f"{item.rule} ({item.file}: {item.key})" for item in error.excluded)
        return NoJob(reason=rules, left_out=True)
    except (PresetNotFoundError, PresetCompileError) as error:
        return NoJob(reason=str(error), left_out=False)
    spec = replace(compiled.spec, job_id=job_id_of(request_id=clip.request_id))
    labels = {**clip.labels, **compiled.options.labels, **_labels(clip)}
    return MediaJob(
        spec_json=spec.to_json(),
        options=replace(compiled.options, hold=True, failure_policy=FailurePolicy.CONTINUE, labels=labels),
        output_directory=spec.output_directory,
    )


def job_id_of(*, request_id: str) -> str:
    """Return the job_id that a submission has: eight hex characters that follow from its request_id."""
    return hashlib.sha256(request_id.encode()).hexdigest()[:_JOB_ID_CHARACTERS]


def start_request_id(*, request_id: str) -> str:
    """Return the request_id of the one start that the watcher may ask for the job of a submission."""
    return f"watch-start-{hashlib.sha256(request_id.encode()).hexdigest()[:40]}"


def _labels(clip: ReadyClip) -> Mapping[str, str]:
    return {
        FOLDER_LABEL: clip.folder,
        PATH_LABEL: clip.shown_path[:_LABEL_CHARACTERS],
        EVIDENCE_LABEL: clip.evidence[:_LABEL_CHARACTERS],
    }
