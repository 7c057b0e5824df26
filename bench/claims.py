"""What the next lease costs while 1,000, 100,000 or 1,000,000 steps wait in many queues: the ratio is the result.

Stores are filled by bulk inserts, below the scheduler; then one executor claims step by step, from each store in turn,
so that what else the machine does falls on all of them. A claim is the whole transaction of an AcquireLease, with its
commit.
"""

import asyncio
import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from proxx.core.access import OPEN
from proxx.core.canonical import canonical_json
from proxx.core.detection import Engine
from proxx.core.jobs import SubmissionOptions
from proxx.core.leases import ExecutorDescription
from proxx.core.plain import to_plain
from proxx.core.plan import PLANNER_VERSION
from proxx.core.profile_library import ProfileLibrary
from proxx.core.roots import Root, RootTable
from proxx.core.toolchain import Toolchain
from proxx.runtime.clock import SortableIds, SystemClock
from proxx.runtime.profile_files import load_library
from proxx_scheduler.app.granting import Granting
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.sessions import Sessions
from proxx_scheduler.app.submitting import Submitting
from proxx_scheduler.database_address import DatabaseAddress, database_address
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.rules import NO_RULES
from proxx_scheduler.identifiers import SchedulerIds
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.database import Database, open_database
from proxx_scheduler.storage.store import SqlStore
from proxx_scheduler.storage.tx import SqlTx

AIM_RATIO = 1.5
RESTART_AIM_SECONDS = 3.0
STEPS_OF_A_JOB = 8
CHUNK = 5000
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).isoformat(timespec="microseconds")
TOOLCHAIN = Toolchain(tool="ffmpeg", version="0", configuration_sha256="", cpu_class="", fingerprint="")
SPEC = '{"proxy_profile":"proxy_h264_low"}'
NEEDS = Needs(engine="ffmpeg", roots=("local",), planner_version=None)


def kinds() -> tuple[str, ...]:
    """The databases that can be measured here: PostgreSQL where its programs are."""
    from tools.postgres_server import PostgresMissingError, find_programs

    try:
        find_programs()
    except PostgresMissingError:
        return ("sqlite",)
    return ("sqlite", "postgresql")


def measure(*, depths: tuple[int, ...], queues: int, claims: int, kinds: tuple[str, ...]) -> dict[str, Any]:
    """Fill a store of each depth on each kind of database and claim from them in turn."""
    found = {kind: _measure_kind(kind, depths=depths, queues=queues, claims=claims) for kind in kinds}
    return {
        "benchmark": "claims",
        "queues": queues,
        "claims": claims,
        "load_average": os.getloadavg()[0],
        "databases": found,
        "aim": {"ratio": AIM_RATIO, "restart_seconds": RESTART_AIM_SECONDS},
    }


def _measure_kind(kind: str, *, depths: tuple[int, ...], queues: int, claims: int) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name, _addresses(kind, Path(name), depths) as addresses:
        for depth, address in addresses.items():
            fill(address, steps=depth, queues=queues)
        restarts = {depth: asyncio.run(_first_lease(address)) for depth, address in addresses.items()}
        times = asyncio.run(_claim_in_turn(addresses, claims=claims))
    least = min(depths)
    base = _summary(times[least])
    return [
        {
            "queued": depth,
            **_summary(times[depth]),
            "ratio": {part: _summary(times[depth])[part] / base[part] for part in base},
            "restart_seconds": restarts[depth],
        }
        for depth in sorted(depths)
    ]


def _summary(times: list[tuple[float, float]]) -> dict[str, float]:
    wall = statistics.quantiles([each for each, _ in times], n=100)
    cpu = statistics.median(each for _, each in times)
    return {"p50_ms": wall[49] * 1000, "p99_ms": wall[98] * 1000, "cpu_ms": cpu * 1000}


@contextlib.contextmanager
def _addresses(kind: str, directory: Path, depths: tuple[int, ...]) -> Iterator[dict[int, DatabaseAddress]]:
    if kind == "sqlite":
        yield {depth: database_address(str(directory / f"{depth}.db")) for depth in depths}
        return
    from tools.postgres_server import postgres_server  # only here: SQLite needs no server

    with postgres_server() as server:
        yield {depth: database_address(server.create()) for depth in depths}


