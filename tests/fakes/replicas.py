"""A front that stands by, on a real loopback connection, told by a test whom it sees."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count

import grpc
from prometheus_client import CollectorRegistry

from proxx.rpc.client_security import OPEN_CLIENT, ClientSecurity
from proxx.rpc.server import RpcServer, ServerSettings
from proxx.rpc.server_security import OPEN_SERVER, Guard, ServerSecurity
from proxx_scheduler.app.leader import LeaderSeen
from proxx_scheduler.transport.forwarding import Forwarder
from proxx_scheduler.transport.front import Front

LEADER = LeaderSeen(holder="host-a, process 7", term=3, address="", idle_seconds=0.5)


@dataclass
class Replica:
    """A standby, and how many calls it passed on by the last word of the service and the code."""

    front: Front
    forwarder: Forwarder
    passed_on: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def target(self) -> str:
        return self.front.address

    async def sees(self, address: str, *, term: int = 3) -> None:
        """See a leader, and wait until it said that it is ready."""
        self.forwarder.saw(replace(LEADER, address=address, term=term), "")
        await self.until("")

    async def until(self, reason: str) -> None:
        """Wait until the reason for passing nothing on begins with these words."""
        async with asyncio.timeout(10):
            while True:
                changed = self.forwarder.changed.seen()
                found = self.forwarder.reason
                if found == reason or (reason and found.startswith(reason)):
                    return
                await changed.wait()


@asynccontextmanager
async def standing_by(
    *,
    own: str = "10.0.0.9:7600",
    security: ServerSecurity | Guard = OPEN_SERVER,
    to_leader: ClientSecurity = OPEN_CLIENT,
) -> AsyncIterator[Replica]:
    """A replica that sees nobody yet: how it lets callers in, and how it proves itself to the leader."""
    ids = count(1)
    settings = ServerSettings(listen="127.0.0.1:0", security=security)
    server = RpcServer(settings=settings, new_id=lambda: f"id-{next(ids)}")
    front = Front(server=server, registry=CollectorRegistry(), metrics="off")
    passed_on: Counter[tuple[str, str]] = Counter()

    def counted(service: str, code: grpc.StatusCode) -> None:
        passed_on[service.rpartition(".")[2], code.name] += 1

    forwarder = Forwarder(own=own, count=counted, security=to_leader)
    front.stand_by(forwarder)
    await front.start()
    task = asyncio.create_task(forwarder.run())
    try:
        yield Replica(front=front, forwarder=forwarder, passed_on=passed_on)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        forwarder.end("the test is over")
        await front.stop(grace_seconds=0)
        await forwarder.close()
