"""PlanJob and ProbeSource: the same steps as a job, and nothing is stored."""

import asyncio
import json
from pathlib import PurePosixPath
from typing import Any

import grpc
import pytest

from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.core.command_paths import fill_placeholders
from proxx.core.detection import Engine
from proxx.core.jobs import ClipPlan, JobPlan, JobState, ProbedPath, SubmissionOptions
from proxx.core.leases import ReleaseReason, ReportStatus
from proxx.core.plan import Plan
from proxx.core.steps import Directive, StepKind
from proxx.core.violation import Violation, ViolationCode
from proxx.rpc.errors import CallTimeoutError
from tests.contract.refusal import refused
from tests.contract.world import World, call, spec_of
from tests.fakes.measured import STANDARD, UNSUPPORTED, missing, probed, source_facts
from tests.fakes.scripted_executor import ScriptedExecutor

GIVEN = {"job_id": "0a1b2c3d", "created_at": "2026-03-04T05:06:07+01:00"}


def planning(world: World, text: str, **options: Any) -> "asyncio.Task[JobPlan]":
    return asyncio.create_task(
        world.client.plan_job(spec_json=text, options=SubmissionOptions(**options), timeout_seconds=20)
    )


def probing(world: World, *paths: str) -> "asyncio.Task[tuple[ProbedPath, ...]]":
    return asyncio.create_task(world.client.probe_source(paths=paths))


async def nothing_is_stored(world: World) -> bool:
    return (await world.client.list_jobs()).items == () and world.log.events == []


async def plan_of_the_same_job(world: World, executor: ScriptedExecutor, text: str) -> Plan:
    await world.submit(text)
    await executor.answer_probes()
    return executor.plan_of(await executor.take_one(StepKind.ENCODE))


async def test_a_plan_is_what_the_job_would_run_and_nothing_is_stored(world: World) -> None:
    executor = await world.executor()
    text = spec_of(**GIVEN)
    task = planning(world, text)
    await executor.answer_probes()
    plan = await task
    assert await nothing_is_stored(world)
    real = await plan_of_the_same_job(world, executor, text)
    command = fill_placeholders(
        argv=real.argv,
        tool=real.argv[0],
        source=PurePosixPath("/footage/A001.mov"),
        output=PurePosixPath("/proxies/A001_proxy.mp4"),
    )
    assert "file:/proxies/A001_proxy.mp4.witness-pictures" in command
    assert plan == JobPlan(
        admissible=True,
        violations=(),
        clips=(
            ClipPlan(
                clip_index=0,
                source_path="/footage/A001.mov",
                output_path="/proxies/A001_proxy.mp4",
                detection=STANDARD,
                facts=source_facts(),
                plan=real,
                command=command,
            ),
        ),
        spec={**json.loads(text), "fps_mode": "same-as-source"},
        waiting_reasons=(),
    )


async def test_a_plan_lists_every_reason_that_would_refuse_the_job(world: World) -> None:
    executor = await world.executor()
    task = planning(world, spec_of(3))
    unwritable = Violation(
        code=ViolationCode.OUTPUT_DIRECTORY_UNWRITABLE, field="output_directory", message="/proxies: read-only"
    )
    await executor.answer_probes(
        {0: missing, 1: lambda item: probed(item, detection=UNSUPPORTED)}, directory=[unwritable]
    )
    plan = await task
    assert not plan.admissible
    assert [(violation.code, violation.field) for violation in plan.violations] == [
        ("OUTPUT_DIRECTORY_UNWRITABLE", "output_directory"),
        ("SOURCE_MISSING", "sources[0]"),
        ("SOURCE_UNSUPPORTED", "sources[1]"),
    ]
    assert await nothing_is_stored(world)


async def test_a_plan_names_the_job_that_holds_its_path(world: World) -> None:
    executor = await world.executor()
    holder = await world.admitted(executor)
    await executor.take_one(StepKind.ENCODE)
    task = planning(world, spec_of(output_directory="/proxies/1"))
    await executor.answer_probes()
    plan = await task
    assert [(violation.code, violation.field) for violation in plan.violations] == [("OUTPUT_RESERVED", "sources[0]")]
    assert holder in plan.violations[0].message


async def test_a_plan_makes_no_directory_and_forgives_one_that_the_job_may_make(world: World) -> None:
    executor = await world.executor()
    absent = Violation(
        code=ViolationCode.OUTPUT_DIRECTORY_MISSING, field="output_directory", message="/proxies does not exist"
    )
    for allowed in (False, True):
        task = planning(world, spec_of(), create_output_directory=allowed)
        lease = await executor.answer_probes(directory=[absent])
        assert lease.probe is not None
        assert (lease.probe.create_output_directory, (await task).admissible) == (False, allowed)


async def test_a_typed_plan_and_its_text_are_one(world: World) -> None:
    executor = await world.executor()
    task = planning(world, spec_of(**GIVEN))
    await executor.answer_probes()
    text = await task
    plain = json.loads(spec_of(**GIVEN))
    typed = asyncio.create_task(call(world.jobs.PlanJob, pb.PlanJobRequest(spec=plain)))
    await executor.answer_probes()
    answer = await typed
    assert text.clips[0].plan is not None
    assert [clip.plan.digest for clip in answer.clips] == [text.clips[0].plan.digest]


async def test_a_broken_spec_is_refused_before_anybody_probes(world: World) -> None:
    executor = await world.executor()
    refusal = await refused(planning(world, spec_of(codec="cinepak")))
    assert refusal.reason == "SPEC_INVALID"
    assert await executor.idle()