def fill(address: DatabaseAddress, *, steps: int, queues: int) -> None:
    """Store `steps` PROBE steps of one clip each, in jobs that go round the queues."""
    database = open_database(address=address, holder="bench")
    with database.writer.begin() as connection:
        # what a first start brings up to date is not a restart's
        SqlTx(connection).mark_installation(planner_version=PLANNER_VERSION, resources_digest=NO_RULES.resources_digest)
        connection.execute(insert(t.needs).values(needs=NEEDS.key, engine="ffmpeg", roots='["local"]', resources="[]"))
        per_job = min(STEPS_OF_A_JOB, max(1, steps // queues))
        jobs = range(steps // per_job)
        _insert(connection, t.jobs, (_job(number, queue=f"q{number % queues}", clips=per_job) for number in jobs))
        pairs = [(number, clip) for number in jobs for clip in range(per_job)]
        _insert(connection, t.clips, (_clip(number, clip) for number, clip in pairs))
        _insert(connection, t.lanes, (_lane(queue) for queue in range(min(queues, len(jobs)))))
        lanes = dict(connection.execute(select(t.lanes.c.queue, t.lanes.c.lane)).tuples().all())
        _insert(connection, t.steps, (_step(number, clip, f"q{number % queues}", lanes) for number, clip in pairs))
        waiting = connection.execute(select(func.count()).where(t.steps.c.lane.is_not(None))).scalar_one()
        if waiting != steps:
            raise ValueError(f"{waiting} steps wait, expected {steps}: choose depths that {queues} queues divide")
    if database.kind == "postgresql":
        with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    database.close()


def _insert(connection: Connection, table: Table, rows: Iterator[dict[str, object]]) -> None:
    chunk: list[dict[str, object]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            connection.execute(insert(table), chunk)
            chunk = []
    if chunk:
        connection.execute(insert(table), chunk)


def _job(number: int, *, queue: str, clips: int) -> dict[str, object]:
    return {
        "job_key": f"job-{number}", "job_id": "0000beef", "state": "PENDING", "reason": "", "revision": 1,
        "run_number": 1, "priority": 0, "queue": queue, "failure_policy": "FAIL_FAST", "window": 8, "hold": False,
        "admitted": False, "clip_count": clips, "head": 0, "next_clip": 0, "completed": 0, "failed": 0, "skipped": 0,
        "has_warnings": False, "cancel": "", "received_text": "{}", "received_digest": "", "spec_json": SPEC,
        "spec_digest": "", "options_json": canonical_json(to_plain(SubmissionOptions(queue=queue))),
        "violations_json": "[]", "submit_time": NOW, "event_count": 0, "event_head": "0" * 64, "last_sequence": 0,
    }  # fmt: skip


def _clip(number: int, index: int) -> dict[str, object]:
    path = f"job-{number}/{index}"
    return {
        "job_key": f"job-{number}", "clip_index": index, "state": "QUEUED", "source_path": f"/in/{path}.mov",
        "source_root": "local", "source_relative": f"in/{path}.mov", "output_path": f"/out/{path}.mp4",
        "output_root": "local", "output_relative": f"out/{path}.mp4", "tokens_json": "{}",
    }  # fmt: skip


def _lane(queue: int) -> dict[str, object]:
    return {
        "queue": f"q{queue}", "behind": 0, "needs": NEEDS.key, "tag": 0, "job_sequence": queue + 1, "rank": 2,
        "clip_index": 0,
    }  # fmt: skip


def _step(number: int, index: int, queue: str, lanes: dict[str, int]) -> dict[str, object]:
    return {
        "step_id": f"step-{number}-{index}", "job_key": f"job-{number}", "job_sequence": number + 1,
        "clip_index": index, "last_clip": index, "kind": "PROBE", "rank": 2, "state": "QUEUED", "priority": 0,
        "engine": "ffmpeg", "roots": '["local"]', "epoch": 0, "queue": queue, "needs": NEEDS.key,
        "lane": lanes[queue],
    }  # fmt: skip


class _Claimer:
    """One executor's session with one store."""

    def __init__(self, database: Database, *, library: ProfileLibrary) -> None:
        self._clock = SystemClock()
        self._ids = SchedulerIds(SortableIds(self._clock))
        self.store = SqlStore(database=database, on_commit=lambda _effects: None)
        roots = RootTable((Root(name="local", spelling="/"),))
        submitting = Submitting(library=library, roots=roots, clock=self._clock, ids=self._ids)
        self._granting = Granting(submitting=submitting, clock=self._clock, ids=self._ids)
        self._sequence = 0
        self._session = ""

    async def start(self) -> None:
        """Do what a scheduler does before it serves, then open the session."""
        self.store.start()
        await self.store.write(lambda tx: tx.drop_idle_sessions())
        await self.store.write(lambda tx: tx.forget_shares())
        await self.store.read(lambda tx: (tx.live_leases(), tx.undecided_jobs()))
        sessions = Sessions(
            store=self.store, book=LeaseBook(lease_seconds=30), clock=self._clock, ids=self._ids,
            roots=frozenset({"local"}), lose=lambda _tx, _lease, _why: None,
        )  # fmt: skip
        opened, _ = await sessions.open(description=_description(self._ids.new_key()), kept={}, identity=OPEN)
        self._session = opened.session_id

    async def claim(self) -> None:
        """Take one lease."""
        self._sequence += 1
        granted = await self.store.write(
            lambda tx: self._granting.acquire(
                tx, session_id=self._session, acquire_sequence=self._sequence, max_grants=1
            )
        )
        if granted is None or len(granted) != 1:
            raise ValueError(f"claim {self._sequence} was granted {granted}, expected one lease")


async def _first_lease(address: DatabaseAddress) -> float:
    """Seconds from the opening of the database to the first lease."""
    library = load_library(directory=None)
    began = time.perf_counter()
    claimer = _Claimer(open_database(address=address, holder="bench"), library=library)
    await claimer.start()
    await claimer.claim()
    taken = time.perf_counter() - began
    await claimer.store.close()
    return taken


async def _claim_in_turn(addresses: dict[int, DatabaseAddress], *, claims: int) -> dict[int, list[tuple[float, float]]]:
    library = load_library(directory=None)
    claimers = {
        depth: _Claimer(open_database(address=address, holder="bench"), library=library)
        for depth, address in addresses.items()
    }
    times: dict[int, list[tuple[float, float]]] = {depth: [] for depth in addresses}
    for claimer in claimers.values():
        await claimer.start()
        await claimer.claim()  # the first one fills caches
    for _ in range(claims):
        for depth, claimer in claimers.items():
            began, busy = time.perf_counter(), time.process_time()
            await claimer.claim()
            times[depth].append((time.perf_counter() - began, time.process_time() - busy))
    for claimer in claimers.values():
        await claimer.store.close()
    return times


def _description(incarnation: str) -> ExecutorDescription:
    return ExecutorDescription(
        name="bench", incarnation=incarnation, engine=Engine.FFMPEG, slots=1024, roots=("local",),
        toolchain=TOOLCHAIN, sandbox_level="process", version="0", planner_version=PLANNER_VERSION,
    )  # fmt: skip


def table(found: dict[str, Any]) -> str:
    """A line for each database and depth."""
    lines = [
        f"The next lease: {found['queues']} queues, {found['claims']} claims each, load {found['load_average']:.2f}",
        f"  {'':<12}{'queued':>10}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}"
        f"{'p50 x':>8}{'p99 x':>8}{'CPU x':>8}{'restart s':>11}",
    ]
    for kind, depths in found["databases"].items():
        lines += [
            f"  {kind:<12}{line['queued']:>10,}{line['p50_ms']:>9.2f}{line['p99_ms']:>9.2f}"
            f"{line['cpu_ms']:>9.2f}{line['ratio']['p50_ms']:>8.2f}{line['ratio']['p99_ms']:>8.2f}"
            f"{line['ratio']['cpu_ms']:>8.2f}{line['restart_seconds']:>11.2f}"
            for line in depths
        ]
    aim = found["aim"]
    lines.append(
        f"  x: a multiple of the shortest queue; the aim is {aim['ratio']}. CPU: this process's alone. Restart: from "
        f"opening the database to the first lease; the aim is {aim['restart_seconds']:g} s."
    )
    return "\n".join(lines)
