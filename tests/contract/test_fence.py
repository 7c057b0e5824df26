"""A leader that cannot prove its term answers nothing that another one may know better; it serves again when it can."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import grpc
import pytest
import pytest_asyncio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from proxx.core.jobs import JobEvent
from proxx.core.steps import Directive, StepKind
from proxx.rpc.errors import SchedulerUnreachableError
from proxx_scheduler.database_address import database_address
from proxx_scheduler.storage import database as database_module
from proxx_scheduler.storage.postgresql import PostgresBackend
from tests.contract.refusal import refused
from tests.contract.world import World
from tests.fakes.cutting_relay import CuttingRelay
from tools.postgres_server import PostgresServer

PROOF_SECONDS = 1.0
BEAT_SECONDS = 0.1


@pytest.fixture
def relay(postgres: PostgresServer) -> Iterator[CuttingRelay]:
    with tempfile.TemporaryDirectory(prefix="proxx-relay-") as directory:  # a socket's path has 107 bytes
        found = CuttingRelay(directory=Path(directory), server=postgres.directory)
        yield found
        found.close()


@pytest_asyncio.fixture
async def relayed(
    postgres: PostgresServer, relay: CuttingRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """A scheduler whose database is behind the relay, and which doubts itself sooner than the real one."""
    monkeypatch.setattr(database_module, "PROOF_SECONDS", PROOF_SECONDS)
    monkeypatch.setattr(PostgresBackend, "beat_seconds", BEAT_SECONDS)
    url = postgres.create()
    address = database_address(url.replace(str(postgres.directory), str(relay.directory)))
    async with World(tmp_path, lease_seconds=60, database=address) as found:
        yield found
        relay.flowing.set()
    postgres.give_back(url)


async def until_health(world: World, status: int) -> None:
    """Wait until the scheduler says of itself what it should."""
    watching = health_pb2_grpc.HealthStub(world.channel).Watch(health_pb2.HealthCheckRequest(service="readiness"))
    async with asyncio.timeout(10):
        async for answer in watching:
            if answer.status == status:
                watching.cancel()
                return


async def test_without_its_database_a_leader_renews_no_lease_ends_its_streams_and_says_so(
    relayed: World, relay: CuttingRelay
) -> None:
    executor = await relayed.executor()
    await relayed.admitted(executor)
    watching = relayed.client.watch_jobs(reconnect_seconds=0)
    await anext(watching)
    lease = await executor.begin(StepKind.ENCODE)
    assert await executor.directive(lease) is Directive.CONTINUE
    assert isinstance(await anext(watching), JobEvent)  # what was missed is read; from now on it only waits

    relay.flowing.clear()
    await until_health(relayed, health_pb2.HealthCheckResponse.NOT_SERVING)
    renewal = await refused(executor.renew(lease))
    listing = await refused(relayed.client.list_jobs())
    with pytest.raises(SchedulerUnreachableError, match=r"the database has not confirmed term 1 for "):
        async for _ in watching:
            pass
    for found in (renewal, listing):
        assert (found.reason, found.code) == ("STORE_UNAVAILABLE", grpc.StatusCode.UNAVAILABLE)
        assert "the database has not confirmed term 1 for " in found.message
    assert (await relayed.client.get_system_info()).database == "postgresql"

    relay.flowing.set()
    await until_health(relayed, health_pb2.HealthCheckResponse.SERVING)
    assert await executor.directive(lease) is Directive.CONTINUE
