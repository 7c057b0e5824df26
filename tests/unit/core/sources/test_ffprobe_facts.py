"""From ffprobe's JSON and packets to facts, and to the reasons why there are none."""

from fractions import Fraction

import pytest

from proxx.core.detection import Detection, DetectionReason, Engine
from proxx.core.facts import AudioFacts, FieldOrder, MediaFacts, TimecodeFacts, VideoFacts
from proxx.core.sources import forms
from proxx.core.sources.ffprobe_facts import (
    FactsFinding,
    build_facts,
    choose_video,
    may_hide_frames,
    needs_recount,
)
from proxx.core.sources.packet_log import FrameLog, PacketLog, TrackExtent
from proxx.core.sources.probe_evidence import ProbeEvidence
from proxx.core.sources.reading import Reading
from proxx.core.violation import ViolationCode

VIDEO: dict[str, object] = {
    "index": 0,
    "codec_name": "prores",
    "profile": "HQ",
    "codec_type": "video",
    "codec_tag_string": "apch",
    "width": 1920,
    "height": 1080,
    "sample_aspect_ratio": "1:1",
    "pix_fmt": "yuv422p10le",
    "field_order": "tb",
    "color_range": "tv",
    "color_space": "bt709",
    "color_transfer": "unknown",
    "r_frame_rate": "30000/1001",
    "avg_frame_rate": "30000/1001",
    "time_base": "1/30000",
    "duration_ts": 10010,
    "nb_frames": "10",
    "disposition": {"attached_pic": 0},
    "tags": {"timecode": "01:00:00;02", "reel_name": "A001"},
}
AUDIO = {
    "index": 1,
    "codec_type": "audio",
    "codec_name": "pcm_s24le",
    "channels": 1,
    "sample_rate": "48000",
    "bits_per_sample": 24,
    "time_base": "1/48000",
    "start_pts": 0,
    "duration_ts": 16016,
}
TMCD = {"index": 2, "codec_type": "data", "codec_tag_string": "tmcd", "tags": {"timecode": "01:00:00;02"}}
DETECTION = Detection(
    engine=Engine.FFMPEG,
    reason=DetectionReason.STANDARD_CODEC,
    container="mov",
    codec="prores",
    sample_entry="apch",
    detail="",
)


def log(count: int = 10, step: int = 1001) -> PacketLog:
    packets = PacketLog()
    for index in range(count):
        packets.add_line(f"pts={index * step}|dts={index * step}|duration={step}|flags=K_")
    return packets


def facts_of(
    *streams: dict[str, object],
    packets: PacketLog | None = None,
    detection: Detection = DETECTION,
    note: str = "",
    frames: FrameLog | None = None,
    sound: dict[int, TrackExtent] | None = None,
) -> FactsFinding:
    return build_facts(
        evidence=ProbeEvidence(
            name="A001.mov",
            clip_index=4,
            size_bytes=5000,
            detection=detection,
            reading=Reading(form=forms.ISO_MEDIA, declared_end=5000, note=note),
            document={"streams": list(streams), "format": {"duration": "0.333667"}},
            packets=packets if packets is not None else log(),
            frames=frames,
            sound=sound,
        )
    )


def changed_detection(codec: str, entry: str, container: str = "mov") -> Detection:
    return Detection(
        engine=Engine.FFMPEG,
        reason=DetectionReason.STANDARD_CODEC,
        container=container,
        codec=codec,
        sample_entry=entry,
        detail="",
    )


def test_a_camera_clip_gives_every_fact_exactly() -> None:
    rate = Fraction(30000, 1001)
    assert facts_of(VIDEO, AUDIO, TMCD) == FactsFinding(
        facts=MediaFacts(
            container="mov",
            size_bytes=5000,
            duration=Fraction(333667, 1000000),
            video=VideoFacts(
                stream_index=0,
                codec="prores",
                sample_entry="apch",
                profile="HQ",
                width=1920,
                height=1080,
                pixel_aspect=Fraction(1),
                pixel_format="yuv422p10le",
                bit_depth=10,
                has_alpha=False,
                field_order=FieldOrder.TOP_FIRST,
                rotation=0,
                mirrored=False,
                color_range="tv",
                color_primaries=None,
                color_transfer=None,
                color_matrix="bt709",
                frame_rate=rate,
                constant_frame_rate=True,
                time_base=Fraction(1, 30000),
                frame_count=10,
                declared_frame_count=10,
                start_time=Fraction(0),
                duration=10 / rate,
                intra_only=True,
            ),
            audio=(
                AudioFacts(
                    stream_index=1,
                    codec="pcm_s24le",
                    channels=1,
                    layout=None,
                    sample_rate=48000,
                    bits_per_sample=24,
                    start_time=Fraction(0),
                    duration=Fraction(16016, 48000),
                    language=None,
                ),
            ),
            timecode=TimecodeFacts(label="01:00:00;02", drop_frame=True, rate=rate, origin="tmcd"),
            reel_name="A001",
            other_streams=("data:tmcd",),
            warnings=(),
        ),
        violations=(),
    )


