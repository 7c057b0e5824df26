"""The executor's side of the lease protocol: how it stops."""

import asyncio

import pytest

from proxx.core.leases import ReleaseReason
from proxx.engine.scheduler_port import SchedulerUnavailableError
from tests.fakes.clock import settle
from tests.fakes.leases import lease, prepared_output
from tests.unit.engine.lease_loop.bench import PUBLISHED, Bench, release


async def test_stop_hands_back_what_has_not_started(bench: Bench) -> None:
    await bench.start()
    bench.scheduler.fail("renew", SchedulerUnavailableError())
    bench.scheduler.grant(lease())
    await settle()
    bench.executor.stop()
    await settle()

    assert bench.task is not None
    assert bench.task.done()
    assert bench.scheduler.releases == [release(ReleaseReason.NOT_STARTED)]
    assert (bench.steps.started, bench.scheduler.closed) == ([], ["session-1"])


async def test_stop_lets_started_work_finish_within_the_grace(bench: Bench) -> None:
    await bench.work_on()
    bench.executor.stop()
    await bench.clock.advance(29.0)
    bench.steps.finish("lease-1", prepared_output())
    await settle()

    assert bench.task is not None
    assert bench.task.done()
    assert (bench.scheduler.outcomes, bench.scheduler.releases) == ([PUBLISHED], [])
    assert bench.scheduler.draining[-1] is True
    assert bench.scheduler.closed == ["session-1"]


async def test_stop_kills_and_hands_back_what_outlasts_the_grace(bench: Bench) -> None:
    await bench.work_on()
    bench.executor.stop()
    await bench.clock.advance(30.0)

    assert bench.task is not None
    assert bench.task.done()
    assert (bench.steps.stopped, bench.steps.discarded) == (["lease-1"], ["lease-1"])
    assert bench.scheduler.releases == [release(ReleaseReason.DRAINED)]


async def test_stop_gives_up_an_undeliverable_outcome_only_after_both_graces(bench: Bench) -> None:
    await bench.work_on()
    bench.steps.finish("lease-1", prepared_output())
    bench.scheduler.down = True
    bench.executor.stop()
    await bench.clock.advance(39.0)
    assert bench.task is not None
    running_before = not bench.task.done()
    await bench.clock.advance(2.0)

    assert (running_before, bench.task.done(), bench.steps.discarded) == (True, True, [])


async def test_stop_without_a_scheduler_ends_at_once(bench: Bench) -> None:
    bench.scheduler.down = True
    await bench.start()
    bench.executor.stop()
    await settle()

    assert bench.task is not None
    assert bench.task.done()


async def test_cancelling_the_executor_stops_every_tool_and_says_nothing(bench: Bench) -> None:
    await bench.work_on()
    assert bench.task is not None
    bench.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await bench.task

    assert bench.steps.stopped == ["lease-1"]
    assert (bench.scheduler.releases, bench.scheduler.outcomes) == ([], [])


async def test_a_publication_under_way_is_finished_although_the_grace_is_over(bench: Bench) -> None:
    bench.steps.publish_gate.clear()
    await bench.work_on()
    bench.steps.finish("lease-1", prepared_output())
    await settle()
    bench.executor.stop()
    await bench.clock.advance(31.0)
    bench.steps.publish_gate.set()
    await settle()

    assert (bench.scheduler.outcomes, bench.scheduler.releases) == ([PUBLISHED], [])
