"""The table "Bad input, and what happens" of docs/ENGINE_CAPABILITIES.md, row by row, on files made here."""

import shutil
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from proxx.core.facts import FieldOrder, MediaFacts
from proxx.core.roots import RootPath
from proxx.core.steps import ProbedSource
from proxx.core.violation import ViolationCode
from proxx.engine.probe import probe_source
from proxx.engine.process_runner import ProcessToolRunner
from tests.footage.iso_surgery import (
    Node,
    add_to_sample_entry,
    operate,
    set_edits,
    set_start_frame,
    set_timecode_flags,
    track,
)

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=192x108:rate=25:duration=1")
SOUND = ("-f", "lavfi", "-i", "sine=sample_rate=48000:duration=1")
ONE_PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=192x108:rate=25,trim=end_frame=1")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-g", "5", "-pix_fmt", "yuv420p")
CLIP = (*PICTURE, *SOUND, *H264, "-c:a", "pcm_s16le", "-timecode", "01:00:00:00", "-video_track_timescale", "25")
ONE = 1 << 16
DAY = 24 * 3600 * 25

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(name: str, *arguments: str) -> Path:
        path = tmp_path / name
        argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, f"file:{path}"]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return path

    return made


async def probed(path: Path) -> ProbedSource:
    return await probe_source(
        runner=ProcessToolRunner(), path=path, source=RootPath(root="made", path=path.name), ffprobe="ffprobe"
    )


async def facts_of(path: Path) -> MediaFacts:
    found = await probed(path)
    assert found.violations == ()
    assert found.facts is not None
    return found.facts


async def refusal_of(path: Path) -> tuple[ViolationCode, str]:
    found = await probed(path)
    assert found.facts is None
    (violation,) = found.violations
    return violation.code, violation.message.removeprefix(f"{path.name}: ")


# Picture


@pytest.mark.parametrize(("name", "pixels"), [("odd.mp4", "yuv444p"), ("odd.mov", "yuv444p")])
async def test_odd_dimensions_are_facts_and_no_fault(make: Make, name: str, pixels: str) -> None:
    odd = ("-f", "lavfi", "-i", "color=size=192x108:rate=25:duration=0.2,format=yuv444p,crop=191:107:0:0:exact=1")
    facts = await facts_of(make(name, *odd, *H264[:-1], pixels))
    assert facts.video is not None
    assert (facts.video.width, facts.video.height, facts.warnings) == (191, 107, ())


@pytest.mark.parametrize(
    ("name", "encoder"),
    [
        ("one.mp4", H264),
        ("one.mkv", H264),
        ("one.mxf", ("-c:v", "mpeg2video")),
        ("one.ts", ("-c:v", "mpeg2video")),
        ("one.avi", ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p")),
        ("one.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime")),
        ("pieces.mp4", (*H264, "-movflags", "frag_keyframe+empty_moov")),
    ],
)
async def test_a_clip_of_one_frame_has_the_rate_that_the_file_states(
    make: Make, name: str, encoder: tuple[str, ...]
) -> None:
    facts = await facts_of(make(name, *ONE_PICTURE, *encoder))
    assert facts.video is not None
    assert (facts.video.frame_count, facts.video.frame_rate, facts.video.constant_frame_rate) == (1, Fraction(25), True)


async def test_one_frame_without_any_rate_is_refused(make: Make) -> None:
    path = make("one.webm", *ONE_PICTURE, "-c:v", "libvpx-vp9", "-deadline", "realtime")
    stated = bytes.fromhex("23e3838402625a00")  # DefaultDuration: 40 ms
    data = path.read_bytes()
    assert data.count(stated) == 1
    path.write_bytes(data.replace(stated, bytes.fromhex("ec86000000000000")))  # Void
    assert await refusal_of(path) == (ViolationCode.SOURCE_UNSUPPORTED, "nothing in the file states a frame rate")


async def test_pictures_that_share_one_time_stamp_are_refused(make: Make) -> None:
    def at_one_moment(moov: Node) -> None:
        media = track(moov, b"vide").child(b"mdia", b"minf", b"stbl")
        media.child(b"stts").head = struct.pack(">IIII", 0, 1, 25, 0)

    code, message = await refusal_of(operate(make("a.mov", *CLIP), at_one_moment))
    assert code is ViolationCode.SOURCE_UNSUPPORTED
    assert message == "all 25 pictures have one time stamp, so nothing says when each is shown"


