"""Camera RAW from submission to publication: PROBE anywhere, INSPECT and ENCODE in a pool of Resolve executors."""

import asyncio
import json
from dataclasses import replace
from typing import Any

from proxx.core.detection import Engine
from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, JobPlan, JobState, SubmissionOptions
from proxx.core.leases import ReleaseReason, ReportStatus
from proxx.core.steps import Directive, InspectWork, StepKind
from proxx.core.violation import Violation, ViolationCode
from proxx.core.waiting import WaitingCode, WaitingReason
from tests.contract.world import World, spec_of
from tests.fakes.measured import CAMERA_RAW, RAW_FACTS
from tests.fakes.scripted_executor import ScriptedExecutor

RAW = {
    "codec": "dnxhr",
    "container": "mov",
    "resolution": "half",
    "proxy_profile": "proxy_dnxhr_lb_resolve",
}
PAIR = "mov/DNxHRLB"
UNREADABLE = Violation(code=ViolationCode.SOURCE_UNREADABLE, field="source", message="Resolve cannot open it")


async def resolve(world: World, name: str = "gpu-1", *codecs: str) -> ScriptedExecutor:
    return await world.executor(name, engine=Engine.RESOLVE, codecs=codecs or (PAIR,))


async def submitted(world: World, clips: int = 1, *, number: int = 1, **options: Any) -> str:
    """Submit a job of camera RAW; returns its key."""
    text = spec_of(clips, output_directory=f"/proxies/{number}", **RAW)
    return (await world.submit(text, **options)).job_key


async def admitted(world: World, host: ScriptedExecutor, clips: int = 1, *, number: int = 1, **options: Any) -> str:
    """Submit a job of camera RAW and have it inspected; returns its key."""
    key = await submitted(world, clips, number=number, **options)
    await host.answer_probes(CAMERA_RAW)
    for _ in range(clips):
        await host.answer_inspect()
    assert (await world.decided(key)).state is JobState.RUNNING
    return key


async def waiting(world: World, key: str) -> WaitingReason | None:
    return (await world.client.list_clips(job_key=key)).items[0].waiting_reason


async def refused(world: World, key: str) -> list[tuple[str, str, str]]:
    job = await world.reached(key, JobState.REJECTED)
    return [(item.code, item.field, item.message) for item in job.violations]


async def test_a_raw_job_is_probed_anywhere_inspected_and_made_in_resolve_and_published(world: World) -> None:
    ffmpeg, gpu = await world.executor(), await resolve(world)
    key = await submitted(world, 2)
    await ffmpeg.answer_probes(CAMERA_RAW)
    first = await gpu.answer_inspect()
    assert first.inspect is not None
    assert first.inspect == InspectWork(
        clip_index=0,
        source=first.inspect.source,
        identity=first.inspect.identity,
        container="r3d",
        codec="redcode",
    )
    assert (first.inspect.source.path, first.inspect.identity.size_bytes) == ("footage/A001.mov", 5_000_000)
    assert await ffmpeg.idle()
    await gpu.answer_inspect()
    assert (await world.decided(key)).state is JobState.RUNNING
    assert await ffmpeg.idle()
    for index in range(2):
        lease = await gpu.make()
        assert (lease.kind, lease.clip_index) == (StepKind.ENCODE, index)
    await world.reached(key, JobState.COMPLETED)
    result = await world.client.get_job_result(job_key=key)
    assert [(clip.engine, clip.source_facts) for clip in result.clips] == [(Engine.RESOLVE, RAW_FACTS)] * 2
    assert world.log.lines(key)[:3] == ["job.submit", "job.inspect", "job.admit"]


async def test_resolve_alone_serves_a_site_and_publishes_and_sweeps_for_ffmpeg_too(world: World) -> None:
    gpu, ffmpeg = await resolve(world), await world.executor()
    key = await submitted(world)
    await gpu.answer_probes(CAMERA_RAW)
    await gpu.answer_inspect()
    await world.decided(key)
    await gpu.begin()
    await gpu.open()
    await world.reached(key, JobState.RECOVERY_REQUIRED)
    await world.client.resume_job(job_key=key, request_id="resume")
    await ffmpeg.swept(await ffmpeg.begin(StepKind.SWEEP))
    await gpu.make()
    await world.reached(key, JobState.COMPLETED)


