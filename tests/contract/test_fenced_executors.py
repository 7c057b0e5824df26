"""Executors that fail one clip after another: fenced off, shown, and released by an operator alone."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from proxx.core.failure import FailureKind
from proxx.core.jobs import FailurePolicy, JobState
from proxx.core.steps import Directive, StepKind
from proxx.core.waiting import WaitingCode
from proxx_scheduler.database_address import DatabaseAddress
from tests.contract.free_address import free_address
from tests.contract.refusal import refused
from tests.contract.test_server import http
from tests.contract.world import World, spec_of
from tests.fakes.scripted_executor import ScriptedExecutor

CONTINUE = FailurePolicy.CONTINUE
TOOL, EXIT = FailureKind.TOOL_NOT_FOUND, FailureKind.TOOL_EXIT_NONZERO


@pytest_asyncio.fixture
async def strict(tmp_path: Path, database: DatabaseAddress) -> AsyncIterator[World]:
    """A scheduler that fences after two failures."""
    world = World(tmp_path, lease_seconds=60, metrics=free_address(), database=database)
    world.rules = {"fence_after": 2}  # type: ignore[dict-item]  # settings of any type
    async with world:
        yield world


async def fail(executor: ScriptedExecutor, kind: FailureKind = TOOL, *, clips: int = 1) -> None:
    for _ in range(clips):
        await executor.fail(await executor.begin(), kind=kind)


async def states(world: World) -> dict[str, str]:
    return {view.name: view.state for view in await world.client.list_executors()}


async def test_an_executor_that_fails_clip_after_clip_gets_nothing_new_and_ends_what_it_has(strict: World) -> None:
    executor = await strict.executor("bad")
    key = await strict.admitted(executor, clips=4, failure_policy=CONTINUE)
    first, kept, second = await executor.begin(), await executor.begin(), await executor.begin()
    await executor.fail(first, kind=TOOL)
    assert await states(strict) == {"bad": "READY"}
    await executor.fail(second, kind=TOOL)
    (view,) = await strict.client.list_executors()
    reason = "2 times in a row it failed or was lost, and finished nothing between: 2 TOOL_NOT_FOUND"
    assert (view.state, view.leases, view.fence_reason, view.drained_by) == ("FENCED", 1, reason, "")
    assert await executor.idle()
    assert await executor.directive(kept) is Directive.CONTINUE
    event = await strict.log.until(lambda event: event.kind == "executor.fence")
    assert (event.job_key, event.before, event.after, event.actor, event.event_time) == (
        "",
        "READY",
        "FENCED",
        "scheduler",
        view.fence_time,
    )
    assert json.loads(event.data_json) == {
        "executor": "bad",
        "reason": reason,
        "failures": [{"job_key": key, "clip_index": index, "kind": "TOOL_NOT_FOUND"} for index in (0, 2)],
    }
    waiting = (await strict.client.list_clips(job_key=key)).items[3].waiting_reason
    assert waiting is not None
    assert (waiting.code, waiting.detail) == (
        WaitingCode.FENCED,
        'every executor that could run it is fenced off: "bad"',
    )
    await executor.finish(kept)
    assert await states(strict) == {"bad": "FENCED"}


async def gauges(world: World) -> tuple[float, float]:
    """How many executors are fenced, and how often one was since the start."""
    _, text = await http(world.metrics, "/metrics")
    values = {sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples}
    return values["proxx_executors_fenced"], values["proxx_executor_fences_total"]


async def test_a_fence_outlives_restarts_of_both_sides_until_an_operator_lifts_it(strict: World) -> None:
    executor = await strict.executor("bad")
    key = await strict.admitted(executor, clips=3, failure_policy=CONTINUE)
    await fail(executor, clips=2)
    assert await gauges(strict) == (1, 1)
    await executor.close()
    again = await strict.executor("bad")
    assert await again.idle()
    await strict.restart()
    await again.open()
    assert await again.idle()
    assert (await states(strict), await gauges(strict)) == ({"bad": "FENCED"}, (1, 0))
    waiting = asyncio.create_task(again.take(wait_seconds=20))
    (view,) = await strict.client.undrain_executor(name="bad", request_id="lift", reason="tool installed")
    assert (view.state, view.fence_reason, view.fence_time) == ("READY", "", None)
    event = await strict.log.until(lambda event: event.kind == "executor.unfence")
    assert json.loads(event.data_json) == {"executor": "bad", "reason": "tool installed"}
    (lease,) = await waiting
    await again.finish(await again.start(lease))
    await strict.reached(key, JobState.PARTIAL)
    assert await gauges(strict) == (0, 0)


async def test_one_that_is_drained_and_fenced_is_freed_of_both_at_once(strict: World) -> None:
    executor = await strict.executor("bad")
    await strict.admitted(executor, clips=3, failure_policy=CONTINUE)
    await fail(executor, clips=2)
    (view,) = await strict.client.drain_executor(name="bad", request_id="drain")
    assert (view.state, view.drained_by != "", view.fence_reason != "") == ("FENCED", True, True)
    (view,) = await strict.client.undrain_executor(name="bad", request_id="undrain")
    assert (view.state, view.drained_by, view.fence_reason) == ("READY", "", "")
    await executor.begin()


async def test_a_fenced_one_without_a_session_can_be_released_and_a_free_one_cannot(strict: World) -> None:
    executor = await strict.executor("bad")
    await strict.admitted(executor, clips=2, failure_policy=CONTINUE)
    await fail(executor, clips=2)
    await executor.close()
    assert await strict.client.undrain_executor(name="bad", request_id="one") == ()
    refusal = await refused(strict.client.undrain_executor(name="bad", request_id="two"))
    assert refusal.reason == "EXECUTOR_NOT_FOUND"


async def test_a_host_that_dies_with_its_work_again_and_again_is_fenced(strict: World) -> None:
    executor = await strict.executor("loose")
    await strict.admitted(executor, clips=4, failure_policy=CONTINUE)
    await executor.begin()
    await executor.begin()
    await executor.close()  # with two clips: one death
    assert await states(strict) == {}
    again = await strict.executor("loose")
    await again.begin()
    await again.close()
    last = await strict.executor("loose")
    assert (await states(strict), await last.idle()) == ({"loose": "FENCED"}, True)


async def test_bad_footage_fences_nobody(strict: World) -> None:
    one, other = await strict.executor("one"), await strict.executor("other")
    await strict.admitted(one, clips=8, failure_policy=CONTINUE)
    await fail(one, EXIT, clips=4)
    await fail(other, EXIT, clips=4)
    assert await states(strict) == {"one": "READY", "other": "READY"}


@pytest.mark.parametrize("others_job", [True, False], ids=["of another job", "before the bad ones"])
async def test_a_good_clip_elsewhere_does_not_blame_bad_footage_on_its_host(strict: World, others_job: bool) -> None:
    host, other = await strict.executor("host"), await strict.executor("other")
    if others_job:
        await strict.admitted(host, failure_policy=CONTINUE)
        long = await other.begin()
        await strict.admitted(host, clips=3, failure_policy=CONTINUE)
    else:
        await strict.admitted(host, clips=4, failure_policy=CONTINUE)
        long = await other.begin()
    await fail(host, EXIT)
    await other.finish(long)
    await fail(host, EXIT, clips=2)
    assert await states(strict) == {"host": "READY", "other": "READY"}


async def test_a_source_that_fails_on_two_hosts_counts_for_neither(strict: World) -> None:
    one, other = await strict.executor("one"), await strict.executor("other")
    for number, (executor, source) in enumerate(((one, "both"), (other, "both"), (one, "first"), (other, "second"))):
        text = spec_of(sources=[f"/footage/{source}.mov"], output_directory=f"/proxies/of/{number}")
        job = await strict.submit(text)
        await executor.answer_probes()
        await strict.decided(job.job_key)
        await fail(executor, FailureKind.IO_ERROR)
    assert await states(strict) == {"one": "READY", "other": "READY"}


async def test_a_host_on_which_clips_fail_that_others_make_is_fenced(strict: World) -> None:
    bad, good = await strict.executor("bad"), await strict.executor("good")
    await strict.admitted(bad, clips=4, failure_policy=CONTINUE)
    await fail(bad, EXIT)
    await good.make()
    await fail(bad, EXIT)
    assert await states(strict) == {"bad": "FENCED", "good": "READY"}
    await good.make()


async def test_a_probe_that_fails_as_a_whole_counts_too(strict: World) -> None:
    executor = await strict.executor("bad")
    for name in ("first", "second"):
        text = spec_of(sources=[f"/footage/{name}.mov"], output_directory=f"/proxies/of/{name}")
        job = await strict.submit(text)
        await executor.fail(await executor.begin(StepKind.PROBE), kind=TOOL)
        await strict.decided(job.job_key)
    assert await states(strict) == {"bad": "FENCED"}
