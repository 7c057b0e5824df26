"""The only place that constructs and wires the scheduler."""

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence

import structlog

from proxx.core.jobs import RootInfo, SystemInfo
from proxx.core.overload import MAX_MESSAGE_BYTES
from proxx.core.plan import PLANNER_VERSION
from proxx.core.profile_library import ProfileLibrary
from proxx.core.table_reader import ProfileError
from proxx.rpc.address import AddressError
from proxx.rpc.server_security import SecurityError
from proxx.runtime.background import Background
from proxx.runtime.clock import SortableIds, SystemClock
from proxx.runtime.logs import configure_logs
from proxx.runtime.profile_files import load_library
from proxx.runtime.settings import SettingsInvalidError
from proxx.runtime.supervise import run_process
from proxx.runtime.version import current_version
from proxx_scheduler.app.admission import Admission
from proxx_scheduler.app.dry_runs import DryRuns
from proxx_scheduler.app.event_hub import EventHub
from proxx_scheduler.app.executor_desk import ExecutorDesk
from proxx_scheduler.app.fencing import Fencing
from proxx_scheduler.app.granting import Granting
from proxx_scheduler.app.job_desk import JobDesk
from proxx_scheduler.app.leader import LOOK_SECONDS, LeaderSeen
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.ports import StoreError, StoreOpenError
from proxx_scheduler.app.records import Effect, LeaseCancelled, LeaseEnded, LeaseGranted, ProbesDone, WorkQueued
from proxx_scheduler.app.refreshing import Refreshing
from proxx_scheduler.app.reporting import Reporting
from proxx_scheduler.app.sessions import Sessions
from proxx_scheduler.app.submitting import Submitting
from proxx_scheduler.app.verbs import Verbs
from proxx_scheduler.app.wake import Wake
from proxx_scheduler.app.watch_registry import WatchRegistry
from proxx_scheduler.identifiers import SchedulerIds
from proxx_scheduler.observation import SchedulerMetrics
from proxx_scheduler.settings import SchedulerSettings, read_settings
from proxx_scheduler.shell import Shell, make_shell, open_shell
from proxx_scheduler.storage.database import Database, open_database
from proxx_scheduler.storage.opening import open_to_lead
from proxx_scheduler.storage.store import SqlStore
from proxx_scheduler.transport.forwarding import Forwarder
from proxx_scheduler.transport.front import Front
from proxx_scheduler.transport.paging import PageTokens
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
    return run_process(lambda drain: serve(settings=settings, library=library, drain=drain))


