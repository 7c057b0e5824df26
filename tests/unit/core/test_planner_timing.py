"""Rates and frame counts of planned proxies."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.facts import VideoFacts
from proxx.core.plan import Plan
from proxx.core.planner import PlanRefusedError, plan_clip
from proxx.core.profile import VariableRate
from tests.fakes.media_facts import VIDEO, facts_with, inputs_with
from tests.fakes.plain_library import plain_library

LIBRARY = plain_library()
NTSC_24, NTSC_30 = Fraction(24000, 1001), Fraction(30000, 1001)
VARIABLE = replace(VIDEO, constant_frame_rate=False, frame_rate=Fraction(51600, 1841), time_base=Fraction(1, 600))


def plan(
    video: VideoFacts, *, profile: str = "proxy_h264_low", container: str | None = None, fps: Fraction | None = None
) -> Plan:
    recipe = LIBRARY.get(profile)
    assert recipe is not None
    resolution = "same" if "same" in recipe.resolutions else recipe.default_resolution
    facts = facts_with(video=video)
    return plan_clip(
        inputs=inputs_with(profile=recipe, facts=facts, container=container, fps=fps, resolution=resolution)
    )


def value(planned: Plan, option: str) -> str | None:
    return planned.argv[planned.argv.index(option) + 1] if option in planned.argv else None


@pytest.mark.parametrize(
    ("rate", "option", "tick", "scale"),
    [
        pytest.param(Fraction(25), "25", "1/25", "10000", id="25"),
        pytest.param(NTSC_30, "30000/1001", "1001/30000", "30000", id="29.97"),
        pytest.param(Fraction(2997, 125), "2997/125", "125/2997", "11988", id="a rate that only a camera writes"),
    ],
)
def test_a_constant_rate_is_kept_exactly_by_numbering_the_frames(
    rate: Fraction, option: str, tick: str, scale: str
) -> None:
    planned = plan(replace(VIDEO, frame_rate=rate), container="mov")
    assert (value(planned, "-r"), value(planned, "-enc_time_base:v:0"), value(planned, "-video_track_timescale")) == (
        option,
        tick,
        scale,
    )
    assert (planned.expected.frame_rate, planned.expected.frame_count, planned.expected.constant_frame_rate) == (
        rate,
        100,
        True,
    )


@pytest.mark.parametrize("container", ["mp4", "mov", "mkv"])
def test_a_variable_rate_keeps_every_time_stamp(container: str) -> None:
    planned = plan(VARIABLE, container=container)
    assert (value(planned, "-r"), value(planned, "-enc_time_base:v:0"), value(planned, "-fps_mode")) == (
        None,
        "1/600",
        "passthrough",
    )
    assert (planned.expected.constant_frame_rate, planned.expected.frame_count) == (False, 100)
    assert "the source's frame rate varies; the proxy keeps every frame's time" in planned.warnings


@pytest.mark.parametrize(
    ("source_rate", "frames", "fps", "count"),
    [
        pytest.param(Fraction(25), 36, NTSC_24, 35, id="34.5 frames, halves up"),
        pytest.param(Fraction(60), 29, Fraction(30), 15, id="14.5 frames, halves up"),
        pytest.param(Fraction(25), 1, Fraction(120), 5, id="one frame becomes five"),
        pytest.param(NTSC_30, 7, Fraction(10), 2, id="2.3 frames"),
    ],
)
def test_an_explicit_rate_gives_the_rounded_number_of_frames(
    source_rate: Fraction, frames: int, fps: Fraction, count: int
) -> None:
    planned = plan(replace(VIDEO, frame_rate=source_rate, frame_count=frames), fps=fps)
    assert (planned.expected.frame_count, planned.expected.frame_rate) == (count, fps)
    assert (
        f"settb=expr={1 / source_rate},fps=fps={fps}:start_time=0:round=near,"
        in planned.argv[planned.argv.index("-filter:v:0") + 1]
    )


@given(frames=st.integers(1, 500), fps=st.sampled_from((NTSC_24, Fraction(25), NTSC_30, Fraction(60))))
def test_conforming_never_changes_the_length_by_more_than_half_a_frame(frames: int, fps: Fraction) -> None:
    expected = plan(replace(VIDEO, frame_count=frames), fps=fps).expected
    assert abs(expected.frame_count / expected.frame_rate - frames / Fraction(25)) <= 1 / fps / 2


def test_an_explicit_rate_that_the_source_has_already_changes_nothing_but_is_kept_exactly() -> None:
    assert plan(VIDEO, fps=Fraction(25)).argv == plan(VIDEO).argv


@pytest.mark.parametrize(
    ("video", "profile", "container", "fps", "reason"),
    [
        pytest.param(VARIABLE, "proxy_dnxhr_lb", "mxf", None, "frame rate varies", id="variable rate in MXF"),
        pytest.param(
            replace(VIDEO, frame_rate=Fraction(10)),
            "proxy_dnxhr_lb",
            "mxf",
            None,
            "the frame rate 10/1 is not one that can be written",
            id="a rate that MXF has no edit rate for",
        ),
        pytest.param(
            replace(VIDEO, frame_rate=Fraction(48)),
            "proxy_dnxhd_36",
            "mxf",
            None,
            "the frame rate 48/1 is not one that can be written",
            id="a rate outside the profile's table",
        ),
        pytest.param(
            replace(VIDEO, frame_count=0), "proxy_h264_low", "mp4", None, "no frames or no frame rate", id="no frames"
        ),
        pytest.param(
            replace(VIDEO, frame_count=1),
            "proxy_h264_low",
            "mp4",
            Fraction(10),
            "shorter than half a frame",
            id="nothing left after conforming",
        ),
    ],
)
def test_time_that_cannot_be_written_is_refused(
    video: VideoFacts, profile: str, container: str, fps: Fraction | None, reason: str
) -> None:
    with pytest.raises(PlanRefusedError) as caught:
        plan(video, profile=profile, container=container, fps=fps)
    assert [reason in violation.message for violation in caught.value.violations] == [True]


@pytest.mark.parametrize("container", ["mov", "mp4", "mkv"])
def test_a_profile_that_refuses_variable_rates_says_the_rate_and_the_way_out(container: str) -> None:
    recipe = LIBRARY.get("proxy_h264_low")
    assert recipe is not None
    strict = replace(recipe, variable_rate=VariableRate.REFUSE)
    with pytest.raises(PlanRefusedError) as caught:
        plan_clip(inputs=inputs_with(profile=strict, facts=facts_with(video=VARIABLE), container=container))
    (violation,) = caught.value.violations
    assert violation.message.endswith(
        "the source's frame rate varies (28.028 frames a second on average), and the profile refuses that; "
        "name an explicit rate (fps_explicit), or choose a profile that keeps variable rates"
    )
    assert (violation.expected, violation.actual) == ("a constant frame rate", "variable, 28.028 on average")
    conformed = inputs_with(profile=strict, facts=facts_with(video=VARIABLE), container=container, fps=Fraction(25))
    assert plan_clip(inputs=conformed).expected.constant_frame_rate
    assert plan_clip(inputs=inputs_with(profile=strict, container=container)).expected.constant_frame_rate


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(50)], ids=["25", "50"])
def test_who_needs_a_constant_rate_is_named(rate: Fraction) -> None:
    recipe = LIBRARY.get("proxy_h264_low")
    assert recipe is not None
    certain = replace(recipe, frame_rates=(rate,))
    with pytest.raises(PlanRefusedError, match="and the profile permits certain rates only"):
        plan_clip(inputs=inputs_with(profile=certain, facts=facts_with(video=VARIABLE)))
    with pytest.raises(PlanRefusedError, match="and mxf holds a constant one only"):
        plan(VARIABLE, profile="avid_dnxhr_lb")


def test_the_first_picture_is_the_origin_of_time() -> None:
    assert value(plan(replace(VIDEO, start_time=Fraction(61, 40))), "-itsoffset") == "-1.525000"
    assert value(plan(replace(VIDEO, start_time=Fraction(-1, 50))), "-itsoffset") == "0.020000"
    assert value(plan(VIDEO), "-itsoffset") is None
