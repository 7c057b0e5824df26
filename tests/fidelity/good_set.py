"""The good set: every footage kind with every profile and container of the list below that can hold it."""

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

GOOD_SET = tuple(
    Scene(
        name=f"{kind.value}-{profile}-{container}",
        recipe=RECIPES[kind],
        profile=profile,
        container=container,
        resolution=resolution,
    )
    for kind in ClipKind
    for profile, container, resolution in WAYS
)
SHORT_GOOD_SET = tuple(GOOD_SET[number * len(WAYS) + way] for number, way in enumerate((0, 1, 4, 2, 0, 3, 5, 3, 2, 1)))
"""One for each kind, together every container; AV1 and the large letterbox take too long."""
