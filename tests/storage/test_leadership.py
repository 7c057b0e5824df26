"""One leader a database: terms that grow, and nothing written by one whose term is over."""

import asyncio
import time
from pathlib import Path

import pytest

from proxx_scheduler.app.leader import LeaderSeen
from proxx_scheduler.app.ports import StoreError, StoreOpenError, Tx
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.storage import leadership, postgresql, writer
from proxx_scheduler.storage.database import open_database
from proxx_scheduler.storage.leadership import STALE_SECONDS, Leadership, LeadershipLostError, now_seconds
from proxx_scheduler.storage.lookout import Lookout
from proxx_scheduler.storage.opening import open_to_lead
from tests.conftest import new_database
from tests.fakes.stores import Harness, add_job, migrate, open_store, run_sql, together


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


def set_clock_back(address: DatabaseAddress) -> None:
    """Let the clock of the database go back by an hour."""
    run_sql(address, "UPDATE leadership SET seen_seconds = seen_seconds + 3600")


def test_a_leader_that_died_before_the_clock_went_back_is_followed_as_soon_as_any_other(
    shared: DatabaseAddress,
) -> None:
    dead = open_database(address=shared, holder="dead")
    set_clock_back(shared)
    with pytest.raises(StoreOpenError, match=r"led by another scheduler: dead, term 1, seen 0\.0 s ago"):
        open_database(address=shared, holder="new")
    grow_stale(shared)  # 10 s from now, and not from an hour ahead
    new = open_database(address=shared, holder="new")
    assert new.leadership.term == 2
    new.close()
    dead.close()


async def test_a_leader_that_lives_goes_on_when_the_clock_goes_back(shared: DatabaseAddress) -> None:
    async with open_store(shared, holder="old") as old:
        await asyncio.to_thread(set_clock_back, shared)
        with pytest.raises(StoreOpenError, match=r"old, term 1, seen 0\.0 s ago"):
            await asyncio.to_thread(lambda: open_database(address=shared, holder="new"))
        await old.add("job-1")
        assert (old.store.lost, await old.keys()) == (False, ("job-1",))


async def test_one_that_is_no_standby_waits_for_a_dead_leader_although_the_clock_went_back(
    shared: DatabaseAddress,
) -> None:
    dead = open_database(address=shared, holder="dead")
    set_clock_back(shared)
    lookout = Lookout(address=shared)
    waiting = asyncio.create_task(open_to_lead(address=shared, holder="new", standby=False, stop=asyncio.Event()))
    async with asyncio.timeout(10):
        while not waiting.done():
            seen = await asyncio.to_thread(lookout.look)
            if seen is not None and seen.idle_seconds >= 0:
                await asyncio.to_thread(grow_stale, shared)
        new = await waiting
    assert new is not None
    assert new.leadership.term == 2
    for one in (lookout, new, dead):
        one.close()


async def test_a_standby_follows_a_dead_leader_although_the_clock_went_back(shared: DatabaseAddress) -> None:
    told: asyncio.Queue[LeaderSeen | None] = asyncio.Queue()
    dead = open_database(address=shared, holder="dead")
    waiting = asyncio.create_task(
        open_to_lead(
            address=shared,
            holder="new",
            standby=True,
            stop=asyncio.Event(),
            told=lambda seen, _trouble: told.put_nowait(seen),
        )
    )
    async with asyncio.timeout(10):
        await told.get()
        await asyncio.to_thread(set_clock_back, shared)
        before = None
        while before is None or before.idle_seconds >= 0:
            before = await told.get()
        after = await told.get()
        assert after is not None
        assert 0 <= after.idle_seconds < STALE_SECONDS
        await asyncio.to_thread(grow_stale, shared)
        new = await waiting
    assert new is not None
    assert new.leadership.term == 2
    new.close()
    dead.close()


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


async def test_one_who_looks_sees_who_leads_and_where_and_waits_for_no_lock(shared: DatabaseAddress) -> None:
    lookout = Lookout(address=shared)
    assert lookout.look() is None
    leader = open_database(address=shared, holder="host-a, process 7", advertise="a.example:7600")
    with leader.writer.begin() as connection:
        leader.leadership.mark(connection)  # the row is locked now
        seen = lookout.look()
    assert seen is not None
    assert (seen.holder, seen.term, seen.address, seen.given_back) == ("host-a, process 7", 1, "a.example:7600", False)
    assert 0 <= seen.idle_seconds < STALE_SECONDS
    leader.close()
    after = lookout.look()
    assert after is not None
    assert str(after) == "host-a, process 7 at a.example:7600, term 1, gave the leadership back"
    lookout.close()


