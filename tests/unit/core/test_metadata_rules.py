"""The tables of the metadata engine: fitness for editing, advice, pixel formats, numbers."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from proxx.core.detection import Engine
from proxx.core.metadata.advice import ELSE, RULES, proxy_resolution, recommend
from proxx.core.metadata.editorial import COMMON_RATES, editorial_report
from proxx.core.metadata.numbers import clock_text, rate_text, ratio_text
from proxx.core.metadata.pixels import PixelLayout, pixel_layout
from proxx.core.metadata.report import Action, FlagsReport
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import VIDEO

INTRA = replace(VIDEO, codec="prores", intra_only=True)
TAKEN = FlagsReport(supported=True, engine=Engine.FFMPEG, skip_reason=None, warnings=())


@pytest.mark.parametrize(
    ("video", "friendly", "reasons"),
    [
        pytest.param(INTRA, True, [], id="intra, constant, common"),
        pytest.param(VIDEO, False, ["intra"], id="long GOP"),
        pytest.param(replace(INTRA, constant_frame_rate=False), False, ["constant_rate"], id="the rate varies"),
        pytest.param(replace(INTRA, frame_rate=Fraction(15)), False, ["common_rate"], id="uncommon rate"),
        pytest.param(
            replace(VIDEO, constant_frame_rate=False), False, ["intra", "constant_rate"], id="long GOP and varying rate"
        ),
        pytest.param(replace(VIDEO, intra_only=None), None, ["intra"], id="nothing says whether frames stand alone"),
        pytest.param(
            replace(VIDEO, intra_only=None, frame_rate=Fraction(15)),
            False,
            ["intra", "common_rate"],
            id="unknown, and uncommon anyway",
        ),
        pytest.param(None, None, ["measured"], id="not measured"),
    ],
)
def test_a_file_edits_well_when_every_rule_holds(video, friendly, reasons):
    made = editorial_report(video=video)
    assert (made.friendly, [reason.rule for reason in made.reasons]) == (friendly, reasons)


@pytest.mark.parametrize("rate", COMMON_RATES, ids=rate_text)
def test_sequences_run_at_common_rates(rate):
    assert editorial_report(video=replace(INTRA, frame_rate=rate)).friendly is True


def test_an_uncommon_rate_is_said_with_the_common_ones():
    reasons = editorial_report(video=replace(INTRA, frame_rate=Fraction(24975, 1000))).reasons
    assert [reason.message for reason in reasons] == [
        "uncommon frame rate 24.975; common are 23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60"
    ]


@pytest.mark.parametrize(
    ("video", "advice"),
    [
        pytest.param(
            replace(VIDEO, has_alpha=True),
            ("alpha", Action.PROXY, ("proxy_prores_4444",), "same"),
            id="alpha first of all",
        ),
        pytest.param(
            replace(VIDEO, constant_frame_rate=False),
            ("variable_rate", Action.PROXY, ("proxy_prores_proxy", "proxy_h264_high"), "same"),
            id="the rate varies",
        ),
        pytest.param(
            replace(VIDEO, width=3840, height=2160),
            ("long_gop", Action.PROXY, ("proxy_prores_proxy", "proxy_dnxhr_lb"), "half"),
            id="long GOP in UHD",
        ),
        pytest.param(
            replace(VIDEO, intra_only=None),
            ("long_gop", Action.PROXY, ("proxy_prores_proxy", "proxy_dnxhr_lb"), "same"),
            id="nothing says whether frames stand alone",
        ),
        pytest.param(
            replace(INTRA, frame_rate=Fraction(15)),
            ("uncommon_rate", Action.PROXY, ("proxy_prores_proxy",), "same"),
            id="uncommon rate",
        ),
        pytest.param(
            replace(INTRA, width=8192, height=4320),
            ("large_raster", Action.PROXY, ("proxy_prores_proxy", "proxy_dnxhr_lb"), "quarter"),
            id="intra in 8K",
        ),
        pytest.param(
            INTRA,
            ("edits_as_it_is", Action.PROXY_OPTIONAL, ("proxy_h264_low", "proxy_prores_proxy"), "same"),
            id="intra in HD",
        ),
    ],
)
def test_the_first_rule_that_applies_gives_the_advice(video, advice):
    made = recommend(flags=TAKEN, video=video)
    assert (made.rule, made.action, made.profiles, made.resolution) == advice


def test_every_profile_of_an_advice_is_shipped():
    shipped = set(builtin_library().names())
    raw = recommend(flags=replace(TAKEN, engine=Engine.RESOLVE), video=None)
    advised = {name for rule in (*RULES, ELSE, raw) for name in rule.profiles}
    assert advised - shipped == set()


@pytest.mark.parametrize(
    ("width", "height", "resolution"),
    [
        pytest.param(1920, 1080, "same", id="HD"),
        pytest.param(2048, 1080, "same", id="2K"),
        pytest.param(1080, 1920, "same", id="HD upright"),
        pytest.param(3840, 2160, "half", id="UHD"),
        pytest.param(4096, 2160, "half", id="4K"),
        pytest.param(7680, 4320, "quarter", id="8K"),
        pytest.param(12288, 6480, "quarter", id="12K is as small as a quarter"),
        pytest.param(4608, 2592, "quarter", id="4.6K"),
        pytest.param(6144, 3242, "same", id="no whole division"),
        pytest.param(5120, 2700, "half", id="a quarter would not be whole"),
    ],
)
def test_the_advised_resolution_divides_evenly(width, height, resolution):
    assert proxy_resolution(width=width, height=height) == resolution


@pytest.mark.parametrize(
    ("pixel_format", "layout"),
    [
        ("yuv420p", ("YUV", "4:2:0")),
        ("yuvj420p", ("YUV", "4:2:0")),
        ("yuva420p10be", ("YUV", "4:2:0")),
        ("nv12", ("YUV", "4:2:0")),
        ("p010le", ("YUV", "4:2:0")),
        ("yuv422p10le", ("YUV", "4:2:2")),
        ("uyvy422", ("YUV", "4:2:2")),
        ("nv20le", ("YUV", "4:2:2")),
        ("p210le", ("YUV", "4:2:2")),
        ("y210le", ("YUV", "4:2:2")),
        ("yuva444p12le", ("YUV", "4:4:4")),
        ("ayuv64le", ("YUV", "4:4:4")),
        ("p416le", ("YUV", "4:4:4")),
        ("yuv440p12le", ("YUV", "4:4:0")),
        ("yuv411p", ("YUV", "4:1:1")),
        ("yuv410p", ("YUV", "4:1:0")),
        ("gray", ("GRAY", "4:0:0")),
        ("gray12le", ("GRAY", "4:0:0")),
        ("ya16be", ("GRAY", "4:0:0")),
        ("xyz12le", ("XYZ", "4:4:4")),
        ("rgb24", ("RGB", None)),
        ("rgb48le", ("RGB", None)),
        ("bgra64be", ("RGB", None)),
        ("gbrp10le", ("RGB", None)),
        ("gbrapf32le", ("RGB", None)),
        ("x2rgb10le", ("RGB", None)),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(word or "no chroma" for word in value),
)
def test_a_pixel_format_has_a_colour_model_and_a_subsampling(pixel_format, layout):
    assert pixel_layout(pixel_format=pixel_format) == PixelLayout(colour_model=layout[0], chroma_subsampling=layout[1])


@pytest.mark.parametrize("pixel_format", ["pal8", "bayer_rggb16le", "vaapi", "yuv", "420p", "none"])
def test_a_pixel_format_that_the_table_does_not_name_has_neither(pixel_format):
    assert pixel_layout(pixel_format=pixel_format) is None


def test_the_page_for_people_has_every_rule_of_the_advice_in_order():
    page = (Path(__file__).parents[3] / "docs" / "METADATA.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| (.+) \|$", page, re.MULTILINE)
    named = [(rule, tuple(re.findall(r"`([a-z0-9_]+)`", profiles))) for rule, profiles in table]
    assert named[2:] == [(rule.name, rule.profiles) for rule in (*RULES, ELSE)]


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        pytest.param(Fraction(25), "25", id="whole"),
        pytest.param(Fraction(24000, 1001), "23.976", id="NTSC film"),
        pytest.param(Fraction(60000, 1001), "59.94", id="NTSC"),
        pytest.param(Fraction(25, 2), "12.5", id="half"),
        pytest.param(Fraction(100), "100", id="zeros that count"),
    ],
)
def test_a_rate_is_written_as_people_write_it(rate, text):
    assert rate_text(rate) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        pytest.param(Fraction(1920, 1080), "16:9", id="HD"),
        pytest.param(Fraction(64, 45), "64:45", id="wide pixels of PAL"),
        pytest.param(Fraction(1934, 2160), "0.90:1", id="large terms"),
        pytest.param(Fraction(4096, 1716), "2.39:1", id="scope"),
    ],
)
def test_a_ratio_is_written_as_people_know_it(ratio, text):
    assert ratio_text(ratio) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(Fraction(0), "0:00:00.000", id="nothing"),
        pytest.param(Fraction(599996, 10000), "0:01:00.000", id="rounds up to a minute"),
        pytest.param(Fraction(86400), "24:00:00.000", id="a day"),
        pytest.param(Fraction(1001, 24000), "0:00:00.042", id="one frame of film"),
    ],
)
def test_a_length_is_written_as_a_clock_shows_it(seconds, text):
    assert clock_text(seconds) == text
