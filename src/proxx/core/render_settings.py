"""Every key of Resolve's SetRenderSettings, with its type and who writes it; unknown keys would be ignored in silence.

Source: the reference on Resolve scripting, section 6 (the vendor's README, and the keys that its stubs of 21.1 add).
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from proxx.core.quoting import quote
from proxx.core.render_plan import RenderSetting
from proxx.core.setting_rule import SettingRule, SettingType, SettingWriter

TypedValue = str | int | float | bool
"""What SetRenderSettings takes as the value of a key."""

_WHOLE = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{1,6})?", re.ASCII)


class RenderSettingError(ValueError):
    """A setting that Resolve does not have, or a value that it does not take; the message names both."""


_INDIVIDUAL = "in individual-clips mode each clip keeps its own"
_RULES = (
    SettingRule(
        key="SelectAllFrames", type=SettingType.BOOL, writer=SettingWriter.PLANNER, why="every frame of the clip"
    ),
    SettingRule(key="MarkIn", type=SettingType.INT, writer=SettingWriter.NOBODY, why="all frames are rendered"),
    SettingRule(key="MarkOut", type=SettingType.INT, writer=SettingWriter.NOBODY, why="all frames are rendered"),
    SettingRule(key="TargetDir", type=SettingType.TEXT, writer=SettingWriter.HOST, why="a path of the host"),
    SettingRule(key="CustomName", type=SettingType.TEXT, writer=SettingWriter.HOST, why="a name of the host"),
    SettingRule(
        key="UseUniqueFilenames", type=SettingType.BOOL, writer=SettingWriter.NOBODY, why="known from 21.1 on only"
    ),
    SettingRule(
        key="UniqueFilenameStyle",
        type=SettingType.INT,
        writer=SettingWriter.NOBODY,
        why="the preset asks for no unique names",
        words=("0", "1"),
    ),
    SettingRule(key="ExportVideo", type=SettingType.BOOL, writer=SettingWriter.PLANNER, why="a proxy has a picture"),
    SettingRule(
        key="ExportAudio", type=SettingType.BOOL, writer=SettingWriter.PLANNER, why="as the source has sound or none"
    ),
    SettingRule(key="FormatWidth", type=SettingType.INT, writer=SettingWriter.PLANNER, why="the raster of the JobSpec"),
    SettingRule(
        key="FormatHeight", type=SettingType.INT, writer=SettingWriter.PLANNER, why="the raster of the JobSpec"
    ),
    SettingRule(
        key="FrameRate",
        type=SettingType.FLOAT,
        writer=SettingWriter.NOBODY,
        why=f"{_INDIVIDUAL} rate, which a decimal number cannot state",
    ),
    SettingRule(
        key="PixelAspectRatio",
        type=SettingType.TEXT,
        writer=SettingWriter.PLANNER,
        why="pixels are square",
        words=("square", "cinemascope", "16_9", "4_3"),
    ),
    SettingRule(key="VideoQuality", type=SettingType.QUALITY, writer=SettingWriter.PROFILE),
    SettingRule(
        key="AudioFormat", type=SettingType.TEXT, writer=SettingWriter.NOBODY, why="it is for renders without a picture"
    ),
    SettingRule(key="AudioCodec", type=SettingType.TEXT, writer=SettingWriter.PROFILE),
    SettingRule(key="AudioBitDepth", type=SettingType.INT, writer=SettingWriter.PROFILE),
    SettingRule(key="AudioSampleRate", type=SettingType.INT, writer=SettingWriter.PROFILE),
    SettingRule(key="ColorSpaceTag", type=SettingType.TEXT, writer=SettingWriter.PROFILE),
    SettingRule(key="GammaTag", type=SettingType.TEXT, writer=SettingWriter.PROFILE),
    SettingRule(
        key="ExportAlpha", type=SettingType.BOOL, writer=SettingWriter.NOBODY, why="proxies of camera RAW have no alpha"
    ),
    SettingRule(
        key="AlphaMode",
        type=SettingType.INT,
        writer=SettingWriter.NOBODY,
        why="proxies of camera RAW have no alpha",
        words=("0", "1"),
    ),
    SettingRule(key="EncodingProfile", type=SettingType.TEXT, writer=SettingWriter.PROFILE),
    SettingRule(key="MultiPassEncode", type=SettingType.BOOL, writer=SettingWriter.PROFILE),
    SettingRule(key="NetworkOptimization", type=SettingType.BOOL, writer=SettingWriter.PROFILE),
    SettingRule(
        key="ClipStartFrame", type=SettingType.INT, writer=SettingWriter.NOBODY, why=f"{_INDIVIDUAL} start timecode"
    ),
    SettingRule(
        key="TimelineStartTimecode",
        type=SettingType.TEXT,
        writer=SettingWriter.NOBODY,
        why=f"{_INDIVIDUAL} start timecode",
    ),
    SettingRule(
        key="ReplaceExistingFilesInPlace",
        type=SettingType.BOOL,
        writer=SettingWriter.NOBODY,
        why="nothing is ever overwritten, and it is ignored before 20",
    ),
    SettingRule(
        key="ExportSubtitle", type=SettingType.BOOL, writer=SettingWriter.NOBODY, why="it is ignored before 20.2"
    ),
    SettingRule(
        key="SubtitleFormat", type=SettingType.TEXT, writer=SettingWriter.NOBODY, why="it is ignored before 20.2"
    ),
    SettingRule(
        key="UseFullExtents", type=SettingType.BOOL, writer=SettingWriter.NOBODY, why="it is ignored before 21.0.4"
    ),
    SettingRule(
        key="AddFrameHandles", type=SettingType.INT, writer=SettingWriter.NOBODY, why="it is ignored before 21.0.4"
    ),
    SettingRule(
        key="DataBurnIn", type=SettingType.TEXT, writer=SettingWriter.NOBODY, why="it is ignored before 21.0.4"
    ),
)

RENDER_SETTINGS: Mapping[str, SettingRule] = MappingProxyType({rule.key: rule for rule in _RULES})
"""The rule of every key, in the order of the vendor's README."""


