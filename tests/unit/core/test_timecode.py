"""Timecode: exact counting, drop-frame included; labels that do not exist are refused.

Witnesses, neither of which shares code with Proxx: OpenTimelineIO (rates up to 60), the `timecode` package (not 47.952
and not 119.88), and for drop-frame a count of the labels of a whole day, one minute after another. Where a witness is
known to be wrong, a test says what it answers.
"""

from fractions import Fraction

import opentimelineio as otio
import pytest
import timecode as other
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.timecode import Timecode, TimecodeError, frames_per_day

NTSC_24 = Fraction(24000, 1001)
NTSC_30 = Fraction(30000, 1001)
NTSC_48 = Fraction(48000, 1001)
NTSC_60 = Fraction(60000, 1001)
NTSC_120 = Fraction(120000, 1001)
NDF_RATES = [
    *(NTSC_24, Fraction(24), Fraction(25), NTSC_30, Fraction(30), NTSC_48, Fraction(48), Fraction(50)),
    *(NTSC_60, Fraction(60), Fraction(100), NTSC_120, Fraction(120), Fraction(240)),
]
DROP_RATES = [NTSC_30, NTSC_60, NTSC_120]
COUNTINGS = [*((rate, False) for rate in NDF_RATES), *((rate, True) for rate in DROP_RATES)]
OTIO_COUNTINGS = [(rate, drop) for rate, drop in COUNTINGS if rate <= 60]
OTHER_COUNTINGS = [(rate, drop) for rate, drop in COUNTINGS if rate <= 120 and rate not in (NTSC_48, NTSC_120)]


@st.composite
def timecodes(draw: st.DrawFn, countings: list[tuple[Fraction, bool]]) -> Timecode:
    rate, drop_frame = draw(st.sampled_from(countings))
    frames = draw(st.integers(0, frames_per_day(rate=rate, drop_frame=drop_frame) - 1))
    return Timecode(frames=frames, rate=rate, drop_frame=drop_frame)


@st.composite
def drop_frame_labels(draw: st.DrawFn, rates: list[Fraction]) -> tuple[str, Fraction]:
    """Labels within the clock's numbers, half of them where drop-frame skips some."""
    rate = draw(st.sampled_from(rates))
    hour, minute = draw(st.integers(0, 23)), draw(st.integers(0, 59))
    near = draw(st.booleans())
    second = 0 if near else draw(st.integers(0, 59))
    frame = draw(st.integers(0, 9 if near else round(rate) - 1))
    return f"{hour:02d}:{minute:02d}:{second:02d};{frame:02d}", rate


def otio_label(*, frames: int, rate: Fraction, drop_frame: bool) -> str:
    exact = float(rate)
    return otio.opentime.to_timecode(otio.opentime.RationalTime(frames, exact), exact, drop_frame=drop_frame)


def otio_frames(*, label: str, rate: Fraction) -> int:
    return int(otio.opentime.from_timecode(label, float(rate)).value)


def other_timecode(*, rate: Fraction, drop_frame: bool, label: str | None = None, frames: int = 0) -> other.Timecode:
    """The `timecode` package counts frames from 1, and takes drop-frame for granted where it exists."""
    spelt = f"{float(rate):.2f}" if rate.denominator != 1 else str(rate)
    number = None if label is not None else frames + 1
    return other.Timecode(spelt, start_timecode=label, frames=number, force_non_drop_frame=not drop_frame)


def parsed(*, label: str, rate: Fraction) -> Timecode | None:
    try:
        return Timecode.parse(label=label, rate=rate)
    except TimecodeError:
        return None


@given(timecodes(COUNTINGS))
def test_a_label_reads_back_as_the_same_frame(timecode: Timecode) -> None:
    assert Timecode.parse(label=timecode.label, rate=timecode.rate) == timecode


@given(timecodes(OTIO_COUNTINGS).filter(lambda timecode: timecode.frames < timecode.rate * 86_400 - 10))
def test_labels_and_frames_agree_with_opentimelineio(timecode: Timecode) -> None:
    label = otio_label(frames=timecode.frames, rate=timecode.rate, drop_frame=timecode.drop_frame)
    assert (timecode.label, otio_frames(label=timecode.label, rate=timecode.rate)) == (label, timecode.frames)


@given(timecodes(OTHER_COUNTINGS))
def test_labels_and_frames_agree_with_the_timecode_package(timecode: Timecode) -> None:
    rate, drop = timecode.rate, timecode.drop_frame
    label = str(other_timecode(rate=rate, drop_frame=drop, frames=timecode.frames))
    frames = other_timecode(rate=rate, drop_frame=drop, label=timecode.label).frames - 1
    assert (timecode.label, frames) == (label, timecode.frames)


