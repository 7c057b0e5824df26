"""Fair shares, limits, resources and the reasons why clips wait, over the real protocol."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from proxx.core.detection import Engine
from proxx.core.jobs import SubmissionOptions
from proxx.core.leases import ReleaseReason
from proxx.core.steps import PrepareAnswer, StepKind
from proxx_scheduler.database_address import DatabaseAddress
from tests.contract.world import World, spec_of

LICENSED = "proxy_h264_low"


@pytest_asyncio.fixture
async def ruled(tmp_path: Path, database: DatabaseAddress) -> AsyncIterator[World]:
    """A site with a weighted queue, a limited one and one licence of which the default profile takes one."""
    rules = {"queue": ("heavy=3", "few=1:1"), "resource": (f"licence=1:profile/{LICENSED}",)}
    async with World(tmp_path, lease_seconds=60, database=database, rules=rules) as found:
        yield found


@pytest_asyncio.fixture
async def weighted(tmp_path: Path, database: DatabaseAddress) -> AsyncIterator[World]:
    async with World(tmp_path, lease_seconds=60, database=database, rules={"queue": ("heavy=3", "few=1:1")}) as found:
        yield found


async def why(world: World, key: str) -> list[tuple[str, str]]:
    """The reasons of a job's clips, - for one that does not wait."""
    page = await world.client.list_clips(job_key=key)
    reasons = [clip.waiting_reason for clip in page.items]
    return [("-", "") if reason is None else (str(reason.code), reason.detail) for reason in reasons]


async def test_queues_get_grants_as_their_weights_say(weighted: World) -> None:
    executor = await weighted.executor()
    light = await weighted.admitted(executor, clips=8, queue="light")
    heavy = await weighted.admitted(executor, clips=8, queue="heavy")
    taken = [(await executor.take_one(StepKind.ENCODE)).job_key for _ in range(8)]
    assert Counter(taken) == {heavy: 6, light: 2}


async def test_shares_outlive_the_scheduler(weighted: World) -> None:
    executor = await weighted.executor()
    light = await weighted.admitted(executor, clips=8, queue="light")
    heavy = await weighted.admitted(executor, clips=8, queue="heavy")
    leases = [await executor.take_one(StepKind.ENCODE) for _ in range(4)]
    await weighted.restart()
    await executor.open(held=leases)
    leases += [await executor.take_one(StepKind.ENCODE) for _ in range(4)]
    assert Counter(lease.job_key for lease in leases) == {heavy: 6, light: 2}


async def test_a_limited_queue_runs_no_more_and_its_end_wakes_another_executor(weighted: World) -> None:
    one, two = await weighted.executor("one"), await weighted.executor("two")
    key = await weighted.admitted(one, clips=2, queue="few")
    lease = await one.begin()
    assert await two.idle()
    assert await why(weighted, key) == [("-", ""), ("QUEUE_LIMIT", 'queue "few" runs 1 steps, and its limit is 1')]
    waiting = asyncio.create_task(two.take(wait_seconds=20))
    await one.finish(lease)
    assert [granted.clip_index for granted in await waiting] == [1]


async def test_a_resource_in_use_is_waited_for_and_its_holder_is_named(ruled: World) -> None:
    one, two = await ruled.executor("one"), await ruled.executor("two")
    first = await ruled.admitted(one)
    lease = await one.begin()
    second = await ruled.admitted(two)
    assert await two.idle()
    detail = f'all 1 of "licence" are in use by clip 0 of job {first} on one'
    assert await why(ruled, second) == [("RESOURCE", detail)]
    waiting = asyncio.create_task(two.take(wait_seconds=20))
    await one.finish(lease)
    assert [granted.job_key for granted in await waiting] == [second]


