"""The lease protocol: sessions, grants in their order, and the start barrier."""

import asyncio
from dataclasses import replace
from typing import Any

import grpc
import pytest

from proxx.core.detection import Engine
from proxx.core.jobs import FailurePolicy, JobState
from proxx.core.leases import LeaseReport, ReleaseReason
from proxx.core.steps import Directive, Phase, StepKind
from tests.contract.refusal import refused
from tests.contract.world import World
from tests.fakes.measured import source_facts
from tests.fakes.scripted_executor import ScriptedExecutor

CONTINUE = FailurePolicy.CONTINUE


async def test_the_terms_of_a_session_are_the_schedulers_own(world: World) -> None:
    executor = await world.executor()
    assert executor.terms is not None
    assert (executor.terms.lease_seconds, executor.terms.renew_seconds, executor.terms.revoked_lease_ids) == (
        60,
        10,
        (),
    )


async def test_an_incarnation_that_opens_again_has_the_same_session(world: World) -> None:
    executor = await world.executor()
    session = executor.session_id
    await executor.open()
    assert executor.session_id == session
    assert (await world.executor()).session_id != session


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(
            ("name", ""),
            ("incarnation", ""),
            ("version", ""),
            ("slots", 0),
            ("roots", ()),
            ("roots", ("local", "tape")),
        ),
        *(("probe_slots", -1), ("probe_slots", 1025)),
        *(("codecs", ("DNxHRLB",)), ("codecs", ("mov/a",) * 1001)),
    ],
    ids=[
        *("no name", "no incarnation", "no version", "no slots", "no roots", "an unknown root"),
        *("fewer than no probes", "too many probes"),
        *("a codec without its format", "too many codecs"),
    ],
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
    executors.append(await world.executor("gpu-1", engine=Engine.RESOLVE))
    waiting = [asyncio.create_task(executor.take(wait_seconds=15)) for executor in executors]
    for _ in executors:
        await world.submit()
    granted = await asyncio.wait_for(asyncio.gather(*waiting), 5)
    assert len({lease.job_key for (lease,) in granted}) == 9


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


async def test_a_resolve_executor_probes_for_all_and_encodes_nothing_for_ffmpeg(world: World) -> None:
    resolve = await world.executor("gpu-1", engine=Engine.RESOLVE)
    job = await world.submit()
    await resolve.answer_probes()  # each executor has the prober
    await world.decided(job.job_key)
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


# --- the start barrier ------------------------------------------------------------------------------------------------


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


async def test_a_report_of_progress_before_the_start_barrier_starts_nothing(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.take_one(StepKind.ENCODE)
    report = LeaseReport(lease_id=lease.lease_id, epoch=lease.epoch, phase=Phase.ACCEPTED)
    await executor.client.renew(session_id=executor.session_id, reports=[report], draining=False)
    assert await world.states(key) == ["LEASED"]
