"""Attacks, one after another, on a scheduler whose executors hold running leases; and what became of those."""

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import process_tree
from bench.flood.attacks import Attack, argv
from bench.flood.kept_executor import KeptExecutor
from bench.flood.real_encodes import ffmpeg_executor, make_clips, submit_clips
from bench.lone_scheduler import LoneScheduler
from bench.proxx_fleet import submit
from proxx.core.jobs import JobState
from proxx.rpc.client import SchedulerClient
from proxx.rpc.errors import CallError

ROOT = Path(__file__).resolve().parents[2]
NORMAL_SECONDS = 0.25
"""A call that is answered within it is answered as ever."""

PATIENCE_SECONDS = 60.0
SAMPLE_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one attack did. Seconds; `recovered` is how long after its end calls were answered as ever again."""

    name: str
    heartbeats: int
    p50: float
    p99: float
    worst: float
    retried: int
    lost: int
    peak_bytes: int
    share_of_a_core: float
    recovered: float
    encoded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How large a campaign is."""

    executors: int
    slots: int
    seconds: float
    lease_seconds: float
    encodes: int


async def run(*, attacks: Sequence[Attack], scale: Scale, directory: Path, h2load: str) -> list[Outcome]:
    """Start everything, attack, and tell.

    Raises:
        RuntimeError: the scheduler ended.
    """
    options = ("--lease-seconds", str(scale.lease_seconds))
    with LoneScheduler(directory=directory, database=str(directory / "proxx.db"), options=options) as scheduler:
        fleet = await _fleet(scheduler.address, scale)
        keeping = [
            asyncio.create_task(executor.keep(after=executor.interval * number / len(fleet)))
            for number, executor in enumerate(fleet)
        ]
        clips = make_clips(directory / "in", count=scale.encodes) if scale.encodes else []
        beside = ffmpeg_executor(scheduler.address, directory) if clips else contextlib.nullcontext()
        outcomes = []
        with beside:
            for number, attack in enumerate((None, *attacks)):
                outcomes.append(
                    await _attack(
                        attack, number, scheduler=scheduler, fleet=fleet, scale=scale, clips=clips,
                        directory=directory, h2load=h2load,
                    )
                )  # fmt: skip
                print(line(outcomes[-1]), flush=True)
        for task in keeping:
            task.cancel()
        for executor in fleet:
            await executor.close()
    return outcomes


async def _fleet(address: str, scale: Scale) -> list[KeptExecutor]:
    fleet = [KeptExecutor(address, name=f"kept-{number}", slots=scale.slots) for number in range(scale.executors)]
    async with SchedulerClient(address, timeout_seconds=120) as client:
        await submit(client, jobs=1, clips=scale.executors * scale.slots)
    for executor in fleet:
        await executor.open()
    return fleet


async def _attack(
    attack: Attack | None,
    number: int,
    *,
    scheduler: LoneScheduler,
    fleet: list[KeptExecutor],
    scale: Scale,
    clips: list[Path],
    directory: Path,
    h2load: str,
) -> Outcome:
    """Run one attack, or none for comparison."""
    pid, address = scheduler.pid, scheduler.address
    key = ""
    async with SchedulerClient(address, timeout_seconds=PATIENCE_SECONDS) as client:
        if clips:
            key = await submit_clips(client, clips, output=directory / f"out-{number}")
        retried, lost = sum(each.retried for each in fleet), _lost(fleet)
        began, busy, peak = time.monotonic(), process_tree.cpu_seconds(pid), 0
        command = [] if attack is None else argv(
            attack, address=address, seconds=scale.seconds, directory=directory, h2load=h2load
        )  # fmt: skip
        with _running(command, directory):
            while time.monotonic() - began < scale.seconds:
                peak = max(peak, _resident(pid))
                await asyncio.sleep(SAMPLE_SECONDS)
        ended = time.monotonic()
        share = (process_tree.cpu_seconds(pid) - busy) / (ended - began)
        recovered = await _recovered(client, since=ended)
        await asyncio.sleep(fleet[0].interval)  # the last renewals of the attack are answered
        encoded = await _encoded(client, key) if key else ""
    waits = sorted(seconds for each in fleet for moment, seconds in each.waits if began <= moment <= ended)
    return Outcome(
        name="nothing" if attack is None else attack.name, heartbeats=len(waits), p50=_at(waits, 0.5),
        p99=_at(waits, 0.99), worst=waits[-1] if waits else 0.0, retried=sum(each.retried for each in fleet) - retried,
        lost=_lost(fleet) - lost, peak_bytes=peak, share_of_a_core=share, recovered=recovered, encoded=encoded,
    )  # fmt: skip


@contextlib.contextmanager
def _running(command: list[str], directory: Path) -> Iterator[None]:
    if not command:
        yield
        return
    with (directory / "attack.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        try:
            yield
        finally:
            process.kill()
            process.wait()


async def _recovered(client: SchedulerClient, *, since: float) -> float:
    """Return when a read was answered as ever.

    Raises:
        RuntimeError: it never was.
    """
    while time.monotonic() - since < PATIENCE_SECONDS:
        asked = time.monotonic()
        with contextlib.suppress(CallError):
            await client.list_jobs(page_size=1)
            if time.monotonic() - asked < NORMAL_SECONDS:
                return asked - since
        await asyncio.sleep(0.05)
    raise RuntimeError(f"{PATIENCE_SECONDS:g} s after an attack calls are not answered as before it")


async def _encoded(client: SchedulerClient, key: str) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        state = (await client.get_job(job_key=key)).state
        if state not in (JobState.PENDING, JobState.RUNNING) or time.monotonic() > deadline:
            return state.value
        await asyncio.sleep(0.2)


def _lost(fleet: list[KeptExecutor]) -> int:
    return sum(len(each.lost) for each in fleet)


def _resident(pid: int) -> int:
    try:
        return process_tree.resident_bytes(pid)
    except FileNotFoundError as error:
        raise RuntimeError(f"the scheduler ended: {error}") from error


def _at(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0


HEAD = (
    f"{'attack':45} {'beats':>6} {'p50 ms':>7} {'p99 ms':>7} {'worst':>7} {'again':>5} {'lost':>4} {'MiB':>5} "
    f"{'cores':>5} {'normal after':>12}  encodes"
)


def line(found: Outcome) -> str:
    """One line of the table."""
    return (
        f"{found.name:45} {found.heartbeats:6} {found.p50 * 1e3:7.0f} {found.p99 * 1e3:7.0f} {found.worst * 1e3:7.0f} "
        f"{found.retried:5} {found.lost:4} {found.peak_bytes >> 20:5} {found.share_of_a_core:5.2f} "
        f"{found.recovered:10.1f} s  {found.encoded}"
    )


def load_average() -> float:
    """What else the machine has to do."""
    return os.getloadavg()[0]
