"""The good set: every kind of footage made in the ways of the list below, and one kind in every way that is shipped."""

from proxx.core.detection import Engine
from proxx.runtime.profile_files import builtin_library
from tests.fidelity.scene import Scene
from tests.footage.kind import ClipKind
from tests.footage.recipes import RECIPES

WAYS = (
    ("proxy_prores_proxy", "mov", "half"),
    ("proxy_h264_low", "mp4", "half"),
    ("proxy_h264_low", "mkv", "quarter"),
    ("proxy_dnxhr_lb", "mxf", "same"),
    ("proxy_h265_low", "mov", "half"),
    ("proxy_vp9_low", "webm", "half"),
    ("proxy_av1_low", "mp4", "half"),
    ("offline_h264_1920x1080", "mov", "1920x1080"),
)
"""Profile, container and resolution."""


def _scene(kind: ClipKind, profile: str, container: str, resolution: str) -> Scene:
    name = f"{kind.value}-{profile}-{container}-{resolution}"
    return Scene(name=name, recipe=RECIPES[kind], profile=profile, container=container, resolution=resolution)


def _shipped() -> tuple[tuple[str, str, str], ...]:
    """Every FFmpeg profile in every container, at the largest raster. Looks need files that an executor fetches."""
    return tuple(
        (profile.name, container, "same" if "same" in profile.resolutions else profile.default_resolution)
        for profile in builtin_library().profiles
        if profile.engine is Engine.FFMPEG and profile.look is None
        for container in profile.containers
    )


KIND_SET = tuple(_scene(kind, *way) for kind in ClipKind for way in WAYS)
PROFILE_SET = tuple(_scene(ClipKind.PRORES_HQ_2997_DROP, *way) for way in _shipped())
GOOD_SET = tuple({scene.name: scene for scene in (*KIND_SET, *PROFILE_SET)}.values())
SHORT_GOOD_SET = tuple(KIND_SET[number * len(WAYS) + way] for number, way in enumerate((0, 1, 4, 2, 0, 3, 5, 3, 2, 1)))
"""One for each kind, together every container; AV1 and the large letterbox take too long."""
