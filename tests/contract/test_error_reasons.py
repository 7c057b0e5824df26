"""Every published reason of a refusal, provoked for real, with the code and the metadata that the contract promises."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from proxx.api.errors.v1 import error_reason_pb2
from proxx.api.executors.v1 import executor_service_pb2 as executors_pb
from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.core.access import AccessReason
from proxx.core.jobs import SubmissionOptions
from proxx.core.overload import CallLimits, KindLimits, RateLimit
from proxx.core.steps import StepKind
from proxx.rpc.client import SchedulerClient
from proxx.rpc.reasons import PASSING
from tests.contract.denied import denied
from tests.contract.overload import limits_of_others, third_refusal
from tests.contract.refusal import Refusal, read_refusal, refused
from tests.contract.slow_reader import provoke_slow_reader
from tests.contract.world import PATIENCE_SECONDS, World, call, spec_of
from tests.fakes.measured import short_of_frames
from tests.fakes.replicas import LEADER, standing_by
from tests.fakes.scripted_executor import ScriptedExecutor

PROTO = Path(__file__).parents[2] / "protos" / "proxx" / "api" / "errors" / "v1" / "error_reason.proto"
PREFIX = "ERROR_REASON_"
VALUES = error_reason_pb2.DESCRIPTOR.enum_types_by_name["ErrorReason"].values
REASONS = [value.name.removeprefix(PREFIX) for value in VALUES if value.number]


async def spec_invalid(world: World) -> Refusal:
    return await refused(
        world.client.submit_job(request_id="one", spec_json=spec_of(codec="cinepak"), options=SubmissionOptions())
    )


async def request_invalid(world: World) -> Refusal:
    return await refused(world.client.list_jobs(page_size=501))


async def request_id_reused(world: World) -> Refusal:
    for clips in (1, 2):
        submission = world.client.submit_job(request_id="one", spec_json=spec_of(clips), options=SubmissionOptions())
        if clips == 1:
            await submission
    return await refused(submission)


async def job_not_found(world: World) -> Refusal:
    return await refused(world.client.get_job(job_key="nobody"))


async def profile_not_found(world: World) -> Refusal:
    return await refused(world.client.get_profile(name="nobody"))


async def transition_not_allowed(world: World) -> Refusal:
    job = await world.submit()
    return await refused(world.client.resume_job(job_key=job.job_key, request_id="resume"))


async def revision_mismatch(world: World) -> Refusal:
    job = await world.submit()
    return await refused(world.client.cancel_job(job_key=job.job_key, request_id="cancel", expected_revision=99))


async def page_token_invalid(world: World) -> Refusal:
    return await refused(world.client.list_jobs(page_token="from elsewhere"))


async def cursor_truncated(world: World) -> Refusal:
    stream = world.jobs.WatchJobs(pb.WatchJobsRequest(after_sequence=900), timeout=PATIENCE_SECONDS)
    return await refused(stream.read())


async def no_executor(world: World) -> Refusal:
    return await refused(world.client.probe_source(paths=["/a.mov"]))


async def session_unknown(world: World) -> Refusal:
    executor = await world.executor()
    await executor.close()
    return await refused(executor.take())


async def executor_invalid(world: World) -> Refusal:
    executor = ScriptedExecutor(world.address, roots=("tape",))
    refusal = await refused(executor.open())
    await executor.disconnect()
    return refusal


async def acquire_consumed(world: World) -> Refusal:
    executor = await world.executor()
    await world.admitted(executor)
    return await refused(executor.take(sequence=0))


async def lease_superseded(world: World) -> Refusal:
    executor = await world.executor()
    await world.admitted(executor)
    lease = await executor.take_one(StepKind.ENCODE)
    return await refused(executor.prepare(lease))


async def verdict_failed(world: World) -> Refusal:
    executor = await world.executor()
    await world.admitted(executor)
    lease = await executor.begin()
    return await refused(executor.prepare(lease, executor.output_of(lease, change=short_of_frames)))


async def draining(world: World) -> Refusal:
    stream = world.jobs.WatchJobs(pb.WatchJobsRequest(), timeout=PATIENCE_SECONDS)
    await stream.read()
    stopping = asyncio.create_task(world.stop())
    refusal = await refused(stream.read())
    await stopping
    return refusal


async def store_unavailable(world: World) -> Refusal:
    job = await world.submit()
    world.sql("DROP TABLE clips")
    return await refused(call(world.jobs.ListClips, pb.ListClipsRequest(job_key=job.job_key)))


async def internal(world: World) -> Refusal:
    job = await world.submit()
    world.sql("UPDATE clips SET state = 'no state there is'")
    return await refused(call(world.jobs.ListClips, pb.ListClipsRequest(job_key=job.job_key)))


async def asset_not_found(world: World) -> Refusal:
    return await refused(call(world.executors.GetAsset, executors_pb.GetAssetRequest(sha256="0" * 64)))


async def executor_not_found(world: World) -> Refusal:
    return await refused(world.client.drain_executor(name="nobody", request_id="drain"))


async def submission_not_found(world: World) -> Refusal:
    return await refused(world.client.get_submission(request_id="never used"))


async def not_leader(world: World) -> Refusal:
    async with standing_by() as replica, SchedulerClient(replica.target) as client:
        replica.forwarder.saw(replace(LEADER, address="127.0.0.1:1"), "")
        return await refused(client.get_job(job_key="any"))


async def slow_reader(world: World) -> Refusal:
    try:
        await provoke_slow_reader(world.directory / "slow.db")
    except grpc.aio.AioRpcError as error:
        return read_refusal(error)
    raise AssertionError("the slow reader was served to the end")


def access(reason: str) -> Callable[[World], Awaitable[Refusal]]:
    return lambda world: denied(reason, world.directory)


async def rate_exceeded(world: World) -> Refusal:
    return await third_refusal(CallLimits(rate_open=RateLimit(per_second=0.01, burst=2), park_seconds=0.0))


async def calls_exceeded(world: World) -> Refusal:
    return await third_refusal(limits_of_others(KindLimits(running=9, waiting=0, each=9, each_running=9, each_open=2)))


async def overloaded(world: World) -> Refusal:
    return await third_refusal(limits_of_others(KindLimits(running=1, waiting=1, each=9, each_running=9, each_open=9)))


async def message_too_large(world: World) -> Refusal:
    return await refused(call(world.jobs.GetJob, pb.GetJobRequest(job_key="k" * 70_000)))


PROVOCATIONS: dict[str, Callable[[World], Awaitable[Refusal]]] = {
    "SPEC_INVALID": spec_invalid,
    "REQUEST_INVALID": request_invalid,
    "REQUEST_ID_REUSED": request_id_reused,
    "JOB_NOT_FOUND": job_not_found,
    "PROFILE_NOT_FOUND": profile_not_found,
    "TRANSITION_NOT_ALLOWED": transition_not_allowed,
    "REVISION_MISMATCH": revision_mismatch,
    "PAGE_TOKEN_INVALID": page_token_invalid,
    "CURSOR_TRUNCATED": cursor_truncated,
    "SLOW_READER": slow_reader,
    "NO_EXECUTOR": no_executor,
    "SESSION_UNKNOWN": session_unknown,
    "EXECUTOR_INVALID": executor_invalid,
    "ACQUIRE_CONSUMED": acquire_consumed,
    "LEASE_SUPERSEDED": lease_superseded,
    "VERDICT_FAILED": verdict_failed,
    "DRAINING": draining,
    "INTERNAL": internal,
    "STORE_UNAVAILABLE": store_unavailable,
    "ASSET_NOT_FOUND": asset_not_found,
    "EXECUTOR_NOT_FOUND": executor_not_found,
    "SUBMISSION_NOT_FOUND": submission_not_found,
    "NOT_LEADER": not_leader,
    "RATE_EXCEEDED": rate_exceeded,
    "CALLS_EXCEEDED": calls_exceeded,
    "OVERLOADED": overloaded,
    "MESSAGE_TOO_LARGE": message_too_large,
    **{reason.value: access(reason.value) for reason in AccessReason},
}


def promised(reason: str) -> tuple[str, set[str]]:
    """Read the status code and the metadata keys that the proto file promises for a reason."""
    comments = re.search(rf"((?:  //.*\n)+)  {PREFIX}{reason} = \d+;", PROTO.read_text(encoding="utf-8"))
    assert comments is not None
    code = re.match(r"  // ([A-Z_]+)\.", comments[1])
    sample = re.search(r"metadata: \{(.*?)\}\}", comments[1])
    assert code is not None
    assert sample is not None
    return code[1], set(re.findall(r"(\w+): \"", sample[1]))


def test_every_published_reason_has_a_provocation_and_every_provocation_a_reason() -> None:
    assert sorted(PROVOCATIONS) == sorted(REASONS)


@pytest.mark.parametrize("reason", REASONS)
async def test_a_reason_comes_with_the_code_and_the_metadata_that_the_contract_promises(
    world: World, reason: str
) -> None:
    code, keys = promised(reason)
    refusal = await PROVOCATIONS[reason](world)
    assert (refusal.reason, refusal.code.name) == (reason, code)
    assert keys <= set(refusal.metadata)
    assert all(refusal.metadata[key] for key in keys - {"allowed"})
    assert bool(refusal.retry_seconds) == (code == "UNAVAILABLE" or reason in PASSING)


async def test_a_defect_tells_its_caller_nothing_but_a_correlation_id(world: World) -> None:
    refusal = await internal(world)
    assert refusal.message == (
        f"the server failed; its log has the trace under correlation id {refusal.metadata['correlation_id']}"
    )
    assert set(refusal.metadata) == {"correlation_id"}
