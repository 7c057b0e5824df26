"""Nothing lost on the way: what a source states is in its proxy, through every container that can hold it."""

import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from proxx.core.command_paths import fill_placeholders
from proxx.core.detection import Engine
from proxx.core.facts import FieldOrder
from proxx.core.media_table import CODEC_CONTAINERS
from proxx.core.planner import PlanRefusedError, plan_clip
from proxx.core.planner.dnxhd_table import LEGAL, CompressionId
from proxx.core.profile import Interlaced
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import VIDEO, facts_with, inputs_with
from tests.footage.make import write_clip
from tests.footage.recipe import Recipe
from tests.media.proxies import ffmpeg, make_proxy, raw_sound, raw_video, run

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

NTSC_30, NTSC_60 = Fraction(30000, 1001), Fraction(60000, 1001)
LIBRARY = builtin_library()
FFMPEG = tuple(profile for profile in LIBRARY.profiles if profile.engine is Engine.FFMPEG and profile.look is None)
EVERY = [pytest.param(profile.name, profile.containers[0], id=profile.name) for profile in FFMPEG]
PRORES = ("-c:v", "prores_ks", "-profile:v", "proxy", "-pix_fmt", "yuv422p10le", "-vendor", "apl0")
CLIP = Recipe(
    file_name="A001C001_251120_R1AB.mov",
    rate=NTSC_30,
    frames=4,
    video=PRORES,
    audio=("-c:a", "pcm_s24le"),
    audio_channels=(1, 1),
    timecode="00:59:59;29",
    reel_name="A001R1AB",
)
ONE_OF_EACH_CONTAINER = [
    pytest.param("proxy_prores_proxy", "mov", id="mov"),
    pytest.param("proxy_h264_low", "mp4", id="mp4"),
    pytest.param("proxy_h264_low", "mkv", id="mkv"),
    pytest.param("proxy_vp9_low", "webm", id="webm"),
    pytest.param("proxy_dnxhr_lb", "mxf", id="mxf"),
]


def resolution_of(name: str) -> str:
    profile = LIBRARY.get(name)
    assert profile is not None
    return "same" if "same" in profile.resolutions else profile.default_resolution


def test_every_pair_of_codec_and_container_has_a_shipped_profile() -> None:
    shipped = {
        (codec, container)
        for profile in FFMPEG
        for codec in (profile.codec, *profile.codec_aliases)
        for container in profile.containers
    }
    assert shipped == {(codec, container) for codec, containers in CODEC_CONTAINERS.items() for container in containers}


@pytest.mark.parametrize(("name", "container"), EVERY)
async def test_a_clip_of_one_frame_and_four_mono_tracks_stays_one(name: str, container: str, tmp_path: Path) -> None:
    source = write_clip(replace(CLIP, frames=1, audio_channels=(1, 1, 1, 1)), tmp_path / CLIP.file_name)
    made, failed = await make_proxy(
        directory=tmp_path, source=source, profile=name, container=container, resolution=resolution_of(name)
    )
    assert (failed, made.plan.expected.frame_count, made.plan.expected.timecode) == ((), 1, "00:59:59;29")
    assert [track.channels for track in made.plan.expected.audio] == [1, 1, 1, 1]


@pytest.mark.parametrize(("name", "container"), ONE_OF_EACH_CONTAINER)
@pytest.mark.parametrize(
    ("rate", "label"),
    [
        pytest.param(NTSC_30, "00:59:59;29", id="29.97 drop-frame, before a dropped label"),
        pytest.param(NTSC_30, "01:01:00;02", id="29.97 drop-frame, after it"),
        pytest.param(NTSC_60, "00:01:00;04", id="59.94 drop-frame"),
        pytest.param(NTSC_60, "23:59:59;59", id="59.94 drop-frame, the last of the day"),
        pytest.param(NTSC_30, "01:00:00:00", id="29.97 without drop-frame"),
        pytest.param(Fraction(24000, 1001), "23:59:59:23", id="23.976, the last of the day"),
        pytest.param(Fraction(50), "10:00:00:49", id="50"),
    ],
)
async def test_a_start_timecode_goes_through_every_container(
    name: str, container: str, rate: Fraction, label: str, tmp_path: Path
) -> None:
    source = write_clip(replace(CLIP, rate=rate, timecode=label, audio_channels=()), tmp_path / CLIP.file_name)
    made, failed = await make_proxy(directory=tmp_path, source=source, profile=name, container=container)
    expected = made.plan.expected
    assert (failed, expected.timecode, expected.drop_frame, expected.frame_rate) == ((), label, ";" in label, rate)
    assert expected.reel_name == (None if container == "mp4" else "A001R1AB")


