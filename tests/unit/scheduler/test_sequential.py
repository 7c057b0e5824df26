"""Many executors, any failures, any deaths: files, states and results of a run that takes clips one by one."""

import random

from hypothesis import event, given, settings
from hypothesis import strategies as st

from proxx.core.jobs import FailurePolicy
from tests.fakes.commit_world import Ended, Farm, Work

LARGEST = 9


@st.composite
def works(draw: st.DrawFn) -> Work:
    clips = draw(st.integers(1, 8))
    return Work(
        clips=clips,
        bad=frozenset(draw(st.sets(st.integers(0, 7), max_size=3))),
        sizes=tuple(draw(st.lists(st.integers(0, LARGEST), min_size=clips, max_size=clips))),
        policy=draw(st.sampled_from(FailurePolicy)),
        window=draw(st.integers(1, 6)),
        requeues=draw(st.sampled_from([0, 0, 2])),
    )


FARMS = st.tuples(
    st.lists(works(), min_size=1, max_size=3),
    st.integers(1, 12),
    st.one_of(st.none(), st.integers(0, 3 * LARGEST)),
    st.integers(0, 2**32),
)
Case = tuple[list[Work], int, int | None, int]


def one_by_one(work: Work) -> Ended:
    """The sequential run: one executor, one clip at a time, nothing goes wrong but the bad clips."""
    farm = Farm([Work(**{**_fields(work), "window": 1})], executors=1, budget=None)  # type: ignore[arg-type]  # its fields
    chance = random.Random(0)
    while farm.step(chance):
        pass
    return farm.jobs[0].ended()


def _fields(work: Work) -> dict[str, object]:
    return {name: getattr(work, name) for name in Work.__slots__}


def run(case: Case, *, trouble: float) -> Farm:
    """Run a farm to its end; after every event something can still happen to every job that waits for nobody."""
    work, executors, budget, seed = case
    farm, chance = Farm(work, executors=executors, budget=budget), random.Random(seed)
    for count in range(20_000):
        assert farm.stuck() == []
        if not farm.step(chance, trouble=trouble if count < 150 else 0.0):
            if all(job.job.state.terminal for job in farm.jobs):
                return farm
            farm.resume()
        elif chance.random() < 0.2:
            farm.resume()
    raise AssertionError("the jobs never ended")


@settings(max_examples=100, deadline=None)
@given(FARMS)
def test_files_states_and_results_are_those_of_a_sequential_run(case: Case) -> None:
    farm = run(case, trouble=0.0)
    assert [job.ended() for job in farm.jobs] == [one_by_one(work) for work in case[0]]


@settings(max_examples=100, deadline=None)
@given(FARMS)
def test_executors_that_die_change_nothing_of_it(case: Case) -> None:
    farm = run(case, trouble=0.35)
    assert [job.ended() for job in farm.jobs] == [one_by_one(work) for work in case[0]]
    assert all(not job.staged for job in farm.jobs)
    made = sum(len(job.encodes) for job in farm.jobs)
    event(f"encoded more than once: {made > sum(len(set(job.encodes)) for job in farm.jobs)}")


@settings(max_examples=60, deadline=None)
@given(FARMS, st.integers(0, 3 * LARGEST))
def test_a_staging_budget_is_never_exceeded_but_by_what_became_head(case: Case, budget: int) -> None:
    work, executors, _, seed = case
    farm, chance = Farm(work, executors=executors, budget=budget), random.Random(seed)
    before = farm.used
    while farm.step(chance):
        assert farm.used <= max(budget, before)
        before = farm.used
