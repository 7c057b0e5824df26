"""What the process of every executor does around its lease loop: endpoints, readiness, the drain, the ready line."""

import asyncio
import contextlib
import json
import os
import uuid
from collections.abc import AsyncIterator, Callable, Mapping

import structlog
from prometheus_client import CollectorRegistry

from proxx.engine.lease_loop import Executor
from proxx.rpc.server import RpcServer, ServerSettings
from proxx.rpc.server_security import Guard
from proxx.runtime.http_endpoint import HttpEndpoint, Readiness

READY_POLL_SECONDS = 0.02
HEALTH_POLL_SECONDS = 0.25


def loop_readiness(executor: Executor) -> Readiness:
    """Return whether the lease loop can take work, and why not."""
    status = executor.status()
    if status.draining:
        return Readiness(ready=False, reason="draining")
    return Readiness(ready=status.session_open, reason="" if status.session_open else "no session yet")


@contextlib.asynccontextmanager
async def serve_metrics(
    *, listen: str, registry: CollectorRegistry, readiness: Callable[[], Readiness], security: Guard
) -> AsyncIterator[str | None]:
    """Serve metrics, liveness and readiness over HTTP while the block runs; yields the bound address, None for `off`.

    Raises:
        OSError: the address is taken or cannot be bound.
        ValueError: it is no address, or open to other hosts and an option for that is missing.
    """
    if listen == "off":
        yield None
        return
    endpoint = HttpEndpoint(listen=listen, registry=registry, readiness=readiness, security=security)
    try:
        yield await endpoint.start()
    finally:
        await endpoint.stop()


@contextlib.asynccontextmanager
async def serve_health(
    *, listen: str, reflection: bool, readiness: Callable[[], Readiness], security: Guard
) -> AsyncIterator[str | None]:
    """Serve gRPC health and reflection while the block runs; yields the bound address, None for `off`.

    Raises:
        OSError: the address is taken or cannot be bound.
    """
    if listen == "off":
        yield None
        return
    settings = ServerSettings(listen=listen, reflection=reflection, security=security, name="health")
    server = RpcServer(settings=settings, new_id=lambda: uuid.uuid4().hex)
    address = await server.start()
    following = asyncio.create_task(_follow(server, readiness))
    try:
        yield address
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await server.stop(grace_seconds=0)


async def work(
    *,
    executor: Executor,
    drain: asyncio.Event,
    log: structlog.stdlib.BoundLogger,
    ready: Mapping[str, object],
    ready_fd: int | None,
) -> None:
    """Run the lease loop; a drain stops it in order. `ready` is said once, when the session is open: in the log, and as
    a line of JSON to whoever waits at the descriptor.

    Raises:
        CallRefusedError: the scheduler refuses this executor for good.
    """
    helpers = [
        asyncio.create_task(_stop_when(drain, executor)),
        asyncio.create_task(_tell_ready(executor, log, ready, ready_fd)),
    ]
    try:
        await executor.run()
    finally:
        for helper in helpers:
            helper.cancel()
        for ending in await asyncio.gather(*helpers, return_exceptions=True):
            if isinstance(ending, Exception):
                raise ending


async def _follow(server: RpcServer, readiness: Callable[[], Readiness]) -> None:
    """Keep the server's readiness at what the question answers."""
    ready = False
    while True:
        if ready is not readiness().ready:
            ready = not ready
            await server.set_ready(ready)
        await asyncio.sleep(HEALTH_POLL_SECONDS)


async def _stop_when(drain: asyncio.Event, executor: Executor) -> None:
    await drain.wait()
    executor.stop()


async def _tell_ready(
    executor: Executor, log: structlog.stdlib.BoundLogger, ready: Mapping[str, object], ready_fd: int | None
) -> None:
    while not executor.status().session_open:  # noqa: ASYNC110  the lease loop counts, it does not signal
        await asyncio.sleep(READY_POLL_SECONDS)
    log.info("executor.ready", **ready)
    if ready_fd is not None:
        with os.fdopen(ready_fd, "w", encoding="utf-8") as pipe:
            pipe.write(json.dumps(ready) + "\n")
