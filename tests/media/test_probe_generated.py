"""Probing footage that ffmpeg generates here: what cameras write, and what a broken copy leaves of it."""

import shutil
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from proxx.core.facts import FieldOrder, TimecodeFacts
from proxx.core.roots import RootPath
from proxx.core.steps import ProbedSource
from proxx.core.violation import ViolationCode
from proxx.engine.probe import probe_source
from proxx.engine.process_runner import ProcessToolRunner

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

NTSC = Fraction(30000, 1001)
PICTURE = ("-f", "lavfi", "-i", "testsrc=s=192x108:r=30000/1001:d=1")
PAL = ("-f", "lavfi", "-i", "testsrc=s=192x108:r=25:d=1")
SOUND = ("-f", "lavfi", "-i", "sine=d=1:r=48000")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10")
PRORES = ("-c:v", "prores_ks", "-pix_fmt", "yuv422p10le", "-c:a", "pcm_s24le")

Make = Callable[..., Path]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    directory = tmp_path_factory.mktemp("generated")

    def made(name: str, *arguments: str) -> Path:
        path = directory / name
        if not path.exists():
            subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments, f"file:{path}"], check=True, timeout=60)
        return path

    return made


async def probed(path: Path) -> ProbedSource:
    return await probe_source(
        runner=ProcessToolRunner(), path=path, source=RootPath(root="made", path=path.name), ffprobe="ffprobe"
    )


async def test_a_drop_frame_prores_clip_with_two_audio_tracks(make: Make) -> None:
    tracks = ("-map", "0:v", "-map", "1:a", "-map", "2:a", "-metadata:s:a:0", "language=eng")
    timecode = ("-timecode", "00:59:59;28", "-metadata:s:v", "reel_name=A001")
    found = await probed(make("A001 ünïcode 'q' %d.mov", *PICTURE, *SOUND, *SOUND, *tracks, *PRORES, *timecode))
    assert found.violations == ()
    facts = found.facts
    assert facts is not None
    assert facts.video is not None
    assert (facts.video.codec, facts.video.frame_rate, facts.video.frame_count) == ("prores", NTSC, 30)
    assert (facts.video.bit_depth, facts.video.intra_only, facts.reel_name) == (10, True, "A001")
    assert facts.timecode == TimecodeFacts(label="00:59:59;28", drop_frame=True, rate=NTSC, origin="tmcd")
    assert [(track.codec, track.channels, track.language) for track in facts.audio] == [
        ("pcm_s24le", 1, "eng"),
        ("pcm_s24le", 1, None),
    ]


@pytest.mark.parametrize(
    ("flag", "order"),
    [("tff", FieldOrder.TOP_FIRST), ("bff", FieldOrder.BOTTOM_FIRST), (None, FieldOrder.PROGRESSIVE)],
)
async def test_the_field_order_that_ffmpeg_writes_is_read_back(make: Make, flag: str | None, order: FieldOrder) -> None:
    fields = ("-vf", f"setfield={flag}", "-flags", "+ildct+ilme") if flag else ()
    found = await probed(make(f"fields-{flag}.mov", *PAL, *fields, *PRORES[:4]))
    assert found.facts is not None
    assert found.facts.video is not None
    assert found.facts.video.field_order is order


@pytest.mark.parametrize(
    ("name", "arguments", "codec"),
    [
        ("hr.mov", ("-s", "256x144", "-c:v", "dnxhd", "-profile:v", "dnxhr_sq", "-pix_fmt", "yuv422p"), "dnxhr"),
        ("hr.mxf", ("-s", "256x144", "-c:v", "dnxhd", "-profile:v", "dnxhr_sq", "-pix_fmt", "yuv422p"), "dnxhr"),
        ("hd.mxf", ("-s", "1920x1080", "-c:v", "dnxhd", "-b:v", "36M", "-pix_fmt", "yuv422p"), "dnxhd"),
        ("mpeg2.mxf", ("-c:v", "mpeg2video", "-pix_fmt", "yuv422p"), "mpeg2video"),
        ("mjpeg.avi", ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p"), "mjpeg"),
        ("vp9.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"), "vp9"),
        ("hevc.mkv", ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"), "hevc"),
    ],
)
async def test_what_our_own_tools_write_is_taken(make: Make, name: str, arguments: tuple[str, ...], codec: str) -> None:
    found = await probed(make(name, *PAL, *arguments, "-r", "25"))
    assert found.violations == ()
    assert found.facts is not None
    assert found.facts.video is not None
    video = found.facts.video
    assert (video.codec, video.frame_rate, video.constant_frame_rate, video.frame_count) == (codec, 25, True, 25)


async def test_dnxhd_in_mov_is_refused(make: Make) -> None:
    arguments = ("-s", "1920x1080", "-t", "0.2", "-c:v", "dnxhd", "-b:v", "36M", "-pix_fmt", "yuv422p")
    found = await probed(make("hd.mov", *PAL, *arguments))
    assert found.facts is None
    assert "DNxHD must be wrapped in MXF" in found.violations[0].message


async def test_an_edit_list_that_skips_frames_is_no_truncation(make: Make) -> None:
    whole = make("whole.mp4", *PAL, *H264)
    skipped = make("skipped.mp4", "-ss", "0.5", "-i", f"file:{whole}", "-c", "copy")
    found = await probed(skipped)
    assert found.violations == ()
    assert found.facts is not None
    assert found.facts.video is not None
    assert found.facts.video.frame_count < (found.facts.video.declared_frame_count or 0)


CUTTABLE = {
    "front.mp4": (*PICTURE, *SOUND, *H264, "-movflags", "+faststart"),
    "front.mov": (*PICTURE, *SOUND, *PRORES, "-movflags", "+faststart"),
    "end.mov": (*PICTURE, *SOUND, *PRORES),
    "fragments.mp4": (*PICTURE, *SOUND, *H264, "-movflags", "frag_keyframe+empty_moov"),
    "plain.mkv": (*PICTURE, *SOUND, *H264),
    "live.mkv": (*PAL, *H264, "-live", "1"),
    "cut.mxf": (*PAL, "-c:v", "mpeg2video", "-pix_fmt", "yuv422p"),
    "cut.avi": (*PAL, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"),
}


@pytest.mark.parametrize("name", sorted(CUTTABLE))
async def test_a_file_that_was_not_cut_is_sound(make: Make, name: str) -> None:
    found = await probed(make(name, *CUTTABLE[name]))
    assert found.violations == ()
    assert found.facts is not None


@pytest.mark.parametrize("tenths", [1, 5, 9])
@pytest.mark.parametrize("name", sorted(CUTTABLE))
async def test_a_file_cut_off_is_refused_and_says_so(make: Make, tmp_path: Path, name: str, tenths: int) -> None:
    data = make(name, *CUTTABLE[name]).read_bytes()
    cut = tmp_path / name
    cut.write_bytes(data[: len(data) * tenths // 10])
    found = await probed(cut)
    assert found.facts is None
    assert len(found.violations) == 1
    assert found.violations[0].code is ViolationCode.SOURCE_TRUNCATED
    assert "cut off" in found.violations[0].message


async def test_a_playlist_behind_a_movie_name_opens_nothing(tmp_path: Path) -> None:
    playlist = tmp_path / "a.mp4"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n")
    found = await probed(playlist)
    assert found.facts is None
    assert "an HLS playlist, which names other files" in found.violations[0].message
