"""RetryFailedClips: a new numbered run of what failed, checked again, while every earlier result stays readable."""

import json

from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.steps import StepKind
from tests.contract.refusal import refused
from tests.contract.world import World
from tests.fakes.measured import probed
from tests.fakes.scripted_executor import ScriptedExecutor, sha256_of


async def a_partial_job(world: World, executor: ScriptedExecutor) -> str:
    """Three clips: the first published, the second failed, the third skipped for it."""
    key = await world.admitted(executor, clips=3)
    await executor.make()
    await executor.fail(await executor.begin())
    await world.reached(key, JobState.PARTIAL)
    return key


async def again(world: World, key: str, *, request_id: str = "again") -> JobState:
    return (await world.client.retry_failed_clips(job_key=key, request_id=request_id)).state


async def test_a_retry_probes_and_makes_only_what_was_not_published(world: World) -> None:
    executor = await world.executor()
    key = await a_partial_job(world, executor)
    assert await world.states(key) == ["COMPLETED", "FAILED", "SKIPPED(fail_fast)"]
    assert await again(world, key) is JobState.PENDING
    lease = await executor.take_one(StepKind.PROBE)
    assert lease.probe is not None
    assert [item.clip_index for item in lease.probe.items] == [1, 2]
    assert lease.probe.output_directory is not None
    await executor.report_probe(lease)
    made = [await executor.make(), await executor.make()]
    job = await world.reached(key, JobState.COMPLETED)
    assert ([lease.clip_index for lease in made], job.run_number) == ([1, 2], 2)
    assert (job.counts.completed, job.counts.failed, job.counts.skipped) == (3, 0, 0)


async def test_a_clip_that_is_made_again_goes_on_counting_its_epochs(world: World) -> None:
    executor = await world.executor()
    key = await a_partial_job(world, executor)
    await again(world, key)
    await executor.answer_probes()
    lease = await executor.begin()
    assert (lease.clip_index, lease.epoch) == (1, 2)


async def test_every_runs_result_stays_readable(world: World) -> None:
    executor = await world.executor()
    key = await a_partial_job(world, executor)
    first = await world.client.get_job_result(job_key=key)
    await again(world, key)
    await executor.answer_probes()
    await executor.make()
    second_made = await executor.make()
    await world.reached(key, JobState.COMPLETED)

    assert await world.client.get_job_result(job_key=key, run_number=1) == first
    newest = await world.client.get_job_result(job_key=key, run_number=2)
    assert newest == await world.client.get_job_result(job_key=key)
    assert [clip.status for clip in newest.clips] == [ClipState.COMPLETED] * 3
    assert (newest.run_number, newest.clips[2].output_sha256) == (2, sha256_of(second_made))
    refusal = await refused(world.client.get_job_result(job_key=key, run_number=3))
    assert (refusal.reason, refusal.message) == ("REQUEST_INVALID", "run_number: the job has the runs 1 to 2, got 3")


async def test_a_result_of_an_earlier_run_pages(world: World) -> None:
    executor = await world.executor()
    key = await a_partial_job(world, executor)
    await again(world, key)
    states, token = [], ""
    while True:
        page = await world.jobs.GetJobResult(_page(key, token))
        states += [clip.status for clip in page.result.clips]
        token = page.next_page_token
        if not token:
            break
    assert states == [7, 8, 9]  # CLIP_STATE_COMPLETED, FAILED, SKIPPED


def _page(key: str, token: str) -> pb.GetJobResultRequest:
    return pb.GetJobResultRequest(job_key=key, run_number=1, page_size=1, page_token=token)


async def test_a_continue_job_retries_the_clips_between_its_published_ones(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=5, failure_policy=FailurePolicy.CONTINUE, max_parallel_clips=2)
    for index in range(5):
        lease = await executor.begin()
        assert lease.clip_index == index
        await (executor.fail(lease) if index in (0, 3) else executor.finish(lease))
    await world.reached(key, JobState.PARTIAL)
    await again(world, key)
    for _ in range(2):  # 0 and 3 are not neighbours: a PROBE for each
        await executor.answer_probes()
    made = [await executor.make(), await executor.make()]
    job = await world.reached(key, JobState.COMPLETED)
    assert ([lease.clip_index for lease in made], job.counts.completed) == ([0, 3], 5)


