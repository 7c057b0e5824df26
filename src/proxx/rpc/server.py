"""A gRPC server as every Proxx process runs it: limits, interceptor, health, reflection, graceful stop."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from proxx.core.overload import CallLimits
from proxx.rpc.access_gate import AccessGate
from proxx.rpc.address import AddressError, check_address, refuse_taken_socket, unix_path
from proxx.rpc.channel_options import MAX_CONNECTIONS, server_options
from proxx.rpc.health import Health
from proxx.rpc.interceptor import ServingInterceptor
from proxx.rpc.rate_limits import CallGuard
from proxx.rpc.server_credentials import server_credentials
from proxx.rpc.server_metrics import ServerMetrics
from proxx.rpc.server_security import OPEN_SERVER, Guard, ServerSecurity

LIVENESS = "liveness"
READINESS = "readiness"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """How to serve. `listen` is `host:port` (port 0: any free one) or `unix:/path`; `name` is what metrics call it.

    `security` is what all listeners of the process share, or options that this one loads for itself. `require_deadline`
    refuses unary calls without one; it is off because common clients (buf curl, grpc-js) send none unless told.
    `limits` bound calls, `max_connections` the connections open at once: a further one is closed.
    """

    listen: str
    reflection: bool = False
    security: ServerSecurity | Guard = OPEN_SERVER
    name: str = "grpc"
    require_deadline: bool = False
    max_concurrent_streams: int = 100
    max_connections: int = MAX_CONNECTIONS
    limits: CallLimits = field(default_factory=CallLimits)


class RpcServer:
    """One server. Register services on `grpc_server` (and name them with `add_service_name`), then start.

    Health answers for "" and "readiness" as `set_ready` says, and for "liveness" while the process serves.
    """

    def __init__(
        self, *, settings: ServerSettings, new_id: Callable[[], str], metrics: ServerMetrics | None = None
    ) -> None:
        """Build the server inside a running event loop.

        Raises:
            AddressError: the listen address is malformed, or open to other hosts and an option for that is missing.
            SecurityError: a file of the security options cannot be used.
        """
        check_address(settings.listen)
        security = settings.security
        self._guard = security if isinstance(security, Guard) else security.load()
        self._guard.admit(listener=settings.name, address=settings.listen)
        self._settings = settings
        self._draining = asyncio.Event()
        self._started = False
        self._services = [health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME]
        self._health = Health()
        self._interceptor = ServingInterceptor(
            gate=AccessGate(self._guard),
            limits=CallGuard(
                limits=settings.limits, clock=time.monotonic, metrics=None if metrics is None else metrics.overload
            ),
            draining=self._draining,
            metrics=metrics,
            new_id=new_id,
            require_deadline=settings.require_deadline,
        )
        self._server = grpc.aio.server(
            interceptors=(self._interceptor,),
            options=server_options(
                max_concurrent_streams=settings.max_concurrent_streams, max_connections=settings.max_connections
            ),
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)

    @property
    def grpc_server(self) -> grpc.aio.Server:
        """The server to register services on."""
        return self._server

    @property
    def security(self) -> Guard:
        """What all listeners of the process share."""
        return self._guard

    @property
    def draining(self) -> asyncio.Event:
        """Set once `stop` began; long polls watch it to answer early."""
        return self._draining

    def add_service(self, register: Callable[[Any, grpc.aio.Server], None], servicer: object, full_name: str) -> None:
        """Register a servicer with its generated `add_…_to_server` function, and name it for reflection."""
        register(servicer, self._server)
        self._services.append(full_name)

    def add_handler(self, handler: grpc.GenericRpcHandler, methods: Mapping[str, Collection[str]]) -> None:
        """Register a handler that decides call by call what serves the methods of these services, by full names.

        It may serve methods that are not named here, too: as streams.
        """
        self._server.add_generic_rpc_handlers((handler,))
        self._services.extend(methods)
        self._interceptor.list_methods(methods)

    async def start(self) -> str:
        """Listen and serve, not ready yet. Returns the bound address in the form of the settings, with the real port.

        Raises:
            AddressError: the address is taken or cannot be bound.
        """
        listen = self._settings.listen
        path = unix_path(listen)
        if path is not None:
            await asyncio.to_thread(refuse_taken_socket, path)
        if self._settings.reflection:
            reflection.enable_server_reflection(self._services, self._server)
        try:
            port = self._add_port(listen)
        except RuntimeError as error:
            raise AddressError(f"cannot listen on {listen!r}: {error}") from error
        await self._set_health(LIVENESS, serving=True)
        await self.set_ready(False)
        await self._server.start()
        self._guard.start()
        self._started = True
        if path is None:
            return f"{listen.rpartition(':')[0]}:{port}"
        path.chmod(0o600)
        return listen

    async def set_ready(self, ready: bool) -> None:
        """Say through health whether calls are welcome."""
        for name in ("", READINESS):
            await self._set_health(name, serving=ready)

    async def stop(self, *, grace_seconds: float) -> None:
        """Answer not ready, refuse new calls with DRAINING, end open streams, then give unary calls the grace."""
        await self.set_ready(False)
        self._draining.set()
        await self._server.stop(grace_seconds)
        if self._started:
            self._started = False
            await self._guard.stop()

    async def wait_stopped(self) -> None:
        """Wait until the server has stopped."""
        await self._server.wait_for_termination()

    def _add_port(self, listen: str) -> int:
        if self._guard.tls is None or unix_path(listen) is not None:
            return self._server.add_insecure_port(listen)
        return self._server.add_secure_port(listen, server_credentials(self._guard))

    async def _set_health(self, name: str, *, serving: bool) -> None:
        status = health_pb2.HealthCheckResponse
        await self._health.set(name, status.SERVING if serving else status.NOT_SERVING)
