"""on_executor_lost REQUEUE over the wire: lost clips come back without an operator, as often as was submitted."""

import json

import pytest

from proxx.core.jobs import FailurePolicy, JobState, LostPolicy
from proxx.core.leases import Lease
from proxx.core.steps import PrepareAnswer, StepKind
from proxx.core.waiting import WaitingCode
from tests.contract.refusal import refused
from tests.contract.world import World
from tests.fakes.scripted_executor import ScriptedExecutor, sha256_of

REQUEUE = LostPolicy.REQUEUE


async def lose(executor: ScriptedExecutor) -> None:
    """Its process dies and starts again: what it held is lost."""
    await executor.open()


async def swept_again(executor: ScriptedExecutor) -> Lease:
    await executor.swept(await executor.begin(StepKind.SWEEP))
    return await executor.begin()


async def test_a_clip_that_is_lost_twice_is_made_without_an_operator(brief: World) -> None:
    silent, other = await brief.executor("silent"), await brief.executor("other")
    key = await brief.admitted(silent, clips=2, on_executor_lost=REQUEUE)
    await silent.begin()  # and says nothing more
    await brief.clip_event(key, 0, "clip.requeue_by_policy")
    again = await swept_again(other)
    assert (again.clip_index, again.epoch) == (0, 2)
    await lose(other)
    third = await swept_again(other)
    await other.finish(third)
    await other.make()
    job = await brief.reached(key, JobState.COMPLETED)
    lines = brief.log.lines(key)
    assert (job.options.on_executor_lost, job.options.requeue_limit) == (REQUEUE, 0)
    assert (lines.count("clip.requeue_by_policy 0"), "job.recover" in lines, "job.resume" in lines) == (2, False, False)
    event = await brief.clip_event(key, 0, "clip.requeue_by_policy")
    assert (event.actor, event.before, event.after, json.loads(event.data_json)) == (
        "scheduler",
        "INTERRUPTED",
        "INTERRUPTED",
        {"policy": "REQUEUE", "requeue": 1, "requeue_limit": 2},
    )


async def test_what_was_published_is_adopted_and_not_made_again(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, on_executor_lost=REQUEUE, requeue_limit=1)
    lease = await executor.begin()
    assert await executor.prepare(lease) is PrepareAnswer.PUBLISH
    await lose(executor)
    await executor.swept(await executor.begin(StepKind.SWEEP), found=sha256_of(lease))
    await world.reached(key, JobState.COMPLETED)
    (clip,) = (await world.client.get_job_result(job_key=key)).clips
    assert (clip.adopted, "job.recover" in world.log.lines(key)) == (True, False)


async def test_other_bytes_under_the_final_name_are_left_to_the_operator(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, on_executor_lost=REQUEUE, requeue_limit=9)
    await executor.begin()
    await lose(executor)
    await executor.swept(await executor.begin(StepKind.SWEEP), found="f" * 64)
    job = await world.reached(key, JobState.RECOVERY_REQUIRED)
    assert job.reason == "other bytes stand at the final path of clip 0"


async def test_the_count_outlives_a_restart_and_ends_with_the_run(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, on_executor_lost=REQUEUE, requeue_limit=1)
    await executor.begin()
    await lose(executor)
    await world.restart()
    await executor.open()
    await swept_again(executor)
    await lose(executor)
    job = await world.reached(key, JobState.RECOVERY_REQUIRED)
    assert job.reason == ("every automatic requeue was used, and the executor was lost again while it worked on clip 0")
    await world.client.resume_job(job_key=key, request_id="resume")
    await executor.fail(await swept_again(executor))
    await world.reached(key, JobState.FAILED)
    await world.client.retry_failed_clips(job_key=key, request_id="retry")
    await executor.answer_probes()
    await executor.begin()
    await lose(executor)
    await executor.finish(await swept_again(executor))
    await world.reached(key, JobState.COMPLETED)
    assert world.log.lines(key).count("clip.requeue_by_policy 0") == 2


async def test_a_clip_that_is_being_swept_does_not_ask_for_an_operator(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2, failure_policy=FailurePolicy.CONTINUE, on_executor_lost=REQUEUE)
    await executor.begin()
    await lose(executor)
    (waiting, _) = (await world.client.list_clips(job_key=key)).items
    assert waiting.waiting_reason is not None
    assert waiting.waiting_reason.code is WaitingCode.SLOT
    await executor.begin(StepKind.SWEEP)
    (sweeping, _) = (await world.client.list_clips(job_key=key)).items
    assert (sweeping.state, sweeping.waiting_reason) == ("INTERRUPTED", None)
    assert (await world.client.get_job(job_key=key)).waiting_reason is None


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"on_executor_lost": REQUEUE, "requeue_limit": 11}, "it must lie between 0 (2 times) and 10"),
        ({"on_executor_lost": REQUEUE, "requeue_limit": -1}, "it must lie between 0 (2 times) and 10"),
        ({"requeue_limit": 1}, "it counts only with on_executor_lost REQUEUE"),
    ],
    ids=["too often", "negative", "without its policy"],
)
async def test_a_limit_that_means_nothing_is_refused(world: World, options: dict[str, object], rule: str) -> None:
    refusal = await refused(world.submit(**options))
    assert refusal.violations == (("FIELD_VALUE", "options.requeue_limit"),)
    assert rule in str(refusal)
