"""The small readers of ffprobe's words: display matrix, pixel formats, packets, streams, timecode, truncation."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.facts import AudioFacts, FieldOrder, TimecodeFacts
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.display import Orientation, orientation
from proxx.core.sources.packet_log import FrameLog, PacketLog
from proxx.core.sources.pixel_formats import bit_depth, has_alpha
from proxx.core.sources.reading import TimecodeTrack
from proxx.core.sources.source_timecode import TimecodeFinding, find_timecode
from proxx.core.sources.stream_facts import audio_facts, field_order, other_stream
from proxx.core.sources.truncation import Extent, Shortfall, declared_duration, shortfall

ONE = 65536


def matrix(a: int, b: int, c: int, d: int) -> values.Record:
    rows = ((a, b, 0), (c, d, 0), (0, 0, 1073741824))
    text = "\n" + "".join(f"{index:08x}: {row[0]:>12}{row[1]:>12}{row[2]:>12}\n" for index, row in enumerate(rows))
    return {"side_data_list": [{"side_data_type": "Display Matrix", "displaymatrix": text}]}


@pytest.mark.parametrize(
    ("numbers", "rotation", "mirrored"),
    [
        ((ONE, 0, 0, ONE), 0, False),
        ((0, ONE, -ONE, 0), 90, False),
        ((-ONE, 0, 0, -ONE), 180, False),
        ((0, -ONE, ONE, 0), 270, False),
        ((-ONE, 0, 0, ONE), 0, True),
        ((0, -ONE, -ONE, 0), 90, True),
        ((ONE, 0, 0, -ONE), 180, True),
        ((0, ONE, ONE, 0), 270, True),
    ],
)
def test_the_display_matrix_is_a_flip_and_a_clockwise_turn(
    numbers: tuple[int, int, int, int], rotation: int, mirrored: bool
) -> None:
    assert orientation(stream=matrix(*numbers)) == Orientation(rotation=rotation, mirrored=mirrored)


@pytest.mark.parametrize(
    ("stream", "warning"),
    [
        ({}, ""),
        (matrix(0, 0, 0, 0), "the display matrix is degenerate and is ignored"),
        (matrix(ONE, ONE, -ONE, ONE), "the display matrix turns by 45.0 degrees, no multiple of 90, and is ignored"),
        ({"side_data_list": [{"displaymatrix": "junk"}]}, "the display matrix cannot be read and is ignored"),
        ({"side_data_list": "junk"}, ""),
    ],
    ids=["none", "zeros", "45 degrees", "junk text", "junk list"],
)
def test_a_matrix_that_is_no_quarter_turn_is_ignored_with_a_warning(stream: values.Record, warning: str) -> None:
    assert orientation(stream=stream) == Orientation(rotation=0, mirrored=False, warning=warning)


@pytest.mark.parametrize(
    ("name", "depth", "alpha"),
    [
        ("yuv420p", 8, False),
        ("yuvj420p", 8, False),
        ("yuv422p10le", 10, False),
        ("yuv444p12be", 12, False),
        ("yuva444p10le", 10, True),
        ("gbrp", 8, False),
        ("gbrap12le", 12, True),
        ("gray", 8, False),
        ("gray10le", 10, False),
        ("rgb24", 8, False),
        ("rgba", 8, True),
        ("rgb48be", 16, False),
        ("rgba64le", 16, True),
        ("p010le", 10, False),
        ("nv12", 8, False),
        ("ya8", 8, True),
        ("ya16le", 16, True),
        ("gbrpf32le", 32, False),
        ("bayer_rggb16le", 16, False),
        ("uyvy422", 8, False),
        ("pal8", 8, False),
    ],
)
def test_pixel_formats_say_depth_and_alpha(name: str, depth: int, alpha: bool) -> None:
    assert (bit_depth(pixel_format=name), has_alpha(pixel_format=name)) == (depth, alpha)


def log_of(*lines: str) -> PacketLog:
    log = PacketLog()
    for line in lines:
        log.add_line(line)
    return log


def test_packets_are_counted_and_discarded_ones_give_no_time() -> None:
    log = log_of(
        "pts=-512|dts=-512|duration=512|flags=KD",
        "pts=512|dts=0|duration=512|flags=K__",
        "pts=0|dts=512|duration=512|flags=_",
        "side_data|",
        "",
    )
    assert (log.packets, log.frames, log.discarded, log.key_frames) == (3, 2, 1, 2)
    assert (log.sorted_times(), log.last_end, log.last_duration) == ([0, 512], 1024, 512)


def test_decoding_times_stand_in_where_presentation_times_are_missing() -> None:
    assert log_of("pts=N/A|dts=1|flags=K", "pts=0|dts=0|flags=_").sorted_times() == [0, 1]
    assert log_of("pts=N/A|dts=N/A|flags=K").sorted_times() is None


@given(st.text(alphabet="pts=dur|flagKD_0123456789-N/A.\n", max_size=80))
def test_any_line_is_taken_without_an_error(line: str) -> None:
    frames = FrameLog()
    frames.add_line(line)
    assert log_of(line).packets in (0, 1)
    assert frames.frames in (0, 1)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("progressive", FieldOrder.PROGRESSIVE),
        ("tt", FieldOrder.TOP_FIRST),
        ("tb", FieldOrder.TOP_FIRST),
        ("bb", FieldOrder.BOTTOM_FIRST),
        ("bt", FieldOrder.BOTTOM_FIRST),
        ("unknown", FieldOrder.UNKNOWN),
        (None, FieldOrder.UNKNOWN),
    ],
)
def test_field_order_is_the_field_shown_first(word: str | None, expected: FieldOrder) -> None:
    assert field_order(stream={"field_order": word}) is expected


AUDIO = {
    "index": 1,
    "codec_type": "audio",
    "codec_name": "pcm_s24le",
    "channels": 2,
    "channel_layout": "stereo",
    "sample_rate": "48000",
    "bits_per_sample": 24,
    "start_pts": 480,
    "duration_ts": 96000,
    "time_base": "1/48000",
    "tags": {"language": "deu"},
}


def test_audio_facts_are_exact() -> None:
    assert audio_facts(stream=AUDIO) == AudioFacts(
        stream_index=1,
        codec="pcm_s24le",
        channels=2,
        layout="stereo",
        sample_rate=48000,
        bits_per_sample=24,
        start_time=Fraction(1, 100),
        duration=Fraction(2),
        language="deu",
    )


@pytest.mark.parametrize("change", [{"channels": 0}, {"sample_rate": "0"}, {"codec_name": "unknown"}])
def test_audio_that_the_file_does_not_describe_has_no_facts(change: dict[str, object]) -> None:
    assert audio_facts(stream={**AUDIO, **change}) is None


@pytest.mark.parametrize(
    ("change", "layout", "language"),
    [
        ({"channel_layout": "unknown"}, None, "deu"),
        ({"channel_layout": "4 channels"}, None, "deu"),
        ({"tags": {"language": "und"}}, "stereo", None),
        ({"tags": {}}, "stereo", None),
    ],
)
def test_unknown_layouts_and_languages_are_none(
    change: dict[str, object], layout: str | None, language: str | None
) -> None:
    facts = audio_facts(stream={**AUDIO, **change})
    assert facts is not None
    assert (facts.layout, facts.language) == (layout, language)


@pytest.mark.parametrize(
    ("stream", "word"),
    [
        ({"codec_type": "data", "codec_tag_string": "tmcd"}, "data:tmcd"),
        ({"codec_type": "data", "codec_name": "bin_data", "codec_tag_string": "gpmd"}, "data:gpmd"),
        ({"codec_type": "video", "codec_name": "mjpeg", "disposition": {"attached_pic": 1}}, "picture:mjpeg"),
        ({"codec_type": "video", "codec_name": "h264", "codec_tag_string": "avc1"}, "video:h264"),
        ({"codec_type": "attachment", "codec_tag_string": "[0][0][0][0]"}, "attachment:unknown"),
        ({}, "unknown:unknown"),
    ],
)
def test_other_streams_get_one_word(stream: values.Record, word: str) -> None:
    assert other_stream(stream=stream) == word


@pytest.mark.parametrize("junk", [None, 7, [], {}, True, "1/0", "0/0", "x/y", "1", "9" * 60 + "/1", "-25/1"])
def test_a_ratio_that_is_none_is_none(junk: object) -> None:
    assert values.ratio(source={"r": junk}, key="r") is None


# Timecode

NTSC = Fraction(30000, 1001)
TRACK = TimecodeTrack(timescale=30000, frame_duration=1001, frames_per_second=30, drop_frame=True)


def timecode(
    label: str | None,
    *,
    rate: Fraction = NTSC,
    container: str = "mov",
    constant: bool = True,
    track: TimecodeTrack | None = None,
    place: str = "tmcd",
) -> TimecodeFinding:
    tags = {"tags": {"timecode": label}} if label is not None else {}
    video: dict[str, object] = {"index": 0, **(tags if place == "video" else {})}
    data: dict[str, object] = {"index": 1, "codec_tag_string": "tmcd", **tags}
    return find_timecode(
        container=container,
        video=video,
        streams=(video, data) if place == "tmcd" else (video,),
        form=tags if place == "format" else {},
        rate=rate,
        constant=constant,
        track=track,
    )


@pytest.mark.parametrize(
    ("label", "place", "container", "expected"),
    [
        ("01:00:00;02", "tmcd", "mov", ("01:00:00;02", True, "tmcd")),
        ("00:00:00:00", "tmcd", "mp4", ("00:00:00:00", False, "tmcd")),
        ("10:00:00:00", "video", "mov", ("10:00:00:00", False, "stream tag")),
        ("10:00:00:00", "format", "mkv", ("10:00:00:00", False, "container tag")),
        ("10:00:00:00", "format", "mxf", ("10:00:00:00", False, "mxf")),
    ],
)
def test_the_label_comes_with_its_origin(
    label: str, place: str, container: str, expected: tuple[str, bool, str]
) -> None:
    facts = TimecodeFacts(label=expected[0], drop_frame=expected[1], rate=NTSC, origin=expected[2])
    found = timecode(label, place=place, container=container, track=TRACK if place == "tmcd" else None)
    assert found == TimecodeFinding(timecode=facts)


def test_no_label_is_no_timecode() -> None:
    assert timecode(None) == TimecodeFinding(timecode=None)


@pytest.mark.parametrize(
    ("label", "rate"),
    [("00:01:00;00", NTSC), ("00:00:00;00", Fraction(25)), ("00:00:00:25", Fraction(25)), ("24:00:00:00", NTSC)],
)
def test_a_label_that_does_not_exist_at_a_certain_rate_is_an_error(label: str, rate: Fraction) -> None:
    found = timecode(label, rate=rate)
    assert found.timecode is None
    assert label in found.error
    assert not found.warnings


@pytest.mark.parametrize(
    ("rate", "constant", "track"),
    [
        pytest.param(Fraction(25), False, None, id="variable frame rate"),
        pytest.param(Fraction(15), True, None, id="rate without timecode"),
        pytest.param(
            NTSC,
            True,
            TimecodeTrack(timescale=90000, frame_duration=3003, frames_per_second=29, drop_frame=False),
            id="counter that contradicts its own rate",
        ),
    ],
)
def test_an_illegal_label_is_only_a_warning_where_its_rate_is_in_doubt(
    rate: Fraction, constant: bool, track: TimecodeTrack | None
) -> None:
    found = timecode("00:00:00:45", rate=rate, constant=constant, track=track)
    assert (found.timecode, found.error) == (None, "")
    assert "it is not used" in found.warnings[-1]


def test_a_counter_that_contradicts_its_rate_is_kept_with_a_warning() -> None:
    track = TimecodeTrack(timescale=90000, frame_duration=3003, frames_per_second=29, drop_frame=False)
    found = timecode("19:26:48:04", track=track)
    assert found.timecode == TimecodeFacts(label="19:26:48:04", drop_frame=False, rate=NTSC, origin="tmcd")
    assert found.warnings == (
        "the timecode track counts 29 frames a second and runs at 30000/1001 fps; "
        "readers disagree about such a timecode",
    )


def test_a_timecode_track_at_half_the_video_rate_counts_at_its_own() -> None:
    found = timecode("01:00:00;02", rate=Fraction(60000, 1001), track=TRACK)
    assert found.timecode is not None
    assert found.timecode.rate == NTSC
    assert found.warnings == ("the timecode track runs at 30000/1001 fps, the video at 60000/1001",)


def test_timecode_at_a_rate_that_has_none_is_kept_with_a_warning() -> None:
    found = timecode("01:00:00:07", rate=Fraction(15))
    assert found.timecode is not None
    assert found.warnings == ("timecode at 15/1 fps, a rate that has none by standard",)


# Truncation

TICK = Fraction(1, 25)


def packets(count: int) -> PacketLog:
    return log_of(*(f"pts={index}|dts={index}|duration=1|flags=K" for index in range(count)))


def short(container: str = "mov", *, found: int = 25, readable: int | None = None, **change: object) -> str | None:
    base: dict[str, object] = {"frames": 25, "duration": Fraction(1), "declared_end": 1000, **change}
    extent = Extent(
        container=container,
        size_bytes=1000,
        readable=found if readable is None else readable,
        **base,  # type: ignore[arg-type]
    )
    result = shortfall(extent=extent, packets=packets(found), time_base=TICK, frame_rate=Fraction(25))
    return result.clause if isinstance(result, Shortfall) else None


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        pytest.param(short(), None, id="whole"),
        pytest.param(short(frames=None, duration=None, declared_end=None), None, id="nothing declared"),
        pytest.param(short(found=20), "declares 25 frames and only 20 can be read", id="frames missing"),
        pytest.param(short(found=20, readable=25), None, id="edit list hides five"),
        pytest.param(short(found=0), "declares 25 frames and no frame can be read", id="no frame at all"),
        pytest.param(short(declared_end=1001), "declares data up to byte 1001 and ends at byte 1000", id="bytes"),
        pytest.param(
            short(frames=None, duration=Fraction(8, 5)),
            "declares 1.600 seconds of video and its last frame ends at 1.000",
            id="duration",
        ),
        pytest.param(short(frames=None, duration=Fraction(3, 2)), None, id="half a second is let pass"),
        pytest.param(
            short("mkv", frames=None, errors=("[matroska] File ended prematurely at pos. 7",)),
            "ends in the middle of a block",
            id="inside a block",
        ),
        pytest.param(short("ts", frames=None, duration=Fraction(9)), None, id="a transport stream is not held to it"),
        pytest.param(short("avi", found=20), None, id="AVI with dropped frames"),
        pytest.param(
            short("avi", found=20, declared_end=2000), "declares 25 frames and only 20 can be read", id="AVI cut off"
        ),
    ],
)
def test_what_is_declared_is_held_against_what_can_be_read(clause: str | None, expected: str | None) -> None:
    assert clause == expected


@pytest.mark.parametrize(
    ("container", "video", "tracks", "expected"),
    [
        ("mov", {"duration_ts": 50, "time_base": "1/25"}, 2, Fraction(2)),
        ("mp4", {"duration_ts": 2**32 - 1, "time_base": "1/30000"}, 1, None),
        ("mkv", {"tags": {"DURATION": "00:00:02.500000000"}}, 2, Fraction(5, 2)),
        ("mkv", {}, 2, None),
        ("mkv", {}, 1, Fraction(7)),
    ],
    ids=["track field", "all ones says unknown", "Matroska tag", "other tracks may be longer", "video alone"],
)
def test_the_declared_duration_is_that_of_the_video_track(
    container: str, video: values.Record, tracks: int, expected: Fraction | None
) -> None:
    found = declared_duration(container=container, video=video, form={"duration": "7.000000"}, tracks=tracks)
    assert found == expected
