"""One leader a database: terms that grow, and nothing written by one whose term is over."""

import asyncio
import time
from pathlib import Path

import pytest

from proxx_scheduler.app.ports import StoreError, StoreOpenError
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.storage import postgresql
from proxx_scheduler.storage.database import open_database
from proxx_scheduler.storage.leadership import STALE_SECONDS, LeadershipLostError
from proxx_scheduler.storage.opening import open_to_lead
from tests.conftest import new_database
from tests.fakes.stores import Harness, add_job, open_store, run_sql


@pytest.fixture
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseAddress:
    """A database that several schedulers can reach."""
    return new_database(request, kind="postgresql", directory=tmp_path)


def grow_stale(address: DatabaseAddress) -> None:
    """Let the database have seen nobody for long enough."""
    assert STALE_SECONDS == 10
    run_sql(address, "UPDATE leadership SET seen_seconds = seen_seconds - 10")


async def test_a_leader_that_was_followed_can_write_nothing_and_knows_it(shared: DatabaseAddress) -> None:
    async with open_store(shared, holder="old") as old:
        await old.add("job-1")
        grow_stale(shared)
        async with open_store(shared, holder="new") as new:
            assert (old.store.term, new.store.term) == (1, 2)
            with pytest.raises(StoreError, match=r"led term 1; new leads term 2 now: nothing that it writes holds"):
                await old.add("job-2")
            await new.add("job-3")
            with pytest.raises(StoreError, match="led term 1"):
                await old.add("job-4")
            assert (old.store.lost, new.store.lost) == (True, False)
            assert await old.keys() == await new.keys() == ("job-1", "job-3")
            assert await new.sequences() == [1, 2]
            assert (old.told, new.told) == (["job-1"], ["job-3"])


async def test_an_idle_leader_that_was_followed_learns_it_by_itself(shared: DatabaseAddress) -> None:
    async with open_store(shared, holder="old") as old:
        grow_stale(shared)
        async with open_store(shared, holder="new"), asyncio.timeout(10):
            while not old.store.lost:
                await old.store.changed.seen().wait()


async def test_a_leader_that_ends_in_order_is_followed_at_once(shared: DatabaseAddress) -> None:
    async with open_store(shared):
        pass
    began = time.monotonic()
    async with open_store(shared) as harness:
        assert harness.store.term == 2
    assert time.monotonic() - began < STALE_SECONDS / 2


async def test_one_that_was_followed_does_not_end_its_successors_term(shared: DatabaseAddress) -> None:
    old = open_database(address=shared, holder="old")
    grow_stale(shared)
    new = open_database(address=shared, holder="new")
    old.close()
    with pytest.raises(StoreOpenError, match="led by another scheduler: new, term 2"):
        open_database(address=shared, holder="third")
    new.close()


async def test_a_successor_waits_for_a_transaction_that_is_open_and_the_server_ends_one_that_hangs(
    shared: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        postgresql, "WRITER", ("SET idle_in_transaction_session_timeout = '500ms'", *postgresql.WRITER[1:])
    )
    old = open_database(address=shared, holder="old")
    connection = old.writer.connect()
    transaction = connection.begin()
    old.leadership.mark(connection)  # here it is stopped, with the lock on the row
    run_later = asyncio.to_thread(lambda: open_database(address=shared, holder="new"))
    with pytest.raises(StoreOpenError, match="led by another scheduler: old, term 1"):
        await run_later  # it waited for the lock; the leader was seen by then
    grow_stale(shared)
    new = open_database(address=shared, holder="new")
    with pytest.raises(Exception, match=r"terminating connection|server closed"):
        transaction.commit()
    connection.invalidate()
    connection.close()
    assert new.leadership.term == 2
    new.close()
    old.close()


async def test_one_that_comes_second_is_refused_within_seconds_while_the_first_shows_itself(
    shared: DatabaseAddress,
) -> None:
    async with open_store(shared, holder="first"):
        began = time.monotonic()
        with pytest.raises(StoreOpenError, match="is led by another scheduler: first, term 1"):
            await open_to_lead(address=shared, holder="second", standby=False, stop=asyncio.Event())
        assert time.monotonic() - began < STALE_SECONDS


async def test_a_standby_follows_when_the_leader_ends(shared: DatabaseAddress) -> None:
    async with open_store(shared, holder="first"):
        waiting = asyncio.create_task(open_to_lead(address=shared, holder="second", standby=True, stop=asyncio.Event()))
        await asyncio.sleep(0)
        assert not waiting.done()
    async with asyncio.timeout(10):
        second = await waiting
    assert second is not None
    assert second.leadership.term == 2
    second.close()


async def test_a_standby_that_is_told_to_stop_gives_up_waiting(shared: DatabaseAddress) -> None:
    async with open_store(shared, holder="first"):
        stop = asyncio.Event()
        waiting = asyncio.create_task(open_to_lead(address=shared, holder="second", standby=True, stop=stop))
        await asyncio.sleep(0)
        stop.set()
        assert await waiting is None


async def test_every_write_proves_the_term_even_one_whose_piece_fails(database: DatabaseAddress) -> None:
    async with open_store(database) as harness:
        await count_of(harness, database, 0)
        await harness.add("job-1")
        await count_of(harness, database, 1)
        with pytest.raises(StoreError):
            await harness.store.write(lambda tx: add_job(tx, "job-1"))
        await count_of(harness, database, 2)


async def count_of(harness: Harness, database: DatabaseAddress, wanted: int) -> None:
    assert await asyncio.to_thread(run_sql, database, "SELECT slot, term, holder, writes FROM leadership") == [
        (1, harness.store.term, "test", wanted)
    ]


async def test_a_database_that_went_back_is_led_no_more(database: DatabaseAddress) -> None:
    async with open_store(database) as harness:
        await harness.add("job-1")
        await harness.add("job-2")
        await asyncio.to_thread(run_sql, database, "UPDATE leadership SET writes = 1")
        with pytest.raises(StoreError, match=r"counts 1 transactions, and this scheduler, which leads term 1, 2"):
            await harness.add("job-3")
        assert harness.store.lost
        assert await harness.keys() == ("job-1", "job-2")


def test_a_commit_in_doubt_on_a_database_that_went_back_is_not_called_refused(database: DatabaseAddress) -> None:
    opened = open_database(address=database, holder="test")
    with opened.writer.begin() as connection:
        number = opened.leadership.mark(connection)
    with opened.writer.begin() as connection:
        assert opened.leadership.holds(connection, number)
        opened.leadership.counted(number)
        assert not opened.leadership.holds(connection, number + 1)
    run_sql(database, "UPDATE leadership SET writes = 0")
    with opened.writer.begin() as connection, pytest.raises(LeadershipLostError, match="counts 0 transactions"):
        opened.leadership.holds(connection, number + 1)
    opened.close()
