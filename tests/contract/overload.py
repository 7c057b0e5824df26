"""A server whose calls are never answered, so that its limits are soon reached."""

import asyncio
from typing import Any

import grpc

from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.api.jobs.v1.job_service_pb2_grpc import (
    JobServiceServicer,
    JobServiceStub,
    add_JobServiceServicer_to_server,
)
from proxx.core.overload import CallKind, CallLimits, KindLimits
from proxx.rpc.server import RpcServer, ServerSettings
from tests.contract.refusal import Refusal, refused
from tests.contract.world import PATIENCE_SECONDS


class _Unanswering(JobServiceServicer):
    async def GetJob(self, request: pb.GetJobRequest, context: Any) -> pb.GetJobResponse:  # noqa: N802  the contract names it
        await asyncio.Event().wait()
        raise AssertionError("it waits for ever")


def limits_of_others(limits: KindLimits) -> CallLimits:
    """Return limits of ordinary calls, whose refusals are not held back."""
    kinds = {**CallLimits().kinds, CallKind.OTHER: limits}
    return CallLimits(kinds=kinds, park_seconds=0.0, longest_park_seconds=0.0)


async def third_refusal(limits: CallLimits) -> Refusal:
    """Make three calls at once under limits that leave room for two. Returns the refusal of the one too many."""
    server = RpcServer(settings=ServerSettings(listen="127.0.0.1:0", limits=limits), new_id=lambda: "id")
    server.add_service(add_JobServiceServicer_to_server, _Unanswering(), "proxx.api.jobs.v1.JobService")
    target = await server.start()
    async with grpc.aio.insecure_channel(target) as channel:
        method = JobServiceStub(channel).GetJob
        calls = [asyncio.create_task(_refused(method)) for _ in range(3)]
        done, others = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        for call in others:
            call.cancel()
        await asyncio.wait(others)
    await server.stop(grace_seconds=0)
    return done.pop().result()


async def _refused(method: Any) -> Refusal:
    return await refused(method(pb.GetJobRequest(), timeout=PATIENCE_SECONDS))
