"""Changes of priority and queue while a job has not ended, and executors that operators drain."""

import asyncio
import json

import pytest

from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.core.jobs import JobState
from proxx.core.steps import Directive, StepKind
from tests.contract.refusal import refused
from tests.contract.world import World, call
from tests.fakes.scripted_executor import ScriptedExecutor


async def two_jobs(world: World, executor: ScriptedExecutor, **options: int) -> tuple[str, str]:
    """Two admitted jobs of two clips, in order."""
    jobs = [await world.submit(clips=2, **options) for _ in range(2)]
    for job in jobs:
        await executor.answer_probes()
        await world.decided(job.job_key)
        await world.client.pause_job(job_key=job.job_key, request_id=f"pause {job.job_key}")
    for job in jobs:
        await world.client.resume_job(job_key=job.job_key, request_id=f"resume {job.job_key}")
    return jobs[0].job_key, jobs[1].job_key


async def test_a_raised_priority_counts_for_what_is_not_granted_yet(world: World) -> None:
    executor = await world.executor()
    first, second = await two_jobs(world, executor)
    granted = await executor.begin()
    job = await world.client.update_job_scheduling(job_key=second, request_id="up", priority=10)
    assert (job.options.priority, job.options.queue, job.state) == (10, "default", JobState.RUNNING)
    order = [(await executor.take_one(StepKind.ENCODE)).job_key for _ in range(3)]
    assert (granted.job_key, order) == (first, [second, second, first])
    assert await executor.directive(granted) is Directive.CONTINUE


async def test_a_clip_that_is_opened_later_has_the_new_priority_too(world: World) -> None:
    executor = await world.executor()
    first, second = await two_jobs(world, executor, max_parallel_clips=1)
    await world.client.update_job_scheduling(job_key=second, request_id="up", priority=10)
    order = [(await executor.make()).job_key for _ in range(4)]
    assert order == [second, second, first, first]


async def test_a_job_moves_to_another_queue_and_the_event_says_from_where(world: World) -> None:
    job = await world.submit()
    moved = await world.client.update_job_scheduling(job_key=job.job_key, request_id="move", queue="night")
    assert (moved.options.queue, moved.options.priority, moved.revision) == ("night", 0, job.revision + 1)
    event = await world.log.until(lambda event: event.kind == "job.reschedule")
    assert (event.actor, event.before, event.after, json.loads(event.data_json)) == (
        "operator",
        "PENDING",
        "PENDING",
        {"priority": {"before": 0, "after": 0}, "queue": {"before": "default", "after": "night"}},
    )


async def test_a_job_that_has_ended_has_no_place_in_the_queue(world: World) -> None:
    job = await world.submit()
    await world.client.cancel_job(job_key=job.job_key, request_id="cancel")
    refusal = await refused(world.client.update_job_scheduling(job_key=job.job_key, request_id="late", priority=1))
    assert refusal.metadata == {"state": "CANCELLED", "verb": "reschedule", "allowed": ""}


@pytest.mark.parametrize(
    ("place", "field"),
    [
        pytest.param({}, "priority", id="nothing"),
        pytest.param({"priority": 101}, "priority", id="priority out of range"),
        pytest.param({"queue": ""}, "queue", id="empty queue"),
        pytest.param({"queue": "q" * 201}, "queue", id="long queue"),
        pytest.param({"queue": "a\x1b[2J"}, "queue", id="control character"),
    ],
)
async def test_a_place_that_is_none_is_refused(world: World, place: dict[str, object], field: str) -> None:
    job = await world.submit()
    request = pb.UpdateJobSchedulingRequest(job_key=job.job_key, request_id="odd", **place)
    refusal = await refused(call(world.jobs.UpdateJobScheduling, request))
    assert (refusal.reason, refusal.metadata["field"]) == ("REQUEST_INVALID", field)


async def test_the_same_change_again_changes_nothing_and_another_one_under_its_id_is_refused(world: World) -> None:
    job = await world.submit()
    first = await world.client.update_job_scheduling(job_key=job.job_key, request_id="one", priority=5)
    again = await world.client.update_job_scheduling(job_key=job.job_key, request_id="one", priority=5)
    assert again.revision == first.revision
    refusal = await refused(world.client.update_job_scheduling(job_key=job.job_key, request_id="one", priority=6))
    assert refusal.reason == "REQUEST_ID_REUSED"


