"""Camera RAW where something is wrong: hosts that go away, answers that are lost, reports that are absurd."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from proxx.core.facts import MediaFacts, PartIdentity
from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, FailurePolicy, JobState, SubmissionOptions
from proxx.core.leases import ReportStatus
from proxx.core.steps import Directive, Phase, PrepareAnswer, ProbedSource, ProbeItem, StepKind
from proxx.core.violation import Violation, ViolationCode
from proxx.core.waiting import WaitingCode, WaitingReason
from tests.contract.test_rebind import NEW, OLD, rebind
from tests.contract.test_resolve_routing import RAW, admitted, planning, refused, resolve, submitted, waiting
from tests.contract.world import World, spec_of
from tests.fakes.measured import CAMERA_RAW, RAW_FACTS, probed

UNAVAILABLE = FailureKind.ENGINE_UNAVAILABLE


# --- hosts and answers ------------------------------------------------------------------------------------------------


async def test_a_job_of_which_a_part_was_inspected_says_for_what_the_rest_waits(world: World) -> None:
    gpu = await resolve(world)
    key = await submitted(world, 3)
    await gpu.answer_probes(CAMERA_RAW)
    await gpu.answer_inspect()
    lease = await gpu.begin(StepKind.INSPECT)
    looking = WaitingReason(code=WaitingCode.PROBING, detail="the job's sources are being probed or inspected")
    assert (await world.client.get_job(job_key=key)).waiting_reason == looking
    await gpu.report_inspect(lease)
    await gpu.close()
    nobody = WaitingReason(code=WaitingCode.NO_EXECUTOR, detail="no resolve executor is healthy")
    assert (await world.client.get_job(job_key=key)).waiting_reason == nobody


async def test_an_inspect_is_kept_over_a_restart_and_a_session_that_is_opened_again(world: World) -> None:
    gpu = await resolve(world)
    key = await submitted(world)
    await gpu.answer_probes(CAMERA_RAW)
    lease = await gpu.begin(StepKind.INSPECT)
    await world.restart()
    await gpu.open(held=[lease], phase=Phase.INSPECTING)
    assert await gpu.directive(lease, phase=Phase.INSPECTING) is Directive.CONTINUE
    assert await gpu.report_inspect(lease) is ReportStatus.RECORDED
    assert await gpu.report_inspect(lease) is ReportStatus.RECORDED  # the answer was lost
    await world.decided(key)
    assert await gpu.report_inspect(lease) is ReportStatus.RECORDED
    assert world.log.lines(key) == ["job.submit", "job.inspect", "job.admit"]


@pytest.mark.parametrize("kind", [StepKind.INSPECT, StepKind.ENCODE])
async def test_an_unavailable_engine_that_is_told_twice_moves_its_step_once(world: World, kind: StepKind) -> None:
    bad, good = await resolve(world, "bad"), await resolve(world, "good")
    if kind is StepKind.ENCODE:
        key = await admitted(world, bad)
    else:
        key = await submitted(world)
        await bad.answer_probes(CAMERA_RAW)
    lease = await bad.begin(kind)
    assert await bad.fail(lease, kind=UNAVAILABLE) is ReportStatus.RECORDED
    again = await good.begin(kind)
    assert await bad.fail(lease, kind=UNAVAILABLE) is ReportStatus.RECORDED
    assert await good.directive(again) is Directive.CONTINUE
    assert again.epoch == lease.epoch + 1
    if kind is StepKind.INSPECT:
        await good.report_inspect(again)
        await world.decided(key)
        await good.make()
    else:
        await good.finish(again)
    await world.reached(key, JobState.COMPLETED)


async def test_who_holds_work_after_a_restart_counts_before_it_has_called_again(world: World) -> None:
    bad, good = await resolve(world, "bad"), await resolve(world, "good")
    key = await submitted(world, 2)
    await bad.answer_probes(CAMERA_RAW)
    first, second = await bad.begin(StepKind.INSPECT), await good.begin(StepKind.INSPECT)
    await world.restart()
    await bad.open(held=[first], phase=Phase.INSPECTING)
    await bad.fail(first, kind=UNAVAILABLE)
    await good.open(held=[second], phase=Phase.INSPECTING)
    await good.report_inspect(second)
    await good.answer_inspect()
    assert (await world.decided(key)).state is JobState.RUNNING


async def test_files_appear_in_order_though_the_head_moves_to_another_host(world: World) -> None:
    bad, good = await resolve(world, "bad"), await resolve(world, "good")
    key = await admitted(world, bad, 2, failure_policy=FailurePolicy.FAIL_FAST)
    head, second = await bad.begin(), await good.begin()
    assert await good.prepare(second) is PrepareAnswer.STAGED
    await bad.fail(head, kind=UNAVAILABLE)
    assert await bad.idle()
    assert (await good.make()).clip_index == 0
    await bad.finish(await bad.begin(StepKind.PUBLISH))
    await world.reached(key, JobState.COMPLETED)


async def test_what_was_given_back_is_paused_resumed_and_cancelled_like_any_clip(world: World) -> None:
    bad, good = await resolve(world, "bad"), await resolve(world, "good")
    key = await admitted(world, bad)
    lease = await bad.begin()
    await world.client.pause_job(job_key=key, request_id="pause")
    await bad.fail(lease, kind=UNAVAILABLE)
    assert await good.idle()
    await world.client.resume_job(job_key=key, request_id="resume")
    assert await bad.idle()
    again = await good.begin()
    await world.client.cancel_job(job_key=key, request_id="cancel", now=True)
    assert await good.directive(again) is Directive.CANCEL
    await good.fail(again, kind=UNAVAILABLE)
    await world.reached(key, JobState.CANCELLED)
    (clip,) = (await world.client.list_clips(job_key=key)).items
    assert (clip.state, clip.failure) == (ClipState.SKIPPED, None)


async def test_a_rebind_to_the_other_engine_takes_the_inspects_away(world: World) -> None:
    gpu, ffmpeg = await resolve(world), await world.executor()
    key = await submitted(world, 2, hold=True, labels=OLD)
    await ffmpeg.answer_probes(CAMERA_RAW)
    lease = await gpu.begin(StepKind.INSPECT)
    job = await rebind(world, ffmpeg, key, labels=NEW)
    assert (job.state, job.spec_revision) == (JobState.PENDING, 2)
    assert await gpu.directive(lease, phase=Phase.INSPECTING) is Directive.REVOKED
    assert await gpu.report_inspect(lease) is ReportStatus.STALE
    await ffmpeg.answer_probes()
    await world.log.until(lambda event: event.kind == "job.admitted")
    assert await gpu.idle()


# --- the dry run ------------------------------------------------------------------------------------------------------


async def test_a_dry_run_does_not_hold_an_unavailable_engine_against_the_clip(world: World) -> None:
    bad = await resolve(world, "bad")
    await resolve(world, "good")
    task = planning(world)
    await bad.answer_probes(CAMERA_RAW)
    await bad.fail(await bad.begin(StepKind.INSPECT), kind=UNAVAILABLE)
    plan = await task
    assert (plan.admissible, plan.violations, plan.warnings) == (
        True,
        (),
        (
            "1 camera RAW clip is not planned: only an INSPECT in Resolve can state the facts of camera RAW, and the"
            " engine of the executor that was asked is unavailable",
        ),
    )


async def test_a_dry_run_answers_with_what_was_inspected_before_the_host_went_away(world: World) -> None:
    gpu = await resolve(world)
    text = spec_of(2, **RAW)
    call = world.client.plan_job(spec_json=text, options=SubmissionOptions(), timeout_seconds=12)
    task = asyncio.create_task(call)
    await gpu.answer_probes(CAMERA_RAW)
    await gpu.answer_inspect()
    plan = await task
    assert [clip.plan is None for clip in plan.clips] == [False, True]
    assert plan.warnings == (
        "1 camera RAW clip is not planned: only an INSPECT in Resolve can state the facts of camera RAW, and none is"
        " free",
    )


# --- absurd reports ---------------------------------------------------------------------------------------------------


def endless() -> MediaFacts:
    assert RAW_FACTS.video is not None
    return replace(RAW_FACTS, video=replace(RAW_FACTS.video, frame_count=2**62))


async def test_frames_without_end_refuse_the_job_and_the_dry_run(tmp_path: Any) -> None:
    async with World(tmp_path, lease_seconds=60, rules={"staging_budget": ("local=1GiB",)}) as world:
        gpu = await resolve(world)
        key = await submitted(world, 1, failure_policy=FailurePolicy.FAIL_FAST)
        await gpu.answer_probes(CAMERA_RAW)
        await gpu.answer_inspect(endless())
        message = f"/footage/A001.mov would become larger than any file: {2**62} frames are stated"
        assert await refused(world, key) == [("SOURCE_CANNOT_FIT_PROFILE", "sources[0]", message)]
        task = planning(world)
        await gpu.answer_probes(CAMERA_RAW)
        await gpu.answer_inspect(endless())
        assert [item.message for item in (await task).violations] == [message]


async def test_a_report_that_would_not_fit_into_a_lease_refuses_its_job_and_blocks_no_executor(world: World) -> None:
    gpu = await resolve(world)
    key = await submitted(world, 2)
    await gpu.answer_probes(CAMERA_RAW)
    for _ in range(2):
        await gpu.answer_inspect(replace(RAW_FACTS, warnings=("x" * 9_000_000,)))
    found = await refused(world, key)
    assert [(code, field) for code, field, _ in found] == [("PROBE_FAILED", f"sources[{index}]") for index in (0, 1)]
    assert await gpu.take(2, wait_seconds=0) == ()


async def test_violations_without_end_are_refused_as_one(world: World) -> None:
    gpu = await resolve(world)
    key = await submitted(world)
    await gpu.answer_probes(CAMERA_RAW)
    long = Violation(code=ViolationCode.SOURCE_UNREADABLE, field="source", message="x" * 100_000)
    await gpu.answer_inspect(None, violations=[long] * 100)
    message = "/footage/A001.mov was looked at, and the report states violations of 10000000 characters"
    assert await refused(world, key) == [("PROBE_FAILED", "sources[0]", message)]


async def test_an_identity_without_end_is_refused_before_any_inspect(world: World) -> None:
    part = PartIdentity(path="x" * 4000, size_bytes=1, mtime_ns=1, inode=1, edge_sha256="0" * 64)

    def many(item: ProbeItem) -> ProbedSource:
        found = probed(item, detection=CAMERA_RAW)
        assert found.identity is not None
        return replace(found, identity=replace(found.identity, parts=(part,) * 1000))

    gpu = await resolve(world)
    key = await submitted(world)
    await gpu.answer_probes(many)
    ((code, field, _),) = await refused(world, key)
    assert (code, field) == ("PROBE_FAILED", "sources[0]")
    assert await waiting(world, key) is None
    assert await gpu.idle()
