"""DNxHD's table: what is legal is planned, everything else is refused with the legal ones listed."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.facts import FieldOrder, VideoFacts
from proxx.core.planner import PlanRefusedError, plan_clip
from proxx.core.planner.codec_rules import BYTES_PER_PIXEL
from proxx.core.planner.dnxhd_table import LEGAL, CompressionId, find
from proxx.core.profile import Fit, Interlaced, Profile
from proxx.core.violation import Violation
from tests.fakes.media_facts import VIDEO, facts_with, inputs_with
from tests.fakes.plain_library import plain_library

LIBRARY = plain_library()
WRITABLE = tuple(entry for entry in LEGAL if not entry.unwritable)


def profile(
    *, megabits: str = "145M", pixel_format: str = "yuv422p", raster: str = "1920x1080", extra: tuple[str, ...] = ()
) -> Profile:
    shipped = LIBRARY.get("avid_dnxhd_145_1080")
    assert shipped is not None
    return replace(
        shipped,
        arguments=("-b:v", megabits, *extra),
        pixel_format=pixel_format,
        resolutions=(raster,),
        default_resolution=raster,
        fit=Fit.PAD,
        frame_rates=(),
        interlaced=Interlaced.KEEP,
    )


def source(entry: CompressionId, rate: Fraction) -> VideoFacts:
    order = FieldOrder.TOP_FIRST if entry.interlaced else FieldOrder.PROGRESSIVE
    return replace(VIDEO, width=entry.width, height=entry.height, frame_rate=rate, field_order=order)


def refused(video: VideoFacts, recipe: Profile) -> Violation:
    inputs = inputs_with(profile=recipe, facts=facts_with(video=video), resolution=recipe.default_resolution)
    with pytest.raises(PlanRefusedError) as caught:
        plan_clip(inputs=inputs)
    (violation,) = caught.value.violations
    return violation


@pytest.mark.parametrize("entry", [pytest.param(entry, id=str(entry.number)) for entry in WRITABLE])
def test_every_legal_raster_scan_depth_and_rate_is_planned(entry: CompressionId) -> None:
    recipe = profile(
        megabits=f"{entry.selectors[0]}M",
        pixel_format=entry.pixel_format,
        raster=f"{entry.width}x{entry.height}",
    )
    for rate in entry.rates:
        facts = facts_with(video=source(entry, rate))
        planned = plan_clip(inputs=inputs_with(profile=recipe, facts=facts, resolution=recipe.default_resolution))
        interlaced = planned.expected.field_order is FieldOrder.TOP_FIRST
        assert (planned.expected.width, planned.expected.height, planned.expected.frame_rate, interlaced) == (
            entry.width,
            entry.height,
            rate,
            entry.interlaced,
        )


def test_no_raster_scan_depth_and_bit_rate_picks_two_compression_ids() -> None:
    keys = [
        (entry.width, entry.height, entry.interlaced, entry.pixel_format, selector)
        for entry in LEGAL
        for selector in entry.selectors
    ]
    assert len(keys) == len(set(keys))


def test_an_id_is_named_for_its_bit_rate() -> None:
    found = find(width=1920, height=1080, interlaced=False, pixel_format="yuv422p", megabits=36)
    assert found is not None
    assert [round(found.megabits(rate=rate)) for rate in found.rates] == [36, 36, 38, 45, 75, 90]
    assert all(entry.pixel_format in BYTES_PER_PIXEL for entry in LEGAL)


@pytest.mark.parametrize(
    ("recipe", "asked"),
    [
        pytest.param(profile(raster="1920x1200"), "1920x1200p yuv422p -b:v 145M", id="raster"),
        pytest.param(profile(megabits="100M"), "1920x1080p yuv422p -b:v 100M", id="bit rate"),
        pytest.param(profile(pixel_format="yuv422p10le"), "1920x1080p yuv422p10le -b:v 145M", id="bit rate for depth"),
        pytest.param(
            profile(megabits="145000k"), "1920x1080p yuv422p without a -b:v in whole megabits", id="no megabits"
        ),
        pytest.param(
            profile(extra=("-profile:v", "dnxhr_lb")),
            "1920x1080p yuv422p without a -b:v in whole megabits",
            id="DNxHR under DNxHD's name",
        ),
    ],
)
def test_what_no_compression_id_has_is_refused_with_every_legal_one(recipe: Profile, asked: str) -> None:
    violation = refused(VIDEO, recipe)
    assert f"DNxHD does not have {asked}: no compression id has these together" in violation.message
    assert violation.actual == asked
    assert [part.partition(":")[0] for part in violation.expected.split("; ")] == [
        str(entry.number) for entry in WRITABLE
    ]
    assert violation.expected.endswith("1253: 1920x1080p yuv422p 36M/45M/75M/90M")


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        pytest.param(
            profile(megabits="84M", raster="1440x1080"),
            "compression id 1259: its pixels are not square, which MXF as FFmpeg writes it cannot say",
            id="thin raster",
        ),
        pytest.param(
            profile(megabits="440M", pixel_format="yuv444p10le"),
            "compression id 1256: FFmpeg's encoder does not write it",
            id="4:4:4",
        ),
    ],
)
def test_an_id_that_is_not_made_is_refused_with_the_reason(recipe: Profile, reason: str) -> None:
    assert reason in refused(VIDEO, recipe).message


def test_a_rate_that_the_id_does_not_have_is_refused_with_its_rates() -> None:
    violation = refused(replace(VIDEO, frame_rate=Fraction(60)), profile())
    assert "DNxHD's compression id 1237 (1920x1080p) does not exist at 60/1" in violation.message
    assert violation.expected == "24000/1001, 24/1, 25/1, 30000/1001, 50/1, 60000/1001"


def test_a_rate_that_the_profile_refuses_is_refused_once() -> None:
    shipped = LIBRARY.get("avid_dnxhd_145_1080")
    assert shipped is not None
    violation = refused(replace(VIDEO, frame_rate=Fraction(48)), shipped)
    assert "the frame rate 48/1 is not one that can be written" in violation.message


def test_every_shipped_dnxhd_profile_permits_only_rates_of_its_id() -> None:
    shipped = [each for each in LIBRARY.profiles if each.codec == "dnxhd"]
    assert len(shipped) >= 5
    for each in shipped:
        width, height = (int(side) for side in each.default_resolution.split("x"))
        megabits = int(dict(zip(each.arguments[::2], each.arguments[1::2], strict=True))["-b:v"][:-1])
        found = find(width=width, height=height, interlaced=False, pixel_format=each.pixel_format, megabits=megabits)
        assert found is not None
        assert set(each.frame_rates) <= set(found.rates)
