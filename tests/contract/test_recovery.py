"""Lost executors and the way back: no needless doubt, and no guess."""

import asyncio
from dataclasses import replace

import pytest

from proxx.core.failure import FailureKind
from proxx.core.jobs import FailurePolicy, JobState
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


async def lost_while_publishing(world: World) -> tuple[str, ScriptedExecutor, Lease]:
    """The same, after the executor was told to publish."""
    executor = await world.executor("gone")
    key = await world.admitted(executor)
    lease = await executor.begin()
    assert await executor.prepare(lease) is PrepareAnswer.PUBLISH
    await executor.close()
    await world.reached(key, DOUBT)
    return key, executor, lease


async def resume(world: World, key: str, request_id: str = "resume") -> None:
    await world.client.resume_job(job_key=key, request_id=request_id)


# --- loss ------------------------------------------------------------------------------------------------------------


async def test_a_started_clip_whose_executor_falls_silent_puts_its_job_in_doubt(brief: World) -> None:
    executor = await brief.executor()
    key = await brief.admitted(executor, clips=2)
    await executor.begin()
    job = await brief.reached(key, DOUBT)
    assert job.reason == "the executor was lost while it worked on clip 0"
    assert await brief.states(key) == ["INTERRUPTED", "QUEUED"]
    event = await brief.clip_event(key, 0, "clip.interrupt")
    assert (event.actor, event.data_json) == (
        "scheduler",
        '{"why":"the executor did not renew its lease for 1 s"}',
    )
    other = await brief.executor("other")
    assert await other.idle()


async def test_a_loss_that_cannot_be_recorded_is_recorded_once_the_database_can_be_written_again(
    brief: World,
) -> None:
    executor = await brief.executor()
    key = await brief.admitted(executor)
    await executor.begin()
    brief.sql("ALTER TABLE attempts RENAME TO attempts_away")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(brief.reached(key, DOUBT), 1.5 * brief.lease_seconds)
    brief.sql("ALTER TABLE attempts_away RENAME TO attempts")
    await brief.reached(key, DOUBT)


async def test_what_a_lost_executor_reports_late_changes_nothing(brief: World) -> None:
    executor = await brief.executor()
    key = await brief.admitted(executor)
    lease = await executor.begin()
    output = executor.output_of(lease)
    before = await brief.reached(key, DOUBT)
    assert await executor.directive(lease) is Directive.REVOKED
    refusal = await refused(executor.prepare(lease, output))
    assert (refusal.reason, refusal.metadata) == (
        "LEASE_SUPERSEDED",
        {"lease_id": lease.lease_id, "epoch": "1"},
    )
    assert await executor.published(lease) is ReportStatus.STALE
    assert await executor.fail(lease) is ReportStatus.STALE
    assert await executor.release(lease, ReleaseReason.DRAINED) is ReportStatus.STALE
    await executor.open(held=[lease])
    assert executor.terms is not None
    assert executor.terms.revoked_lease_ids == (lease.lease_id,)
    after = await brief.client.get_job(job_key=key)
    assert replace(after, last_event_sequence=before.last_event_sequence) == before


async def test_a_job_that_goes_on_after_failures_is_in_doubt_only_when_nothing_else_is_left(brief: World) -> None:
    silent = await brief.executor("silent")
    key = await brief.admitted(silent, clips=3, failure_policy=FailurePolicy.CONTINUE)
    await silent.begin()
    await brief.clip_event(key, 0, "clip.interrupt")
    assert (await brief.client.get_job(job_key=key)).state is JobState.RUNNING
    other = await brief.executor("other")
    await other.make()
    await other.make()
    job = await brief.reached(key, DOUBT)
    assert (await brief.states(key), job.counts.completed) == (["INTERRUPTED", "COMPLETED", "COMPLETED"], 2)


async def test_loss_of_two_executors_of_one_job_is_told_for_both_clips(world: World) -> None:
    one, other = await world.executor("one"), await world.executor("other")
    key = await world.admitted(one, clips=2)
    await one.begin()
    await other.begin()
    await other.close()
    await one.close()
    await world.clip_event(key, 0, "clip.interrupt")
    assert (await world.client.get_job(job_key=key)).state is DOUBT
    assert await world.states(key) == ["INTERRUPTED", "INTERRUPTED"]
    await resume(world, key)
    sweeper = await world.executor("sweeper")
    for index in (0, 1):
        sweep = await sweeper.begin(StepKind.SWEEP)
        assert sweep.clip_index == index
        await sweeper.swept(sweep)
    await sweeper.make()
    await sweeper.make()
    await world.reached(key, JobState.COMPLETED)


