"""The staging budget of a root: what is made ahead of the heads of jobs takes no more room than the site gives it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from proxx.core.expected_size import expected_bytes
from proxx.core.jobs import FailurePolicy, JobState
from proxx.core.leases import Lease
from proxx.core.reports.units import size_text
from proxx.core.steps import PrepareAnswer, StepKind
from proxx_scheduler.database_address import DatabaseAddress
from tests.contract.world import World
from tests.fakes.scripted_executor import ScriptedExecutor

CLIP_BYTES = 4_528_576
"""What a clip of these jobs is expected to take."""


@asynccontextmanager
async def site(directory: Path, database: DatabaseAddress, *, budget: int) -> AsyncIterator[World]:
    rules = {"staging_budget": (f"local={budget}",)}
    async with World(directory, lease_seconds=60, database=database, rules=rules) as world:
        yield world


def size_of(executor: ScriptedExecutor, lease: Lease) -> int:
    assert lease.encode is not None
    return expected_bytes(plan=executor.plan_of(lease), profile=lease.encode.inputs.profile)


def expect(world: World, key: str, *, clip: int, size: int) -> None:
    """Let a clip that waits be as large as no clip of these jobs is."""
    world.sql(f"UPDATE steps SET expected_bytes = {size} WHERE job_key = '{key}' AND clip_index = {clip}")  # noqa: S608  # our own database


async def reasons(world: World, key: str) -> list[str]:
    page = await world.client.list_clips(job_key=key)
    return ["" if clip.waiting_reason is None else clip.waiting_reason.code for clip in page.items]


async def test_what_is_staged_and_what_is_being_made_ahead_counts(tmp_path: Path, database: DatabaseAddress) -> None:
    async with site(tmp_path, database, budget=CLIP_BYTES + 2000) as world:
        executor = await world.executor()
        key = await world.admitted(executor, clips=4)
        head, ahead = await executor.begin(), await executor.begin()
        assert (size_of(executor, head), ahead.clip_index) == (CLIP_BYTES, 1)
        assert await executor.idle()
        assert await reasons(world, key) == ["", "", "STAGING_BUDGET", "STAGING_BUDGET"]
        third = (await world.client.list_clips(job_key=key)).items[2]
        assert third.waiting_reason is not None
        assert third.waiting_reason.detail == (
            f'on root "local" {size_text(CLIP_BYTES)} are staged or being made ahead of their turn, this clip is'
            f" expected to take {size_text(CLIP_BYTES)}, and the staging budget is {size_text(CLIP_BYTES + 2000)};"
            " as head it goes without"
        )
        assert await executor.prepare(ahead) is PrepareAnswer.STAGED
        third_lease = await executor.begin()  # what is staged is smaller than was expected
        assert third_lease.clip_index == 2
        assert await executor.prepare(third_lease) is PrepareAnswer.STAGED
        assert await executor.idle()  # 2468 bytes are staged
        await executor.finish(head)
        for _ in range(2):
            await executor.finish(await executor.begin(StepKind.PUBLISH))
        await executor.make()
        await world.reached(key, JobState.COMPLETED)


async def test_without_any_room_clips_are_made_one_by_one_and_every_head_goes_on(
    tmp_path: Path, database: DatabaseAddress
) -> None:
    async with site(tmp_path, database, budget=0) as world:
        executor = await world.executor()
        first = await world.admitted(executor, clips=2)
        heads = [await executor.begin()]
        second = await world.admitted(executor, clips=2)
        heads.append(await executor.begin())
        assert [(lease.job_key, lease.clip_index) for lease in heads] == [(first, 0), (second, 0)]
        assert await executor.idle()
        await executor.finish(heads[0])
        assert (await executor.make()).job_key == first
        await executor.finish(heads[1])
        await executor.make()
        for key in (first, second):
            await world.reached(key, JobState.COMPLETED)


async def test_a_clip_that_becomes_head_while_it_is_made_counts_no_more(
    tmp_path: Path, database: DatabaseAddress
) -> None:
    async with site(tmp_path, database, budget=CLIP_BYTES) as world:
        executor = await world.executor()
        key = await world.admitted(executor, clips=3)
        head, ahead = await executor.begin(), await executor.begin()
        assert await executor.idle()
        await executor.finish(head)
        third = await executor.begin()
        await executor.finish(ahead)
        await executor.finish(third)
        await world.reached(key, JobState.COMPLETED)


async def test_a_clip_larger_than_the_budget_holds_nobody_back_and_goes_as_head(
    tmp_path: Path, database: DatabaseAddress
) -> None:
    async with site(tmp_path, database, budget=3 * CLIP_BYTES) as world:
        executor = await world.executor()
        first = await world.admitted(executor, clips=2)
        head = await executor.begin()
        expect(world, first, clip=1, size=4 * CLIP_BYTES)
        second = await world.admitted(executor, clips=3)
        others = [await executor.begin() for _ in range(3)]
        assert [(lease.job_key, lease.clip_index) for lease in others] == [(second, 0), (second, 1), (second, 2)]
        assert await executor.idle()
        assert await reasons(world, first) == ["", "STAGING_BUDGET"]
        await executor.finish(head)
        assert (await executor.make()).clip_index == 1
        for lease in others:
            await executor.finish(lease)
        for key in (first, second):
            await world.reached(key, JobState.COMPLETED)


async def test_a_clip_larger_than_the_budget_begins_ahead_once_a_restart_brings_a_larger_one(
    tmp_path: Path, database: DatabaseAddress
) -> None:
    async with site(tmp_path, database, budget=CLIP_BYTES - 1) as world:
        executor = await world.executor()
        await world.admitted(executor, clips=2)
        head = await executor.begin()
        assert await executor.idle()
        world.rules = {"staging_budget": (f"local={CLIP_BYTES}",)}
        await world.restart()
        await executor.open(held=[head])
        assert (await executor.begin()).clip_index == 1


async def test_a_clip_that_would_fit_names_the_one_that_it_may_not_pass(
    tmp_path: Path, database: DatabaseAddress
) -> None:
    async with site(tmp_path, database, budget=CLIP_BYTES + 2000) as world:
        executor = await world.executor()
        key = await world.admitted(executor, clips=4)
        await executor.take(2)
        expect(world, key, clip=3, size=1)
        assert await executor.idle()
        assert await reasons(world, key) == ["", "", "STAGING_BUDGET", "STAGING_BUDGET"]
        last = (await world.client.list_clips(job_key=key)).items[3]
        assert last.waiting_reason is not None
        assert f"clip 2 of job {key}, which goes first, is expected to take {size_text(CLIP_BYTES)}" in (
            last.waiting_reason.detail
        )


async def test_clips_that_publish_as_they_finish_are_not_held_back(tmp_path: Path, database: DatabaseAddress) -> None:
    async with site(tmp_path, database, budget=0) as world:
        executor = await world.executor()
        await world.admitted(executor, clips=3, failure_policy=FailurePolicy.CONTINUE)
        assert [lease.clip_index for lease in await executor.take(3)] == [0, 1, 2]


async def test_a_budget_and_what_counts_against_it_outlive_a_restart(tmp_path: Path, database: DatabaseAddress) -> None:
    async with site(tmp_path, database, budget=CLIP_BYTES) as world:
        executor = await world.executor()
        key = await world.admitted(executor, clips=3)
        head = await executor.begin()
        assert await executor.prepare(await executor.begin()) is PrepareAnswer.STAGED
        assert await executor.idle()
        await world.restart()
        await executor.open(held=[head])
        assert await executor.idle()
        assert await reasons(world, key) == ["", "HEAD", "STAGING_BUDGET"]
