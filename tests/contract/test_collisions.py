"""Collision policies over the wire: a numbered name that is nobody else's, and a replaced file that is never lost."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from proxx.core.facts import SourceIdentity
from proxx.core.failure import Failure, FailureKind
from proxx.core.jobs import ClipResult, ClipState, CollisionPolicy, JobState, SubmissionOptions
from proxx.core.leases import Lease, LeaseOutcome, ReportStatus
from proxx.core.plain import to_plain
from proxx.core.roots import RootPath
from proxx.core.staging import quarantine_path
from proxx.core.steps import (
    PrepareAnswer,
    ProbedSource,
    ProbeItem,
    Published,
    ReplacedFile,
    StepKind,
    SweepReport,
)
from proxx.core.suffixes import MAX_SUFFIX
from proxx.core.violation import Violation, ViolationCode
from tests.contract.refusal import refused
from tests.contract.world import World, spec_of
from tests.fakes.measured import probed
from tests.fakes.scripted_executor import ScriptedExecutor, sha256_of

FAIL, SUFFIX, OVERWRITE = CollisionPolicy
OLD = SourceIdentity(path="proxies/1/A001_proxy.mp4", size_bytes=9, mtime_ns=3, inode=77, edge_sha256="d" * 64)
SHARED = "/proxies/shared"
STILL_OLD = SweepReport(
    removed=(), output_exists=True, output_sha256="d" * 64, output_size_bytes=9, output_unreplaced=True
)


def taken(*numbers: int) -> Callable[[ProbeItem], ProbedSource]:
    """A name at which something stands, and numbered ones."""
    return lambda item: replace(probed(item, output_exists=True), suffixes_taken=numbers)


def standing(item: ProbeItem) -> ProbedSource:
    """A name at which a file stands that may be replaced."""
    return replace(probed(item, output_exists=True), existing=OLD)


async def output_of(world: World, job_key: str, index: int = 0) -> str:
    page = await world.client.list_clips(job_key=job_key)
    return page.items[index].output_path


async def result_of(world: World, job_key: str, index: int = 0) -> ClipResult:
    return (await world.client.get_job_result(job_key=job_key)).clips[index]


async def data_of(world: World, job_key: str, kind: str) -> object:
    event = await world.log.until(lambda found: (found.job_key, found.kind) == (job_key, kind))
    return json.loads(event.data_json)


# --- what executors are asked ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "asked"),
    [
        pytest.param(FAIL, (False, False), id="fail"),
        pytest.param(SUFFIX, (True, False), id="suffix"),
        pytest.param(OVERWRITE, (False, True), id="overwrite"),
    ],
)
async def test_a_probe_is_asked_for_what_the_policy_needs(
    world: World, policy: CollisionPolicy, asked: tuple[bool, bool]
) -> None:
    executor = await world.executor()
    await world.submit(collision_policy=policy)
    work = (await executor.take_one(StepKind.PROBE)).probe
    assert work is not None
    assert (work.report_suffixes, work.report_existing) == asked


# --- SUFFIX ----------------------------------------------------------------------------------------------------------


async def test_the_numbered_name_stands_in_plan_clip_result_tokens_and_event(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, answer=taken(1), collision_policy=SUFFIX)
    lease = await executor.begin()
    assert lease.encode is not None
    assert lease.encode.inputs.output == RootPath(root="local", path="proxies/1/A001_proxy_002.mp4")
    assert executor.plan_of(lease).output == lease.encode.inputs.output
    await executor.finish(lease)
    await world.reached(key, JobState.COMPLETED)
    clip = await result_of(world, key)
    assert await output_of(world, key) == clip.resolved_output_path == "/proxies/1/A001_proxy_002.mp4"
    assert (clip.plan_digest, clip.resolved_tokens["suffix"]) == (lease.encode.plan_digest, "002")
    assert (clip.resolved_tokens["source_name"], clip.resolved_tokens["source_ext"]) == ("A001", "mov")
    assert await data_of(world, key, "job.admit") == {"collision_policy": "SUFFIX", "suffixed": 1}


async def test_a_free_name_gets_no_number(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, collision_policy=SUFFIX)
    assert await output_of(world, key) == "/proxies/1/A001_proxy.mp4"
    assert "suffix" not in (await result_of(world, key)).resolved_tokens


async def submitted_to_shared(world: World, name: str, **changes: object) -> str:
    job, _ = await world.client.submit_job(
        request_id=name,
        spec_json=spec_of(output_directory=SHARED, **changes),
        options=SubmissionOptions(collision_policy=SUFFIX),
    )
    return job.job_key


async def test_jobs_that_are_decided_at_the_same_moment_never_get_one_name(world: World) -> None:
    executor = await world.executor()
    keys = [await submitted_to_shared(world, f"job-{number}") for number in range(4)]
    probes = await executor.take(8)
    await asyncio.gather(*(executor.report_probe(lease) for lease in probes))
    for key in keys:
        await world.decided(key)
    names = sorted([await output_of(world, key) for key in keys])
    assert names == [f"{SHARED}/A001_proxy{suffix}.mp4" for suffix in ("", "_001", "_002", "_003")]


async def test_a_name_that_another_job_has_used_since_the_submission_is_taken_although_the_probe_saw_nothing(
    world: World,
) -> None:
    executor = await world.executor()
    first = await submitted_to_shared(world, "first")
    second = await submitted_to_shared(world, "second")
    early, late = await executor.take(2)
    await executor.report_probe(early)
    await executor.make()
    await world.reached(first, JobState.COMPLETED)
    await executor.report_probe(late)  # it looked before the first job published
    await world.decided(second)
    assert await output_of(world, second) == f"{SHARED}/A001_proxy_001.mp4"


async def test_the_numbers_end_at_999(world: World) -> None:
    executor = await world.executor()
    job = await world.submit(collision_policy=SUFFIX)
    await executor.answer_probes(taken(*range(1, MAX_SUFFIX + 1)))
    rejected = await world.reached(job.job_key, JobState.REJECTED)
    assert [(found.code, found.field) for found in rejected.violations] == [("SUFFIX_EXHAUSTED", "sources[0]")]


@pytest.mark.parametrize("exists", [False, True], ids=["its name is free", "its name is taken"])
async def test_a_retry_keeps_the_numbered_name_and_is_refused_where_it_is_taken(world: World, exists: bool) -> None:
    executor = await world.executor()
    key = (await world.submit(collision_policy=SUFFIX)).job_key
    await executor.answer_probes(taken())
    await executor.fail(await executor.begin())
    await world.reached(key, JobState.FAILED)
    await world.client.retry_failed_clips(job_key=key, request_id="again")
    await executor.answer_probes(lambda item: probed(item, output_exists=exists))
    if exists:
        await world.log.until(lambda event: event.kind == "job.finish_failed" and '"run":2' in event.data_json)
        assert [found.code for found in (await world.client.get_job(job_key=key)).violations] == ["OUTPUT_EXISTS"]
        return
    await executor.make()
    await world.reached(key, JobState.COMPLETED)
    assert await output_of(world, key) == "/proxies/1/A001_proxy_001.mp4"


async def test_a_request_that_is_repeated_gets_its_job_with_its_name_and_another_policy_is_another_body(
    world: World,
) -> None:
    executor = await world.executor()
    first = await submitted_to_shared(world, "same", job_id="0a1b2c3d")
    await executor.answer_probes(taken())
    await world.decided(first)
    again, created = await world.client.submit_job(
        request_id="same",
        spec_json=spec_of(output_directory=SHARED, job_id="0a1b2c3d"),
        options=SubmissionOptions(collision_policy=SUFFIX),
    )
    assert (again.job_key, created) == (first, False)
    assert await output_of(world, first) == f"{SHARED}/A001_proxy_001.mp4"
    refusal = await refused(
        world.client.submit_job(
            request_id="same",
            spec_json=spec_of(output_directory=SHARED, job_id="0a1b2c3d"),
            options=SubmissionOptions(collision_policy=OVERWRITE),
        )
    )
    assert refusal.reason == "REQUEST_ID_REUSED"


async def test_a_dry_run_shows_the_number_and_reserves_nothing(world: World) -> None:
    executor = await world.executor()
    task = asyncio.create_task(
        world.client.plan_job(
            spec_json=spec_of(output_directory=SHARED),
            options=SubmissionOptions(collision_policy=SUFFIX),
            timeout_seconds=20,
        )
    )
    await executor.answer_probes(taken(1, 2))
    (clip,) = (await task).clips
    assert (clip.suffix, clip.output_path) == (3, f"{SHARED}/A001_proxy_003.mp4")
    assert clip.plan is not None
    assert clip.plan.output.path == "proxies/shared/A001_proxy_003.mp4"
    key = await submitted_to_shared(world, "real")
    await executor.answer_probes(taken(1, 2))
    await world.decided(key)
    assert await output_of(world, key) == clip.output_path


# --- OVERWRITE -------------------------------------------------------------------------------------------------------


def replaced_by(lease: Lease, executor: ScriptedExecutor) -> ReplacedFile:
    staged = executor.output_of(lease).staged
    assert lease.encode is not None
    return ReplacedFile(quarantine=quarantine_path(staged=staged, output=lease.encode.inputs.output), identity=OLD)


def spelled(found: ReplacedFile) -> str:
    return f"/{found.quarantine.path}"


async def overwriting(world: World, executor: ScriptedExecutor, **options: object) -> str:
    return await world.admitted(executor, answer=standing, collision_policy=OVERWRITE, **options)


async def test_the_replaced_file_stands_in_lease_event_and_result_also_after_a_restart(world: World) -> None:
    executor = await world.executor()
    key = await overwriting(world, executor)
    lease = await executor.begin()
    assert lease.encode is not None
    assert lease.encode.replaces == OLD
    found = replaced_by(lease, executor)
    assert await executor.prepare(lease) is PrepareAnswer.PUBLISH
    published = Published(sha256=sha256_of(lease), size_bytes=1234, replaced=found)
    outcome = LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, published=published)
    assert await executor.complete(outcome) is ReportStatus.RECORDED
    await world.reached(key, JobState.COMPLETED)
    assert await data_of(world, key, "job.admit") == {"collision_policy": "OVERWRITE", "replaces": 1}
    assert await data_of(world, key, "clip.complete") == {"replaced": to_plain(found)}
    await world.restart()
    clip = await result_of(world, key)
    assert (clip.status, clip.replaced, clip.replaced_path) == (ClipState.COMPLETED, OLD, spelled(found))


async def test_where_nothing_stands_nothing_is_replaced(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, collision_policy=OVERWRITE)
    lease = await executor.make()
    assert lease.encode is not None
    assert lease.encode.replaces is None
    await world.reached(key, JobState.COMPLETED)
    clip = await result_of(world, key)
    assert (clip.replaced, clip.replaced_path) == (None, "")


async def test_a_staged_clip_is_published_by_a_step_that_knows_what_it_replaces(world: World) -> None:
    executor = await world.executor()
    await overwriting(world, executor, clips=2)
    head, later = await executor.begin(), await executor.begin()
    assert await executor.prepare(later) is PrepareAnswer.STAGED
    await executor.finish(head)
    publish = (await executor.take_one(StepKind.PUBLISH)).publish
    assert publish is not None
    assert publish.replaces == OLD


async def test_what_another_live_job_will_make_is_not_replaced(world: World) -> None:
    executor = await world.executor()
    await world.submit(spec_of(output_directory=SHARED))
    await executor.answer_probes()
    await executor.take_one(StepKind.ENCODE)
    job = await world.submit(spec_of(output_directory=SHARED), collision_policy=OVERWRITE)
    await executor.answer_probes(standing)
    rejected = await world.reached(job.job_key, JobState.REJECTED)
    assert [(found.code, found.field) for found in rejected.violations] == [("OUTPUT_RESERVED", "sources[0]")]


async def test_what_is_no_file_and_what_is_a_source_refuses_the_job(world: World) -> None:
    executor = await world.executor()
    directory = Violation(code=ViolationCode.OUTPUT_EXISTS, field="sources[0]", message="it is a directory")

    def no_file(item: ProbeItem) -> ProbedSource:
        return replace(probed(item, output_exists=True), violations=(directory,))

    job = await world.submit(
        spec_of(2, sources=["/footage/A001.mov", "/proxies/7/x_proxy.mp4"], output_directory="/proxies/7"),
        collision_policy=OVERWRITE,
    )

    def source(item: ProbeItem) -> ProbedSource:
        found = probed(item, output_exists=True)
        assert found.identity is not None
        return replace(found, existing=replace(found.identity, path="proxies/7/other"))

    await executor.answer_probes({0: no_file, 1: source})
    rejected = await world.reached(job.job_key, JobState.REJECTED)
    assert [(found.code, found.field) for found in rejected.violations] == [
        ("OUTPUT_EXISTS", "sources[0]"),
        ("OUTPUT_IS_SOURCE", "sources[1]"),
    ]


async def test_a_dry_run_shows_the_file_that_would_be_moved(world: World) -> None:
    executor = await world.executor()
    task = asyncio.create_task(
        world.client.plan_job(
            spec_json=spec_of(), options=SubmissionOptions(collision_policy=OVERWRITE), timeout_seconds=20
        )
    )
    await executor.answer_probes(standing)
    plan = await task
    assert (plan.admissible, plan.clips[0].replaces, plan.clips[0].suffix) == (True, OLD, 0)


# --- OVERWRITE and doubt ---------------------------------------------------------------------------------------------


async def swept_after_loss(world: World) -> tuple[str, ScriptedExecutor, Lease, Lease]:
    """A job whose executor fell silent while it published, resumed: its ENCODE lease and the started SWEEP."""
    gone = await world.executor("gone")
    key = await overwriting(world, gone)
    lease = await gone.begin()
    assert await gone.prepare(lease) is PrepareAnswer.PUBLISH
    await gone.close()
    await world.reached(key, JobState.RECOVERY_REQUIRED)
    await world.client.resume_job(job_key=key, request_id="resume")
    executor = await world.executor("other")
    sweep = await executor.begin(StepKind.SWEEP)
    assert sweep.sweep is not None
    assert sweep.sweep.replaces == OLD
    return key, executor, lease, sweep


async def report(executor: ScriptedExecutor, sweep: Lease, found: SweepReport) -> None:
    outcome = LeaseOutcome(lease_id=sweep.lease_id, epoch=sweep.epoch, sweep=found)
    assert await executor.complete(outcome) is ReportStatus.RECORDED


async def test_an_old_file_that_was_put_back_is_replaced_by_the_next_attempt(world: World) -> None:
    key, executor, _, sweep = await swept_after_loss(world)
    found = replace(STILL_OLD, restored=True)
    await report(executor, sweep, found)
    assert await data_of(world, key, "clip.requeue") == {"final_path": "unreplaced", "restored": True}
    lease = await executor.begin()
    assert lease.encode is not None
    assert (lease.epoch, lease.encode.replaces) == (2, OLD)
    await executor.finish(lease)
    await world.reached(key, JobState.COMPLETED)


async def test_a_published_proxy_is_adopted_and_the_old_file_recorded(world: World) -> None:
    key, executor, lease, sweep = await swept_after_loss(world)
    old = replaced_by(lease, executor)
    found = SweepReport(
        removed=(), output_exists=True, output_sha256=sha256_of(lease), output_size_bytes=1234, replaced=old
    )
    await report(executor, sweep, found)
    await world.reached(key, JobState.COMPLETED)
    clip = await result_of(world, key)
    assert (clip.adopted, clip.replaced, clip.replaced_path) == (True, OLD, spelled(old))
    assert await data_of(world, key, "clip.adopt") == {"final_path": "same", "replaced": to_plain(old)}


async def test_a_foreign_file_holds_the_job_and_says_where_the_old_one_lies(world: World) -> None:
    key, executor, lease, sweep = await swept_after_loss(world)
    old = replaced_by(lease, executor)
    found = SweepReport(removed=(), output_exists=True, output_sha256="f" * 64, output_size_bytes=5, replaced=old)
    await report(executor, sweep, found)
    assert await data_of(world, key, "clip.held") == {"final_path": "foreign", "replaced": to_plain(old)}
    job = await world.client.get_job(job_key=key)
    assert (job.state, job.reason) == (JobState.RECOVERY_REQUIRED, "other bytes stand at the final path of clip 0")
    assert (await result_of(world, key)).replaced_path == spelled(old)
    await world.client.resume_job(job_key=key, request_id="again")
    sweep = await executor.begin(StepKind.SWEEP)
    await report(executor, sweep, replace(STILL_OLD, restored=True))
    await world.clip_event(key, 0, "clip.requeue")
    assert (await result_of(world, key)).replaced_path == ""


async def test_cancelling_instead_ends_with_the_old_file_in_its_place(world: World) -> None:
    gone = await world.executor("gone")
    key = await overwriting(world, gone)
    await gone.begin()
    await gone.close()
    await world.reached(key, JobState.RECOVERY_REQUIRED)
    await world.client.cancel_job(job_key=key, request_id="cancel")
    executor = await world.executor("other")
    sweep = await executor.begin(StepKind.SWEEP)
    await report(executor, sweep, STILL_OLD)
    await world.reached(key, JobState.CANCELLED)
    assert await world.states(key) == ["SKIPPED(cancelled)"]


async def test_a_failed_publication_says_where_the_old_file_lies(world: World) -> None:
    executor = await world.executor()
    key = await overwriting(world, executor)
    lease = await executor.begin()
    old = replaced_by(lease, executor)
    assert await executor.prepare(lease) is PrepareAnswer.PUBLISH
    failure = Failure(kind=FailureKind.OUTPUT_EXISTS, message="another file stands under the final name")
    outcome = LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, failure=failure, replaced=old)
    assert await executor.complete(outcome) is ReportStatus.RECORDED
    await world.reached(key, JobState.FAILED)
    clip = await result_of(world, key)
    assert (clip.status, clip.replaced, clip.replaced_path) == (ClipState.FAILED, OLD, spelled(old))