async def test_a_mixed_job_and_a_profile_of_the_other_engine_are_refused_before_any_inspect(world: World) -> None:
    ffmpeg, gpu = await world.executor(), await resolve(world)
    mixed = await submitted(world, 3)
    await ffmpeg.answer_probes({1: lambda item: _raw(item)})
    wrong = (await world.submit()).job_key
    await ffmpeg.answer_probes(CAMERA_RAW)
    assert await refused(world, mixed) == [
        (
            "SOURCE_MIXED_ENGINES",
            "sources",
            "RAW and non-RAW sources cannot be in one job: sources 1 route to resolve and sources 0, 2 to ffmpeg;"
            " submit them as two jobs, split like that",
        )
    ]
    message = "Profile 'proxy_h264_low' requires ffmpeg engine, but job routes to resolve"
    assert await refused(world, wrong) == [("PROFILE_ENGINE", "proxy_profile", message)]
    assert await gpu.idle()


def _raw(item: Any) -> Any:
    from tests.fakes.measured import probed

    return probed(item, detection=CAMERA_RAW)


async def test_violations_of_an_inspect_refuse_the_job_with_all_of_them(world: World) -> None:
    gpu = await resolve(world)
    key = await submitted(world, 3)
    await gpu.answer_probes(CAMERA_RAW)
    await gpu.answer_inspect(None, violations=[UNREADABLE])
    await gpu.answer_inspect()
    await gpu.answer_inspect(None)
    silent = "/footage/A003.mov was inspected, and the report states neither its facts nor what is wrong with it"
    assert await refused(world, key) == [
        ("SOURCE_UNREADABLE", "sources[0]", "Resolve cannot open it"),
        ("PROBE_FAILED", "sources[2]", silent),
    ]
    assert await gpu.idle()


async def test_an_inspect_that_fails_refuses_the_job_as_a_probe_does(world: World) -> None:
    gpu = await resolve(world)
    key = await submitted(world)
    await gpu.answer_probes(CAMERA_RAW)
    await gpu.fail(await gpu.begin(StepKind.INSPECT), kind=FailureKind.RENDER_FAILED)
    message = "/footage/A001.mov could not be inspected in Resolve: FFmpeg exited with code 1"
    assert await refused(world, key) == [("PROBE_FAILED", "sources[0]", message)]


async def test_an_inspect_that_is_lost_three_times_refuses_the_job(world: World) -> None:
    gpu, other = await resolve(world), await resolve(world, "gpu-2")
    key = await submitted(world)
    await gpu.answer_probes(CAMERA_RAW)
    for host in (gpu, other, gpu):
        await host.begin(StepKind.INSPECT)
        await host.open()
    ((code, field, message),) = await refused(world, key)
    assert (code, field) == ("PROBE_FAILED", "sources[0]")
    assert message.endswith("It was started 3 times, and each time its executor was lost; it is not tried again")
    lines = ["job.submit", "job.inspect", *["clip.inspect_lost 0"] * 3, "job.reject", "clips.skip"]
    assert world.log.lines(key) == lines


async def test_an_inspect_that_is_handed_back_or_lost_before_its_start_is_granted_again(world: World) -> None:
    gpu = await resolve(world)
    key = await submitted(world)
    await gpu.answer_probes(CAMERA_RAW)
    lease = await gpu.take_one(StepKind.INSPECT)
    assert await gpu.release(lease, ReleaseReason.NOT_STARTED) is ReportStatus.RECORDED
    again = await gpu.take_one(StepKind.INSPECT)
    assert (again.step_id, again.epoch) == (lease.step_id, lease.epoch + 1)
    await gpu.open()
    assert await gpu.report_inspect(again) is ReportStatus.STALE
    await gpu.answer_inspect()
    assert (await world.decided(key)).state is JobState.RUNNING
    stale = next(event for event in world.log.events if event.kind == "clip.stale_report")
    assert json.loads(stale.data_json)["report"] == "inspect"


async def test_a_job_that_is_cancelled_while_it_is_inspected_takes_its_steps_away(world: World) -> None:
    gpu = await resolve(world)
    key = await submitted(world, 2)
    await gpu.answer_probes(CAMERA_RAW)
    lease = await gpu.begin(StepKind.INSPECT)
    await world.client.cancel_job(job_key=key, request_id="cancel")
    assert await gpu.directive(lease) is Directive.REVOKED
    assert await gpu.report_inspect(lease) is ReportStatus.STALE
    assert await gpu.idle()
    assert (await world.client.get_job(job_key=key)).state is JobState.CANCELLED


