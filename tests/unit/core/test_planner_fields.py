"""Interlaced sources: fields stay where profile, encoder and raster allow it, and where not the plan says why."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.facts import FieldOrder, VideoFacts
from proxx.core.look import Look
from proxx.core.plan import Plan
from proxx.core.planner import plan_clip
from proxx.core.profile import Profile
from tests.fakes.media_facts import VIDEO, facts_with, inputs_with
from tests.fakes.plain_library import plain_library

LIBRARY = plain_library()
TOP, BOTTOM = FieldOrder.TOP_FIRST, FieldOrder.BOTTOM_FIRST
HD = replace(VIDEO, field_order=TOP)
NTSC_DV = replace(
    VIDEO,
    field_order=BOTTOM,
    width=720,
    height=480,
    pixel_aspect=Fraction(8, 9),
    pixel_format="yuv422p",
    frame_rate=Fraction(30000, 1001),
)
SAID = "the source is interlaced; the proxy is progressive, one picture for each frame: "


def recipe(name: str) -> Profile:
    profile = LIBRARY.get(name)
    assert profile is not None
    return profile


def plan(
    video: VideoFacts,
    profile: Profile,
    *,
    container: str | None = None,
    resolution: str = "same",
    fps: Fraction | None = None,
) -> Plan:
    return plan_clip(
        inputs=inputs_with(
            profile=profile,
            facts=facts_with(video=video),
            container=container,
            resolution=resolution if resolution in profile.resolutions else profile.default_resolution,
            fps=fps,
        )
    )


def after(planned: Plan, option: str) -> str | None:
    return planned.argv[planned.argv.index(option) + 1] if option in planned.argv else None


@pytest.mark.parametrize(
    ("video", "name", "flags", "order", "x264"),
    [
        pytest.param(HD, "proxy_prores_proxy", "+bitexact+ildct", "tb", None, id="ProRes, top first"),
        pytest.param(NTSC_DV, "proxy_prores_4444", "+bitexact+ildct", "bt", None, id="ProRes 4444, bottom first"),
        pytest.param(HD, "premiere_h264", "+bitexact+ildct+ilme", "tb", "tff=1", id="H.264, top first"),
        pytest.param(NTSC_DV, "davinci_h264", "+bitexact+ildct+ilme", "bt", "bff=1", id="H.264, bottom first"),
        pytest.param(HD, "avid_dnxhd_145_1080", "+bitexact+ildct", "tb", None, id="DNxHD 1242, top first"),
        pytest.param(
            replace(HD, width=1440, pixel_aspect=Fraction(4, 3)),
            "avid_dnxhd_145_1080",
            "+bitexact+ildct",
            "tb",
            None,
            id="DNxHD from 1440 samples a line: lines stay lines",
        ),
    ],
)
def test_fields_are_coded_as_they_are_where_the_codec_can(
    video: VideoFacts, name: str, flags: str, order: str, x264: str | None
) -> None:
    planned = plan(video, recipe(name))
    parity = "tff" if video.field_order is TOP else "bff"
    filters = (after(planned, "-filter:v:0") or "").split(",")
    assert (filters[0], ":interl=1:" in filters[1]) == (f"setfield=mode={parity}", True)
    assert (after(planned, "-flags:v"), after(planned, "-field_order"), after(planned, "-x264opts")) == (
        flags,
        order,
        x264,
    )
    assert after(planned, "-top") == ("1" if video.field_order is TOP else "0")
    assert planned.expected.field_order is video.field_order
    assert not [warning for warning in planned.warnings if "interlaced" in warning]


@pytest.mark.parametrize(
    ("video", "profile", "resolution", "fps", "reason"),
    [
        pytest.param(HD, recipe("proxy_h264_low"), "same", None, "the profile deinterlaces", id="the profile says so"),
        pytest.param(
            HD, recipe("proxy_prores_proxy"), "half", None, "1080 lines become 540", id="half has other lines"
        ),
        pytest.param(
            NTSC_DV,
            replace(recipe("offline_h264_1920x1080"), interlaced=recipe("proxy_prores_proxy").interlaced),
            "1920x1080",
            None,
            "480 lines become 1080",
            id="enlarged",
        ),
        pytest.param(
            replace(HD, width=2048),
            recipe("avid_dnxhd_145_1080"),
            "1920x1080",
            None,
            "1080 lines become 1012 in 1080",
            id="letterboxed",
        ),
        pytest.param(
            replace(HD, field_order=BOTTOM),
            recipe("avid_dnxhd_145_1080"),
            "1920x1080",
            None,
            "DNxHD is top field first",
            id="DNxHD has no bottom field first",
        ),
        pytest.param(
            HD,
            replace(recipe("avid_dnxhd_36_1080p"), interlaced=recipe("proxy_prores_proxy").interlaced),
            "1920x1080",
            None,
            "DNxHD has no interlaced compression id for this raster and bit rate",
            id="DNxHD 36 is progressive",
        ),
        pytest.param(
            HD,
            replace(recipe("proxy_dnxhr_lb"), interlaced=recipe("proxy_prores_proxy").interlaced),
            "same",
            None,
            "dnxhr as this profile codes it has no fields",
            id="DNxHR is progressive",
        ),
        pytest.param(
            HD,
            replace(recipe("proxy_vp9_low"), interlaced=recipe("proxy_prores_proxy").interlaced),
            "same",
            None,
            "vp9 as this profile codes it has no fields",
            id="VP9 has none",
        ),
        pytest.param(
            HD, recipe("proxy_prores_proxy"), "same", Fraction(50), "frames are dropped or repeated", id="another rate"
        ),
        pytest.param(
            replace(HD, height=1078, pixel_format="yuv420p"),
            recipe("proxy_prores_proxy"),
            "same",
            None,
            "1078 lines do not divide into two fields",
            id="chroma lines would not divide",
        ),
        pytest.param(
            replace(HD, rotation=90),
            recipe("davinci_h264"),
            "1080x1920",
            None,
            "the picture is turned",
            id="turned upright",
        ),
        pytest.param(
            HD,
            replace(recipe("proxy_prores_proxy"), look=Look(lut=None, image=None, texts=(), font=None)),
            "same",
            None,
            "the profile's look is drawn on whole pictures",
            id="something is drawn",
        ),
    ],
)
def test_elsewhere_each_frame_becomes_one_picture_and_the_plan_says_why(
    video: VideoFacts, profile: Profile, resolution: str, fps: Fraction | None, reason: str
) -> None:
    inputs = inputs_with(profile=profile, facts=facts_with(video=video), resolution=resolution, fps=fps)
    planned = plan_clip(inputs=inputs)
    parity = "tff" if video.field_order is TOP else "bff"
    filters = (after(planned, "-filter:v:0") or "").split(",")
    assert filters[0] == f"bwdif=mode=send_frame:parity={parity}:deint=all"
    assert (after(planned, "-flags:v"), "-field_order" in planned.argv) == ("+bitexact", False)
    assert planned.expected.field_order is FieldOrder.PROGRESSIVE
    assert SAID + reason in planned.warnings


@pytest.mark.parametrize("order", [FieldOrder.PROGRESSIVE, FieldOrder.UNKNOWN])
def test_a_source_that_states_no_fields_is_progressive(order: FieldOrder) -> None:
    planned = plan(replace(VIDEO, field_order=order), recipe("proxy_prores_proxy"))
    assert (planned.expected.field_order, after(planned, "-flags:v")) == (FieldOrder.PROGRESSIVE, "+bitexact")
    assert not [warning for warning in planned.warnings if "interlaced" in warning]
