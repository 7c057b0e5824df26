"""A scheduler that starts anew with another planner or other resources: what waits is brought up to them."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest_asyncio
from sqlalchemy import Executable, func, insert, update

from proxx.core.jobs import JobState
from proxx.core.plan import PLANNER_VERSION
from proxx.core.waiting import WaitingCode
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.storage import tables as t
from tests.contract.world import PATIENCE_SECONDS, World
from tests.fakes.stores import plain_engine, run_sql

OLD = PLANNER_VERSION - 1
CARD = {"resource": ("card=1:profile/proxy_h264_low",)}


@pytest_asyncio.fixture
async def carded(tmp_path: Path, database: DatabaseAddress) -> AsyncIterator[World]:
    """A site with one card, of which the default profile takes one."""
    async with World(tmp_path, lease_seconds=60, database=database, rules=CARD) as found:
        yield found


def change(world: World, *statements: Executable) -> None:
    """Change the database of a world."""
    engine = plain_engine(world.database)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)
    engine.dispose()


def age(world: World, key: str) -> None:
    """Let the clips of a job have been planned by the planner before this one."""
    old = Needs(engine="ffmpeg", roots=("local",), planner_version=OLD)
    new = replace(old, planner_version=PLANNER_VERSION).key
    row = {"needs": old.key, "engine": "ffmpeg", "roots": '["local"]', "planner_version": OLD, "resources": "[]"}
    change(
        world,
        update(t.clips).where(t.clips.c.job_key == key).values(planner_version=OLD, plan_digest="old"),
        insert(t.needs).values(row),
        update(t.steps).where(t.steps.c.needs == new).values(planner_version=OLD, needs=old.key),
        update(t.lanes).where(t.lanes.c.needs == new).values(needs=old.key),
        update(t.installation).values(planner_version=OLD),
    )


def brought_up_to(world: World) -> int:
    """The planner whose plans everything that waits is known to have."""
    ((version,),) = run_sql(world.database, "SELECT planner_version FROM installation")
    return int(version)


async def until_brought_up(world: World) -> None:
    """Wait until the start has looked at everything that waits, and left nothing."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while brought_up_to(world) != PLANNER_VERSION:
            await world.client.get_system_info()


async def digests(world: World, key: str) -> list[str]:
    return [clip.plan_digest for clip in (await world.client.list_clips(job_key=key)).items]


async def planned_again(world: World, key: str, index: int) -> object:
    event = await world.clip_event(key, index, "clip.plan_again")
    assert (event.actor, event.before, event.after) == ("scheduler", "QUEUED", "QUEUED")
    return json.loads(event.data_json)


async def test_clips_that_wait_are_planned_again_by_the_new_planner_and_made(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=3)
    new = await digests(world, key)
    age(world, key)
    assert (await world.client.list_clips(job_key=key)).items[0].waiting_reason.code is WaitingCode.PLANNER_VERSION
    await world.restart()
    for index in range(3):
        assert await planned_again(world, key, index) == {
            "old_plan": "old",
            "new_plan": new[index],
            "old_planner": OLD,
            "new_planner": PLANNER_VERSION,
        }
    assert await digests(world, key) == new
    await executor.open()
    made = [(await executor.make()).clip_index for _ in range(3)]
    await world.reached(key, JobState.COMPLETED)
    assert made == [0, 1, 2]
    await until_brought_up(world)


async def test_a_clip_that_was_granted_keeps_its_plan_and_is_looked_at_again_by_the_next_start(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    running = await executor.begin()
    age(world, key)
    await world.restart()
    await planned_again(world, key, 1)
    assert (await digests(world, key))[0] == "old"
    await executor.open(held=[running])
    await executor.finish(running)
    await executor.make()
    await world.reached(key, JobState.COMPLETED)
    assert world.log.lines(key).count("clip.plan_again 0") == 0
    assert brought_up_to(world) == OLD
    await world.restart()
    await until_brought_up(world)


async def test_a_clip_that_the_new_planner_refuses_waits_on_and_says_for_what(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    age(world, key)
    c = t.clips.c
    impossible = func.replace(c.plan_json, '"resolution":"half"', '"resolution":"999999x2"')
    change(world, update(t.clips).where(c.job_key == key, c.clip_index == 0).values(plan_json=impossible))
    await world.restart()
    await executor.open()
    await planned_again(world, key, 1)
    refused, renewed = (await world.client.list_clips(job_key=key)).items
    assert refused.plan_digest == "old"
    assert refused.waiting_reason.code is WaitingCode.PLANNER_VERSION
    assert refused.waiting_reason.detail == (
        f"it was planned by planner version {OLD}; the executors have {PLANNER_VERSION}"
    )
    assert renewed.plan_digest != "old"
    assert brought_up_to(world) == OLD


async def test_a_start_with_the_same_planner_changes_nothing(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    await until_brought_up(world)
    before = world.log.lines(key)
    await world.restart()
    await executor.open()
    await executor.begin()
    await world.clip_event(key, 0, "clip.start")
    assert world.log.lines(key) == [*before, "clip.grant 0", "clip.start 0"]


async def test_resources_that_are_set_later_count_for_clips_that_wait(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=3)
    running = await executor.begin()
    world.rules = CARD
    await world.restart()
    await executor.open(held=[running])
    assert await executor.idle()  # the clip that runs has the card
    waiting = (await world.client.list_clips(job_key=key)).items[1].waiting_reason
    assert (waiting.code, waiting.detail) == (
        WaitingCode.RESOURCE,
        f'all 1 of "card" are in use by clip 0 of job {key} on bench-1',
    )
    await executor.finish(running)
    assert [lease.clip_index for lease in await executor.take(3)] == [1]


async def test_resources_that_are_set_no_more_hold_nothing_back(carded: World) -> None:
    executor = await carded.executor()
    await carded.admitted(executor, clips=3)
    assert [lease.clip_index for lease in await executor.take(3)] == [0]
    await executor.close()
    carded.rules = {}
    await carded.restart()
    await executor.open()
    assert [lease.clip_index for lease in await executor.take(3)] == [0, 1, 2]
