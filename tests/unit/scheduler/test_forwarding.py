"""A standby passes calls on as they are, once, and says who leads when it cannot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest
import pytest_asyncio

from proxx.api.executors.v1 import executor_service_pb2 as executors_pb
from proxx.api.jobs.v1 import event_pb2, job_pb2
from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.rpc.errors import RefusedCallError
from proxx.rpc.reasons import Reason
from proxx_scheduler.transport.forwarding import HOP_KEY
from tests.contract.refusal import Refusal, outcome_is_unknown, read_refusal
from tests.fakes.replicas import LEADER, Replica, standing_by
from tests.unit.rpc.servers import Running, ScriptedService, running

GET = "/proxx.api.jobs.v1.JobService/GetJob"
ACQUIRE = "/proxx.api.executors.v1.ExecutorService/AcquireLeases"
WATCH = "/proxx.api.jobs.v1.JobService/WatchJobs"


class Leader:
    """Answers with what it was asked, and keeps what came with the call."""

    def __init__(self) -> None:
        self.metadata: dict[str, Any] = {}
        self.remaining: float | None = None
        self.began = asyncio.Semaphore(0)
        self.cancelled = asyncio.Event()
        self.released = asyncio.Event()

    async def GetJob(self, request: pb.GetJobRequest, context: Any) -> pb.GetJobResponse:  # noqa: N802  the contract's
        self.metadata = dict(context.invocation_metadata())
        self.remaining = context.time_remaining()
        if request.job_key == "refused":
            raise RefusedCallError(reason=Reason.JOB_NOT_FOUND, message="no such job", metadata={"job_key": "refused"})
        if request.job_key == "slow":
            await self._until_released()
        await context.send_initial_metadata((("first", "1"),))
        context.set_trailing_metadata((("last", "2"), ("bytes-bin", b"\x00\xff")))
        return pb.GetJobResponse(job=job_pb2.Job(job_key=request.job_key))

    async def WatchJobs(  # noqa: N802  the contract's name
        self, request: pb.WatchJobsRequest, context: Any
    ) -> AsyncIterator[pb.WatchJobsResponse]:
        for sequence in (1, 2):
            yield pb.WatchJobsResponse(event=event_pb2.JobEvent(sequence=sequence))
        await self._until_released()

    async def AcquireLeases(self, request: Any, context: Any) -> executors_pb.AcquireLeasesResponse:  # noqa: N802  the contract's
        await self._until_released()
        return executors_pb.AcquireLeasesResponse()

    async def _until_released(self) -> None:
        self.began.release()
        try:
            await self.released.wait()
        finally:
            self.cancelled.set()


@pytest_asyncio.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as found:
        yield found


@pytest_asyncio.fixture
async def replica(stack: AsyncExitStack) -> Replica:
    return await stack.enter_async_context(standing_by())


@pytest_asyncio.fixture
async def channel(stack: AsyncExitStack, replica: Replica) -> grpc.aio.Channel:
    return await stack.enter_async_context(grpc.aio.insecure_channel(replica.target))


class Served(ScriptedService):
    """A leader's methods among those of every service."""

    def __init__(self, leader: Leader) -> None:
        super().__init__()
        self.leader = leader

    def __getattr__(self, name: str) -> Any:
        return (
            getattr(self.leader, name)
            if name in ("GetJob", "WatchJobs", "AcquireLeases")
            else super().__getattr__(name)
        )


async def served(stack: AsyncExitStack, replica: Replica) -> tuple[Leader, Running]:
    """A leader that the replica sees."""
    found = Leader()
    up = await stack.enter_async_context(running(Served(found)))
    await replica.sees(up.target)
    return found, up


@pytest_asyncio.fixture
async def leader(stack: AsyncExitStack, replica: Replica) -> Leader:
    found, _ = await served(stack, replica)
    return found


def asking(key: str) -> bytes:
    return pb.GetJobRequest(job_key=key).SerializeToString()


async def refused(call: Any) -> Refusal:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return read_refusal(caught.value)


async def test_bytes_metadata_and_deadline_go_through_as_they_are(
    replica: Replica, channel: grpc.aio.Channel, leader: Leader
) -> None:
    metadata = (("proxx-status-bytes", "9000"), ("trace-bin", b"\x00\x01"))
    call = channel.unary_unary(GET)(asking("job-1"), timeout=20, metadata=metadata)
    assert pb.GetJobResponse.FromString(await call) == pb.GetJobResponse(job=job_pb2.Job(job_key="job-1"))
    assert dict(await call.initial_metadata())["first"] == "1"
    trailing = dict(await call.trailing_metadata())
    assert (trailing["last"], trailing["bytes-bin"]) == ("2", b"\x00\xff")
    known = {key: leader.metadata.get(key) for key in ("proxx-status-bytes", "trace-bin", HOP_KEY)}
    assert known == {"proxx-status-bytes": "9000", "trace-bin": b"\x00\x01", HOP_KEY: "10.0.0.9:7600"}
    assert leader.remaining is not None
    assert 15 < leader.remaining < 21  # gRPC rounds it up on the wire
    assert replica.passed_on == {("JobService", "OK"): 1}


