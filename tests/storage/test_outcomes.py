"""What callers are told when the database refuses, dies or hangs in the middle: the truth, or that it is not known."""

import asyncio
import functools
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Connection, event

from proxx_scheduler.app.ports import StoreError, StoreOutcomeUnknownError, Tx
from proxx_scheduler.database_address import DatabaseAddress, database_address
from proxx_scheduler.storage import writer
from tests.fakes.cutting_relay import CuttingRelay
from tests.fakes.stores import Harness, add_job, open_store, together
from tools.postgres_server import PostgresServer


@pytest.fixture
def relay(postgres: PostgresServer) -> Iterator[CuttingRelay]:
    with tempfile.TemporaryDirectory(prefix="proxx-relay-") as directory:  # a socket's path has 107 bytes
        found = CuttingRelay(directory=Path(directory), server=postgres.directory)
        yield found
        found.close()


@pytest_asyncio.fixture
async def relayed(postgres: PostgresServer, relay: CuttingRelay) -> AsyncIterator[Harness]:
    """A store whose connections go through the relay."""
    address = postgres.create().replace(str(postgres.directory), str(relay.directory))
    async with open_store(database_address(address)) as harness:
        await harness.add("before")
        yield harness


async def heal(harness: Harness, relay: CuttingRelay) -> None:
    """Let the relay take connections again once the store has met one that it refused."""
    async with asyncio.timeout(20):
        while not harness.store.trouble:
            await harness.store.changed.seen().wait()
    relay.refusing = False


async def test_a_commit_whose_answer_was_lost_is_acknowledged_once_it_is_known_to_hold(
    relayed: Harness, relay: CuttingRelay
) -> None:
    relay.cut = "after"
    writing = asyncio.create_task(relayed.add("job-1"))
    await heal(relayed, relay)
    await writing
    await relayed.add("job-2")
    assert relay.cuts == 1
    assert await relayed.keys() == ("before", "job-1", "job-2")
    assert relayed.told == ["before", "job-1", "job-2"]
    assert relayed.store.trouble == ""


async def test_a_commit_that_never_arrived_is_reported_as_failed_and_leaves_nothing(
    relayed: Harness, relay: CuttingRelay
) -> None:
    relay.cut = "before"
    writing = asyncio.create_task(relayed.add("job-1"))
    await heal(relayed, relay)
    with pytest.raises(StoreError, match="the database could not be written"):
        await writing
    await relayed.add("job-1")
    assert relay.cuts == 1
    assert await relayed.keys() == ("before", "job-1")
    assert relayed.told == ["before", "job-1"]


async def test_an_outcome_that_stays_unknown_is_called_unknown_and_told_to_watchers_when_it_is_known(
    relayed: Harness, relay: CuttingRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "DOUBT_SECONDS", 0.3)
    relay.cut = "after"
    with pytest.raises(StoreOutcomeUnknownError, match="whether it holds is not known yet"):
        await relayed.add("job-1")
    with pytest.raises(StoreError, match="the database cannot be asked") as refused:
        await relayed.add("job-2")
    assert type(refused.value) is StoreError  # nothing of it holds
    assert relayed.told == ["before"]
    relay.refusing = False
    await relayed.until_calm()
    assert relayed.told == ["before", "job-1"]
    assert await relayed.keys() == ("before", "job-1")
    assert await relayed.sequences() == [1, 2]


