"""The operators' verbs: start, pause, resume, cancel; idempotent, guarded, and refused with what is allowed."""

from typing import Any

import grpc
import pytest

from proxx.core.jobs import JobState, JobView
from proxx.core.leases import ReleaseReason, ReportStatus
from proxx.core.steps import Directive, PrepareAnswer, StepKind
from tests.contract.refusal import Refusal, refused
from tests.contract.world import World


async def verb(world: World, name: str, job_key: str, **arguments: Any) -> JobView:
    method = {
        "start": world.client.start_job,
        "pause": world.client.pause_job,
        "resume": world.client.resume_job,
        "cancel": world.client.cancel_job,
    }[name]
    arguments.setdefault("request_id", f"{name} {job_key}")
    return await method(job_key=job_key, **arguments)


async def test_a_held_job_is_probed_and_admitted_and_waits_for_its_operator(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, hold=True)
    job = await world.client.get_job(job_key=key)
    assert (job.state, job.reason) == (JobState.PENDING, "held")
    assert await executor.idle()
    started = await verb(world, "start", key)
    assert (started.state, started.reason) == (JobState.RUNNING, "")
    await executor.make()
    await world.reached(key, JobState.COMPLETED)


async def test_a_held_job_that_is_started_before_it_was_probed_runs_once_it_is_admitted(world: World) -> None:
    executor = await world.executor()
    job = await world.submit(hold=True)
    assert (await verb(world, "start", job.job_key)).state is JobState.PENDING
    await executor.answer_probes()
    assert (await world.decided(job.job_key)).state is JobState.RUNNING
    assert (await executor.take_one(StepKind.ENCODE)).clip_index == 0


