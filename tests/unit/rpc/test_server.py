import asyncio
import os
import stat

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from prometheus_client import CollectorRegistry

from proxx.api.jobs.v1 import job_service_pb2
from proxx.rpc.address import AddressError, check_address, is_local
from proxx.rpc.client import SchedulerClient
from proxx.rpc.errors import RefusedCallError
from proxx.rpc.reasons import Reason
from proxx.rpc.server import RpcServer, ServerSettings
from proxx.rpc.server_metrics import ServerMetrics
from tests.unit.rpc.servers import ScriptedService, running

GET_JOB = "/proxx.api.jobs.v1.JobService/GetJob"
EXTRA = bytes.fromhex("9a0603616263")  # field 99, length-delimited, "abc"


async def raw_refusal(up, body, **options):
    async with grpc.aio.insecure_channel(up.target) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(GET_JOB)(body, **options)
        return caught.value.code(), caught.value.details()


async def health_of(channel, name):
    answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=name))
    return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)


async def test_unary_call_without_a_deadline_is_refused_where_the_settings_say_so():
    async with running(ScriptedService(), require_deadline=True) as up:
        code, text = await raw_refusal(up, b"")
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert text == "deadline: a unary call needs a deadline; set a timeout in the client (grpc-timeout)"


async def test_deadlines_are_optional_by_default():
    answer = job_service_pb2.GetJobResponse()
    async with (
        running(ScriptedService(GetJob=[answer])) as up,
        grpc.aio.insecure_channel(up.target) as channel,
    ):
        assert await channel.unary_unary(GET_JOB)(b"") == b""


async def test_unknown_field_of_a_request_is_refused_before_the_handler_sees_it():
    service = ScriptedService()
    async with running(service) as up:
        code, text = await raw_refusal(up, EXTRA, timeout=10)
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert text == "1 field(s) that proxx.api.jobs.v1.GetJobRequest does not define: #99"
    assert service.requests == []


async def test_message_above_the_limit_is_refused():
    async with running(ScriptedService()) as up:
        code, _ = await raw_refusal(up, b"\x0a" + b"x" * (16 * 1024 * 1024 + 1), timeout=10)
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_calls_are_counted_with_their_codes():
    refusal = RefusedCallError(reason=Reason.JOB_NOT_FOUND, message="no job k")
    labels = {"grpc_type": "unary", "grpc_service": "proxx.api.jobs.v1.JobService", "grpc_method": "GetJob"}
    async with running(ScriptedService(GetJob=[refusal])) as up, SchedulerClient(up.target) as client:
        with pytest.raises(RefusedCallError):
            await client.get_job(job_key="k")
    # the server counts a call after it was answered: look when it has stopped
    assert up.counted("grpc_server_started_total", **labels) == 1
    assert up.counted("grpc_server_handled_total", **labels, grpc_code="NotFound") == 1
    assert up.counted("grpc_server_handling_seconds_count", **labels) == 1


async def test_method_that_nobody_registered_makes_no_label():
    async with running(ScriptedService()) as up, grpc.aio.insecure_channel(up.target) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary("/evil.Service/Method")(b"", timeout=10)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        samples = [sample for metric in up.registry.collect() for sample in metric.samples]
        assert [sample for sample in samples if sample.name.startswith("grpc_")] == []


class Passing(grpc.GenericRpcHandler):
    """Answers every method, each call when it may."""

    def __init__(self):
        self.began = asyncio.Semaphore(0)
        self.may_end = asyncio.Event()

    def service(self, handler_call_details):
        return grpc.unary_stream_rpc_method_handler(self._answer)

    async def _answer(self, request, context):
        self.began.release()
        await self.may_end.wait()
        yield request


async def test_methods_that_callers_make_up_share_one_label_and_have_the_grace_of_a_drain():
    registry = CollectorRegistry()
    server = RpcServer(
        settings=ServerSettings(listen="127.0.0.1:0"), new_id=lambda: "id", metrics=ServerMetrics(registry)
    )
    handler = Passing()
    server.add_handler(handler, {"proxx.api.jobs.v1.JobService": ("GetJob",)})
    target = await server.start()
    async with grpc.aio.insecure_channel(target) as channel:
        calls = [
            asyncio.ensure_future(channel.unary_unary(f"/proxx.api.jobs.v1.JobService/{name}")(b"x", timeout=20))
            for name in ("Newer", "Newest")
        ]
        for _ in calls:
            await asyncio.wait_for(handler.began.acquire(), 10)
        stopping = asyncio.create_task(server.stop(grace_seconds=20))
        await asyncio.wait_for(server.draining.wait(), 10)
        handler.may_end.set()
        assert await asyncio.gather(*calls) == [b"x", b"x"]
        await stopping
    labels = {
        sample.labels["grpc_method"]
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == "grpc_server_started_total"
    }
    assert labels == {"other"}


async def test_health_tells_life_and_readiness_apart():
    async with running(ScriptedService()) as up, grpc.aio.insecure_channel(up.target) as channel:
        ready = [await health_of(channel, name) for name in ("", "readiness", "liveness")]
        await up.server.set_ready(False)
        unready = [await health_of(channel, name) for name in ("", "readiness", "liveness")]
    assert ready == ["SERVING", "SERVING", "SERVING"]
    assert unready == ["NOT_SERVING", "NOT_SERVING", "SERVING"]


