"""The only place that constructs and wires the scheduler."""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence

import structlog
from prometheus_client import CollectorRegistry

from proxx.core.jobs import RootInfo, SystemInfo
from proxx.core.plan import PLANNER_VERSION
from proxx.core.profile_library import ProfileLibrary
from proxx.core.table_reader import ProfileError
from proxx.rpc.address import AddressError
from proxx.rpc.channel_options import MAX_MESSAGE_BYTES
from proxx.rpc.server import RpcServer, ServerSettings
from proxx.rpc.server_metrics import ServerMetrics
from proxx.runtime.clock import SortableIds, SystemClock
from proxx.runtime.http_endpoint import HttpEndpoint, Readiness
from proxx.runtime.logs import configure_logs
from proxx.runtime.metrics import process_registry
from proxx.runtime.profile_files import load_library
from proxx.runtime.settings import SettingsInvalidError
from proxx.runtime.supervise import run_process
from proxx.runtime.version import current_version
from proxx_scheduler.app.admission import Admission
from proxx_scheduler.app.dry_runs import DryRuns
from proxx_scheduler.app.event_hub import EventHub
from proxx_scheduler.app.executor_desk import ExecutorDesk
from proxx_scheduler.app.granting import Granting
from proxx_scheduler.app.job_desk import JobDesk
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.ports import StoreError, StoreOpenError
from proxx_scheduler.app.records import Effect, LeaseCancelled, LeaseEnded, LeaseGranted, ProbesDone, WorkQueued
from proxx_scheduler.app.reporting import Reporting
from proxx_scheduler.app.sessions import Sessions
from proxx_scheduler.app.submitting import Submitting
from proxx_scheduler.app.verbs import Verbs
from proxx_scheduler.app.wake import Wake
from proxx_scheduler.identifiers import SchedulerIds
from proxx_scheduler.observation import SchedulerMetrics
from proxx_scheduler.settings import SchedulerSettings, read_settings
from proxx_scheduler.storage.database import Database, open_database
from proxx_scheduler.storage.opening import open_to_lead
from proxx_scheduler.storage.store import SqlStore
from proxx_scheduler.transport.register import register_services