async def test_a_decision_survives_a_restart_before_and_after_the_inspect(world: World) -> None:
    gpu = await resolve(world)
    key = await submitted(world)
    await gpu.answer_probes(CAMERA_RAW)
    await world.log.until(lambda event: event.kind == "job.inspect")
    await world.restart()
    await gpu.open()
    await gpu.answer_inspect()
    await world.restart()
    await gpu.open()
    await gpu.make()
    await world.reached(key, JobState.COMPLETED)


async def test_a_retry_probes_and_inspects_again(world: World) -> None:
    gpu = await resolve(world)
    key = await admitted(world, gpu)
    await gpu.fail(await gpu.begin())
    await world.reached(key, JobState.FAILED)
    await world.client.retry_failed_clips(job_key=key, request_id="again")
    await gpu.answer_probes(CAMERA_RAW)
    await gpu.answer_inspect()
    await gpu.make()
    await world.reached(key, JobState.COMPLETED)


# --- the pool -------------------------------------------------------------------------------------------------------


async def test_without_a_resolve_executor_a_job_waits_and_says_for_what(world: World) -> None:
    ffmpeg = await world.executor()
    key = await submitted(world)
    await ffmpeg.answer_probes(CAMERA_RAW)
    await world.log.until(lambda event: event.kind == "job.inspect")
    no_host = WaitingReason(code=WaitingCode.NO_EXECUTOR, detail="no resolve executor is healthy")
    assert await waiting(world, key) == no_host
    gpu = await resolve(world, "gpu-1", "mov/ProRes422P")
    await gpu.answer_inspect()
    await world.decided(key)
    detail = f'no healthy resolve executor encodes "{PAIR}": "gpu-1" encodes "mov/ProRes422P"'
    assert await waiting(world, key) == WaitingReason(code=WaitingCode.NO_CODEC, detail=detail)
    assert await gpu.idle()
    other = await resolve(world, "gpu-2")
    await other.make()
    await world.reached(key, JobState.COMPLETED)


async def test_each_host_of_a_pool_gets_what_it_encodes(world: World) -> None:
    dnx, prores = await resolve(world, "dnx"), await resolve(world, "prores", "mov/ProRes422P")
    await admitted(world, dnx)
    changes = {"codec": "prores_proxy", "proxy_profile": "proxy_prores_proxy_resolve"}
    second = await world.submit(spec_of(output_directory="/proxies/2", **{**RAW, **changes}))
    await prores.answer_probes(CAMERA_RAW)
    await prores.answer_inspect()
    await world.decided(second.job_key)
    assert (await prores.make()).job_key == second.job_key
    assert await prores.idle()
    await dnx.make()
    listed = {view.name: view.codecs for view in await world.client.list_executors()}
    assert listed == {"dnx": (PAIR,), "prores": ("mov/ProRes422P",)}


async def test_a_host_that_waits_is_called_for_what_another_may_not_have_again(world: World) -> None:
    bad, good = await resolve(world, "bad"), await resolve(world, "good")
    key = await admitted(world, bad)
    lease = await bad.begin()
    asking = asyncio.create_task(good.take_one(StepKind.ENCODE))
    also = asyncio.create_task(bad.take(wait_seconds=3))
    await bad.fail(lease, kind=FailureKind.ENGINE_UNAVAILABLE)
    again = await asking
    assert (again.step_id, again.epoch) == (lease.step_id, lease.epoch + 1)
    await good.start(again)
    await good.finish(again)
    await world.reached(key, JobState.COMPLETED)
    assert await also == ()
    returned = await world.clip_event(key, 0, "clip.return")
    assert (returned.actor, returned.after, json.loads(returned.data_json)) == (
        "executor/bad",
        "QUEUED",
        {"why": "ENGINE_UNAVAILABLE: FFmpeg exited with code 1"},
    )


async def test_a_clip_whose_engine_is_unavailable_is_tried_on_three_hosts_and_then_fails(world: World) -> None:
    hosts = [await resolve(world, f"gpu-{number}") for number in range(4)]
    key = await admitted(world, hosts[0])
    for host in hosts[:3]:
        await host.fail(await host.begin(), kind=FailureKind.ENGINE_UNAVAILABLE)
    await world.reached(key, JobState.FAILED)
    (clip,) = (await world.client.list_clips(job_key=key)).items
    assert (clip.state, clip.failure and clip.failure.kind) == (ClipState.FAILED, FailureKind.ENGINE_UNAVAILABLE)
    assert await hosts[3].idle()


async def test_where_nobody_else_could_render_it_an_unavailable_engine_fails_the_clip_at_once(world: World) -> None:
    gpu, other = await resolve(world), await resolve(world, "gpu-2", "mov/ProRes422P")
    key = await admitted(world, gpu)
    await gpu.fail(await gpu.begin(), kind=FailureKind.ENGINE_UNAVAILABLE)
    await world.reached(key, JobState.FAILED)
    assert await other.idle()


