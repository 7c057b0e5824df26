"""Timecode: exact counting, drop-frame included; labels that do not exist are refused."""

from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.timecode import Timecode, TimecodeError, frames_per_day

NTSC_30 = Fraction(30000, 1001)
NTSC_60 = Fraction(60000, 1001)
NTSC_120 = Fraction(120000, 1001)
COUNTINGS = [
    (Fraction(24000, 1001), False),
    (Fraction(24), False),
    (Fraction(25), False),
    (NTSC_30, False),
    (NTSC_30, True),
    (Fraction(30), False),
    (Fraction(48), False),
    (Fraction(50), False),
    (NTSC_60, False),
    (NTSC_60, True),
    (Fraction(60), False),
    (NTSC_120, False),
    (NTSC_120, True),
    (Fraction(240), False),
]
OTIO_COUNTINGS = [(rate, drop) for rate, drop in COUNTINGS if rate <= 60]


@st.composite
def timecodes(draw: st.DrawFn, countings: list[tuple[Fraction, bool]]) -> Timecode:
    rate, drop_frame = draw(st.sampled_from(countings))
    frames = draw(st.integers(0, frames_per_day(rate=rate, drop_frame=drop_frame) - 1))
    return Timecode(frames=frames, rate=rate, drop_frame=drop_frame)


@given(timecodes(COUNTINGS))
def test_a_label_reads_back_as_the_same_frame(timecode: Timecode) -> None:
    assert Timecode.parse(label=timecode.label, rate=timecode.rate) == timecode


@given(timecodes(OTIO_COUNTINGS).filter(lambda timecode: timecode.frames < timecode.rate * 86_400 - 10))
def test_labels_and_frames_agree_with_opentimelineio(timecode: Timecode) -> None:
    rate = float(timecode.rate)
    label = otio.opentime.to_timecode(
        otio.opentime.RationalTime(timecode.frames, rate), rate, drop_frame=timecode.drop_frame
    )
    assert (timecode.label, int(otio.opentime.from_timecode(timecode.label, rate).value)) == (label, timecode.frames)


def test_non_drop_labels_run_to_the_end_of_the_day_at_ntsc_rates() -> None:
    """OpenTimelineIO wraps these at the length of a drop-frame day, 23:58:33; labels exist up to 23:59:59."""
    assert Timecode.parse(label="23:59:59:29", rate=NTSC_30).frames == 24 * 3600 * 30 - 1


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
        ("00:00:00:012", Fraction(120), None, "frames below 100 have two digits"),
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
