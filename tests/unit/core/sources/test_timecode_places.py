"""Where start timecode and reel name stand, which place is believed, and what is said when two differ."""

from fractions import Fraction

import pytest

from proxx.core.facts import TimecodeFacts
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.reading import StatedLabel, TimecodeTrack
from proxx.core.sources.source_timecode import TimecodeFinding, find_timecode
from proxx.core.sources.timecode_places import PANASONIC_TAG, reel_name

PAL = Fraction(25)
NTSC = Fraction(30000, 1001)
TRACK = TimecodeTrack(timescale=25, frame_duration=1, frames_per_second=25, drop_frame=False, start=90000, samples=1)
A, B, C = "01:00:00:00", "02:00:00:00", "03:00:00:00"


def tagged(label: str | None, **more: object) -> dict[str, object]:
    return {**more, **({"tags": {"timecode": label}} if label is not None else {})}


def found(
    *,
    container: str = "mov",
    video: str | None = None,
    tmcd: str | None = None,
    sound: str | None = None,
    form: dict[str, object] | None = None,
    stated: tuple[StatedLabel, ...] = (),
    track: TimecodeTrack | None = None,
    rate: Fraction = PAL,
    frames: int = 25,
) -> TimecodeFinding:
    picture = tagged(video, index=0, codec_type="video")
    streams: list[values.Record] = [picture, tagged(sound, index=1, codec_type="audio")]
    if tmcd is not None:
        streams.append(tagged(tmcd, index=2, codec_type="data", codec_tag_string="tmcd"))
    return find_timecode(
        container=container,
        video=picture,
        streams=tuple(streams),
        form=form or {},
        rate=rate,
        constant=True,
        track=track,
        stated=stated,
        frames=frames,
    )


def taken(label: str, origin: str, rate: Fraction = PAL) -> TimecodeFacts:
    return TimecodeFacts(label=label, drop_frame=";" in label, rate=rate, origin=origin)


def test_the_timecode_track_wins_over_every_tag_and_each_other_label_is_named_once() -> None:
    assert found(tmcd=A, video=A, sound=B, form=tagged(C), track=TRACK) == TimecodeFinding(
        timecode=taken(A, "tmcd"),
        warnings=(
            f"the start timecode is {A} by the timecode track (tmcd) and {B} by the stream tag; "
            "the timecode track (tmcd) is used",
            f"the start timecode is {A} by the timecode track (tmcd) and {C} by the container tag; "
            "the timecode track (tmcd) is used",
        ),
    )


def test_a_tag_of_the_video_track_wins_over_one_of_the_file() -> None:
    assert found(video=A, form=tagged(B)) == TimecodeFinding(
        timecode=taken(A, "stream tag"),
        warnings=(f"the start timecode is {A} by the stream tag and {B} by the container tag; the stream tag is used",),
    )


def test_the_same_label_in_two_places_is_no_disagreement() -> None:
    assert found(video=A, sound=A, form=tagged(A)) == TimecodeFinding(timecode=taken(A, "stream tag"))


def test_labels_that_differ_in_drop_frame_only_disagree() -> None:
    finding = found(video="01:00:00;00", form=tagged(A), rate=NTSC)
    assert finding.timecode == taken("01:00:00;00", "stream tag", NTSC)
    assert finding.warnings == (
        f"the start timecode is 01:00:00;00 by the stream tag and {A} by the container tag; the stream tag is used",
    )


def test_the_material_package_wins_over_the_source_package() -> None:
    assert found(container="mxf", video=B, form=tagged(A)) == TimecodeFinding(
        timecode=taken(A, "mxf"),
        warnings=(
            f"the start timecode is {A} by the material package and {B} by the source package; "
            "the material package is used",
        ),
    )


def test_a_component_that_nobody_else_states_is_the_timecode_of_the_mxf() -> None:
    stated = (StatedLabel(text=A, origin="timecode component", counts=25),)
    assert found(container="mxf", stated=stated) == TimecodeFinding(timecode=taken(A, "mxf"))


def test_a_component_at_half_the_video_rate_says_at_which_rate_the_label_counts() -> None:
    stated = (StatedLabel(text="01:00:00;02", origin="timecode component", counts=30),)
    finding = found(container="mxf", form=tagged("01:00:00;02"), stated=stated, rate=Fraction(60000, 1001))
    assert finding.timecode == taken("01:00:00;02", "mxf", NTSC)
    assert finding.warnings == ("the timecode counts 30 frames a second, the video has 60000/1001",)


@pytest.mark.parametrize(
    ("form", "stated", "origin"),
    [
        pytest.param({}, (StatedLabel(text=A, origin="Sony camera metadata", counts=25),), "Sony camera metadata"),
        pytest.param({}, (StatedLabel(text=A, origin="XMP startTimecode"),), "XMP startTimecode"),
        pytest.param({"tags": {PANASONIC_TAG: f"<StartTimecode>{A}</StartTimecode>"}}, (), "Panasonic camera metadata"),
    ],
    ids=["Sony", "XMP", "Panasonic"],
)
def test_what_cameras_and_editors_write_beside_the_tracks_is_the_last_resort(
    form: dict[str, object], stated: tuple[StatedLabel, ...], origin: str
) -> None:
    assert found(form=form, stated=stated).timecode == taken(A, origin)
    assert found(form=form, stated=stated, video=B) == TimecodeFinding(
        timecode=taken(B, "stream tag"),
        warnings=(f"the start timecode is {B} by the stream tag and {A} by the {origin}; the stream tag is used",),
    )