async def test_an_inspect_whose_engine_is_unavailable_goes_to_another_host_or_to_the_same_once_it_is_new(
    world: World,
) -> None:
    bad, other = await resolve(world, "bad"), await resolve(world, "other")
    key = await submitted(world)
    await bad.answer_probes(CAMERA_RAW)
    await bad.fail(await bad.begin(StepKind.INSPECT), kind=FailureKind.ENGINE_UNAVAILABLE)
    assert await bad.idle()
    await other.close()
    detail = 'the engine of every executor that could run it was unavailable when it had it: "bad"'
    assert await waiting(world, key) == WaitingReason(code=WaitingCode.NO_EXECUTOR, detail=detail)
    late = await resolve(world, "bad")  # its process started anew
    await late.answer_inspect()
    assert (await world.decided(key)).state is JobState.RUNNING
    assert world.log.lines(key) == ["job.submit", "job.inspect", "clip.inspect_returned 0", "job.admit"]


async def test_what_waits_is_planned_again_by_a_newer_planner_and_still_avoids_who_had_it(world: World) -> None:
    bad, good = await resolve(world, "bad"), await resolve(world, "good")
    key = await admitted(world, bad)
    await bad.fail(await bad.begin(), kind=FailureKind.ENGINE_UNAVAILABLE)
    await world.stop()
    world.sql("UPDATE clips SET planner_version = planner_version - 1, plan_digest = 'old'")
    world.sql("UPDATE installation SET planner_version = planner_version - 1")
    await world.restart()
    await world.clip_event(key, 0, "clip.plan_again")
    await bad.open()
    assert await bad.idle()
    await good.open()
    await good.make()
    await world.reached(key, JobState.COMPLETED)


# --- a site that does not wait ----------------------------------------------------------------------------------------


async def test_a_site_may_reject_at_once_what_no_healthy_resolve_executor_could_make(tmp_path: Any) -> None:
    async with World(tmp_path, lease_seconds=0.5, rules={"without_engine": "reject"}) as world:
        ffmpeg = await world.executor()
        key = await submitted(world)
        await ffmpeg.answer_probes(CAMERA_RAW)
        message = "The job routes to resolve, and no resolve executor of this scheduler is healthy"
        assert await refused(world, key) == [("ENGINE_UNAVAILABLE", "proxy_profile", message)]
        assert await ffmpeg.idle()
        gpu = await resolve(world)
        await admitted(world, gpu, number=2)


# --- the dry run ------------------------------------------------------------------------------------------------------


def planning(world: World) -> "asyncio.Task[JobPlan]":
    text = spec_of(**RAW)
    return asyncio.create_task(world.client.plan_job(spec_json=text, options=SubmissionOptions(), timeout_seconds=20))


async def test_a_dry_run_without_resolve_says_what_can_be_said(world: World) -> None:
    ffmpeg = await world.executor()
    task = planning(world)
    await ffmpeg.answer_probes(CAMERA_RAW)
    plan = await task
    (clip,) = plan.clips
    assert (plan.admissible, clip.detection, clip.output_path, clip.plan) == (
        True,
        CAMERA_RAW,
        "/proxies/A001_proxy.mov",
        None,
    )
    assert plan.waiting_reasons == ("no resolve executor is healthy",)
    assert plan.warnings == (
        "1 camera RAW clip is not planned: only an INSPECT in Resolve can state the facts of camera RAW, and no resolve"
        " executor is healthy",
    )


async def test_a_dry_run_inspects_where_a_resolve_executor_is_free_and_names_a_codec_that_nobody_has(
    world: World,
) -> None:
    gpu = await resolve(world, "gpu-1", "mov/ProRes422P")
    task = planning(world)
    await gpu.answer_probes(CAMERA_RAW)
    await gpu.answer_inspect()
    plan = await task
    assert plan.clips[0].plan is not None
    assert plan.clips[0].plan.render is not None
    assert (plan.admissible, plan.warnings) == (True, ())
    assert plan.waiting_reasons == (f'no healthy resolve executor encodes "{PAIR}": "gpu-1" encodes "mov/ProRes422P"',)
    task = planning(world)
    await gpu.answer_probes(CAMERA_RAW)
    await gpu.answer_inspect(None, violations=[UNREADABLE])
    plan = await task
    assert plan.violations == (replace(UNREADABLE, field="sources[0]"),)
