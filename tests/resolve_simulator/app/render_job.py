"""One job of the queue: what it will make, what the queue shows of it, and how far it is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.resolve_simulator.app.rates import parse_rate, rate_text, to_timecode
from tests.resolve_simulator.app.recorded import shaped_job
from tests.resolve_simulator.app.shot import Shot

if TYPE_CHECKING:
    from tests.resolve_simulator.app.project import Project
    from tests.resolve_simulator.app.timeline import Timeline
    from tests.resolve_simulator.app.timeline_item import TimelineItem


@dataclass(slots=True, kw_only=True)
class RenderJob:
    """`status` is one of the English words; `percent` 0 to 100."""

    job_id: str
    shown: dict[str, Any]
    directory: Path
    shots: tuple[Shot, ...]
    status: str = "Ready"
    percent: float = 0.0
    error: str = ""
    seconds: float | None = None
    files: list[Path] = field(default_factory=list)


def make_job(project: Project) -> RenderJob | None:
    """Return a job of the project's present state; None where something that it needs is absent."""
    state, timeline = project.render, project.timeline
    directory = str(state.values.get("TargetDir", ""))
    listed = project.tables.lists(state.format_id, state.codec_id) or not state.has_video
    if timeline is None or not timeline.pictures() or not directory or not listed:
        return None
    if state.mode == 1 and not state.values.get("CustomName") and not _source_name(project):
        return None
    shots = _individual(project, timeline) if state.mode == 0 else (_single(project, timeline),)
    if not shots:
        return None
    shown = _shown(project, timeline, shots)
    return RenderJob(job_id=str(uuid.uuid4()), shown=shown, directory=Path(directory), shots=shots)


def _marks(project: Project, timeline: Timeline) -> tuple[int, int]:
    """First and last frame, both absolute and both rendered."""
    values = project.render.values
    first, last = timeline.start_frame, timeline.end_frame - 1
    if values.get("SelectAllFrames"):
        return first, last
    return max(values.get("MarkIn", first), first), min(values.get("MarkOut", last), last)


def _source_name(project: Project) -> bool:
    return _on(project, "UsePrefixAndSuffixFromSrc")


def _on(project: Project, field: str) -> bool:
    return project.render.preset.get(field, "").lower() in ("1", "true")


def _individual(project: Project, timeline: Timeline) -> tuple[Shot, ...]:
    """Each clip by itself: its own rate, its own timecode, its own name where the preset says so."""
    first, last = _marks(project, timeline)
    shots = []
    for item in timeline.pictures():
        start, end = max(item.start, first), min(item.start + item.duration - 1, last)
        if start > end:
            continue
        # Frames of the clip, not of the timeline: a whole clip keeps its count whatever the timeline's rate.
        whole = item.clip.facts.frames - project.world.quirks.frames_short
        same = item.clip.rate == timeline.rate
        frames = end - start + 1 if same or (start, end) != (item.start, item.start + item.duration - 1) else whole
        shots.append(_shot(project, item, frames=frames, offset=item.offset + start - item.start))
    return tuple(shots)


def _shot(project: Project, item: TimelineItem, *, frames: int, offset: int) -> Shot:
    facts = item.clip.facts
    start = item.start if _on(project, "RecordUseTgtTimeCode") else item.clip.start_frame + offset
    return _made(
        project,
        item,
        name=_name(project, item),
        rate=item.clip.rate,
        frames=frames,
        timecode=to_timecode(start, item.clip.rate, drop=facts.drop),
    )


def _name(project: Project, item: TimelineItem) -> str:
    """Return the name of an individual clip, with the folders that a preset puts it in."""
    state, stem = project.render, item.clip.found.file.stem
    custom = str(state.values.get("CustomName", ""))
    name = custom or (stem if _source_name(project) else "00000000")
    if project.world.quirks.source_name_wins and _source_name(project):
        name = stem
    if _on(project, "RecordClipUniqueName"):
        name = f"{name}_V1-0001" if state.values.get("UniqueFilenameStyle") == 1 else f"V1-0001_{name}"
    versions = project.world.platform == "windows" and project.world.version >= (21,)
    folders = (
        (item.clip.facts.reel, _on(project, "ReelInFolder")),
        (stem, _on(project, "ClipInFolder")),
        ("v1", versions and state.preset.get("RecordAllowDupImg") == "0"),
    )
    return "/".join([*(folder for folder, wanted in folders if wanted and folder), name])