def test_covers_and_further_video_tracks_are_left_out_and_named() -> None:
    cover = {"index": 0, "codec_type": "video", "codec_name": "png", "disposition": {"attached_pic": 1}}
    second = {**VIDEO, "index": 3, "codec_name": "h264"}
    found = facts_of(cover, {**VIDEO, "index": 2}, second)
    assert found.facts is not None
    assert found.facts.video is not None
    assert found.facts.video.stream_index == 2
    assert found.facts.other_streams == ("picture:png", "video:h264")
    assert found.facts.warnings == (
        "stream 0 (picture:png) is a cover picture and is left out",
        "stream 3 (video:h264) is a further video track and is left out",
    )


@pytest.mark.parametrize("aspect", ["0:1", "N/A", None])
def test_an_unknown_pixel_aspect_is_none(aspect: str | None) -> None:
    found = facts_of({**VIDEO, "sample_aspect_ratio": aspect})
    assert found.facts is not None
    assert found.facts.video is not None
    assert found.facts.video.pixel_aspect is None


@pytest.mark.parametrize(
    ("change", "detection", "message"),
    [
        pytest.param(
            {"codec_name": "h264"}, DETECTION, "the bytes say codec prores (apch) and ffprobe says h264", id="codec"
        ),
        pytest.param(
            {"codec_name": "dnxhd", "profile": "DNXHD"},
            changed_detection("dnxhr", "AVdh"),
            "the bytes say codec dnxhr (AVdh) and ffprobe says profile DNXHD",
            id="DNxHR by its entry, DNxHD by its frames",
        ),
    ],
)
def test_a_witness_that_contradicts_the_bytes_refuses_the_source(
    change: dict[str, object], detection: Detection, message: str
) -> None:
    found = facts_of({**VIDEO, **change}, detection=detection)
    assert (found.facts, found.contradiction) == (None, message)
    assert [violation.code for violation in found.violations] == [ViolationCode.SOURCE_UNSUPPORTED]


@pytest.mark.parametrize("profile", ["DNXHR SQ", "DNXHR HQX"])
def test_dnxhr_is_dnxhd_to_ffprobe_and_no_contradiction(profile: str) -> None:
    stream = {**VIDEO, "codec_name": "dnxhd", "profile": profile}
    assert facts_of(stream, detection=changed_detection("dnxhr", "AVdh")).facts is not None


@pytest.mark.parametrize(
    ("streams", "packets", "detection", "code", "clause"),
    [
        pytest.param((AUDIO,), None, DETECTION, ViolationCode.PROBE_FAILED, "no video track", id="no video"),
        pytest.param(
            ({**VIDEO, "codec_name": "unknown"},),
            None,
            DETECTION,
            ViolationCode.PROBE_FAILED,
            "cannot name the codec prores behind apch",
            id="ffprobe too old",
        ),
        pytest.param(
            (VIDEO,),
            None,
            changed_detection("prores", "encv"),
            ViolationCode.SOURCE_UNSUPPORTED,
            "encrypted (sample entry encv)",
            id="encrypted",
        ),
        pytest.param(
            (VIDEO,),
            log(7),
            DETECTION,
            ViolationCode.SOURCE_TRUNCATED,
            "cut off: it declares 10 frames and only 7 can be read",
            id="cut off",
        ),
        pytest.param(
            ({**VIDEO, "tags": {"timecode": "00:01:00;00"}},),
            None,
            DETECTION,
            ViolationCode.SOURCE_TIMECODE,
            "00:01:00;00",
            id="timecode that does not exist",
        ),
        pytest.param(
            ({**VIDEO, "width": 0},), None, DETECTION, ViolationCode.PROBE_FAILED, "no width and height", id="no raster"
        ),
        pytest.param(
            ({**VIDEO, "nb_frames": "1", "r_frame_rate": "0/0", "avg_frame_rate": "0/0", "duration_ts": 0},),
            log(1, 0),
            DETECTION,
            ViolationCode.SOURCE_UNSUPPORTED,
            "states a frame rate",
            id="no rate anywhere",
        ),
    ],
)
def test_what_is_wrong_is_one_violation_of_the_source(
    streams: tuple[dict[str, object], ...],
    packets: PacketLog | None,
    detection: Detection,
    code: ViolationCode,
    clause: str,
) -> None:
    found = facts_of(*streams, packets=packets, detection=detection)
    assert found.facts is None
    assert [(violation.code, violation.field) for violation in found.violations] == [(code, "sources[4]")]
    assert found.violations[0].message.startswith("A001.mov: ")
    assert clause in found.violations[0].message