@pytest.mark.parametrize(("frames", "passes"), [(5, False), (6, True)])
def test_a_clip_that_runs_past_midnight_says_so(frames: int, passes: bool) -> None:
    finding = found(video="23:59:59:20", frames=frames)
    said = "the timecode runs past midnight: it starts at 23:59:59:20 and begins again at 00:00:00:00"
    assert finding.warnings == ((said,) if passes else ())


# Our own reading of the timecode track


def counted(**change: object) -> TimecodeTrack:
    fields: dict[str, object] = {
        "timescale": 25,
        "frame_duration": 1,
        "frames_per_second": 25,
        "drop_frame": False,
        "start": 90000,
        "samples": 1,
        **change,
    }
    return TimecodeTrack(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "printed", "error"),
    [
        (24 * 3600 * 25, "24:00:00:00", "timecode '24:00:00:00' at 25/1 fps does not exist: hours run from 00 to 23"),
        (25 * 3600 * 25, "25:00:00:00", "timecode '25:00:00:00' at 25/1 fps does not exist: hours run from 00 to 23"),
        ((1 << 32) - 25, "00:00:01:00", "timecode '-00:00:01:00' at 25/1 fps does not exist: a clip starts at"),
        ((1 << 32) - 25, "-00:00:01:00", "timecode '-00:00:01:00' at 25/1 fps does not exist: a clip starts at"),
    ],
    ids=["24 hours", "hour 25", "negative, printed without its sign", "negative, printed with it"],
)
def test_a_frame_number_outside_the_day_is_refused_whatever_ffprobe_prints(
    start: int, printed: str, error: str
) -> None:
    finding = found(tmcd=printed, video=printed, track=counted(start=start))
    assert (finding.timecode, finding.warnings) == (None, ())
    assert finding.error.startswith(error)


def test_a_drop_flag_at_a_rate_that_has_none_is_refused_although_ffprobe_says_nothing() -> None:
    finding = found(track=counted(drop_frame=True, start=100))
    assert finding.timecode is None
    assert finding.error == (
        "timecode '00:00:04;00' at 25/1 fps does not exist: "
        "drop-frame exists at 30000/1001, 60000/1001 and 120000/1001 fps only"
    )


def test_a_counter_that_may_wrap_at_24_hours_wraps_with_a_warning() -> None:
    assert found(tmcd=A, video=A, track=counted(start=25 * 3600 * 25, wraps=True)) == TimecodeFinding(
        timecode=taken(A, "tmcd"),
        warnings=("the timecode track counts past 24 hours (25:00:00:00) and wraps there",),
    )


def test_the_edit_list_of_the_timecode_track_moves_the_start_with_a_warning() -> None:
    assert found(tmcd=A, video=A, track=counted(skipped_frames=10)) == TimecodeFinding(
        timecode=taken("01:00:00:10", "tmcd"),
        warnings=(
            "the edit list of the timecode track begins 10 frames in, so the clip starts at 01:00:00:10 and not at "
            "01:00:00:00; readers that ignore the edit list say the latter",
        ),
    )


def test_a_timecode_track_of_several_samples_jumps_within_the_clip() -> None:
    finding = found(tmcd=A, video=A, track=counted(samples=2))
    assert finding.timecode == taken(A, "tmcd")
    assert finding.warnings == (
        "the timecode track has 2 samples, so the timecode jumps within the clip; the first is used",
    )


def test_drop_frame_labels_are_counted_as_the_standard_does() -> None:
    track = counted(timescale=30000, frame_duration=1001, frames_per_second=30, drop_frame=True, start=1800)
    assert found(track=track, rate=NTSC).timecode == taken("00:01:00;02", "tmcd", NTSC)


# Reel


@pytest.mark.parametrize(
    ("tags", "stated", "expected"),
    [
        ({"reel_name": "A001"}, ("B002",), "A001"),
        ({"com.apple.proapps.reel": "008"}, (), "008"),
        ({"com.arri.camera.ReelName": "A003"}, (), "A003"),
        ({}, ("B002",), "B002"),
        ({"com.apple.proapps.reel": "0x060A2B340101010501010D0013"}, ("B002",), "B002"),
        ({"reel_name": "   "}, (), None),
        ({}, (), None),
    ],
    ids=["reel_name first", "Apple", "ARRI", "XMP tape name", "a UMID is no reel", "blank", "none"],
)
def test_the_reel_comes_from_the_first_place_that_names_one(
    tags: dict[str, str], stated: tuple[str, ...], expected: str | None
) -> None:
    assert reel_name(sources=({}, {"tags": tags}), stated=stated) == expected