JOBSPEC_VERSIONS = ("2.1", "1.0.0")
MAX_SOURCES = 10_000
SYSTEM_ERROR = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the scheduler until it is told to stop. Returns the exit code."""
    try:
        settings = read_settings(sys.argv[1:] if arguments is None else arguments)
        configure_logs(level=settings.log_level, console=settings.log_format == "console")
        library = load_library(directory=settings.profiles)
    except (SettingsInvalidError, ProfileError) as error:
        sys.stderr.write(f"{error}\n")
        return SYSTEM_ERROR
    return run_process(lambda drain: _serve(settings, library, drain))


async def _serve(settings: SchedulerSettings, library: ProfileLibrary, drain: asyncio.Event) -> int:
    log = structlog.stdlib.get_logger("proxx.scheduler")
    try:
        database = await open_to_lead(address=settings.database, holder=_holder(), standby=settings.standby, stop=drain)
        if database is None:
            return 0
        lost = asyncio.Event()
        async with scheduler(settings=settings, library=library, database=database, lost=lost) as address:
            log.info("scheduler.ready", address=address, database=database.shown, term=database.leadership.term)
            _tell_ready(settings.ready_fd, address)
            await _first_of(drain, lost)
        if lost.is_set():
            log.error("scheduler.leadership_lost", term=database.leadership.term)
            return SYSTEM_ERROR
    except (StoreOpenError, StoreError, AddressError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return SYSTEM_ERROR
    log.info("scheduler.stopped")
    return 0


def _holder() -> str:
    return f"{socket.gethostname()}, process {os.getpid()}"


async def _first_of(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()


def _tell_ready(descriptor: int | None, address: str) -> None:
    if descriptor is not None:
        with os.fdopen(descriptor, "w", encoding="utf-8") as pipe:
            pipe.write(json.dumps({"address": address}) + "\n")


@contextlib.asynccontextmanager
async def scheduler(
    *,
    settings: SchedulerSettings,
    library: ProfileLibrary,
    database: Database | None = None,
    lost: asyncio.Event | None = None,
) -> AsyncIterator[str]:
    """Run a whole scheduler while the block runs; yields the address that it serves on.

    Opens the database of the settings unless it gets one that is open. `lost` is set when another scheduler leads.

    Raises:
        StoreOpenError, StoreError: the database cannot be used.
        AddressError: the address cannot be served.
    """
    clock = SystemClock()
    ids = SchedulerIds(SortableIds(clock))
    version = current_version()
    registry = process_registry(component="scheduler", version=version)
    book = LeaseBook(lease_seconds=settings.lease_seconds)
    hub = EventHub()
    wake = Wake()
    metrics = SchedulerMetrics(registry=registry, book=book)
    rules = settings.rules

    def on_commit(effects: list[Effect]) -> None:
        now = clock.monotonic()
        for effect in effects:
            metrics.count(effect)
            match effect:
                case WorkQueued():
                    wake.set()
                case ProbesDone():
                    admission.begin(effect.job_key)
                case LeaseGranted():
                    book.add(effect.record, now=now)
                case LeaseCancelled():
                    book.cancel(effect.lease_id)
                case LeaseEnded():
                    book.end(effect.lease_id)
                    if rules.bounded:
                        wake.set()  # its place in a queue or its resource is free for another executor
                case _:
                    hub.publish(effect)

    if database is None:
        database = await asyncio.to_thread(lambda: open_database(address=settings.database, holder=_holder()))
    store = SqlStore(database=database, on_commit=on_commit)
    store.start()
    admission = Admission(store=store, library=library, clock=clock, ids=ids, rules=rules)
    roots = settings.roots
    matrix = settings.source_matrix
    submitting = Submitting(library=library, roots=roots, clock=clock, ids=ids, source_matrix=matrix)
    dry_runs = DryRuns(clock=clock, ids=ids, lease_seconds=settings.lease_seconds, wake=wake, source_matrix=matrix)
    reporting = Reporting(submitting=submitting, clock=clock, ids=ids)
    sessions = Sessions(
        store=store,
        book=book,
        clock=clock,
        ids=ids,
        roots=frozenset(root.name for root in roots.roots),
        lose=lambda tx, lease_id, why: reporting.lose(tx, lease_id=lease_id, why=why),
    )
    executors = ExecutorDesk(
        store=store,
        book=book,
        granting=Granting(submitting=submitting, clock=clock, ids=ids, rules=rules),
        reporting=reporting,
        dry_runs=dry_runs,
        hub=hub,
        sessions=sessions,
        clock=clock,
        lease_seconds=settings.lease_seconds,
        wake=wake,
    )
    metrics.attach(executors)
    jobs = JobDesk(
        store=store,
        submitting=submitting,
        verbs=Verbs(clock=clock, ids=ids),
        dry_runs=dry_runs,
        sessions=sessions,
        hub=hub,
        library=library,
        roots=roots,
        clock=clock,
        ids=ids,
        rules=rules,
        trouble=lambda: store.trouble,
    )
    info = SystemInfo(
        version=str(version),
        schema_revision=store.schema_revision,
        planner_version=PLANNER_VERSION,
        jobspec_versions=JOBSPEC_VERSIONS,
        max_sources=MAX_SOURCES,
        max_message_bytes=MAX_MESSAGE_BYTES,
        roots=tuple(RootInfo(name=root.name, spelling=root.spelling) for root in roots.roots),
        database=store.kind,
    )
    try:
        await executors.load()
        await admission.load()
        server = _server(settings, ids, ServerMetrics(registry))
        register_services(server=server, jobs=jobs, executors=executors, library=library, info=info)
        address = await server.start()
        endpoint = await _endpoint(settings, registry, server, store)
        expiry = asyncio.create_task(executors.run_expiry(), name="lease-expiry")
        await server.set_ready(True)
        health = asyncio.create_task(_follow(store, server, lost), name="store-health")
        try:
            yield address
        finally:
            health.cancel()
            await asyncio.gather(health, return_exceptions=True)
            executors.stop()
            await server.stop(grace_seconds=settings.grace_seconds)
            await admission.stop()
            expiry.cancel()
            await asyncio.gather(expiry, return_exceptions=True)
            if endpoint is not None:
                await endpoint.stop()
    finally:
        await store.close()


async def _follow(store: SqlStore, server: RpcServer, lost: asyncio.Event | None) -> None:
    """Say through health whether the database takes writes, for ever."""
    while True:
        seen = store.changed.seen()
        if store.lost and lost is not None:
            lost.set()
        if not server.draining.is_set():
            await server.set_ready(not store.trouble)
        await seen.wait()


def _server(settings: SchedulerSettings, ids: SchedulerIds, metrics: ServerMetrics) -> RpcServer:
    return RpcServer(
        settings=ServerSettings(
            listen=settings.listen,
            reflection=settings.reflection,
            insecure=settings.insecure,
            max_concurrent_streams=1000,
        ),
        new_id=ids.new_key,
        metrics=metrics,
    )


async def _endpoint(
    settings: SchedulerSettings, registry: CollectorRegistry, server: RpcServer, store: SqlStore
) -> HttpEndpoint | None:
    if settings.metrics == "off":
        return None

    def readiness() -> Readiness:
        reason = "draining" if server.draining.is_set() else store.trouble
        return Readiness(ready=not reason, reason=reason)

    endpoint = HttpEndpoint(listen=settings.metrics, registry=registry, readiness=readiness)
    await endpoint.start()
    return endpoint
