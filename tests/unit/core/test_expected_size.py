"""The estimate of a proxy's size: by codec, flavour and raster, by the rate that a profile states, and by its sound."""

from dataclasses import replace

import pytest

from proxx.core.detection import Engine
from proxx.core.expected_size import CONTAINER_BYTES, expected_bytes
from proxx.core.planner import plan_clip
from proxx.core.profile import Profile
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import facts_with, inputs_with
from tests.fakes.raw_facts import raw_with

LIBRARY = builtin_library()
FFMPEG = tuple(profile for profile in LIBRARY.profiles if profile.engine is Engine.FFMPEG)
PIXELS = 1920 * 1080 * 100
SOUND = 2 * 48_000 * 4 * 4


def named(name: str) -> Profile:
    profile = LIBRARY.get(name)
    assert profile is not None
    return profile


def estimate(profile: Profile, *, sound: bool = True) -> int:
    """The estimate for 100 frames of 1920x1080 at 25 frames a second."""
    resolution = "same" if "same" in profile.resolutions else profile.default_resolution
    facts = facts_with() if sound else facts_with(audio=())
    plan = plan_clip(inputs=inputs_with(profile=profile, facts=facts, resolution=resolution))
    return expected_bytes(plan=plan, profile=profile)


@pytest.mark.parametrize(
    ("name", "tenths"),
    [("proxy_prores_proxy", 8), ("proxy_prores_4444", 60), ("proxy_dnxhr_sq", 24), ("proxy_h264_low", 3)],
)
def test_the_picture_counts_by_codec_and_flavour_and_the_sound_beside_it(name: str, tenths: int) -> None:
    assert estimate(named(name), sound=False) == PIXELS * tenths // 80 + CONTAINER_BYTES
    assert estimate(named(name)) == PIXELS * tenths // 80 + SOUND + CONTAINER_BYTES


@pytest.mark.parametrize(
    ("name", "pair", "tenths"),
    [
        ("proxy_prores_proxy_resolve", {}, 8),
        ("proxy_dnxhr_lb_resolve", {}, 8),
        ("proxy_dnxhr_lb_resolve", {"codec": "DNxHRHQX_12"}, 36),
        ("proxy_prores_proxy_resolve", {"codec": "H264"}, 8),
    ],
    ids=["ProRes", "DNxHR LB", "DNxHR HQX", "H.264 at Resolve's own rate"],
)
def test_a_render_counts_by_the_flavour_that_resolve_writes(name: str, pair: dict[str, str], tenths: int) -> None:
    profile = named(name)
    plan = plan_clip(inputs=inputs_with(profile=profile, facts=raw_with(audio=()), resolution="half"))
    expected = expected_bytes(plan=plan, profile=replace(profile, render={**profile.render, **pair}))
    assert expected == 2048 * 1080 * 240 * tenths // 80 + CONTAINER_BYTES
    assert expected < plan.ceiling_bytes


@pytest.mark.parametrize(
    ("arguments", "bits_a_second"),
    [
        (("-b:v", "8M"), 8_000_000),
        (("-crf", "23", "-maxrate", "12500k", "-b:v", "8M"), 12_500_000),
        (("-b:v", "900"), 900),
    ],
    ids=["a rate", "a largest rate", "in bits"],
)
def test_a_stated_rate_counts_by_time(arguments: tuple[str, ...], bits_a_second: int) -> None:
    profile = replace(named("proxy_h264_low"), arguments=arguments)
    assert estimate(profile, sound=False) == bits_a_second * 4 // 8 + CONTAINER_BYTES


@pytest.mark.parametrize("arguments", [("-b:v", "0"), ("-b:v", "ten"), ("-b:v",)], ids=["none", "words", "nothing"])
def test_what_states_no_rate_counts_by_codec(arguments: tuple[str, ...]) -> None:
    profile = replace(named("proxy_vp9_low"), arguments=arguments)
    assert estimate(profile, sound=False) == PIXELS * 2 // 80 + CONTAINER_BYTES


@pytest.mark.parametrize("profile", FFMPEG, ids=lambda profile: profile.name)
def test_the_estimate_of_every_profile_stays_below_the_ceiling_of_its_plan(profile: Profile) -> None:
    resolution = "same" if "same" in profile.resolutions else profile.default_resolution
    plan = plan_clip(inputs=inputs_with(profile=profile, resolution=resolution))
    assert CONTAINER_BYTES < expected_bytes(plan=plan, profile=profile) < plan.ceiling_bytes