def typed_value(*, key: str, value: str) -> TypedValue:
    """Return the value as SetRenderSettings takes it.

    Raises:
        RenderSettingError: Resolve has no such key, or the text is no value of its type.
    """
    rule = RENDER_SETTINGS.get(key)
    if rule is None:
        raise RenderSettingError(f"{quote(text=key)} is no key of SetRenderSettings, and Resolve would ignore it")
    found = _convert(rule.type, value)
    if found is None or (rule.words and value not in rule.words):
        expected = ", ".join(rule.words) or rule.type.value
        raise RenderSettingError(f"{key}: expected {expected}, got {quote(text=value)}")
    return found


def typed_settings(*, settings: Iterable[RenderSetting]) -> dict[str, TypedValue]:
    """Return the dictionary for SetRenderSettings, in the order given.

    Raises:
        RenderSettingError: as `typed_value`, or a key stands twice.
    """
    typed: dict[str, TypedValue] = {}
    for setting in settings:
        if setting.key in typed:
            raise RenderSettingError(f"{setting.key} stands twice")
        typed[setting.key] = typed_value(key=setting.key, value=setting.value)
    return typed


def _convert(kind: SettingType, value: str) -> TypedValue | None:
    if kind is SettingType.BOOL:
        return {"true": True, "false": False}.get(value)
    if kind is SettingType.FLOAT:
        return float(value) if _DECIMAL.fullmatch(value) else None
    if kind is SettingType.TEXT:
        return value or None
    if kind is SettingType.QUALITY and value in ("Least", "Low", "Medium", "High", "Best"):
        return value
    return int(value) if _WHOLE.fullmatch(value) else None
