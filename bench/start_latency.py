"""How long a job waits on an idle queue: from the call that submits it to the start of its work, beside Celery.

The first work of a job is its PROBE. Its ENCODE comes a whole admission later: the probe is reported, the job is
decided about, planned and granted once more. Both are told; a task of Celery has one start.
"""

import asyncio
import contextlib
import json
import os
import statistics
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from bench.peer_systems import CeleryPeer, PeerMissingError, environment, redis
from bench.proxx_fleet import INDEPENDENT, executors, running, spec_of
from proxx.rpc.client import SchedulerClient

AIM_P99 = 1.5
PAUSE_SECONDS = 0.05
SLOTS = 8
WARM_UP = 20


def measure(*, samples: int, rounds: int, kinds: tuple[str, ...], peers: bool, install: bool) -> dict[str, Any]:
    """Submit one clip at a time, `samples` in each round, from each system in turn."""
    found: dict[str, list[float]] = {}
    left_out: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name, contextlib.ExitStack() as stack:
        directory = Path(name)
        logs = {kind: directory / f"{kind}.log" for kind in kinds}
        addresses = {}
        for kind in kinds:
            scheduler = stack.enter_context(running(kind, directory))
            addresses[kind] = scheduler.address
            flags = ("--log", str(logs[kind]))
            stack.enter_context(executors(scheduler.address, count=2, slots=SLOTS, flags=flags))
        celery = None
        if peers:
            try:
                socket = stack.enter_context(redis(install=install))
                peer = CeleryPeer(programs=environment(install=install), socket=socket, results=False)
                celery = stack.enter_context(peer.working())
            except PeerMissingError as error:
                left_out["celery, redis"] = str(error)
        for number in range(rounds):
            for kind in kinds:
                for label, times in asyncio.run(_ours(addresses[kind], logs[kind], samples=samples)).items():
                    found.setdefault(f"proxx, {kind}: {label}", []).extend(times)
            if celery is not None:
                path = directory / f"celery-{number}.log"
                times = json.loads(celery.run("latency", str(samples + WARM_UP), str(PAUSE_SECONDS), str(path)))
                found.setdefault("celery, redis", []).extend(times[WARM_UP:])
    return {
        "benchmark": "start_latency", "samples": samples * rounds, "load_average": os.getloadavg()[0],
        "systems": {label: _summary(times) for label, times in found.items()}, "left_out": left_out,
        "aim": {"p99_ratio": AIM_P99},
    }  # fmt: skip


def _summary(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100)
    return {"p50_ms": cuts[49] * 1000, "p99_ms": cuts[98] * 1000, "most_ms": max(times) * 1000}


async def _ours(address: str, log: Path, *, samples: int) -> dict[str, list[float]]:
    submitted: dict[str, float] = {}
    async with SchedulerClient(address) as client:
        for number in range(samples + WARM_UP):
            name = uuid.uuid4().hex
            began = time.time()
            job, _ = await client.submit_job(
                request_id=name, spec_json=spec_of(name=name, clips=1), options=INDEPENDENT
            )
            if number >= WARM_UP:
                submitted[job.job_key] = began
            await asyncio.sleep(PAUSE_SECONDS)
    await asyncio.sleep(1)
    starts: dict[str, list[float]] = {"STEP_KIND_PROBE": [], "STEP_KIND_ENCODE": []}
    for line in (await asyncio.to_thread(log.read_text, encoding="ascii")).splitlines():
        kind, job_key, moment = line.split()
        if job_key in submitted:
            starts[kind].append(float(moment) - submitted[job_key])
    for kind, times in starts.items():
        if len(times) != samples:
            raise RuntimeError(f"{len(times)} of {samples} jobs began their {kind}")
    return {"first work": starts["STEP_KIND_PROBE"], "encode": starts["STEP_KIND_ENCODE"]}


def table(found: dict[str, Any]) -> str:
    """A line for each system, with its p99 as a multiple of Celery's."""
    peer = found["systems"].get("celery, redis")
    lines = [
        f"From submission to start, idle queue: {found['samples']} samples, load {found['load_average']:.2f}",
        f"  {'':<36}{'p50 ms':>9}{'p99 ms':>9}{'most ms':>9}{'p50 x':>8}{'p99 x':>8}",
    ]
    for label, line in found["systems"].items():
        factors = f"{line['p50_ms'] / peer['p50_ms']:>8.2f}{line['p99_ms'] / peer['p99_ms']:>8.2f}" if peer else ""
        lines.append(f"  {label:<36}{line['p50_ms']:>9.2f}{line['p99_ms']:>9.2f}{line['most_ms']:>9.2f}{factors}")
    lines += [f"  {label}: left out: {why}" for label, why in found["left_out"].items()]
    lines.append(f"  x: a multiple of Celery; the aim for the p99 of the first work is {found['aim']['p99_ratio']}.")
    return "\n".join(lines)