@pytest.mark.parametrize(("name", "container"), ONE_OF_EACH_CONTAINER[:4])
async def test_pixel_aspect_and_colour_go_through_every_container(name: str, container: str, tmp_path: Path) -> None:
    stated = "setsar=16/15,setparams=color_primaries=bt2020:color_trc=arib-std-b67:colorspace=bt2020nc"
    recipe = replace(CLIP, width=720, height=576, video=(*PRORES, "-vf", stated), audio_channels=())
    source = write_clip(recipe, tmp_path / CLIP.file_name)
    made, failed = await make_proxy(directory=tmp_path, source=source, profile=name, container=container)
    expected = made.plan.expected
    assert (failed, expected.pixel_aspect) == ((), Fraction(16, 15))
    assert (expected.color_primaries, expected.color_transfer, expected.color_matrix) == (
        "bt2020",
        "arib-std-b67",
        "bt2020nc",
    )
    narrow = [warning for warning in made.plan.warnings if "arib-std-b67 (HLG) with 10 bits a sample" in warning]
    assert len(narrow) == (0 if name == "proxy_prores_proxy" else 1)


@pytest.mark.parametrize(("name", "container"), ONE_OF_EACH_CONTAINER)
@pytest.mark.parametrize(
    "rate",
    [
        pytest.param(Fraction(24000, 1001), id="23.976"),
        pytest.param(Fraction(48000, 1001), id="47.952"),
        pytest.param(Fraction(120000, 1001), id="119.88"),
        pytest.param(Fraction(25, 2), id="12.5"),
        pytest.param(Fraction(2997, 125), id="a rate that only some files have"),
    ],
)
async def test_a_rate_stays_the_exact_fraction_that_it_was(
    name: str, container: str, rate: Fraction, tmp_path: Path
) -> None:
    # FFmpeg brings the rate of generated pictures to terms below 65536; a time base of its own keeps 119.88.
    exact = ("-fps_mode", "passthrough", "-enc_time_base", f"{rate.denominator}/{rate.numerator}")
    video = (*PRORES, *exact, "-video_track_timescale", str(rate.numerator))
    recipe = replace(CLIP, rate=rate, frames=24, video=video, timecode=None, audio_channels=())
    source = write_clip(recipe, tmp_path / CLIP.file_name)
    if container == "mxf" and rate in (Fraction(25, 2), Fraction(2997, 125)):
        with pytest.raises(PlanRefusedError, match="is not one that can be written"):
            await make_proxy(directory=tmp_path, source=source, profile=name, container=container)
        return
    made, failed = await make_proxy(directory=tmp_path, source=source, profile=name, container=container)
    assert (failed, made.plan.expected.frame_rate, made.plan.expected.frame_count) == ((), rate, 24)


async def test_every_channel_becomes_a_mono_track_that_sounds_like_it(tmp_path: Path) -> None:
    source = write_clip(replace(CLIP, audio_channels=()), tmp_path / CLIP.file_name)
    tones = "|".join(f"0.2*sin({hertz}*2*PI*t)" for hertz in (400, 800, 1200, 1600, 2000, 2400))
    sound = tmp_path / "B001C001.mov"
    ffmpeg(
        *("-i", str(source), "-f", "lavfi", "-i", f"aevalsrc={tones}:s=48000:c=5.1:d=0.1335"),
        *("-f", "lavfi", "-i", "sine=frequency=3000:sample_rate=48000:duration=0.1335"),
        *("-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "copy", "-c:a", "pcm_s16le", str(sound)),
    )
    made, failed = await make_proxy(directory=tmp_path, source=sound, profile="avid_dnxhr_lb", container="mxf")
    assert (failed, [track.channels for track in made.plan.expected.audio]) == ((), [1] * 7)
    whole = raw_sound(sound, track=0)
    for channel in range(6):
        wanted = b"".join(whole[at + 2 * channel : at + 2 * channel + 2] for at in range(0, len(whole), 12))
        found = raw_sound(made.proxy, track=channel)
        length = min(len(wanted), len(found))
        assert length > 12_000
        assert found[:length] == wanted[:length]
    last, single = raw_sound(made.proxy, track=6), raw_sound(sound, track=1)
    assert last[:12_000] == single[:12_000]


async def test_the_alpha_of_4444_is_kept_to_the_last_bit_that_a_10_bit_proxy_has(tmp_path: Path) -> None:
    source = tmp_path / "A001C001.mov"
    ramp = "testsrc2=size=256x144:rate=25,format=yuva444p10le,geq=lum='lum(X,Y)':cb=512:cr=512:a='4*X'"
    ffmpeg(
        *("-f", "lavfi", "-i", ramp, "-frames:v", "2", "-c:v", "prores_ks", "-profile:v", "4444"),
        *("-alpha_bits", "16", "-vendor", "apl0", "-pix_fmt", "yuva444p10le", str(source)),
    )
    made, failed = await make_proxy(directory=tmp_path, source=source, profile="proxy_prores_4444", container="mov")
    assert (failed, made.facts.video is not None and made.facts.video.has_alpha) == ((), True)
    wanted = raw_video(source, pixel_format="gray10le", filters="alphaextract")
    assert raw_video(made.proxy, pixel_format="gray10le", filters="alphaextract") == wanted
    assert len({wanted[at : at + 2] for at in range(0, 512, 2)}) > 250
    other = tmp_path / "other"
    other.mkdir()
    without, failed = await make_proxy(directory=other, source=source, profile="proxy_prores_hq", container="mov")
    assert failed == ()
    assert "the source has an alpha channel; the proxy has none" in without.plan.warnings


@pytest.mark.parametrize(
    ("name", "container"),
    [
        pytest.param("proxy_h264_low", "mp4", id="4:2:0"),
        pytest.param("proxy_prores_proxy", "mov", id="4:2:2"),
        pytest.param("proxy_dnxhr_lb", "mxf", id="4:2:2 in MXF"),
    ],
)
async def test_odd_sides_become_even_by_scaling_and_the_exact_raster_is_said(
    name: str, container: str, tmp_path: Path
) -> None:
    source = tmp_path / "A001C001.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=1919x1079:rate=25,format=yuv444p", "-frames:v", "2"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", str(source)),
    )
    made, failed = await make_proxy(directory=tmp_path, source=source, profile=name, container=container)
    assert (failed, (made.plan.expected.width, made.plan.expected.height)) == ((), (1918, 1078))
    said = "same of 1919x1079 is scaled to 1918x1078: each side is rounded down to an even number"
    assert said in made.plan.warnings


