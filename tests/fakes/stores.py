"""A store on a real database, with what it told, and the schemas that databases have."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from alembic import command
from sqlalchemy import Connection, Engine, create_engine, inspect

from proxx_scheduler.app.ports import Tx
from proxx_scheduler.app.records import Effect, EventAppended
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.storage.database import Database, open_database
from proxx_scheduler.storage.migrate import alembic_config
from proxx_scheduler.storage.store import SqlStore
from tests.fakes.new_jobs import a_new_job


class Harness:
    """A store and the effects of its commits, in their order."""

    def __init__(self, database: Database) -> None:
        self.effects: list[Effect] = []
        self.database = database
        self.store = SqlStore(database=database, on_commit=self.effects.extend)

    async def add(self, key: str = "job-1", *, clips: int = 2) -> None:
        await self.store.write(lambda tx: add_job(tx, key, clips=clips))

    async def keys(self) -> tuple[str, ...]:
        return (await self.store.read(lambda tx: tx.unfinished_jobs())).keys

    async def sequences(self) -> list[int]:
        events = await self.store.read(lambda tx: tx.events_after(sequence=0, job_keys=(), limit=100_000))
        return [event.sequence for event in events]

    @property
    def told(self) -> list[str]:
        """The jobs whose events were told, in order."""
        return [effect.event.job_key for effect in self.effects if isinstance(effect, EventAppended)]

    async def until_calm(self) -> None:
        """Wait until the database takes writes."""
        async with asyncio.timeout(20):
            while True:
                seen = self.store.changed.seen()
                if not self.store.trouble:
                    return
                await seen.wait()


def add_job(tx: Tx, key: str, *, clips: int = 2) -> None:
    tx.add_job(a_new_job(key=key, clips=clips), step_ids=(f"step-of-{key}",))


async def together(store: SqlStore, works: Sequence[Callable[[Tx], Any]]) -> list[Any]:
    """Write everything as one batch: the writer is held up until all of it waits. Returns results and errors."""
    held, running = threading.Event(), threading.Event()

    def hold(_tx: Tx) -> None:
        running.set()
        assert held.wait(10)

    first = asyncio.create_task(store.write(hold))
    await asyncio.to_thread(running.wait, 10)
    writing = [asyncio.create_task(store.write(work)) for work in works]
    await asyncio.sleep(0)  # lets them reach the queue
    held.set()
    await first
    return list(await asyncio.gather(*writing, return_exceptions=True))


@asynccontextmanager
async def open_store(address: DatabaseAddress, *, holder: str = "test") -> AsyncIterator[Harness]:
    """A store that runs while the block runs."""
    found = Harness(open_database(address=address, holder=holder))
    found.store.start()
    try:
        yield found
    finally:
        await found.store.close()


def plain_engine(address: DatabaseAddress) -> Engine:
    """An engine beside the store, for looking and for damage."""
    if address.path is not None:
        return create_engine(f"sqlite:///{address.path}")
    return create_engine(address.url.replace("postgresql://", "postgresql+psycopg://", 1))


def run_sql(address: DatabaseAddress, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements in one transaction; returns the rows of the last one."""
    engine = plain_engine(address)
    rows: list[tuple[Any, ...]] = []
    with engine.begin() as connection:
        for statement in statements:
            result = connection.exec_driver_sql(statement)
            rows = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows


def migrate(address: DatabaseAddress, revision: str = "head") -> None:
    """Bring a database to a revision by the migrations alone."""
    engine = plain_engine(address)
    with engine.begin() as connection:
        upgrade_to(connection, revision)
    engine.dispose()


def upgrade_to(connection: Connection, revision: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def schema_of(address: DatabaseAddress) -> dict[str, object]:
    """Every table with columns, keys and indexes."""
    engine = plain_engine(address)
    inspector = inspect(engine)
    keys = inspector.get_multi_pk_constraint()
    indexes = inspector.get_multi_indexes()
    unique = inspector.get_multi_unique_constraints()
    found: dict[str, object] = {
        place[1]: (
            sorted((item["name"], str(item["type"]), item["nullable"], str(item["default"])) for item in columns),
            keys[place]["constrained_columns"],
            sorted(
                (str(item["name"]), tuple(item["column_names"]), item["unique"], _options(item))
                for item in indexes[place]
            ),
            sorted(str(item["column_names"]) for item in unique[place]),
        )
        for place, columns in inspector.get_multi_columns().items()
    }
    engine.dispose()
    return found


def _options(index: Any) -> list[tuple[str, str]]:
    """What is peculiar to an index, the condition of a partial one among it, as text."""
    return sorted((name, str(value)) for name, value in index.get("dialect_options", {}).items())
