"""Every shipped FFmpeg profile on a real clip: the planned command gives what was planned, byte for byte the same."""

import hashlib
import json
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from proxx.core.command_paths import fill_placeholders
from proxx.core.detection import Engine
from proxx.core.facts import AudioFacts, MediaFacts, TimecodeFacts
from proxx.core.judge import is_chatter
from proxx.core.plan import Plan
from proxx.core.planner import plan_clip
from proxx.runtime.profile_files import builtin_library
from tests.fakes.assets import SHIPPED_ASSETS
from tests.fakes.media_facts import FACTS, STEREO, VIDEO, inputs_with

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

NTSC_30 = Fraction(30000, 1001)
FRAMES = 12
LIBRARY = builtin_library()
CASES = [
    pytest.param(profile.name, container, id=f"{profile.name} in {container}")
    for profile in LIBRARY.profiles
    if profile.engine is Engine.FFMPEG
    for container in profile.containers
    if container == profile.containers[0] or profile.name in ("proxy_h264_low", "proxy_dnxhr_lb", "proxy_av1_low")
]
ONE_CORE = ("taskset", "-c", "0") if shutil.which("taskset") else ()
FFPROBE_NAMES = {"dnxhr": "dnxhd"}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drop-frame clip of 12 frames: 320x180, timecode, reel name, one mono and one stereo track in two languages."""
    path = tmp_path_factory.mktemp("source") / "A001C001.mov"
    length = "0.4004"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=30000/1001:duration={length}"),
            *("-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={length}"),
            *("-f", "lavfi", "-i", f"aevalsrc=0.2*sin(1000*t)|0.2*sin(3000*t):s=48000:c=stereo:d={length}"),
            *("-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-threads", "1"),
            *("-pix_fmt", "yuv420p", "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
            *("-color_range", "tv", "-c:a", "pcm_s24le", "-timecode", "01:00:59;20"),
            *("-metadata:s:v:0", "reel_name=A001R1AB", "-metadata:s:a:1", "language=fra", str(path)),
        ],
        check=True,
        timeout=60,
    )
    return path


def facts() -> MediaFacts:
    seconds = FRAMES / NTSC_30
    video = replace(
        VIDEO,
        width=320,
        height=180,
        frame_rate=NTSC_30,
        time_base=Fraction(1, 30000),
        frame_count=FRAMES,
        declared_frame_count=FRAMES,
        duration=seconds,
    )
    mono = replace(STEREO, channels=1, layout="mono", duration=seconds)
    stereo = replace(STEREO, stream_index=2, duration=seconds, language="fra")
    timecode = TimecodeFacts(label="01:00:59;20", drop_frame=True, rate=NTSC_30, origin="tmcd")
    return replace(FACTS, duration=seconds, video=video, audio=(mono, stereo), timecode=timecode, reel_name="A001R1AB")


def plan(
    name: str, container: str, *, media: MediaFacts, resolution: str | None = None, fps: Fraction | None = None
) -> Plan:
    profile = LIBRARY.get(name)
    assert profile is not None
    chosen = resolution or ("same" if "same" in profile.resolutions else profile.default_resolution)
    return plan_clip(inputs=inputs_with(profile=profile, facts=media, container=container, resolution=chosen, fps=fps))


def encode(planned: Plan, source: Path, output: Path, *, before: tuple[str, ...] = ()) -> str:
    """Run the planned command and return the sha256 of what it wrote; no error line may be left."""
    filled = fill_placeholders(argv=planned.argv, tool="ffmpeg", source=source, output=output, assets=SHIPPED_ASSETS)
    argv = [*before, *filled]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    lines = [line for line in done.stderr.splitlines() if not is_chatter(line)]
    assert (done.returncode, lines) == (0, [])
    return hashlib.sha256(output.read_bytes()).hexdigest()


def probe(path: Path) -> Any:
    done = subprocess.run(
        [
            *("ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format"),
            *("-of", "json", f"file:{path}"),
        ],
        capture_output=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


def tag(document: Any, name: str) -> str | None:
    sources = [*document["streams"], document["format"]]
    tags = [{key.lower(): value for key, value in source.get("tags", {}).items()} for source in sources]
    return next((found[name] for found in tags if name in found), None)


def picture(document: Any) -> Any:
    return next(stream for stream in document["streams"] if stream["codec_type"] == "video")


def sound(document: Any) -> list[tuple[str, int, str | None, str]]:
    return [
        (stream["codec_name"], stream["channels"], stream.get("channel_layout"), stream["sample_rate"])
        for stream in document["streams"]
        if stream["codec_type"] == "audio"
    ]


@pytest.mark.parametrize(("name", "container"), CASES)
def test_a_profile_gives_what_its_plan_says_and_always_the_same_bytes(
    name: str, container: str, source: Path, tmp_path: Path
) -> None:
    planned = plan(name, container, media=facts())
    output = tmp_path / f"first.{container}"
    digests = {
        encode(planned, source, output),
        encode(planned, source, tmp_path / f"second.{container}"),
        encode(planned, source, tmp_path / f"one_core.{container}", before=ONE_CORE),
    }
    assert len(digests) == 1
    assert output.stat().st_size < planned.ceiling_bytes
    document, expected = probe(output), planned.expected
    video = picture(document)
    assert {
        "codec": video["codec_name"],
        "raster": (video["width"], video["height"]),
        "rate": Fraction(video["avg_frame_rate"]),
        "frames": int(video["nb_read_frames"]),
        "timecode": tag(document, "timecode"),
        "reel_name": tag(document, "reel_name"),
        "colour": tuple(video.get(key) for key in ("color_range", "color_primaries", "color_transfer", "color_space")),
        "audio": sound(document),
    } == {
        "codec": FFPROBE_NAMES.get(expected.codec, expected.codec),
        "raster": (expected.width, expected.height),
        "rate": NTSC_30,
        "frames": FRAMES,
        "timecode": "01:00:59;20",
        "reel_name": None if container == "mp4" else "A001R1AB",
        "colour": ("tv", "bt709", "bt709", "bt709"),
        "audio": [(track.codec, track.channels, track.layout, str(track.sample_rate)) for track in expected.audio],
    }


@pytest.mark.parametrize(
    ("fps", "frames"),
    [
        pytest.param(Fraction(24000, 1001), 10, id="29.97 to 23.976, 9.6 frames"),
        pytest.param(Fraction(25), 10, id="29.97 to 25, 10.01 frames"),
        pytest.param(Fraction(60000, 1001), 24, id="29.97 to 59.94"),
    ],
)
def test_a_conformed_rate_gives_the_planned_number_of_frames(
    fps: Fraction, frames: int, source: Path, tmp_path: Path
) -> None:
    planned = plan("proxy_h264_low", "mov", media=facts(), fps=fps)
    output = tmp_path / "out.mov"
    encode(planned, source, output)
    video = picture(probe(output))
    assert (planned.expected.frame_count, int(video["nb_read_frames"])) == (frames, frames)
    assert Fraction(video["avg_frame_rate"]) == fps


@pytest.mark.parametrize("container", ["mov", "mkv"])
def test_variable_time_stamps_arrive_unchanged(container: str, source: Path, tmp_path: Path) -> None:
    stamps = [0, 40, 70, 140, 160, 300]
    clip = tmp_path / "variable.mkv"
    pts = "+".join(f"eq(N,{index})*{stamp}" for index, stamp in enumerate(stamps))
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-frames:v", "6"),
            *("-vf", f"settb=1/1000,setpts='{pts}'", "-fps_mode", "passthrough", "-enc_time_base", "1/1000"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-pix_fmt", "yuv420p", str(clip)),
        ],
        check=True,
        timeout=60,
    )
    video = replace(
        facts().video or VIDEO,
        constant_frame_rate=False,
        frame_rate=Fraction(6000, 340),
        time_base=Fraction(1, 1000),
        frame_count=6,
    )
    media = replace(facts(), container="mkv", video=video, audio=(), timecode=None, reel_name=None)
    output = tmp_path / f"out.{container}"
    encode(plan("proxy_h264_low", container, media=media), clip, output)
    listed = subprocess.run(
        [
            *("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0"),
            str(output),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert [round(float(line.strip(",")) * 1000) for line in listed.stdout.split()] == stamps


@pytest.mark.parametrize(
    ("container", "raster", "matrix"),
    [pytest.param("mov", (160, 90), -90, id="kept in mov"), pytest.param("mkv", (90, 160), None, id="baked in mkv")],
)
def test_rotation_is_kept_as_a_matrix_or_baked_upright(
    container: str, raster: tuple[int, int], matrix: int | None, source: Path, tmp_path: Path
) -> None:
    turned = tmp_path / "turned.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-i", str(source), "-map", "0:v", "-c", "copy"),
            *("-metadata:s:v:0", "rotate=270", str(turned)),
        ],
        check=True,
        timeout=60,
    )
    rotation = next(int(item["rotation"]) for item in picture(probe(turned))["side_data_list"] if "rotation" in item)
    media = replace(
        facts(),
        container="mp4",
        video=replace(facts().video or VIDEO, rotation=-rotation % 360),
        audio=(),
        timecode=None,
        reel_name=None,
    )
    output = tmp_path / f"out.{container}"
    planned = plan("proxy_h264_low", container, media=media, resolution="half")
    encode(planned, turned, output)
    video = picture(probe(output))
    found = next((item["rotation"] for item in video.get("side_data_list", []) if "rotation" in item), None)
    wanted = rotation if matrix is not None else None
    assert ((video["width"], video["height"]), found) == (raster, wanted)


def test_sound_begins_with_the_picture(source: Path, tmp_path: Path) -> None:
    late = tmp_path / "late.mov"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-i", str(source), "-itsoffset", "0.2", "-i", str(source)),
            *("-map", "0:v", "-map", "1:a:0", "-c", "copy", str(late)),
        ],
        check=True,
        timeout=60,
    )
    mono: AudioFacts = replace(facts().audio[0], start_time=Fraction(1, 5))
    media = replace(facts(), audio=(mono,), timecode=None, reel_name=None)
    output = tmp_path / "out.mov"
    planned = plan("proxy_prores_proxy", "mov", media=media)
    encode(planned, late, output)
    samples = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(output), "-map", "0:a", "-f", "s16le", "-"],
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout
    silence = next(index for index in range(0, len(samples), 2) if samples[index : index + 2] != b"\0\0") // 2
    assert abs(silence - 9600) < 100
    assert planned.expected.audio[0].duration is not None
    assert abs(len(samples) // 2 - planned.expected.audio[0].duration * 48000) < 100
