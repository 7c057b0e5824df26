"""What was asked of Resolve compared with what it shows. Pure; each returns a sentence, empty where all is well."""

from collections.abc import Mapping
from pathlib import PurePath

from proxx.core.quoting import quote
from proxx.core.render_plan import RenderPlan
from proxx_resolve_executor.bridge.remote import Placement, SettingValue

JOB_FIELDS: Mapping[str, str] = {
    "TargetDir": "TargetDir",
    "ExportVideo": "IsExportVideo",
    "ExportAudio": "IsExportAudio",
    "FormatWidth": "FormatWidth",
    "FormatHeight": "FormatHeight",
    "FrameRate": "FrameRate",
    "AudioBitDepth": "AudioBitDepth",
    "AudioSampleRate": "AudioSampleRate",
    "ExportAlpha": "ExportAlpha",
    "MultiPassEncode": "MultiPassEncode",
    "NetworkOptimization": "NetworkOptimization",
}
"""Keys of SetRenderSettings, and the field of a queued job that shows each. Fields of localised words are left out."""

PRESET_FIELDS = (
    "UsePrefixAndSuffixFromSrc",
    "RecordPrefix",
    "RecordSuffix",
    "RecordClipUniqueName",
    "RecordAllowDupImg",
    "RecordUseTgtTimeCode",
    "RecordAudioNumChannels",
    "RecordDataLevel",
    "RenderAtSourceResolution",
    "NumFramesOfHandles",
    "SrcDirPreserveLevel",
    "SrcDirLevelsMode",
    "ReelInFolder",
    "ClipInFolder",
    "ForceHighestQualityDebayerRes",
    "ForceHighestQualitySizing",
)
"""What only a preset carries: no key of SetRenderSettings overlays these."""

MOST_DIGITS = 15
_YES, _NO = frozenset({"1", "true", "True"}), frozenset({"0", "false", "False"})


def same_value(asked: str, shown: str) -> bool:
    """Return whether two texts are one value: the same text, the same number, or the same truth."""
    if asked == shown:
        return True
    if (asked in _YES and shown in _YES) or (asked in _NO and shown in _NO):
        return True
    try:
        return float(asked) == float(shown)
    except ValueError:
        return False


def same_directory(asked: str, shown: str) -> bool:
    """Return whether two texts name one directory: separators of either kind, one at the end or none."""
    return _plain_path(asked) == _plain_path(shown)


def project_setting_problem(*, key: str, asked: str, shown: str) -> str:
    """Return what is wrong with a project setting that was read back."""
    if same_value(asked, shown):
        return ""
    return f"project setting {key}: {quote(text=asked)} was set, and it reads {quote(text=shown)}"


def clip_problem(*, properties: Mapping[str, str], plan: RenderPlan) -> str:
    """Return what is wrong with an imported clip: its count of frames, or its start timecode."""
    frames = properties.get("Frames", "")
    if not same_value(str(plan.frame_count), frames):
        return f"Resolve counts {quote(text=frames)} frames in the clip; {plan.frame_count} are planned"
    start = properties.get("Start TC", "")
    if plan.start_timecode is not None and _digits(start) != _digits(plan.start_timecode):
        return f"Resolve reads {quote(text=start)} as the clip's start timecode; {plan.start_timecode} is planned"
    return ""


def timeline_problem(*, placements: tuple[Placement, ...] | None, plan: RenderPlan) -> str:
    """Return what is wrong with the timeline: it must hold the clip once, whole."""
    if placements is None:
        return "Resolve makes no timeline of the clip"
    if len(placements) != 1:
        return f"the timeline shows {len(placements)} clips; expected one"
    placement = placements[0]
    if placement.duration != plan.frame_count:
        length = "of unknown length" if placement.duration is None else f"{placement.duration:g} frames long"
        return f"the clip is {length} on the timeline; {plan.frame_count} frames are planned"
    if placement.left_offset:
        return f"the timeline leaves out the first {placement.left_offset:g} frames of the clip"
    return ""


def job_problem(*, job: Mapping[str, str], asked: Mapping[str, SettingValue], plan: RenderPlan) -> str:
    """Return what is wrong with a queued job; a field that this version does not show is not compared."""
    for key, value in asked.items():
        field = JOB_FIELDS.get(key)
        shown = job.get(field) if field is not None else None
        if shown is None:
            continue
        same = same_directory(str(value), shown) if key == "TargetDir" else same_value(str(value), shown)
        if not same:
            return f"the queued job shows {field} {quote(text=shown)}; {quote(text=str(value))} was asked"
    first, last = _whole(job.get("MarkIn")), _whole(job.get("MarkOut"))
    if first is not None and last is not None and last - first + 1 != plan.frame_count:
        return f"the queued job shows frames {first} to {last}; {plan.frame_count} frames are planned"
    return ""


def preset_problem(*, own: str, exported: str) -> str:
    """Return what Resolve made of a preset: the first field that it shows with another value."""
    for field in PRESET_FIELDS:
        asked, shown = preset_field(own, field), preset_field(exported, field)
        if asked is not None and shown is not None and not same_value(asked, shown):
            return f"its field {field} is {quote(text=asked)} in the file, and {quote(text=shown)} in Resolve"
    return ""


def preset_field(text: str, field: str) -> str | None:
    """Return the text of a preset's field, None where it has none. Presets are flat but for one list at their end."""
    if f"<{field}/>" in text:
        return ""
    start = text.find(f"<{field}>")
    end = text.find(f"</{field}>", start)
    return text[start + len(field) + 2 : end].strip() if 0 <= start < end else None


def _plain_path(text: str) -> PurePath:
    return PurePath(text.replace("\\", "/"))


def _digits(timecode: str) -> str:
    return "".join(character for character in timecode if character.isdigit())


def _whole(text: str | None) -> int | None:
    if text is None or len(text) > MOST_DIGITS or not (text.isascii() and text.isdigit()):
        return None
    return int(text)