@pytest.mark.parametrize("rate", DROP_RATES, ids=["29.97", "59.94", "119.88"])
def test_every_minute_of_a_drop_frame_day_begins_and_ends_where_counting_its_labels_puts_it(rate: Fraction) -> None:
    nominal, frames = round(rate), 0
    skipped = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4, Fraction(120000, 1001): 8}[rate]
    for minute in range(24 * 60):
        first = skipped if minute % 10 else 0
        begin, end = f"{minute // 60:02d}:{minute % 60:02d}:00;{first:02d}", f"{minute // 60:02d}:{minute % 60:02d}:59"
        length = 60 * nominal - first
        assert (
            Timecode.parse(label=begin, rate=rate).frames,
            Timecode(frames=frames, rate=rate, drop_frame=True).label,
            Timecode.parse(label=f"{end};{nominal - 1:02d}", rate=rate).frames,
        ) == (frames, begin, frames + length - 1)
        frames += length
    assert frames_per_day(rate=rate, drop_frame=True) == frames


@given(drop_frame_labels([NTSC_30, NTSC_60]))
def test_a_drop_frame_label_exists_where_opentimelineio_gives_it_back(label_and_rate: tuple[str, Fraction]) -> None:
    """It takes a label that does not exist for the one so many frames earlier, and so gives another one back."""
    label, rate = label_and_rate
    frames = otio_frames(label=label, rate=rate)
    exists = otio_label(frames=frames, rate=rate, drop_frame=True) == label
    found = parsed(label=label, rate=rate)
    assert (found.frames if found is not None else None) == (frames if exists else None)


@given(drop_frame_labels([NTSC_30, NTSC_60]))
def test_a_drop_frame_label_exists_where_the_timecode_package_gives_it_back(
    label_and_rate: tuple[str, Fraction],
) -> None:
    label, rate = label_and_rate
    witness = other_timecode(rate=rate, drop_frame=True, label=label)
    found = parsed(label=label, rate=rate)
    assert (found.frames if found is not None else None) == (witness.frames - 1 if str(witness) == label else None)


@given(drop_frame_labels([NTSC_120]))
def test_at_119_88_the_first_eight_labels_of_a_minute_are_skipped_but_of_each_tenth(
    label_and_rate: tuple[str, Fraction],
) -> None:
    label, rate = label_and_rate
    skipped = int(label[3:5]) % 10 != 0 and label[6:8] == "00" and int(label[9:]) < 8
    assert (parsed(label=label, rate=rate) is None) == skipped


@given(timecodes(OTHER_COUNTINGS), st.integers(0, 20_000_000))
def test_counting_on_over_midnight_agrees_with_the_timecode_package(timecode: Timecode, frames: int) -> None:
    witness = other_timecode(rate=timecode.rate, drop_frame=timecode.drop_frame, label=timecode.label)
    witness.add_frames(frames)
    assert timecode.plus(frames=frames).label == str(witness)


@given(timecodes(COUNTINGS), st.integers(-20_000_000, 20_000_000))
def test_counting_on_and_back_is_where_it_began(timecode: Timecode, frames: int) -> None:
    assert timecode.plus(frames=frames).plus(frames=-frames) == timecode


@given(timecodes(COUNTINGS))
def test_a_day_later_is_the_same_label(timecode: Timecode) -> None:
    day = frames_per_day(rate=timecode.rate, drop_frame=timecode.drop_frame)
    assert (timecode.plus(frames=day), timecode.plus(frames=-day)) == (timecode, timecode)


def test_non_drop_labels_run_to_the_end_of_the_day_at_ntsc_rates() -> None:
    """OpenTimelineIO wraps these at the length of a drop-frame day, 23:58:33; labels exist up to 23:59:59."""
    last = 24 * 3600 * 30 - 1
    assert Timecode.parse(label="23:59:59:29", rate=NTSC_30).frames == last
    assert otio_label(frames=last, rate=NTSC_30, drop_frame=False) == "00:01:26:11"


@pytest.mark.parametrize(
    ("rate", "ours", "theirs"),
    [
        pytest.param(NTSC_48, "00:00:01:00", "00:00:01:01", id="47.952 as 47"),
        pytest.param(NTSC_120, "00:00:00:48", "00:00:00:48", id="119.88 below a second"),
        pytest.param(NTSC_120, "00:00:01:00", "00:00:01:01", id="119.88 as 119"),
    ],
)
def test_the_timecode_package_cuts_off_the_decimals_of_rates_that_it_does_not_know(
    rate: Fraction, ours: str, theirs: str
) -> None:
    """The reason why these two rates are not compared with it."""
    frames = Timecode.parse(label=ours, rate=rate).frames
    assert str(other_timecode(rate=rate, drop_frame=False, frames=frames)) == theirs


@given(timecodes(COUNTINGS))
def test_the_next_frame_has_the_next_label(timecode: Timecode) -> None:
    following = timecode.plus(frames=1)
    if following.frames:
        assert following.label > timecode.label or len(following.label) > len(timecode.label)
    else:
        assert following.label[:8] == "00:00:00"


