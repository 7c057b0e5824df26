"""The limits of a server at work: places, waiting, refusals, and clients that come back when they are told to."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo

from bench.flood import http2
from proxx.api.executors.v1 import executor_service_pb2
from proxx.api.jobs.v1 import job_service_pb2
from proxx.core.access import OPEN
from proxx.core.overload import CallKind, CallLimits, KindLimits, RateLimit, Ticket
from proxx.rpc.client import SchedulerClient
from proxx.rpc.errors import CallTimeoutError, RefusedCallError, status_of
from proxx.rpc.executor_client import ExecutorClient
from proxx.rpc.executor_errors import SchedulerUnavailableError
from proxx.rpc.rate_limits import CallGuard, host_of
from proxx.rpc.reasons import PASSING, Reason
from proxx.rpc.retrying import pause_before_again
from tests.unit.rpc.servers import ScriptedService, running

GET_JOB = "/proxx.api.jobs.v1.JobService/GetJob"
RENEW = "/proxx.api.executors.v1.ExecutorService/RenewLeases"
WATCH = "/proxx.api.jobs.v1.JobService/WatchJobs"
PEER = "ipv4:192.0.2.7:5000"
ONE = KindLimits(running=1, waiting=1, each=9, each_running=9, each_open=9)


def guard(*, wait_seconds: float = 60.0) -> CallGuard:
    kinds = {**CallLimits().kinds, CallKind.OTHER: ONE}
    limits = CallLimits(kinds=kinds, wait_seconds=wait_seconds, park_seconds=0.0, longest_park_seconds=0.0)
    return CallGuard(limits=limits, clock=lambda: 0.0)


async def entered(limits: CallGuard, method: str = GET_JOB, *, left_seconds: float | None = None) -> Ticket:
    return await limits.enter(method=method, streams=False, identity=OPEN, peer=PEER, left_seconds=left_seconds)


async def test_a_call_waits_for_a_place_and_gets_that_of_the_one_that_ends() -> None:
    limits = guard()
    first = await entered(limits)
    second = asyncio.create_task(entered(limits))
    await asyncio.sleep(0)
    assert not second.done()
    limits.leave(first)
    assert (await second).running


async def test_executors_calls_find_a_place_while_all_others_are_taken() -> None:
    limits = guard()
    await entered(limits)
    assert (await entered(limits, RENEW)).running


async def test_a_call_that_waited_too_long_is_refused_and_leaves_its_turn() -> None:
    limits = guard(wait_seconds=0.01)
    first = await entered(limits)
    with pytest.raises(RefusedCallError, match=r"no place was free within 0\.01 s") as caught:
        await entered(limits)
    assert (caught.value.reason, caught.value.retry_seconds) == ("OVERLOADED", 1.0)
    limits.leave(first)
    assert (await entered(limits)).running


async def test_a_caller_that_goes_away_while_it_waits_leaves_its_turn() -> None:
    limits = guard()
    first = await entered(limits)
    gone = asyncio.create_task(entered(limits))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait({gone})
    limits.leave(first)
    assert (await entered(limits)).running


async def test_the_refusal_names_limit_kind_and_method() -> None:
    limits = guard()
    await entered(limits)
    waiting = asyncio.create_task(entered(limits))
    await asyncio.sleep(0)
    with pytest.raises(RefusedCallError) as caught:
        await entered(limits)
    waiting.cancel()
    assert (caught.value.reason, caught.value.metadata) == (
        "OVERLOADED",
        {"limit": "2", "kind": "other", "method": GET_JOB},
    )


async def test_a_deadline_that_is_too_far_away_is_refused() -> None:
    with pytest.raises(RefusedCallError, match="at most 3600 s for a call that answers once, got 7200 s"):
        await entered(guard(), left_seconds=7200)


@pytest.mark.parametrize(
    ("peer", "host"),
    [
        pytest.param("ipv4:192.0.2.7:5000", "192.0.2.7", id="ipv4"),
        pytest.param("ipv6:[2001:db8::1]:5000", "2001:db8::1", id="ipv6"),
        pytest.param("ipv6:%5B::1%5D:5000", "::1", id="ipv6, escaped"),
        pytest.param("unix:/run/proxx.sock", "unix", id="unix"),
        pytest.param("", "unknown", id="nothing"),
    ],
)
def test_callers_of_one_host_are_one_caller(peer: str, host: str) -> None:
    assert host_of(peer) == host


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.9999999, 1.0, 2.5])
def test_the_delay_reaches_the_wire(seconds: float) -> None:
    _, status = status_of(RefusedCallError(reason=Reason.OVERLOADED, message="full", retry_seconds=seconds))
    retry = RetryInfo()
    status.details[1].Unpack(retry)
    micros = round(seconds * 1_000_000)
    assert retry.retry_delay == Duration(seconds=micros // 1_000_000, nanos=micros % 1_000_000 * 1000)


@pytest.mark.parametrize("reason", sorted(PASSING))
async def test_a_client_that_is_one_too_many_comes_back_by_itself(reason: str) -> None:
    refusal = RefusedCallError(reason=reason, message="full", retry_seconds=0.01)
    answer = job_service_pb2.ListJobsResponse(next_page_token="t")
    service = ScriptedService(ListJobs=[refusal, refusal, answer])
    async with running(service) as up, SchedulerClient(up.target) as client:
        page = await client.list_jobs()
    assert (page.items, page.next_page_token, len(service.requests)) == ((), "t", 3)


async def test_a_client_without_time_to_come_back_gets_the_refusal() -> None:
    refusal = RefusedCallError(reason=Reason.OVERLOADED, message="full", retry_seconds=40)
    async with running(ScriptedService(GetJob=[refusal])) as up, SchedulerClient(up.target) as client:
        with pytest.raises(RefusedCallError) as caught:
            await client.get_job(job_key="k")
    assert caught.value.retry_seconds == 40


async def test_an_executor_that_is_one_too_many_asks_again_and_never_gives_up() -> None:
    refusal = RefusedCallError(reason=Reason.OVERLOADED, message="full", retry_seconds=40)
    async with running(ScriptedService(RenewLeases=[refusal])) as up, ExecutorClient(up.target) as client:
        with pytest.raises(SchedulerUnavailableError):
            await client.renew(session_id="s", reports=(), draining=False)


def test_only_refusals_that_pass_are_worth_another_call() -> None:
    passing = RefusedCallError(reason="OVERLOADED", message="full", retry_seconds=1)
    pause = pause_before_again(passing, left_seconds=10)
    assert pause is not None
    assert 1 <= pause <= 1.5
    assert pause_before_again(passing, left_seconds=0.5) is None
    assert pause_before_again(RefusedCallError(reason="SLOW_READER", message=""), left_seconds=10) is None
    assert pause_before_again(CallTimeoutError("late"), left_seconds=10) is None


async def test_a_request_that_never_comes_gives_its_place_back() -> None:
    async def nothing() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    async with running(ScriptedService(), limits=CallLimits(receive_seconds=0.05)) as up:
        async with grpc.aio.insecure_channel(up.target) as channel:
            with pytest.raises(grpc.aio.AioRpcError, match=r"did not arrive within 0\.05 s"):
                await channel.stream_unary(GET_JOB)(nothing(), timeout=20)
        assert up.counted("proxx_calls_running", kind="other") == 0


async def test_a_request_that_is_too_long_for_its_method_is_refused_before_it_is_parsed() -> None:
    service = ScriptedService()
    async with running(service) as up, grpc.aio.insecure_channel(up.target) as channel:
        with pytest.raises(grpc.aio.AioRpcError, match="the request has 70000 bytes, one of this method at most 65536"):
            await channel.unary_unary(GET_JOB)(b"\xff" * 70_000, timeout=20)
    assert service.requests == []


async def test_a_renewal_is_answered_while_every_other_place_is_taken() -> None:
    kinds = {**CallLimits().kinds, CallKind.OTHER: ONE}
    answer = executor_service_pb2.RenewLeasesResponse()
    release = asyncio.Event()

    class Held(ScriptedService):
        async def GetJob(self, request: object, context: object) -> job_service_pb2.GetJobResponse:  # noqa: N802
            await release.wait()
            return job_service_pb2.GetJobResponse()

    async with (
        running(Held(RenewLeases=[answer]), limits=CallLimits(kinds=kinds)) as up,
        grpc.aio.insecure_channel(up.target) as channel,
    ):
        held = [channel.unary_unary(GET_JOB)(b"", timeout=20) for _ in range(8)]
        assert await channel.unary_unary(RENEW)(b"", timeout=20) == b""
        release.set()
        for call in held:
            call.cancel()


async def test_a_denial_that_is_held_back_holds_no_place() -> None:
    kinds = {**CallLimits().kinds, CallKind.OTHER: ONE}
    limits = CallLimits(kinds=kinds, rate_denied=RateLimit(per_second=0.001, burst=0), park_seconds=60.0)
    denied = asyncio.Event()

    class Denying(ScriptedService):
        async def PauseJob(self, request: object, context: object) -> None:  # noqa: N802
            denied.set()
            raise RefusedCallError(reason=Reason.NOT_OWNER, message="not yours")

    service = Denying(GetJob=[job_service_pb2.GetJobResponse()])
    async with running(service, limits=limits) as up, grpc.aio.insecure_channel(up.target) as channel:
        parked = channel.unary_unary("/proxx.api.jobs.v1.JobService/PauseJob")(b"", timeout=60)
        await denied.wait()
        assert await channel.unary_unary(GET_JOB)(b"", timeout=20) == b""
        assert not parked.done()
        parked.cancel()


async def test_strangers_who_follow_health_take_no_place_of_other_streams() -> None:
    limits = CallGuard(limits=CallLimits(), clock=lambda: 0.0)
    most = CallLimits().kinds[CallKind.HEALTH_STREAM].each_open
    for _ in range(most):
        await limits.enter(
            method="/grpc.health.v1.Health/Watch", streams=True, identity=OPEN, peer=PEER, left_seconds=None
        )
    watching = [
        await limits.enter(method=WATCH, streams=True, identity=OPEN, peer=PEER, left_seconds=None)
        for _ in range(CallLimits().kinds[CallKind.STREAM].each_open)
    ]
    assert all(ticket.running for ticket in watching)


@pytest.fixture
def line() -> Iterator[socket.socket]:
    with socket.socket() as opened:
        opened.settimeout(20)
        yield opened


def _said(line: socket.socket) -> bytes:
    """All that a server says until it closes the connection."""
    said = b""
    try:
        while got := line.recv(65536):
            said += got
    except ConnectionResetError:
        pass
    return said


async def test_who_pings_without_pause_is_told_so_and_let_go(line: socket.socket) -> None:
    async with running(ScriptedService()) as up:
        host, _, port = up.target.rpartition(":")
        await asyncio.to_thread(line.connect, (host, int(port)))
        line.sendall(http2.PREFACE + http2.settings() + http2.frame(http2.PING, payload=b"12345678") * 20)
        assert b"too_many_pings" in await asyncio.to_thread(_said, line)


async def test_a_connection_too_many_is_closed_and_the_others_are_served(line: socket.socket) -> None:
    answer = job_service_pb2.ListJobsResponse()
    async with (
        running(ScriptedService(ListJobs=[answer, answer]), max_connections=1) as up,
        SchedulerClient(up.target) as client,
    ):
        await client.list_jobs()
        host, _, port = up.target.rpartition(":")
        await asyncio.to_thread(line.connect, (host, int(port)))
        assert await asyncio.to_thread(_said, line) == b""
        await client.list_jobs()
