"""Interlaced footage: the fields of a proxy are the source's, in their order, or whole pictures and nothing between."""

import shutil
from pathlib import Path

import pytest

from proxx.core.command_paths import fill_placeholders
from proxx.core.facts import FieldOrder
from tests.media.proxies import ffmpeg, make_proxy, mean_difference, raw_video, run

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

TOP, BOTTOM = FieldOrder.TOP_FIRST, FieldOrder.BOTTOM_FIRST
PAL, NTSC, HD = ("720x576", "25"), ("720x480", "30000/1001"), ("1920x1080", "25")
ONE_CORE = ("taskset", "-c", "0") if shutil.which("taskset") else ()
SMALL = "scale=180:72:flags=area"
"""A field, small enough to compare in Python."""


def interlaced(path: Path, *, order: FieldOrder, size: str, rate: str) -> Path:
    """Write a ProRes clip of 6 frames whose every field is a moment of its own, in either order."""
    side, parity, top, stored = ("top", "tff", "1", "tb") if order is TOP else ("bottom", "bff", "0", "bt")
    picture = f"testsrc2=size={size}:rate={rate}*2,tinterlace=mode=interleave_{side},setfield=mode={parity}"
    ffmpeg(
        *("-f", "lavfi", "-i", picture, "-frames:v", "6", "-vf", "scale=interl=1,format=yuv422p10le"),
        *("-c:v", "prores_ks", "-profile:v", "hq", "-vendor", "apl0", "-flags:v", "+ildct", "-top", top),
        *("-field_order", stored, "-timecode", "01:00:00:00", str(path)),
    )
    return path


def fields(path: Path, side: str) -> bytes:
    return raw_video(path, pixel_format="gray", filters=f"field=type={side},{SMALL}")


@pytest.mark.parametrize(
    ("profile", "container", "order", "footage"),
    [
        pytest.param("proxy_prores_proxy", "mov", TOP, PAL, id="ProRes, PAL"),
        pytest.param("proxy_prores_proxy", "mov", BOTTOM, NTSC, id="ProRes, NTSC as DV"),
        pytest.param("proxy_prores_4444", "mov", BOTTOM, NTSC, id="ProRes 4444, NTSC as DV"),
        pytest.param("premiere_h264", "mp4", TOP, PAL, id="H.264 in MP4, PAL"),
        pytest.param("premiere_h264", "mp4", BOTTOM, NTSC, id="H.264 in MP4, NTSC as DV"),
        pytest.param("davinci_h264", "mov", BOTTOM, NTSC, id="H.264 in MOV, NTSC as DV"),
        pytest.param("avid_dnxhd_145_1080", "mxf", TOP, HD, id="DNxHD 1242 in MXF, HD"),
    ],
)
async def test_both_fields_arrive_in_their_order_and_always_as_the_same_bytes(
    profile: str, container: str, order: FieldOrder, footage: tuple[str, str], tmp_path: Path
) -> None:
    source = interlaced(tmp_path / "A001C001.mov", order=order, size=footage[0], rate=footage[1])
    resolution = "1920x1080" if container == "mxf" else "same"
    made, failed = await make_proxy(
        directory=tmp_path, source=source, profile=profile, container=container, resolution=resolution
    )
    assert failed == ()
    assert (made.facts.video is not None and made.facts.video.field_order, made.plan.expected.field_order) == (
        order,
        order,
    )
    for side, other in (("top", "bottom"), ("bottom", "top")):
        wanted, exchanged = fields(source, side), fields(source, other)
        found = fields(made.proxy, side)
        assert mean_difference(found, wanted) < 0.3 * mean_difference(found, exchanged)
    again = tmp_path / f"again.{container}"
    run(*ONE_CORE, *fill_placeholders(argv=made.plan.argv, tool="ffmpeg", source=source, output=again))
    assert again.read_bytes() == made.proxy.read_bytes()


@pytest.mark.parametrize(
    ("profile", "container", "resolution", "order"),
    [
        pytest.param("proxy_prores_proxy", "mov", "half", TOP, id="half has other lines"),
        pytest.param("dailies_h264", "mp4", "1280x720", BOTTOM, id="the profile says so"),
        pytest.param("avid_dnxhd_145_1080", "mxf", "1920x1080", BOTTOM, id="DNxHD is top first"),
    ],
)
async def test_elsewhere_the_proxy_is_progressive_and_says_so(
    profile: str, container: str, resolution: str, order: FieldOrder, tmp_path: Path
) -> None:
    source = interlaced(tmp_path / "A001C001.mov", order=order, size=NTSC[0], rate=NTSC[1])
    made, failed = await make_proxy(
        directory=tmp_path, source=source, profile=profile, container=container, resolution=resolution
    )
    assert (failed, made.plan.expected.field_order) == ((), FieldOrder.PROGRESSIVE)
    assert made.plan.warnings[0].startswith("the source is interlaced; the proxy is progressive, one picture for each")