async def test_each_clip_says_why_it_waits(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=4, max_parallel_clips=3)
    assert await why(world, key) == [
        ("SLOT", "it is next; no executor has asked for it yet"),
        ("TURN", 'behind 1 clip of queue "default"'),
        ("TURN", 'behind 2 clips of queue "default"'),
        ("WINDOW", "3 clips from clip 0 on are open at once (max_parallel_clips)"),
    ]
    first, second = await executor.begin(), await executor.begin()
    assert await executor.prepare(second) is PrepareAnswer.STAGED
    assert await why(world, key) == [
        ("-", ""),
        ("HEAD", "clip 0 is not finished, and files appear in the order of the job"),
        ("SLOT", "it is next; no executor has asked for it yet"),
        ("WINDOW", "3 clips from clip 0 on are open at once (max_parallel_clips)"),
    ]
    assert (await world.client.get_job(job_key=key)).waiting_reason is None
    await world.client.pause_job(job_key=key, request_id="pause")
    assert [code for code, _ in await why(world, key)] == ["-", "PAUSED", "PAUSED", "PAUSED"]
    assert first.clip_index == 0


async def test_a_job_behind_others_says_what_is_ahead(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=1)
    await world.admitted(executor, clips=3, priority=9)
    assert await why(world, key) == [("PRIORITY", "behind 3 clips of higher priority")]
    job = await world.client.get_job(job_key=key)
    assert job.waiting_reason is not None
    assert (job.waiting_reason.code, job.waiting_reason.detail) == ("PRIORITY", "behind 3 clips of higher priority")


async def test_a_queue_that_had_its_share_names_the_one_that_is_next(world: World) -> None:
    executor = await world.executor()
    other = await world.admitted(executor, clips=3, queue="other")
    mine = await world.admitted(executor, clips=3, queue="mine")
    taken = [(await executor.take_one(StepKind.ENCODE)).job_key for _ in range(2)]
    assert taken == [other, mine]
    assert (await why(world, mine))[1] == ("FAIR_SHARE", 'queue "other" is next; queue "mine" has had its share')


async def test_what_no_executor_can_run_says_what_is_missing(world: World) -> None:
    executor = await world.executor("one")
    key = await world.admitted(executor)
    await world.client.drain_executor(name="one", request_id="drain")
    assert await why(world, key) == [("DRAINED", 'every executor that could run it is drained: "one"')]
    await executor.close()
    assert await why(world, key) == [("NO_EXECUTOR", "no ffmpeg executor is healthy")]
    await world.executor("old", planner_version=1)
    assert await why(world, key) == [
        ("PLANNER_VERSION", "it was planned by planner version 2; the executors have 1"),
    ]


async def test_a_held_job_and_one_that_is_probed_say_so(world: World) -> None:
    probing = await world.submit()
    assert await why(world, probing.job_key) == [("NO_EXECUTOR", "no executor is healthy")]
    executor = await world.executor()
    lease = await executor.take_one(StepKind.PROBE)
    assert await why(world, probing.job_key) == [("PROBING", "the job's sources are being probed or inspected")]
    await executor.release(lease, ReleaseReason.NOT_STARTED)
    await world.client.cancel_job(job_key=probing.job_key, request_id="cancel")
    held = await world.admitted(executor, hold=True)
    assert await why(world, held) == [("HELD", "the job is held until it is started")]


async def test_a_dry_run_says_why_the_job_would_wait(ruled: World) -> None:
    executor = await ruled.executor()
    await ruled.admitted(executor)
    await executor.begin()
    text = spec_of(output_directory="/proxies/other")
    planning = asyncio.create_task(
        ruled.client.plan_job(spec_json=text, options=SubmissionOptions(), timeout_seconds=20)
    )
    await executor.answer_probes()
    (reason,) = (await planning).waiting_reasons
    assert reason.startswith('all 1 of "licence" are in use by clip 0 of job ')


async def test_what_one_executor_cannot_run_hides_nothing_from_it(world: World) -> None:
    resolve = await world.executor("resolve", engine=Engine.RESOLVE)
    executor = await world.executor()
    await world.admitted(executor, clips=3, priority=5)
    assert await resolve.idle()
    assert (await executor.take_one(StepKind.ENCODE)).clip_index == 0
