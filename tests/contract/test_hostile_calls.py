"""Calls that name what nobody knows, come twice, or come in any order: refused by name, and nothing moves twice."""

import itertools
from collections.abc import Awaitable
from typing import Any

import pytest

from proxx.api.executors.v1 import executor_service_pb2 as executors_pb
from proxx.core.jobs import FailurePolicy, JobState, SubmissionOptions
from proxx.core.leases import HeldLease, Lease, LeaseOutcome, ReleaseReason, ReportStatus
from proxx.core.steps import Directive, Phase, Published, StepKind
from proxx.core.verbs import Verb
from proxx.rpc.executor_errors import SchedulerCallError
from tests.contract.refusal import read_refusal, refused
from tests.contract.world import World, call, spec_of
from tests.fakes.scripted_executor import ScriptedExecutor, sha256_of

UNKNOWN = "0199a8c2-0000-7000-8000-000000000000"
"""A key of the right form that nobody ever gave."""


async def test_a_job_that_nobody_submitted_is_named_by_every_call(world: World) -> None:
    key: dict[str, Any] = {"job_key": UNKNOWN}
    pressed: dict[str, Any] = {**key, "request_id": "one"}
    client = world.client
    body = {"spec_json": spec_of(), "options": SubmissionOptions()}
    calls: dict[str, Awaitable[Any]] = {
        "get": client.get_job(**key),
        "clips": client.list_clips(**key),
        "result": client.get_job_result(**key),
        "revision": client.get_spec_revision(**key),
        "plan": client.plan_verb(verb=Verb.CANCEL, **key),
        "start": client.start_job(**pressed),
        "pause": client.pause_job(**pressed),
        "resume": client.resume_job(**pressed),
        "cancel": client.cancel_job(**pressed),
        "retry": client.retry_failed_clips(**pressed),
        "move": client.update_job_scheduling(priority=1, **pressed),
        "rebind": client.rebind_preset(**pressed, **body),
    }
    for name, awaitable in calls.items():
        refusal = await refused(awaitable)
        assert (name, refusal.reason, refusal.metadata["job_key"]) == (name, "JOB_NOT_FOUND", UNKNOWN)
    assert (await client.submit_job(request_id="one", **body))[1]  # no refused verb used its id up


async def test_an_executor_that_nobody_knows_is_named_by_every_call(world: World) -> None:
    for verb in (world.client.drain_executor, world.client.undrain_executor):
        refusal = await refused(verb(name="nobody", request_id="one"))
        assert (refusal.reason, refusal.metadata) == ("EXECUTOR_NOT_FOUND", {"name": "nobody"})
    sessions: dict[str, Any] = {
        "AcquireLeases": executors_pb.AcquireLeasesRequest(session_id=UNKNOWN, acquire_sequence=1, max_grants=1),
        "RenewLeases": executors_pb.RenewLeasesRequest(session_id=UNKNOWN),
        "CompleteLeases": executors_pb.CompleteLeasesRequest(session_id=UNKNOWN),
        "ReleaseLeases": executors_pb.ReleaseLeasesRequest(session_id=UNKNOWN),
        "CloseSession": executors_pb.CloseSessionRequest(session_id=UNKNOWN),
    }
    for name, request in sessions.items():
        refusal = await refused(call(getattr(world.executors, name), request))
        assert (name, refusal.reason, refusal.metadata) == (name, "SESSION_UNKNOWN", {"session_id": UNKNOWN})


