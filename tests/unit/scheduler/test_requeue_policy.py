"""on_executor_lost REQUEUE: a lost clip is swept and made again without an operator, so often and no more."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.steps import StepKind
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.doubt import FinalPath
from proxx_scheduler.domain.records import Hold, StepState
from tests.fakes.board_world import BoardWorld, new_job

Q, R, S, OK, LOST = (
    ClipState.QUEUED,
    ClipState.RUNNING,
    ClipState.STAGED,
    ClipState.COMPLETED,
    ClipState.INTERRUPTED,
)


def world_of(*, clips: int = 1, requeues: int = 1, policy: FailurePolicy = FailurePolicy.FAIL_FAST) -> BoardWorld:
    return BoardWorld(job=replace(new_job(clips=clips, policy=policy), requeue_limit=requeues)).admit()


def sweep(world: BoardWorld, index: int = 0) -> None:
    assert world.clips[index].step_kind is StepKind.SWEEP
    world.start(index)
    world.finish(index)


def test_a_lost_clip_is_swept_and_queued_again_and_its_job_goes_on() -> None:
    world = world_of()
    world.start(0)
    world.lose(0)
    assert (world.states(), world.clips[0].step_kind, world.job.state) == ([LOST], StepKind.SWEEP, JobState.RUNNING)
    sweep(world)
    assert (world.states(), world.clips[0].step_kind, world.clips[0].requeues) == ([Q], StepKind.ENCODE, 1)
    world.start(0)
    world.finish(0)
    assert (world.states(), world.job.state) == ([OK], JobState.COMPLETED)


def test_an_event_says_that_the_policy_did_it_and_how_often() -> None:
    world = world_of(requeues=2)
    world.start(0)
    board = Board(job=world.job, clips=world.clips.values())
    board.lost(0, why="gone")
    assert [(event.kind, event.before, event.after, dict(event.data)) for event in board.events] == [
        ("clip.interrupt", "RUNNING", "INTERRUPTED", {"why": "gone"}),
        (
            "clip.requeue_by_policy",
            "INTERRUPTED",
            "INTERRUPTED",
            {"policy": "REQUEUE", "requeue": 1, "requeue_limit": 2},
        ),
    ]


def test_after_the_last_requeue_the_job_waits_for_its_operator_and_says_so() -> None:
    world = world_of()
    world.start(0)
    world.lose(0)
    sweep(world)
    world.start(0)
    world.lose(0)
    assert (world.states(), world.job.state, world.clips[0].hold) == (
        [LOST],
        JobState.RECOVERY_REQUIRED,
        Hold.LOST_AGAIN,
    )
    assert world.job.reason == (
        "every automatic requeue was used, and the executor was lost again while it worked on clip 0"
    )
    world.do("resume")
    assert world.clips[0].hold is Hold.NONE
    sweep(world)
    world.start(0)
    world.lose(0)
    assert world.job.state is JobState.RECOVERY_REQUIRED  # an operator's word gives no further requeues


def test_a_published_file_is_adopted_without_an_operator() -> None:
    world = world_of()
    world.start(0)
    world.do("prepared", 0, has_warnings=False, facts={})
    world.lose(0, after_publishing=True)
    sweep(world)
    assert (world.states(), world.job.state) == ([OK], JobState.COMPLETED)


def test_other_bytes_under_the_final_name_are_an_operators_matter() -> None:
    world = world_of(requeues=9)
    world.start(0)
    world.lose(0)
    world.start(0)
    world.do("swept", 0, found=FinalPath.FOREIGN)
    assert (world.states(), world.job.state, world.clips[0].step_kind) == ([LOST], JobState.RECOVERY_REQUIRED, None)


def test_a_sweep_that_fails_is_an_operators_matter() -> None:
    world = world_of(requeues=9)
    world.start(0)
    world.lose(0)
    world.start(0)
    world.do("failed", 0, kind=FailureKind.IO_ERROR, message="gone")
    assert (world.job.state, world.clips[0].hold) == (JobState.RECOVERY_REQUIRED, Hold.SWEEP_FAILED)


def test_a_lost_sweep_is_granted_again_and_costs_no_requeue() -> None:
    world = world_of()
    world.start(0)
    world.lose(0)
    world.start(0)
    world.lose(0)
    assert (world.clips[0].step_kind, world.clips[0].step_state, world.clips[0].requeues) == (
        StepKind.SWEEP,
        StepState.QUEUED,
        1,
    )


def test_later_clips_stage_while_the_lost_head_is_made_again() -> None:
    world = world_of(clips=2)
    world.start(0)
    world.start(1)
    world.lose(0)
    world.finish(1)
    assert world.states() == [LOST, S]
    sweep(world)
    world.start(0)
    world.finish(0)
    world.start(1)
    world.finish(1)
    assert (world.published, world.job.state) == ([0, 1], JobState.COMPLETED)


def test_a_job_that_waits_already_leaves_its_clips_to_the_operator() -> None:
    world = world_of(clips=2)
    world.clips[1] = replace(world.clips[1], requeues=1)
    world.start(0)
    world.start(1)
    world.lose(1)
    assert world.job.state is JobState.RECOVERY_REQUIRED
    world.lose(0)
    assert (world.clips[0].step_kind, world.clips[0].requeues) == (None, 0)


def test_a_pause_holds_back_the_encode_but_not_the_sweep() -> None:
    world = world_of()
    world.start(0)
    world.do("pause")
    world.lose(0)
    sweep(world)
    assert (world.states(), world.grantable(), world.job.state) == ([Q], [], JobState.PAUSED)


JOBS = st.tuples(
    st.integers(1, 10), st.integers(1, 6), st.integers(1, 5), st.sets(st.integers(0, 9)), st.integers(0, 2**32)
)


@settings(max_examples=200, deadline=None)
@given(JOBS)
def test_with_enough_requeues_losses_change_nothing_of_a_sequential_run(
    case: tuple[int, int, int, set[int], int],
) -> None:
    clips, window, executors, bad, seed = case
    chance = random.Random(seed)
    job = replace(new_job(clips=clips, window=window), requeue_limit=10)
    world = BoardWorld(job=job, bad=frozenset(bad), in_one_go=False).admit()
    lost = dict.fromkeys(range(clips), 0)
    for _ in range(10_000):
        running, leased = world.steps(StepState.RUNNING), world.steps(StepState.LEASED)
        free = world.grantable() if len(running) + len(leased) < executors else []
        if not (running or leased or free):
            break
        clip = chance.choice(running + leased + free)
        if clip.step_state is StepState.QUEUED:
            world.do("granted", clip.index)
        elif lost[clip.index] < 10 and chance.random() < 0.2:
            lost[clip.index] += 1
            world.lose(clip.index, after_publishing=chance.random() < 0.5 and clip.index not in world.published)
        elif clip.step_state is StepState.LEASED:
            world.do("started", clip.index)
        else:
            world.finish(clip.index)
    first_bad = min((index for index in bad if index < clips), default=clips)
    expected = [OK] * first_bad + [ClipState.FAILED] * (first_bad < clips)
    assert world.states() == expected + [ClipState.SKIPPED] * (clips - len(expected))
    assert world.published == list(range(first_bad))
    assert world.job.state.terminal