async def test_a_connection_that_dies_at_any_statement_leaves_nothing_and_the_next_write_holds(
    postgres: PostgresServer,
) -> None:
    address = database_address(postgres.create())
    async with open_store(address) as harness:
        engine = harness.database.writer
        left = [0]

        @event.listens_for(engine, "before_cursor_execute")
        def die(connection: Connection, *_: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                raw = connection.connection.dbapi_connection
                assert raw is not None
                postgres.command(f"SELECT pg_terminate_backend({raw.info.backend_pid}, 5000)")

        statement = 0
        outcomes = []
        while True:
            statement += 1
            left[0] = statement
            try:
                await harness.add(f"job-{statement}")
            except StoreError:
                outcomes.append(statement)
                continue
            if left[0] > 0:
                break  # it has fewer statements
            left[0] = 0
            pytest.fail(f"statement {statement} ran on a connection that was dead")
        left[0] = 0
        await harness.add("last")
        assert outcomes == list(range(1, statement))
        assert len(outcomes) >= 6
        assert await harness.keys() == (f"job-{statement}", "last")
        assert harness.told == [f"job-{statement}", "last"]
        assert await harness.sequences() == [1, 2]


async def test_a_server_that_crashes_and_comes_back_is_used_again(postgres: PostgresServer) -> None:
    address = database_address(postgres.create())
    async with open_store(address) as harness:
        await harness.add("job-1")
        postgres.stop(immediately=True)
        with pytest.raises(StoreError, match="the database could not be written"):
            await harness.add("job-2")
        with pytest.raises(StoreError, match="the database could not be read"):
            await harness.keys()
        assert harness.store.trouble.startswith("the database could not be written")
        postgres.start()
        await harness.until_calm()
        await harness.add("job-3")
        assert await harness.keys() == ("job-1", "job-3")


async def test_writes_of_one_batch_share_its_fate(relayed: Harness, relay: CuttingRelay) -> None:
    assert await together(relayed.store, adding(3)) == [None, None, None]
    assert await relayed.sequences() == [1, 2, 3, 4]


async def test_what_was_to_follow_a_commit_of_unknown_outcome_is_refused_and_known_not_to_hold(
    relayed: Harness, relay: CuttingRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "DOUBT_SECONDS", 0.3)
    monkeypatch.setattr(writer, "TAKE_SECONDS", 0.0)

    def cut(tx: Tx) -> None:
        add_job(tx, "job-0")
        relay.cut = "after"

    outcomes = await together(relayed.store, [cut, *adding(2)[1:]])
    assert [type(outcome) for outcome in outcomes] == [StoreOutcomeUnknownError, StoreError]
    relay.refusing = False
    await relayed.until_calm()
    assert await relayed.keys() == ("before", "job-0")


def adding(count: int) -> list[Callable[[Tx], None]]:
    return [functools.partial(add_job, key=f"job-{number}") for number in range(count)]


async def test_events_are_numbered_in_the_order_of_commits_without_holes(database: DatabaseAddress) -> None:
    def broken(tx: Tx) -> None:
        add_job(tx, "broken")
        raise ValueError("this one fails")

    async with open_store(database) as harness:
        works = [
            harness.store.write(broken) if number % 3 == 1 else harness.add(f"job-{number}") for number in range(60)
        ]
        outcomes = await asyncio.gather(*works, return_exceptions=True)
        assert [isinstance(outcome, ValueError) for outcome in outcomes] == [number % 3 == 1 for number in range(60)]
        assert await harness.sequences() == list(range(1, 41))
        assert [effect.event.sequence for effect in harness.effects if hasattr(effect, "event")] == list(range(1, 41))
        assert harness.told == [f"job-{number}" for number in range(60) if number % 3 != 1]


async def test_a_reader_sees_one_moment_while_others_write(database: DatabaseAddress) -> None:
    async with open_store(database) as harness:
        await harness.add("job-1")
        looked, written = threading.Event(), threading.Event()

        def look_twice(tx: Tx) -> tuple[tuple[str, ...], tuple[str, ...]]:
            before = tx.unfinished_jobs().keys
            looked.set()
            assert written.wait(10)
            return before, tx.unfinished_jobs().keys

        reading = asyncio.create_task(harness.store.read(look_twice))
        await asyncio.to_thread(looked.wait, 10)
        await harness.add("job-2")
        written.set()
        assert await reading == (("job-1",), ("job-1",))
        assert await harness.keys() == ("job-1", "job-2")


async def test_a_read_that_writes_is_refused(database: DatabaseAddress) -> None:
    async with open_store(database) as harness:
        with pytest.raises(StoreError, match=r"read-only transaction|readonly database"):
            await harness.store.read(lambda tx: add_job(tx, "job-1"))
        assert await harness.keys() == ()


async def test_a_path_of_the_greatest_length_can_be_reserved(database: DatabaseAddress) -> None:
    source = "".join(chr(33 + number * number * 7919 % 90) for number in range(4096))
    async with open_store(database) as harness:
        assert await harness.store.write(lambda tx: tx.reserve("job-1", keys={f"local:{source}": 0})) == {}
        assert await harness.store.read(lambda tx: tx.reserved(keys=[f"local:{source}"])) == {
            f"local:{source}": "job-1"
        }
