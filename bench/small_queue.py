"""How long ten clips of one queue wait while a hundred thousand of another do, and how long they wait alone."""

import asyncio
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.proxx_fleet import INDEPENDENT, all_completed, executors, running, submit
from proxx.core.jobs import JobState
from proxx.rpc.client import SchedulerClient

KINDS = {"STEP_KIND_PROBE": "probe", "STEP_KIND_ENCODE": "first_start"}
SMALL = 10
CLIPS_OF_A_JOB = 5000
EXECUTORS = 2
SLOTS = 4
PROBE_SLOTS = 2
CLIP_SECONDS = 2.0
SETTLE_SECONDS = 10.0
AIM = "one clip's time"


def measure(*, clips: int, rounds: int) -> dict[str, Any]:
    """Time the small queue alone, then beside a queue of so many clips."""
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name, running("sqlite", Path(name)) as scheduler:
        log = Path(name) / "starts.log"
        flags = ("--clip-seconds", str(CLIP_SECONDS), "--probe-slots", str(PROBE_SLOTS), "--log", str(log))
        with executors(scheduler.address, count=EXECUTORS, slots=SLOTS, flags=flags) as workers:
            found = asyncio.run(_measure(scheduler.address, log, workers, clips=clips, rounds=rounds))
    return {
        "benchmark": "small_queue", "clips": clips, "small": SMALL, "clip_seconds": CLIP_SECONDS,
        "slots": EXECUTORS * SLOTS, "load_average": os.getloadavg()[0], **found,
    }  # fmt: skip


async def _measure(
    address: str, log: Path, workers: Sequence["subprocess.Popen[bytes]"], *, clips: int, rounds: int
) -> dict[str, Any]:
    async with SchedulerClient(address, timeout_seconds=300) as client:
        await _small(client, log)
        alone = [await _small(client, log) for _ in range(rounds)]
        await all_completed(client, by=workers)
        size = min(clips, CLIPS_OF_A_JOB)
        await submit(client, jobs=clips // size, clips=size, options=replace(INDEPENDENT, queue="large"))
        while not (await client.list_jobs(states=(JobState.RUNNING,), page_size=1)).items:  # noqa: ASYNC110  nothing tells
            await asyncio.sleep(0.1)
        await asyncio.sleep(min(SETTLE_SECONDS, clips / size))
        probing = [await _small(client, log) for _ in range(rounds)]
        while (await client.list_jobs(states=(JobState.PENDING,), page_size=1)).items:  # noqa: ASYNC110  nothing tells
            await asyncio.sleep(0.5)
        beside = [await _small(client, log) for _ in range(rounds)]
    return {"alone": _medians(alone), "probing": _medians(probing), "beside": _medians(beside)}


async def _small(client: SchedulerClient, log: Path) -> dict[str, float]:
    """Submit the small job; seconds from there to its PROBE, to its first encode, and to its end."""
    began = time.time()
    (key,) = await submit(client, jobs=1, clips=SMALL, options=replace(INDEPENDENT, queue="small"))
    while not (await client.get_job(job_key=key)).state.terminal:  # noqa: ASYNC110  nothing tells
        await asyncio.sleep(0.02)
    ended = time.time()
    starts = [line.split() for line in (await asyncio.to_thread(log.read_text, encoding="ascii")).splitlines()]
    first = {kind: min(float(moment) for known, job, moment in starts if (known, job) == (kind, key)) for kind in KINDS}
    return {**{name: first[kind] - began for kind, name in KINDS.items()}, "end": ended - began}


def _medians(found: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each[name] for each in found) for name in found[0]}


def table(found: dict[str, Any]) -> str:
    """Alone; beside the other queue while its sources are probed; beside its clips; the differences in clip times."""
    alone, clip = found["alone"], found["clip_seconds"]
    lines = [
        f"A small queue: {found['small']} clips of {clip} s on {found['slots']} slots, alone and beside "
        f"{found['clips']} of another queue, load {found['load_average']:.2f}",
        f"  {'':<28}{'alone s':>9}{'while they are probed s':>25}{'clips longer':>14}{'beside them s':>15}"
        f"{'clips longer':>14}",
    ]
    names = {
        "probe": "to its PROBE's start",
        "first_start": "to the first encode's start",
        "end": "to the last one's end",
    }
    for key, name in names.items():
        line = f"  {name:<28}{alone[key]:>9.2f}"
        for phase, width in (("probing", 25), ("beside", 15)):
            line += f"{found[phase][key]:>{width}.2f}{(found[phase][key] - alone[key]) / clip:>14.2f}"
        lines.append(line)
    lines.append(f"  The aim for the first start is {AIM}: a slot has to come free. Then both queues share alike.")
    return "\n".join(lines)
