"""Rasters, pixel aspects and orientation of planned proxies, by outcome: the expected picture and the filters."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.facts import FieldOrder, VideoFacts
from proxx.core.plan import Plan
from proxx.core.planner import PlanRefusedError, plan_clip
from tests.fakes.media_facts import VIDEO, facts_with, inputs_with
from tests.fakes.plain_library import plain_library

LIBRARY = plain_library()


def plan(
    video: VideoFacts, *, profile: str = "proxy_h264_low", container: str | None = None, resolution: str = "same"
) -> Plan:
    recipe = LIBRARY.get(profile)
    assert recipe is not None
    facts = facts_with(video=video)
    return plan_clip(inputs=inputs_with(profile=recipe, facts=facts, container=container, resolution=resolution))


def filters(planned: Plan) -> list[str]:
    return planned.argv[planned.argv.index("-filter:v:0") + 1].split(",")


@pytest.mark.parametrize(
    ("width", "height", "resolution", "raster"),
    [
        pytest.param(1920, 1080, "same", (1920, 1080), id="even stays"),
        pytest.param(161, 121, "same", (160, 120), id="odd goes down"),
        pytest.param(1920, 1080, "half", (960, 540), id="half"),
        pytest.param(1080, 606, "half", (540, 302), id="half of 606 is 303, down to 302"),
        pytest.param(1921, 1083, "quarter", (480, 270), id="quarter of odd"),
        pytest.param(2, 2, "quarter", (2, 2), id="never below 2"),
        pytest.param(1920, 1080, "1280x720", (1280, 720), id="explicit"),
    ],
)
def test_a_raster_follows_the_rule(width: int, height: int, resolution: str, raster: tuple[int, int]) -> None:
    planned = plan(replace(VIDEO, width=width, height=height), resolution=resolution)
    assert (planned.expected.width, planned.expected.height) == raster
    assert f"scale=w={raster[0]}:h={raster[1]}:" in ",".join(filters(planned))


def test_a_directive_keeps_the_pixel_aspect() -> None:
    planned = plan(replace(VIDEO, width=1440, pixel_aspect=Fraction(4, 3)), resolution="half")
    assert planned.expected.pixel_aspect == Fraction(4, 3)
    assert "setsar=sar=4/3:max=2147483647" in filters(planned)


def test_a_pixel_aspect_that_is_not_stated_stays_unstated() -> None:
    planned = plan(replace(VIDEO, pixel_aspect=None))
    assert planned.expected.pixel_aspect is None
    assert "setsar=sar=0/1:max=2147483647" in filters(planned)


@given(
    width=st.integers(2, 4096),
    height=st.integers(2, 4096),
    aspect=st.fractions(Fraction(1, 2), Fraction(2), max_denominator=100),
)
def test_an_explicit_raster_keeps_the_display_aspect(width: int, height: int, aspect: Fraction) -> None:
    video = replace(VIDEO, width=width, height=height, pixel_aspect=aspect)
    expected = plan(video, resolution="1280x720").expected
    assert expected.pixel_aspect is not None
    before, after = Fraction(width, height) * aspect, Fraction(1280, 720) * expected.pixel_aspect
    assert abs(before / after - 1) < Fraction(1, 1000)


@given(width=st.integers(16, 6000), height=st.integers(16, 6000), rotation=st.sampled_from((0, 90, 180, 270)))
def test_letterboxing_keeps_the_aspect_within_a_pixel_pair_and_every_bar_is_even(
    width: int, height: int, rotation: int
) -> None:
    video = replace(VIDEO, width=width, height=height, rotation=rotation)
    planned = plan(video, profile="offline_h264_1920x1080", resolution="1920x1080")
    expected = planned.expected
    assert (expected.width, expected.height, expected.pixel_aspect) == (1920, 1080, Fraction(1))
    scale = next(item for item in filters(planned) if item.startswith("scale="))
    inner_width, inner_height = (int(part.partition("=")[2]) for part in scale[6:].split(":")[:2])
    upright = Fraction(width, height) if rotation in (0, 180) else Fraction(height, width)
    assert (inner_width, inner_height) == (1920, 1080) or 1920 in (inner_width, inner_height) or inner_height == 1080
    assert inner_width % 2 == inner_height % 2 == 0
    if inner_height == 1080:
        assert abs(inner_width - 1080 * upright) < 2 or inner_width == 2
    else:
        assert abs(inner_height - 1920 / upright) < 2 or inner_height == 2
    pad = next((item for item in filters(planned) if item.startswith("pad=")), None)
    if pad is not None:
        offsets = [int(part.partition("=")[2]) for part in pad[4:].split(":")[2:4]]
        assert all(offset % 2 == 0 for offset in offsets)


@pytest.mark.parametrize(
    ("container", "resolution", "kept"),
    [
        pytest.param("mp4", "half", True, id="mp4 keeps the matrix"),
        pytest.param("mov", "same", True, id="mov keeps the matrix"),
        pytest.param("mkv", "half", False, id="mkv has none"),
        pytest.param("mp4", "1280x720", False, id="an explicit raster is the upright one"),
    ],
)
def test_rotation_stays_a_matrix_only_where_the_container_has_one_and_the_raster_follows_the_source(
    container: str, resolution: str, kept: bool
) -> None:
    video = replace(VIDEO, rotation=90, mirrored=True)
    planned = plan(video, container=container, resolution=resolution)
    expected = planned.expected
    assert (expected.rotation, expected.mirrored) == ((90, True) if kept else (0, False))
    assert ("-noautorotate" in planned.argv) is kept
    if resolution == "half":
        assert (expected.width, expected.height) == ((960, 540) if kept else (540, 960))


def test_turned_anamorphic_pixels_turn_too() -> None:
    video = replace(VIDEO, width=1440, rotation=270, pixel_aspect=Fraction(4, 3))
    assert plan(video, container="mkv").expected.pixel_aspect == Fraction(3, 4)


@pytest.mark.parametrize(
    ("order", "first"),
    [
        pytest.param(FieldOrder.TOP_FIRST, "bwdif=mode=send_frame:parity=tff:deint=all", id="top first"),
        pytest.param(FieldOrder.BOTTOM_FIRST, "bwdif=mode=send_frame:parity=bff:deint=all", id="bottom first"),
    ],
)
def test_interlaced_sources_become_one_picture_a_frame_and_the_operator_is_told(order: FieldOrder, first: str) -> None:
    planned = plan(replace(VIDEO, field_order=order))
    assert filters(planned)[0] == first
    assert planned.expected.field_order is FieldOrder.PROGRESSIVE
    said = "the source is interlaced; the proxy is progressive, one picture for each frame: the profile deinterlaces"
    assert planned.warnings[0] == said


@pytest.mark.parametrize(
    ("profile", "container", "video", "reason"),
    [
        pytest.param(
            "proxy_dnxhr_lb",
            "mov",
            replace(VIDEO, width=254, height=120),
            "same of 254x120 is 254x120, below the codec's smallest raster",
            id="DNxHR below 256x120",
        ),
        pytest.param(
            "proxy_av1_low",
            "mkv",
            replace(VIDEO, width=320, height=62),
            "same of 320x62 is 320x62, below the codec's smallest raster",
            id="AV1 below 64x64",
        ),
        pytest.param(
            "proxy_dnxhr_lb",
            "mxf",
            replace(VIDEO, pixel_aspect=Fraction(16, 9)),
            "its pixels are not square",
            id="MXF cannot say that pixels are not square",
        ),
        pytest.param(
            "proxy_h264_low",
            "mp4",
            replace(VIDEO, width=16386, height=1080),
            "a side is too long",
            id="a side above 16384",
        ),
    ],
)
def test_a_picture_that_cannot_be_written_is_refused_with_its_numbers(
    profile: str, container: str, video: VideoFacts, reason: str
) -> None:
    with pytest.raises(PlanRefusedError) as caught:
        plan(video, profile=profile, container=container)
    assert [reason in violation.message for violation in caught.value.violations] == [True]


@pytest.mark.parametrize(
    ("size", "resolution", "profile", "said"),
    [
        pytest.param((1919, 1079), "same", "proxy_h264_low", "same of 1919x1079 is scaled to 1918x1078", id="4:2:0"),
        pytest.param(
            (1919, 1079), "same", "proxy_prores_proxy", "same of 1919x1079 is scaled to 1918x1078", id="4:2:2"
        ),
        pytest.param((1998, 1080), "half", "proxy_h264_low", "half of 1998x1080 is scaled to 998x540", id="half"),
        pytest.param((1920, 1080), "quarter", "proxy_h264_low", None, id="a whole quarter"),
        pytest.param((1919, 1079), "1280x720", "proxy_h264_low", None, id="an explicit raster"),
    ],
)
def test_a_side_that_does_not_divide_into_an_even_number_is_rounded_down_and_said(
    size: tuple[int, int], resolution: str, profile: str, said: str | None
) -> None:
    planned = plan(replace(VIDEO, width=size[0], height=size[1]), profile=profile, resolution=resolution)
    found = [warning for warning in planned.warnings if "rounded down" in warning]
    assert found == ([f"{said}: each side is rounded down to an even number"] if said is not None else [])


@pytest.mark.parametrize(
    ("video", "size"),
    [
        pytest.param(VIDEO, (1280, 720), id="shrunk"),
        pytest.param(replace(VIDEO, rotation=90), (404, 720), id="upright"),
        pytest.param(replace(VIDEO, width=640, height=360), (640, 360), id="never enlarged"),
        pytest.param(replace(VIDEO, width=720, height=576, pixel_aspect=Fraction(16, 15)), (768, 576), id="square"),
        pytest.param(replace(VIDEO, width=2048, height=858), (1280, 536), id="wide"),
    ],
)
def test_inside_a_raster_there_are_no_bars_and_square_pixels(video: VideoFacts, size: tuple[int, int]) -> None:
    planned = plan(video, profile="web_h264", container="mp4", resolution="1280x720")
    expected = planned.expected
    assert (expected.width, expected.height, expected.pixel_aspect, expected.rotation) == (*size, 1, 0)
    assert not [item for item in filters(planned) if item.startswith("pad=")]


def test_enlarging_is_said() -> None:
    video = replace(VIDEO, width=640, height=360)
    assert "the picture is enlarged from 640x360" in plan(video, resolution="1280x720").warnings
