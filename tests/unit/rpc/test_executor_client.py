import dataclasses
from contextlib import asynccontextmanager

import grpc
import pytest

from proxx.api.executors.v1 import executor_service_pb2 as pb2
from proxx.api.executors.v1 import lease_pb2
from proxx.core.leases import (
    ExecutorDescription,
    HeldLease,
    Lease,
    LeaseDirective,
    LeaseOutcome,
    LeaseRelease,
    LeaseReport,
    ReportStatus,
    SessionTerms,
)
from proxx.core.steps import PrepareAnswer, PreparedOutput
from proxx.rpc.errors import RefusedCallError
from proxx.rpc.executor_client import ExecutorClient
from proxx.rpc.executor_errors import (
    AcquireConsumedError,
    CallRefusedError,
    LeaseSupersededError,
    SchedulerDefectError,
    SchedulerUnavailableError,
    SessionUnknownError,
)
from proxx.rpc.mapping import from_message, to_message
from proxx.rpc.reasons import Reason
from tests.unit.rpc.servers import ScriptedService, running
from tests.unit.rpc.values import built


@asynccontextmanager
async def grpc_server_without_services():
    server = grpc.aio.server()
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(0)


async def called(service, method, **arguments):
    async with running(service) as up, ExecutorClient(up.target) as client:
        return await getattr(client, method)(**arguments)


async def test_session_states_the_executor_and_the_leases_that_it_holds():
    description, held = built(ExecutorDescription, full=True), built(HeldLease, full=True)
    terms = built(SessionTerms, full=True)
    service = ScriptedService(OpenSession=[to_message(terms, pb2.OpenSessionResponse)])
    assert terms == await called(service, "open_session", description=description, held=(held,))
    (request,) = service.requests
    assert from_message(request, ExecutorDescription) == description
    assert [from_message(lease, HeldLease) for lease in request.held] == [held]


async def test_acquire_brings_leases():
    lease = built(Lease, full=True)
    service = ScriptedService(AcquireLeases=[pb2.AcquireLeasesResponse(leases=[to_message(lease, lease_pb2.Lease)])])
    asked = {"session_id": "s", "sequence": 7, "max_grants": 2, "max_probes": 3, "wait_seconds": 0.25}
    assert await called(service, "acquire", **asked) == (lease,)
    (request,) = service.requests
    room = (request.max_grants, request.max_probes)
    assert (request.session_id, request.acquire_sequence, room, request.wait.ToMilliseconds()) == ("s", 7, (2, 3), 250)


async def test_lease_without_work_that_this_version_knows_is_no_answer():
    bare = dataclasses.replace(built(Lease, full=True), probe=None)
    service = ScriptedService(AcquireLeases=[pb2.AcquireLeasesResponse(leases=[to_message(bare, lease_pb2.Lease)])])
    with pytest.raises(SchedulerUnavailableError, match="carries no work that this version knows"):
        await called(service, "acquire", session_id="s", sequence=1, max_grants=1, wait_seconds=0)


async def test_renew_reports_and_brings_directives():
    report, directive = built(LeaseReport, full=True), built(LeaseDirective, full=True)
    service = ScriptedService(
        RenewLeases=[pb2.RenewLeasesResponse(directives=[to_message(directive, pb2.LeaseDirective)])]
    )
    assert await called(service, "renew", session_id="s", reports=(report,), draining=True) == (directive,)
    (request,) = service.requests
    assert ([from_message(item, LeaseReport) for item in request.reports], request.draining) == ([report], True)


async def test_prepare_carries_the_proof_and_brings_the_answer():
    output = built(PreparedOutput, full=True)
    service = ScriptedService(PrepareLease=[pb2.PrepareLeaseResponse(answer=lease_pb2.PREPARE_ANSWER_STAGED)])
    assert (
        await called(service, "prepare", session_id="s", lease_id="l", epoch=3, output=output) is PrepareAnswer.STAGED
    )
    (request,) = service.requests
    assert (request.lease_id, request.epoch, from_message(request.output, PreparedOutput)) == ("l", 3, output)