async def test_a_field_that_this_version_does_not_know_reaches_the_leader_which_judges_it(
    replica: Replica, channel: grpc.aio.Channel, leader: Leader
) -> None:
    unknown = asking("job-1") + b"\xf8\x07\x01"  # field 127
    refusal = await refused(channel.unary_unary(GET)(unknown))
    assert (refusal.reason, leader.metadata) == ("REQUEST_INVALID", {})
    assert replica.passed_on == {("JobService", "INVALID_ARGUMENT"): 1}


async def test_a_refusal_comes_back_whole(channel: grpc.aio.Channel, leader: Leader) -> None:
    refusal = await refused(channel.unary_unary(GET)(asking("refused")))
    assert (refusal.reason, refusal.code, refusal.message, dict(refusal.metadata)) == (
        "JOB_NOT_FOUND",
        grpc.StatusCode.NOT_FOUND,
        "no such job",
        {"job_key": "refused"},
    )


async def test_a_call_that_its_caller_gives_up_is_given_up_at_the_leader(
    channel: grpc.aio.Channel, leader: Leader
) -> None:
    call = channel.unary_unary(GET)(asking("slow"))
    await asyncio.wait_for(leader.began.acquire(), 10)
    call.cancel()
    await asyncio.wait_for(leader.cancelled.wait(), 10)


async def test_a_stream_comes_message_by_message_and_ends_at_the_leader_when_its_reader_goes(
    channel: grpc.aio.Channel, leader: Leader
) -> None:
    stream = channel.unary_stream(WATCH)(b"")
    found = [pb.WatchJobsResponse.FromString(await stream.read()).event.sequence for _ in range(2)]
    assert found == [1, 2]
    stream.cancel()
    await asyncio.wait_for(leader.cancelled.wait(), 10)


async def test_when_the_leadership_moves_streams_and_calls_end_such_that_clients_come_back(
    replica: Replica, channel: grpc.aio.Channel, leader: Leader
) -> None:
    stream = channel.unary_stream(WATCH)(b"")
    await stream.read()
    call = channel.unary_unary(GET)(asking("slow"))
    for _ in ("stream", "call"):
        await asyncio.wait_for(leader.began.acquire(), 10)
    replica.forwarder.end("this scheduler begins to lead")
    for ended in (_to_the_end(stream), call):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ended
        assert caught.value.details() == ("whether the call had its effect is not known: this scheduler begins to lead")
        assert outcome_is_unknown(caught.value)
    after = await refused(channel.unary_unary(GET)(asking("job-1")))
    assert (after.code, after.reason) == (grpc.StatusCode.UNAVAILABLE, "NOT_LEADER")


async def test_a_leader_that_dies_under_a_call_leaves_its_outcome_unknown(
    stack: AsyncExitStack, replica: Replica, channel: grpc.aio.Channel
) -> None:
    found, up = await served(stack, replica)
    call = channel.unary_unary(GET)(asking("slow"))
    await asyncio.wait_for(found.began.acquire(), 10)
    await up.server.stop(grace_seconds=0)
    with pytest.raises(grpc.aio.AioRpcError, match="the leader went away under the call: host-a") as caught:
        await call
    assert outcome_is_unknown(caught.value)


async def test_a_standby_that_goes_away_ends_what_only_waits_and_lets_the_rest_be_finished(
    replica: Replica, channel: grpc.aio.Channel, leader: Leader
) -> None:
    waiting = channel.unary_unary(ACQUIRE)(b"")
    working = channel.unary_unary(GET)(asking("slow"))
    for _ in ("waiting", "working"):
        await asyncio.wait_for(leader.began.acquire(), 10)
    replica.forwarder.drain("this scheduler ends")
    with pytest.raises(grpc.aio.AioRpcError, match="not known: this scheduler ends"):
        await waiting
    leader.released.set()
    assert pb.GetJobResponse.FromString(await working).job.job_key == "slow"


async def test_a_call_that_was_passed_on_already_is_not_passed_on_again(
    channel: grpc.aio.Channel, leader: Leader
) -> None:
    refusal = await refused(channel.unary_unary(GET)(asking("job-1"), metadata=((HOP_KEY, "10.0.0.8:7600"),)))
    assert (refusal.reason, refusal.code, refusal.retry_seconds) == ("NOT_LEADER", grpc.StatusCode.UNAVAILABLE, 1)
    assert "passed on here by another standby" in refusal.message
    assert leader.metadata == {}


