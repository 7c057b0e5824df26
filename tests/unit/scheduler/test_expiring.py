"""The loop that declares leases lost: nothing that fails ends it, keeps others alive, or fills the log."""

import asyncio
import logging
from typing import Any, cast

import pytest

from proxx.core.steps import StepKind
from proxx_scheduler.app.dry_runs import DryRuns
from proxx_scheduler.app.expiring import DEFECT_SECONDS, INTERVAL_SECONDS, REFUSED_SECONDS, Expiring
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.records import LeaseRecord
from proxx_scheduler.app.sessions import Sessions
from proxx_scheduler.app.wake import Wake
from tests.fakes.direct_store import DirectStore
from tests.simulation.hand_clock import HandClock
from tests.simulation.memory_backend import MemoryBackend

DEFECT = RuntimeError("dictionary changed size during iteration")


class Losing:
    """In the place of Reporting: keeps what was lost; leases in `broken` meet a defect."""

    def __init__(self, *broken: str) -> None:
        self.broken = set(broken)
        self.tried: list[str] = []
        self.lost: list[str] = []
        self.told = asyncio.Event()

    def lose(self, _tx: Any, *, lease_id: str, why: str) -> None:
        assert why == "the executor did not renew its lease for 1 s"
        self.tried.append(lease_id)
        if lease_id in self.broken:
            raise DEFECT
        self.lost.append(lease_id)
        self.told.set()


class Bench:
    """Leases whose time is up."""

    def __init__(self, reporting: Losing, *, leases: int) -> None:
        self.clock = HandClock()
        self.store = DirectStore(MemoryBackend())
        book = LeaseBook(lease_seconds=1)
        ids: Any = None
        for number in range(leases):
            book.add(a_lease(f"lease-{number}"), now=0)
        self.expiring = Expiring(
            store=self.store,
            book=book,
            reporting=cast("Any", reporting),
            dry_runs=DryRuns(clock=self.clock, ids=ids, lease_seconds=1, wake=Wake()),
            sessions=Sessions(
                store=self.store, book=book, clock=self.clock, ids=ids, roots=frozenset(), lose=lambda *_: None
            ),
            clock=self.clock,
        )
        self.clock.seconds = 2

    async def later(self, seconds: float) -> None:
        self.clock.seconds += seconds
        await self.expiring.look()


def a_lease(lease_id: str) -> LeaseRecord:
    return LeaseRecord(
        lease_id=lease_id, step_id="step", epoch=1, job_key="job", clip_index=0, last_clip=0, kind=StepKind.ENCODE,
        session_id="session", live=True, started=True, outcome="STARTED", answer=None, cancelled=False,
        acquire_sequence=1,
    )  # fmt: skip


async def test_a_defect_of_one_lease_is_told_once_and_keeps_no_other_alive(caplog: pytest.LogCaptureFixture) -> None:
    reporting = Losing("lease-1")
    bench = Bench(reporting, leases=3)
    await bench.later(0)
    assert (reporting.lost, bench.expiring.leases, bench.expiring.errors) == (["lease-0", "lease-2"], 2, 1)
    for _ in range(3):
        await bench.later(DEFECT_SECONDS)
    await bench.later(INTERVAL_SECONDS)  # too early
    assert (reporting.tried.count("lease-1"), bench.expiring.errors) == (4, 4)
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info is not None
    assert (record.message, record.exc_info[1]) == ("expiry failed", DEFECT)
    reporting.broken.clear()
    await bench.later(DEFECT_SECONDS)
    assert reporting.lost == ["lease-0", "lease-2", "lease-1"]


async def test_the_loop_outlives_a_defect() -> None:
    reporting = Losing("lease-0")
    loop = asyncio.create_task(Bench(reporting, leases=2).expiring.run())
    await asyncio.wait_for(reporting.told.wait(), 10)
    assert (reporting.lost, loop.done()) == (["lease-1"], False)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)


async def test_a_database_that_refuses_writes_is_told_once_and_asked_for_one_lease_a_look(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reporting = Losing()
    bench = Bench(reporting, leases=50)
    bench.store.refusal = "database or disk is full"
    for _ in range(40):
        await bench.later(INTERVAL_SECONDS)
    assert (bench.store.tried, [record.message for record in caplog.records]) == (
        40,
        ["expiry waits for the database"],
    )
    bench.store.refusal = ""
    await bench.later(REFUSED_SECONDS)
    assert (len(reporting.lost), bench.expiring.errors) == (50, 0)


async def test_what_the_database_refuses_of_one_lease_holds_back_no_other() -> None:
    reporting = Losing()
    bench = Bench(reporting, leases=3)
    bench.store.refusal = "this piece alone"
    await bench.later(0)
    bench.store.refusal = ""
    await bench.later(INTERVAL_SECONDS)
    assert reporting.lost == ["lease-1", "lease-2"]
