"""The judge on what Resolve rendered: the same measures, and nothing asked that Resolve does not say."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.facts import FieldOrder
from proxx.core.judge import judge
from proxx.core.planner import plan_clip
from proxx.core.relink import WillAttach, certify
from proxx.core.steps import Measured
from proxx.core.stillness import Stillness
from proxx.core.verdict import CheckLevel
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import inputs_with
from tests.fakes.raw_facts import RAW_FACTS, raw_with, rendered_file

PROFILE = builtin_library().get("proxy_prores_proxy_resolve")
assert PROFILE is not None
PLAN = plan_clip(inputs=inputs_with(profile=PROFILE, facts=RAW_FACTS, resolution="half"))
NO_TIMECODE = plan_clip(
    inputs=inputs_with(profile=PROFILE, facts=raw_with(timecode=None, reel_name=None), resolution="half")
)
FILE = rendered_file(PLAN)


def with_video(**changes: object) -> Measured:
    assert FILE.facts.video is not None
    return replace(FILE, facts=replace(FILE.facts, video=replace(FILE.facts.video, **changes)))


def with_audio(**changes: object) -> Measured:
    return replace(FILE, facts=replace(FILE.facts, audio=(replace(FILE.facts.audio[0], **changes),)))


def with_facts(**changes: object) -> Measured:
    return replace(FILE, facts=replace(FILE.facts, **changes))


def test_a_faithful_render_passes_every_check_in_the_fixed_order() -> None:
    verdict = judge(plan=PLAN, measured=FILE)
    assert {check.level for check in verdict.checks} == {CheckLevel.PASS}
    assert tuple(check.name for check in verdict.checks) == (
        *("decodes_to_end", "structure", "source_unchanged", "output_unchanged", "container", "codec", "frame_count"),
        *("video_track_count", "codec_profile", "pixel_format", "declared_frame_count", "frame_rate"),
        *("constant_frame_rate", "duration", "raster", "pixel_aspect", "field_order", "rotation", "color_range"),
        *("pictures_differ", "timecode", "drop_frame", "reel_name", "audio_track_count"),
        *("audio[0].codec", "audio[0].channels", "audio[0].sample_rate", "audio[0].start", "audio[0].duration"),
    )


@pytest.mark.parametrize(
    ("measured", "failed"),
    [
        pytest.param(replace(FILE, decoded_frames=239), ["frame_count"], id="one frame short"),
        pytest.param(with_video(frame_rate=Fraction(24)), ["frame_rate"], id="rounded rate"),
        pytest.param(with_video(width=1920), ["raster"], id="another raster"),
        pytest.param(with_video(profile="HQ"), ["codec_profile"], id="another flavour"),
        pytest.param(with_video(field_order=FieldOrder.TOP_FIRST), ["field_order"], id="fields"),
        pytest.param(with_video(color_range="pc"), ["color_range"], id="full range"),
        pytest.param(
            with_facts(timecode=replace(FILE.facts.timecode, label="01:00:00:00")),
            ["timecode"],
            id="timeline's timecode",
        ),
        pytest.param(with_facts(timecode=None), ["timecode", "drop_frame"], id="no timecode"),
        pytest.param(with_facts(reel_name="A009"), ["reel_name"], id="another reel"),
        pytest.param(with_facts(audio=()), ["audio_track_count"], id="no sound"),
        pytest.param(with_audio(channels=2), ["audio[0].channels"], id="channels mixed down"),
        pytest.param(with_audio(codec="pcm_s16le"), ["audio[0].codec"], id="another depth"),
        pytest.param(replace(FILE, audio_durations=(Fraction(9),)), ["audio[0].duration"], id="sound cut short"),
        pytest.param(
            replace(FILE, stillness=Stillness(moves=False, black=False)),
            ["pictures_differ"],
            id="one slate all through",
        ),
        pytest.param(replace(FILE, stillness=None), ["pictures_differ"], id="nobody looked at the pictures"),
    ],
)
def test_a_render_that_is_not_what_was_planned_fails(measured: Measured, failed: list[str]) -> None:
    assert [check.name for check in judge(plan=PLAN, measured=measured).failures()] == failed


@pytest.mark.parametrize(
    "measured",
    [
        pytest.param(with_audio(codec="pcm_s24be"), id="the other byte order"),
        pytest.param(with_audio(language=None), id="no language"),
        pytest.param(with_facts(brand=None), id="no brand"),
        pytest.param(with_video(color_primaries=None, color_transfer=None, color_matrix=None), id="no colour tags"),
    ],
)
def test_what_nothing_was_asked_of_passes(measured: Measured) -> None:
    assert {check.level for check in judge(plan=PLAN, measured=measured).checks} == {CheckLevel.PASS}


def test_a_reel_name_that_is_left_out_is_a_warning() -> None:
    verdict = judge(plan=PLAN, measured=with_facts(reel_name=None))
    assert [
        (check.name, check.level, check.actual) for check in verdict.checks if check.level is not CheckLevel.PASS
    ] == [("reel_name", CheckLevel.WARN, "not stated")]
    assert verdict.passed


def test_without_a_planned_timecode_it_may_say_zero_and_nothing_else() -> None:
    zero = rendered_file(NO_TIMECODE)
    assert judge(plan=NO_TIMECODE, measured=zero).passed
    assert judge(plan=NO_TIMECODE, measured=replace(zero, facts=replace(zero.facts, timecode=None))).passed
    assert [check.name for check in judge(plan=NO_TIMECODE, measured=FILE).failures()] == ["timecode"]


def test_a_render_attaches_where_the_rules_can_tell() -> None:
    certificates = certify(
        source=RAW_FACTS, proxy=FILE.facts, source_name="/raw/A001C002.R3D", output_name="/raw/Proxy/A001C002.mov"
    )
    assert certificates[0].will_attach is WillAttach.YES
    assert [reason.rule for found in certificates for reason in found.reasons if reason.rule == "frame_rate"] == []


def test_black_all_through_is_said_and_passes() -> None:
    verdict = judge(plan=PLAN, measured=replace(FILE, stillness=Stillness(moves=False, black=True)))
    warned = [(check.name, check.actual) for check in verdict.checks if check.level is CheckLevel.WARN]
    assert (verdict.passed, warned) == (True, [("pictures_differ", "all the same, and black")])


def test_one_picture_need_not_differ() -> None:
    plan = replace(PLAN, expected=replace(PLAN.expected, frame_count=1))
    names = {check.name for check in judge(plan=plan, measured=FILE).checks}
    assert "pictures_differ" not in names
