"""RebindPreset: another revision of the spec, only before anything is published, and both kept."""

import asyncio
import json
from typing import Any

from proxx.core.jobs import CollisionPolicy, JobState, JobView, SubmissionOptions
from proxx.core.leases import ReleaseReason
from proxx.core.steps import Directive, Phase, StepKind
from proxx.rpc.client import SchedulerClient
from tests.contract.refusal import refused
from tests.contract.world import World, spec_of
from tests.fakes.measured import probed
from tests.fakes.scripted_executor import ScriptedExecutor, sha256_of

OLD = {"proxx.preset": "old", "proxx.preset.version": "1"}
NEW = {"proxx.preset": "new", "proxx.preset.version": "3"}


async def rebind(
    world: World,
    executor: ScriptedExecutor,
    key: str,
    *,
    clips: int = 2,
    request_id: str = "rebind",
    labels: dict[str, str] = NEW,
    exists: bool = False,
    expected_revision: int = 0,
    policy: CollisionPolicy = CollisionPolicy.FAIL,
    **changes: Any,
) -> JobView:
    """Rebind, while the executor answers the look that precedes it."""
    text = spec_of(clips, output_directory="/elsewhere", **changes)
    call = asyncio.create_task(
        world.client.rebind_preset(
            job_key=key,
            request_id=request_id,
            spec_json=text,
            options=SubmissionOptions(labels=labels, priority=7, collision_policy=policy),
            expected_revision=expected_revision,
        )
    )
    await executor.answer_probes(lambda item: probed(item, output_exists=exists))
    return await call


async def test_a_held_job_takes_the_new_revision_is_probed_again_and_stays_held(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2, hold=True, labels=OLD)
    before = await world.client.get_job(job_key=key)
    job = await rebind(world, executor, key)
    assert (job.state, job.spec_revision, job.options.hold, job.options.priority) == (JobState.PENDING, 2, True, 7)
    assert (job.spec["output_directory"], job.job_id, job.spec["created_at"]) == (
        "/elsewhere",
        before.job_id,
        before.spec["created_at"],
    )
    await executor.answer_probes()
    await world.log.until(lambda event: event.kind == "job.admitted" and event.sequence > job.last_event_sequence)
    assert await executor.idle()
    await world.client.start_job(job_key=key, request_id="start")
    lease = await executor.make()
    assert lease.encode is not None
    assert lease.encode.inputs.output.path.startswith("elsewhere/")


async def test_both_revisions_are_kept(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2, hold=True, labels=OLD)
    submitted, newest = await world.client.get_spec_revision(job_key=key)
    assert (submitted.number, submitted.in_force, newest) == (1, True, 1)
    await rebind(world, executor, key)
    first, newest = await world.client.get_spec_revision(job_key=key, number=1)
    second, _ = await world.client.get_spec_revision(job_key=key)
    assert (first, newest) == (submitted, 2)
    assert (second.number, second.in_force, second.actor, second.options.labels) == (2, True, "operator", NEW)
    assert first.spec_digest != second.spec_digest
    refusal = await refused(world.client.get_spec_revision(job_key=key, number=3))
    assert refusal.message == "number: the job has the revisions 1 to 2, got 3"


async def test_the_first_revision_names_who_submitted_it_before_and_after_a_rebind(world: World) -> None:
    executor = await world.executor()
    nobody = world.client
    async with SchedulerClient(world.address, actor="alice") as alice:
        world.client = alice
        key = await world.admitted(executor, clips=2, hold=True, labels=OLD)
        world.client = nobody
    before, _ = await world.client.get_spec_revision(job_key=key)
    await rebind(world, executor, key)
    after, _ = await world.client.get_spec_revision(job_key=key, number=1)
    assert [before.actor, after.actor] == ["claimed/alice", "claimed/alice"]


async def test_the_same_rebind_again_is_the_same_rebind(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2, hold=True, labels=OLD)
    await rebind(world, executor, key)
    again = await world.client.rebind_preset(
        job_key=key,
        request_id="rebind",
        spec_json=spec_of(2, output_directory="/elsewhere"),
        options=SubmissionOptions(labels=NEW, priority=7),
    )
    assert again.spec_revision == 2


