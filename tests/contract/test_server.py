"""What stands around the services: health, reflection, metrics, and the proof that every RPC was called."""

import asyncio
import gc
import hashlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from prometheus_client.parser import text_string_to_metric_families

from proxx.api.executors.v1 import executor_service_pb2
from proxx.api.jobs.v1 import job_service_pb2
from proxx.api.operator.v1 import operator_service_pb2
from proxx.api.profiles.v1 import profile_service_pb2
from proxx.api.watch.v1 import watch_service_pb2
from proxx.core.jobs import JobState, SubmissionOptions
from proxx.core.leases import ReleaseReason
from proxx.core.steps import StepKind
from proxx.core.verbs import Verb
from tests.contract.free_address import free_address
from tests.contract.world import World, call, spec_of
from tests.fakes.assets import FONT
from tests.fakes.scripted_executor import ScriptedExecutor

SERVICES = [
    file.DESCRIPTOR.services_by_name[name]
    for file, name in (
        (executor_service_pb2, "ExecutorService"),
        (job_service_pb2, "JobService"),
        (operator_service_pb2, "OperatorService"),
        (profile_service_pb2, "ProfileService"),
        (watch_service_pb2, "WatchService"),
    )
]
SERVING = health_pb2.HealthCheckResponse.SERVING


@pytest_asyncio.fixture
async def measured(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, lease_seconds=60, metrics=free_address()) as found:
        yield found


async def http(address: str, path: str) -> tuple[int, str]:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return int(head.split()[1]), body


async def handled(world: World) -> set[tuple[str, str, str, str]]:
    """(type, service, method, code) of every call that was handled."""
    _, text = await http(world.metrics, "/metrics")
    return {
        tuple(sample.labels[f"grpc_{name}"] for name in ("type", "service", "method", "code"))
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "grpc_server_handled_total"
    }  # type: ignore[return-value]  # four labels each


@pytest.mark.parametrize("service", ["", "liveness", "readiness"])
async def test_health_answers_for_the_server_its_liveness_and_its_readiness(world: World, service: str) -> None:
    stub: Any = health_pb2_grpc.HealthStub(world.channel)
    answer = await call(stub.Check, health_pb2.HealthCheckRequest(service=service))
    assert answer.status == SERVING


async def test_a_scheduler_that_stops_says_first_that_it_is_not_ready(world: World) -> None:
    stub: Any = health_pb2_grpc.HealthStub(world.channel)
    stream = stub.Watch(health_pb2.HealthCheckRequest(service="readiness"), timeout=20)
    assert (await stream.read()).status == SERVING
    stopping = asyncio.create_task(world.stop())
    assert (await stream.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
    stream.cancel()
    await stopping


async def test_reflection_names_our_services_and_describes_them(world: World) -> None:
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(world.channel)
    requests = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="proxx.api.jobs.v1.JobService"),
    ]
    listed, described = [answer async for answer in stub.ServerReflectionInfo(iter(requests), timeout=20)]
    names = {service.name for service in listed.list_services_response.service}
    assert {service.full_name for service in SERVICES} <= names
    assert "grpc.health.v1.Health" in names
    files = [
        descriptor_pb2.FileDescriptorProto.FromString(text)
        for text in described.file_descriptor_response.file_descriptor_proto
    ]
    assert "proxx/api/jobs/v1/job_service.proto" in {file.name for file in files}


async def test_a_method_that_nobody_serves_is_unimplemented(world: World) -> None:
    method = world.channel.unary_unary("/proxx.api.jobs.v1.JobService/DeleteJob")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(method, b"")
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_message_above_the_published_limit_is_refused(world: World) -> None:
    info = await world.client.get_system_info()
    request = job_service_pb2.SubmitJobRequest(request_id="one", spec_json=" " * info.max_message_bytes)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(world.jobs.SubmitJob, request)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_the_machine_endpoints_tell_life_readiness_and_metrics(measured: World) -> None:
    executor = await measured.executor()
    key = await measured.admitted(executor)
    await executor.make()
    await measured.reached(key, JobState.COMPLETED)
    assert await http(measured.metrics, "/healthz") == (200, '{"status": "alive"}\n')
    assert await http(measured.metrics, "/readyz") == (200, '{"status": "ready", "reason": ""}\n')
    status, text = await http(measured.metrics, "/metrics")
    samples = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert status == 200
    assert samples[("proxx_job_transitions_total", ("state", "COMPLETED"))] == 1
    assert samples[("proxx_clip_transitions_total", ("state", "COMPLETED"))] == 1
    assert samples[("proxx_leases",)] == 0
    assert samples[("proxx_stale_reports_total", ("kind", "complete"))] == 0
    assert samples[("proxx_executors_fenced",)] == 0
    assert samples[("proxx_lease_expired_total",)] == 0
    assert ("unary", "proxx.api.executors.v1.ExecutorService", "PrepareLease", "OK") in await handled(measured)


