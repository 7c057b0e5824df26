"""Executors that go away in good order, and restarts of the scheduler: neither changes a job."""

import asyncio

from proxx.core.jobs import JobState
from proxx.core.leases import Lease, ReleaseReason, ReportStatus
from proxx.core.steps import Directive, PrepareAnswer, StepKind
from tests.contract.refusal import refused
from tests.contract.world import World
from tests.fakes.scripted_executor import ScriptedExecutor, sha256_of

DOUBT = JobState.RECOVERY_REQUIRED


async def lost_after_start(world: World, **options: object) -> tuple[str, ScriptedExecutor, Lease]:
    """A job whose only clip was started by an executor that then closed its session without a word."""
    executor = await world.executor("gone")
    key = await world.admitted(executor, **options)
    lease = await executor.begin()
    await executor.close()
    await world.reached(key, DOUBT)
    return key, executor, lease


# --- going away in good order ----------------------------------------------------------------------------------------


async def test_a_draining_executor_gets_no_more_work_and_what_it_hands_back_is_queued_again(world: World) -> None:
    leaving, other = await world.executor("leaving"), await world.executor("other")
    key = await world.admitted(leaving, clips=2)
    started, granted = await leaving.begin(), await leaving.take_one(StepKind.ENCODE)
    await leaving.renew(started, draining=True)
    assert await leaving.release(granted, ReleaseReason.NOT_STARTED) is ReportStatus.RECORDED
    assert await leaving.idle()
    assert [(view.name, view.state) for view in await world.client.list_executors()] == [
        ("leaving", "DRAINING"),
        ("other", "READY"),
    ]
    assert await leaving.release(started, ReleaseReason.DRAINED) is ReportStatus.RECORDED
    await leaving.close()
    first, second = await other.take(2)
    assert [(lease.clip_index, lease.epoch) for lease in (first, second)] == [(0, 2), (1, 2)]
    for lease in (first, second):
        await other.finish(await other.start(lease))
    await world.reached(key, JobState.COMPLETED)
    assert not {"clip.interrupt 0", "job.recover"} & set(world.log.lines(key))


async def test_a_clip_handed_back_while_it_was_to_be_published_becomes_a_publish_step(world: World) -> None:
    leaving, other = await world.executor("leaving"), await world.executor("other")
    key = await world.admitted(leaving)
    lease = await leaving.begin()
    assert await leaving.prepare(lease) is PrepareAnswer.PUBLISH
    assert await leaving.release(lease, ReleaseReason.DRAINED) is ReportStatus.RECORDED
    publish = await other.begin(StepKind.PUBLISH)
    assert publish.publish is not None
    assert publish.publish.sha256 == sha256_of(lease)
    await other.finish(publish)
    await world.reached(key, JobState.COMPLETED)


async def test_an_executor_that_opens_again_without_a_lease_has_lost_it(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    await executor.begin()
    await executor.take_one(StepKind.ENCODE)
    await executor.open()
    await world.reached(key, DOUBT)
    assert await world.states(key) == ["INTERRUPTED", "QUEUED"]
    event = await world.clip_event(key, 0, "clip.interrupt")
    assert event.data_json == '{"why":"its executor does not hold it any more"}'


# --- restarts of the scheduler ---------------------------------------------------------------------------------------


async def test_an_executor_attaches_again_after_a_restart_and_its_clip_was_never_interrupted(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    lease = await executor.begin()
    await world.restart()
    await executor.open(held=[lease])
    assert executor.terms is not None
    assert executor.terms.revoked_lease_ids == ()
    assert await executor.directive(lease) is Directive.CONTINUE
    await executor.finish(lease)
    await executor.make()
    await world.reached(key, JobState.COMPLETED)
    assert [line for line in world.log.lines(key) if line.endswith(" 0")] == [
        "clip.grant 0",
        "clip.start 0",
        "clip.prepare 0",
        "clip.complete 0",
    ]


async def test_after_a_restart_every_verb_asks_for_the_session_first(world: World) -> None:
    executor = await world.executor()
    await world.admitted(executor)
    lease = await executor.begin()
    session = executor.session_id
    await world.restart()
    await world.client.get_system_info()
    fresh = ScriptedExecutor(world.address)
    fresh.terms = executor.terms
    assert (await refused(fresh.renew(lease))).reason == "SESSION_UNKNOWN"
    assert (await refused(fresh.published(lease))).reason == "SESSION_UNKNOWN"
    await fresh.disconnect()
    await executor.open(held=[lease])
    assert executor.session_id == session


async def test_a_started_clip_is_in_doubt_only_after_one_whole_lease_without_its_executor(brief: World) -> None:
    executor = await brief.executor()
    key = await brief.admitted(executor)
    await executor.begin()
    await brief.stop()
    loop = asyncio.get_running_loop()
    began = loop.time()
    await brief.start()
    await brief.client.wait_ready(timeout_seconds=20)
    assert (await brief.client.get_job(job_key=key)).state is JobState.RUNNING
    await brief.reached(key, DOUBT)
    assert loop.time() - began >= brief.lease_seconds


async def test_a_granted_lease_that_was_not_started_survives_a_restart_too(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.take_one(StepKind.ENCODE)
    await world.restart()
    await executor.open(held=[lease])
    await executor.finish(await executor.start(lease))
    await world.reached(key, JobState.COMPLETED)


async def test_a_clip_that_was_told_to_publish_before_a_restart_is_completed_after_it(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.begin()
    assert await executor.prepare(lease) is PrepareAnswer.PUBLISH
    await world.restart()
    await executor.open(held=[lease])
    assert await executor.prepare(lease) is PrepareAnswer.PUBLISH
    assert await executor.published(lease) is ReportStatus.RECORDED
    await world.reached(key, JobState.COMPLETED)


async def test_what_waits_in_the_queue_or_in_staging_is_not_touched_by_a_restart(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=3)
    head, later = await executor.begin(), await executor.begin()
    await executor.prepare(later)
    held = await world.submit(hold=True)
    before = [await world.client.get_job(job_key=job) for job in (key, held.job_key)]
    await world.restart()
    await executor.open(held=[head])
    assert [await world.client.get_job(job_key=job) for job in (key, held.job_key)] == before
    assert await world.states(key) == ["RUNNING", "STAGED", "QUEUED"]
    await executor.finish(head)
    await executor.finish(await executor.begin(StepKind.PUBLISH))


async def test_a_cancel_given_before_a_restart_reaches_the_executor_after_it(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.begin()
    await world.client.cancel_job(job_key=key, request_id="cancel", now=True)
    await world.restart()
    await executor.open(held=[lease])
    assert await executor.directive(lease) is Directive.CANCEL
    await executor.release(lease, ReleaseReason.CANCELLED)
    await world.reached(key, JobState.CANCELLED)


async def test_a_job_in_doubt_waits_for_its_operator_over_any_number_of_restarts(world: World) -> None:
    key, _, _ = await lost_after_start(world)
    before = await world.client.get_job(job_key=key)
    for _ in range(2):
        await world.restart()
    executor = await world.executor()
    assert await executor.idle()
    assert await world.client.get_job(job_key=key) == before
