"""What a dead executor had finished, and what a staging budget may hold back: decisions about one job."""

import pytest

from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.steps import StepKind
from proxx_scheduler.domain.records import StepState
from tests.fakes.board_world import BoardWorld, new_job

R, S, OK = ClipState.RUNNING, ClipState.STAGED, ClipState.COMPLETED
SKIP, LOST = ClipState.SKIPPED, ClipState.INTERRUPTED


def test_a_finished_file_is_staged_and_published_in_its_turn_instead_of_made_again() -> None:
    world = BoardWorld(job=new_job(clips=2)).admit()
    world.start(0)
    world.start(1)
    world.lose(1, finished=True)
    world.do("resume")
    assert (world.states(), world.clips[1].step_kind) == ([R, LOST], StepKind.SWEEP)
    world.start(1)
    world.finish(1)
    assert (world.states(), world.clips[1].step_kind) == ([R, S], None)
    world.finish(0)
    assert (world.states(), world.clips[1].step_kind) == ([OK, S], StepKind.PUBLISH)


@pytest.mark.parametrize("verb", [{"now": False}, {"now": True}], ids=["cancel", "cancel now"])
def test_a_finished_file_that_is_found_after_a_cancel_is_swept_once_more_and_skipped(verb: dict[str, bool]) -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.lose(0, finished=True)
    world.do("resume")
    world.start(0)
    world.do("cancel", **verb)
    world.finish(0)
    assert (world.states(), world.clips[0].step_kind) == ([S], StepKind.SWEEP)
    world.start(0)
    world.finish(0)
    assert (world.states(), world.job.state) == ([SKIP], JobState.CANCELLED)


def test_a_delivery_that_is_refused_is_followed_by_another_sweep() -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.lose(0)
    world.do("resume")
    world.start(0)
    world.do("delivery_refused", 0, facts={"why": "another plan"})
    assert (world.states(), world.clips[0].step_kind, world.clips[0].step_state) == (
        [LOST],
        StepKind.SWEEP,
        StepState.QUEUED,
    )


def test_only_encodes_ahead_of_the_head_of_a_fail_fast_job_may_be_held_back_by_a_budget() -> None:
    world = BoardWorld(job=new_job(clips=3)).admit()
    assert [world.clips[index].ahead for index in range(3)] == [False, True, True]
    world.start(0)
    world.finish(0)
    assert [world.clips[index].ahead for index in range(3)] == [False, False, True]
    others = BoardWorld(job=new_job(clips=3, policy=FailurePolicy.CONTINUE)).admit()
    assert [others.clips[index].ahead for index in range(3)] == [False, False, False]