async def test_a_change_guards_against_a_job_that_moved_on(world: World) -> None:
    job = await world.submit()
    change = world.client.update_job_scheduling(
        job_key=job.job_key, request_id="one", priority=5, expected_revision=job.revision + 9
    )
    assert (await refused(change)).reason == "REVISION_MISMATCH"


# --- executors --------------------------------------------------------------------------------------------------------


async def shown(world: World) -> list[tuple[str, str, str]]:
    return [(view.name, view.state, view.drained_by) for view in await world.client.list_executors()]


async def test_a_drained_executor_ends_what_it_has_and_gets_nothing_new(world: World) -> None:
    executor, other = await world.executor("one"), await world.executor("two")
    key = await world.admitted(executor, clips=2)
    lease = await executor.begin()
    (view,) = await world.client.drain_executor(name="one", request_id="drain", reason="new disk")
    assert (view.name, view.state, view.leases, view.drained_by) == ("one", "DRAINING", 1, "operator")
    assert view.drain_time is not None
    assert await executor.idle()
    assert await shown(world) == [("one", "DRAINING", "operator"), ("two", "READY", "")]
    await executor.finish(lease)
    await other.make()
    await world.reached(key, JobState.COMPLETED)


async def test_a_drain_outlives_the_executors_reconnect_and_the_schedulers_restart(world: World) -> None:
    executor = await world.executor("one")
    await world.admitted(executor)
    await world.client.drain_executor(name="one", request_id="drain")
    await executor.close()
    again = await world.executor("one")
    assert await again.idle()
    await world.restart()
    await again.open()
    assert await again.idle()
    assert await shown(world) == [("one", "DRAINING", "operator")]


async def test_an_undrained_executor_is_woken_and_takes_work(world: World) -> None:
    executor = await world.executor("one")
    await world.admitted(executor)
    await world.client.drain_executor(name="one", request_id="drain")
    waiting = asyncio.create_task(executor.take(wait_seconds=20))
    (view,) = await world.client.undrain_executor(name="one", request_id="undrain")
    assert (view.state, view.drained_by, view.drain_time) == ("READY", "", None)
    assert [lease.kind for lease in await waiting] == [StepKind.ENCODE]


async def test_a_drained_executor_answers_no_dry_run(world: World) -> None:
    drained, other = await world.executor("one"), await world.executor("two")
    await world.client.drain_executor(name="one", request_id="drain")
    probing = asyncio.create_task(world.client.probe_source(paths=["/footage/A001.mov"]))
    assert await drained.take(wait_seconds=0.2) == ()
    await other.answer_probes()
    assert [found.path for found in await probing] == ["/footage/A001.mov"]


async def test_a_drain_asked_for_twice_is_one_and_an_old_one_is_not_done_again(world: World) -> None:
    await world.executor("one")
    for request_id in ("drain", "drain", "other"):
        await world.client.drain_executor(name="one", request_id=request_id)
    await world.client.undrain_executor(name="one", request_id="undrain")
    await world.client.drain_executor(name="one", request_id="drain")  # the answer to a call of long ago
    assert await shown(world) == [("one", "READY", "")]
    refusal = await refused(world.client.drain_executor(name="one", request_id="undrain"))
    assert refusal.reason == "REQUEST_ID_REUSED"


async def test_drains_are_recorded_in_a_chain_of_their_own(world: World) -> None:
    await world.executor("one")
    await world.client.drain_executor(name="one", request_id="drain", reason="new disk")
    await world.client.undrain_executor(name="one", request_id="undrain")
    last = await world.log.until(lambda event: event.kind == "executor.undrain")
    first = await world.log.until(lambda event: event.kind == "executor.drain")
    assert (first.job_key, first.job_sequence, first.before, first.after, first.actor) == (
        "",
        1,
        "READY",
        "DRAINING",
        "operator",
    )
    assert json.loads(first.data_json) == {"executor": "one", "reason": "new disk"}
    assert (last.job_sequence, last.previous_hash) == (2, first.hash)
