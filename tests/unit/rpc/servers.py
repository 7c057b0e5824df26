"""Small servers on a real loopback connection, for the tests of the error plane, the server and the clients."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from prometheus_client import CollectorRegistry

from proxx.api.executors.v1 import executor_service_pb2_grpc
from proxx.api.jobs.v1 import job_service_pb2_grpc
from proxx.api.operator.v1 import operator_service_pb2_grpc
from proxx.api.profiles.v1 import profile_service_pb2_grpc
from proxx.rpc.server import RpcServer, ServerSettings
from proxx.rpc.server_metrics import ServerMetrics

SERVICES = (
    (job_service_pb2_grpc.add_JobServiceServicer_to_server, "proxx.api.jobs.v1.JobService"),
    (executor_service_pb2_grpc.add_ExecutorServiceServicer_to_server, "proxx.api.executors.v1.ExecutorService"),
    (operator_service_pb2_grpc.add_OperatorServiceServicer_to_server, "proxx.api.operator.v1.OperatorService"),
    (profile_service_pb2_grpc.add_ProfileServiceServicer_to_server, "proxx.api.profiles.v1.ProfileService"),
)


class ScriptedService:
    """Every method of every service: answers from a script, one entry a call, and keeps the requests.

    An entry is a message to answer, an exception to raise, or (for streams) a list of messages, exceptions and
    awaitables to wait for.
    """

    def __init__(self, **script: Any) -> None:
        self.script = {name: list(entries) for name, entries in script.items()}
        self.requests: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        if name == "WatchJobs":
            return self._stream
        if name[:1].isupper():

            async def unary(request: Any, context: Any) -> Any:
                self.requests.append(request)
                entry = self.script[name].pop(0)
                if isinstance(entry, BaseException):
                    raise entry
                return entry

            return unary
        raise AttributeError(name)

    async def _stream(self, request: Any, context: Any) -> AsyncIterator[Any]:
        kept = type(request)()
        kept.CopyFrom(request)
        self.requests.append(kept)
        for entry in self.script["WatchJobs"].pop(0):
            if isinstance(entry, BaseException):
                raise entry
            if hasattr(entry, "DESCRIPTOR"):
                yield entry
            else:
                await entry


@dataclass
class Running:
    """A server that runs, where it is and what it counted."""

    server: RpcServer
    target: str
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def counted(self, name: str, **labels: str) -> float:
        """Return a metric's value, 0 when it was never counted."""
        return self.registry.get_sample_value(name, labels) or 0.0


@asynccontextmanager
async def running(service: object, *, listen: str = "127.0.0.1:0", **settings: Any) -> AsyncIterator[Running]:
    """Serve every API service with one scripted object until the block ends."""
    registry = CollectorRegistry()
    ids = count(1)
    server = RpcServer(
        settings=ServerSettings(listen=listen, **settings),
        new_id=lambda: f"id-{next(ids)}",
        metrics=ServerMetrics(registry),
    )
    for register, name in SERVICES:
        server.add_service(register, service, name)
    target = await server.start()
    await server.set_ready(True)
    try:
        yield Running(server=server, target=target, registry=registry)
    finally:
        await server.stop(grace_seconds=0)
