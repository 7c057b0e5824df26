"""The plan's ceiling on what FFmpeg makes while it makes it."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.failure import FailureKind
from proxx.core.plan import Expected
from proxx.core.planner import plan_clip
from proxx.engine.errors import StepFailedError
from proxx.engine.runaway import RunawayGuard
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import inputs_with


def planned(**changes: object) -> Expected:
    profile = builtin_library().get("proxy_prores_proxy")
    assert profile is not None
    expected = plan_clip(inputs=inputs_with(profile=profile)).expected
    return replace(expected, frame_count=250, frame_rate=Fraction(25), audio=(), **changes)


def failure(guard: RunawayGuard, line: str) -> tuple[FailureKind, str]:
    with pytest.raises(StepFailedError) as caught:
        guard.feed(line)
    return caught.value.failure.kind, caught.value.failure.message


@pytest.mark.parametrize(
    "line",
    [
        "frame=1250",
        "out_time_us=610000000",
        "out_time_us=N/A",
        "out_time_us=-9000000000",
        "frame=",
        "speed=9999999x",
        "²=²",
    ],
)
def test_what_lies_within_the_plan_and_its_spare_goes_on(line: str) -> None:
    RunawayGuard(expected=planned()).feed(line)


def test_more_pictures_than_planned_are_stopped() -> None:
    said = "FFmpeg made 1251 pictures; the plan's ceiling is 1250"
    assert failure(RunawayGuard(expected=planned()), "frame=1251") == (FailureKind.LIMIT_EXCEEDED, said)


def test_more_seconds_than_planned_are_stopped() -> None:
    said = "FFmpeg made 611 seconds; the plan's ceiling is 610"
    assert failure(RunawayGuard(expected=planned()), "out_time_us=611000000\n") == (FailureKind.LIMIT_EXCEEDED, said)


def test_pictures_of_a_varying_rate_are_counted_and_not_timed() -> None:
    guard = RunawayGuard(expected=planned(constant_frame_rate=False))
    guard.feed("out_time_us=999999000000")
    assert failure(guard, "frame=9000")[0] is FailureKind.LIMIT_EXCEEDED
