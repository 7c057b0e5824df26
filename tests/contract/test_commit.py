"""In-order commit: files, states and results are those of a sequential run, whatever finishes first."""

from dataclasses import replace

import pytest

from proxx.core.detection import Engine
from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.leases import ReleaseReason
from proxx.core.steps import Directive, PrepareAnswer, StepKind
from tests.contract.world import World
from tests.fakes.measured import measured_as_planned, source_facts
from tests.fakes.scripted_executor import sha256_of

CONTINUE = FailurePolicy.CONTINUE


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