async def test_a_paused_job_finishes_what_is_started_and_starts_nothing_more_until_resumed(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    lease = await executor.begin()
    assert (await verb(world, "pause", key)).state is JobState.PAUSED
    assert await executor.directive(lease) is Directive.CONTINUE
    await executor.finish(lease)
    assert await executor.idle()
    assert (await world.states(key), (await world.client.get_job(job_key=key)).state) == (
        ["COMPLETED", "QUEUED"],
        JobState.PAUSED,
    )
    assert (await verb(world, "resume", key)).state is JobState.RUNNING
    await executor.make()
    await world.reached(key, JobState.COMPLETED)


async def test_a_paused_job_stages_a_clip_that_is_not_head_and_publishes_it_after_the_resume(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    head, later = await executor.begin(), await executor.begin()
    await verb(world, "pause", key)
    assert await executor.prepare(later) is PrepareAnswer.STAGED
    await executor.finish(head)
    assert (await world.states(key), await executor.idle()) == (["COMPLETED", "STAGED"], True)
    await verb(world, "resume", key)
    await executor.finish(await executor.begin(StepKind.PUBLISH))
    await world.reached(key, JobState.COMPLETED)


async def test_a_job_whose_last_clip_ends_while_it_is_paused_is_completed(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.begin()
    await verb(world, "pause", key)
    await executor.finish(lease)
    await world.reached(key, JobState.COMPLETED)


async def test_cancel_lets_the_head_publish_and_stops_the_rest(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=4)
    head, later = await executor.begin(), await executor.begin()
    granted = await executor.take_one(StepKind.ENCODE)
    assert (await verb(world, "cancel", key)).state is JobState.CANCELLING
    assert [await executor.directive(lease) for lease in (head, later, granted)] == [
        Directive.CONTINUE,
        Directive.CANCEL,
        Directive.REVOKED,
    ]
    assert await executor.release(later, ReleaseReason.CANCELLED) is ReportStatus.RECORDED
    await executor.finish(head)
    job = await world.reached(key, JobState.CANCELLED)
    skipped = ["SKIPPED(cancelled)"] * 3
    assert (await world.states(key), job.reason) == (["COMPLETED", *skipped], "cancelled")
    assert (job.counts.completed, job.counts.skipped) == (1, 3)


async def test_cancel_now_stops_the_head_too(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    head = await executor.begin()
    await verb(world, "cancel", key, now=True)
    assert await executor.directive(head) is Directive.CANCEL
    await executor.release(head, ReleaseReason.CANCELLED)
    await world.reached(key, JobState.CANCELLED)
    assert await world.states(key) == ["SKIPPED(cancelled)"] * 2


async def test_cancel_now_after_cancel_stops_the_head_that_was_to_finish(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    head = await executor.begin()
    await verb(world, "cancel", key)
    assert await executor.directive(head) is Directive.CONTINUE
    await verb(world, "cancel", key, now=True, request_id="at once")
    assert await executor.directive(head) is Directive.CANCEL
    assert await executor.prepare(head) is PrepareAnswer.DISCARD
    assert (await world.client.get_job(job_key=key)).state is JobState.CANCELLING
    assert await executor.release(head, ReleaseReason.CANCELLED) is ReportStatus.RECORDED
    await world.reached(key, JobState.CANCELLED)


async def test_a_cancelled_head_that_was_the_last_clip_completes_its_job(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    head = await executor.begin()
    await verb(world, "cancel", key)
    await executor.finish(head)
    await world.reached(key, JobState.COMPLETED)


async def test_a_staged_clip_of_a_cancelled_job_is_swept_before_it_is_skipped(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    head, later = await executor.begin(), await executor.begin()
    output = executor.output_of(later)
    assert await executor.prepare(later, output) is PrepareAnswer.STAGED
    await verb(world, "cancel", key, now=True)
    await executor.release(head, ReleaseReason.CANCELLED)
    sweep = await executor.begin(StepKind.SWEEP)
    assert sweep.sweep is not None
    assert sweep.sweep.staged == (output.staged,)
    await executor.swept(sweep, removed=sweep.sweep.staged)
    await world.reached(key, JobState.CANCELLED)
    assert await world.states(key) == ["SKIPPED(cancelled)"] * 2


async def test_a_job_that_is_cancelled_while_it_is_probed_ends_at_once_and_the_probe_is_stale(world: World) -> None:
    executor = await world.executor()
    job = await world.submit()
    lease = await executor.take_one(StepKind.PROBE)
    assert (await verb(world, "cancel", job.job_key)).state is JobState.CANCELLED
    assert await executor.directive(lease) is Directive.REVOKED
    assert await executor.report_probe(lease) is ReportStatus.STALE
    assert await world.states(job.job_key) == ["SKIPPED(cancelled)"]


async def test_the_same_verb_with_the_same_request_id_is_done_once(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    await verb(world, "pause", key, request_id="one")
    resumed = await verb(world, "resume", key, request_id="two")
    again = await verb(world, "pause", key, request_id="one")
    assert (again, again.state) == (resumed, JobState.RUNNING)
    assert world.log.lines(key).count("job.pause") == 1


async def test_a_request_id_belongs_to_one_verb_on_one_job(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    await verb(world, "pause", key, request_id="one")
    for call in (
        verb(world, "resume", key, request_id="one"),
        verb(world, "pause", key, request_id="one", expected_revision=9),
        verb(world, "pause", "nobody", request_id="one"),
        verb(world, "cancel", key, request_id="request-1"),
    ):
        refusal = await refused(call)
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")


async def test_a_verb_without_a_request_id_is_refused(world: World) -> None:
    job = await world.submit()
    refusal = await refused(verb(world, "cancel", job.job_key, request_id=""))
    assert (refusal.reason, refusal.metadata["field"]) == ("REQUEST_INVALID", "request_id")


async def test_a_verb_on_a_job_that_changed_is_refused_and_does_nothing(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    seen = (await world.client.get_job(job_key=key)).revision
    await executor.begin()
    now = (await world.client.get_job(job_key=key)).revision
    refusal = await refused(verb(world, "pause", key, expected_revision=seen))
    assert (refusal.code, refusal.reason, refusal.metadata) == (
        grpc.StatusCode.ABORTED,
        "REVISION_MISMATCH",
        {"expected": str(seen), "actual": str(now)},
    )
    assert (await verb(world, "pause", key, expected_revision=now)).state is JobState.PAUSED


@pytest.mark.parametrize("name", ["start", "pause", "resume", "cancel"])
async def test_a_verb_on_no_job_is_refused(world: World, name: str) -> None:
    refusal = await refused(verb(world, name, "nobody"))
    assert (refusal.reason, refusal.metadata) == ("JOB_NOT_FOUND", {"job_key": "nobody"})


async def refusals(world: World, job_key: str) -> dict[str, Refusal]:
    """Try every verb that is not expected to succeed; a refused verb changes nothing, so all can be tried."""
    found = {}
    for name in ("start", "pause", "resume", "cancel"):
        before = await world.client.get_job(job_key=job_key)
        try:
            found[name] = await refused(verb(world, name, job_key, request_id=f"try {name} {before.revision}"))
        except AssertionError:
            continue
        assert await world.client.get_job(job_key=job_key) == before
    return found


def allowed_in(found: dict[str, Refusal]) -> dict[str, tuple[str, str, str]]:
    return {
        name: (refusal.reason, refusal.metadata["state"], refusal.metadata["allowed"])
        for name, refusal in found.items()
    }


async def test_a_pending_job_allows_only_cancel(world: World) -> None:
    job = await world.submit()
    pending = ("TRANSITION_NOT_ALLOWED", "PENDING", "cancel")
    assert allowed_in(await refusals(world, job.job_key)) == {"start": pending, "pause": pending, "resume": pending}


async def test_a_held_job_allows_start_and_cancel(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, hold=True)
    refusal = await refused(verb(world, "pause", key))
    assert refusal.metadata == {"state": "PENDING", "verb": "pause", "allowed": "start, cancel"}


async def test_a_running_job_allows_pause_and_cancel(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    for name in ("start", "resume"):
        refusal = await refused(verb(world, name, key))
        assert refusal.metadata == {"state": "RUNNING", "verb": name, "allowed": "pause, cancel"}


async def test_a_paused_job_allows_resume_and_cancel(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    await verb(world, "pause", key)
    for name in ("start", "pause"):
        refusal = await refused(verb(world, name, key, request_id=f"again {name}"))
        assert refusal.metadata == {"state": "PAUSED", "verb": name, "allowed": "resume, cancel"}


async def test_a_job_in_doubt_allows_resume_and_cancel(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    await executor.begin()
    await executor.close()
    await world.reached(key, JobState.RECOVERY_REQUIRED)
    for name in ("start", "pause"):
        refusal = await refused(verb(world, name, key))
        assert refusal.metadata == {"state": "RECOVERY_REQUIRED", "verb": name, "allowed": "resume, cancel"}


async def test_a_finished_job_allows_nothing(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    await executor.make()
    await world.reached(key, JobState.COMPLETED)
    completed = ("TRANSITION_NOT_ALLOWED", "COMPLETED", "")
    assert allowed_in(await refusals(world, key)) == dict.fromkeys(("start", "pause", "resume", "cancel"), completed)
    refusal = await refused(verb(world, "cancel", key))
    assert refusal.message == "the job is COMPLETED: cancel is not allowed (allowed: nothing)"
