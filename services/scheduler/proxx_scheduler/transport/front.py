"""One listener for a process that may stand by first and lead later: who answers is decided call by call."""

from collections.abc import Callable
from typing import Any

import grpc
from prometheus_client import CollectorRegistry

from proxx.rpc.errors import RefusedCallError
from proxx.rpc.reasons import Reason
from proxx.rpc.server import RpcServer
from proxx.runtime.http_endpoint import HttpEndpoint, Readiness
from proxx_scheduler.transport.forwarding import Forwarder
from proxx_scheduler.transport.service_table import METHODS, NEVER_WRONG, SERVICE_NAMES, STREAMS


class Front(grpc.GenericRpcHandler):
    """Serves its own services when it leads, and passes calls on while it does not."""

    def __init__(self, *, server: RpcServer, registry: CollectorRegistry, metrics: str) -> None:
        """Take a server that was not started, and the address of `/metrics`, `/healthz` and `/readyz`, or "off".

        Raises:
            AddressError: other hosts can reach that address, and an option for that is missing.
        """
        self.server = server
        self.reason = "starting"
        self.address = ""
        self._endpoint: HttpEndpoint | None = None
        if metrics != "off":
            self._endpoint = HttpEndpoint(
                listen=metrics, registry=registry, readiness=self._readiness, security=server.security
            )
        self._local: dict[str, Any] = {}
        self._forwarder: Forwarder | None = None
        self._unproven: Callable[[], str] | None = None
        server.add_handler(self, METHODS)

    async def start(self) -> str:
        """Listen, not ready yet. Returns the bound address. Does nothing when it listens already.

        Raises:
            AddressError, OSError: an address is taken or cannot be bound.
        """
        if not self.address:
            if self._endpoint is not None:
                await self._endpoint.start()
            try:
                self.address = await self.server.start()
            except BaseException:
                await self.close()
                raise
        return self.address

    async def stop(self, *, grace_seconds: float) -> None:
        """Refuse new calls, end streams, give the others the grace, then stop listening."""
        await self.server.stop(grace_seconds=grace_seconds)

    async def close(self) -> None:
        """Stop answering about this process, the last thing of all."""
        if self._endpoint is not None:
            await self._endpoint.stop()

    def add_service(self, register: Callable[[Any, Any], None], servicer: object, full_name: str) -> None:
        """Take a servicer by its generated `add_…_to_server` function; it serves from `lead` on.

        Raises:
            ValueError: the service is not in the table of services.
        """
        if full_name not in SERVICE_NAMES:
            raise ValueError(f"service {full_name} is not listed in service_table: a standby would not know it")
        register(servicer, _Collector(self._local))

    def stand_by(self, forwarder: Forwarder) -> None:
        """Pass calls on from now on."""
        self._forwarder = forwarder

    def lead(self, *, unproven: Callable[[], str]) -> None:
        """Serve from now on. While `unproven` says why another may lead, nothing is answered that could be wrong."""
        self._unproven = unproven

    async def tell(self, reason: str) -> None:
        """Say through health and `/readyz` why calls are not welcome, "" when they are."""
        self.reason = reason
        if not self.server.draining.is_set():
            await self.server.set_ready(not reason)

    def _readiness(self) -> Readiness:
        reason = "draining" if self.server.draining.is_set() else self.reason
        return Readiness(ready=not reason, reason=reason)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Return what serves this call; None for a method that nobody has."""
        path = str(handler_call_details.method)
        if self._unproven is not None:
            doubt = "" if path in NEVER_WRONG else self._unproven()
            if doubt and path in self._local:
                return _refusing(path, RefusedCallError(reason=Reason.STORE_UNAVAILABLE, message=doubt))
            return self._local.get(path)
        if self._forwarder is not None:
            return self._forwarder.handler(path)
        return _refusing(path, RefusedCallError(reason=Reason.NOT_LEADER, message="this scheduler begins"))


class _Collector:
    """What the generated functions take for a server."""

    def __init__(self, methods: dict[str, Any]) -> None:
        self._methods = methods

    def add_generic_rpc_handlers(self, handlers: tuple[Any, ...]) -> None:
        """The registered methods say the same."""

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Any]) -> None:
        self._methods.update({f"/{service}/{name}": handler for name, handler in handlers.items()})


def _refusing(path: str, refusal: RefusedCallError) -> Any:
    async def unary(_request: bytes, _context: Any) -> bytes:
        raise refusal

    async def stream(_request: bytes, _context: Any) -> Any:
        raise refusal
        yield b""  # makes it a generator

    if path not in STREAMS:
        return None
    if STREAMS[path]:
        return grpc.unary_stream_rpc_method_handler(stream)
    return grpc.unary_unary_rpc_method_handler(unary)
