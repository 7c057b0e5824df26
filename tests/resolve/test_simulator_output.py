"""The files that the simulated Resolve renders, measured with ffprobe."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.resolve.local_resolve import LocalResolve
from tests.resolve_simulator.quirks import Quirks

pytestmark = pytest.mark.media

FACTS: dict[str, Any] = {"rate": "24000/1001", "frames": 6, "timecode": "10:00:00:00", "audio": (1, 1), "reel": "A001"}
SOURCE_NAME = {"UsePrefixAndSuffixFromSrc": "1", "RecordAudioNumChannels": "-1"}
RIGHT = {
    "codec": "dnxhd",
    "size": (256, 144),
    "rate": "24000/1001",
    "frames": 6,
    "timecode": "10:00:00:00",
    "audio": [("pcm_s16le", 1), ("pcm_s16le", 1)],
    "reel": "A001",
}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store of encoded media for the module."""
    return tmp_path_factory.mktemp("scratch")


def _measure(path: Path) -> dict[str, Any]:
    """Return what a file holds, in the shape of RIGHT."""
    argv = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-count_packets", "-of", "json", str(path)]
    raw = json.loads(subprocess.run(argv, capture_output=True, check=True, timeout=20).stdout)
    video = [each for each in raw["streams"] if each["codec_type"] == "video"]
    audio = [each for each in raw["streams"] if each["codec_type"] == "audio"]
    tags = [each.get("tags", {}) for each in (*raw["streams"], raw["format"])]
    return {
        "codec": video[0]["codec_name"] if video else None,
        "size": (video[0]["width"], video[0]["height"]) if video else None,
        "rate": video[0]["r_frame_rate"] if video else None,
        "frames": int(video[0]["nb_read_packets"]) if video else None,
        "timecode": next((each["timecode"] for each in tags if "timecode" in each), None),
        "audio": [(each["codec_name"], each["channels"]) for each in audio],
        "reel": next((each["reel_name"] for each in tags if "reel_name" in each), None),
    }


def _rendered(
    tmp_path: Path, scratch: Path, quirks: Quirks, *, preset: dict[str, str] | None = None, **settings: Any
) -> LocalResolve:
    local = LocalResolve(tmp_path, quirks)
    (local.installation.root / "scratch").symlink_to(scratch)
    local.cut(timeline_rate="23.976", **FACTS)
    fields = SOURCE_NAME if preset is None else preset
    local.project.shelf.save_as("known", fields)
    local.ask(local.project, "LoadRenderPreset", "known")
    assert local.render(local.queue(**settings)).get("Error") is None
    return local


def test_a_right_output_has_name_rate_frames_timecode_and_channels_of_its_source(tmp_path: Path, scratch: Path) -> None:
    local = _rendered(tmp_path, scratch, Quirks())
    assert local.outputs() == ["A001_C001.mov"]
    assert _measure(tmp_path / "out" / "A001_C001.mov") == RIGHT


@pytest.mark.parametrize(
    ("quirks", "differences"),
    [
        pytest.param(Quirks(output="short"), {"frames": 5}, id="one frame short"),
        pytest.param(Quirks(output="wrong_timecode"), {"timecode": "00:00:00:00"}, id="another timecode"),
        pytest.param(Quirks(output="short", output_delta=-3), {"frames": 3}, id="three frames short"),
        pytest.param(
            Quirks(output="wrong_timecode", output_timecode="10:00:00:01"),
            {"timecode": "10:00:00:01"},
            id="one frame later",
        ),
        pytest.param(Quirks(output="no_timecode"), {"timecode": None, "reel": None}, id="no timecode"),
        pytest.param(Quirks(output="no_audio"), {"audio": []}, id="no sound"),
        pytest.param(Quirks(output="fewer_channels"), {"audio": [("pcm_s16le", 1)]}, id="one channel less"),
        pytest.param(Quirks(output="wrong_raster"), {"size": (272, 144)}, id="another raster"),
        pytest.param(Quirks(output="wrong_rate"), {"rate": "25/1"}, id="another rate"),
        pytest.param(Quirks(output="wrong_codec"), {"codec": "mjpeg"}, id="another codec"),
        pytest.param(
            Quirks(output="no_video"),
            {"codec": None, "size": None, "rate": None, "frames": None, "timecode": None, "reel": None},
            id="no picture",
        ),
    ],
)
def test_an_output_that_is_not_what_it_should_be(
    tmp_path: Path, scratch: Path, quirks: Quirks, differences: dict[str, Any]
) -> None:
    local = _rendered(tmp_path, scratch, quirks)
    assert local.outputs() == ["A001_C001.mov"]
    assert _measure(tmp_path / "out" / "A001_C001.mov") == {**RIGHT, **differences}


@pytest.mark.parametrize(
    ("output", "names"),
    [
        pytest.param("missing", [], id="none"),
        pytest.param("two_files", ["A001_C001.mov", "A001_C001_1.mov"], id="two"),
        pytest.param("other_name", ["V1-0001_A001_C001.mov"], id="another name"),
        pytest.param("subfolder", ["v1/A001_C001.mov"], id="in a folder below"),
    ],
)
def test_files_that_are_not_where_they_should_be(tmp_path: Path, scratch: Path, output: str, names: list[str]) -> None:
    assert _rendered(tmp_path, scratch, Quirks(output=output)).outputs() == names


