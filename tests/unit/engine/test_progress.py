"""FFmpeg's progress lines as progress."""

import pytest

from proxx.core.steps import Progress
from proxx.engine.progress import ProgressParser

BLOCK = """frame=50
fps=25.00
stream_0_0_q=2.0
bitrate=N/A
out_time_us=2000000
speed=1.25x
progress=continue"""


def feed(parser: ProgressParser, text: str) -> list[Progress]:
    return [progress for line in text.splitlines() if (progress := parser.feed(line)) is not None]


def test_a_block_gives_fraction_rate_speed_and_time_to_go() -> None:
    assert feed(ProgressParser(expected_frames=100), BLOCK) == [
        Progress(fraction=0.5, frames=50, fps=25.0, speed=1.25, eta_seconds=2.0)
    ]


def test_what_is_not_known_yet_is_zero_and_has_no_time_to_go() -> None:
    text = "frame=0\nfps=0.00\nspeed=N/A\nprogress=continue"

    assert feed(ProgressParser(expected_frames=100), text) == [
        Progress(fraction=0.0, frames=0, fps=0.0, speed=0.0, eta_seconds=None)
    ]


def test_the_last_known_values_stay() -> None:
    parser = ProgressParser(expected_frames=100)

    assert feed(parser, BLOCK + "\nframe=75\nfps=N/A\nspeed=N/A\nprogress=end")[-1] == Progress(
        fraction=0.75, frames=75, fps=25.0, speed=1.25, eta_seconds=1.0
    )


def test_more_frames_than_planned_are_no_more_than_everything() -> None:
    text = "frame=101\nfps=10\nprogress=end"

    assert feed(ProgressParser(expected_frames=100), text) == [
        Progress(fraction=1.0, frames=101, fps=10.0, speed=0.0, eta_seconds=0.0)
    ]


@pytest.mark.parametrize(
    "line", ["", "=", "frame", "frame=abc", "frame=nan", "frame=inf", "frame=-1", "frame=1e99", "\x00=1"]
)
def test_lines_that_say_nothing_change_nothing(line: str) -> None:
    parser = ProgressParser(expected_frames=100)

    assert feed(parser, line + "\nprogress=continue") == [
        Progress(fraction=0.0, frames=0, fps=0.0, speed=0.0, eta_seconds=None)
    ]
