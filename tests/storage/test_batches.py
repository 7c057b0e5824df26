"""A call with many leases leaves what as many calls with one lease each leave, in the same order."""

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from proxx.core.access import OPEN
from proxx.core.failure import Failure, FailureKind
from proxx.core.jobs import FailurePolicy, SubmissionOptions
from proxx.core.judge import judge
from proxx.core.leases import Lease, LeaseOutcome, LeasePreparation, LeaseReport, PreparationResult, ReportStatus
from proxx.core.planner import plan_clip
from proxx.core.steps import (
    Directive,
    Phase,
    PrepareAnswer,
    PreparedOutput,
    ProbeReport,
    Published,
    StepKind,
    SweepReport,
)
from proxx.runtime.clock import SortableIds, SystemClock
from proxx_scheduler.app.executor_desk import ExecutorDesk
from proxx_scheduler.app.intake import body_of
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.identifiers import SchedulerIds
from proxx_scheduler.storage.database import open_database
from proxx_scheduler.storage.store import SqlStore
from tests.conftest import new_database
from tests.fakes.leases import prepared_output
from tests.fakes.measured import measured_as_planned, probed, short_of_frames
from tests.simulation.scheduler_parts import SchedulerParts
from tests.storage.test_claims import description

JOBS = 5
SHA = "5" * 64
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Left:
    """What a history left: the events of each job in order, and the order of grants. Jobs go by their output names."""

    events: dict[str, list[tuple[str, int | None, str, str]]]
    grants: list[tuple[str, int, StepKind]]


class Executor:
    """One executor that does what a seed says, with calls of many leases or of one each."""

    def __init__(
        self, desk: ExecutorDesk, *, session_id: str, names: dict[str, str], seed: int, together: bool
    ) -> None:
        self._desk = desk
        self._session = session_id
        self._names = names
        self._seed = seed
        self._together = together
        self._sequence = 0
        self.grants: list[tuple[str, int, StepKind]] = []

    async def round(self, size: int) -> bool:
        """Take up to `size` leases and end all of them. Returns whether there were any."""
        leases = await self._take(size)
        self.grants += [(self._names[lease.job_key], lease.clip_index, lease.kind) for lease in leases]
        for chunk in self._chunks(leases):
            reports = [LeaseReport(lease_id=it.lease_id, epoch=it.epoch, phase=Phase.STARTING) for it in chunk]
            answers = await self._desk.renew(session_id=self._session, reports=reports, draining=False, identity=OPEN)
            assert {answer.directive for answer in answers} == {Directive.CONTINUE}
        answered = await self._prepare([lease for lease in leases if self._luck(lease) != "fails"])
        outcomes = [self._outcome(lease, answered) for lease in leases if answered.get(lease.lease_id) != "ended"]
        for group in self._chunks(outcomes):
            statuses = await self._desk.complete(session_id=self._session, outcomes=group, identity=OPEN)
            assert statuses == (ReportStatus.RECORDED,) * len(group)
        return bool(leases)

    def _chunks(self, items: Sequence[Item]) -> list[Sequence[Item]]:
        if self._together:
            return [items] if items else []
        return [[item] for item in items]

    async def _take(self, size: int) -> list[Lease]:
        found: list[Lease] = []
        for count in [size] if self._together else [1] * size:
            self._sequence += 1
            found += await self._desk.acquire(
                session_id=self._session,
                acquire_sequence=self._sequence,
                max_grants=count,
                wait_seconds=0,
                identity=OPEN,
            )
        return found

    async def _prepare(self, leases: Sequence[Lease]) -> dict[str, str]:
        """Prepare the encodes. Returns of each whether its lease ended, or whether its proxy was refused."""
        encodes = [lease for lease in leases if lease.kind is StepKind.ENCODE]
        items = [LeasePreparation(lease_id=it.lease_id, epoch=it.epoch, output=self._output(it)) for it in encodes]
        results: list[PreparationResult] = []
        for chunk in self._chunks(items):
            results += await self._desk.prepare_all(session_id=self._session, preparations=chunk, identity=OPEN)
        answered = {}
        for lease, result in zip(encodes, results, strict=True):
            assert not result.superseded
            assert bool(result.failed_checks) == (self._luck(lease) == "short")
            answered[lease.lease_id] = "ended" if result.answer is PrepareAnswer.STAGED else str(result.answer)
        return answered

    def _luck(self, lease: Lease) -> str:
        """What becomes of a clip: the same whoever encodes it, and whenever."""
        if lease.kind is not StepKind.ENCODE:
            return "works"
        lot = random.Random(f"{self._seed} {self._names[lease.job_key]} {lease.clip_index}").random()
        return "fails" if lot < 0.05 else "short" if lot < 0.1 else "works"

    def _output(self, lease: Lease) -> PreparedOutput:
        assert lease.encode is not None
        plan = plan_clip(inputs=lease.encode.inputs)
        measured = measured_as_planned(plan)
        measured = short_of_frames(measured) if self._luck(lease) == "short" else measured
        return PreparedOutput(
            staged=plan.output, sha256=SHA, size_bytes=1, measured=measured,
            verdict=judge(plan=plan, measured=measured), execution=prepared_output().execution,
        )  # fmt: skip

    def _outcome(self, lease: Lease, answered: dict[str, str]) -> LeaseOutcome:
        if lease.probe is not None:
            report = ProbeReport(sources=tuple(map(probed, lease.probe.items)), output_directory_violations=())
            return LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, probe=report)
        if lease.kind is StepKind.SWEEP:
            swept = SweepReport(removed=(), output_exists=False, output_sha256="", output_size_bytes=0)
            return LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, sweep=swept)
        if lease.kind is StepKind.PUBLISH or answered.get(lease.lease_id) == PrepareAnswer.PUBLISH:
            return LeaseOutcome(
                lease_id=lease.lease_id, epoch=lease.epoch, published=Published(sha256=SHA, size_bytes=1)
            )
        failure = Failure(kind=FailureKind.TOOL_EXIT_NONZERO, message="it failed")
        return LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, failure=failure)