async def test_two_video_tracks_give_the_first_and_a_warning(make: Make) -> None:
    second = ("-f", "lavfi", "-i", "testsrc2=size=96x54:rate=25:duration=1")
    facts = await facts_of(make("two.mov", *PICTURE, *second, "-map", "0", "-map", "1", *H264))
    assert facts.video is not None
    assert (facts.video.stream_index, facts.video.width) == (0, 192)
    assert facts.other_streams == ("video:h264",)
    assert facts.warnings == ("stream 1 (video:h264) is a further video track and is left out",)


async def test_a_cover_picture_is_left_out_with_a_warning(make: Make) -> None:
    cover = make("cover.png", *ONE_PICTURE, "-frames:v", "1")
    clip = make("clip.mp4", *PICTURE, *H264)
    both = ("-i", f"file:{cover}", "-i", f"file:{clip}", "-map", "0", "-map", "1", "-c", "copy")
    facts = await facts_of(make("a.mp4", *both, "-disposition:v:0", "attached_pic"))
    assert facts.video is not None
    assert facts.video.codec == "h264"
    assert facts.other_streams == ("picture:png",)
    assert [warning for warning in facts.warnings if "is a cover picture and is left out" in warning] != []


async def test_an_unknown_field_order_is_said_where_the_codec_can_be_interlaced(make: Make) -> None:
    facts = await facts_of(make("a.avi", *PICTURE, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"))
    assert facts.video is not None
    assert facts.video.field_order is FieldOrder.UNKNOWN
    assert facts.warnings == ("the file does not state its field order; it is taken as progressive",)


@pytest.mark.parametrize(
    ("name", "transfer"), [("pq.mov", "smpte2084"), ("hlg.mov", "arib-std-b67")], ids=["PQ", "HLG"]
)
async def test_hdr_tags_are_facts(make: Make, name: str, transfer: str) -> None:
    tags = f"log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    encoder = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1")
    facts = await facts_of(make(name, *PICTURE, *encoder, "-x265-params", tags))
    assert facts.video is not None
    video = facts.video
    assert (video.color_primaries, video.color_transfer, video.color_matrix) == ("bt2020", transfer, "bt2020nc")
    assert (video.bit_depth, facts.warnings) == (10, ())


async def test_mastering_metadata_is_noticed_as_not_carried(make: Make) -> None:
    def mastered(moov: Node) -> None:
        numbers = (13250, 34500, 7500, 3000, 34000, 16000, 15635, 16450)
        add_to_sample_entry(moov, struct.pack(">I4s8H2I", 32, b"mdcv", *numbers, 10_000_000, 1))
        add_to_sample_entry(moov, struct.pack(">I4s2H", 12, b"clli", 1000, 400))

    facts = await facts_of(operate(make("a.mov", *CLIP), mastered))
    assert facts.warnings == (
        "mastering display metadata of the source is not carried",
        "content light levels of the source are not carried",
    )


# Tracks without content


async def test_an_empty_audio_track_is_refused(make: Make) -> None:
    silent = ("-af", "atrim=end_sample=0", "-c:a", "aac")
    code, message = await refusal_of(make("a.mkv", *PICTURE, *SOUND, *H264, *silent))
    assert code is ViolationCode.SOURCE_UNSUPPORTED
    assert message == "the audio track in stream 1 (aac) is empty, and a proxy leaves no track out"


async def test_an_empty_video_track_is_refused(make: Make) -> None:
    blind = ("-vf", "trim=end_frame=0", "-c:a", "aac")
    code, message = await refusal_of(make("a.mkv", *PICTURE, *SOUND, *H264, *blind))
    assert code is ViolationCode.SOURCE_UNSUPPORTED
    assert message == "the file has an empty video track: it declares no picture and holds none"


# Edit lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    edits: list[tuple[int, int, int]]
    frames: int
    warnings: tuple[str, ...]
    start: Fraction = Fraction(0)


TAKEN = {
    "delay": Edited(
        edits=[(400, -1, ONE), (1000, 0, ONE)],
        frames=25,
        start=Fraction(2, 5),
        warnings=(
            "the edit list delays the picture by 0.400 s; the proxy begins with the first picture and gives it the "
            "start timecode",
        ),
    ),
    "start cut off": Edited(edits=[(600, 10, ONE)], frames=15, warnings=("packets outside the edit list: 10",)),
    "two parts": Edited(
        edits=[(400, 0, ONE), (400, 15, ONE)],
        frames=20,
        warnings=(
            "packets outside the edit list: 5",
            "the edit list plays 2 parts of the track; editing systems differ in following it",
        ),
    ),
    "one part twice": Edited(
        edits=[(400, 0, ONE), (400, 0, ONE)],
        frames=20,
        warnings=(
            "packets outside the edit list: 5",
            "the edit list plays 2 parts of the track; editing systems differ in following it",
        ),
    ),
}
REFUSED = {
    "half speed": (
        [(2000, 0, ONE // 2)],
        "the edit list plays the picture at 0.5 times its speed, which FFmpeg does not follow",
    ),
    "a pause between pictures": (
        [(400, 0, ONE), (200, -1, ONE), (400, 10, ONE)],
        "the edit list pauses after the picture has begun, which FFmpeg does not follow",
    ),
    "only a pause": ([(1000, -1, ONE)], "the file has an edit list that shows none of its 25 pictures"),
    "behind the end": ([(1000, 400, ONE)], "the file has an edit list that shows none of its 25 pictures"),
}


@pytest.mark.parametrize("case", TAKEN.values(), ids=TAKEN)
async def test_an_edit_list_that_ffmpeg_follows_is_taken_and_said(make: Make, case: Edited) -> None:
    facts = await facts_of(operate(make("a.mov", *CLIP), lambda moov: set_edits(moov, case.edits)))
    assert facts.video is not None
    assert (facts.video.frame_count, facts.video.start_time) == (case.frames, case.start)
    assert facts.warnings == case.warnings


@pytest.mark.parametrize(("edits", "message"), REFUSED.values(), ids=REFUSED)
async def test_an_edit_list_that_ffmpeg_does_not_follow_is_refused(
    make: Make, edits: list[tuple[int, int, int]], message: str
) -> None:
    path = operate(make("a.mov", *CLIP), lambda moov: set_edits(moov, edits))
    assert await refusal_of(path) == (ViolationCode.SOURCE_UNSUPPORTED, message)


# Timecode


@pytest.mark.parametrize(
    ("frame", "flags", "said"),
    [
        (DAY, 0, "timecode '24:00:00:00' at 25/1 fps does not exist: hours run from 00 to 23"),
        (DAY + 10, 0, "timecode '24:00:00:10' at 25/1 fps does not exist: hours run from 00 to 23"),
        (25 * 3600 * 25, 0, "timecode '25:00:00:00' at 25/1 fps does not exist: hours run from 00 to 23"),
        (-25, 4, "timecode '-00:00:01:00' at 25/1 fps does not exist: a clip starts at 00:00:00:00 or later"),
        (-25, 0, "timecode '-00:00:01:00' at 25/1 fps does not exist: a clip starts at 00:00:00:00 or later"),
        (100, 1, "timecode '00:00:04;00' at 25/1 fps does not exist: drop-frame exists at 30000/1001"),
    ],
    ids=["24 hours", "past midnight", "hour 25", "negative", "negative without its flag", "drop-frame at 25"],
)
async def test_a_timecode_track_that_counts_no_label_is_refused(make: Make, frame: int, flags: int, said: str) -> None:
    path = operate(make("a.mov", *CLIP), lambda moov: set_timecode_flags(moov, flags))
    code, message = await refusal_of(set_start_frame(path, frame))
    assert code is ViolationCode.SOURCE_TIMECODE
    assert message.startswith(said)


async def test_a_counter_that_wraps_at_24_hours_is_taken_with_a_warning(make: Make) -> None:
    path = operate(make("a.mov", *CLIP), lambda moov: set_timecode_flags(moov, 2))
    facts = await facts_of(set_start_frame(path, 25 * 3600 * 25))
    assert facts.timecode is not None
    assert facts.timecode.label == "01:00:00:00"
    assert facts.warnings == ("the timecode track counts past 24 hours (25:00:00:00) and wraps there",)


async def test_a_clip_that_runs_past_midnight_is_taken_with_a_warning(make: Make) -> None:
    facts = await facts_of(set_start_frame(make("a.mov", *CLIP), DAY - 5))
    assert facts.timecode is not None
    assert facts.timecode.label == "23:59:59:20"
    assert facts.warnings == (
        "the timecode runs past midnight: it starts at 23:59:59:20 and begins again at 00:00:00:00",
    )


@pytest.mark.parametrize(
    ("label", "rate", "said"),
    [
        ("01:00:00:25", "25", "frames run from 00 to 24"),
        ("24:00:00:00", "25", "hours run from 00 to 23"),
        ("00:01:00;00", "30000/1001", "drop-frame skips the frames 00 to 01 of each minute"),
        ("10:00:00;00", "25", "drop-frame exists at 30000/1001"),
    ],
    ids=["frame 25 of 25", "24 hours", "dropped label", "drop-frame at 25"],
)
async def test_a_tag_that_names_no_label_is_refused(make: Make, label: str, rate: str, said: str) -> None:
    picture = ("-f", "lavfi", "-i", f"testsrc2=size=192x108:rate={rate}:duration=0.2")
    code, message = await refusal_of(make("a.mkv", *picture, *H264, "-metadata", f"timecode={label}"))
    assert code is ViolationCode.SOURCE_TIMECODE
    assert said in message


async def test_where_track_and_tag_disagree_the_track_wins_and_both_are_named(make: Make) -> None:
    path = make("a.mov", *CLIP[:-4], "-movflags", "use_metadata_tags", "-metadata", "timecode=01:00:00:00")
    data = path.read_bytes()
    assert data.count(b"01:00:00:00") == 1
    path.write_bytes(data.replace(b"01:00:00:00", b"10:20:30:04"))
    facts = await facts_of(path)
    assert facts.timecode is not None
    assert (facts.timecode.label, facts.timecode.origin) == ("01:00:00:00", "tmcd")
    assert facts.warnings == (
        "the start timecode is 01:00:00:00 by the timecode track (tmcd) and 10:20:30:04 by the container tag; "
        "the timecode track (tmcd) is used",
    )


async def test_the_edit_list_of_the_timecode_track_moves_the_start(make: Make) -> None:
    def trimmed(moov: Node) -> None:
        set_edits(moov, [(600, 10, ONE)])
        set_edits(moov, [(600, 10, ONE)], handler=b"tmcd")

    facts = await facts_of(operate(make("a.mov", *CLIP), trimmed))
    assert facts.timecode is not None
    assert (facts.timecode.label, facts.warnings[0]) == ("01:00:00:10", "packets outside the edit list: 10")
    assert facts.warnings[1].startswith("the edit list of the timecode track begins 10 frames in")


# Files that are not whole, and places that are no file


@pytest.mark.parametrize("kept", [0.3, 0.7])
async def test_a_movie_cut_off_before_its_header_is_truncated_and_not_unsupported(make: Make, kept: float) -> None:
    path = make("a.mov", *CLIP)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    found = await probed(path)
    assert [violation.code for violation in found.violations] == [ViolationCode.SOURCE_TRUNCATED]
    assert found.violations[0].message.startswith("Source cut off: a.mov: ")
    assert "no movie header (moov) comes before it" in found.violations[0].message


async def test_a_recording_that_was_never_finished_is_truncated(make: Make) -> None:
    path = make("a.mov", *CLIP)
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"moov") - 4])
    found = await probed(path)
    assert [violation.code for violation in found.violations] == [ViolationCode.SOURCE_TRUNCATED]
    assert "the recording was not finished, or the file is cut off" in found.violations[0].message