async def refusal_of(world: World, key: str, *, clips: int = 2, labels: dict[str, str] = NEW, **changes: Any) -> Any:
    return await refused(
        world.client.rebind_preset(
            job_key=key,
            request_id="refused",
            spec_json=spec_of(clips, **{"output_directory": "/elsewhere", **changes}),
            options=SubmissionOptions(labels=labels),
        )
    )


async def test_a_job_that_no_preset_made_is_refused(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2, hold=True)
    refusal = await refusal_of(world, key)
    assert (refusal.reason, refusal.subjects) == ("TRANSITION_NOT_ALLOWED", (key,))
    assert refusal.message == (
        "the job is PENDING: rebind is not allowed: no preset made the job (allowed: start, cancel)"
    )


async def test_a_job_that_is_not_held_is_refused(world: World) -> None:
    job = await world.submit(clips=2, labels=OLD)
    await world.executor()
    refusal = await refusal_of(world, job.job_key)
    assert refusal.message == "the job is PENDING: rebind is not allowed: it is not held (allowed: cancel)"


async def test_a_running_job_is_refused(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2, labels=OLD)
    assert (await refusal_of(world, key)).metadata == {
        "state": "RUNNING",
        "verb": "rebind",
        "allowed": "pause, cancel",
    }


async def test_a_job_with_a_published_clip_is_refused(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2, labels=OLD)
    await executor.make()
    await executor.begin()
    await executor.close()
    await world.reached(key, JobState.RECOVERY_REQUIRED)
    refusal = await refusal_of(world, key)
    assert refusal.message == (
        "the job is RECOVERY_REQUIRED: rebind is not allowed: 1 of its clips are published (allowed: resume, cancel)"
    )


async def test_other_sources_another_job_and_no_preset_are_refused_all_at_once(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2, hold=True, labels=OLD)
    refusal = await refusal_of(world, key, clips=3, labels={}, job_id="0badcafe")
    assert refusal.reason == "SPEC_INVALID"
    assert refusal.violations == (
        ("FIELD_VALUE", "job_id"),
        ("FIELD_VALUE", "sources"),
        ("FIELD_MISSING", "options.labels"),
    )


async def test_a_revision_whose_output_exists_is_refused_and_changes_nothing(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2, hold=True, labels=OLD)
    before = await world.client.get_job(job_key=key)
    refusal = await refused(rebind(world, executor, key, exists=True))
    assert {code for code, _ in refusal.violations} == {"OUTPUT_EXISTS"}
    assert await world.client.get_job(job_key=key) == before


async def a_job_in_doubt(world: World) -> tuple[str, ScriptedExecutor, Any]:
    """Two clips: the first lost while it was encoded, the second being encoded by the executor that is returned."""
    lost, executor = await world.executor("lost"), await world.executor("kept")
    key = await world.admitted(lost, clips=2, labels=OLD)
    await lost.begin()
    running = await executor.begin()
    await lost.close()
    await world.reached(key, JobState.RECOVERY_REQUIRED)
    return key, executor, running


async def test_a_job_in_doubt_is_stopped_and_swept_before_the_new_revision_comes_into_force(world: World) -> None:
    key, executor, running = await a_job_in_doubt(world)
    job = await rebind(world, executor, key)
    assert (job.state, job.spec_revision) == (JobState.RECOVERY_REQUIRED, 1)
    assert job.reason == "what was begun is swept; then the new revision comes into force"
    assert await executor.directive(running, phase=Phase.ENCODING) is Directive.CANCEL
    await executor.release(running, ReleaseReason.CANCELLED)
    sweep = await executor.begin(StepKind.SWEEP)
    assert sweep.sweep is not None
    assert sweep.sweep.output.path.startswith("proxies/")  # the place of the old revision
    await executor.swept(sweep)
    job = await world.reached(key, JobState.PENDING)
    assert (job.state, job.spec_revision, job.options.hold) == (JobState.PENDING, 2, True)
    await executor.answer_probes()
    await world.log.until(lambda event: event.kind == "job.admitted")
    await world.client.start_job(job_key=key, request_id="start")
    await executor.make()
    await executor.make()
    await world.reached(key, JobState.COMPLETED)


