"""What a new project is set to, and which settings take what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.resolve_simulator.app.rates import parse_rate

if TYPE_CHECKING:
    from tests.resolve_simulator.app.world import World

DEFAULTS = {
    "timelineFrameRate": "24",
    "timelinePlaybackFrameRate": "24",
    "timelineResolutionWidth": "1920",
    "timelineResolutionHeight": "1080",
    "timelineOutputResolutionWidth": "1920",
    "timelineOutputResolutionHeight": "1080",
    "timelineOutputResMatchTimelineRes": "1",
    "timelineInputResMismatchBehavior": "scaleToFit",
    "timelineFrameRateMismatchBehavior": "resolve",
    "timelineDropFrameTimecode": "0",
    "timelinePixelAspectRatio": "square",
    "colorScienceMode": "davinciYRGB",
    "rcmPresetMode": "Custom",
    "isAutoColorManage": "0",
    "separateColorSpaceAndGamma": "0",
    "colorSpaceInput": "Rec.709 Gamma 2.4",
    "colorSpaceTimeline": "Rec.709 Gamma 2.4",
    "colorSpaceOutput": "Rec.709 Gamma 2.4",
    "perfProxyMediaMode": "1",
    "perfOptimisedMediaOn": "1",
    "perfRenderCacheMode": "none",
    "superScale": "1",
    "videoDataLevels": "Video",
    "videoBitDepth": "10",
    "useCustomSettings": "0",
    "projectMediaLocation": "",
}


def new_settings(world: World) -> dict[str, str]:
    """Return the settings of a new project: the recorded host's, or the built-in ones, under the operator's preset."""
    base = dict(DEFAULTS)
    if world.fixture is not None and world.fixture.project_settings:
        base = {key: str(value) for key, value in world.fixture.project_settings.items()}
    if world.version >= (21, 0, 4):
        base.setdefault("timelineSampleRate", "48000")
    return {**base, **world.quirks.project_settings}


def accepts(settings: dict[str, str], key: str, value: str, *, has_timeline: bool, portrait_refused: bool) -> bool:
    """Whether a project takes a setting."""
    if key not in settings or key == "timelinePlaybackFrameRate":
        return False
    if key == "timelineFrameRate":
        return not has_timeline and parse_rate(value) is not None
    if key in ("timelineResolutionWidth", "timelineResolutionHeight"):
        if not value.isdigit() or int(value) < 16:
            return False
        size = {**settings, key: value}
        portrait = int(size["timelineResolutionHeight"]) > int(size["timelineResolutionWidth"])
        return not (portrait and portrait_refused)
    return True
