"""`python -m bench.no_op_executor ADDRESS NAME SLOTS`: an executor that does nothing, over the real protocol.

It opens a session, acquires as many leases as it has room for, passes the start barrier, prepares and completes, each
verb with all the leases that are so far, as the protocol allows. It runs until it is told to stop. With --clip-seconds
an ENCODE takes that long; --log names a file that gets a line for each step that was allowed to start.
"""

import argparse
import asyncio
import contextlib
import signal
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import grpc
from google.protobuf.duration_pb2 import Duration

from bench.no_op_work import TOOLCHAIN, NoOpWork, sha256_of
from proxx.api.executors.v1 import executor_service_pb2 as pb
from proxx.api.executors.v1 import lease_pb2
from proxx.api.executors.v1.executor_service_pb2_grpc import ExecutorServiceStub
from proxx.core.detection import Engine
from proxx.core.leases import ExecutorDescription
from proxx.core.plan import PLANNER_VERSION
from proxx.engine.room import Room
from proxx.rpc.channel_options import client_options
from proxx.rpc.mapping import to_message

WAIT = Duration(seconds=5)
BATCH = 64
"""Most leases of one call: while one batch is on its way, the next one is taken."""

CALL_SECONDS = 60.0


class NoOpExecutor:
    """One incarnation."""

    def __init__(
        self,
        *,
        address: str,
        name: str,
        slots: int,
        probe_slots: int = 0,
        clip_seconds: float = 0.0,
        log: Path | None = None,
    ):
        """Take where the scheduler is, and how much may be under way at once."""
        incarnation = str(uuid.uuid4())
        self._channel = grpc.aio.insecure_channel(address, options=client_options())
        self._stub = ExecutorServiceStub(self._channel)
        self._work = NoOpWork(incarnation=incarnation, executor=name)
        self._description = ExecutorDescription(
            name=name, incarnation=incarnation, engine=Engine.FFMPEG, slots=slots, roots=("local",),
            toolchain=TOOLCHAIN, sandbox_level="process", version="0", planner_version=PLANNER_VERSION,
            probe_slots=probe_slots,
        )  # fmt: skip
        self._held: list[lease_pb2.Lease] = []
        self._clip_seconds = clip_seconds
        self._log = log
        self._room = asyncio.Event()
        self._session = ""

    async def run(self) -> None:
        """Work until cancelled."""
        opened = await self._stub.OpenSession(
            to_message(self._description, pb.OpenSessionRequest), timeout=CALL_SECONDS
        )
        self._session = opened.session_id
        sequence = 0
        async with asyncio.TaskGroup() as tasks:  # what fails ends all of it
            while True:
                while not self._left().any:
                    self._room.clear()
                    await self._room.wait()
                sequence += 1
                leases = await self._take(sequence)
                self._held += leases
                probes = [lease for lease in leases if lease.kind == lease_pb2.STEP_KIND_PROBE]
                others = [lease for lease in leases if lease.kind != lease_pb2.STEP_KIND_PROBE]
                for batch in (probes, others) if self._clip_seconds else (leases,):
                    if batch:
                        tasks.create_task(self._do(batch))

    def _left(self) -> Room:
        probes = sum(lease.kind == lease_pb2.STEP_KIND_PROBE for lease in self._held)
        slots, probe_slots = self._description.slots, self._description.probe_slots
        if not probe_slots:
            return Room(grants=slots - len(self._held), probes=0)
        return Room(grants=slots - (len(self._held) - probes), probes=probe_slots - probes)

    async def _take(self, sequence: int) -> Sequence[lease_pb2.Lease]:
        """Wait for work; give a call up that asked for nothing of what is free by now, as the executors' kit does."""
        while True:
            asked = self._left()
            call = asyncio.ensure_future(self._ask(sequence, asked))
            while not call.done():
                self._room.clear()
                more = asyncio.ensure_future(self._room.wait())
                await asyncio.wait({call, more}, return_when=asyncio.FIRST_COMPLETED)
                more.cancel()
                if asked.lacks(self._left()):
                    call.cancel()
                    await asyncio.wait({call})
            if not call.cancelled():
                return call.result()

    async def _ask(self, sequence: int, room: Room) -> Sequence[lease_pb2.Lease]:
        request = pb.AcquireLeasesRequest(
            session_id=self._session, acquire_sequence=sequence, wait=WAIT,
            max_grants=min(room.grants, BATCH), max_probes=min(room.probes, BATCH),
        )  # fmt: skip
        taken: pb.AcquireLeasesResponse = await self._stub.AcquireLeases(request, timeout=CALL_SECONDS)
        return taken.leases

    async def _do(self, leases: Sequence[lease_pb2.Lease]) -> None:
        await self._start(leases)
        encodes = [lease for lease in leases if lease.kind == lease_pb2.STEP_KIND_ENCODE]
        if encodes and self._clip_seconds:
            await asyncio.sleep(self._clip_seconds)
        answers = dict(zip((lease.lease_id for lease in encodes), await self._prepare(encodes), strict=True))
        staged = lease_pb2.PREPARE_ANSWER_STAGED  # such a lease ended with the answer
        outcomes = [
            self._outcome(lease, answers.get(lease.lease_id))
            for lease in leases
            if answers.get(lease.lease_id) != staged
        ]
        if outcomes:
            await self._stub.CompleteLeases(
                pb.CompleteLeasesRequest(session_id=self._session, outcomes=outcomes), timeout=CALL_SECONDS
            )
        ended = {lease.lease_id for lease in leases}
        self._held = [lease for lease in self._held if lease.lease_id not in ended]
        self._room.set()

    def _outcome(self, lease: lease_pb2.Lease, answer: int | None) -> pb.LeaseOutcome:
        outcome = pb.LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch)
        if lease.kind == lease_pb2.STEP_KIND_PROBE:
            self._work.probe(lease, outcome.probe)
        elif lease.kind == lease_pb2.STEP_KIND_PUBLISH:
            outcome.published.sha256 = lease.publish.sha256
        elif answer == lease_pb2.PREPARE_ANSWER_PUBLISH:
            outcome.published.sha256 = sha256_of(lease)
        else:
            raise ValueError(f"lease {lease.lease_id}: nothing tells how to end it")
        return outcome

    async def _start(self, leases: Sequence[lease_pb2.Lease]) -> None:
        reports = [
            pb.LeaseReport(lease_id=lease.lease_id, epoch=lease.epoch, phase=lease_pb2.PHASE_STARTING)
            for lease in leases
        ]
        answer = await self._stub.RenewLeases(
            pb.RenewLeasesRequest(session_id=self._session, reports=reports), timeout=CALL_SECONDS
        )
        refused = [item.lease_id for item in answer.directives if item.directive != lease_pb2.DIRECTIVE_CONTINUE]
        if refused:
            raise ValueError(f"leases {refused} were not allowed to start")
        if self._log is not None:
            now = time.time()
            lines = "".join(f"{lease_pb2.StepKind.Name(item.kind)} {item.job_key} {now!r}\n" for item in leases)
            with self._log.open("a", encoding="ascii") as file:
                file.write(lines)

    async def _prepare(self, leases: Sequence[lease_pb2.Lease]) -> list[int]:
        if not leases:
            return []
        request = pb.PrepareLeasesRequest(session_id=self._session)
        for lease in leases:
            item = request.preparations.add(lease_id=lease.lease_id, epoch=lease.epoch)
            self._work.encode(lease, item.output)
        answer = await self._stub.PrepareLeases(request, timeout=CALL_SECONDS)
        return [result.answer for result in answer.results]


async def _main() -> None:
    parser = argparse.ArgumentParser(prog="no_op_executor")
    parser.add_argument("address")
    parser.add_argument("name")
    parser.add_argument("slots", type=int)
    parser.add_argument("--probe-slots", type=int, default=0)
    parser.add_argument("--clip-seconds", type=float, default=0.0)
    parser.add_argument("--log", type=Path, default=None)
    task = asyncio.create_task(NoOpExecutor(**vars(parser.parse_args())).run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    asyncio.run(_main())
