"""Media and timelines of the simulated Resolve: the reference, sections 3, 4 and 8."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.resolve.local_resolve import LocalResolve
from tests.resolve_simulator.quirks import Quirks
from tests.resolve_simulator.source_facts import SourceFacts


def _import(local: LocalResolve, *items: Any) -> list[Any]:
    found: list[Any] = local.ask(local.project.pool, "ImportMedia", list(items))
    return found


def test_what_is_absent_or_no_media_imports_as_nothing(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    (tmp_path / "notes.mov").write_text("no media")
    assert _import(local, str(tmp_path / "none.R3D"), str(tmp_path / "notes.mov")) == []


def test_an_unreadable_source_imports_as_nothing(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(unreadable=(".R3D",)))
    assert _import(local, str(local.source())) == []


def test_a_camera_file_is_what_the_file_beside_it_says(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    source = local.source(
        rate="60000/1001", frames=120, width=512, height=270, timecode="10:00:00;00", drop=True, audio=(1, 1), reel="A1"
    )
    (clip,) = _import(local, str(source))
    dump = local.ask(clip, "GetClipProperty")
    keys = ("FPS", "Frames", "Resolution", "Start TC", "End TC", "Drop frame", "Duration", "Audio Ch", "Reel Name")
    assert [dump[key] for key in keys] == [
        59.94,
        "120",
        "512x270",
        "10:00:00;00",
        "10:00:02;00",
        "1",
        "00:00:02;00",
        "2",
        "A1",
    ]
    assert local.ask(clip, "GetClipProperty", "No Such Key") == ""
    assert json.loads(local.ask(clip, "GetAudioMapping")) == {
        "embedded_audio_channels": 2,
        "linked_audio": {},
        "track_mapping": {
            "1": {"channel_idx": [1], "mute": False, "type": "mono"},
            "2": {"channel_idx": [2], "mute": False, "type": "mono"},
        },
    }


def test_a_camera_file_without_facts_has_the_default_ones(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    (tmp_path / "B001.braw").write_bytes(b"synthetic")
    (clip,) = _import(local, str(tmp_path / "B001.braw"))
    assert local.ask(clip, "GetClipProperty", "Frames") == str(SourceFacts().frames)


@pytest.mark.media
def test_a_real_file_is_what_ffprobe_says(tmp_path: Path) -> None:
    path = tmp_path / "clip.mov"
    video = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=25,trim=end_frame=3", "-timecode", "02:00:00:00"]
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *video, "-c:v", "mpeg4", str(path)], check=True)
    local = LocalResolve(tmp_path)
    (clip,) = _import(local, str(path))
    keys = ("FPS", "Frames", "Resolution", "Start TC", "Audio Ch", "Format", "Type")
    dump = local.ask(clip, "GetClipProperty")
    assert [dump[key] for key in keys] == [25.0, "3", "64x48", "02:00:00:00", "0", "QuickTime", "Video"]


@pytest.mark.parametrize(
    ("platform", "channels"),
    [pytest.param("linux", "0", id="Linux decodes no AAC"), pytest.param("darwin", "2", id="macOS does")],
)
def test_aac_sound(tmp_path: Path, platform: str, channels: str) -> None:
    local = LocalResolve(tmp_path, Quirks(platform=platform))
    (clip,) = _import(local, str(local.source(audio_codec="AAC")))
    assert local.ask(clip, "GetClipProperty", "Audio Ch") == channels


def test_values_are_in_the_language_of_the_user_and_keys_are_not(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(language="ja"))
    (clip,) = _import(local, str(local.source()))
    assert local.ask(clip, "GetClipProperty", "Type") == "ビデオ + オーディオ"
    assert local.ask(clip, "GetClipProperty", "Frames") == "8"


def test_a_property_of_the_switch_goes_over_what_the_media_says(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(clip_properties={"Frames": "7"}))
    (clip,) = _import(local, str(local.source()))
    assert local.ask(clip, "GetClipProperty", "Frames") == "7"


@pytest.mark.parametrize(
    ("dropped", "after"), [pytest.param(False, "B7", id="kept"), pytest.param(True, "", id="True and dropped")]
)
def test_a_reel_name(tmp_path: Path, dropped: bool, after: str) -> None:
    local = LocalResolve(tmp_path, Quirks(reel_name_dropped=dropped))
    (clip,) = _import(local, str(local.source()))
    assert local.ask(clip, "SetClipProperty", "Reel Name", "B7") is True
    assert local.ask(clip, "GetClipProperty", "Reel Name") == after


def _sequence(tmp_path: Path) -> dict[str, Any]:
    for number in range(1, 5):
        (tmp_path / f"x_{number:03d}.dng").write_bytes(b"synthetic")
    return {"FilePath": str(tmp_path / "x_%03d.dng"), "StartIndex": 1, "EndIndex": 4}


def test_a_numbered_sequence_is_one_clip(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    (clip,) = _import(local, _sequence(tmp_path))
    assert local.ask(clip, "GetName") == "x_[001-004].dng"
    assert local.ask(clip, "GetClipProperty", "Frames") == "4"


def test_a_sequence_with_a_gap_imports_as_nothing(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    assert _import(local, {**_sequence(tmp_path), "EndIndex": 5}) == []


def test_frames_stay_apart_where_the_browser_shows_them_so(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(individual_frames=True))
    clips = _import(local, _sequence(tmp_path))
    assert [local.ask(clip, "GetClipProperty", "Frames") for clip in clips] == ["1"] * 4


def test_clips_of_another_folder_make_no_timeline(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    clips = _import(local, str(local.source()))
    pool = local.project.pool
    local.ask(pool, "AddSubFolder", local.ask(pool, "GetRootFolder"), "other")
    assert local.ask(pool, "CreateTimelineFromClips", "cut", clips) is None
    local.ask(pool, "SetCurrentFolder", local.ask(pool, "GetRootFolder"))
    assert local.ask(pool, "CreateTimelineFromClips", "cut", clips) is not None


@pytest.mark.parametrize(
    ("quirks", "rate", "duration"),
    [
        pytest.param(Quirks(), "24", 8, id="whole"),
        pytest.param(Quirks(frames_short=1), "24", 7, id="one frame short"),
        pytest.param(Quirks(), "23.976", 7, id="another rate floors it"),
        pytest.param(Quirks(), "25", 8, id="another rate by time"),
    ],
)
def test_a_clip_on_a_timeline(tmp_path: Path, quirks: Quirks, rate: str, duration: int) -> None:
    local = LocalResolve(tmp_path, quirks)
    timeline = local.cut(timeline_rate=rate)
    (item,) = local.ask(timeline, "GetItemListInTrack", "video", 1)
    assert local.ask(item, "GetDuration") == duration
    assert local.ask(timeline, "GetEndFrame") - local.ask(timeline, "GetStartFrame") == duration
    assert local.ask(item, "GetLeftOffset") == 0


def test_an_item_may_begin_within_its_clip(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(left_offset=1))
    (item,) = local.ask(local.cut(), "GetItemListInTrack", "video", 1)
    assert local.ask(item, "GetLeftOffset") == 1


def test_a_timeline_begins_at_one_hour_and_can_be_set_elsewhere(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    timeline = local.cut()
    assert local.ask(timeline, "GetStartFrame") == 86400
    assert local.ask(timeline, "SetStartTimecode", "10:00:00:00") is True
    assert local.ask(timeline, "GetStartFrame") == 864000
    assert local.ask(timeline, "SetStartTimecode", "ten o'clock") is False


def test_of_two_items_in_one_place_the_later_is_dropped(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    timeline = local.cut()
    clip = local.project.pool.root.clips[0]
    info = {"mediaPoolItem": clip, "recordFrame": 86404, "mediaType": 1}
    assert local.ask(local.project.pool, "AppendToTimeline", [info]) == []
    assert len(local.ask(timeline, "GetItemListInTrack", "video", 1)) == 1


@pytest.mark.parametrize(
    ("version", "answer"), [pytest.param("20.3.2", False, id="20"), pytest.param("21.0.4", True, id="21")]
)
def test_a_track_with_options_needs_version_21(tmp_path: Path, version: str, answer: bool) -> None:
    local = LocalResolve(tmp_path, Quirks(version=version))
    timeline = local.cut()
    assert local.ask(timeline, "AddTrack", "audio", {"audioType": "5.1"}) is answer
    assert local.ask(timeline, "AddTrack", "audio", "adaptive8") is True
    assert local.ask(timeline, "AddTrack", "audio", "no such") is False


def test_items_are_deleted_on_the_edit_page_only(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    timeline = local.cut()
    items = local.ask(timeline, "GetItemListInTrack", "video", 1)
    assert local.ask(timeline, "DeleteClips", items) is False
    local.ask(local.resolve, "OpenPage", "edit")
    assert local.ask(timeline, "DeleteClips", items) is True
    assert local.ask(timeline, "GetItemListInTrack", "video", 1) == []