async def test_a_closed_session_returns_what_was_not_started_and_doubts_what_was(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    await executor.begin()
    await executor.take_one(StepKind.ENCODE)
    await executor.close()
    job = await world.reached(key, DOUBT)
    assert (await world.states(key), job.reason) == (
        ["INTERRUPTED", "QUEUED"],
        "the executor was lost while it worked on clip 0",
    )
    assert await world.client.list_executors() == ()


async def test_a_publish_step_whose_executor_is_lost_is_in_doubt_too(world: World) -> None:
    one, other = await world.executor("one"), await world.executor("other")
    key = await world.admitted(one, clips=2)
    head, later = await one.begin(), await one.begin()
    await one.prepare(later)
    await one.finish(head)
    publish = await other.begin(StepKind.PUBLISH)
    await other.close()
    await world.reached(key, DOUBT)
    await resume(world, key)
    sweep = await one.begin(StepKind.SWEEP)
    assert sweep.sweep is not None
    assert publish.publish is not None
    assert (sweep.sweep.staged, sweep.sweep.expected_sha256) == ((publish.publish.staged,), publish.publish.sha256)
    await one.swept(sweep, found=publish.publish.sha256)
    await world.reached(key, JobState.COMPLETED)


async def test_a_publish_step_that_was_never_started_is_simply_granted_again(world: World) -> None:
    one, other = await world.executor("one"), await world.executor("other")
    key = await world.admitted(one, clips=2)
    head, later = await one.begin(), await one.begin()
    await one.prepare(later)
    await one.finish(head)
    await other.take_one(StepKind.PUBLISH)
    await other.close()
    await one.finish(await one.begin(StepKind.PUBLISH))
    await world.reached(key, JobState.COMPLETED)


# --- the way back ----------------------------------------------------------------------------------------------------


async def test_resume_sweeps_first_and_queues_again_what_was_not_published(world: World) -> None:
    key, gone, lost = await lost_after_start(world)
    executor = await world.executor()
    assert await executor.idle()
    await resume(world, key)
    sweep = await executor.begin(StepKind.SWEEP)
    assert sweep.sweep is not None
    staged = gone.output_of(lost).staged
    assert (sweep.sweep.staged, sweep.sweep.output.path, sweep.sweep.expected_sha256) == (
        (staged,),
        "proxies/1/A001_proxy.mp4",
        "",
    )
    assert await executor.idle()
    await executor.swept(sweep, removed=[staged])
    await executor.make()
    await world.reached(key, JobState.COMPLETED)
    (clip,) = (await world.client.get_job_result(job_key=key)).clips
    assert (clip.executor, clip.adopted, clip.output_exists) == ("bench-1", False, True)


async def test_a_second_attempt_stages_under_a_name_that_the_first_cannot_have(world: World) -> None:
    key, gone, lost = await lost_after_start(world)
    await resume(world, key)
    executor = await world.executor()
    first = await executor.begin(StepKind.SWEEP)
    await executor.swept(first)
    again = await executor.begin()
    assert (again.step_id, again.epoch) != (lost.step_id, lost.epoch)
    assert executor.output_of(again).staged != gone.output_of(lost).staged
    await executor.close()
    await world.log.until(lambda event: event.kind == "job.recover" and event.job_sequence > 8)
    await resume(world, key, "again")
    sweeper = await world.executor("sweeper")
    sweep = await sweeper.begin(StepKind.SWEEP)
    assert sweep.sweep is not None
    names = (gone.output_of(lost).staged, executor.staged_by(first), executor.output_of(again).staged)
    assert sweep.sweep.staged == names  # in the order of the grants


async def test_resume_adopts_a_published_file_that_has_the_prepared_digest(world: World) -> None:
    key, _, lost = await lost_while_publishing(world)
    await resume(world, key)
    executor = await world.executor()
    sweep = await executor.begin(StepKind.SWEEP)
    assert sweep.sweep is not None
    assert sweep.sweep.expected_sha256 == sha256_of(lost)
    await executor.swept(sweep, found=sha256_of(lost))
    job = await world.reached(key, JobState.COMPLETED)
    (clip,) = (await world.client.get_job_result(job_key=key)).clips
    assert (job.counts.completed, clip.adopted, clip.output_sha256, clip.executor) == (
        1,
        True,
        sha256_of(lost),
        "gone",
    )
    assert "clip.adopt 0" in world.log.lines(key)


async def test_resume_encodes_again_when_nothing_was_published(world: World) -> None:
    key, _, _ = await lost_while_publishing(world)
    await resume(world, key)
    executor = await world.executor()
    await executor.swept(await executor.begin(StepKind.SWEEP))
    again = await executor.make()
    await world.reached(key, JobState.COMPLETED)
    (clip,) = (await world.client.get_job_result(job_key=key)).clips
    assert (clip.adopted, clip.output_sha256, clip.executor) == (False, sha256_of(again), "bench-1")


@pytest.mark.parametrize("prepared", [False, True], ids=["nothing prepared", "another digest prepared"])
async def test_other_bytes_under_the_final_name_hold_the_job_for_its_operator(world: World, prepared: bool) -> None:
    key, _, _ = await (lost_while_publishing(world) if prepared else lost_after_start(world))
    await resume(world, key)
    executor = await world.executor()
    await executor.swept(await executor.begin(StepKind.SWEEP), found="f" * 64)
    await world.log.until(lambda event: event.kind == "clip.held")
    job = await world.client.get_job(job_key=key)
    assert (job.state, job.reason) == (DOUBT, "other bytes stand at the final path of clip 0")
    assert (await world.states(key), await executor.idle()) == (["INTERRUPTED"], True)
    await resume(world, key, "after it was looked at")
    await executor.swept(await executor.begin(StepKind.SWEEP))
    await executor.make()
    await world.reached(key, JobState.COMPLETED)


async def test_a_sweep_that_fails_holds_the_job_and_can_be_tried_again(world: World) -> None:
    key, _, _ = await lost_after_start(world)
    await resume(world, key)
    executor = await world.executor()
    assert await executor.fail(await executor.begin(StepKind.SWEEP), kind=FailureKind.IO_ERROR) is ReportStatus.RECORDED
    await world.log.until(lambda event: event.kind == "clip.sweep_failed")
    assert (await world.client.get_job(job_key=key)).state is DOUBT
    await resume(world, key, "again")
    await executor.swept(await executor.begin(StepKind.SWEEP))
    await executor.make()
    await world.reached(key, JobState.COMPLETED)


async def test_a_sweep_whose_executor_is_lost_is_granted_again(world: World) -> None:
    key, _, _ = await lost_after_start(world)
    await resume(world, key)
    one, other = await world.executor("one"), await world.executor("other")
    first = await one.begin(StepKind.SWEEP)
    await one.close()
    again = await other.begin(StepKind.SWEEP)
    assert first.sweep is not None
    taken = one.staged_by(first)  # the first SWEEP may have taken a finished file
    assert (again.step_id, again.epoch) == (first.step_id, 2)
    assert again.sweep == replace(first.sweep, staged=(*first.sweep.staged, taken))
    await other.swept(again)
    await other.make()
    await world.reached(key, JobState.COMPLETED)


async def test_cancel_of_a_job_in_doubt_sweeps_and_keeps_what_was_published(world: World) -> None:
    key, _, lost = await lost_while_publishing(world)
    await world.client.cancel_job(job_key=key, request_id="cancel")
    executor = await world.executor()
    await executor.swept(await executor.begin(StepKind.SWEEP), found=sha256_of(lost))
    await world.reached(key, JobState.COMPLETED)


async def test_cancel_of_a_job_in_doubt_skips_what_was_not_published(world: World) -> None:
    key, _, _ = await lost_after_start(world, clips=2)
    await world.client.cancel_job(job_key=key, request_id="cancel")
    executor = await world.executor()
    await executor.swept(await executor.begin(StepKind.SWEEP))
    await world.reached(key, JobState.CANCELLED)
    assert await world.states(key) == ["SKIPPED(cancelled)"] * 2


async def test_an_executor_lost_while_its_job_is_cancelled_leaves_no_doubt_behind(world: World) -> None:
    executor = await world.executor("gone")
    key = await world.admitted(executor)
    await executor.begin()
    await world.client.cancel_job(job_key=key, request_id="cancel", now=True)
    await executor.close()
    sweeper = await world.executor()
    await sweeper.swept(await sweeper.begin(StepKind.SWEEP))
    await world.reached(key, JobState.CANCELLED)
    assert "job.recover" not in world.log.lines(key)
