"""Retry, rebind and changes of place, decided on a board."""

from dataclasses import replace

import pytest

from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.steps import StepKind
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.doubt import FinalPath
from proxx_scheduler.domain.effects import OpenProbe
from proxx_scheduler.domain.records import ClipRange, StopReason
from proxx_scheduler.domain.transitions import IllegalTransitionError
from tests.fakes.board_world import new_job
from tests.fakes.verb_world import VerbWorld

OK, BAD, SKIP, Q = (ClipState.COMPLETED, ClipState.FAILED, ClipState.SKIPPED, ClipState.QUEUED)


def ended(*, clips: int, bad: set[int], policy: FailurePolicy, window: int = 8) -> VerbWorld:
    """A job that ran to its end by itself, one clip after another."""
    world = VerbWorld(job=new_job(clips=clips, policy=policy, window=window), bad=frozenset(bad))
    world.admit()
    while (waiting := world.grantable()) and not world.job.state.terminal:
        index = min(clip.index for clip in waiting)
        world.start(index)
        world.finish(index)
    return world


def test_a_retry_of_a_continue_job_opens_only_what_was_not_published() -> None:
    world = ended(clips=6, bad={1, 4}, policy=FailurePolicy.CONTINUE, window=1)
    assert (world.job.state, world.states()) == (JobState.PARTIAL, [OK, BAD, OK, OK, BAD, OK])
    world.bad = frozenset()
    assert world.press("retry")
    assert (world.job.state, world.job.run_number, world.job.failed, world.job.completed) == (JobState.PENDING, 2, 0, 4)
    world.admit()
    assert [clip.index for clip in world.grantable()] == [1]
    world.start(1)
    world.finish(1)
    assert [clip.index for clip in world.grantable()] == [4]
    world.start(4)
    world.finish(4)
    assert (world.job.state, world.states()) == (JobState.COMPLETED, [OK] * 6)


def test_a_cancel_lets_the_head_of_a_retry_finish_though_published_clips_stand_before_it() -> None:
    world = ended(clips=6, bad={1, 4}, policy=FailurePolicy.CONTINUE, window=1)
    world.bad = frozenset()
    world.press("retry")
    world.admit()
    world.start(1)
    world.finish(1)
    assert world.job.head == 4
    world.start(4)
    world.press("cancel")
    assert (world.clips[4].stopping, world.told_to_cancel) == (StopReason.NONE, set())
    world.finish(4)
    assert (world.job.state, world.states()) == (JobState.COMPLETED, [OK] * 6)


@pytest.mark.parametrize("verb", ["cancel", "reject"])
def test_a_retry_that_ends_early_skips_only_what_was_not_published(verb: str) -> None:
    world = ended(clips=4, bad={0, 2}, policy=FailurePolicy.CONTINUE)
    world.press("retry")
    if verb == "cancel":
        world.press("cancel")
    else:
        world.do("reject", violations=1)
    assert world.states() == [SKIP, OK, SKIP, OK]
    assert (world.job.completed, world.job.failed, world.job.skipped) == (2, 0, 2)
    assert world.job.state is (JobState.CANCELLED if verb == "cancel" else JobState.PARTIAL)


def test_a_retry_whose_sources_are_refused_can_be_retried() -> None:
    world = ended(clips=2, bad={0}, policy=FailurePolicy.FAIL_FAST)
    world.press("retry")
    world.do("reject", violations=1)
    assert (world.job.state, world.job.reason, world.states()) == (JobState.FAILED, "validation", [SKIP, SKIP])
    assert world.press("retry")
    assert (world.job.run_number, world.job.skipped) == (3, 0)


def test_a_retry_asks_for_probes_of_neighbours_together() -> None:
    world = ended(clips=40, bad={20}, policy=FailurePolicy.FAIL_FAST)
    board = Board(job=world.job, clips=())
    board.retry(clips=world.stored())
    assert board.commands == [OpenProbe(first=20, last=35), OpenProbe(first=36, last=39)]


@pytest.mark.parametrize("state", [state for state in JobState if state not in (JobState.PARTIAL, JobState.FAILED)])
def test_a_retry_is_refused_in_every_other_state(state: JobState) -> None:
    world = ended(clips=1, bad={0}, policy=FailurePolicy.FAIL_FAST)
    world.job = replace(world.job, state=state)
    with pytest.raises(IllegalTransitionError, match="retry is not allowed"):
        world.do("retry", clips=(ClipRange(first=0, last=0, state=ClipState.FAILED),))


def in_doubt(*, clips: int = 3) -> VerbWorld:
    """The first clip lost, the second running, the third staged."""
    world = VerbWorld(job=new_job(clips=clips)).admit()
    for index in range(clips):
        world.start(index)
    world.finish(2)
    world.lose(0)
    assert isinstance(world, VerbWorld)
    return world


