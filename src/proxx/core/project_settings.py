"""The keys of Resolve's Project.SetSetting that a render plan may hold. Every value is text.

All are set on the fresh project, before it has a timeline: Resolve locks some of them then. A fresh project takes the
operator's own defaults for every key that is not set, so each that changes the picture or its time is set, and read
back by the host. Source: the reference on Resolve scripting, section 5.
"""

from collections.abc import Mapping
from types import MappingProxyType

from proxx.core.quoting import quote
from proxx.core.setting_rule import SettingRule, SettingType, SettingWriter

_SWITCH = ("0", "1")


def _rule(key: str, writer: SettingWriter, why: str = "", *, words: tuple[str, ...] = ()) -> SettingRule:
    return SettingRule(key=key, type=SettingType.TEXT, writer=writer, why=why, words=words)


_RULES = (
    _rule("timelineFrameRate", SettingWriter.PLANNER, "the clip's rate: a clip at another is retimed or cut short"),
    _rule("timelineResolutionWidth", SettingWriter.PLANNER, "the raster of the JobSpec, so that it is scaled once"),
    _rule("timelineResolutionHeight", SettingWriter.PLANNER, "the raster of the JobSpec, so that it is scaled once"),
    _rule(
        "timelineInputResMismatchBehavior",
        SettingWriter.PLANNER,
        "the whole picture is shown, with bars where shapes differ; nothing is cropped or stretched",
        words=("centerCrop", "scaleToFit", "scaleToCrop", "stretch"),
    ),
    _rule(
        "perfProxyMediaMode",
        SettingWriter.PLANNER,
        "off: a proxy that lies beside the source could be rendered from",
        words=("0", "1", "2"),
    ),
    _rule(
        "superScale",
        SettingWriter.PLANNER,
        "none: no invented detail, and the clip's own raster",
        words=("0", "1", "2", "3", "4"),
    ),
    _rule(
        "colorScienceMode",
        SettingWriter.PROFILE,
        words=("davinciYRGB", "davinciYRGBColorManaged", "davinciYRGBColorManagedv2", "acescc", "acescct"),
    ),
    _rule("isAutoColorManage", SettingWriter.PROFILE, words=_SWITCH),
    _rule("rcmPresetMode", SettingWriter.PROFILE),
    _rule("separateColorSpaceAndGamma", SettingWriter.PROFILE, words=_SWITCH),
    _rule("colorSpaceInput", SettingWriter.PROFILE),
    _rule("colorSpaceInputGamma", SettingWriter.PROFILE),
    _rule("colorSpaceTimeline", SettingWriter.PROFILE),
    _rule("colorSpaceTimelineGamma", SettingWriter.PROFILE),
    _rule("colorSpaceOutput", SettingWriter.PROFILE),
    _rule("colorSpaceOutputGamma", SettingWriter.PROFILE),
    _rule("useCustomSettings", SettingWriter.NOBODY, "it is a timeline's; without it a timeline has the project's"),
    _rule("timelinePlaybackFrameRate", SettingWriter.NOBODY, "Resolve refuses every write of it"),
    _rule("timelineDropFrameTimecode", SettingWriter.NOBODY, "the word of timelineFrameRate says it"),
)

PROJECT_SETTINGS: Mapping[str, SettingRule] = MappingProxyType({rule.key: rule for rule in _RULES})
"""The rule of each key that is known; a key without one is refused."""


def project_setting_problem(*, key: str, value: str) -> str:
    """Return what is wrong with a value, a clause; empty where nothing is."""
    rule = PROJECT_SETTINGS.get(key)
    if rule is None:
        return f"is no project setting that Proxx knows; known: {', '.join(PROJECT_SETTINGS)}"
    if not value or (rule.words and value not in rule.words):
        return f"expected {', '.join(rule.words) or 'text'}, got {quote(text=value)}"
    return ""
