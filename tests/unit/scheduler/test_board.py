"""Decisions about one job: in-order commit, failure, verbs and loss."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.steps import PrepareAnswer, StepKind
from proxx_scheduler.domain.doubt import FinalPath
from proxx_scheduler.domain.records import StepState
from proxx_scheduler.domain.transitions import IllegalTransitionError
from tests.fakes.board_world import BoardWorld, new_job

Q, L, R, S, P = (ClipState.QUEUED, ClipState.LEASED, ClipState.RUNNING, ClipState.STAGED, ClipState.PUBLISHING)
OK, BAD, SKIP, LOST = (ClipState.COMPLETED, ClipState.FAILED, ClipState.SKIPPED, ClipState.INTERRUPTED)


def test_only_clips_within_the_window_of_the_head_are_opened() -> None:
    world = BoardWorld(job=new_job(clips=10, window=3)).admit()
    assert sorted(clip.index for clip in world.grantable()) == [0, 1, 2]
    world.start(0)
    world.finish(0)
    assert sorted(clip.index for clip in world.grantable()) == [1, 2, 3]


def test_a_clip_that_is_not_head_is_staged_and_published_when_it_becomes_head() -> None:
    world = BoardWorld(job=new_job(clips=2)).admit()
    world.start(0)
    world.start(1)
    assert world.do("prepared", 1, has_warnings=False, facts={}) is PrepareAnswer.STAGED
    assert (world.states(), world.clips[1].step_kind) == ([R, S], None)
    world.finish(0)
    assert (world.clips[1].step_kind, world.clips[1].step_state) == (StepKind.PUBLISH, StepState.QUEUED)
    world.start(1)
    assert world.states() == [OK, P]
    world.finish(1)
    assert (world.states(), world.published, world.job.state) == ([OK, OK], [0, 1], JobState.COMPLETED)


def test_the_first_failure_in_clip_order_stops_the_job_even_when_a_later_clip_failed_first() -> None:
    world = BoardWorld(job=new_job(clips=4), bad=frozenset({1, 2})).admit()
    for index in (0, 1, 2):
        world.start(index)
    world.finish(2)
    assert (world.states(), world.clips[2].provisional) == ([R, R, BAD, SKIP], True)
    world.finish(0)
    world.finish(1)
    assert (world.states(), world.job.state) == ([OK, BAD, SKIP, SKIP], JobState.PARTIAL)
    assert world.clips[2].skip_reason == "fail_fast"


def test_a_provisional_failure_becomes_final_when_its_clip_becomes_head() -> None:
    world = BoardWorld(job=new_job(clips=3), bad=frozenset({1})).admit()
    world.start(0)
    world.start(1)
    world.finish(1)
    world.finish(0)
    assert (world.states(), world.job.state, world.job.failed) == ([OK, BAD, SKIP], JobState.PARTIAL, 1)


def test_a_staged_clip_behind_a_failure_is_swept_before_it_is_skipped() -> None:
    world = BoardWorld(job=new_job(clips=2), bad=frozenset({0})).admit()
    world.start(0)
    world.start(1)
    world.finish(1)
    world.finish(0)
    assert (world.states(), world.clips[1].step_kind, world.job.state) == ([BAD, S], StepKind.SWEEP, JobState.RUNNING)
    world.start(1)
    world.finish(1)
    assert (world.states(), world.published, world.job.state) == ([BAD, SKIP], [], JobState.FAILED)


def test_continue_publishes_clips_as_they_finish_and_keeps_going_after_a_failure() -> None:
    job = new_job(clips=3, policy=FailurePolicy.CONTINUE)
    world = BoardWorld(job=job, bad=frozenset({0})).admit()
    for index in (0, 1, 2):
        world.start(index)
    world.finish(2)
    world.finish(0)
    world.finish(1)
    assert (world.states(), world.published, world.job.state) == ([BAD, OK, OK], [2, 1], JobState.PARTIAL)


def test_no_space_ahead_of_the_head_discards_the_clip_and_runs_it_again_as_head() -> None:
    world = BoardWorld(job=new_job(clips=2)).admit()
    world.start(0)
    world.start(1)
    world.do("failed", 1, kind=FailureKind.NO_SPACE, message="no space")
    assert (world.states(), world.clips[1].step_kind) == ([R, Q], None)
    world.finish(0)
    assert (world.clips[1].step_kind, world.clips[1].step_state) == (StepKind.ENCODE, StepState.QUEUED)


def test_no_space_at_the_head_is_a_failure() -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.do("failed", 0, kind=FailureKind.NO_SPACE, message="no space")
    assert (world.states(), world.job.state) == ([BAD], JobState.FAILED)


def test_a_lease_lost_before_the_start_barrier_returns_to_its_place() -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    world.do("granted", 0)
    world.do("lost", 0, why="gone")
    assert (world.states(), world.job.state) == ([Q], JobState.RUNNING)
    assert [clip.index for clip in world.grantable()] == [0]


def test_a_lease_lost_after_the_start_barrier_needs_an_operator() -> None:
    world = BoardWorld(job=new_job(clips=2)).admit()
    world.start(0)
    world.lose(0)
    assert (world.states(), world.job.state) == ([LOST, Q], JobState.RECOVERY_REQUIRED)
    assert world.job.reason == "the executor was lost while it worked on clip 0"
    assert world.grantable() == []


def test_continue_runs_the_rest_before_it_asks_for_an_operator() -> None:
    world = BoardWorld(job=new_job(clips=2, policy=FailurePolicy.CONTINUE)).admit()
    world.start(0)
    world.lose(0)
    assert world.job.state is JobState.RUNNING
    world.start(1)
    world.finish(1)
    assert (world.states(), world.job.state) == ([LOST, OK], JobState.RECOVERY_REQUIRED)


def test_continue_runs_the_rest_even_when_the_clip_in_doubt_filled_the_window() -> None:
    world = BoardWorld(job=new_job(clips=2, policy=FailurePolicy.CONTINUE, window=1)).admit()
    world.start(0)
    world.lose(0)
    assert [clip.index for clip in world.grantable()] == [1]


def test_resume_sweeps_first_and_queues_again_what_left_nothing() -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.lose(0)
    world.do("resume")
    assert (world.clips[0].step_kind, world.job.state) == (StepKind.SWEEP, JobState.RUNNING)
    world.start(0)
    world.finish(0)
    assert (world.states(), world.clips[0].step_kind) == ([Q], StepKind.ENCODE)


def test_resume_adopts_a_published_file_and_never_encodes_it_again() -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.do("prepared", 0, has_warnings=False, facts={})
    world.lose(0, after_publishing=True)
    assert world.job.state is JobState.RECOVERY_REQUIRED
    world.do("resume")
    world.start(0)
    world.finish(0)
    assert (world.states(), world.job.state) == ([OK], JobState.COMPLETED)


def test_foreign_bytes_under_the_final_name_hold_the_job_again() -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.lose(0)
    world.do("resume")
    world.start(0)
    world.do("swept", 0, found=FinalPath.FOREIGN)
    assert (world.states(), world.job.state) == ([LOST], JobState.RECOVERY_REQUIRED)
    assert world.job.reason == "other bytes stand at the final path of clip 0"
    world.do("resume")
    assert world.clips[0].step_kind is StepKind.SWEEP


def test_a_file_that_is_still_to_be_replaced_is_as_good_as_none() -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.lose(0)
    world.do("resume")
    world.start(0)
    world.do("swept", 0, found=FinalPath.UNREPLACED, facts={"restored": True})
    assert (world.states(), world.clips[0].step_kind, world.job.state) == ([Q], StepKind.ENCODE, JobState.RUNNING)


def test_a_file_that_is_still_to_be_replaced_lets_a_cancelled_clip_end() -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.lose(0)
    world.do("cancel", now=True)
    world.start(0)
    world.do("swept", 0, found=FinalPath.UNREPLACED)
    assert (world.states(), world.job.state) == ([SKIP], JobState.CANCELLED)


def test_cancel_lets_the_head_publish_and_skips_the_rest() -> None:
    world = BoardWorld(job=new_job(clips=4, window=2)).admit()
    world.start(0)
    world.start(1)
    world.do("cancel", now=False)
    assert (world.job.state, world.told_to_cancel) == (JobState.CANCELLING, {1})
    world.finish(1)
    world.finish(0)
    assert (world.states(), world.job.state, world.published) == ([OK, SKIP, SKIP, SKIP], JobState.CANCELLED, [0])
    assert {world.clips[index].skip_reason for index in (1, 2, 3)} == {"cancelled"}


def test_cancel_now_stops_the_head_too() -> None:
    world = BoardWorld(job=new_job(clips=2)).admit()
    world.start(0)
    world.do("cancel", now=True)
    world.finish(0)
    assert (world.states(), world.job.state, world.published) == ([SKIP, SKIP], JobState.CANCELLED, [])


def test_cancel_can_be_sharpened_to_now() -> None:
    world = BoardWorld(job=new_job(clips=2)).admit()
    world.start(0)
    world.do("cancel", now=False)
    world.do("cancel", now=True)
    assert world.told_to_cancel == {0}


def test_cancel_of_a_pending_job_ends_it_at_once() -> None:
    world = BoardWorld(job=new_job(clips=3))
    world.do("cancel", now=False)
    assert (world.states(), world.job.state) == ([SKIP, SKIP, SKIP], JobState.CANCELLED)


def test_cancel_of_a_held_recovery_sweeps_before_it_ends() -> None:
    world = BoardWorld(job=new_job(clips=2)).admit()
    world.start(0)
    world.lose(0)
    world.do("cancel", now=False)
    assert (world.clips[0].step_kind, world.job.state) == (StepKind.SWEEP, JobState.CANCELLING)
    world.start(0)
    world.finish(0)
    assert (world.states(), world.job.state) == ([SKIP, SKIP], JobState.CANCELLED)


def test_a_staged_file_that_could_not_be_swept_waits_for_an_operator_and_is_swept_again() -> None:
    world = BoardWorld(job=new_job(clips=2), bad=frozenset({0})).admit()
    world.start(0)
    world.start(1)
    world.finish(1)
    world.finish(0)
    world.start(1)
    world.do("failed", 1, kind=FailureKind.IO_ERROR, message="the volume is gone")
    assert (world.job.state, world.job.reason) == (
        JobState.RECOVERY_REQUIRED,
        "what was left could not be swept of clip 1",
    )
    world.do("resume")
    world.start(1)
    world.finish(1)
    assert (world.states(), world.job.state) == ([BAD, SKIP], JobState.FAILED)


def test_a_staged_file_whose_volume_vanished_is_held_for_an_operator() -> None:
    world = BoardWorld(job=new_job(clips=2)).admit()
    world.start(0)
    world.start(1)
    world.finish(1)
    world.finish(0)
    world.start(1)
    world.do("failed", 1, kind=FailureKind.IO_ERROR, message="the directory is gone")
    assert (world.states(), world.job.state, world.job.reason) == (
        [OK, LOST],
        JobState.RECOVERY_REQUIRED,
        "the file system failed while it published clip 1",
    )


def test_a_cancelled_job_that_needs_recovery_goes_on_being_cancelled_when_resumed() -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.do("cancel", now=True)
    world.lose(0)
    world.start(0)
    world.do("swept", 0, found=FinalPath.FOREIGN)
    assert world.job.state is JobState.RECOVERY_REQUIRED
    world.do("resume")
    assert world.job.state is JobState.CANCELLING
    world.start(0)
    world.finish(0)
    assert (world.states(), world.job.state) == ([SKIP], JobState.CANCELLED)


def test_cancel_keeps_a_staged_head_whose_publication_was_handed_back() -> None:
    world = BoardWorld(job=new_job(clips=2)).admit()
    world.start(0)
    world.start(1)
    world.finish(1)
    world.finish(0)
    world.do("cancel", now=False)
    world.do("granted", 1)
    world.do("returned", 1, why="DRAINED")
    world.start(1)
    world.finish(1)
    assert (world.states(), world.job.state) == ([OK, OK], JobState.COMPLETED)


def test_a_discarded_output_is_skipped_only_when_its_executor_says_that_it_is_gone() -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.do("cancel", now=True)
    assert world.do("prepared", 0, has_warnings=False, facts={}) is PrepareAnswer.DISCARD
    assert world.states() == [R]
    world.lose(0)
    assert (world.states(), world.clips[0].step_kind) == ([LOST], StepKind.SWEEP)


def test_pause_lets_started_clips_finish_and_starts_nothing_new() -> None:
    world = BoardWorld(job=new_job(clips=3)).admit()
    world.start(0)
    world.start(1)
    world.do("pause")
    world.finish(1)
    world.finish(0)
    assert (world.states(), world.grantable(), world.job.state) == ([OK, S, Q], [], JobState.PAUSED)
    world.do("resume")
    assert sorted(clip.index for clip in world.grantable()) == [1, 2]


def test_a_held_job_waits_for_start() -> None:
    world = BoardWorld(job=new_job(clips=1, hold=True)).admit()
    assert (world.job.state, world.job.reason, world.grantable()) == (JobState.PENDING, "held", [])
    world.do("start")
    assert (world.job.state, [clip.index for clip in world.grantable()]) == (JobState.RUNNING, [0])


def test_start_of_a_job_that_is_not_held_is_refused() -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    with pytest.raises(IllegalTransitionError, match="start is not allowed"):
        world.do("start")


def test_a_drained_encode_goes_back_without_an_operator() -> None:
    world = BoardWorld(job=new_job(clips=1)).admit()
    world.start(0)
    world.do("returned", 0, why="DRAINED")
    assert (world.states(), [clip.index for clip in world.grantable()]) == ([Q], [0])


def test_a_prepared_encode_that_is_drained_before_it_published_is_published_by_another_step() -> None:
    world = BoardWorld(job=new_job(clips=1, policy=FailurePolicy.CONTINUE)).admit()
    world.start(0)
    world.do("prepared", 0, has_warnings=False, facts={})
    world.do("returned", 0, why="DRAINED")
    assert (world.states(), world.clips[0].step_kind, world.clips[0].step_state) == (
        [S],
        StepKind.PUBLISH,
        StepState.QUEUED,
    )


def test_a_rejected_job_makes_nothing() -> None:
    world = BoardWorld(job=new_job(clips=2))
    world.do("reject", violations=1)
    assert (world.states(), world.job.state) == ([SKIP, SKIP], JobState.REJECTED)


JOBS = st.tuples(
    st.integers(1, 12), st.integers(1, 6), st.integers(1, 5), st.sets(st.integers(0, 11)), st.integers(0, 2**32)
)


def sequential(clips: int, bad: set[int]) -> tuple[list[str], list[int]]:
    states, published = [], []
    for index in range(clips):
        if BAD in states:
            states.append(SKIP)
        elif index in bad:
            states.append(BAD)
        else:
            states.append(OK)
            published.append(index)
    return states, published


@settings(max_examples=300, deadline=None)
@given(JOBS)
def test_many_executors_leave_the_files_and_states_of_a_sequential_run(
    case: tuple[int, int, int, set[int], int],
) -> None:
    clips, window, executors, bad, seed = case
    world = BoardWorld(job=new_job(clips=clips, window=window), bad=frozenset(bad), in_one_go=False).admit()
    world.run_to_rest(random_source=random.Random(seed), executors=executors)
    states, published = sequential(clips, bad)
    assert (world.states(), world.published) == (states, published)
    assert world.job.state.terminal


@settings(max_examples=300, deadline=None)
@given(JOBS, st.sampled_from(FailurePolicy))
def test_losses_drains_and_cancellations_always_come_to_rest(
    case: tuple[int, int, int, set[int], int], policy: FailurePolicy
) -> None:
    clips, window, executors, bad, seed = case
    chance = random.Random(seed)
    job = replace(new_job(clips=clips, window=window, policy=policy), requeue_limit=chance.choice([0, 1]))
    world = BoardWorld(job=job, bad=frozenset(bad), in_one_go=chance.random() < 0.5).admit()
    for _ in range(30):
        running = world.steps(StepState.RUNNING)
        leased = world.steps(StepState.LEASED)
        waiting = world.grantable()
        deed = chance.choice(("grant", "begin", "finish", "finish", "lose", "return", "cancel", "pause"))
        if deed == "grant" and waiting and len(running) + len(leased) < executors:
            world.do("granted", chance.choice(waiting).index)
        elif deed == "begin" and leased:
            world.do("started", chance.choice(leased).index)
        elif deed == "finish" and running:
            clip = chance.choice(running)
            if clip.step_kind is StepKind.SWEEP and chance.random() < 0.3:
                world.do("failed", clip.index, kind=FailureKind.IO_ERROR, message="not now")
            else:
                world.finish(clip.index)
        elif deed == "lose" and running + leased:
            lost = chance.choice(running + leased).index
            world.lose(lost, after_publishing=chance.random() < 0.5, finished=chance.random() < 0.5)
        elif deed == "return" and running + leased:
            world.do("returned", chance.choice(running + leased).index, why="DRAINED")
        elif deed == "cancel" and chance.random() < 0.2 and world.job.state is JobState.RUNNING:
            world.do("cancel", now=chance.random() < 0.5)
        elif deed == "pause" and world.job.state is JobState.RUNNING:
            world.do("pause")
        elif world.job.state in (JobState.PAUSED, JobState.RECOVERY_REQUIRED) and chance.random() < 0.5:
            world.do("resume")
    for _ in range(2 * clips + 4):
        world.run_to_rest(random_source=chance, executors=executors)
        if world.job.state.terminal:
            break
        world.do("resume")
    assert world.job.state.terminal
    assert len(world.published) == len(set(world.published)) == world.job.completed
    assert world.job.completed + world.job.failed + world.job.skipped == clips