async def test_a_job_rebound_in_a_later_run_gets_the_numbered_names_of_its_new_revision(world: World) -> None:
    lost = await world.executor("lost")
    key = await world.admitted(lost, clips=1, labels=OLD)
    await lost.fail(await lost.begin())
    await world.reached(key, JobState.FAILED)
    await world.client.retry_failed_clips(job_key=key, request_id="again")
    await lost.answer_probes()
    await lost.begin()
    await lost.close()
    await world.reached(key, JobState.RECOVERY_REQUIRED)
    executor = await world.executor("kept")
    await rebind(world, executor, key, clips=1, policy=CollisionPolicy.SUFFIX, exists=True)
    await executor.swept(await executor.begin(StepKind.SWEEP))
    await executor.answer_probes(lambda item: probed(item, output_exists=True))
    await world.log.until(lambda event: event.kind == "job.admitted")
    await world.client.start_job(job_key=key, request_id="start")
    await executor.make()
    job = await world.reached(key, JobState.COMPLETED)
    (clip,) = (await world.client.list_clips(job_key=key)).items
    assert (job.run_number, clip.output_path) == (2, "/elsewhere/A001_proxy_001.mp4")


async def test_a_published_file_that_the_sweep_finds_keeps_the_old_revision(world: World) -> None:
    executor = await world.executor("lost")
    key = await world.admitted(executor, clips=2, labels=OLD)
    lease = await executor.begin()
    await executor.prepare(lease)
    await executor.close()
    await world.reached(key, JobState.RECOVERY_REQUIRED)
    other = await world.executor("other")
    await rebind(world, other, key)
    sweep = await other.begin(StepKind.SWEEP)
    await other.swept(sweep, found=sha256_of(lease))
    await world.log.until(lambda event: event.kind == "job.rebind_refused")
    job = await world.client.get_job(job_key=key)
    assert (job.state, job.spec_revision, job.counts.completed) == (JobState.RECOVERY_REQUIRED, 1, 1)
    revision, newest = await world.client.get_spec_revision(job_key=key, number=2)
    assert (revision.in_force, newest) == (False, 2)
    await world.client.resume_job(job_key=key, request_id="resume")
    await other.make()
    await world.reached(key, JobState.COMPLETED)


async def test_a_rebind_that_waits_survives_a_restart(world: World) -> None:
    key, executor, running = await a_job_in_doubt(world)
    await rebind(world, executor, key)
    await world.restart()
    await executor.open()
    sweep = await executor.begin(StepKind.SWEEP)
    await executor.swept(sweep)
    job = await world.client.get_job(job_key=key)
    if job.state is JobState.RECOVERY_REQUIRED:  # what the executor does not hold any more is lost, and swept too
        await executor.swept(await executor.begin(StepKind.SWEEP))
        job = await world.reached(key, JobState.PENDING)
    assert (job.state, job.spec_revision, running.clip_index) == (JobState.PENDING, 2, 1)


async def test_a_rebind_is_recorded_with_who_and_the_digest_of_what(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2, hold=True, labels=OLD)
    job = await rebind(world, executor, key)
    await world.log.until(lambda event: event.kind == "job.rebound")
    found = [
        (event.kind, event.actor, event.before, event.after, json.loads(event.data_json))
        for event in world.log.events
        if event.job_key == key and event.kind in ("job.rebind", "job.rebound")
    ]
    assert found == [
        ("job.rebind", "operator", "PENDING", "PENDING", {"spec_digest": job.spec_digest}),
        ("job.rebound", "operator", "PENDING", "PENDING", {}),
    ]


async def test_an_answered_rebind_is_answered_again_though_its_paths_have_no_root_any_more(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2, hold=True, labels=OLD)
    first = await rebind(world, executor, key)
    world.rules["root"] = ("local=/nowhere",)
    await world.restart()
    again = await world.client.rebind_preset(
        job_key=key,
        request_id="rebind",
        spec_json=spec_of(2, output_directory="/elsewhere"),
        options=SubmissionOptions(labels=NEW, priority=7, collision_policy=CollisionPolicy.FAIL),
    )
    assert (again.job_key, again.spec_revision) == (key, first.spec_revision)
