"""What FFmpeg's detectors print becomes findings, and findings become checks."""

from fractions import Fraction

import pytest

from proxx.core.picture_checks import PictureChecks
from proxx.core.picture_checks_reader import read_picture_checks
from proxx.core.picture_findings import Likeness, PictureFindings, Stretch, judge_pictures
from proxx.core.picture_log import PictureLog
from proxx.core.table_reader import TableReader
from proxx.core.verdict import Check, CheckLevel

LINES = """
frame:10   pts:10      pts_time:0.4
lavfi.black_start=0.4
lavfi.ssim.Y=0.1
lavfi.ssim.All=0.980000
lavfi.psnr.psnr_avg=inf
frame:12   pts:7680    pts_time:0.48
proxx_track=1
lavfi.silence_start.2=0.5
frame:11   pts:11      pts_time:0.44
lavfi.black_end=1.2
lavfi.freezedetect.freeze_start=0.6
lavfi.ssim.All=0.940000
lavfi.psnr.psnr_avg=40.50
frame:13   pts:13      pts_time:0.52
proxx_track=9
lavfi.silence_start.1=0.1
not a line of ours
lavfi.black_start=nonsense
"""
NO_LIKENESS = Likeness(mean=None, worst=None, worst_frame=0)
FOUND = PictureFindings(
    seconds=Fraction(2),
    black=(Stretch(start=Fraction("0.4"), end=Fraction("1.2")),),
    frozen=(Stretch(start=Fraction("0.6"), end=None),),
    silent=((), (Stretch(start=Fraction("0.5"), end=None),)),
    ssim=Likeness(mean=Fraction("0.96"), worst=Fraction("0.94"), worst_frame=11),
    psnr=Likeness(mean=Fraction("70.25"), worst=Fraction("40.5"), worst_frame=11),
)
ALL = PictureChecks(
    level=CheckLevel.WARN,
    black_milliseconds=1000,
    freeze_milliseconds=1000,
    silence_milliseconds=1600,
    least_ssim=Fraction("0.97"),
    least_psnr_db=Fraction(40),
)


def test_lines_become_stretches_and_likeness_and_foreign_lines_are_passed_over() -> None:
    log = PictureLog(tracks=2)
    for line in LINES.splitlines():
        log.feed(line)
    assert log.findings(seconds=Fraction(2)) == FOUND


def test_only_stretches_as_long_as_the_profile_says_count_and_an_open_one_lasts_to_the_end() -> None:
    assert judge_pictures(checks=ALL, found=FOUND) == (
        Check(name="black", level=CheckLevel.PASS, expected="no stretch of 1.000 s or more", actual="none"),
        Check(
            name="freeze",
            level=CheckLevel.WARN,
            expected="no stretch of 1.000 s or more",
            actual="0.600 s to the end (2.000 s)",
        ),
        Check(name="audio[0].silence", level=CheckLevel.PASS, expected="no stretch of 1.600 s or more", actual="none"),
        Check(name="audio[1].silence", level=CheckLevel.PASS, expected="no stretch of 1.600 s or more", actual="none"),
        Check(
            name="ssim",
            level=CheckLevel.WARN,
            expected="mean at least 0.97",
            actual="mean 0.9600, worst 0.9400 at frame 11",
        ),
        Check(
            name="psnr",
            level=CheckLevel.PASS,
            expected="mean at least 40 dB",
            actual="mean 70.2500 dB, worst 40.5000 dB at frame 11",
        ),
    )


def test_a_comparison_that_saw_no_picture_fails_whatever_the_level() -> None:
    nothing = PictureFindings(seconds=Fraction(2), black=(), frozen=(), silent=(), ssim=NO_LIKENESS, psnr=NO_LIKENESS)
    levels = {check.name: check.level for check in judge_pictures(checks=ALL, found=nothing)}
    assert (levels["ssim"], levels["psnr"]) == (CheckLevel.FAIL, CheckLevel.FAIL)


def test_a_table_is_read_whole() -> None:
    table = {"level": "fail", "black_milliseconds": 500, "least_ssim": "0.95"}
    reader = TableReader(origin="p.toml", table={"picture_checks": table})
    assert read_picture_checks(table=reader) == PictureChecks(
        level=CheckLevel.FAIL,
        black_milliseconds=500,
        freeze_milliseconds=None,
        silence_milliseconds=None,
        least_ssim=Fraction("0.95"),
        least_psnr_db=None,
    )
    assert reader.problems == []


@pytest.mark.parametrize(
    ("table", "problems"),
    [
        ({"level": "warn"}, ["asks for nothing"]),
        ({"black_milliseconds": 500}, ["level: required key is missing"]),
        ({"level": "maybe", "black_milliseconds": 500}, ["expected one of warn, fail"]),
        ({"level": "warn", "silence_milliseconds": 5}, ["expected at least 100, got 5"]),
        ({"level": "warn", "least_ssim": "1.5"}, ["above 0 and at most 1"]),
        ({"level": "warn", "least_ssim": 0.95}, ["expected a string"]),
        ({"level": "warn", "least_psnr_db": "-3"}, ["above 0 and at most 100"]),
        ({"level": "warn", "black_milliseconds": 500, "blur": 1}, ["blur: unknown key"]),
    ],
    ids=["nothing", "no level", "another level", "too short", "above one", "a float", "negative", "unknown key"],
)
def test_what_is_wrong_with_a_table_is_named(table: dict[str, object], problems: list[str]) -> None:
    reader = TableReader(origin="p.toml", table={"picture_checks": table})
    read_picture_checks(table=reader)
    assert all(any(problem in found for found in reader.problems) for problem in problems), reader.problems
