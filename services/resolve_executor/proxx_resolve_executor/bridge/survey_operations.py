"""Operations of the child that only look: what calls return word for word, for the record of a host."""

from proxx_resolve_executor.bridge.session import Session, present
from proxx_resolve_executor.bridge.values import plain


def dump_formats(session: Session) -> object:
    """Answer with GetRenderFormats."""
    project = session.project()
    return plain(session.recorder.call("Project.GetRenderFormats", project.GetRenderFormats))


def dump_codecs(session: Session, *, format_id: str) -> object:
    """Answer with GetRenderCodecs of a format."""
    project = session.project()
    return plain(session.recorder.call("Project.GetRenderCodecs", project.GetRenderCodecs, format_id))


def dump_settings(session: Session) -> object:
    """Answer with GetSetting of the open project, all keys."""
    project = session.project()
    return plain(session.recorder.call("Project.GetSetting", project.GetSetting))


def dump_presets(session: Session) -> object:
    """Answer with GetRenderPresetList."""
    project = session.project()
    return plain(session.recorder.call("Project.GetRenderPresetList", project.GetRenderPresetList))


def dump_jobs(session: Session) -> object:
    """Answer with GetRenderJobList."""
    project = session.project()
    return plain(session.recorder.call("Project.GetRenderJobList", project.GetRenderJobList))


def dump_clip(session: Session) -> object:
    """Answer with GetClipProperty of the imported clip."""
    clip = present(session.clip, "no clip is imported")
    return plain(session.recorder.call("MediaPoolItem.GetClipProperty", clip.GetClipProperty))
