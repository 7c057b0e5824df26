"""Prepare, complete and release: what executors report, judged and fenced."""

from collections.abc import Callable
from dataclasses import replace

import grpc
import pytest

from proxx.api.executors.v1 import executor_service_pb2 as pb
from proxx.core.failure import FailureKind
from proxx.core.jobs import JobState
from proxx.core.leases import LeaseOutcome, ReleaseReason, ReportStatus
from proxx.core.steps import Directive, Measured, PrepareAnswer, Published, StepKind
from tests.contract.refusal import refused
from tests.contract.world import World, call
from tests.fakes.measured import short_of_frames
from tests.fakes.scripted_executor import sha256_of


async def test_prepare_is_answered_the_same_way_when_it_is_repeated(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    head, later = await executor.begin(), await executor.begin()
    for lease, answer in ((later, PrepareAnswer.STAGED), (head, PrepareAnswer.PUBLISH)):
        assert [await executor.prepare(lease) for _ in range(3)] == [answer] * 3
    lines = world.log.lines(key)
    assert (lines.count("clip.stage 1"), lines.count("clip.prepare 0")) == (1, 1)
    await executor.published(head)
    assert await executor.prepare(head) is PrepareAnswer.PUBLISH


async def test_facts_that_do_not_pass_are_refused_by_the_schedulers_own_judgement(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.begin()
    good = executor.output_of(lease)
    forged = replace(good, measured=short_of_frames(good.measured))
    refusal = await refused(executor.prepare(lease, forged))
    assert (refusal.code, refusal.reason, refusal.metadata) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "VERDICT_FAILED",
        {"checks": "frame_count"},
    )
    assert await world.states(key) == ["RUNNING"]
    await executor.fail(lease, kind=FailureKind.OUTPUT_MISMATCH, exit_code=0)
    job = await world.reached(key, JobState.FAILED)
    assert job.counts.failed == 1


CHANGES: dict[str, Callable[[Measured], Measured]] = {
    "decodes_to_end": lambda measured: replace(measured, decode_errors=("error while decoding MB 3 4",)),
    "source_unchanged": lambda measured: replace(measured, source_unchanged=False),
    "timecode": lambda measured: replace(measured, facts=replace(measured.facts, timecode=None)),
    "audio_track_count": lambda measured: replace(measured, facts=replace(measured.facts, audio=())),
}


@pytest.mark.parametrize("check", CHANGES)
async def test_each_failing_check_is_named(world: World, check: str) -> None:
    executor = await world.executor()
    await world.admitted(executor)
    lease = await executor.begin()
    refusal = await refused(executor.prepare(lease, executor.output_of(lease, change=CHANGES[check])))
    assert check in refusal.metadata["checks"].split(", ")


async def test_a_published_file_that_was_not_prepared_does_not_count(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.begin()
    assert await executor.published(lease) is ReportStatus.STALE
    assert await world.states(key) == ["RUNNING"]


async def test_a_published_file_with_another_digest_than_the_prepared_one_does_not_count(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.begin()
    await executor.prepare(lease)
    assert await executor.published(lease, sha256="0" * 64) is ReportStatus.STALE
    assert await world.states(key) == ["PUBLISHING"]
    assert await executor.published(lease) is ReportStatus.RECORDED


async def test_a_completed_report_is_answered_as_before_when_it_is_repeated(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    lease = await executor.make()
    before = await world.client.get_job(job_key=key)
    assert await executor.published(lease) is ReportStatus.RECORDED
    assert await executor.fail(lease) is ReportStatus.RECORDED
    assert await executor.release(lease, ReleaseReason.DRAINED) is ReportStatus.RECORDED
    assert await world.client.get_job(job_key=key) == before


async def test_reports_of_one_call_are_answered_one_by_one(world: World) -> None:
    executor = await world.executor()
    await world.admitted(executor, clips=2)
    one, other = await executor.begin(), await executor.begin()
    late = LeaseOutcome(lease_id=one.lease_id, epoch=99)
    unknown = LeaseOutcome(lease_id="nobody", epoch=1)
    await executor.prepare(one)
    good = LeaseOutcome(lease_id=one.lease_id, epoch=1, published=Published(sha256=sha256_of(one), size_bytes=1234))
    bare = LeaseOutcome(lease_id=other.lease_id, epoch=1)
    outcomes = [late, unknown, good, bare]
    statuses = await executor.client.complete(session_id=executor.session_id, outcomes=outcomes)
    assert statuses == (ReportStatus.STALE, ReportStatus.STALE, ReportStatus.RECORDED, ReportStatus.RECORDED)


async def test_a_lease_without_an_outcome_is_a_failure_of_its_executor(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.begin()
    assert await executor.complete(LeaseOutcome(lease_id=lease.lease_id, epoch=1)) is ReportStatus.RECORDED
    await world.reached(key, JobState.FAILED)
    (clip,) = (await world.client.list_clips(job_key=key)).items
    assert clip.failure is not None
    assert clip.failure.kind is FailureKind.EXECUTOR_ERROR


async def test_a_lease_is_nobody_elses_to_report(world: World) -> None:
    owner, stranger = await world.executor("owner"), await world.executor("stranger")
    key = await world.admitted(owner)
    lease = await owner.begin()
    assert await stranger.directive(lease) is Directive.REVOKED
    assert (await refused(stranger.prepare(lease, owner.output_of(lease)))).reason == "LEASE_SUPERSEDED"
    assert await stranger.fail(lease) is ReportStatus.STALE
    assert await stranger.release(lease, ReleaseReason.DRAINED) is ReportStatus.STALE
    assert await world.states(key) == ["RUNNING"]
    await owner.finish(lease)
    await world.reached(key, JobState.COMPLETED)


async def test_a_publish_step_that_was_not_started_does_not_count_as_published(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    head, later = await executor.begin(), await executor.begin()
    await executor.prepare(later)
    await executor.finish(head)
    publish = await executor.take_one(StepKind.PUBLISH)
    assert await executor.published(publish) is ReportStatus.STALE
    assert await world.states(key) == ["COMPLETED", "STAGED"]
    await executor.finish(await executor.start(publish))
    await world.reached(key, JobState.COMPLETED)


async def test_a_session_that_is_closed_or_never_was_is_unknown_to_every_verb(world: World) -> None:
    executor = await world.executor()
    await world.admitted(executor)
    lease = await executor.take_one(StepKind.ENCODE)
    output = executor.output_of(lease)
    await executor.close()
    calls = {
        "acquire": executor.take(),
        "renew": executor.renew(lease),
        "prepare": executor.prepare(lease, output),
        "complete": executor.published(lease),
        "release": executor.release(lease, ReleaseReason.DRAINED),
        "close": executor.close(),
        "never opened": call(world.executors.RenewLeases, pb.RenewLeasesRequest(session_id=executor.session_id)),
    }
    for verb, awaitable in calls.items():
        refusal = await refused(awaitable)
        assert (verb, refusal.code, refusal.reason, refusal.metadata) == (
            verb,
            grpc.StatusCode.FAILED_PRECONDITION,
            "SESSION_UNKNOWN",
            {"session_id": executor.session_id},
        )


async def test_an_unknown_phase_is_refused(world: World) -> None:
    executor = await world.executor()
    report = pb.LeaseReport(lease_id="x", epoch=1)
    request = pb.RenewLeasesRequest(session_id=executor.session_id, reports=[report])
    refusal = await refused(call(world.executors.RenewLeases, request))
    assert (refusal.reason, refusal.metadata["field"]) == ("REQUEST_INVALID", "phase")