async def test_a_lease_that_was_never_granted_is_revoked_and_reports_of_it_are_stale(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    real = await executor.begin()
    before = await world.client.get_job(job_key=key)
    for lease_id, epoch in ((UNKNOWN, 1), (real.lease_id, 2), (real.lease_id, 0), ("", 1)):
        forged = Lease(
            lease_id=lease_id, step_id=real.step_id, epoch=epoch, kind=StepKind.ENCODE, job_key=key,
            job_id=real.job_id, clip_index=0, encode=real.encode,
        )  # fmt: skip
        assert await executor.directive(forged) is Directive.REVOKED
        assert (await refused(executor.prepare(forged, executor.output_of(real)))).reason == "LEASE_SUPERSEDED"
        outcome = LeaseOutcome(
            lease_id=lease_id, epoch=epoch, published=Published(sha256=sha256_of(real), size_bytes=1234)
        )
        assert await executor.complete(outcome) is ReportStatus.STALE
        assert await executor.release(forged, ReleaseReason.DRAINED) is ReportStatus.STALE
    after = await world.client.get_job(job_key=key)
    assert (after.state, after.revision, await world.states(key)) == (before.state, before.revision, ["RUNNING"])
    await executor.finish(real)
    await world.reached(key, JobState.COMPLETED)


async def test_a_session_that_says_it_holds_what_was_never_granted_is_told_nothing_of_it(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    held = HeldLease(lease_id=UNKNOWN, epoch=7, phase=Phase.ENCODING)
    await executor.client.open_session(description=executor.description, held=[held])
    assert await world.states(key) == ["QUEUED"]
    await executor.make()
    await world.reached(key, JobState.COMPLETED)


async def test_an_unknown_answer_or_kind_in_a_report_is_refused_whole(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.begin()
    report = executors_pb.LeaseReport(lease_id=lease.lease_id, epoch=lease.epoch)
    report.phase = 77  # type: ignore[assignment]  # proto3 enums are open
    request = executors_pb.RenewLeasesRequest(session_id=executor.session_id, reports=[report])
    assert (await refused(call(world.executors.RenewLeases, request))).reason == "REQUEST_INVALID"
    release = executors_pb.LeaseRelease(lease_id=lease.lease_id, epoch=lease.epoch)
    release.reason = 77  # type: ignore[assignment]  # proto3 enums are open
    given_back = executors_pb.ReleaseLeasesRequest(session_id=executor.session_id, releases=[release])
    assert (await refused(call(world.executors.ReleaseLeases, given_back))).reason == "REQUEST_INVALID"
    assert await world.states(key) == ["RUNNING"]


async def started(executor: ScriptedExecutor, lease: Lease) -> bool:
    return await executor.directive(lease, phase=Phase.STARTING) is Directive.CONTINUE


async def prepared(executor: ScriptedExecutor, lease: Lease) -> bool:
    try:
        await executor.prepare(lease)
    except SchedulerCallError as error:
        return refused_for(error, "LEASE_SUPERSEDED")
    return True


def refused_for(error: SchedulerCallError, reason: str) -> bool:
    """Nothing but this reason is expected; the call did nothing."""
    assert read_refusal(error).reason == reason
    return False


async def published(executor: ScriptedExecutor, lease: Lease) -> bool:
    return await executor.published(lease) is ReportStatus.RECORDED


async def handed_back(executor: ScriptedExecutor, lease: Lease) -> bool:
    return await executor.release(lease, ReleaseReason.NOT_STARTED) is ReportStatus.RECORDED


async def test_the_calls_of_an_attempt_in_any_order_publish_it_once_or_hand_it_back(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=16, failure_policy=FailurePolicy.CONTINUE, max_parallel_clips=16)
    taken, left = [], set()
    for order in itertools.permutations((started, prepared, published, handed_back)):
        lease = await executor.take_one(StepKind.ENCODE)
        taken.append(lease)
        for step in (*order, *order):  # and all of it once more
            await step(executor, lease)
        state = (await world.states(key))[lease.clip_index]
        left.add(state)
        if state == "STAGED":  # handed back between Prepare and its file's final name
            await executor.finish(await executor.begin(StepKind.PUBLISH))
    assert left == {"COMPLETED", "QUEUED", "STAGED"}
    made = (await world.states(key)).count("COMPLETED")
    assert 0 < made < 16
    for _ in range(16 - made):
        await executor.make()
    await world.reached(key, JobState.COMPLETED)
    for lease in taken:  # what was handed back reports once more, after another attempt has published
        await published(executor, lease)
    lines = world.log.lines(key)
    assert [lines.count(f"clip.complete {index}") for index in range(16)] == [1] * 16


@pytest.mark.parametrize("request_id", ["", "x" * 129, "a\x00b", "a\nb"], ids=["empty", "long", "nul", "line_break"])
async def test_a_verb_with_an_id_that_cannot_be_kept_is_refused(world: World, request_id: str) -> None:
    job = await world.submit(hold=True)
    refusal = await refused(world.client.cancel_job(job_key=job.job_key, request_id=request_id))
    assert (refusal.reason, refusal.metadata["field"]) == ("REQUEST_INVALID", "request_id")
    assert (await world.client.get_job(job_key=job.job_key)).state is JobState.PENDING
