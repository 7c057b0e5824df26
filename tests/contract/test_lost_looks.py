"""A PROBE or SWEEP that takes its executors with it: every loss is told, and it is not passed on for ever."""

import json

from proxx.core.jobs import JobState
from proxx.core.steps import StepKind
from tests.contract.world import World

GIVEN_UP = "It was started 3 times, and each time its executor was lost; it is not tried again"
WHY = "its executor does not hold it any more"


async def test_a_probe_that_loses_every_executor_ends_as_one_that_failed(world: World) -> None:
    one, other = await world.executor("one"), await world.executor("other")
    job = await world.submit(clips=2)
    for executor in (one, other, one):
        await executor.begin(StepKind.PROBE)
        await executor.open()  # its process died and starts again
    refused = await world.reached(job.job_key, JobState.REJECTED)
    assert world.log.lines(job.job_key) == ["job.submit", *["clip.probe_lost 0"] * 3, "job.reject", "clips.skip"]
    event = [event for event in world.log.events if event.kind == "clip.probe_lost"][-1]
    assert (event.actor, event.before, event.after, json.loads(event.data_json)) == (
        "scheduler",
        "QUEUED",
        "QUEUED",
        {"last": 1, "why": WHY, "losses": 3, "losses_limit": 3},
    )
    assert [(item.code, GIVEN_UP in item.message) for item in refused.violations] == [("PROBE_FAILED", True)] * 2
    assert {view.state for view in await world.client.list_executors()} == {"READY"}


async def test_a_probe_that_was_never_started_is_tried_however_often_it_is_lost(world: World) -> None:
    executor = await world.executor()
    job = await world.submit()
    for _ in range(4):
        await executor.take_one(StepKind.PROBE)
        await executor.open()
    await executor.answer_probes()
    assert (await world.decided(job.job_key)).state is JobState.RUNNING
    losses = [json.loads(event.data_json)["losses"] for event in world.log.events if event.kind == "clip.probe_lost"]
    assert losses == [0, 0, 0, 0]


async def test_a_sweep_that_loses_every_executor_is_held_until_an_operator_resumes(world: World) -> None:
    one, other = await world.executor("one"), await world.executor("other")
    key = await world.admitted(one)
    await one.begin()
    await one.open()
    await world.reached(key, JobState.RECOVERY_REQUIRED)
    await world.client.resume_job(job_key=key, request_id="first")
    for executor in (one, other, one):
        await executor.begin(StepKind.SWEEP)
        await executor.open()
    failed = await world.clip_event(key, 0, "clip.sweep_failed")
    assert json.loads(failed.data_json) == {"kind": "EXECUTOR_LOST", "message": GIVEN_UP}
    assert world.log.lines(key).count("clip.sweep_lost 0") == 3
    job = await world.client.get_job(job_key=key)
    assert (job.state, job.reason) == (JobState.RECOVERY_REQUIRED, "what was left could not be swept of clip 0")
    assert await one.idle()
    await world.client.resume_job(job_key=key, request_id="second")
    await other.swept(await other.begin(StepKind.SWEEP))
    await other.make()
    await world.reached(key, JobState.COMPLETED)