def _single(project: Project, timeline: Timeline) -> Shot:
    """The whole timeline: its own rate and timecode, or the one that was set."""
    first, last = _marks(project, timeline)
    item = timeline.pictures()[0]
    rate = timeline.rate
    asked = parse_rate(str(project.render.values.get("FrameRate", "")))
    if asked is not None:
        rate = asked[0]
    timecode = project.render.values.get("TimelineStartTimecode")
    return _made(
        project,
        item,
        name=str(project.render.values.get("CustomName") or item.clip.found.file.stem),
        rate=rate,
        frames=last - first + 1,
        timecode=timecode or to_timecode(first, timeline.rate, drop=timeline.drop),
    )


def _made(project: Project, item: TimelineItem, *, name: str, rate: Any, frames: int, timecode: str) -> Shot:
    state, facts = project.render, item.clip.facts
    width, height = _raster(project, item)
    return Shot(
        name=name,
        format_id=state.format_id,
        codec_id=state.codec_id,
        width=width,
        height=height,
        rate=rate,
        frames=frames,
        timecode=timecode,
        reel=facts.reel,
        has_video=state.has_video,
        audio=_channels(project, item) if state.values["ExportAudio"] else (),
        audio_codec=str(state.values.get("AudioCodec", _default_audio(project))),
        audio_depth=int(state.values.get("AudioBitDepth", 16)),
        audio_rate=int(state.values.get("AudioSampleRate", 48000)),
    )


def _default_audio(project: Project) -> str:
    """MP4 takes no plain samples; Linux encodes no AAC (reference, section 9)."""
    if project.render.format_id != "mp4":
        return "lpcm"
    return "mp3" if project.world.platform == "linux" else "aac"


def _raster(project: Project, item: TimelineItem) -> tuple[int, int]:
    state, settings = project.render, project.settings
    if _on(project, "RenderAtSourceResolution"):
        return item.clip.facts.width, item.clip.facts.height
    width = state.values.get("FormatWidth") or int(settings["timelineResolutionWidth"])
    return int(width), int(state.values.get("FormatHeight") or settings["timelineResolutionHeight"])


def _channels(project: Project, item: TimelineItem) -> tuple[int, ...]:
    """The channels of each track: as in the source only where the preset says -1, else one track of so many."""
    count = project.render.preset.get("RecordAudioNumChannels", "2")
    if not item.clip.audio:
        return ()
    return item.clip.audio if count == "-1" else (int(count),)


def _shown(project: Project, timeline: Timeline, shots: tuple[Shot, ...]) -> dict[str, Any]:
    """Return what GetRenderJobList says of a job, without its id."""
    state, world = project.render, project.world
    values = state.values
    first, last = _marks(project, timeline)
    shot = shots[0]
    count = len(project.queue.jobs) + 1
    shown: dict[str, Any] = {
        "RenderJobName": f"Job {count}",
        "TimelineName": timeline.name,
        "TargetDir": values["TargetDir"],
        "OutputFilename": shot.file_name(),
        "IsExportVideo": bool(values["ExportVideo"]),
        "IsExportAudio": bool(values["ExportAudio"]),
        "FormatWidth": shot.width,
        "FormatHeight": shot.height,
        "FrameRate": rate_text(shot.rate),
        "PixelAspectRatio": 1.0,
        "MarkIn": first,
        "MarkOut": last,
        "AudioBitDepth": shot.audio_depth,
        "AudioSampleRate": shot.audio_rate,
        "ExportAlpha": bool(values.get("ExportAlpha", False)),
        "AlphaMode": values.get("AlphaMode", 0),
        "RenderMode": "Individual clips" if state.mode == 0 else "Single clip",
        "PresetName": state.preset_name,
        "VideoFormat": project.tables.display(state.format_id),
        "VideoCodec": project.tables.description(state.format_id, state.codec_id),
        "AudioCodec": shot.audio_codec,
        "EncodingProfile": values.get("EncodingProfile", ""),
        "MultiPassEncode": bool(values.get("MultiPassEncode", False)),
        "NetworkOptimization": bool(values.get("NetworkOptimization", False)),
        "UploadStatus": "",
    }
    if world.version >= (21, 1):
        shown["ClipStartFrame"] = values.get("ClipStartFrame", 0)
        shown["TimelineStartTimecode"] = values.get("TimelineStartTimecode", timeline.get_start_timecode())
        shown["ReplaceExistingFilesInPlace"] = bool(values.get("ReplaceExistingFilesInPlace", False))
    return {**shaped_job(world, shown), **world.quirks.job_values}
