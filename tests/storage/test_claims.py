"""Lanes on the real store: what is next, whatever else waits; and that nothing stands in a lane that may not run."""

import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest_asyncio

from proxx.core.detection import Engine
from proxx.core.jobs import JobState, SubmissionOptions
from proxx.core.leases import ExecutorDescription
from proxx.core.plan import PLANNER_VERSION
from proxx.core.steps import StepKind
from proxx_scheduler.app.granting import next_steps
from proxx_scheduler.app.ports import Tx
from proxx_scheduler.app.records import UNAVAILABLE, QueuedStep, SessionRecord
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.domain.rules import NO_RULES, QueueRule, Rules
from tests.fakes.leases import TOOLCHAIN
from tests.fakes.new_jobs import NOW, a_new_job
from tests.fakes.stores import Harness, open_store


def description(*, engine: Engine = Engine.FFMPEG, roots: tuple[str, ...] = ("local",)) -> ExecutorDescription:
    return ExecutorDescription(
        name="one", incarnation=str(uuid.uuid4()), engine=engine, slots=4, roots=roots, toolchain=TOOLCHAIN,
        sandbox_level="process", version="0", planner_version=PLANNER_VERSION,
    )  # fmt: skip


FFMPEG = description()


@pytest_asyncio.fixture
async def harness(database: DatabaseAddress) -> AsyncIterator[Harness]:
    async with open_store(database) as found:
        yield found


def submit(tx: Tx, *, queue: str, jobs: range, priority: int = 0) -> None:
    for number in jobs:
        key = f"{queue}-{number}"
        options = SubmissionOptions(queue=queue, priority=priority)
        tx.add_job(a_new_job(key=key, clips=1, options=options), step_ids=(f"step-{key}",))


def claim(tx: Tx, *, by: ExecutorDescription = FFMPEG, rules: Rules = NO_RULES) -> str:
    """Take the next step and lease it; returns its job, "" when there is none."""
    steps = next_steps(tx, description=by, rules=rules, limit=1)
    for step in steps:
        lease(tx, step, by=by)
    return steps[0].job_key if steps else ""


def lease(tx: Tx, step: QueuedStep, *, by: ExecutorDescription) -> None:
    session = SessionRecord(
        session_id="s", description=by, acquire_sequence=0, draining=False, open=True, last_seen_time=NOW
    )
    tx.grant(step, lease_id=f"lease-{step.step_id}-{step.epoch + 1}", session=session, acquire_sequence=1, now=NOW)


def claims(tx: Tx, count: int, *, rules: Rules = NO_RULES) -> list[str]:
    return [claim(tx, rules=rules) for _ in range(count)]


def queues(jobs: Sequence[str]) -> Counter[str]:
    return Counter(job.rpartition("-")[0] for job in jobs)


async def test_a_short_job_is_not_starved_by_thousands_of_clips_in_another_queue(harness: Harness) -> None:
    await harness.store.write(lambda tx: submit(tx, queue="flood", jobs=range(2000)))
    assert queues(await harness.store.write(lambda tx: claims(tx, 20))) == {"flood": 20}
    await harness.store.write(lambda tx: submit(tx, queue="small", jobs=range(10)))
    granted = await harness.store.write(lambda tx: claims(tx, 20))
    assert queues(granted) == {"flood": 10, "small": 10}
    assert [job for job in granted if job.startswith("small")] == [f"small-{number}" for number in range(10)]


async def test_jobs_of_a_queue_go_in_order_of_submission_and_classes_before_shares(harness: Harness) -> None:
    await harness.store.write(lambda tx: submit(tx, queue="b", jobs=range(2)))
    await harness.store.write(lambda tx: submit(tx, queue="a", jobs=range(2)))
    await harness.store.write(lambda tx: submit(tx, queue="late", jobs=range(2), priority=1))
    granted = await harness.store.write(lambda tx: claims(tx, 7))
    assert granted == ["late-0", "late-1", "b-0", "a-0", "b-1", "a-1", ""]


async def test_shares_are_read_back_by_the_next_scheduler(database: DatabaseAddress) -> None:
    rules = Rules(queues={"a": QueueRule(weight=2)})
    async with open_store(database) as first:
        await first.store.write(lambda tx: submit(tx, queue="a", jobs=range(20)))
        await first.store.write(lambda tx: submit(tx, queue="b", jobs=range(20)))
        before = await first.store.write(lambda tx: claims(tx, 5, rules=rules))
    async with open_store(database) as second:
        await second.store.write(lambda tx: tx.forget_shares())
        after = await second.store.write(lambda tx: claims(tx, 4, rules=rules))
    assert queues(before + after) == {"a": 6, "b": 3}


async def test_a_full_queue_lets_the_others_run(harness: Harness) -> None:
    rules = Rules(queues={"few": QueueRule(limit=1)})
    await harness.store.write(lambda tx: submit(tx, queue="few", jobs=range(3)))
    await harness.store.write(lambda tx: submit(tx, queue="more", jobs=range(2)))
    granted = await harness.store.write(lambda tx: claims(tx, 4, rules=rules))
    assert granted == ["few-0", "more-0", "more-1", ""]
    assert await harness.store.read(lambda tx: dict(tx.held_in_queues(["few"]))) == {"few": 1}


