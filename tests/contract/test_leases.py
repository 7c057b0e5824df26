"""The lease protocol: grants, the start barrier, fencing of everything late, prepare, in-order commit."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import grpc
import pytest

from proxx.api.executors.v1 import executor_service_pb2 as pb
from proxx.core.detection import Engine
from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.leases import LeaseOutcome, LeaseReport, ReleaseReason, ReportStatus
from proxx.core.steps import Directive, Measured, Phase, PrepareAnswer, Published, StepKind
from tests.contract.refusal import refused
from tests.contract.world import World, call
from tests.fakes.measured import measured_as_planned, short_of_frames, source_facts
from tests.fakes.scripted_executor import ScriptedExecutor, sha256_of

CONTINUE = FailurePolicy.CONTINUE


# --- sessions and grants --------------------------------------------------------------------------------------------


async def test_the_terms_of_a_session_are_the_schedulers_own(world: World) -> None:
    executor = await world.executor()
    assert executor.terms is not None
    assert (executor.terms.lease_seconds, executor.terms.renew_seconds, executor.terms.revoked_lease_ids) == (60, 10, ())


async def test_an_incarnation_that_opens_again_has_the_same_session(world: World) -> None:
    executor = await world.executor()
    session = executor.session_id
    await executor.open()
    assert executor.session_id == session
    assert (await world.executor()).session_id != session


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("incarnation", ""), ("version", ""), ("slots", 0), ("roots", ()), ("roots", ("local", "tape"))],
    ids=["no name", "no incarnation", "no version", "no slots", "no roots", "an unknown root"],
)
async def test_an_executor_that_describes_itself_badly_is_refused(world: World, field: str, value: Any) -> None:
    executor = ScriptedExecutor(world.address)
    executor.description = replace(executor.description, **{field: value})
    refusal = await refused(executor.open())
    await executor.disconnect()
    assert (refusal.code, refusal.reason, refusal.metadata["field"]) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "EXECUTOR_INVALID",
        field,
    )
    assert await world.client.list_executors() == ()


async def test_the_same_acquire_returns_the_same_leases_and_grants_nothing_new(world: World) -> None:
    executor = await world.executor()
    await world.admitted(executor, clips=4)
    leases = await executor.take(2)
    again = await executor.take(2, sequence=executor.sequence)
    assert again == leases
    assert [lease.clip_index for lease in leases] == [0, 1]
    assert [lease.clip_index for lease in await executor.take(2)] == [2, 3]


async def test_a_repeated_acquire_leaves_out_what_has_ended_meanwhile(world: World) -> None:
    executor = await world.executor()
    await world.admitted(executor, clips=2)
    one, other = await executor.take(2)
    await executor.release(one, ReleaseReason.NOT_STARTED)
    assert await executor.take(2, sequence=executor.sequence) == (other,)


async def test_an_older_acquire_is_refused_and_the_newest_is_named(world: World) -> None:
    executor = await world.executor()
    await world.admitted(executor)
    await executor.take()
    refusal = await refused(executor.take(sequence=executor.sequence - 1))
    assert (refusal.code, refusal.reason, refusal.metadata) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "ACQUIRE_CONSUMED",
        {"newest": str(executor.sequence)},
    )


async def test_an_acquire_sequence_is_known_after_a_restart_of_the_scheduler(world: World) -> None:
    executor = await world.executor()
    await world.admitted(executor)
    leases = await executor.take()
    await world.restart()
    await executor.open(held=leases)
    assert await executor.take(sequence=executor.sequence) == leases
    assert (await refused(executor.take(sequence=executor.sequence - 1))).reason == "ACQUIRE_CONSUMED"


async def test_a_waiting_executor_gets_work_as_soon_as_there_is_some(world: World) -> None:
    executor = await world.executor()
    waiting = asyncio.create_task(executor.take(wait_seconds=15))
    await world.submit()
    (lease,) = await asyncio.wait_for(waiting, 5)
    assert lease.kind is StepKind.PROBE


async def test_every_waiting_executor_that_can_work_gets_work(world: World) -> None:
    executors = [await world.executor(f"bench-{index}") for index in range(8)]
    resolve = await world.executor("gpu-1", engine=Engine.RESOLVE)
    idle = asyncio.create_task(resolve.take(wait_seconds=15))
    waiting = [asyncio.create_task(executor.take(wait_seconds=15)) for executor in executors]
    for _ in executors:
        await world.submit()
    granted = await asyncio.wait_for(asyncio.gather(*waiting), 5)
    assert len({lease.job_key for (lease,) in granted}) == 8
    idle.cancel()
    await asyncio.gather(idle, return_exceptions=True)


async def test_no_lease_is_granted_twice_to_executors_that_ask_at_once(world: World) -> None:
    executors = [await world.executor(f"bench-{index}") for index in range(8)]
    await world.admitted(executors[0], clips=8, failure_policy=CONTINUE)
    granted = await asyncio.gather(*(executor.take(2) for executor in executors[:4]))
    assert sorted(lease.clip_index for leases in granted for lease in leases) == list(range(8))


async def test_a_lease_carries_what_its_plan_is_made_of(world: World) -> None:
    executor = await world.executor()
    job = await world.submit()
    await executor.answer_probes()
    lease = await executor.take_one(StepKind.ENCODE)
    assert (lease.job_key, lease.job_id, lease.clip_index, lease.epoch) == (job.job_key, job.job_id, 0, 1)
    assert lease.encode is not None
    inputs = lease.encode.inputs
    assert (inputs.source.path, inputs.output.path) == ("footage/A001.mov", "proxies/1/A001_proxy.mp4")
    assert (inputs.facts, inputs.profile.name, inputs.codec, inputs.container, inputs.resolution, inputs.fps) == (
        source_facts(),
        "proxy_h264_low",
        "h264",
        "mp4",
        "half",
        None,
    )
    assert (lease.encode.identity.path, lease.encode.identity.size_bytes) == ("footage/A001.mov", 5_000_000)
    assert executor.plan_of(lease).digest == lease.encode.plan_digest


async def test_an_executor_of_another_planner_version_probes_and_never_encodes(world: World) -> None:
    old = await world.executor("old", planner_version=99)
    key = await world.admitted(old)
    assert await old.idle()
    current = await world.executor("current")
    await current.make()
    await world.reached(key, JobState.COMPLETED)


async def test_a_resolve_executor_gets_no_step_of_ffmpeg(world: World) -> None:
    resolve, ffmpeg = await world.executor("gpu-1", engine=Engine.RESOLVE), await world.executor()
    await world.submit()
    assert await resolve.idle()
    await ffmpeg.answer_probes()
    assert await resolve.idle()


async def test_jobs_of_higher_priority_come_first_then_those_submitted_first(world: World) -> None:
    executor = await world.executor()
    keys = [(await world.submit(priority=priority)).job_key for priority in (0, 0, 5, -5)]
    leases = await executor.take(8)
    assert [lease.job_key for lease in leases] == [keys[2], keys[0], keys[1], keys[3]]


async def test_clips_run_ahead_of_the_head_only_within_the_window(world: World) -> None:
    executor = await world.executor()
    await world.admitted(executor, clips=5, max_parallel_clips=2)
    first, second = await executor.take(5)
    assert (first.clip_index, second.clip_index, await executor.idle()) == (0, 1, True)
    await executor.finish(await executor.start(first))
    assert [lease.clip_index for lease in await executor.take(5)] == [2]


# --- the start barrier ----------------------------------------------------------------------------------------------


async def test_a_lease_whose_tool_was_never_started_expires_back_into_the_queue(brief: World) -> None:
    silent = await brief.executor("silent")
    key = await brief.admitted(silent)
    lost = await silent.take_one(StepKind.ENCODE)
    await brief.clip_event(key, 0, "clip.return")
    other = await brief.executor("other")
    again = await other.take_one(StepKind.ENCODE)
    assert (again.step_id, again.epoch) == (lost.step_id, lost.epoch + 1)
    assert await silent.directive(lost, phase=Phase.STARTING) is Directive.REVOKED
    await other.finish(await other.start(again))
    job = await brief.reached(key, JobState.COMPLETED)
    assert job.reason == ""
    assert not {"clip.interrupt 0", "job.recover"} & set(brief.log.lines(key))


async def test_a_renewed_lease_does_not_expire(brief: World) -> None:
    executor = await brief.executor()
    key = await brief.admitted(executor)
    lease = await executor.begin()
    other = await brief.executor("other")
    async with executor.keeping(lease):
        assert await other.take(wait_seconds=2.5) == ()
    await executor.finish(lease)
    await brief.reached(key, JobState.COMPLETED)
    assert "clip.interrupt 0" not in brief.log.lines(key)


async def test_starting_again_is_answered_as_before(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.begin()
    assert await executor.directive(lease, phase=Phase.STARTING) is Directive.CONTINUE
    assert world.log.lines(key).count("clip.start 0") == 1


async def test_directives_answer_the_reports_in_their_order(world: World) -> None:
    executor = await world.executor()
    await world.admitted(executor, clips=2)
    one, other = await executor.take(2)
    stranger = replace(one, lease_id="00000000-0000-7000-8000-000000000000")
    found = await executor.renew(other, stranger, one)
    assert [(answer.lease_id, answer.directive) for answer in found] == [
        (other.lease_id, Directive.CONTINUE),
        (stranger.lease_id, Directive.REVOKED),
        (one.lease_id, Directive.CONTINUE),
    ]


async def test_nothing_is_prepared_before_the_start_barrier_was_passed(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.take_one(StepKind.ENCODE)
    assert (await refused(executor.prepare(lease))).reason == "LEASE_SUPERSEDED"
    assert await world.states(key) == ["LEASED"]


# --- prepare and complete -------------------------------------------------------------------------------------------


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


# --- in-order commit ------------------------------------------------------------------------------------------------


async def test_a_clip_that_finishes_before_the_head_is_staged_and_published_after_it_by_anybody(world: World) -> None:
    one, other = await world.executor("one"), await world.executor("other")
    key = await world.admitted(one, clips=3)
    head, later = await one.begin(), await other.begin()
    output = other.output_of(later)
    assert await other.prepare(later, output) is PrepareAnswer.STAGED
    assert await world.states(key) == ["RUNNING", "STAGED", "QUEUED"]
    assert await other.directive(later) is Directive.REVOKED
    await one.finish(head)
    publish = await one.begin(StepKind.PUBLISH)
    assert publish.publish is not None
    assert (publish.clip_index, publish.publish.staged, publish.publish.sha256, publish.publish.output.path) == (
        1,
        output.staged,
        output.sha256,
        "proxies/1/A002_proxy.mp4",
    )
    await one.finish(publish)
    await one.make()
    await world.reached(key, JobState.COMPLETED)
    lines = world.log.lines(key)
    assert lines.index("clip.complete 0") < lines.index("clip.complete 1") < lines.index("clip.complete 2")
    result = await world.client.get_job_result(job_key=key)
    assert [clip.executor for clip in result.clips] == ["one", "other", "one"]


@pytest.mark.parametrize("first", [1, 2], ids=["the earlier one first", "the later one first"])
async def test_fail_fast_ends_as_if_clips_had_run_one_by_one(world: World, first: int) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=4)
    leases = {lease.clip_index: lease for lease in await executor.take(3)}
    for lease in leases.values():
        await executor.start(lease)
    await executor.fail(leases[first])
    assert (await world.client.get_job(job_key=key)).state is JobState.RUNNING
    if first == 2:
        await executor.fail(leases[1])
    else:
        assert await executor.directive(leases[2]) is Directive.CANCEL
        await executor.release(leases[2], ReleaseReason.CANCELLED)
    await executor.finish(leases[0])
    job = await world.reached(key, JobState.PARTIAL)
    assert await world.states(key) == ["COMPLETED", "FAILED", "SKIPPED(fail_fast)", "SKIPPED(fail_fast)"]
    assert (job.counts.completed, job.counts.failed, job.counts.skipped) == (1, 1, 2)


async def test_fail_fast_at_the_head_publishes_nothing_behind_it(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=3)
    head, later = await executor.begin(), await executor.begin()
    await executor.prepare(later)
    await executor.fail(head)
    sweep = await executor.begin(StepKind.SWEEP)
    assert sweep.sweep is not None
    await executor.swept(sweep, removed=sweep.sweep.staged)
    await world.reached(key, JobState.FAILED)
    assert await world.states(key) == ["FAILED", "SKIPPED(fail_fast)", "SKIPPED(fail_fast)"]


async def test_continue_makes_every_clip_that_can_be_made(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=3, failure_policy=CONTINUE)
    leases = [await executor.begin() for _ in range(3)]
    await executor.finish(leases[2])
    await executor.fail(leases[0])
    await executor.finish(leases[1])
    await world.reached(key, JobState.PARTIAL)
    assert await world.states(key) == ["FAILED", "COMPLETED", "COMPLETED"]


async def test_a_clip_that_ran_out_of_space_ahead_of_the_head_runs_again_as_head(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    head, later = await executor.begin(), await executor.begin()
    await executor.fail(later, kind=FailureKind.NO_SPACE)
    assert (await world.states(key), await executor.idle()) == (["RUNNING", "QUEUED"], True)
    await executor.finish(head)
    again = await executor.begin()
    assert again.clip_index == 1
    await executor.finish(again)
    await world.reached(key, JobState.COMPLETED)


async def test_a_result_tells_how_each_clip_was_made_or_why_it_was_not(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    made = await executor.make()
    failed = await executor.begin()
    await executor.fail(failed, exit_code=69)
    job = await world.reached(key, JobState.PARTIAL)
    result = await world.client.get_job_result(job_key=key)
    good, bad = result.clips
    plan, output = executor.plan_of(made), executor.output_of(made)
    assert (result.schema_version, result.final_status, result.counts, result.spec, result.spec_digest) == (
        "1.0",
        JobState.PARTIAL,
        job.counts,
        job.spec,
        job.spec_digest,
    )
    assert replace(good, start_time=None, end_time=None) == replace(
        good,
        start_time=None,
        end_time=None,
        clip_index=0,
        source_path="/footage/A001.mov",
        resolved_output_path="/proxies/1/A001_proxy.mp4",
        status=ClipState.COMPLETED,
        skip_reason="",
        exit_code=0,
        output_exists=True,
        output_size_bytes=1234,
        output_sha256=sha256_of(made),
        engine=Engine.FFMPEG,
        engine_command=plan.argv,
        failure=None,
        stderr="",
        profile_name="proxy_h264_low",
        profile_digest=plan.profile_digest,
        plan_digest=plan.digest,
        planner_version=plan.planner_version,
        toolchain=output.execution.toolchain,
        source_identity=made.encode.identity if made.encode is not None else None,
        source_facts=source_facts(),
        output_facts=measured_as_planned(plan).facts,
        verdict=output.verdict,
        warnings=plan.warnings,
        executor="bench-1",
        epoch=1,
        encode_seconds=1.0,
        verify_seconds=0.5,
        cpu_seconds=1.5,
        sandbox_level="process",
        adopted=False,
    )
    assert good.resolved_tokens["source_name"] == "A001"
    assert (bad.status, bad.exit_code, bad.output_exists, bad.output_sha256, bad.verdict, bad.stderr) == (
        ClipState.FAILED,
        69,
        False,
        None,
        None,
        "Error",
    )
    assert bad.failure is not None
    assert (bad.failure.kind, bad.failure.message) == (
        FailureKind.TOOL_EXIT_NONZERO,
        "FFmpeg exited with code 69",
    )


async def test_a_result_of_an_unfinished_job_is_of_the_present_moment(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    await executor.make()
    result = await world.client.get_job_result(job_key=key)
    assert (result.final_status, result.end_time, [clip.status for clip in result.clips]) == (
        JobState.RUNNING,
        None,
        [ClipState.COMPLETED, ClipState.QUEUED],
    )


async def test_a_report_of_progress_before_the_start_barrier_starts_nothing(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.take_one(StepKind.ENCODE)
    report = LeaseReport(lease_id=lease.lease_id, epoch=lease.epoch, phase=Phase.ACCEPTED)
    await executor.client.renew(session_id=executor.session_id, reports=[report], draining=False)
    assert await world.states(key) == ["LEASED"]
