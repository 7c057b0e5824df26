"""What a scheduler process has whether it leads or not: its listeners, who may reach them, and its metrics."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from proxx.rpc.server import RpcServer, ServerSettings
from proxx.rpc.server_metrics import ServerMetrics
from proxx.runtime.clock import SortableIds, SystemClock
from proxx.runtime.metrics import process_registry
from proxx.runtime.version import current_version
from proxx_scheduler.app.denials import Denials
from proxx_scheduler.observation import ReplicaMetrics
from proxx_scheduler.settings import SchedulerSettings
from proxx_scheduler.transport.front import Front

MAX_CALLS = 100
"""Calls that one connection may have open at once."""


@dataclass(slots=True, kw_only=True)
class Shell:
    """The parts. `told`: it was said that the process is there."""

    front: Front
    registry: CollectorRegistry
    replica: ReplicaMetrics
    denials: Denials
    told: bool = False


def make_shell(settings: SchedulerSettings, *, clock: SystemClock | None = None) -> Shell:
    """Return a shell that does not listen yet. `clock` tells when credentials end.

    Raises:
        AddressError: an address is malformed, or open to other hosts and an option for that is missing.
        SecurityError: a file of the security options cannot be used.
    """
    clock = SystemClock() if clock is None else clock
    registry = process_registry(component="scheduler", version=current_version())
    guard = settings.server_security.load(registry=registry, clock=clock)
    denials = Denials(clock=clock)
    guard.on_denied(denials.note)
    server = RpcServer(
        settings=ServerSettings(
            listen=settings.listen,
            reflection=settings.reflection,
            security=guard,
            require_deadline=settings.require_deadline,
            max_concurrent_streams=MAX_CALLS,
            max_connections=settings.max_connections,
        ),
        new_id=SortableIds(clock).new_id,
        metrics=ServerMetrics(registry),
    )
    front = Front(server=server, registry=registry, metrics=settings.metrics)
    return Shell(front=front, registry=registry, replica=ReplicaMetrics(registry=registry), denials=denials)


@contextlib.asynccontextmanager
async def open_shell(settings: SchedulerSettings) -> AsyncIterator[Shell]:
    """Listen while the block runs, before anybody knows who leads. Raises OSError beside what `make_shell` does."""
    shell = make_shell(settings)
    await shell.front.start()
    try:
        yield shell
    finally:
        await shell.front.stop(grace_seconds=0)
        await shell.front.close()