async def test_a_retry_is_refused_whole_when_an_output_exists(world: World) -> None:
    executor = await world.executor()
    key = await a_partial_job(world, executor)
    await again(world, key)
    await executor.answer_probes({2: lambda item: probed(item, output_exists=True)})
    job = await world.reached(key, JobState.PARTIAL)
    await world.log.until(lambda event: event.kind == "job.finish_partial" and '"run":2' in event.data_json)
    job = await world.client.get_job(job_key=key)
    assert (job.state, job.reason, job.run_number) == (JobState.PARTIAL, "validation", 2)
    assert [(found.code, found.field) for found in job.violations] == [("OUTPUT_EXISTS", "sources[2]")]
    assert await world.states(key) == ["COMPLETED", "SKIPPED(rejected)", "SKIPPED(rejected)"]
    first = await world.client.get_job_result(job_key=key, run_number=1)
    assert [clip.status for clip in first.clips] == [ClipState.COMPLETED, ClipState.FAILED, ClipState.SKIPPED]
    # once the file is out of the way the next retry makes what the refused one did not
    assert await again(world, key, request_id="once more") is JobState.PENDING
    await executor.answer_probes()
    await executor.make()
    await executor.make()
    done = await world.reached(key, JobState.COMPLETED)
    assert (done.run_number, done.violations) == (3, ())


async def test_a_retry_reserves_its_outputs_again(world: World) -> None:
    executor = await world.executor()
    key = await a_partial_job(world, executor)
    other = await world.submit(
        text=json.dumps((await world.client.get_job(job_key=key)).spec | {"job_id": "0000beef"}, default=list)
    )
    await executor.answer_probes()
    await world.decided(other.job_key)
    await again(world, key)
    await executor.answer_probes()
    await world.log.until(lambda event: event.kind == "job.finish_partial" and '"run":2' in event.data_json)
    job = await world.client.get_job(job_key=key)
    assert {found.code for found in job.violations} == {"OUTPUT_RESERVED"}


async def test_a_retry_survives_a_restart(world: World) -> None:
    executor = await world.executor()
    key = await a_partial_job(world, executor)
    await again(world, key)
    await world.restart()
    await executor.open()
    await executor.answer_probes()
    assert (await executor.make()).clip_index == 1


async def test_the_same_retry_again_is_the_same_retry(world: World) -> None:
    executor = await world.executor()
    key = await a_partial_job(world, executor)
    await again(world, key)
    assert await again(world, key) is JobState.PENDING
    assert (await world.client.get_job(job_key=key)).run_number == 2
    refusal = await refused(world.client.pause_job(job_key=key, request_id="again"))
    assert refusal.reason == "REQUEST_ID_REUSED"


async def test_a_cancelled_retry_keeps_what_was_published(world: World) -> None:
    executor = await world.executor()
    key = await a_partial_job(world, executor)
    await again(world, key)
    job = await world.client.cancel_job(job_key=key, request_id="cancel")
    assert (job.state, job.counts.completed, job.counts.skipped) == (JobState.CANCELLED, 1, 2)
    refusal = await refused(world.client.retry_failed_clips(job_key=key, request_id="too late"))
    assert (refusal.metadata, refusal.subjects) == (
        {"state": "CANCELLED", "verb": "retry", "allowed": ""},
        (key,),
    )


async def test_a_retry_is_recorded_with_who_and_what(world: World) -> None:
    executor = await world.executor()
    key = await a_partial_job(world, executor)
    await again(world, key)
    await world.log.until(lambda event: event.kind == "job.retry")
    await world.log.until(lambda event: event.kind == "clips.requeue" and event.before == "SKIPPED")
    found = [
        (event.kind, event.actor, event.before, event.after, json.loads(event.data_json))
        for event in world.log.events
        if event.job_key == key and event.kind in ("job.retry", "clips.requeue")
    ]
    assert found == [
        ("job.retry", "operator", "PARTIAL", "PENDING", {"run": 2, "clips": 2}),
        ("clips.requeue", "operator", "FAILED", "QUEUED", {"first": 1, "last": 1, "run": 2}),
        ("clips.requeue", "operator", "SKIPPED", "QUEUED", {"first": 2, "last": 2, "run": 2}),
    ]
