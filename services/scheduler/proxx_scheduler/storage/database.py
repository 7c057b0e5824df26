"""Open the database: durable, with the schema of this binary, and with one scheduler that leads it."""

import sqlite3
from typing import Protocol

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from proxx_scheduler.app.ports import StoreOpenError
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.storage.installation_rows import keep_installation
from proxx_scheduler.storage.leadership import (
    PROOF_SECONDS,
    STALE_SECONDS,
    LeaderAliveError,
    Leadership,
    claim,
    refuse_alive,
)
from proxx_scheduler.storage.tables import metadata

SCHEMA_REVISION = "0015"
"""The newest migration. A test holds it against the migrations themselves."""


class Backend(Protocol):
    """What differs between the databases. `shared`: other schedulers may have it open, too."""

    shown: str
    beat_seconds: float | None
    shared: bool
    writer: Engine
    reader: Engine

    def check(self, connection: Connection) -> None:
        """Refuse what is unsafe, inside the transaction that prepares the schema."""
        ...

    def room(self) -> str:
        """Return what is short on the disk, "" when nothing is."""
        ...

    def close(self) -> None:
        """Let everything go."""
        ...


class Database:
    """An open database that this process leads."""

    def __init__(self, *, backend: Backend, kind: str, revision: str, leadership: Leadership) -> None:
        """Take what `open_database` made."""
        self.kind = kind
        self.shown = backend.shown
        self.beat_seconds = backend.beat_seconds
        self.writer = backend.writer
        self.reader = backend.reader
        self.revision = revision
        self.leadership = leadership
        self._backend = backend

    def unproven(self) -> str:
        """Return why another scheduler may lead by now, "" while none can. SQLite's lock file is proof enough."""
        age = self.leadership.proof_seconds
        if not self._backend.shared or age < PROOF_SECONDS:
            return ""
        return (
            f"the database has not confirmed term {self.leadership.term} for {age:.1f} s: after {STALE_SECONDS:g} s "
            "another scheduler may lead, so this one answers nothing until it is confirmed"
        )

    def room(self) -> str:
        """Return what is short on the disk, "" when nothing is known to be."""
        return self._backend.room()

    def close(self) -> None:
        """Close everything. Whoever leads next need not wait: the leadership is given back."""
        try:
            with self.writer.begin() as connection:
                self.leadership.release(connection)
        except SQLAlchemyError:
            pass  # the successor waits until the leadership is stale, as after a crash
        finally:
            self._backend.close()


def open_database(*, address: DatabaseAddress, holder: str, advertise: str = "") -> Database:
    """Open or create the database, bring its schema up to date and begin a term. `holder` is shown to people.

    `advertise` is where the holder serves, for those who stand by; "" while that is not known.

    Raises:
        StoreOpenError: it is corrupt, of another program, newer than this binary, unsafe, or cannot be reached.
        LeaderAliveError: another scheduler leads it.
    """
    backend = _backend(address)
    try:
        with backend.writer.connect() as connection, connection.begin() as transaction:
            backend.check(connection)
            try:
                revision = _prepare(connection, backend=backend)
            except LeaderAliveError:
                transaction.commit()  # what `refuse_alive` set right holds
                raise
            leadership = claim(connection, holder=holder, address=advertise)
            keep_installation(connection)
    except (sqlite3.DatabaseError, SQLAlchemyError) as error:
        backend.close()
        raise StoreOpenError(f"database {backend.shown} cannot be used: {fact_of(error)}") from error
    except StoreOpenError:
        backend.close()
        raise
    return Database(backend=backend, kind=address.kind, revision=revision, leadership=leadership)


def fact_of(error: Exception) -> str:
    """Return what the database itself said, without the statement and its values."""
    return str(getattr(error, "orig", None) or error).strip()


def _backend(address: DatabaseAddress) -> Backend:
    if address.path is not None:
        from proxx_scheduler.storage.sqlite import SqliteBackend

        return SqliteBackend(path=address.path)
    from proxx_scheduler.storage.postgresql import PostgresBackend  # only here: SQLite needs no libpq

    return PostgresBackend(url=address.url, shown=address.shown)


def _prepare(connection: Connection, *, backend: Backend) -> str:
    known = set(inspect(connection).get_table_names())
    if not known:
        metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(
            text("INSERT INTO alembic_version (version_num) VALUES (:revision)"), {"revision": SCHEMA_REVISION}
        )
        return SCHEMA_REVISION
    if "alembic_version" not in known or not {"jobs", "clips", "steps"} <= known:
        raise StoreOpenError(f"database {backend.shown} is not a Proxx database: it has other tables")
    revision = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
    if backend.shared and "leadership" in known:
        refuse_alive(connection, database=backend.shown)
    if revision == SCHEMA_REVISION:
        return revision
    from proxx_scheduler.storage.migrate import upgrade  # only here: a current database starts without Alembic

    return upgrade(connection=connection, database=backend.shown, revision=revision)