async def test_files_are_probed_in_the_order_asked(world: World) -> None:
    executor = await world.executor()
    task = probing(world, "/b.mov", "/a.mov")
    lease = await executor.answer_probes({1: missing})
    assert lease.probe is not None
    assert [(item.source.path, item.output) for item in lease.probe.items] == [("b.mov", None), ("a.mov", None)]
    good, bad = await task
    assert good == ProbedPath(path="/b.mov", detection=STANDARD, facts=source_facts(), violations=())
    assert (bad.path, bad.detection, [violation.code for violation in bad.violations]) == (
        "/a.mov",
        None,
        [ViolationCode.SOURCE_MISSING],
    )
    assert await nothing_is_stored(world)


async def test_many_files_are_probed_by_several_executors_and_come_back_in_order(world: World) -> None:
    one, other = await world.executor("one"), await world.executor("other")
    paths = [f"/{index}.mov" for index in range(40)]
    task = probing(world, *paths)
    first = await one.take_one(StepKind.PROBE)
    await other.answer_probes()
    await other.answer_probes()
    await one.report_probe(first)
    assert [found.path for found in await task] == paths


@pytest.mark.parametrize(
    ("path", "code"),
    [("a.mov", "PATH_NOT_ABSOLUTE"), ("/a/../b.mov", "PATH_NOT_ABSOLUTE"), ("", "PATH_NOT_ABSOLUTE")],
    ids=["relative", "with dots", "empty"],
)
async def test_a_path_that_is_not_absolute_is_refused(world: World, path: str, code: str) -> None:
    await world.executor()
    refusal = await refused(probing(world, "/good.mov", path))
    assert (refusal.reason, refusal.violations) == ("SPEC_INVALID", ((code, "paths[1]"),))


@pytest.mark.parametrize("count", [0, 1001])
async def test_1_to_1000_files_are_probed_at_a_time(world: World, count: int) -> None:
    await world.executor()
    refusal = await refused(probing(world, *["/a.mov"] * count))
    assert (refusal.reason, refusal.metadata["field"]) == ("REQUEST_INVALID", "paths")


async def test_without_an_executor_nothing_can_be_planned_or_probed(world: World) -> None:
    for task in (planning(world, spec_of()), probing(world, "/a.mov")):
        refusal = await refused(task)
        assert (refusal.code, refusal.reason, refusal.metadata) == (
            grpc.StatusCode.FAILED_PRECONDITION,
            "NO_EXECUTOR",
            {"engine": "ffmpeg"},
        )


async def test_an_executor_that_closed_its_session_is_none(world: World) -> None:
    executor = await world.executor()
    await executor.close()
    assert (await refused(probing(world, "/a.mov"))).reason == "NO_EXECUTOR"


async def test_a_deadline_ends_a_dry_run_and_takes_its_work_back(world: World) -> None:
    executor = await world.executor()
    waiting = asyncio.create_task(world.client.probe_source(paths=["/a.mov"], timeout_seconds=0.3))
    lease = await executor.take_one(StepKind.PROBE)
    with pytest.raises(CallTimeoutError):
        await waiting
    assert await executor.directive(lease) is Directive.REVOKED
    assert await executor.report_probe(lease) is ReportStatus.STALE
    assert await executor.idle()


async def test_a_dry_run_whose_executor_is_lost_is_granted_again(brief: World) -> None:
    silent, other = await brief.executor("silent"), await brief.executor("other")
    task = probing(brief, "/a.mov")
    lost = await silent.take_one(StepKind.PROBE)
    again = await other.take_one(StepKind.PROBE)
    assert again.lease_id != lost.lease_id
    assert await silent.report_probe(lost, missing) is ReportStatus.STALE
    await other.report_probe(again)
    assert (await task)[0].detection == STANDARD


async def test_a_dry_run_that_is_handed_back_or_renewed_lives_on(world: World) -> None:
    executor = await world.executor()
    task = probing(world, "/a.mov")
    lease = await executor.take_one(StepKind.PROBE)
    assert await executor.directive(lease) is Directive.CONTINUE
    assert await executor.release(lease, ReleaseReason.DRAINED) is ReportStatus.RECORDED
    await executor.answer_probes()
    assert (await task)[0].detection == STANDARD


async def test_a_draining_executor_gets_no_dry_run(world: World) -> None:
    leaving, other = await world.executor("leaving"), await world.executor("other")
    await leaving.renew(draining=True)
    asking = asyncio.create_task(leaving.take(wait_seconds=1))
    task = probing(world, "/a.mov")
    assert await asking == ()
    await other.answer_probes()
    assert len(await task) == 1


async def test_a_resolve_executor_probes_as_any_other(world: World) -> None:
    resolve = await world.executor("gpu-1", engine=Engine.RESOLVE)
    task = probing(world, "/a.mov")
    await resolve.answer_probes()
    assert (await task)[0].detection == STANDARD


async def test_an_executor_may_probe_for_a_dry_run_while_it_encodes(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.begin()
    task = probing(world, "/a.mov")
    await executor.answer_probes()
    assert (await task)[0].detection == STANDARD
    await executor.finish(lease)
    await world.reached(key, JobState.COMPLETED)


async def test_more_sources_than_one_answer_can_carry_are_refused_before_anything_is_probed(world: World) -> None:
    executor = await world.executor()
    refusal = await refused(planning(world, spec_of(2001)))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "SPEC_INVALID")
    assert refusal.message.endswith(
        "The job has 2001 sources; the answer of a dry run is one message, of at most 2000: plan a part of them, or "
        "submit the job held, which looks at all and encodes nothing"
    )
    assert await executor.idle()
