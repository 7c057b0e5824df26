"""What waited before there were lanes is granted after the migration, in the same order, on both databases."""

from sqlalchemy import insert

from proxx_scheduler.app.ports import Tx
from proxx_scheduler.app.records import QueuedWork
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.storage import tables as t
from tests.fakes.stores import migrate, open_store, plain_engine
from tests.storage.test_claims import claims


def job(number: int, *, state: str, queue: str, priority: int) -> dict[str, object]:
    return {
        "sequence": number, "job_key": f"job-{number}", "job_id": "0000beef", "state": state, "reason": "",
        "revision": 1, "run_number": 1, "priority": priority, "queue": queue, "failure_policy": "FAIL_FAST",
        "window": 8, "hold": False, "admitted": False, "clip_count": 1, "head": 0, "next_clip": 0, "completed": 0,
        "failed": 0, "skipped": 0, "has_warnings": False, "cancel": "", "received_text": "{}", "received_digest": "",
        "spec_json": "{}", "spec_digest": "", "options_json": "{}", "violations_json": "[]",
        "submit_time": "2026-01-02T03:04:05+00:00", "event_count": 0, "event_head": "0" * 64, "last_sequence": 0,
        "rebinding": False, "spec_revision": 1,
    }  # fmt: skip


def step(number: int, kind: str, *, state: str = "QUEUED", planner_version: int | None = None) -> dict[str, object]:
    return {
        "step_id": f"step-{number}-{kind}", "job_key": f"job-{number}", "job_sequence": number, "clip_index": 0,
        "last_clip": 0, "kind": kind, "rank": {"PUBLISH": 1, "PROBE": 2, "ENCODE": 3}[kind], "state": state,
        "priority": 0, "engine": "any" if kind == "PUBLISH" else "ffmpeg", "roots": '["local"]',
        "planner_version": planner_version, "epoch": 0,
    }  # fmt: skip


def fill(address: DatabaseAddress) -> None:
    engine = plain_engine(address)
    with engine.begin() as connection:
        for row in (
            job(1, state="PENDING", queue="a", priority=0),
            job(2, state="PENDING", queue="b", priority=0),
            job(3, state="PENDING", queue="b", priority=7),
            job(4, state="PAUSED", queue="a", priority=9),
            job(5, state="CANCELLING", queue="c", priority=0),
        ):
            connection.execute(insert(t.jobs).values(row))
        for row in (
            step(1, "PROBE"),
            step(2, "PROBE"),
            step(3, "PROBE"),
            step(4, "ENCODE", planner_version=2),
            step(5, "PUBLISH"),
            step(5, "PROBE", state="DONE"),
        ):
            connection.execute(insert(t.steps).values(row))  # it names the columns of then
    engine.dispose()


def queued(tx: Tx) -> list[tuple[QueuedWork, ...]]:
    return [tx.queued_work(f"job-{number}", first=0, last=0) for number in (3, 4, 5)]


async def test_what_waited_is_granted_in_the_same_order_and_what_was_paused_waits_on(database: DatabaseAddress) -> None:
    migrate(database, "0004")
    fill(database)
    async with open_store(database) as harness:
        third, paused, cancelled = await harness.store.read(queued)
        assert [(work.queue, work.priority, work.needs) for work in third] == [
            ("b", 7, Needs(engine="ffmpeg", roots=("local",), planner_version=None))
        ]
        assert paused == ()
        assert [work.needs.finishes for work in cancelled] == [True]
        granted = await harness.store.write(lambda tx: claims(tx, 5))
    assert granted == ["job-3", "job-1", "job-2", "job-5", ""]
