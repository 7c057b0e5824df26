"""A whole scheduler on a database in which very many clips wait: its memory, and its time to the first lease."""

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.duration_pb2 import Duration

from bench import process_tree
from bench.claims import fill
from bench.lone_scheduler import LoneScheduler
from bench.no_op_work import TOOLCHAIN
from bench.proxx_fleet import databases
from proxx.api.executors.v1 import executor_service_pb2 as pb
from proxx.api.executors.v1.executor_service_pb2_grpc import ExecutorServiceStub
from proxx.core.detection import Engine
from proxx.core.leases import ExecutorDescription
from proxx.core.plan import PLANNER_VERSION
from proxx.rpc.mapping import to_message
from proxx_scheduler.database_address import database_address

AIM_BYTES = 1024 * 1024 * 1024
AIM_RESTART_SECONDS = 3.0
QUEUES = 1000
CLAIMS = 200
CALL_SECONDS = 60.0


def measure(*, depths: Sequence[int], kinds: tuple[str, ...]) -> dict[str, Any]:
    """Start a scheduler on a queue of each depth and take leases from it."""
    found = {kind: [_measure(kind, depth) for depth in depths] for kind in kinds}
    return {
        "benchmark": "deep_queue", "queues": QUEUES, "claims": CLAIMS, "load_average": os.getloadavg()[0],
        "databases": found, "aim": {"resident_bytes": AIM_BYTES, "restart_seconds": AIM_RESTART_SECONDS},
    }  # fmt: skip


def _measure(kind: str, depth: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name, databases(kind, Path(name)) as database:
        fill(database_address(database), steps=depth, queues=QUEUES)
        began = time.perf_counter()
        with LoneScheduler(directory=Path(name), database=database) as scheduler:
            ready = time.perf_counter() - began
            asyncio.run(_claim(scheduler.address, 1))
            first = time.perf_counter() - began
            asyncio.run(_claim(scheduler.address, CLAIMS))
            resident = process_tree.resident_bytes(scheduler.pid)
    return {"queued": depth, "ready_seconds": ready, "first_lease_seconds": first, "resident_bytes": resident}


async def _claim(address: str, count: int) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        stub = ExecutorServiceStub(channel)
        description = ExecutorDescription(
            name=f"bench-{count}", incarnation=f"bench-{count}", engine=Engine.FFMPEG, slots=1024, roots=("local",),
            toolchain=TOOLCHAIN, sandbox_level="process", version="0", planner_version=PLANNER_VERSION,
        )  # fmt: skip
        opened = await stub.OpenSession(to_message(description, pb.OpenSessionRequest), timeout=CALL_SECONDS)
        for sequence in range(1, count + 1):
            taken = await stub.AcquireLeases(
                pb.AcquireLeasesRequest(
                    session_id=opened.session_id, acquire_sequence=sequence, max_grants=1, wait=Duration()
                ),
                timeout=CALL_SECONDS,
            )
            if len(taken.leases) != 1:
                raise RuntimeError(f"call {sequence} was granted {len(taken.leases)} leases, expected 1")


def table(found: dict[str, Any]) -> str:
    """A line for each database and depth."""
    aim = found["aim"]
    lines = [
        f"A scheduler process over {found['queues']} queues, after {found['claims']} leases, load "
        f"{found['load_average']:.2f}",
        f"  {'':<12}{'queued':>10}{'resident MiB':>14}{'ready s':>9}{'first lease s':>15}",
    ]
    for kind, depths in found["databases"].items():
        lines += [
            f"  {kind:<12}{line['queued']:>10,}{line['resident_bytes'] / 2**20:>14.0f}"
            f"{line['ready_seconds']:>9.2f}{line['first_lease_seconds']:>15.2f}"
            for line in depths
        ]
    lines.append(
        f"  Seconds from the start of the process. The aims are {aim['resident_bytes'] >> 20} MiB and "
        f"{aim['restart_seconds']:g} s."
    )
    return "\n".join(lines)