def test_a_rebind_stops_and_sweeps_what_was_begun_and_then_begins_again() -> None:
    world = in_doubt()
    assert world.press("rebind")
    assert (world.job.state, world.told_to_cancel) == (JobState.RECOVERY_REQUIRED, {1})
    assert [world.clips[index].step_kind for index in range(3)] == [StepKind.SWEEP, StepKind.ENCODE, StepKind.SWEEP]
    world.finish(1)
    world.start(2)
    world.finish(2)
    assert world.states() == [ClipState.INTERRUPTED, Q, Q]
    world.start(0)
    world.finish(0)
    job = world.job
    assert (job.state, job.hold, job.admitted, job.rebinding, world.clips) == (JobState.PENDING, True, False, False, {})


def test_an_executor_lost_while_it_stops_for_a_rebind_is_swept_without_another_verb() -> None:
    world = in_doubt()
    world.press("rebind")
    world.lose(1)
    assert world.clips[1].step_kind is StepKind.SWEEP


def test_a_rebind_that_finds_a_published_file_is_refused_after_all() -> None:
    world = VerbWorld(job=new_job(clips=2)).admit()
    world.start(0)
    world.do("prepared", 0, has_warnings=False, facts={})
    world.lose(0, after_publishing=True)
    world.press("rebind")
    world.start(0)
    world.finish(0)
    assert (world.job.state, world.job.completed, world.job.rebinding) == (JobState.RECOVERY_REQUIRED, 1, False)
    assert world.job.reason == "the rebind was refused: a clip had been published; resume goes on"
    assert world.press("resume")
    assert [clip.index for clip in world.grantable()] == [1]


def test_a_rebind_that_finds_the_last_clip_published_completes_the_job() -> None:
    world = VerbWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.do("prepared", 0, has_warnings=False, facts={})
    world.lose(0, after_publishing=True)
    world.press("rebind")
    world.start(0)
    world.finish(0)
    assert (world.job.state, world.job.completed) == (JobState.COMPLETED, 1)


def test_foreign_bytes_hold_a_rebind_and_say_so() -> None:
    world = VerbWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.lose(0)
    world.press("rebind")
    world.start(0)
    world.do("swept", 0, found=FinalPath.FOREIGN)
    assert (world.job.state, world.job.rebinding) == (JobState.RECOVERY_REQUIRED, True)
    assert world.job.reason == "other bytes stand at the final path of clip 0"
    assert world.press("rebind")
    assert world.clips[0].step_kind is StepKind.SWEEP


def test_a_resume_drops_a_rebind_that_waits() -> None:
    world = in_doubt()
    world.press("rebind")
    world.press("resume")
    world.finish(1)
    for index in (0, 2):
        world.start(index)
        world.finish(index)
    assert (world.job.state, world.job.rebinding, world.states()) == (JobState.RUNNING, False, [Q, Q, Q])
    assert [clip.index for clip in world.grantable()] == [0]


def test_a_cancel_of_a_job_that_is_being_rebound_ends_it() -> None:
    world = in_doubt()
    world.press("rebind")
    world.press("cancel_now")
    world.finish(1)
    for index in (0, 2):
        world.start(index)
        world.finish(index)
    assert (world.job.state, world.states()) == (JobState.CANCELLED, [SKIP, SKIP, SKIP])
    assert {clip.skip_reason for clip in world.clips.values()} == {StopReason.CANCELLED}


def test_a_held_job_is_rebound_at_once() -> None:
    world = VerbWorld(job=new_job(clips=2, hold=True)).admit()
    world.press("rebind")
    assert (world.job.state, world.job.hold, world.job.admitted) == (JobState.PENDING, True, False)
    world.admit()
    world.press("start")
    assert [clip.index for clip in world.grantable()] == [0, 1]


def test_a_change_of_place_keeps_what_the_job_says_of_itself() -> None:
    world = VerbWorld(job=new_job(clips=1, hold=True)).admit()
    world.do("reschedule", priority=None, queue="night")
    assert (world.job.priority, world.job.queue, world.job.reason, world.job.state) == (
        0,
        "night",
        "held",
        JobState.PENDING,
    )


def test_no_space_in_a_rerun_is_as_in_the_first_run() -> None:
    world = ended(clips=2, bad={0}, policy=FailurePolicy.FAIL_FAST)
    world.bad = frozenset()
    world.press("retry")
    world.admit()
    world.start(0)
    world.start(1)
    world.do("failed", 1, kind=FailureKind.NO_SPACE, message="no space")
    assert (world.states()[1], world.clips[1].step_kind) == (Q, None)