async def test_an_executor_takes_only_what_it_can_run(harness: Harness) -> None:
    await harness.store.write(lambda tx: submit(tx, queue="a", jobs=range(2)))
    other_engine, other_root = description(engine=Engine.RESOLVE), description(roots=("nas",))
    assert await harness.store.write(lambda tx: claim(tx, by=other_root)) == ""
    assert await harness.store.write(lambda tx: claim(tx, by=other_engine)) == "a-0"  # a PROBE is anybody's
    assert await harness.store.write(lambda tx: claims(tx, 2)) == ["a-1", ""]


async def test_an_inspect_is_resolves_and_goes_to_no_host_that_it_avoids(harness: Harness) -> None:
    gpu = replace(description(engine=Engine.RESOLVE), codecs=("mov/DNxHRLB",))
    other = replace(gpu, name="two")

    def inspect(tx: Tx) -> None:
        submit(tx, queue="raw", jobs=range(1))
        claim(tx)
        probe = tx.lease("lease-step-raw-0-1")
        assert probe is not None
        tx.finish_step(probe)
        board = tx.board("raw-0")
        assert board is not None
        board.inspect(clips=[0])
        tx.save(board, actor="scheduler", now=NOW, new_step_id=lambda: "look")

    def avoid(tx: Tx) -> None:
        lease = tx.lease("lease-look-1")
        assert lease is not None
        assert (tx.setbacks(lease), lease.kind) == (0, StepKind.INSPECT)
        tx.set_step_needs(lease, needs=replace(tx.step_needs(lease), avoid=("one",)))
        tx.end_attempt(lease, outcome=UNAVAILABLE, now=NOW)
        assert tx.setbacks(lease) == 1
        tx.requeue_step(lease)

    await harness.store.write(inspect)
    assert await harness.store.read(lambda tx: (tx.open_probes("raw-0"), tx.undecided_jobs())) == (1, ())
    assert await harness.store.write(lambda tx: (claim(tx), claim(tx, by=gpu))) == ("", "raw-0")
    await harness.store.write(avoid)
    assert await harness.store.write(lambda tx: claim(tx, by=gpu)) == ""
    (queued,) = await harness.store.read(lambda tx: tx.queued_work("raw-0", first=0, last=0))
    assert (queued.needs.engine, queued.needs.avoid) == ("resolve", ("one",))
    await harness.store.write(lambda tx: tx.forget_avoided("one", incarnation=gpu.incarnation))
    assert await harness.store.write(lambda tx: claim(tx, by=gpu)) == ""
    await harness.store.write(lambda tx: tx.forget_avoided("one", incarnation="another"))
    assert await harness.store.read(lambda tx: [item.avoid for item in tx.waiting_needs()]) == [(), ()]
    assert await harness.store.write(lambda tx: (claim(tx, by=other), claim(tx, by=gpu))) == ("raw-0", "")
    await harness.store.write(lambda tx: tx.close_probes("raw-0"))
    assert await harness.store.read(lambda tx: tx.undecided_jobs()) == ("raw-0",)


async def test_what_is_cancelled_paused_or_moved_leaves_its_lane_and_empty_lanes_go(harness: Harness) -> None:
    await harness.store.write(lambda tx: submit(tx, queue="a", jobs=range(3)))

    def change(tx: Any, key: str, verb: str, **how: Any) -> None:
        board = tx.board(key)
        getattr(board, verb)(**how)
        tx.save(board, actor="test", now=NOW, new_step_id=lambda: "unused")
        if board.job.state is JobState.CANCELLED:
            tx.close_probes(key)

    await harness.store.write(lambda tx: change(tx, "a-0", "cancel", now=True))
    await harness.store.write(lambda tx: change(tx, "a-1", "reschedule", priority=-5, queue="b"))
    assert await harness.store.write(lambda tx: claims(tx, 3)) == ["a-2", "a-1", ""]
    assert await harness.store.read(lambda tx: tx.first_lanes(needs=tx.waiting_needs(), without=())) == ()


async def test_a_step_that_is_handed_back_takes_its_old_place(harness: Harness) -> None:
    await harness.store.write(lambda tx: submit(tx, queue="a", jobs=range(3)))
    assert await harness.store.write(lambda tx: claims(tx, 2)) == ["a-0", "a-1"]

    def hand_back(tx: Tx) -> None:
        found = tx.lease("lease-step-a-0-1")
        assert found is not None
        tx.requeue_step(found)

    await harness.store.write(hand_back)
    assert await harness.store.write(lambda tx: claims(tx, 3)) == ["a-0", "a-2", ""]


async def test_shares_that_count_for_nothing_are_forgotten(harness: Harness) -> None:
    await harness.store.write(lambda tx: submit(tx, queue="gone", jobs=range(1)))
    await harness.store.write(lambda tx: submit(tx, queue="busy", jobs=range(9)))
    await harness.store.write(lambda tx: claims(tx, 10))

    def shares(tx: Any) -> list[bool]:
        tx.forget_shares()
        return [tx.share(queue=queue, priority=0) is None for queue in ("gone", "busy")]

    assert await harness.store.write(shares) == [True, False]