async def history(address: DatabaseAddress, *, seed: int, together: bool) -> Left:
    clock = SystemClock()
    stores: list[SqlStore] = []

    def open_store(told: object) -> SqlStore:
        stores.append(SqlStore(database=open_database(address=address, holder="test"), on_commit=told))  # type: ignore[arg-type]  # the parts' own
        return stores[0]

    parts = SchedulerParts(open_store=open_store, clock=clock, ids=SchedulerIds(SortableIds(clock)), lease_seconds=60)
    store = stores[0]
    store.start()
    try:
        names = {await submit(parts, number, seed=seed): f"job-{number}" for number in range(JOBS)}
        terms = await parts.executors.open_session(description=description(), held=(), identity=OPEN)
        executor = Executor(parts.executors, session_id=terms.session_id, names=names, seed=seed, together=together)
        sizes = random.Random(seed)
        while await executor.round(sizes.randint(1, 12)):
            await decided(store)
        assert (await store.read(lambda tx: tx.unfinished_jobs())).keys == ()
        events = await store.read(lambda tx: tx.events_after(sequence=0, job_keys=(), limit=100_000))
    finally:
        await parts.admission.stop()
        await store.close()
    lines: dict[str, list[tuple[str, int | None, str, str]]] = {name: [] for name in names.values()}
    for event in events:
        if event.job_key in names:
            lines[names[event.job_key]].append((event.kind, event.clip_index, event.before, event.after))
    return Left(events=lines, grants=executor.grants)


async def decided(store: SqlStore) -> None:
    """Wait until no job is left to be decided about: tasks of their own do it."""
    while await store.read(lambda tx: tx.undecided_jobs()):  # noqa: ASYNC110  nothing tells
        await asyncio.sleep(0)


async def submit(parts: SchedulerParts, number: int, *, seed: int) -> str:
    lots = random.Random(f"{seed} {number}")
    spec = {
        "jobspec_version": "2.1", "sources": [f"/in/{number}/{index}.mov" for index in range(lots.randint(1, 20))],
        "output_directory": f"/out/{number}", "codec": "h264", "container": "mp4", "resolution": "half",
        "naming_template": "{source_name}_proxy", "proxy_profile": "proxy_h264_low",
    }  # fmt: skip
    options = SubmissionOptions(
        failure_policy=lots.choice(list(FailurePolicy)), max_parallel_clips=lots.randint(1, 8),
        queue=lots.choice("abc"), priority=lots.choice((0, 0, 5)),
    )  # fmt: skip
    body = body_of(spec_json=json.dumps(spec), spec=None, options=options)
    view, _ = await parts.jobs.submit(request_id=f"request-{number}", body=body)
    return view.job_key


@pytest.mark.parametrize(("kind", "seed"), [("sqlite", 1), ("sqlite", 3), ("postgresql", 1)])
async def test_many_leases_in_a_call_end_as_one_by_one(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str, seed: int
) -> None:
    (tmp_path / "other").mkdir()
    together = await history(new_database(request, kind=kind, directory=tmp_path), seed=seed, together=True)
    alone = await history(new_database(request, kind=kind, directory=tmp_path / "other"), seed=seed, together=False)
    assert together.grants == alone.grants
    assert together.events == alone.events
