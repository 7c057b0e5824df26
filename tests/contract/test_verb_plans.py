"""PlanVerb: what a verb would do to every clip, from the same decision, stored nowhere."""

from typing import Any

import pytest

from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.core.jobs import JobState, SubmissionOptions
from proxx.core.verbs import Verb, VerbPlan
from tests.contract.refusal import refused
from tests.contract.world import World, call, spec_of


def told(plan: VerbPlan) -> list[str]:
    """The fates in clip order as short text."""
    return [f"{item.fate} {item.first}-{item.last}" for item in plan.ranges]


async def planned(world: World, key: str, verb: Verb, **carried: Any) -> VerbPlan:
    return await world.client.plan_verb(job_key=key, verb=verb, **carried)


async def test_the_plans_of_a_running_job(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=6, max_parallel_clips=3)
    await executor.make()
    head, later = await executor.begin(), await executor.begin()
    await executor.prepare(later)
    assert (head.clip_index, await world.states(key)) == (
        1,
        ["COMPLETED", "RUNNING", "STAGED", "QUEUED", "QUEUED", "QUEUED"],
    )
    pause = await planned(world, key, Verb.PAUSE)
    assert told(pause) == ["STAY 0-0", "FINISH 1-1", "WAIT 2-5"]
    assert (pause.state_before, pause.state_after) == (JobState.RUNNING, JobState.PAUSED)
    cancel = await planned(world, key, Verb.CANCEL)
    assert told(cancel) == ["STAY 0-0", "FINISH 1-1", "SWEEP 2-2", "SKIP 3-5"]
    assert cancel.warnings == ("clip 1 finishes and is published first; CANCEL_NOW stops it too",)
    now = await planned(world, key, Verb.CANCEL_NOW)
    assert told(now) == ["STAY 0-0", "STOP 1-1", "SWEEP 2-2", "SKIP 3-5"]
    move = await planned(world, key, Verb.RESCHEDULE, priority=3)
    assert told(move) == ["STAY 0-0", "FINISH 1-1", "PUBLISH 2-2", "RUN 3-5"]
    assert [(count.fate, count.clips) for count in move.counts] == [
        ("STAY", 1),
        ("RUN", 3),
        ("FINISH", 1),
        ("PUBLISH", 1),
    ]


async def test_a_plan_changes_nothing_and_its_revision_guards_the_verb(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    before = await world.client.get_job(job_key=key)
    plan = await planned(world, key, Verb.CANCEL)
    assert (plan.revision, await world.client.get_job(job_key=key)) == (before.revision, before)
    job = await world.client.cancel_job(job_key=key, request_id="c", expected_revision=plan.revision)
    assert job.state is plan.state_after


async def test_the_plan_of_a_resume_lists_what_is_swept_and_why(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=3)
    await executor.make()
    await executor.begin()
    await executor.close()
    await world.reached(key, JobState.RECOVERY_REQUIRED)
    plan = await planned(world, key, Verb.RESUME)
    assert told(plan) == ["STAY 0-0", "SWEEP 1-1", "RUN 2-2"]
    assert plan.warnings[0] == "in doubt: the executor was lost while it worked on clip 1"
    assert plan.warnings[1].startswith("of a clip in doubt the sweep looks for a finished proxy")


async def test_the_plan_of_a_retry_names_the_run_and_the_clips_that_stay(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=3)
    await executor.make()
    await executor.fail(await executor.begin())
    await world.reached(key, JobState.PARTIAL)
    plan = await planned(world, key, Verb.RETRY)
    assert (told(plan), plan.run_number, plan.state_after) == (["STAY 0-0", "RUN 1-2"], 2, JobState.PENDING)
    assert (await world.client.get_job(job_key=key)).run_number == 1


async def test_the_plan_of_a_start(world: World) -> None:
    job = await world.submit(clips=2, hold=True)
    plan = await planned(world, job.job_key, Verb.START)
    assert (told(plan), plan.warnings) == (
        ["RUN 0-1"],
        ("the sources are still being looked at: the job runs only once every one is accepted",),
    )


async def test_the_plan_of_a_rebind_looks_at_no_file(world: World) -> None:
    executor = await world.executor()
    labels = {"proxx.preset": "old"}
    key = await world.admitted(executor, clips=2, hold=True, labels=labels)
    plan = await planned(
        world,
        key,
        Verb.REBIND,
        spec_json=spec_of(2, output_directory="/elsewhere"),
        options=SubmissionOptions(labels=labels),
    )
    assert (told(plan), plan.state_after) == (["WAIT 0-1"], JobState.PENDING)
    assert await executor.idle()


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        pytest.param(Verb.START, "start", id="start"),
        pytest.param(Verb.RESUME, "resume", id="resume"),
        pytest.param(Verb.RETRY, "retry", id="retry"),
    ],
)
async def test_a_verb_that_would_be_refused_is_refused_in_its_plan(world: World, verb: Verb, state: str) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    refusal = await refused(planned(world, key, verb))
    assert refusal.metadata == {"state": "RUNNING", "verb": state, "allowed": "pause, cancel"}
    assert refusal.subjects == (key,)


async def test_a_call_without_a_verb_is_refused(world: World) -> None:
    job = await world.submit()
    refusal = await refused(call(world.jobs.PlanVerb, pb.PlanVerbRequest(job_key=job.job_key)))
    assert refusal.code.name == "INVALID_ARGUMENT"