async def _steer(measured: World, executor: ScriptedExecutor) -> None:
    """Every verb that a job which goes well never needs."""
    client, labels = measured.client, {"proxx.preset": "p"}
    await client.drain_executor(name=executor.description.name, request_id="drain")
    await client.undrain_executor(name=executor.description.name, request_id="undrain")
    held = await measured.admitted(executor, hold=True, labels=labels)
    await client.plan_verb(job_key=held, verb=Verb.START)
    await client.update_job_scheduling(job_key=held, request_id="up", priority=1)
    spec = spec_of(output_directory="/elsewhere")
    rebind = asyncio.create_task(
        client.rebind_preset(
            job_key=held, request_id="rebind", spec_json=spec, options=SubmissionOptions(labels=labels)
        )
    )
    await executor.answer_probes()
    await rebind
    await client.get_spec_revision(job_key=held)
    await client.cancel_job(job_key=held, request_id="cancel held")
    failing = await measured.admitted(executor)
    await executor.fail(await executor.begin())
    await measured.reached(failing, JobState.FAILED)
    await client.retry_failed_clips(job_key=failing, request_id="retry")


async def test_every_rpc_of_the_contract_is_served(measured: World) -> None:
    """One walk over every method, and then the server's own count of what it handled."""
    client, executor = measured.client, await measured.executor()
    plan = asyncio.create_task(client.plan_job(spec_json=spec_of(), options=SubmissionOptions(), timeout_seconds=20))
    await executor.answer_probes()
    await plan
    probe = asyncio.create_task(client.probe_source(paths=["/a.mov"]))
    await executor.answer_probes()
    await probe
    key = await measured.admitted(executor, hold=True)
    await client.start_job(job_key=key, request_id="start")
    await client.pause_job(job_key=key, request_id="pause")
    await client.resume_job(job_key=key, request_id="resume")
    await executor.release(await executor.take_one(StepKind.ENCODE), ReleaseReason.NOT_STARTED)
    await executor.make()
    await measured.reached(key, JobState.COMPLETED)
    await executor.client.prepare_all(session_id=executor.session_id, preparations=())
    other, _ = await client.submit_job(request_id="other", spec_json=spec_of(), options=SubmissionOptions())
    await client.get_submission(request_id="other")
    await client.cancel_job(job_key=other.job_key, request_id="cancel")
    await client.get_job(job_key=key)
    await client.list_jobs()
    await client.list_clips(job_key=key)
    await client.get_job_result(job_key=key)
    await client.list_profiles()
    await client.get_profile(name="proxy_h264_low")
    await client.get_system_info()
    await client.who_am_i()
    await client.list_executors()
    await client.report_folders(watcher="cart:1", incarnation="i", folders=())
    await client.list_folders()
    await _steer(measured, executor)
    wanted = executor_service_pb2.GetAssetRequest(sha256=hashlib.sha256(FONT).hexdigest())
    await call(measured.executors.GetAsset, wanted)
    await executor.close()
    stream = measured.jobs.WatchJobs(job_service_pb2.WatchJobsRequest(job_keys=[key]), timeout=20)
    await stream.read()
    stream.cancel()
    streamed = {("server_stream", "proxx.api.jobs.v1.JobService", "WatchJobs")}
    unary = {
        ("unary", service.full_name, method.name)
        for service in SERVICES
        for method in service.methods
        if not method.server_streaming
    }
    assert {labels[:3] for labels in await handled(measured) if labels[3] == "OK"} >= unary
    _, text = await http(measured.metrics, "/metrics")
    sent = {
        (sample.labels["grpc_type"], sample.labels["grpc_service"], sample.labels["grpc_method"])
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "grpc_server_msg_sent_total" and sample.value
    }
    assert sent >= streamed


async def test_a_taken_metrics_address_is_refused_before_anything_is_served(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        address = f"127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(OSError, match="address already in use"):
            await World(tmp_path, lease_seconds=60, metrics=address).start()
    gc.collect()  # a server that had begun would complain of not having been stopped
