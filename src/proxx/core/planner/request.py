"""What a JobSpec asks of a profile, checked: the same for every engine."""

from proxx.core.media_table import ANY_RASTER, raster
from proxx.core.plan import PlanInputs
from proxx.core.planner.refusal import Refusals
from proxx.core.violation import ViolationCode


def check_request(*, inputs: PlanInputs, refusals: Refusals) -> None:
    """Note where codec, container or resolution are not among those that the profile permits."""
    profile = inputs.profile
    asked = (
        ("codec", inputs.codec, (profile.codec, *profile.codec_aliases)),
        ("container", inputs.container, profile.containers),
    )
    for what, actual, permitted in asked:
        if actual not in permitted:
            refusals.add(
                f"the profile does not permit this {what}",
                expected=", ".join(permitted),
                actual=actual,
                code=ViolationCode.PROFILE_MISMATCH,
            )
    explicit = raster(resolution=inputs.resolution) is not None
    if inputs.resolution not in profile.resolutions and not (explicit and ANY_RASTER in profile.resolutions):
        refusals.add(
            "the profile does not permit this resolution",
            expected=", ".join(profile.resolutions),
            actual=inputs.resolution,
            code=ViolationCode.PROFILE_MISMATCH,
        )