async def test_one_who_looks_at_a_database_without_addresses_sees_the_leader_all_the_same(
    shared: DatabaseAddress,
) -> None:
    migrate(shared, "0005")
    row = "INSERT INTO leadership (slot, term, holder, writes, seen_seconds) VALUES (1, 4, 'older', 9, 1)"
    run_sql(shared, row)
    lookout = Lookout(address=shared)
    seen = lookout.look()
    assert seen is not None
    assert (seen.holder, seen.term, seen.address) == ("older", 4, "")
    lookout.close()


async def test_a_standby_tells_whom_it_sees_and_where_the_new_leader_serves(shared: DatabaseAddress) -> None:
    told: asyncio.Queue[tuple[LeaderSeen | None, str]] = asyncio.Queue()
    async with open_store(shared, holder="first") as first:
        await first.store.advertise("first.example:7600")
        waiting = asyncio.create_task(
            open_to_lead(
                address=shared,
                holder="second",
                standby=True,
                stop=asyncio.Event(),
                advertise="second.example:7600",
                told=lambda seen, trouble: told.put_nowait((seen, trouble)),
            )
        )
        seen, trouble = await asyncio.wait_for(told.get(), 10)
        assert seen is not None
        assert (seen.holder, seen.address, trouble) == ("first", "first.example:7600", "")
    second = await asyncio.wait_for(waiting, 10)
    assert second is not None
    second.close()
    assert run_sql(shared, "SELECT holder, address FROM leadership") == [("second", "second.example:7600")]


@pytest.mark.parametrize(
    ("age", "kind", "doubted"),
    [
        pytest.param(7.5, "postgresql", False, id="fresh enough"),
        pytest.param(8.5, "postgresql", True, id="too old"),
        pytest.param(8.5, "sqlite", False, id="SQLite, where the lock file is the proof"),
    ],
)
def test_a_proof_of_the_term_grows_too_old_before_another_may_lead(
    request: pytest.FixtureRequest, tmp_path: Path, age: float, kind: str, doubted: bool
) -> None:
    opened = open_database(address=new_database(request, kind=kind, directory=tmp_path), holder="test")
    assert opened.unproven() == ""
    opened.leadership = Leadership(term=1, holder="test", writes=0, address="", proven=now_seconds() - age)
    assert opened.unproven().startswith("the database has not confirmed term 1 for 8.") is doubted
    with opened.writer.begin() as connection:
        number = opened.leadership.mark(connection)
    assert bool(opened.unproven()) is doubted  # a proof counts once it is committed
    opened.leadership.counted(number)
    assert opened.unproven() == ""
    opened.close()


async def test_every_write_proves_the_term_even_one_whose_piece_fails(database: DatabaseAddress) -> None:
    async with open_store(database) as harness:
        await count_of(harness, database, 0)
        await harness.add("job-1")
        await count_of(harness, database, 1)
        with pytest.raises(StoreError):
            await harness.store.write(lambda tx: add_job(tx, "job-1"))
        await count_of(harness, database, 2)


async def test_work_that_takes_long_is_several_transactions_each_of_which_proves_the_term(
    database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "TAKE_SECONDS", 0.0)
    async with open_store(database) as harness:
        works = [lambda tx, number=number: add_job(tx, f"job-{number}") for number in range(3)]
        assert await together(harness.store, works) == [None, None, None]
        await count_of(harness, database, 4)  # the first one held the writer up
        assert await harness.sequences() == [1, 2, 3]
        assert harness.told == ["job-0", "job-1", "job-2"]


async def test_a_transaction_that_took_long_proves_the_term_again_before_its_commit(
    shared: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leadership, "BEAT_SECONDS", 0.0)  # so long is long
    ended: list[float] = []

    def take_10_seconds(tx: Tx) -> None:
        tx.direct.exec_driver_sql("UPDATE leadership SET seen_seconds = seen_seconds - 10")  # type: ignore[attr-defined]  # of SQL
        ended.append(now_seconds())

    async with open_store(shared, holder="old") as old:
        await old.store.write(take_10_seconds)
        assert old.database.leadership.proof_seconds < now_seconds() - ended[0]
        with pytest.raises(StoreOpenError, match="led by another scheduler: old, term 1"):
            await asyncio.to_thread(lambda: open_database(address=shared, holder="new"))


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
