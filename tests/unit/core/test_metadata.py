"""The metadata report: whole values for whole files, explicit None for what no file states."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.detection import Detection, DetectionReason, Engine
from proxx.core.facts import FieldOrder, TimecodeFacts
from proxx.core.metadata import MetadataReport, describe, report_lines
from proxx.core.metadata.report import (
    Action,
    AudioReport,
    CodecReport,
    EditorialReason,
    EditorialReport,
    FlagsReport,
    GopType,
    Identity,
    ImageReport,
    Recommendation,
    TimeReport,
)
from proxx.core.violation import Violation, ViolationCode
from tests.fakes.measured import CAMERA_RAW, STANDARD, UNSUPPORTED
from tests.fakes.media_facts import FACTS, STEREO, VIDEO, facts_with

PATH = "/footage/day1/A001C001.mov"
LONG_GOP = "long GOP: frames depend on others and decode slowly"
NOTHING_MEASURED = EditorialReport(
    friendly=None, reasons=(EditorialReason(rule="measured", message="no video track was measured"),)
)
NO_TIME = TimeReport(
    duration=None,
    frame_count=None,
    frame_rate=None,
    variable_frame_rate=None,
    start_timecode=None,
    drop_frame=None,
    reel_name=None,
)
NO_IMAGE = ImageReport(
    width=None,
    height=None,
    pixel_aspect=None,
    aspect_ratio=None,
    rotation=None,
    field_order=None,
    bit_depth=None,
    colour_model=None,
    chroma_subsampling=None,
    has_alpha=None,
)
CUT_OFF = Violation(
    code=ViolationCode.SOURCE_TRUNCATED, field="sources[0]", message="A001C001.mov: the file is cut off"
)
MISSING = Violation(code=ViolationCode.SOURCE_MISSING, field="sources[0]", message="/a.mov does not exist")


def report(facts=FACTS, detection: Detection | None = STANDARD) -> MetadataReport:
    return describe(facts=facts, path=PATH, detection=detection)


def test_an_ordinary_camera_clip():
    assert report() == MetadataReport(
        identity=Identity(file_name="A001C001.mov", path=PATH, parent_folder="/footage/day1"),
        time=TimeReport(
            duration=Fraction(4),
            frame_count=100,
            frame_rate=Fraction(25),
            variable_frame_rate=False,
            start_timecode="10:00:00:00",
            drop_frame=False,
            reel_name="A001",
        ),
        image=ImageReport(
            width=1920,
            height=1080,
            pixel_aspect=Fraction(1),
            aspect_ratio=Fraction(16, 9),
            rotation=0,
            field_order="PROGRESSIVE",
            bit_depth=8,
            colour_model="YUV",
            chroma_subsampling="4:2:0",
            has_alpha=False,
        ),
        codec=CodecReport(container="mov", codec="h264", sample_entry="avc1", profile="High", gop=GopType.LONG),
        audio=AudioReport(track_count=1, channel_count=2, channels=(2,), sample_rate=48000),
        flags=FlagsReport(supported=True, engine=Engine.FFMPEG, skip_reason=None, warnings=(LONG_GOP,)),
        editorial=EditorialReport(friendly=False, reasons=(EditorialReason(rule="intra", message=LONG_GOP),)),
        recommendation=Recommendation(
            rule="long_gop",
            action=Action.PROXY,
            profiles=("proxy_prores_proxy", "proxy_dnxhr_lb"),
            resolution="same",
            reason="every frame of these stands alone, so that they play and scrub smoothly",
        ),
    )


def test_camera_raw_is_measured_by_nobody_here_and_nothing_is_guessed():
    assert describe(facts=None, path="/raw/A001.R3D", detection=CAMERA_RAW) == MetadataReport(
        identity=Identity(file_name="A001.R3D", path="/raw/A001.R3D", parent_folder="/raw"),
        time=NO_TIME,
        image=NO_IMAGE,
        codec=CodecReport(container="r3d", codec="redcode", sample_entry="RED2", profile=None, gop=None),
        audio=None,
        flags=FlagsReport(supported=True, engine=Engine.RESOLVE, skip_reason=None, warnings=()),
        editorial=NOTHING_MEASURED,
        recommendation=Recommendation(
            rule="resolve",
            action=Action.PROXY,
            profiles=("proxy_prores_proxy_resolve", "proxy_dnxhr_lb_resolve"),
            resolution=None,
            reason="camera RAW and codecs that no table names are decoded by Resolve only",
        ),
    )


def test_a_file_that_is_not_there_has_an_identity_and_a_reason():
    assert describe(facts=None, path="/a.mov", detection=None, violations=(MISSING,)) == MetadataReport(
        identity=Identity(file_name="a.mov", path="/a.mov", parent_folder="/"),
        time=NO_TIME,
        image=NO_IMAGE,
        codec=CodecReport(container=None, codec=None, sample_entry=None, profile=None, gop=None),
        audio=None,
        flags=FlagsReport(supported=False, engine=None, skip_reason="/a.mov does not exist", warnings=()),
        editorial=NOTHING_MEASURED,
        recommendation=Recommendation(
            rule="unsupported", action=Action.SKIP, profiles=(), resolution=None, reason="/a.mov does not exist"
        ),
    )


@pytest.mark.parametrize(
    ("detection", "violations", "flags"),
    [
        pytest.param(
            UNSUPPORTED,
            (),
            FlagsReport(
                supported=False,
                engine=None,
                skip_reason="cinepak in mov does not stand in the source matrix.",
                warnings=(),
            ),
            id="no engine takes it",
        ),
        pytest.param(
            STANDARD,
            (CUT_OFF, MISSING),
            FlagsReport(
                supported=False,
                engine=Engine.FFMPEG,
                skip_reason="A001C001.mov: the file is cut off; /a.mov does not exist",
                warnings=(),
            ),
            id="routed, and refused for other reasons",
        ),
        pytest.param(
            None,
            (),
            FlagsReport(supported=False, engine=None, skip_reason="the file was not read", warnings=()),
            id="nothing is known",
        ),
    ],
)
def test_a_file_that_no_job_would_take_says_why(detection, violations, flags):
    made = describe(facts=None, path=PATH, detection=detection, violations=violations)
    assert (made.flags, made.recommendation.action) == (flags, Action.SKIP)


def test_a_file_that_an_engine_takes_unmeasured_gets_no_advice():
    assert report(facts=None).recommendation is None


@pytest.mark.parametrize(
    ("video", "expected"),
    [
        pytest.param(
            replace(VIDEO, width=1440, pixel_aspect=Fraction(4, 3)),
            (Fraction(16, 9), 0, "PROGRESSIVE", "YUV", "4:2:0", False),
            id="wide pixels",
        ),
        pytest.param(
            replace(VIDEO, rotation=90),
            (Fraction(9, 16), 90, "PROGRESSIVE", "YUV", "4:2:0", False),
            id="turned for display",
        ),
        pytest.param(
            replace(VIDEO, pixel_aspect=None, field_order=FieldOrder.UNKNOWN),
            (Fraction(16, 9), 0, None, "YUV", "4:2:0", False),
            id="neither pixel aspect nor fields stated",
        ),
        pytest.param(
            replace(VIDEO, pixel_format="gbrap12le", has_alpha=True),
            (Fraction(16, 9), 0, "PROGRESSIVE", "RGB", None, True),
            id="RGB has no chroma",
        ),
        pytest.param(
            replace(VIDEO, pixel_format=None, bit_depth=None),
            (Fraction(16, 9), 0, "PROGRESSIVE", None, None, None),
            id="no pixel format stated",
        ),
        pytest.param(
            replace(VIDEO, width=0, height=0), (None, 0, "PROGRESSIVE", "YUV", "4:2:0", False), id="no raster stated"
        ),
    ],
)
def test_the_picture_says_what_the_file_states(video, expected):
    image = report(facts_with(video=video)).image
    assert (
        image.aspect_ratio,
        image.rotation,
        image.field_order,
        image.colour_model,
        image.chroma_subsampling,
        image.has_alpha,
    ) == expected


@pytest.mark.parametrize(
    ("audio", "expected"),
    [
        pytest.param((), AudioReport(track_count=0, channel_count=0, channels=(), sample_rate=None), id="silent"),
        pytest.param(
            (replace(STEREO, channels=1), replace(STEREO, channels=6)),
            AudioReport(track_count=2, channel_count=7, channels=(1, 6), sample_rate=48000),
            id="tracks of different width",
        ),
        pytest.param(
            (STEREO, replace(STEREO, sample_rate=44100)),
            AudioReport(track_count=2, channel_count=4, channels=(2, 2), sample_rate=None),
            id="tracks of different rate",
        ),
    ],
)
def test_audio_is_counted_track_by_track(audio, expected):
    assert report(facts_with(audio=audio)).audio == expected


def test_length_falls_back_to_the_files_own_where_the_picture_has_none():
    made = report(facts_with(video=replace(VIDEO, duration=None), duration=Fraction(5)))
    assert made.time.duration == Fraction(5)


@pytest.mark.parametrize(
    ("facts", "warnings"),
    [
        pytest.param(
            replace(FACTS, warnings=("a remark",)), ("a remark", LONG_GOP), id="the probe's remarks come first"
        ),
        pytest.param(
            facts_with(
                video=replace(VIDEO, constant_frame_rate=False, intra_only=True),
                warnings=("the frame rate is not constant",),
            ),
            ("the frame rate is not constant",),
            id="one fact is said once",
        ),
        pytest.param(
            replace(FACTS, timecode=None),
            (LONG_GOP, "no start timecode: nothing can be relinked by timecode"),
            id="no timecode",
        ),
        pytest.param(
            facts_with(video=replace(VIDEO, declared_frame_count=101)),
            (LONG_GOP, "the container declares 101 frames, 100 are shown"),
            id="another count declared",
        ),
        pytest.param(
            facts_with(video=replace(VIDEO, height=1079)),
            (LONG_GOP, "1920x1079 has an odd side; proxies round it down to even"),
            id="odd raster",
        ),
        pytest.param(
            facts_with(
                audio=(
                    replace(STEREO, duration=Fraction(9, 2)),
                    replace(STEREO, duration=Fraction(46, 10)),
                    replace(STEREO, duration=Fraction(3)),
                    replace(STEREO, duration=None),
                )
            ),
            (
                LONG_GOP,
                "audio track 2 is 0.600 s longer than the picture",
                "audio track 3 is 1.000 s shorter than the picture",
            ),
            id="sound of another length than the picture",
        ),
    ],
)
def test_warnings_say_what_an_operator_should_know(facts, warnings):
    assert report(facts).flags.warnings == warnings


def test_the_text_of_an_ordinary_clip_reads_from_top_to_bottom():
    assert report_lines(report()) == (
        "/footage/day1/A001C001.mov",
        "  supported yes, by ffmpeg",
        "  codec     h264 High in mov, long GOP",
        "  picture   1920x1080, shown 16:9, 8-bit 4:2:0, progressive",
        "  length    0:00:04.000, 100 frames, 25 fps",
        "  timecode  10:00:00:00 non-drop; reel A001",
        "  audio     1 track of 2 channels, 48000 Hz",
        "  editing   better with a proxy: long GOP: frames depend on others and decode slowly",
        "  advice    make a proxy, proxy_prores_proxy or proxy_dnxhr_lb at resolution same: "
        "every frame of these stands alone, so that they play and scrub smoothly",
    )


def test_the_text_of_an_unusual_clip_says_everything_that_is_unusual():
    video = replace(
        VIDEO,
        codec="prores",
        profile="4444",
        width=720,
        height=576,
        pixel_aspect=Fraction(16, 11),
        rotation=270,
        field_order=FieldOrder.BOTTOM_FIRST,
        pixel_format="yuva444p12le",
        bit_depth=12,
        has_alpha=True,
        intra_only=True,
        constant_frame_rate=False,
        frame_rate=Fraction(30000, 1001),
        duration=Fraction(3723456, 1000),
    )
    facts = facts_with(
        video=video,
        audio=(replace(STEREO, channels=1, duration=None), replace(STEREO, sample_rate=44100, duration=None)),
        timecode=TimecodeFacts(label="01:00:00;00", drop_frame=True, rate=Fraction(30000, 1001), origin="tmcd"),
        reel_name=None,
        warnings=("stream 3 is a cover picture",),
    )
    assert report_lines(report(facts))[2:] == (
        "  codec     prores 4444 in mov, intra",
        "  picture   720x576, shown 11:20 (turned 270 degrees clockwise), pixels 16:11, 12-bit 4:4:4, alpha, "
        "interlaced, bottom first",
        "  length    1:02:03.456, 100 frames, varying rate, 29.97 fps on average",
        "  timecode  01:00:00;00 drop-frame",
        "  audio     2 tracks of 1 + 2 channels, different sample rates",
        "  editing   better with a proxy: the frame rate is not constant",
        "  advice    make a proxy, proxy_prores_4444 at resolution same: "
        "it has an alpha channel, which ProRes 4444 alone keeps",
        "  warning   stream 3 is a cover picture",
    )


def test_the_text_of_a_refused_file_is_its_reason():
    assert report_lines(report(facts=None, detection=UNSUPPORTED)) == (
        "/footage/day1/A001C001.mov",
        "  supported no: cinepak in mov does not stand in the source matrix.",
        "  codec     cinepak in mov",
        "  advice    leave out",
    )


def test_a_codec_that_no_table_names_is_unknown_in_the_text():
    unknown = replace(
        CAMERA_RAW, reason=DetectionReason.UNKNOWN_CODEC, container="mov", codec=None, sample_entry="ZZZZ"
    )
    assert report_lines(report(facts=None, detection=unknown))[2] == "  codec     unknown, in mov"


def test_a_profile_that_repeats_its_codec_is_said_once():
    facts = facts_with(video=replace(VIDEO, codec="dnxhr", profile="DNXHR SQ", intra_only=None))
    assert report_lines(report(facts))[2] == "  codec     DNXHR SQ in mov"
