"""What share of a core a scheduler takes while many executors hold all their slots and renew as often as it says."""

import asyncio
import os
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration

from bench import process_tree
from bench.no_op_work import TOOLCHAIN, NoOpWork
from bench.proxx_fleet import running, submit
from proxx.api.executors.v1 import executor_service_pb2 as pb
from proxx.api.executors.v1 import lease_pb2
from proxx.api.executors.v1.executor_service_pb2_grpc import ExecutorServiceStub
from proxx.core.detection import Engine
from proxx.core.leases import ExecutorDescription
from proxx.core.plan import PLANNER_VERSION
from proxx.rpc.channel_options import client_options
from proxx.rpc.client import SchedulerClient
from proxx.rpc.mapping import to_message

SLOTS = 8
CLIPS_OF_A_JOB = 64
CALL_SECONDS = 60.0
AT_ONCE = 20
"""Executors that connect at the same time."""


class _Executor:
    """One incarnation on a connection of its own, whose ENCODE steps never end."""

    def __init__(self, address: str, name: str) -> None:
        incarnation = str(uuid.uuid4())
        self._channel = grpc.aio.insecure_channel(address, options=client_options())
        self._stub = ExecutorServiceStub(self._channel)
        self._work = NoOpWork(incarnation=incarnation, executor=name)
        self._description = ExecutorDescription(
            name=name, incarnation=incarnation, engine=Engine.FFMPEG, slots=SLOTS, roots=("local",),
            toolchain=TOOLCHAIN, sandbox_level="process", version="0", planner_version=PLANNER_VERSION,
        )  # fmt: skip
        self._session = ""
        self._sequence = 0
        self.interval = 0.0
        self.held: list[lease_pb2.Lease] = []

    async def open(self) -> None:
        answer = await self._stub.OpenSession(
            to_message(self._description, pb.OpenSessionRequest), timeout=CALL_SECONDS
        )
        self._session = answer.session_id
        self.interval = answer.renew_interval.seconds + answer.renew_interval.nanos / 1e9

    async def fill(self) -> None:
        """Take steps until all slots hold an ENCODE; what is to be probed is probed."""
        while len(self.held) < SLOTS:
            self._sequence += 1
            taken = await self._stub.AcquireLeases(
                pb.AcquireLeasesRequest(
                    session_id=self._session, acquire_sequence=self._sequence, max_grants=SLOTS - len(self.held),
                    wait=Duration(seconds=5),
                ),
                timeout=CALL_SECONDS,
            )  # fmt: skip
            probes = [lease for lease in taken.leases if lease.kind == lease_pb2.STEP_KIND_PROBE]
            self.held += [lease for lease in taken.leases if lease.kind == lease_pb2.STEP_KIND_ENCODE]
            if taken.leases:
                await self.renew(lease_pb2.PHASE_STARTING, taken.leases)
            request = pb.CompleteLeasesRequest(session_id=self._session)
            for lease in probes:
                outcome = request.outcomes.add(lease_id=lease.lease_id, epoch=lease.epoch)
                self._work.probe(lease, outcome.probe)
            if probes:
                await self._stub.CompleteLeases(request, timeout=CALL_SECONDS)

    async def renew(self, phase: lease_pb2.Phase.ValueType, leases: Sequence[lease_pb2.Lease]) -> None:
        request = pb.RenewLeasesRequest(session_id=self._session)
        for lease in leases:
            report = request.reports.add(lease_id=lease.lease_id, epoch=lease.epoch, phase=phase)
            if phase == lease_pb2.PHASE_ENCODING:
                report.progress.CopyFrom(lease_pb2.Progress(fraction=0.5, frames=50, fps=25, speed=1, eta_seconds=2))
        answer = await self._stub.RenewLeases(request, timeout=CALL_SECONDS)
        refused = [item.lease_id for item in answer.directives if item.directive != lease_pb2.DIRECTIVE_CONTINUE]
        if refused:
            raise RuntimeError(f"leases {refused} are not to go on")

    async def keep(self) -> None:
        """Renew at the server's cadence until cancelled."""
        while True:
            await asyncio.sleep(self.interval)
            await self.renew(lease_pb2.PHASE_ENCODING, self.held)

    async def close(self) -> None:
        await self._channel.close()


def measure(*, executors: int, seconds: float) -> dict[str, Any]:
    """Let a fleet hold its leases for so long and take the scheduler's CPU time."""
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name, running("sqlite", Path(name)) as scheduler:
        found = asyncio.run(_share(scheduler.address, scheduler.pid, executors=executors, seconds=seconds))
        resident = process_tree.resident_bytes(scheduler.pid)
    return {
        "benchmark": "renewing_fleet", "executors": executors, "slots": SLOTS, "seconds": seconds,
        "load_average": os.getloadavg()[0], "resident_bytes": resident, **found,
    }  # fmt: skip


async def _share(address: str, pid: int, *, executors: int, seconds: float) -> dict[str, float]:
    fleet = [_Executor(address, f"bench-{number}") for number in range(executors)]
    async with SchedulerClient(address, timeout_seconds=120) as client:
        await submit(client, jobs=-(-executors * SLOTS // CLIPS_OF_A_JOB), clips=CLIPS_OF_A_JOB)
    turn = asyncio.Semaphore(AT_ONCE)
    async with asyncio.TaskGroup() as tasks:
        keeping: list[asyncio.Task[None]] = []

        async def ready(executor: _Executor) -> None:
            async with turn:
                await executor.open()
                await executor.fill()
            keeping.append(tasks.create_task(executor.keep()))

        await asyncio.gather(*(ready(executor) for executor in fleet))
        interval = fleet[0].interval
        await asyncio.sleep(interval)
        began, busy = time.monotonic(), process_tree.cpu_seconds(pid)
        await asyncio.sleep(seconds)
        share = (process_tree.cpu_seconds(pid) - busy) / (time.monotonic() - began)
        for task in keeping:
            task.cancel()
    for executor in fleet:
        await executor.close()
    return {"share_of_a_core": share, "renew_seconds": interval, "calls_a_second": executors / interval}


def table(found: dict[str, Any]) -> str:
    """One line."""
    return (
        f"Renewing fleet: {found['executors']} executors with {found['slots']} leases each, every "
        f"{found['renew_seconds']:g} s with progress, load {found['load_average']:.2f}\n"
        f"  the scheduler took {found['share_of_a_core']:.1%} of one core and {found['resident_bytes'] >> 20} MiB"
    )
