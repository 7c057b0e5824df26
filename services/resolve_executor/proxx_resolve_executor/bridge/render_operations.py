"""Operations of the child on render settings, presets and the queue of the open project."""

from proxx_resolve_executor.bridge.api import INDIVIDUAL_CLIPS, SINGLE_CLIP
from proxx_resolve_executor.bridge.session import Session
from proxx_resolve_executor.bridge.values import entries, names, outcome, plain, text_fields, text_or_none

PRESET_NAME_KEYS = ("RenderPresetName", "PresetName", "Name", "name")


def formats(session: Session) -> object:
    """Answer with the identifiers of the formats."""
    project = session.project()
    found = session.recorder.call("Project.GetRenderFormats", project.GetRenderFormats)
    return sorted(text_fields(found or {}).values())


def codecs(session: Session, *, format_id: str) -> object:
    """Answer with the identifiers of a format's codecs; none for a format that has none."""
    project = session.project()
    found = session.recorder.call("Project.GetRenderCodecs", project.GetRenderCodecs, format_id)
    return sorted(text_fields(found or {}).values())


def presets(session: Session) -> object:
    """Answer with the names of the render presets."""
    project = session.project()
    found = session.recorder.call("Project.GetRenderPresetList", project.GetRenderPresetList)
    return names(found, keys=PRESET_NAME_KEYS)


def import_preset(session: Session, *, path: str) -> object:
    """Install a render preset from its file; answer with the outcome."""
    resolve = session.resolve()
    return outcome(session.recorder.call("Resolve.ImportRenderPreset", resolve.ImportRenderPreset, path))


def export_preset(session: Session, *, name: str, path: str) -> object:
    """Write a render preset to a file; answer with the outcome."""
    resolve = session.resolve()
    return outcome(session.recorder.call("Resolve.ExportRenderPreset", resolve.ExportRenderPreset, name, path))


def delete_preset(session: Session, *, name: str) -> object:
    """Forget a render preset; answer with the outcome."""
    project = session.project()
    return outcome(session.recorder.call("Project.DeleteRenderPreset", project.DeleteRenderPreset, name))


def load_preset(session: Session, *, name: str) -> object:
    """Make a render preset the present state; answer with the outcome."""
    project = session.project()
    return outcome(session.recorder.call("Project.LoadRenderPreset", project.LoadRenderPreset, name))


def choose_codec(session: Session, *, format_id: str, codec_id: str) -> object:
    """Choose format and codec; answer with what is chosen afterwards."""
    project = session.project()
    session.recorder.call(
        "Project.SetCurrentRenderFormatAndCodec", project.SetCurrentRenderFormatAndCodec, format_id, codec_id
    )
    found = session.recorder.call("Project.GetCurrentRenderFormatAndCodec", project.GetCurrentRenderFormatAndCodec)
    return text_fields(found or {})


def render_settings(session: Session, *, settings: dict[str, bool | int | float | str]) -> object:
    """Lay settings over the present state; answer with the outcome."""
    project = session.project()
    return outcome(session.recorder.call("Project.SetRenderSettings", project.SetRenderSettings, settings))


def render_mode(session: Session, *, individual_clips: bool) -> object:
    """Choose the render mode; answer with whether it is the chosen one afterwards."""
    project = session.project()
    wanted = INDIVIDUAL_CLIPS if individual_clips else SINGLE_CLIP
    session.recorder.call("Project.SetCurrentRenderMode", project.SetCurrentRenderMode, wanted)
    return session.recorder.call("Project.GetCurrentRenderMode", project.GetCurrentRenderMode) == wanted


def jobs(session: Session) -> object:
    """Answer with the queue: the fields of each job as text."""
    project = session.project()
    found = entries(session.recorder.call("Project.GetRenderJobList", project.GetRenderJobList))
    return [text_fields(job) for job in found]


def add_job(session: Session) -> object:
    """Queue the present state; answer with the job's id, None where none was given."""
    project = session.project()
    return text_or_none(session.recorder.call("Project.AddRenderJob", project.AddRenderJob)) or None


def delete_job(session: Session, *, job: str) -> object:
    """Take a job out of the queue; answer with the outcome."""
    project = session.project()
    return outcome(session.recorder.call("Project.DeleteRenderJob", project.DeleteRenderJob, job))


def start_job(session: Session, *, job: str) -> object:
    """Start a job; answer with the outcome."""
    project = session.project()
    return outcome(session.recorder.call("Project.StartRendering", project.StartRendering, [job], False))


def stop_jobs(session: Session) -> object:
    """Stop what is rendering."""
    project = session.project()
    session.recorder.call("Project.StopRendering", project.StopRendering)
    return True


def rendering(session: Session) -> object:
    """Answer with whether anything is rendering in the open project."""
    project = session.project()
    return outcome(session.recorder.call("Project.IsRenderingInProgress", project.IsRenderingInProgress))


def job_progress(session: Session, *, job: str) -> object:
    """Answer with whether anything is rendering, and the status of a job."""
    project = session.project()
    busy = session.recorder.call("Project.IsRenderingInProgress", project.IsRenderingInProgress)
    status = session.recorder.call("Project.GetRenderJobStatus", project.GetRenderJobStatus, job)
    return {"rendering": outcome(busy), "status": plain(status)}
