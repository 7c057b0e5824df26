"""Migration 0012: where the scheduler's own chain ends, and who submitted a job, taken from the log that there is."""

import pytest
from sqlalchemy import insert

from proxx_scheduler.app.ports import Tx
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.storage import tables as t
from tests.fakes.new_jobs import NOW
from tests.fakes.stores import migrate, open_store, plain_engine, run_sql
from tests.storage.test_lane_migration import job


def event(sequence: int, key: str, place: int, actor: str) -> dict[str, object]:
    return {
        "sequence": sequence, "job_key": key, "job_sequence": place, "clip_index": None, "event_time": "",
        "actor": actor, "kind": "", "before": "", "after": "", "data_json": "{}", "previous_hash": "",
        "hash": f"{sequence}" * 64,
    }  # fmt: skip


def note(tx: Tx) -> None:
    tx.note_executor(kind="executor.drain", before="", after="", data={}, actor="operator", now=NOW)


async def test_a_log_that_there_is_goes_on(database: DatabaseAddress) -> None:
    migrate(database, "0011")
    engine = plain_engine(database)
    events = [event(1, "job-1", 1, "claimed/alice"), event(2, "", 1, "operator"), event(3, "", 2, "operator")]
    with engine.begin() as connection:
        connection.execute(insert(t.jobs), [job(number, state="FAILED", queue="a", priority=0) for number in (1, 2)])
        connection.execute(insert(t.events), events)
    engine.dispose()
    async with open_store(database) as harness:
        assert run_sql(database, "SELECT * FROM own_chain") == [(1, 2, "3" * 64, 3)]
        actors = run_sql(database, "SELECT submitter FROM jobs ORDER BY sequence")
        assert actors == [("claimed/alice",), ("submitter",)]
        (first,) = await harness.store.read(lambda tx: tx.spec_revisions("job-1"))
        assert first.actor == "claimed/alice"
        await harness.store.write(note)
    chain = "SELECT sequence, job_sequence, previous_hash FROM events WHERE sequence > 3"
    assert run_sql(database, chain) == [(4, 3, "3" * 64)]


@pytest.mark.parametrize("noted", [1, 2], ids=["the only event", "the newest of two"])
async def test_the_place_of_a_deleted_event_is_taken_by_no_other(database: DatabaseAddress, noted: int) -> None:
    async with open_store(database) as harness:
        for _ in range(noted):
            await harness.store.write(note)
        run_sql(database, f"DELETE FROM events WHERE sequence = {noted}")  # noqa: S608  # our own number
        await harness.add()
        assert await harness.sequences() == [*range(1, noted), noted + 1]