@pytest.mark.parametrize(
    ("output", "part"), [pytest.param("zero_length", 0, id="nothing"), pytest.param("truncated", 0.5, id="half")]
)
def test_a_file_that_is_not_whole(tmp_path: Path, scratch: Path, output: str, part: float) -> None:
    local = _rendered(tmp_path, scratch, Quirks())
    path = local.root / "out" / "A001_C001.mov"
    whole = path.stat().st_size
    local.installation.set_quirks(Quirks(output=output))
    local.render(local.queue())
    assert path.stat().st_size == int(whole * part)


@pytest.mark.parametrize(
    ("quirks", "preset", "settings", "name"),
    [
        pytest.param(Quirks(), SOURCE_NAME, {}, "A001_C001.mov", id="of the source"),
        pytest.param(Quirks(), SOURCE_NAME, {"CustomName": "proxy"}, "proxy.mov", id="given"),
        pytest.param(
            Quirks(source_name_wins=True), SOURCE_NAME, {"CustomName": "proxy"}, "A001_C001.mov", id="given in vain"
        ),
        pytest.param(Quirks(), {}, {}, "00000000.mov", id="neither given nor of the source"),
        pytest.param(
            Quirks(), {**SOURCE_NAME, "RecordClipUniqueName": "true"}, {}, "V1-0001_A001_C001.mov", id="made unique"
        ),
        pytest.param(
            Quirks(),
            {**SOURCE_NAME, "RecordClipUniqueName": "true"},
            {"UniqueFilenameStyle": 1},
            "A001_C001_V1-0001.mov",
            id="made unique at its end",
        ),
        pytest.param(Quirks(), {**SOURCE_NAME, "ReelInFolder": "1"}, {}, "A001/A001_C001.mov", id="in a reel's folder"),
        pytest.param(
            Quirks(platform="windows"),
            {**SOURCE_NAME, "RecordAllowDupImg": "0"},
            {},
            "v1/A001_C001.mov",
            id="in a version's folder on Windows",
        ),
    ],
)
def test_the_name_of_an_individual_clip(
    tmp_path: Path, scratch: Path, quirks: Quirks, preset: dict[str, str], settings: dict[str, Any], name: str
) -> None:
    local = _rendered(tmp_path, scratch, quirks, preset=preset, ExportAudio=False, **settings)
    assert local.outputs() == [name]


def test_without_a_preset_for_channels_there_are_two_of_them(tmp_path: Path, scratch: Path) -> None:
    local = _rendered(tmp_path, scratch, Quirks(), preset={"RecordFormatType": "mov"}, CustomName="proxy")
    assert _measure(tmp_path / "out" / "proxy.mov")["audio"] == [("pcm_s16le", 2)]
    assert local.outputs() == ["proxy.mov"]


def test_a_single_clip_has_the_timecode_of_the_timeline(tmp_path: Path, scratch: Path) -> None:
    local = LocalResolve(tmp_path)
    (local.installation.root / "scratch").symlink_to(scratch)
    local.cut(timeline_rate="23.976", **FACTS)
    local.render(local.queue(mode=1, CustomName="proxy", ExportAudio=False))
    local.render(local.queue(mode=1, CustomName="set", TimelineStartTimecode="05:00:00:00", ExportAudio=False))
    found = [_measure(tmp_path / "out" / f"{name}.mov")["timecode"] for name in ("proxy", "set")]
    assert found == ["01:00:00:00", "05:00:00:00"]


def test_marks_choose_frames_and_the_last_is_rendered(tmp_path: Path, scratch: Path) -> None:
    marks: dict[str, Any] = {"SelectAllFrames": False, "MarkIn": 86401, "MarkOut": 86403}
    _rendered(tmp_path, scratch, Quirks(), **marks)
    measured = _measure(tmp_path / "out" / "A001_C001.mov")
    assert (measured["frames"], measured["timecode"]) == (3, "10:00:00:01")


@pytest.mark.parametrize(
    ("pair", "name", "codec"),
    [
        pytest.param(("mov", "ProRes422P"), "A001_C001.mov", "prores", id="ProRes in QuickTime"),
        pytest.param(("mxf_op1a", "DNxHRSQ"), "A001_C001.mxf", "dnxhd", id="DNxHR in MXF"),
        pytest.param(("mp4", "H264"), "A001_C001.mp4", "h264", id="H.264 in MP4"),
        pytest.param(("mov", "H265"), "A001_C001.mov", "hevc", id="H.265 in QuickTime"),
    ],
)
def test_formats_and_codecs_are_real(
    tmp_path: Path, scratch: Path, pair: tuple[str, str], name: str, codec: str
) -> None:
    _rendered(tmp_path, scratch, Quirks(platform="darwin"), pair=pair)
    measured = _measure(tmp_path / "out" / name)
    assert (measured["codec"], measured["frames"], measured["timecode"]) == (codec, 6, "10:00:00:00")


def test_a_sequence_is_one_file_for_each_frame(tmp_path: Path, scratch: Path) -> None:
    local = _rendered(tmp_path, scratch, Quirks(), pair=("tif", "RGB16LZW"), ExportAudio=False)
    assert local.outputs() == [f"A001_C001_{number:08d}.tif" for number in range(6)]


def test_what_the_encoder_refuses_is_a_failed_job(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.cut(**FACTS)
    status = local.render(local.queue(FormatWidth=128, FormatHeight=64))
    assert status["JobStatus"] == "Failed"
    assert status["Error"]


def test_a_folder_that_is_gone_is_a_failed_job(tmp_path: Path, scratch: Path) -> None:
    local = LocalResolve(tmp_path)
    (local.installation.root / "scratch").symlink_to(scratch)
    local.cut(**FACTS)
    status = local.render(local.queue(TargetDir=str(tmp_path / "gone")))
    assert (status["JobStatus"], "gone" in status["Error"]) == ("Failed", True)
