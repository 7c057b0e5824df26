"""An executor whose encodes never end: it renews at the server's pace, and remembers how long each answer took."""

import asyncio
import time
import uuid

import grpc
from google.protobuf.duration_pb2 import Duration

from bench.no_op_work import TOOLCHAIN, NoOpWork
from proxx.api.executors.v1 import executor_service_pb2 as pb
from proxx.api.executors.v1 import lease_pb2
from proxx.api.executors.v1.executor_service_pb2_grpc import ExecutorServiceStub
from proxx.core.detection import Engine
from proxx.core.leases import ExecutorDescription
from proxx.core.plan import PLANNER_VERSION
from proxx.rpc.channel_options import client_options
from proxx.rpc.mapping import to_message

CALL_SECONDS = 15.0
FIRST_BACKOFF_SECONDS = 0.2
LONGEST_BACKOFF_SECONDS = 2.0


class KeptExecutor:
    """One incarnation on a connection of its own. `waits` are (moment, seconds until answered) of its renewals."""

    def __init__(self, address: str, *, name: str, slots: int) -> None:
        """Take where the scheduler is; nothing is dialled yet."""
        incarnation = str(uuid.uuid4())
        self._channel = grpc.aio.insecure_channel(address, options=client_options())
        self._stub = ExecutorServiceStub(self._channel)
        self._work = NoOpWork(incarnation=incarnation, executor=name)
        self._description = ExecutorDescription(
            name=name, incarnation=incarnation, engine=Engine.FFMPEG, slots=slots, roots=("local",),
            toolchain=TOOLCHAIN, sandbox_level="process", version="0", planner_version=PLANNER_VERSION,
        )  # fmt: skip
        self._slots = slots
        self._session = ""
        self._sequence = 0
        self.interval = 0.0
        self.held: list[lease_pb2.Lease] = []
        self.waits: list[tuple[float, float]] = []
        self.retried = 0
        self.lost: set[str] = set()

    async def open(self) -> None:
        """Open the session and take steps until all slots hold an ENCODE; what is to be probed is probed."""
        description = to_message(self._description, pb.OpenSessionRequest)
        answer = await self._stub.OpenSession(description, timeout=CALL_SECONDS)
        self._session = answer.session_id
        self.interval = answer.renew_interval.seconds + answer.renew_interval.nanos / 1e9
        while len(self.held) < self._slots:
            self._sequence += 1
            taken = await self._stub.AcquireLeases(
                pb.AcquireLeasesRequest(
                    session_id=self._session, acquire_sequence=self._sequence,
                    max_grants=self._slots - len(self.held), wait=Duration(seconds=5),
                ),
                timeout=CALL_SECONDS,
            )  # fmt: skip
            if taken.leases:
                await self._renew(lease_pb2.PHASE_STARTING, list(taken.leases))
            self.held += [lease for lease in taken.leases if lease.kind == lease_pb2.STEP_KIND_ENCODE]
            await self._probe([lease for lease in taken.leases if lease.kind == lease_pb2.STEP_KIND_PROBE])

    async def keep(self, *, after: float) -> None:
        """Renew at the server's pace until cancelled, first `after` seconds and an interval from now.

        A renewal is made again and again until there is an answer, as executors do it.
        """
        await asyncio.sleep(after)
        while True:
            await asyncio.sleep(self.interval)
            due, backoff = time.monotonic(), FIRST_BACKOFF_SECONDS
            while True:
                try:
                    await self._renew(lease_pb2.PHASE_ENCODING, self.held)
                except grpc.aio.AioRpcError:
                    self.retried += 1
                    await asyncio.sleep(backoff)
                    backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)
                else:
                    break
            self.waits.append((due, time.monotonic() - due))

    async def close(self) -> None:
        """Let the connection go, not the session."""
        await self._channel.close()

    async def _probe(self, probes: list[lease_pb2.Lease]) -> None:
        request = pb.CompleteLeasesRequest(session_id=self._session)
        for lease in probes:
            outcome = request.outcomes.add(lease_id=lease.lease_id, epoch=lease.epoch)
            self._work.probe(lease, outcome.probe)
        if probes:
            await self._stub.CompleteLeases(request, timeout=CALL_SECONDS)

    async def _renew(self, phase: lease_pb2.Phase.ValueType, leases: list[lease_pb2.Lease]) -> None:
        request = pb.RenewLeasesRequest(session_id=self._session)
        for lease in leases:
            report = request.reports.add(lease_id=lease.lease_id, epoch=lease.epoch, phase=phase)
            if phase == lease_pb2.PHASE_ENCODING:
                report.progress.CopyFrom(lease_pb2.Progress(fraction=0.5, frames=50, fps=25, speed=1, eta_seconds=2))
        answer = await self._stub.RenewLeases(request, timeout=CALL_SECONDS)
        going_on = lease_pb2.DIRECTIVE_CONTINUE
        self.lost |= {item.lease_id for item in answer.directives if item.directive != going_on}