async def test_a_loop_of_links_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    path.symlink_to(tmp_path / "b.mov")
    (tmp_path / "b.mov").symlink_to(path)
    code, message = await refusal_of(path)
    assert (code, message) == (
        ViolationCode.SOURCE_UNREADABLE,
        f"{path} lies behind symbolic links that lead in a circle",
    )


# Sound


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
@pytest.mark.parametrize("container", ["mp4", "mkv"])
async def test_long_aac_frames_change_no_length(make: Make, container: str, rate: int) -> None:
    sound = ("-f", "lavfi", "-i", f"sine=sample_rate={rate}:duration=1")
    facts = await facts_of(make(f"a.{container}", *PICTURE, *sound, *H264, "-c:a", "aac", "-ar", str(rate)))
    (found,) = facts.audio
    assert found.duration is not None
    assert 1 <= found.duration <= 1 + Fraction(2 * 1024, rate)


@pytest.mark.parametrize(("codec", "rate"), [("aac", 8000), ("aac", 22050), ("mp2", 24000), ("ac3", 48000)])
async def test_sound_in_a_transport_stream_is_as_long_as_its_packets(make: Make, codec: str, rate: int) -> None:
    sound = ("-f", "lavfi", "-i", f"sine=sample_rate={rate}:duration=1")
    encoder = ("-c:v", "mpeg2video", "-c:a", codec, "-ar", str(rate))
    facts = await facts_of(make("a.ts", *PICTURE, *sound, *encoder))
    (found,) = facts.audio
    assert found.duration is not None
    assert found.duration >= 1