async def serve(*, settings: SchedulerSettings, library: ProfileLibrary, drain: asyncio.Event) -> int:
    """Stand by where the settings say so, then lead, until `drain` is set. Returns the exit code.

    It is SYSTEM_ERROR when another scheduler leads, or when a part of this one died: whoever supervises it starts it
    again.
    """
    log = structlog.stdlib.get_logger("proxx.scheduler")
    lost = asyncio.Event()
    background = Background(drain=drain)
    try:
        async with contextlib.AsyncExitStack() as stack:
            shell = None
            if settings.stands_by:
                shell = await stack.enter_async_context(open_shell(settings))
                database = await _stand_by(settings, shell, drain, background)
            else:
                database = await open_to_lead(
                    address=settings.database, holder=_holder(), standby=settings.standby, stop=drain
                )
            if database is None:
                return SYSTEM_ERROR if background.dead else 0
            running = scheduler(
                settings=settings, library=library, database=database, lost=lost, shell=shell, background=background
            )
            address = await stack.enter_async_context(running)
            log.info("scheduler.ready", address=address, database=database.shown, term=database.leadership.term)
            if shell is None or not shell.told:
                _tell_ready(settings.ready_fd, address)
            await _first_of(drain, lost)
        if lost.is_set():
            log.error("scheduler.leadership_lost", term=database.leadership.term)
            return SYSTEM_ERROR
        if background.dead:
            log.error("scheduler.broken", task=background.dead)
            return SYSTEM_ERROR
    except (StoreOpenError, StoreError, AddressError, SecurityError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return SYSTEM_ERROR
    log.info("scheduler.stopped")
    return 0


async def _stand_by(
    settings: SchedulerSettings, shell: Shell, drain: asyncio.Event, background: Background
) -> Database | None:
    """Serve by passing calls on to the leader, until this process leads; None when it is to end."""
    own = settings.advertised(shell.front.address)
    forwarder = Forwarder(own=own, count=shell.replica.forwarded, security=settings.client_security)
    shell.front.stand_by(forwarder)
    shell.denials.stand_by(forwarder.tell_denials)

    def told(seen: LeaderSeen | None, trouble: str) -> None:
        forwarder.saw(seen, trouble)
        shell.replica.term = 0 if seen is None else seen.term
        if not shell.told:
            shell.told = True
            _tell_ready(settings.ready_fd, shell.front.address)

    tasks = (
        background.start(forwarder.run(), name="leader-probe"),
        background.start(_follow_leader(forwarder, shell.front), name="leader-health"),
        background.start(shell.denials.run(), name="denied-calls"),
    )
    try:
        database = await open_to_lead(
            address=settings.database, holder=_holder(), standby=True, stop=drain, advertise=own, told=told
        )
        if database is None:
            forwarder.drain("this scheduler ends")
            await shell.front.stop(grace_seconds=settings.grace_seconds)
        return database
    finally:
        await background.stop(*tasks)
        forwarder.end("this scheduler begins to lead, or ends")
        await forwarder.close()


async def _follow_leader(forwarder: Forwarder, front: Front) -> None:
    """Say through health whether the leader can be reached, for ever."""
    while True:
        seen = forwarder.changed.seen()
        await front.tell(forwarder.reason)
        await seen.wait()


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
    shell: Shell | None = None,
    background: Background | None = None,
) -> AsyncIterator[str]:
    """Run a whole scheduler while the block runs; yields the address that it serves on.

    Opens the database of the settings unless it gets one that is open, and serves behind the front of `shell` if there
    is one that listens already. `lost` is set when another scheduler leads; `background` tells when a part died.

    Raises:
        StoreOpenError, StoreError: the database cannot be used.
        AddressError: the address cannot be served.
        SecurityError: a file of the security options cannot be used.
    """
    clock = SystemClock()
    ids = SchedulerIds(SortableIds(clock))
    version = current_version()
    background = Background(drain=asyncio.Event()) if background is None else background
    shell = make_shell(settings) if shell is None else shell
    front = shell.front
    book = LeaseBook(lease_seconds=settings.lease_seconds)
    hub = EventHub()
    wake = Wake()
    metrics = SchedulerMetrics(registry=shell.registry, book=book)
    fencing = Fencing(clock=clock, fence_after=settings.fence_after)
    rules = settings.rules

    def on_commit(effects: list[Effect]) -> None:
        now = clock.monotonic()
        news_of_work = False
        for effect in effects:
            metrics.count(effect)
            fencing.observe(effect)
            match effect:
                case WorkQueued():
                    news_of_work = True
                case ProbesDone():
                    admission.begin(effect.job_key)
                case LeaseGranted():
                    book.add(effect.record, now=now)
                case LeaseCancelled():
                    book.cancel(effect.lease_id)
                case LeaseEnded():
                    book.end(effect.lease_id)
                    news_of_work |= rules.bounded  # its place in a queue or its resource is free for another executor
                case _:
                    hub.publish(effect)
        if news_of_work:
            wake.set()  # once: who finds work calls the next one

    if database is None:
        database = await asyncio.to_thread(lambda: open_database(address=settings.database, holder=_holder()))
    store = SqlStore(database=database, on_commit=on_commit)
    store.start()
    first = store.first  # executors go before everybody else
    hold = settings.without_engine == "hold"
    admission = Admission(
        store=store,
        library=library,
        clock=clock,
        ids=ids,
        rules=rules,
        hold=hold,
        alive=lambda: sessions.alive(),
        settle_seconds=settings.lease_seconds,
    )
    refreshing = Refreshing(store=store, clock=clock, rules=rules)
    roots = settings.roots
    matrix = settings.source_matrix
    submitting = Submitting(library=library, roots=roots, clock=clock, ids=ids, source_matrix=matrix)
    dry_runs = DryRuns(clock=clock, ids=ids, lease_seconds=settings.lease_seconds, wake=wake, source_matrix=matrix)
    reporting = Reporting(submitting=submitting, fencing=fencing, clock=clock, ids=ids)
    sessions = Sessions(
        store=first,
        book=book,
        clock=clock,
        ids=ids,
        roots=roots.names,
        root_hosts=settings.root_hosts,
        lose=lambda tx, lease_id, why: reporting.lose(tx, lease_id=lease_id, why=why),
    )
    executors = ExecutorDesk(
        store=first,
        book=book,
        granting=Granting(submitting=submitting, clock=clock, ids=ids, rules=rules),
        reporting=reporting,
        dry_runs=dry_runs,
        hub=hub,
        sessions=sessions,
        fencing=fencing,
        clock=clock,
        lease_seconds=settings.lease_seconds,
        wake=wake,
    )
    metrics.attach(executors, fencing)
    jobs = JobDesk(
        store=store, submitting=submitting, verbs=Verbs(clock=clock, ids=ids), dry_runs=dry_runs, sessions=sessions,
        hub=hub, library=library, roots=roots, clock=clock, ids=ids, wake=wake, rules=rules,
        trouble=lambda: store.trouble, hold=hold,
    )  # fmt: skip
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
        await refreshing.load()
        tokens = PageTokens(key=(await store.read(lambda tx: tx.installation())).page_key)
        register_services(
            server=front,
            jobs=jobs,
            executors=executors,
            watch=WatchRegistry(clock=clock),
            denials=shell.denials,
            library=library,
            info=info,
            tokens=tokens,
        )
        front.lead(unproven=lambda: store.unproven)
        shell.replica.lead(term=store.term)
        address = await front.start()
        await store.advertise(settings.advertised(address))
        expiry = background.start(executors.expiring.run(), name="lease-expiry")
        await front.tell("")
        health = background.start(_follow(store, front, hub, lost), name="store-health")
        shell.denials.lead(store)
        recording = background.start(shell.denials.run(), name="denied-calls")
        try:
            yield address
        finally:
            await background.stop(health, recording)
            executors.stop()
            await front.stop(grace_seconds=settings.grace_seconds)
            await admission.stop()
            await refreshing.stop()
            await background.stop(expiry)
            await shell.denials.record()
            await front.close()
    finally:
        await store.close()


async def _follow(store: SqlStore, front: Front, hub: EventHub, lost: asyncio.Event | None) -> None:
    """Say through health whether the database takes writes and confirms the term, for ever.

    Raises:
        RuntimeError: the store's writing thread ended.
    """
    log = structlog.stdlib.get_logger("proxx.scheduler")
    doubted = False
    while True:
        seen = store.changed.seen()
        if store.dead:
            raise RuntimeError("the thread that writes has ended: nothing is written any more")
        if store.lost and lost is not None:
            lost.set()
        doubt = store.unproven
        if doubt and not doubted:
            log.error("scheduler.unproven", fact=doubt)
            hub.cut(doubt)
        elif doubted and not doubt:
            log.info("scheduler.proven_again", term=store.term)
        doubted = bool(doubt)
        await front.tell(store.trouble or doubt)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(seen.wait(), LOOK_SECONDS)
