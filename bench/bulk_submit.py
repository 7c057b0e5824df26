"""Clips a second that are taken in durably over gRPC, as a few large jobs and as many small ones."""

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.proxx_fleet import running, submit
from proxx.rpc.client import SchedulerClient

AIM_RATE = 20_000


def measure(*, clips: int, rounds: int, kinds: tuple[str, ...]) -> dict[str, Any]:
    """Submit `clips` clips in jobs of each size, `rounds` times, to a scheduler that no executor works for."""
    sizes = (min(10_000, clips), 1000, 100)
    found: dict[str, dict[int, list[float]]] = {}
    for kind in kinds:
        with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name, running(kind, Path(name)) as scheduler:
            found[kind] = asyncio.run(_rates(scheduler.address, clips=clips, sizes=sizes, rounds=rounds))
    return {
        "benchmark": "bulk_submit", "clips": clips, "load_average": os.getloadavg()[0], "databases": found,
        "aim": {"rate": AIM_RATE},
    }  # fmt: skip


async def _rates(address: str, *, clips: int, sizes: tuple[int, ...], rounds: int) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {size: [] for size in sizes}
    async with SchedulerClient(address, timeout_seconds=120) as client:
        await submit(client, jobs=2, clips=100)
        for _ in range(rounds):
            for size in sizes:
                began = time.perf_counter()
                await submit(client, jobs=clips // size, clips=size)
                found[size].append(clips / (time.perf_counter() - began))
    return found


def table(found: dict[str, Any]) -> str:
    """A line for each database and size of a job."""
    lines = [
        f"Bulk submission: {found['clips']} clips, eight callers, no executor, load {found['load_average']:.2f}",
        f"  {'':<14}{'clips a job':>12}{'clips a second':>16}{'least':>9}{'most':>9}",
    ]
    for kind, sizes in found["databases"].items():
        for size, rates in sizes.items():
            lines.append(f"  {kind:<14}{size:>12}{statistics.median(rates):>16.0f}{min(rates):>9.0f}{max(rates):>9.0f}")
    lines.append(f"  The aim is {found['aim']['rate']}.")
    return "\n".join(lines)
