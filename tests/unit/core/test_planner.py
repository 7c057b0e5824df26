"""plan_clip as a whole: pure, closed, and the same for everybody."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.detection import Engine
from proxx.core.facts import MediaFacts
from proxx.core.plain import from_plain, to_plain
from proxx.core.plan import Plan, PlanInputs
from proxx.core.planner import PlanRefusedError, plan_clip, plan_digest
from proxx.core.profile import Profile
from proxx.core.roots import RootPath
from proxx.core.violation import ViolationCode
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import FACTS, STEREO, VIDEO, facts_with, inputs_with

LIBRARY = builtin_library()
FFMPEG = tuple(profile for profile in LIBRARY.profiles if profile.engine is Engine.FFMPEG)
PAIRS = [
    pytest.param(profile, container, id=f"{profile.name} in {container}")
    for profile in FFMPEG
    for container in profile.containers
]


def profile_named(name: str) -> Profile:
    profile = LIBRARY.get(name)
    assert profile is not None
    return profile


def planned_inputs(profile: Profile, container: str, facts: MediaFacts = FACTS) -> PlanInputs:
    resolution = "same" if "same" in profile.resolutions else profile.default_resolution
    return inputs_with(profile=profile, facts=facts, container=container, resolution=resolution)


@pytest.mark.parametrize(("profile", "container"), PAIRS)
def test_inputs_that_travelled_give_the_same_plan(profile: Profile, container: str) -> None:
    inputs = planned_inputs(profile, container)
    assert plan_clip(inputs=from_plain(PlanInputs, to_plain(inputs))) == plan_clip(inputs=inputs)


@pytest.mark.parametrize(("profile", "container"), PAIRS)
def test_a_command_names_both_files_once_and_pins_every_width(profile: Profile, container: str) -> None:
    argv = plan_clip(inputs=planned_inputs(profile, container)).argv
    threads = str(profile.threads)
    (output,) = (place for place, word in enumerate(argv) if "file:{output}" in word)
    assert (argv[0], [word for word in argv if "{source}" in word]) == ("ffmpeg", ["file:{source}"])
    for option in ("-threads", "-threads:v"):
        assert argv[argv.index(option) + 1] == threads
    for option in ("-filter_threads", "-filter_complex_threads"):
        assert option not in argv or argv[argv.index(option) + 1] == "1"
    for option in ("-protocol_whitelist", "-format_whitelist", "-codec_whitelist", "-max_pixels", "-map_metadata"):
        assert option in argv[:output]


@pytest.mark.parametrize(("profile", "container"), PAIRS)
def test_a_plan_survives_its_plain_form_and_its_digest_covers_the_rest(profile: Profile, container: str) -> None:
    plan = plan_clip(inputs=planned_inputs(profile, container))
    assert from_plain(Plan, to_plain(plan)) == plan
    assert plan.digest == plan_digest(plan)
    assert plan_digest(replace(plan, argv=(*plan.argv, "x"))) != plan.digest


def test_the_digest_covers_the_output_path_and_no_file_time_or_size() -> None:
    inputs = planned_inputs(profile_named("proxy_h264_low"), "mp4")
    plan = plan_clip(inputs=inputs)
    elsewhere = replace(inputs, output=RootPath(root="media", path="proxies/other.mp4"))
    larger = replace(inputs, facts=replace(inputs.facts, size_bytes=inputs.facts.size_bytes + 1))
    assert plan_clip(inputs=elsewhere).digest != plan.digest
    assert plan_clip(inputs=larger).digest == plan.digest


@given(
    width=st.integers(16, 4096),
    height=st.integers(16, 4096),
    rate=st.sampled_from((Fraction(24000, 1001), Fraction(25), Fraction(60), Fraction(2997, 125))),
    frames=st.integers(1, 10_000),
    tracks=st.integers(0, 8),
    resolution=st.sampled_from(("same", "half", "quarter", "1280x720")),
)
def test_the_ceiling_is_above_an_uncompressed_output(
    width: int, height: int, rate: Fraction, frames: int, tracks: int, resolution: str
) -> None:
    video = replace(VIDEO, width=width, height=height, frame_rate=rate, frame_count=frames)
    audio = tuple(replace(STEREO, stream_index=index + 1) for index in range(tracks))
    inputs = inputs_with(
        profile=profile_named("proxy_h264_low"),
        facts=facts_with(video=video, audio=audio),
        container="mp4",
        resolution=resolution,
    )
    plan = plan_clip(inputs=inputs)
    raw = plan.expected.width * plan.expected.height * 3 // 2 * plan.expected.frame_count
    assert plan.ceiling_bytes >= max(64 * 1024 * 1024, raw)


@pytest.mark.parametrize(
    ("inputs", "code", "reason"),
    [
        pytest.param(
            inputs_with(profile=profile_named("proxy_prores_proxy_resolve")),
            ViolationCode.PROFILE_ENGINE,
            "the profile requires the resolve engine",
            id="a Resolve profile",
        ),
        pytest.param(
            inputs_with(profile=profile_named("proxy_h264_low"), container="mxf"),
            ViolationCode.PROFILE_MISMATCH,
            "does not permit this container",
            id="container",
        ),
        pytest.param(
            inputs_with(profile=profile_named("proxy_h264_low"), codec="hevc"),
            ViolationCode.PROFILE_MISMATCH,
            "does not permit this codec",
            id="codec",
        ),
        pytest.param(
            inputs_with(profile=profile_named("proxy_dnxhd_36"), resolution="half"),
            ViolationCode.PROFILE_MISMATCH,
            "does not permit this resolution",
            id="resolution",
        ),
        pytest.param(
            inputs_with(profile=profile_named("proxy_h264_low"), facts=replace(FACTS, video=None)),
            ViolationCode.SOURCE_CANNOT_FIT_PROFILE,
            "has no video track",
            id="no video",
        ),
        pytest.param(
            inputs_with(
                profile=profile_named("proxy_h264_low"), facts=facts_with(video=replace(VIDEO, pixel_format=None))
            ),
            ViolationCode.SOURCE_CANNOT_FIT_PROFILE,
            "pixel format is unknown",
            id="header only",
        ),
        pytest.param(
            inputs_with(profile=profile_named("proxy_h264_low"), facts=facts_with(video=replace(VIDEO, codec="vc1"))),
            ViolationCode.SOURCE_CANNOT_FIT_PROFILE,
            "no decoder is permitted",
            id="codec outside the matrix",
        ),
        pytest.param(
            inputs_with(profile=profile_named("proxy_h264_low"), facts=facts_with(other_streams=("data:x",) * 70)),
            ViolationCode.SOURCE_CANNOT_FIT_PROFILE,
            "too many streams",
            id="70 streams",
        ),
    ],
)
def test_what_cannot_be_planned_is_refused_with_code_and_reason(
    inputs: PlanInputs, code: ViolationCode, reason: str
) -> None:
    with pytest.raises(PlanRefusedError) as caught:
        plan_clip(inputs=inputs)
    (violation,) = caught.value.violations
    assert (violation.code, violation.field, reason in violation.message) == (code, "source", True)


def test_all_reasons_against_one_source_are_given_at_once() -> None:
    video = replace(VIDEO, width=100, height=100, frame_rate=Fraction(10))
    facts = facts_with(video=video, audio=(replace(STEREO, codec="qclp"),))
    with pytest.raises(PlanRefusedError) as caught:
        plan_clip(inputs=inputs_with(profile=profile_named("proxy_dnxhr_lb"), facts=facts, container="mxf"))
    assert [violation.actual for violation in caught.value.violations] == ["100x100", "10/1", "qclp"]


def test_a_hostile_file_name_is_quoted_in_a_refusal() -> None:
    inputs = inputs_with(profile=profile_named("proxy_h264_low"), facts=replace(FACTS, video=None))
    hostile = replace(inputs, source=RootPath(root="media", path="a\x1b[2J\n.mov"))
    with pytest.raises(PlanRefusedError) as caught:
        plan_clip(inputs=hostile)
    assert caught.value.violations[0].message.isprintable()


def test_streams_that_are_left_behind_are_named() -> None:
    facts = facts_with(other_streams=("data:tmcd", "subtitle:mov_text", "data:gp\x00md"))
    plan = plan_clip(inputs=inputs_with(profile=profile_named("proxy_h264_low"), facts=facts, container="mov"))
    assert "streams that are not carried: data:gpmd, subtitle:mov_text" in plan.warnings
