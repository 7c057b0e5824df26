"""Random verbs and random events on a board: it is never stuck, and what is published is never made again."""

import random
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.foresight import counted, fates
from proxx_scheduler.domain.records import StopReason
from proxx_scheduler.domain.transitions import IllegalTransitionError
from tests.fakes.board_world import new_job
from tests.fakes.verb_world import VerbWorld

VERBS = {"start": 6, "pause": 4, "resume": 12, "cancel": 1, "cancel_now": 1, "retry": 12, "rebind": 12, "reschedule": 2}
"""How often each is pressed: a cancelled job has no further story."""

CASES = st.tuples(
    st.integers(1, 8), st.integers(1, 4), st.sets(st.integers(0, 7)), st.booleans(), st.integers(0, 2**32)
)


def wandered(case: tuple[int, int, set[int], bool, int], policy: FailurePolicy) -> tuple[VerbWorld, random.Random]:
    clips, window, bad, hold, seed = case
    chance = random.Random(seed)
    requeues = chance.choice([0, 0, 1, 3])
    job = replace(new_job(clips=clips, window=window, policy=policy, hold=hold), requeue_limit=requeues)
    world = VerbWorld(job=job, bad=frozenset(bad), in_one_go=chance.random() < 0.5)
    for _ in range(100):
        waits = world.job.state.terminal or (world.job.state is JobState.RECOVERY_REQUIRED and not world.job.rebinding)
        if waits or chance.random() < 0.08:
            (verb,) = chance.choices(list(VERBS), weights=list(VERBS.values()))
            if chance.random() < 0.4 and not (verb == "rebind" and world.job.state is JobState.PENDING):
                world.press(verb)
                continue
        if not world.probed(chance):
            world.event(chance)
    return world, chance


@settings(max_examples=250, deadline=None)
@given(CASES, st.sampled_from(FailurePolicy))
def test_verbs_and_events_never_leave_a_job_stuck(
    case: tuple[int, int, set[int], bool, int], policy: FailurePolicy
) -> None:
    world, chance = wandered(case, policy)
    for _ in range(200):
        while world.can_move():
            if not world.probed(chance):
                world.run_to_rest(random_source=chance)
        if world.job.state.terminal:
            break
        assert world.press("start") or world.press("resume"), world.job
    assert world.job.state.terminal
    assert world.job.completed + world.job.failed + world.job.skipped == world.job.clip_count
    states = world.states()
    assert (states.count("COMPLETED"), states.count("FAILED"), states.count("SKIPPED")) == (
        world.job.completed,
        world.job.failed,
        world.job.skipped,
    )
    assert not any(clip.skip_reason is StopReason.REBOUND for clip in world.clips.values())
    assert len(world.published) == len(set(world.published))
    if world.job.state not in (JobState.CANCELLED, JobState.REJECTED):
        assert sorted(world.published) == [index for index, state in enumerate(states) if state == "COMPLETED"]


@settings(max_examples=100, deadline=None)
@given(CASES, st.sampled_from(FailurePolicy))
def test_the_plan_of_every_verb_covers_every_clip_once_and_keeps_what_is_published(
    case: tuple[int, int, set[int], bool, int], policy: FailurePolicy
) -> None:
    world, _ = wandered(case, policy)
    deeds: dict[str, Callable[[Board], object]] = {
        "start": Board.start,
        "pause": Board.pause,
        "resume": Board.resume,
        "cancel": lambda board: board.cancel(now=False),
        "cancel_now": lambda board: board.cancel(now=True),
        "retry": lambda board: board.retry(clips=world.stored()),
        "rebind": lambda board: board.rebind(digest="d" * 64),
        "reschedule": lambda board: board.reschedule(priority=1, queue=None),
    }
    for deed in deeds.values():
        opened = [clip for clip in world.clips.values() if not clip.finished]
        board = Board(job=world.job, clips=opened, upcoming=world.upcoming())
        try:
            deed(board)
        except IllegalTransitionError:
            continue
        ranges = fates(stored=world.stored(), opened=[clip.index for clip in opened], board=board)
        covered = [index for item in ranges for index in range(item.first, item.last + 1)]
        assert covered == list(range(world.job.clip_count))
        assert sum(count.clips for count in counted(ranges)) == world.job.clip_count
        fate = {index: item.fate for item in ranges for index in range(item.first, item.last + 1)}
        assert {fate[clip.index] for clip in world.clips.values() if clip.state is ClipState.COMPLETED} <= {"STAY"}
