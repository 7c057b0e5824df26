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

SMALL = 10
CLIPS_OF_A_JOB = 5000
EXECUTORS = 2
SLOTS = 4
CLIP_SECONDS = 0.5
SETTLE_SECONDS = 10.0
AIM = "one clip's time"


def measure(*, clips: int, rounds: int) -> dict[str, Any]:
    """Time the small queue alone, then beside a queue of so many clips."""
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name, running("sqlite", Path(name)) as scheduler:
        log = Path(name) / "starts.log"
        flags = ("--clip-seconds", str(CLIP_SECONDS), "--log", str(log))
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
        beside = [await _small(client, log) for _ in range(rounds)]
    return {"alone": _medians(alone), "beside": _medians(beside)}


async def _small(client: SchedulerClient, log: Path) -> dict[str, float]:
    """Submit the small job; seconds from there to its first encode, and to its end."""
    began = time.time()
    (key,) = await submit(client, jobs=1, clips=SMALL, options=replace(INDEPENDENT, queue="small"))
    while not (await client.get_job(job_key=key)).state.terminal:  # noqa: ASYNC110  nothing tells
        await asyncio.sleep(0.02)
    ended = time.time()
    starts = [line.split() for line in (await asyncio.to_thread(log.read_text, encoding="ascii")).splitlines()]
    first = min(float(moment) for kind, job, moment in starts if (kind, job) == ("STEP_KIND_ENCODE", key))
    return {"first_start": first - began, "end": ended - began}


def _medians(found: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each[name] for each in found) for name in found[0]}


def table(found: dict[str, Any]) -> str:
    """Alone, beside, and the difference in clip times."""
    alone, beside, clip = found["alone"], found["beside"], found["clip_seconds"]
    lines = [
        f"A small queue: {found['small']} clips of {clip} s on {found['slots']} slots, alone and beside "
        f"{found['clips']} of another queue, load {found['load_average']:.2f}",
        f"  {'':<28}{'alone s':>9}{'beside s':>10}{'longer by clips':>17}",
    ]
    names = {"first_start": "to the first encode's start", "end": "to the last one's end"}
    for key, name in names.items():
        more = (beside[key] - alone[key]) / clip
        lines.append(f"  {name:<28}{alone[key]:>9.2f}{beside[key]:>10.2f}{more:>17.2f}")
    lines.append(f"  The aim for the first start is {AIM}: a slot has to come free. Then both queues share alike.")
    return "\n".join(lines)