def test_hidden_frames_are_counted_by_decoding() -> None:
    packets = PacketLog()
    for time in (0, 33, 33, 67, 100):
        packets.add_line(f"pts={time}|dts={time}|duration=33|flags=_")
    frames = FrameLog()
    for time in (0, 33, 67, 100):
        frames.add_line(f"best_effort_timestamp={time}")
    stream = {**VIDEO, "codec_name": "vp9", "time_base": "1/1000", "r_frame_rate": "30/1", "tags": {}}
    del stream["nb_frames"], stream["duration_ts"]
    detection = changed_detection("vp9", "V_VP9", "webm")
    assert may_hide_frames(codec="vp9", packets=packets, time_base=Fraction(1, 1000))
    assert not may_hide_frames(codec="h264", packets=packets, time_base=Fraction(1, 1000))
    found = facts_of(stream, packets=packets, frames=frames, detection=detection, note="matroska")
    assert found.facts is not None
    assert found.facts.video is not None
    assert (found.facts.video.frame_count, found.facts.video.constant_frame_rate) == (4, True)
    assert found.facts.warnings == ("the document type is matroska, not webm",)


def test_a_track_with_samples_comes_before_one_without() -> None:
    empty = {**VIDEO, "index": 5}
    del empty["nb_frames"]
    assert choose_video(document={"streams": [empty, VIDEO]}) == VIDEO
    assert choose_video(document={"streams": [empty]}) == empty
    assert choose_video(document={"streams": "junk"}) is None


def test_a_recount_is_needed_only_where_packets_are_missing() -> None:
    assert needs_recount(document={"streams": [VIDEO]}, packets=log(9))
    assert not needs_recount(document={"streams": [VIDEO]}, packets=log(10))


def test_junk_instead_of_ffprobes_document_is_no_error() -> None:
    junk: list[dict[str, object]] = [{"codec_type": "video", "index": 0, "codec_name": [], "tags": 3}]
    assert facts_of(*junk).facts is None


def extent(*packets: tuple[int, int]) -> TrackExtent:
    found = TrackExtent()
    for time, duration in packets:
        found.add({"pts": str(time), "duration": str(duration)})
    return found


def test_an_audio_track_without_packets_refuses_the_source() -> None:
    assert facts_of(VIDEO, AUDIO, sound={1: extent((0, 1024))}).facts is not None
    found = facts_of(VIDEO, AUDIO, sound={})
    assert found.facts is None
    assert [(violation.code, violation.message) for violation in found.violations] == [
        (
            ViolationCode.SOURCE_UNSUPPORTED,
            "A001.mov: the audio track in stream 1 (pcm_s24le) is empty, and a proxy leaves no track out",
        )
    ]


@pytest.mark.parametrize(("container", "seconds"), [("ts", Fraction(2048, 48000)), ("mov", Fraction(16016, 48000))])
def test_sound_is_as_long_as_its_packets_only_where_nothing_declares_it(container: str, seconds: Fraction) -> None:
    sound = {1: extent((0, 1024), (1024, 1024))}
    stream = {**VIDEO, "codec_name": "mpeg2video"}
    del stream["nb_frames"]
    found = facts_of(stream, AUDIO, sound=sound, detection=changed_detection("mpeg2video", "0x02", container))
    assert found.facts is not None
    assert [track.duration for track in found.facts.audio] == [seconds]


def test_pictures_at_one_time_stamp_are_refused_and_a_single_one_is_not() -> None:
    one = {**VIDEO, "nb_frames": "1", "duration_ts": 1001}
    assert facts_of(one, packets=log(1)).facts is not None
    found = facts_of({**VIDEO, "duration_ts": 0}, packets=log(10, 0))
    assert [violation.message for violation in found.violations] == [
        "A001.mov: all 10 pictures have one time stamp, so nothing says when each is shown"
    ]


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        ({"field_order": "unknown"}, "the file does not state its field order; it is taken as progressive"),
        (
            {"pix_fmt": "xyz12le"},
            "the picture is CIE XYZ, as in digital cinema; the proxy shows FFmpeg's conversion of it",
        ),
        (
            {"side_data_list": [{"side_data_type": "DOVI configuration record"}]},
            "Dolby Vision of the source is not carried",
        ),
    ],
    ids=["field order", "XYZ", "Dolby Vision"],
)
def test_what_the_proxy_cannot_keep_is_a_warning(change: dict[str, object], warning: str) -> None:
    found = facts_of({**VIDEO, **change})
    assert found.facts is not None
    assert found.facts.warnings == (warning,)


def test_a_codec_that_is_never_interlaced_owes_no_field_order() -> None:
    stream = {**VIDEO, "codec_name": "hevc", "field_order": "unknown"}
    found = facts_of(stream, detection=changed_detection("hevc", "hvc1"))
    assert found.facts is not None
    assert found.facts.warnings == ()