async def test_health_lists_every_name():
    async with running(ScriptedService()) as up, grpc.aio.insecure_channel(up.target) as channel:
        await up.server.set_ready(False)
        found = (await health_pb2_grpc.HealthStub(channel).List(health_pb2.HealthListRequest())).statuses
    name_of = health_pb2.HealthCheckResponse.ServingStatus.Name
    assert {name: name_of(answer.status) for name, answer in found.items()} == {
        "": "NOT_SERVING",
        "readiness": "NOT_SERVING",
        "liveness": "SERVING",
    }


async def test_reflection_lists_the_services_when_it_is_on():
    async with (
        running(ScriptedService(), reflection=True) as up,
        grpc.aio.insecure_channel(up.target) as channel,
    ):
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        answers = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([request]))
        names = [entry.name async for answer in answers for entry in answer.list_services_response.service]
    assert {"grpc.health.v1.Health", "proxx.api.jobs.v1.JobService"} <= set(names)


async def test_reflection_is_off_by_default():
    async with running(ScriptedService()) as up, grpc.aio.insecure_channel(up.target) as channel:
        # Nothing is sent: a server that knows no such method may end the stream under the first message.
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo()
        code = await call.code()
    assert code is grpc.StatusCode.UNIMPLEMENTED


async def test_second_server_on_a_taken_port_does_not_start():
    async with running(ScriptedService()) as up:
        second = RpcServer(settings=ServerSettings(listen=up.target), new_id=lambda: "id")
        with pytest.raises(AddressError, match=f"cannot listen on '{up.target}'"):
            await second.start()


async def test_second_server_on_a_taken_socket_does_not_start(tmp_path):
    target = f"unix:{tmp_path}/s.sock"
    async with running(ScriptedService(), listen=target):
        second = RpcServer(settings=ServerSettings(listen=target), new_id=lambda: "id")
        with pytest.raises(AddressError, match="another server listens there"):
            await second.start()


async def test_file_in_place_of_a_socket_is_left_alone(tmp_path):
    (tmp_path / "s.sock").write_text("precious", encoding="utf-8")
    server = RpcServer(settings=ServerSettings(listen=f"unix:{tmp_path}/s.sock"), new_id=lambda: "id")
    with pytest.raises(AddressError, match="something that is not a socket stands there"):
        await server.start()
    assert (tmp_path / "s.sock").read_text(encoding="utf-8") == "precious"


async def test_socket_is_for_its_user_only(tmp_path):
    async with running(ScriptedService(), listen=f"unix:{tmp_path}/s.sock") as up:
        assert up.target == f"unix:{tmp_path}/s.sock"
        mode = os.stat(tmp_path / "s.sock").st_mode  # noqa: PTH116  one call, in a test
        assert stat.S_IMODE(mode) == 0o600


async def test_open_streams_do_not_hold_up_a_stop():
    service = ScriptedService(WatchJobs=[[job_service_pb2.WatchJobsResponse(), asyncio.Event().wait()]])
    async with running(service) as up, grpc.aio.insecure_channel(up.target) as channel:
        stream = channel.unary_stream("/proxx.api.jobs.v1.JobService/WatchJobs")(b"")
        health = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service="readiness"))
        assert await stream.read() == b""
        await health.read()
        async with asyncio.timeout(5):
            await up.server.stop(grace_seconds=60)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stream.read()
    assert (caught.value.code(), caught.value.details()) == (
        grpc.StatusCode.UNAVAILABLE,
        "the server is shutting down; call again",
    )


async def test_call_under_way_is_given_its_grace():
    entered, leave = asyncio.Event(), asyncio.Event()

    class Slow(ScriptedService):
        async def GetJob(self, request, context):  # noqa: N802  the RPC's own name
            entered.set()
            await leave.wait()
            return job_service_pb2.GetJobResponse()

    async with running(Slow()) as up, grpc.aio.insecure_channel(up.target) as channel:
        call = channel.unary_unary(GET_JOB)(b"", timeout=30)
        await entered.wait()
        stopping = asyncio.ensure_future(up.server.stop(grace_seconds=30))
        await up.server.draining.wait()
        leave.set()
        assert await call == b""
        await stopping


def test_address_open_to_other_hosts_needs_consent():
    with pytest.raises(AddressError, match="other hosts: --tls-certificate, --tls-key, --access missing"):
        RpcServer(settings=ServerSettings(listen="0.0.0.0:7600"), new_id=lambda: "id")


@pytest.mark.parametrize(
    ("address", "local"),
    [
        pytest.param("127.0.0.1:1", True, id="loopback"),
        pytest.param("[::1]:1", True, id="loopback of version 6"),
        pytest.param("localhost:1", True, id="localhost"),
        pytest.param("unix:/s", True, id="unix socket"),
        pytest.param("0.0.0.0:1", False, id="every interface"),
        pytest.param("[::]:1", False, id="every interface of version 6"),
        pytest.param("render-01:1", False, id="host name"),
    ],
)
def test_only_loopback_and_unix_sockets_are_local(address, local):
    assert is_local(address) is local


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("7600", id="port alone"),
        pytest.param(":7600", id="no host"),
        pytest.param("localhost:", id="no port"),
        pytest.param("localhost:70000", id="port too large"),
        pytest.param("localhost:http", id="port by name"),
        pytest.param("unix:relative.sock", id="relative socket"),
        pytest.param("unix:/" + "x" * 107, id="socket path too long"),
    ],
)
def test_malformed_address_is_refused(address):
    with pytest.raises(AddressError):
        check_address(address)
