"""Durable clips a second that take no time, from the first submission to the last completion, beside task queues.

A clip of ours is more than a task: a sixteenth of a PROBE lease, then an ENCODE lease that is acquired, started,
prepared and completed; the scheduler plans it, judges what was measured and keeps a chained record of each move. A task
of a peer is fetched, run and acknowledged. Two executor or worker processes each, all systems in turn in each round.
"""

import asyncio
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import process_tree
from bench.peer_systems import CeleryPeer, Peer, PeerMissingError, ProcrastinatePeer, environment, redis
from bench.proxx_fleet import all_completed, executors, running, submit
from proxx.rpc.client import SchedulerClient

EXECUTORS = 2
SLOTS = 128
CLIPS_OF_A_JOB = 100
WARM_UP_JOBS = 2
Run = Callable[[int], None]
"""Submits so many tasks and waits for the last."""


def measure(*, clips: int, rounds: int, kinds: tuple[str, ...], peers: bool, install: bool) -> dict[str, Any]:
    """Run every system in turn, `rounds` times. `peers`: whether they are wanted; `install`: whether to fetch them."""
    left_out: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name, contextlib.ExitStack() as stack:
        runs: dict[str, Run] = {}
        for kind in kinds:
            runs[f"proxx, {kind}"] = stack.enter_context(_proxx(kind, Path(name)))
        if peers:
            for label, peer in _peers(kinds, install=install).items():
                try:
                    runs[label] = stack.enter_context(peer)
                except PeerMissingError as error:
                    left_out[label] = str(error)
        found: dict[str, list[dict[str, float]]] = {label: [] for label in runs}
        for _ in range(rounds):
            for label, run in runs.items():
                found[label].append(_timed(run, clips))
    return {
        "benchmark": "no_op_rate", "clips": clips, "executors": EXECUTORS, "load_average": os.getloadavg()[0],
        "systems": found, "left_out": left_out,
    }  # fmt: skip


def _timed(run: Run, clips: int) -> dict[str, float]:
    busy, began = process_tree.cpu_seconds(os.getpid()), time.perf_counter()
    run(clips)
    wall = time.perf_counter() - began
    cpu = process_tree.cpu_seconds(os.getpid()) - busy
    return {"rate": clips / wall, "cpu_ms": cpu / clips * 1000}


@contextlib.contextmanager
def _proxx(kind: str, directory: Path) -> Iterator[Run]:
    with (
        running(kind, directory) as scheduler,
        executors(scheduler.address, count=EXECUTORS, slots=SLOTS) as workers,
    ):

        async def run(clips: int) -> None:
            async with SchedulerClient(scheduler.address) as client:
                await submit(client, jobs=max(1, clips // CLIPS_OF_A_JOB), clips=min(clips, CLIPS_OF_A_JOB))
                await all_completed(client, by=workers)

        asyncio.run(run(WARM_UP_JOBS * CLIPS_OF_A_JOB))
        yield lambda clips: asyncio.run(run(clips))


def _peers(kinds: tuple[str, ...], *, install: bool) -> dict[str, contextlib.AbstractContextManager[Run]]:
    wanted: dict[str, contextlib.AbstractContextManager[Run]] = {
        "celery, redis": _celery(install=install, results=False),
        "celery, redis, results kept": _celery(install=install, results=True),
    }
    if "postgresql" in kinds:
        wanted["procrastinate, postgresql"] = _procrastinate(install=install)
    return wanted


def _run_of(peer: Peer) -> Run:
    def run(clips: int) -> None:
        peer.submit(clips)
        peer.finish()

    return run


@contextlib.contextmanager
def _celery(*, install: bool, results: bool) -> Iterator[Run]:
    programs = environment(install=install)
    with redis(install=install) as socket:
        peer = CeleryPeer(programs=programs, socket=socket, results=results)
        with peer.working():
            yield _run_of(peer)


@contextlib.contextmanager
def _procrastinate(*, install: bool) -> Iterator[Run]:
    from tools.postgres_server import postgres_server  # only here: SQLite needs no server

    programs = environment(install=install)
    with postgres_server() as server:
        peer = ProcrastinatePeer(programs=programs, url=server.create())
        with peer.working():
            yield _run_of(peer)


def table(found: dict[str, Any]) -> str:
    """A line for each system: medians over the rounds, and the first line as a multiple of it."""
    rounds = len(next(iter(found["systems"].values())))
    lines = [
        f"Clips or tasks that take no time: {found['clips']} at a time, {rounds} rounds in turn, load "
        f"{found['load_average']:.2f}",
        f"  {'':<30}{'a second':>10}{'least':>8}{'most':>8}{'CPU ms each':>13}",
    ]
    for label, each in found["systems"].items():
        rates = [entry["rate"] for entry in each]
        cpu = statistics.median(entry["cpu_ms"] for entry in each)
        lines.append(f"  {label:<30}{statistics.median(rates):>10.0f}{min(rates):>8.0f}{max(rates):>8.0f}{cpu:>13.2f}")
    for label, ratio in ratios(found).items():
        lines.append(f"  {label:<56}{ratio:>6.2f}  aim 1.0 and more")
    lines += [f"  {label}: left out: {why}" for label, why in found["left_out"].items()]
    lines.append("  CPU: of all processes of the system, its database and its client. Clips are CONTINUE jobs of 100.")
    return "\n".join(lines)


def ratios(found: dict[str, Any]) -> dict[str, float]:
    """Ours as a multiple of each peer, the median of the ratios of each round."""
    ours = {label: each for label, each in found["systems"].items() if label.startswith("proxx")}
    peers = {label: each for label, each in found["systems"].items() if not label.startswith("proxx")}
    return {
        f"{label} / {peer}": statistics.median(
            mine["rate"] / other["rate"] for mine, other in zip(each, theirs, strict=True)
        )
        for label, each in ours.items()
        for peer, theirs in peers.items()
    }