@pytest.mark.parametrize(
    ("label", "rate", "frames"),
    [
        ("00:00:00:00", Fraction(25), 0),
        ("01:00:00:00", Fraction(25), 90_000),
        ("01:00:00:00", Fraction(24000, 1001), 86_400),
        ("00:00:59;29", NTSC_30, 1799),
        ("00:01:00;02", NTSC_30, 1800),
        ("00:10:00;00", NTSC_30, 17_982),
        ("01:00:00;00", NTSC_30, 107_892),
        ("01:00:00:00", NTSC_30, 108_000),
        ("00:01:00;04", NTSC_60, 3600),
        ("00:01:00;08", NTSC_120, 7200),
        ("00:00:00:119", Fraction(120), 119),
        ("23:59:59;29", NTSC_30, 2_589_407),
    ],
)
def test_known_labels_count_as_the_standard_says(label: str, rate: Fraction, frames: int) -> None:
    timecode = Timecode.parse(label=label, rate=rate)
    assert (timecode.frames, timecode.label, timecode.drop_frame) == (frames, label, ";" in label)


@pytest.mark.parametrize("separator", [";", ".", ","])
def test_every_drop_frame_mark_means_drop_frame(separator: str) -> None:
    assert Timecode.parse(label=f"00:01:00{separator}02", rate=NTSC_30) == Timecode(
        frames=1800, rate=NTSC_30, drop_frame=True
    )


def test_a_flag_beside_the_label_makes_colons_drop_frame() -> None:
    assert Timecode.parse(label="00:01:00:02", rate=NTSC_30, drop_frame=True).label == "00:01:00;02"


def test_the_clock_wraps_at_24_hours_both_ways() -> None:
    last = Timecode.parse(label="23:59:59;29", rate=NTSC_30)
    assert (last.plus(frames=1).label, last.plus(frames=1).plus(frames=-1)) == ("00:00:00;00", last)


DROPPED = "drop-frame skips the frames 00 to {last} of each minute that is not a multiple of ten"
NO_DROP = "drop-frame exists at 30000/1001, 60000/1001 and 120000/1001 fps only"
FORM = "a label is HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame"


@pytest.mark.parametrize(
    ("label", "rate", "drop_frame", "rule"),
    [
        ("00:01:00;00", NTSC_30, None, DROPPED.format(last="01")),
        ("00:01:00;01", NTSC_30, None, DROPPED.format(last="01")),
        ("00:01:00:00", NTSC_30, True, DROPPED.format(last="01")),
        ("00:09:00;03", NTSC_60, None, DROPPED.format(last="03")),
        ("00:09:00;07", NTSC_120, None, DROPPED.format(last="07")),
        ("00:00:00:25", Fraction(25), None, "frames run from 00 to 24"),
        ("00:00:00:24", Fraction(24000, 1001), None, "frames run from 00 to 23"),
        ("00:60:00:00", Fraction(25), None, "minutes run from 00 to 59"),
        ("00:00:60:00", Fraction(25), None, "seconds run from 00 to 59"),
        ("24:00:00:00", Fraction(25), None, "hours run from 00 to 23; the clock wraps at 24 hours"),
        ("00:00:00;00", Fraction(25), None, NO_DROP),
        ("00:00:00:00", Fraction(24000, 1001), True, NO_DROP),
        ("00:00:00;00", NTSC_30, False, "';' says drop-frame and the flag beside it says not"),
        ("00:00:00:012", Fraction(25), None, "frames have two digits"),
        ("0:00:00:00", Fraction(25), None, FORM),
        ("00;00;00;00", NTSC_30, None, FORM),
        ("00:00:00:00\n", Fraction(25), None, FORM),
        ("\u0660\u0660:00:00:00", Fraction(25), None, FORM),
        ("-1:00:00:00", Fraction(25), None, FORM),
        ("", Fraction(25), None, FORM),
    ],
)
def test_a_label_that_does_not_exist_is_refused_with_label_rate_and_rule(
    label: str, rate: Fraction, drop_frame: bool | None, rule: str
) -> None:
    with pytest.raises(TimecodeError) as caught:
        Timecode.parse(label=label, rate=rate, drop_frame=drop_frame)
    assert (caught.value.label, caught.value.rate, caught.value.rule) == (label, rate, rule)
    assert str(caught.value) == (
        f"timecode {label!r} at {rate.numerator}/{rate.denominator} fps does not exist: {rule}"
    )


@pytest.mark.parametrize("frames", [-1, 2_160_000])
def test_a_frame_outside_the_day_is_refused(frames: int) -> None:
    with pytest.raises(TimecodeError, match="a day has the frames 0 to 2159999"):
        Timecode(frames=frames, rate=Fraction(25), drop_frame=False)


def test_drop_frame_is_refused_at_construction_where_it_does_not_exist() -> None:
    with pytest.raises(TimecodeError, match="drop-frame exists at"):
        Timecode(frames=0, rate=Fraction(25), drop_frame=True)


def test_above_100_frames_a_second_a_frame_may_have_three_digits_as_ffmpeg_writes_it() -> None:
    rate = Fraction(120000, 1001)
    read = Timecode.parse(label="00:01:00;008", rate=rate)
    assert (read, read.label) == (Timecode.parse(label="00:01:00;08", rate=rate), "00:01:00;08")
    assert Timecode.parse(label="00:00:00:112", rate=rate).label == "00:00:00:112"