@pytest.mark.parametrize(
    ("address", "fact"),
    [
        pytest.param("10.0.0.9:7600", "no leader can be reached: last: host-a", id="its own former address"),
        pytest.param("", "no leader can be reached: last: host-a", id="an address that was not told"),
        pytest.param("127.0.0.1:1", "the leader does not answer: host-a", id="an address where nobody listens"),
    ],
)
async def test_without_a_leader_in_reach_a_call_is_told_who_led_last_and_when_to_come_back(
    replica: Replica, channel: grpc.aio.Channel, address: str, fact: str
) -> None:
    replica.forwarder.saw(type(LEADER)(holder=LEADER.holder, term=LEADER.term, address=address, idle_seconds=12.25), "")
    refusal = await refused(channel.unary_unary(GET)(asking("job-1")))
    assert (refusal.reason, refusal.code, refusal.retry_seconds) == ("NOT_LEADER", grpc.StatusCode.UNAVAILABLE, 1)
    assert fact in refusal.message
    assert "term 3, was seen 12.2 s ago" in refusal.message
    assert dict(refusal.metadata) == {"holder": "host-a, process 7", "term": "3", "address": address}
    assert replica.passed_on == {}


async def test_a_standby_is_ready_while_its_leader_says_that_it_is(stack: AsyncExitStack, replica: Replica) -> None:
    assert replica.forwarder.reason == "no leader can be reached: nobody ever led"
    up = await stack.enter_async_context(running(ScriptedService()))
    await replica.sees(up.target)
    await up.server.set_ready(False)
    await replica.until("the leader is not ready: host-a, process 7 at 127.0.0.1:")
    await up.server.stop(grace_seconds=0)
    await replica.until("the leader does not answer: host-a, process 7 at 127.0.0.1:")


class Newer(grpc.GenericRpcHandler):
    """Methods of a later version of the contract."""

    def __init__(self) -> None:
        self.forwarded: list[str] = []

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        self.forwarded += [str(value) for key, value in handler_call_details.invocation_metadata if key == HOP_KEY]
        return {
            "/proxx.api.jobs.v1.JobService/AnswerOnce": grpc.unary_unary_rpc_method_handler(self._once),
            "/proxx.api.jobs.v1.JobService/AnswerOften": grpc.unary_stream_rpc_method_handler(self._often),
        }.get(str(handler_call_details.method))

    async def _once(self, request: bytes, context: Any) -> bytes:
        if not request:
            raise RefusedCallError(reason=Reason.JOB_NOT_FOUND, message="no such job")
        await context.send_initial_metadata((("first", "1"),))
        context.set_trailing_metadata((("last", "2"),))
        return b"once " + request

    async def _often(self, request: bytes, _context: Any) -> AsyncIterator[bytes]:
        for number in b"123":
            yield bytes([number]) + request


async def test_a_method_that_only_a_newer_leader_has_is_passed_on(
    stack: AsyncExitStack, replica: Replica, channel: grpc.aio.Channel
) -> None:
    _, up = await served(stack, replica)
    newer = Newer()
    up.server.grpc_server.add_generic_rpc_handlers((newer,))
    once = channel.unary_unary("/proxx.api.jobs.v1.JobService/AnswerOnce")
    call = once(b"asked", timeout=10)
    assert await call == b"once asked"
    assert dict(await call.initial_metadata())["first"] == "1"
    assert dict(await call.trailing_metadata())["last"] == "2"
    assert (await refused(once(b"", timeout=10))).reason == "JOB_NOT_FOUND"
    often = channel.unary_stream("/proxx.api.jobs.v1.JobService/AnswerOften")
    assert [message async for message in often(b"!", timeout=10)] == [b"1!", b"2!", b"3!"]
    assert newer.forwarded == ["10.0.0.9:7600"] * 3
    assert replica.passed_on == {("JobService", "OK"): 2, ("JobService", "NOT_FOUND"): 1}


async def test_calls_that_last_leave_room_for_calls_that_do_not(
    stack: AsyncExitStack, replica: Replica, channel: grpc.aio.Channel
) -> None:
    up = await stack.enter_async_context(running(Served(Leader()), max_concurrent_streams=1))
    await replica.sees(up.target)
    stream = channel.unary_stream(WATCH)(b"")
    assert await stream.read()
    answer = await channel.unary_unary(GET)(asking("job-1"), timeout=10)
    assert pb.GetJobResponse.FromString(answer).job.job_key == "job-1"
    stream.cancel()


async def test_a_service_that_nobody_has_is_unimplemented_and_not_passed_on(
    replica: Replica, channel: grpc.aio.Channel, leader: Leader
) -> None:
    for path in ("/evil.Service/GetJob", "/proxx.api.jobs.v1.JobService/a/GetJob"):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(path)(b"", timeout=10)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert replica.passed_on == {}


async def test_a_method_that_nobody_has_is_unimplemented(channel: grpc.aio.Channel, leader: Leader) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await channel.unary_unary("/proxx.api.jobs.v1.JobService/Nothing")(b"")
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def _to_the_end(stream: Any) -> None:
    while await stream.read() is not grpc.aio.EOF:
        pass