async def test_dnxhr_goes_down_to_its_smallest_raster_and_no_further(tmp_path: Path) -> None:
    source = write_clip(replace(CLIP, width=256, height=120), tmp_path / CLIP.file_name)
    for container in ("mov", "mxf"):
        made, failed = await make_proxy(
            directory=tmp_path, source=source, profile="proxy_dnxhr_lb", container=container
        )
        assert (failed, (made.plan.expected.width, made.plan.expected.height)) == ((), (256, 120))
    with pytest.raises(PlanRefusedError, match="half of 256x120 is 128x60, below the codec's smallest raster"):
        await make_proxy(
            directory=tmp_path, source=source, profile="proxy_dnxhr_lb", container="mov", resolution="half"
        )


async def test_an_audio_track_without_a_sample_is_refused_and_not_left_out(tmp_path: Path) -> None:
    whole, empty = tmp_path / "whole.mkv", tmp_path / "A001C001.mkv"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine", "-t", "0.2"),
        *("-map", "0:v", "-map", "1:a", "-map", "1:a", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le"),
        str(whole),
    )
    ffmpeg("-i", str(whole), "-map", "0", "-c", "copy", "-bsf:a:1", "noise=drop=1", str(empty))
    with pytest.raises(AssertionError, match=r"the audio track in stream 2 \(pcm_s16le\) is empty"):
        await make_proxy(directory=tmp_path, source=empty, profile="proxy_prores_proxy", container="mov")


@pytest.mark.parametrize(
    "entry", [pytest.param(entry, id=str(entry.number)) for entry in LEGAL if not entry.unwritable]
)
def test_ffmpeg_writes_the_compression_id_that_the_table_says(entry: CompressionId, tmp_path: Path) -> None:
    recipe = LIBRARY.get("avid_dnxhd_145_1080")
    assert recipe is not None
    raster, order = f"{entry.width}x{entry.height}", FieldOrder.TOP_FIRST
    source = tmp_path / "source.mov"
    ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=size={raster}:rate=25,format=yuv420p", "-frames:v", "1"),
        *("-c:v", "libx264", "-preset", "ultrafast", str(source)),
    )
    video = replace(
        VIDEO,
        width=entry.width,
        height=entry.height,
        frame_count=1,
        field_order=order if entry.interlaced else FieldOrder.PROGRESSIVE,
    )
    for selector in entry.selectors:
        profile = replace(
            recipe,
            arguments=("-profile:v", "dnxhd", "-b:v", f"{selector}M"),
            pixel_format=entry.pixel_format,
            resolutions=(raster,),
            interlaced=Interlaced.KEEP,
        )
        planned = plan_clip(
            inputs=inputs_with(profile=profile, facts=facts_with(video=video, audio=()), resolution=raster)
        )
        output = tmp_path / f"{selector}.mxf"
        run(*fill_placeholders(argv=planned.argv, tool="ffmpeg", source=source, output=output))
        frame = ffmpeg("-i", str(output), "-map", "0:v", "-c", "copy", "-f", "dnxhd", "-")
        assert (int.from_bytes(frame[0x28:0x2C], "big"), len(frame)) == (entry.number, entry.frame_bytes)
