"""The judge: a faithful proxy passes, and every check fails when its one fact is wrong."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.facts import FieldOrder, MediaFacts, TimecodeFacts, VideoFacts
from proxx.core.judge import judge
from proxx.core.plan import Plan
from proxx.core.planner import plan_clip
from proxx.core.profile import Profile
from proxx.core.steps import Measured
from proxx.core.verdict import Check, CheckLevel
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import FACTS, STEREO, VIDEO, facts_with, inputs_with


def profile_named(name: str) -> Profile:
    profile = builtin_library().get(name)
    assert profile is not None
    return profile


def plan_in(container: str, *, profile: str = "proxy_h264_low", facts: MediaFacts = FACTS) -> Plan:
    chosen = replace(profile_named(profile), witness=False)  # tests/unit/core/test_judge_witness.py has those
    return plan_clip(inputs=inputs_with(profile=chosen, facts=facts, container=container))


PLAN = plan_in("mov")
PROXY = replace(FACTS, audio=(replace(STEREO, codec="aac"),), brand="qt")
MEASURED = Measured(
    facts=PROXY,
    decoded_frames=100,
    decode_errors=(),
    audio_durations=(Fraction(4),),
    source_errors=(),
    source_unchanged=True,
)
FIXED_ORDER = (
    *("decodes_to_end", "structure", "source_decode_errors", "source_unchanged", "output_unchanged"),
    *("container", "brand", "codec", "frame_count"),
    *(
        "video_track_count",
        "codec_profile",
        "pixel_format",
        "declared_frame_count",
        "frame_rate",
        "constant_frame_rate",
        "duration",
        "raster",
        "pixel_aspect",
    ),
    *("field_order", "rotation", "color_range", "color_primaries", "color_transfer", "color_matrix"),
    *("timecode", "drop_frame", "reel_name", "audio_track_count"),
    *("audio[0].codec", "audio[0].channels", "audio[0].layout", "audio[0].sample_rate", "audio[0].language"),
    *("audio[0].start", "audio[0].duration"),
)


def with_video(**changes: object) -> Measured:
    return replace(MEASURED, facts=replace(PROXY, video=replace(VIDEO, **changes)))


def with_audio(**changes: object) -> Measured:
    return replace(MEASURED, facts=replace(PROXY, audio=(replace(PROXY.audio[0], **changes),)))


def with_facts(**changes: object) -> Measured:
    return replace(MEASURED, facts=replace(PROXY, **changes))


def failures(plan: Plan, measured: Measured) -> list[tuple[str, str, str]]:
    return [(check.name, check.expected, check.actual) for check in judge(plan=plan, measured=measured).failures()]


def test_a_faithful_proxy_passes_every_check_in_the_fixed_order() -> None:
    verdict = judge(plan=PLAN, measured=MEASURED)
    assert tuple(check.name for check in verdict.checks) == FIXED_ORDER
    assert {check.level for check in verdict.checks} == {CheckLevel.PASS}
    assert verdict.passed


@pytest.mark.parametrize(
    ("measured", "failed"),
    [
        pytest.param(
            replace(MEASURED, decode_errors=("[h264 @ 0x1] [error] bad\x1b[2J",)),
            [
                (
                    "decodes_to_end",
                    "the whole proxy decodes without an error",
                    '"[h264 @ 0x1] [error] bad\\u001b[2J"',
                )
            ],
            id="decodes_to_end",
        ),
        pytest.param(
            replace(MEASURED, source_errors=("a", "b", "c", "d", "e")),
            [("source_decode_errors", "the whole source decodes without an error", '"a"; "b"; "c"; 2 more')],
            id="source_decode_errors",
        ),
        pytest.param(
            replace(MEASURED, source_unchanged=False),
            [("source_unchanged", "unchanged", "changed while it was read")],
            id="source_unchanged",
        ),
        pytest.param(
            replace(MEASURED, output_unchanged=False),
            [("output_unchanged", "unchanged", "changed while it was judged")],
            id="output_unchanged",
        ),
        pytest.param(
            replace(MEASURED, structure_errors=("the empty space at byte 7 holds something at byte 9",)),
            [
                (
                    "structure",
                    "nothing but packets and what belongs to them",
                    '"the empty space at byte 7 holds something at byte 9"',
                )
            ],
            id="structure",
        ),
        pytest.param(with_facts(container="mp4"), [("container", "mov", "mp4")], id="container"),
        pytest.param(with_facts(brand="isom"), [("brand", "qt", "isom")], id="brand"),
        pytest.param(with_video(profile="High 10"), [("codec_profile", "High", "High 10")], id="codec profile"),
        pytest.param(with_video(pixel_format="yuv444p"), [("pixel_format", "yuv420p", "yuv444p")], id="pixel format"),
        pytest.param(
            with_audio(language="fra"), [("audio[0].language", "not stated", "fra")], id="a language from nowhere"
        ),
        pytest.param(with_video(codec="hevc"), [("codec", "h264", "hevc")], id="codec"),
        pytest.param(replace(MEASURED, decoded_frames=99), [("frame_count", "100", "99")], id="frame_count"),
        pytest.param(
            with_video(declared_frame_count=99), [("declared_frame_count", "100", "99")], id="declared_frame_count"
        ),
        pytest.param(
            with_video(frame_rate=Fraction(24999, 1000)), [("frame_rate", "25/1", "24999/1000")], id="frame_rate"
        ),
        pytest.param(
            with_video(constant_frame_rate=False),
            [("constant_frame_rate", "constant", "variable")],
            id="constant_frame_rate",
        ),
        pytest.param(
            with_video(duration=Fraction(405, 100)),
            [("duration", "4.000000 s ± 0.040000 s", "4.050000 s")],
            id="duration",
        ),
        pytest.param(with_video(width=1280, height=720), [("raster", "1920x1080", "1280x720")], id="raster"),
        pytest.param(with_video(pixel_aspect=Fraction(4, 3)), [("pixel_aspect", "1/1", "4/3")], id="pixel_aspect"),
        pytest.param(
            with_video(field_order=FieldOrder.TOP_FIRST),
            [("field_order", "PROGRESSIVE", "TOP_FIRST")],
            id="field_order",
        ),
        pytest.param(with_video(rotation=90), [("rotation", "0", "90")], id="rotation"),
        pytest.param(with_video(mirrored=True), [("rotation", "0", "0 mirrored")], id="mirrored"),
        pytest.param(with_video(color_range="pc"), [("color_range", "tv", "pc")], id="color_range"),
        pytest.param(
            with_video(color_primaries="bt2020"), [("color_primaries", "bt709", "bt2020")], id="color_primaries"
        ),
        pytest.param(
            with_video(color_transfer="smpte2084"), [("color_transfer", "bt709", "smpte2084")], id="color_transfer"
        ),
        pytest.param(with_video(color_matrix=None), [("color_matrix", "bt709", "not stated")], id="color_matrix"),
        pytest.param(
            with_facts(timecode=None),
            [("timecode", "10:00:00:00", "not stated"), ("drop_frame", "no", "not stated")],
            id="timecode and drop_frame",
        ),
        pytest.param(
            with_facts(timecode=TimecodeFacts(label="10:00:00:00", drop_frame=True, rate=Fraction(25), origin="tmcd")),
            [("drop_frame", "no", "yes")],
            id="drop_frame",
        ),
        pytest.param(with_facts(reel_name="A002"), [("reel_name", "A001", "A002")], id="reel_name"),
        pytest.param(with_facts(audio=()), [("audio_track_count", "1", "0")], id="a lost track"),
        pytest.param(with_facts(audio=PROXY.audio * 2), [("audio_track_count", "1", "2")], id="a track from nowhere"),
        pytest.param(with_audio(codec="opus"), [("audio[0].codec", "aac", "opus")], id="audio codec"),
        pytest.param(with_audio(channels=1), [("audio[0].channels", "2", "1")], id="audio channels"),
        pytest.param(with_audio(layout=None), [("audio[0].layout", "stereo", "not stated")], id="audio layout"),
        pytest.param(
            with_audio(sample_rate=44100), [("audio[0].sample_rate", "48000", "44100")], id="audio sample rate"
        ),
        pytest.param(
            replace(MEASURED, audio_durations=(Fraction(38, 10),)),
            [("audio[0].duration", "4.000000 s - 0.025000 s + 0.067667 s", "3.800000 s")],
            id="audio duration",
        ),
        pytest.param(
            replace(MEASURED, audio_durations=()),
            [("audio[0].duration", "4.000000 s - 0.025000 s + 0.067667 s", "not stated")],
            id="a track that gave no samples",
        ),
        pytest.param(
            replace(MEASURED, audio_durations=(Fraction(395, 100),)),
            [("audio[0].duration", "4.000000 s - 0.025000 s + 0.067667 s", "3.950000 s")],
            id="a track 50 ms short",
        ),
        pytest.param(
            replace(with_audio(start_time=Fraction(1, 10)), audio_durations=(Fraction(39, 10),)),
            [("audio[0].start", "0.000000 s ± 0.025000 s", "0.100000 s")],
            id="a track 100 ms late",
        ),
        pytest.param(
            with_video(start_time=Fraction(-3, 25)),
            [
                ("audio[0].start", "0.000000 s ± 0.025000 s", "0.120000 s"),
                ("audio[0].duration", "4.000000 s - 0.025000 s + 0.067667 s", "4.120000 s"),
            ],
            id="a picture before its sound",
        ),
        pytest.param(
            with_facts(other_streams=("data:tmcd", "video:h264")),
            [("video_track_count", "1", "2")],
            id="a second video track",
        ),
        pytest.param(
            with_facts(other_streams=("picture:png",)), [("video_track_count", "1", "2")], id="a cover picture"
        ),
        pytest.param(with_facts(video=None), [("codec", "h264", "not stated")], id="no video at all"),
    ],
)
def test_one_wrong_fact_fails_its_check_and_no_other(measured: Measured, failed: list[tuple[str, str, str]]) -> None:
    assert failures(PLAN, measured) == failed
    assert not judge(plan=PLAN, measured=measured).passed


@pytest.mark.parametrize(
    "measured",
    [
        pytest.param(with_video(declared_frame_count=None), id="a container that declares no count"),
        pytest.param(with_video(field_order=FieldOrder.UNKNOWN), id="no field order stated"),
        pytest.param(with_video(color_range=None), id="no range stated is limited range"),
        pytest.param(with_video(profile="Constrained Baseline"), id="a lower H.264 profile"),
        pytest.param(with_video(duration=None), id="no track length stated"),
        pytest.param(with_video(duration=Fraction(404, 100)), id="one frame longer"),
        pytest.param(with_video(color_transfer="smpte170m"), id="a transfer by its other name"),
        pytest.param(with_video(pixel_aspect=Fraction(1921, 1920)), id="within a pixel of displayed width"),
        pytest.param(with_video(pixel_aspect=None), id="square is what nothing stated means"),
        pytest.param(replace(MEASURED, audio_durations=(Fraction(4) + Fraction(2048, 48000),)), id="AAC padding"),
        pytest.param(replace(MEASURED, audio_durations=(Fraction(3976, 1000),)), id="a source's AAC priming"),
        pytest.param(
            replace(with_audio(start_time=Fraction(-21, 1000)), audio_durations=(Fraction(4021, 1000),)),
            id="priming before the first picture",
        ),
        pytest.param(with_audio(start_time=None), id="no start stated"),
        pytest.param(
            replace(MEASURED, source_errors=("[mov @ 0x1] [error] Codec (mov_text) not on whitelist 'aac,h264'",)),
            id="a stream that nobody reads",
        ),
    ],
)
def test_what_a_container_cannot_say_exactly_does_not_stop_a_proxy(measured: Measured) -> None:
    assert failures(PLAN, measured) == []


@pytest.mark.parametrize(
    ("container", "rate", "found", "passes"),
    [
        pytest.param("mkv", Fraction(60000, 1001), Fraction(19001, 317), True, id="whole nanoseconds in mkv"),
        pytest.param("mkv", Fraction(60000, 1001), Fraction(60), False, id="60 is not 59.94"),
        pytest.param("mov", Fraction(60000, 1001), Fraction(19001, 317), False, id="mov is exact"),
        pytest.param("mkv", Fraction(90000, 3001), Fraction(30), True, id="an odd rate within whole milliseconds"),
        pytest.param("mkv", Fraction(45000, 1501), Fraction(30), False, id="an odd rate beyond whole milliseconds"),
        pytest.param("mkv", Fraction(30000, 1001), Fraction(90000, 3001), False, id="a standard rate is named exactly"),
        pytest.param("mov", Fraction(90000, 3001), Fraction(30), False, id="an odd rate is exact in mov"),
    ],
)
def test_a_rate_is_exact_as_far_as_the_container_can_store_it(
    container: str, rate: Fraction, found: Fraction, passes: bool
) -> None:
    video = replace(VIDEO, frame_rate=rate, duration=None)
    plan = plan_in(container, facts=facts_with(video=video, timecode=None, reel_name=None))
    proxy = replace(PROXY, container=container, video=replace(video, frame_rate=found))
    assert ("frame_rate" not in [name for name, _, _ in failures(plan, replace(MEASURED, facts=proxy))]) is passes


def variable(rate: Fraction, *, constant: bool) -> VideoFacts:
    return replace(VIDEO, frame_rate=rate, constant_frame_rate=constant, duration=None)


@pytest.mark.parametrize(
    ("found", "constant", "passes"),
    [
        pytest.param(Fraction(25), False, True, id="the same average"),
        pytest.param(Fraction(254, 10), False, True, id="an average within two frames of the count"),
        pytest.param(Fraction(25), True, True, id="more regular than the source"),
        pytest.param(Fraction(26), False, False, id="four frames off"),
    ],
)
def test_a_variable_rate_is_an_average(found: Fraction, constant: bool, passes: bool) -> None:
    plan = plan_in("mov", facts=facts_with(video=variable(Fraction(25), constant=False)))
    measured = replace(MEASURED, facts=replace(PROXY, video=variable(found, constant=constant)))
    assert (failures(plan, measured) == []) is passes


def test_nothing_is_asked_of_what_the_plan_left_open() -> None:
    facts = facts_with(video=replace(VIDEO, pixel_aspect=None), timecode=None, reel_name=None, audio=())
    checks = judge(plan=plan_in("mov", facts=facts), measured=replace(MEASURED, facts=facts)).checks
    assert {"pixel_aspect", "drop_frame"}.isdisjoint(check.name for check in checks)
    assert checks[-1] == Check(name="audio_track_count", level=CheckLevel.PASS, expected="0", actual="0")


@pytest.mark.parametrize(
    ("container", "label", "reel", "failed"),
    [
        pytest.param("mov", None, None, [], id="none"),
        pytest.param("mov", "00:00:00:00", None, ["timecode"], id="a timecode in mov"),
        pytest.param("mxf", "00:00:00:00", None, [], id="the timecode that MXF must have"),
        pytest.param("mxf", "01:00:00:00", None, ["timecode"], id="another timecode in MXF"),
        pytest.param("mov", None, "A001", ["reel_name"], id="a reel name"),
    ],
)
def test_a_label_that_the_source_does_not_have_is_not_invented(
    container: str, label: str | None, reel: str | None, failed: list[str]
) -> None:
    facts = facts_with(audio=(), timecode=None, reel_name=None)
    plan = plan_in(container, profile="proxy_dnxhr_lb", facts=facts)
    stated = None
    if label is not None:
        stated = TimecodeFacts(label=label, drop_frame=False, rate=Fraction(25), origin="tmcd")
    video = replace(VIDEO, codec="dnxhr")
    video = replace(video, profile="DNXHR LB", pixel_format="yuv422p")
    brand = "qt" if container == "mov" else None
    proxy = replace(facts, container=container, brand=brand, video=video, timecode=stated, reel_name=reel)
    assert [name for name, _, _ in failures(plan, replace(MEASURED, facts=proxy))] == failed


UNTAGGED = replace(VIDEO, color_primaries=None, color_transfer=None, color_matrix=None)


@pytest.mark.parametrize(
    ("profile", "found", "failed"),
    [
        pytest.param("proxy_h264_low", {}, [], id="none"),
        pytest.param("proxy_h264_low", {"color_primaries": "bt2020"}, ["color_primaries"], id="primaries"),
        pytest.param("proxy_h264_low", {"color_transfer": "bt709"}, ["color_transfer"], id="a transfer"),
        pytest.param("proxy_h264_low", {"color_matrix": "bt709"}, ["color_matrix"], id="a matrix"),
        pytest.param("proxy_dnxhr_lb", {"color_matrix": "bt709"}, [], id="the matrix that VC-3 always names"),
    ],
)
def test_colour_that_the_source_does_not_state_is_not_invented(
    profile: str, found: dict[str, str], failed: list[str]
) -> None:
    facts = facts_with(video=UNTAGGED)
    plan = plan_in("mov", profile=profile, facts=facts)
    measured = replace(MEASURED, facts=replace(PROXY, video=replace(UNTAGGED, **found)))
    assert [name for name, _, _ in failures(plan, measured) if name.startswith("color")] == failed


@pytest.mark.parametrize(
    ("codec", "length", "passes"),
    [
        pytest.param("pcm_s24le", Fraction(396, 100), False, id="40 ms short of PCM"),
        pytest.param("aac", Fraction(396, 100), True, id="40 ms short of AAC, which may code 2048 samples a frame"),
        pytest.param("aac", Fraction(395, 100), False, id="50 ms short of AAC"),
        pytest.param("alac", Fraction(392, 100), True, id="80 ms short of ALAC, which codes 4096 samples a frame"),
    ],
)
def test_a_track_may_end_as_early_as_its_sources_last_frame_is_padded(
    codec: str, length: Fraction, passes: bool
) -> None:
    plan = plan_in("mov", facts=facts_with(audio=(replace(STEREO, codec=codec),)))
    assert (failures(plan, replace(MEASURED, audio_durations=(length,))) == []) is passes


def test_a_track_in_another_order_is_found() -> None:
    mono = replace(STEREO, channels=1, layout="mono", stream_index=2)
    plan = plan_in("mov", facts=facts_with(audio=(STEREO, mono)))
    swapped = replace(PROXY, audio=(replace(mono, codec="aac"), replace(STEREO, codec="aac")))
    measured = replace(MEASURED, facts=swapped, audio_durations=(Fraction(4), Fraction(4)))
    assert [name for name, _, _ in failures(plan, measured)] == [
        *("audio[0].channels", "audio[0].layout", "audio[1].channels", "audio[1].layout")
    ]
