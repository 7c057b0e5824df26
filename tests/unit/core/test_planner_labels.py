"""Timecode, reel name and colour of planned proxies."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.facts import TimecodeFacts, VideoFacts
from proxx.core.plan import Plan
from proxx.core.planner import plan_clip
from tests.fakes.media_facts import VIDEO, facts_with, inputs_with
from tests.fakes.plain_library import plain_library

LIBRARY = plain_library()
NTSC_24, NTSC_30, NTSC_60 = Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)


def timecode(label: str, rate: Fraction) -> TimecodeFacts:
    return TimecodeFacts(label=label, drop_frame=";" in label, rate=rate, origin="tmcd")


def plan(
    video: VideoFacts = VIDEO,
    *,
    profile: str = "proxy_h264_low",
    container: str = "mov",
    fps: Fraction | None = None,
    **changes: object,
) -> Plan:
    recipe = LIBRARY.get(profile)
    assert recipe is not None
    facts = facts_with(video=video, **changes)
    return plan_clip(inputs=inputs_with(profile=recipe, facts=facts, container=container, fps=fps))


@pytest.mark.parametrize(
    ("label", "rate", "video_rate", "fps", "written"),
    [
        pytest.param("10:00:00:00", Fraction(25), Fraction(25), None, "10:00:00:00", id="25"),
        pytest.param("01:00:59;28", NTSC_30, NTSC_30, None, "01:00:59;28", id="drop-frame"),
        pytest.param("00:00:00:00", NTSC_24, NTSC_24, None, "00:00:00:00", id="zero is a value"),
        pytest.param("01:00:00;15", NTSC_30, NTSC_60, None, "01:00:00;30", id="30-frame label beside 59.94"),
        pytest.param("01:00:00:12", Fraction(24), Fraction(24), Fraction(48), "01:00:00:24", id="conformed exactly"),
        pytest.param("01:00:00:112", Fraction(120), Fraction(120), None, "01:00:00:112", id="frames of three digits"),
        pytest.param("01:00:00:112", Fraction(120), Fraction(120), Fraction(60), "01:00:00:56", id="three to two"),
        pytest.param("01:00:00;30", NTSC_60, NTSC_60, NTSC_30, "01:00:00;15", id="drop-frame conformed to half"),
        pytest.param("01:01:00;04", NTSC_60, NTSC_60, NTSC_30, "01:01:00;02", id="first label after a dropped one"),
        pytest.param("01:00:00:01", Fraction(25), Fraction(25), NTSC_24, None, id="no exact counterpart"),
        pytest.param("01:00:00:00", Fraction(10), Fraction(10), None, None, id="no timecode at 10"),
        pytest.param("01:00:00;02", NTSC_30, NTSC_30, Fraction(30), None, id="no drop-frame at 30"),
        pytest.param("25:00:00:00", Fraction(25), Fraction(25), None, None, id="a label that does not exist"),
    ],
)
def test_a_timecode_is_written_exactly_or_left_out_and_said(
    label: str, rate: Fraction, video_rate: Fraction, fps: Fraction | None, written: str | None
) -> None:
    planned = plan(replace(VIDEO, frame_rate=video_rate), timecode=timecode(label, rate), fps=fps)
    found = planned.argv[planned.argv.index("-timecode") + 1] if "-timecode" in planned.argv else None
    assert (found, planned.expected.timecode) == (written, written)
    assert planned.expected.drop_frame == (None if written is None else ";" in written)
    lost = [warning for warning in planned.warnings if warning.startswith(f"the start timecode {label} at ")]
    assert len(lost) == (1 if written is None else 0)


def test_without_a_timecode_none_is_written() -> None:
    planned = plan(timecode=None)
    assert ("-timecode" in planned.argv, planned.argv[planned.argv.index("-write_tmcd") + 1]) == (False, "0")


def test_mxf_says_a_timecode_of_its_own_and_the_operator_is_told() -> None:
    planned = plan(profile="proxy_dnxhr_lb", container="mxf", timecode=None)
    assert "the container always states a start timecode; without one it says 00:00:00:00" in planned.warnings
    assert planned.expected.timecode is None


@pytest.mark.parametrize(
    ("profile", "container", "option"),
    [
        pytest.param("proxy_h264_low", "mov", "-metadata:s:v:0", id="mov"),
        pytest.param("proxy_h264_low", "mkv", "-metadata:s:v:0", id="mkv"),
        pytest.param("proxy_dnxhr_lb", "mxf", "-metadata", id="mxf"),
    ],
)
def test_a_reel_name_is_carried_where_the_container_has_a_place(profile: str, container: str, option: str) -> None:
    planned = plan(profile=profile, container=container, reel_name="{output} A=1")
    at = planned.argv.index("reel_name={output} A=1")
    assert (planned.argv[at - 1], planned.expected.reel_name) == (option, "{output} A=1")


@pytest.mark.parametrize(
    ("container", "reel"),
    [
        pytest.param("mp4", "A001", id="mp4 has no place"),
        pytest.param("mov", "A\x00B", id="a control character"),
        pytest.param("mov", "", id="empty"),
        pytest.param("mov", "x" * 257, id="too long"),
    ],
)
def test_a_reel_name_that_cannot_be_carried_is_said(container: str, reel: str) -> None:
    planned = plan(container=container, reel_name=reel)
    assert planned.expected.reel_name is None
    assert not [word for word in planned.argv if word.startswith("reel_name=")]
    assert len([warning for warning in planned.warnings if warning.startswith("the reel name is not carried")]) == 1


def colour(planned: Plan) -> tuple[str | None, ...]:
    expected = planned.expected
    return (expected.color_range, expected.color_primaries, expected.color_transfer, expected.color_matrix)


def test_colour_tags_are_kept_and_unstated_ones_stay_unstated() -> None:
    hlg = replace(VIDEO, color_primaries="bt2020", color_transfer="arib-std-b67", color_matrix="bt2020nc")
    none = replace(VIDEO, color_range=None, color_primaries=None, color_transfer=None, color_matrix=None)
    assert colour(plan(hlg)) == ("tv", "bt2020", "arib-std-b67", "bt2020nc")
    assert colour(plan(none)) == ("tv", None, None, None)


@pytest.mark.parametrize(
    ("video", "scaler", "matrix"),
    [
        pytest.param(
            replace(VIDEO, color_range="pc"),
            "in_range=pc:out_range=tv:in_color_matrix=bt709:out_color_matrix=bt709",
            "bt709",
            id="full range",
        ),
        pytest.param(
            replace(VIDEO, pixel_format="yuvj420p", color_range=None, color_matrix="bt470bg"),
            "in_range=pc:out_range=tv:in_color_matrix=bt470:out_color_matrix=bt470",
            "bt470bg",
            id="full range by the pixel format",
        ),
        pytest.param(
            replace(VIDEO, pixel_format="gbrp10le", color_range="pc", color_matrix="gbr"),
            "in_range=pc:out_range=tv:in_color_matrix=bt709:out_color_matrix=bt709",
            "bt709",
            id="RGB",
        ),
        pytest.param(
            replace(VIDEO, color_range=None),
            "in_range=tv:out_range=tv:in_color_matrix=bt709:out_color_matrix=bt709",
            "bt709",
            id="no range stated",
        ),
    ],
)
def test_every_proxy_is_limited_range_by_an_explicit_conversion(video: VideoFacts, scaler: str, matrix: str) -> None:
    planned = plan(video)
    assert scaler in planned.argv[planned.argv.index("-filter:v:0") + 1]
    assert (planned.expected.color_range, planned.expected.color_matrix) == ("tv", matrix)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(
            {"color_transfer": "smpte2084", "color_primaries": "bt2020", "bit_depth": 10},
            "the source's transfer characteristic is smpte2084 (PQ) with 10 bits a sample; the proxy has 8 bits",
            id="PQ",
        ),
        pytest.param(
            {"color_transfer": "arib-std-b67", "bit_depth": None},
            "the source's transfer characteristic is arib-std-b67 (HLG) with an unstated number of bits a sample; "
            "the proxy has 8 bits",
            id="HLG of unknown depth",
        ),
        pytest.param(
            {"color_transfer": "log316", "bit_depth": 12},
            "the source's transfer characteristic is log316 (logarithmic) with 12 bits a sample; the proxy has 8 bits",
            id="log",
        ),
        pytest.param(
            {"color_primaries": "bt2020", "bit_depth": 10},
            "the source's colour primaries are bt2020 with 10 bits a sample; the proxy has 8 bits",
            id="BT.2020 primaries",
        ),
        pytest.param({"color_transfer": "bt709", "bit_depth": 10}, None, id="10 bits of BT.709"),
        pytest.param({"color_transfer": "arib-std-b67", "bit_depth": 8}, None, id="HLG of 8 bits loses none"),
    ],
)
def test_a_wide_picture_in_few_bits_is_said(changes: dict[str, object], said: str | None) -> None:
    video = replace(VIDEO, **changes)
    found = [warning for warning in plan(video).warnings if "a sample; the proxy has" in warning]
    assert found == ([said] if said is not None else [])
    for ten_bits, container in (("proxy_prores_proxy", "mov"), ("avid_dnxhr_hqx", "mxf")):
        deep = plan(video, profile=ten_bits, container=container)
        assert not [warning for warning in deep.warnings if "a sample; the proxy has" in warning]


@pytest.mark.parametrize(
    ("profile", "container", "said"),
    [
        pytest.param("proxy_prores_4444", "mov", False, id="kept"),
        pytest.param("proxy_prores_hq", "mov", True, id="no alpha in 4:2:2"),
        pytest.param("proxy_h264_low", "mov", True, id="no alpha in H.264"),
    ],
)
def test_alpha_is_kept_or_its_loss_is_said(profile: str, container: str, said: bool) -> None:
    planned = plan(replace(VIDEO, has_alpha=True), profile=profile, container=container)
    assert ("the source has an alpha channel; the proxy has none" in planned.warnings) is said


def test_a_colour_word_that_ffmpeg_does_not_write_stays_unstated_and_is_said() -> None:
    planned = plan(replace(VIDEO, color_transfer="evil:opt=1"))
    assert planned.expected.color_transfer is None
    assert not [word for word in planned.argv if "evil" in word]
    assert "the source's transfer characteristic cannot be written and stay unstated in the proxy" in planned.warnings


def test_mxf_is_asked_only_for_the_colour_that_it_stores() -> None:
    srgb = replace(VIDEO, color_transfer="iec61966-2-1")
    assert colour(plan(srgb, profile="proxy_dnxhr_lb", container="mxf")) == ("tv", "bt709", None, "bt709")


def test_a_reel_name_without_a_timecode_track_to_hold_it_is_said() -> None:
    made = plan(timecode=None, reel_name="A001")
    assert made.expected.reel_name is None
    assert (
        "the reel name is not carried: this container keeps it in the timecode track, and there is none"
        in made.warnings
    )
