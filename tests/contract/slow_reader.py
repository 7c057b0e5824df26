"""A reader of WatchJobs that is too slow, over a real connection: the queue of a stream is filled behind its back."""

from datetime import UTC, datetime
from pathlib import Path

import grpc

from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.api.jobs.v1.job_service_pb2_grpc import JobServiceStub, add_JobServiceServicer_to_server
from proxx.core.jobs import JobEvent
from proxx.core.roots import Root, RootTable
from proxx.rpc.server import RpcServer, ServerSettings
from proxx.runtime.clock import SortableIds, SystemClock
from proxx_scheduler.app.dry_runs import DryRuns
from proxx_scheduler.app.event_hub import CAPACITY, EventHub
from proxx_scheduler.app.fencing import Fencing
from proxx_scheduler.app.job_desk import JobDesk
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.records import EventAppended
from proxx_scheduler.app.reporting import Reporting
from proxx_scheduler.app.sessions import Sessions
from proxx_scheduler.app.submitting import Submitting
from proxx_scheduler.app.verbs import Verbs
from proxx_scheduler.app.wake import Wake
from proxx_scheduler.database_address import database_address
from proxx_scheduler.identifiers import SchedulerIds
from proxx_scheduler.storage.database import open_database
from proxx_scheduler.storage.store import SqlStore
from proxx_scheduler.transport.job_service import JobService
from proxx_scheduler.transport.paging import PageTokens
from tests.contract.world import LIBRARY, PATIENCE_SECONDS

ROOTS = RootTable((Root(name="local", spelling="/"),))


def _event(sequence: int) -> JobEvent:
    return JobEvent(
        sequence=sequence,
        job_sequence=sequence,
        job_key="job",
        clip_index=None,
        event_time=datetime.now(UTC),
        actor="scheduler",
        kind="job.pause",
        before="RUNNING",
        after="PAUSED",
        data_json="{}",
        previous_hash="0" * 64,
        hash="0" * 64,
    )


def _desk(store: SqlStore, hub: EventHub) -> JobDesk:
    clock = SystemClock()
    ids = SchedulerIds(SortableIds(clock))
    wake = Wake()
    submitting = Submitting(library=LIBRARY, roots=ROOTS, clock=clock, ids=ids)
    dry_runs = DryRuns(clock=clock, ids=ids, lease_seconds=1, wake=wake)
    reporting = Reporting(submitting=submitting, fencing=Fencing(clock=clock, fence_after=0), clock=clock, ids=ids)
    sessions = Sessions(
        store=store,
        book=LeaseBook(lease_seconds=1),
        clock=clock,
        ids=ids,
        roots=frozenset({"local"}),
        lose=lambda tx, lease_id, why: reporting.lose(tx, lease_id=lease_id, why=why),
    )
    return JobDesk(
        store=store,
        submitting=submitting,
        verbs=Verbs(clock=clock, ids=ids),
        dry_runs=dry_runs,
        sessions=sessions,
        hub=hub,
        library=LIBRARY,
        roots=ROOTS,
        clock=clock,
        ids=ids,
        wake=wake,
    )


async def provoke_slow_reader(database: Path) -> None:
    """Serve WatchJobs, publish more at once than a stream may hold back, and read on.

    Raises:
        grpc.aio.AioRpcError: as the stream ends.
    """
    hub = EventHub()
    store = SqlStore(
        database=open_database(address=database_address(str(database)), holder="test"), on_commit=[].extend
    )
    store.start()
    server = RpcServer(settings=ServerSettings(listen="127.0.0.1:0"), new_id=lambda: "id")
    service = JobService(desk=_desk(store, hub), tokens=PageTokens(key="key"))
    server.add_service(add_JobServiceServicer_to_server, service, "proxx.api.jobs.v1.JobService")
    address = await server.start()
    try:
        async with grpc.aio.insecure_channel(address) as channel:
            stream = JobServiceStub(channel).WatchJobs(pb.WatchJobsRequest(), timeout=PATIENCE_SECONDS)
            assert (await stream.read()).HasField("snapshot")
            hub.publish(EventAppended(event=_event(1)))
            assert (await stream.read()).event.sequence == 1
            for sequence in range(2, CAPACITY + 10):
                hub.publish(EventAppended(event=_event(sequence)))
            while await stream.read() is not grpc.aio.EOF:
                continue
    finally:
        await server.stop(grace_seconds=0)
        await store.close()