async def test_complete_and_release_bring_one_status_each():
    outcome, release = built(LeaseOutcome, full=True), built(LeaseRelease, full=True)
    service = ScriptedService(
        CompleteLeases=[pb2.CompleteLeasesResponse(statuses=[pb2.REPORT_STATUS_RECORDED, pb2.REPORT_STATUS_STALE])],
        ReleaseLeases=[pb2.ReleaseLeasesResponse(statuses=[pb2.REPORT_STATUS_STALE])],
        CloseSession=[pb2.CloseSessionResponse()],
    )
    async with running(service) as up, ExecutorClient(up.target) as client:
        completed = await client.complete(session_id="s", outcomes=(outcome, outcome))
        released = await client.release(session_id="s", releases=(release,))
        await client.close(session_id="s")
    assert completed == (ReportStatus.RECORDED, ReportStatus.STALE)
    assert released == (ReportStatus.STALE,)
    assert [from_message(item, LeaseOutcome) for item in service.requests[0].outcomes] == [outcome, outcome]
    assert [from_message(item, LeaseRelease) for item in service.requests[1].releases] == [release]
    assert service.requests[2].session_id == "s"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        pytest.param(Reason.SESSION_UNKNOWN, SessionUnknownError, id="session unknown"),
        pytest.param(Reason.LEASE_SUPERSEDED, LeaseSupersededError, id="lease superseded"),
        pytest.param(Reason.ACQUIRE_CONSUMED, AcquireConsumedError, id="acquire consumed"),
        pytest.param(Reason.VERDICT_FAILED, CallRefusedError, id="verdict failed"),
        pytest.param(Reason.INTERNAL, SchedulerDefectError, id="defect of the scheduler"),
        pytest.param(Reason.DRAINING, SchedulerUnavailableError, id="scheduler drains"),
    ],
)
async def test_reason_becomes_the_executors_next_move(reason, kind):
    service = ScriptedService(CloseSession=[RefusedCallError(reason=reason, message="a fact")])
    with pytest.raises(kind, match="a fact") as caught:
        await called(service, "close", session_id="s")
    assert type(caught.value) is kind


async def test_refusal_keeps_its_reason():
    service = ScriptedService(CloseSession=[RefusedCallError(reason=Reason.VERDICT_FAILED, message="frame_count")])
    with pytest.raises(CallRefusedError) as caught:
        await called(service, "close", session_id="s")
    assert caught.value.reason == "VERDICT_FAILED"


async def test_status_without_a_reason_of_ours_is_no_answer():
    async with grpc_server_without_services() as target, ExecutorClient(target) as client:
        with pytest.raises(SchedulerUnavailableError, match="UNIMPLEMENTED"):
            await client.close(session_id="s")


async def test_scheduler_that_is_not_there_is_unavailable(tmp_path):
    async with ExecutorClient(f"unix:{tmp_path}/nobody.sock") as client:
        with pytest.raises(SchedulerUnavailableError, match="UNAVAILABLE"):
            await client.close(session_id="s")


async def test_answer_that_does_not_come_in_time_is_unavailable(tmp_path):
    async with running(ScriptedService()) as up, ExecutorClient(up.target, timeout_seconds=0) as client:
        with pytest.raises(SchedulerUnavailableError, match="DEADLINE_EXCEEDED"):
            await client.close(session_id="s")


async def test_caller_that_was_let_in_and_is_not_recognised_any_more_asks_again():
    refusal = RefusedCallError(reason=Reason.CERTIFICATE_REVOKED, message="replaced")
    opened = to_message(built(SessionTerms, full=True), pb2.OpenSessionResponse)
    service = ScriptedService(OpenSession=[opened], CloseSession=[refusal])
    async with running(service) as up, ExecutorClient(up.target) as client:
        await client.open_session(description=built(ExecutorDescription, full=True), held=())
        with pytest.raises(SchedulerUnavailableError):
            await client.close(session_id="s")


async def test_caller_that_was_never_let_in_is_refused_for_good():
    refusal = RefusedCallError(reason=Reason.TOKEN_UNKNOWN, message="who are you")
    with pytest.raises(CallRefusedError) as refused:
        await called(ScriptedService(CloseSession=[refusal]), "close", session_id="s")
    assert refused.value.reason == "TOKEN_UNKNOWN"
