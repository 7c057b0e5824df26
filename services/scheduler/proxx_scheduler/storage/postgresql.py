"""PostgreSQL 15 or later: the primary, with durable commits, spoken to through libpq's own addresses."""

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool, QueuePool

from proxx_scheduler.app.ports import StoreOpenError
from proxx_scheduler.storage.leadership import BEAT_SECONDS

OLDEST = 150_000
SCHEMA_LOCK = 0x70726F7878
"""Advisory lock that one scheduler holds while it looks at the schema and changes it: "proxx" as a number."""

CONNECTION_DEFAULTS = {
    "application_name": "proxx-scheduler",
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
"""What an address that says nothing else gets: a server that went away is noticed within seconds."""

IDLE = "SET idle_in_transaction_session_timeout = '8s'"
"""One that stops inside a transaction loses it before its leadership is stale, with every lock that it holds."""

WRITER = (
    IDLE,
    "SET lock_timeout = '9s'",
    "SET default_transaction_isolation = 'read committed'",
)
READER = (IDLE,)
"""Even a read holds a lock on its tables, for which a successor's migration would wait."""

NEEDED = {
    "fsync": "on",
    "full_page_writes": "on",
    "server_encoding": "UTF8",
}


class PostgresBackend:
    """A database of a server. Other schedulers may have it open too: only the leadership row tells who leads."""

    beat_seconds: float | None = BEAT_SECONDS
    shared = True

    def __init__(self, *, url: str, shown: str) -> None:
        """Take the address; nothing is connected yet.

        Raises:
            StoreOpenError: libpq cannot read the address.
        """
        self.shown = shown
        try:
            self.writer = _engine(url, writes=True)
            self.reader = _engine(url, writes=False)
        except psycopg.ProgrammingError as error:
            raise StoreOpenError(f"database {shown}: libpq cannot read the address: {_rule(error)}") from None

    def check(self, connection: Connection) -> None:
        """Refuse a server on which an acknowledged commit may be lost, and keep other schedulers off the schema.

        Raises:
            StoreOpenError: it is too old, a standby, or not durable.
        """
        raw = connection.connection.dbapi_connection
        version = raw.info.server_version if isinstance(raw, psycopg.Connection) else 0
        if version < OLDEST:
            raise StoreOpenError(f"database {self.shown}: PostgreSQL {version // 10_000}; expected 15 or later")
        if connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar():
            raise StoreOpenError(f"database {self.shown} is a standby of PostgreSQL: expected the primary")
        for name, wanted in NEEDED.items():
            found = connection.exec_driver_sql(f"SHOW {name}").scalar()
            if found != wanted:
                raise StoreOpenError(
                    f"database {self.shown}: the server has {name} = {found}; expected {wanted}, "
                    "because what is acknowledged must survive a power cut"
                )
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})")

    def room(self) -> str:
        """Return nothing: a server watches its own disk."""
        return ""

    def close(self) -> None:
        """Close the connections."""
        self.writer.dispose()
        self.reader.dispose()


def _engine(url: str, *, writes: bool) -> Engine:
    said = conninfo_to_dict(url)
    address = make_conninfo(url, **{key: value for key, value in CONNECTION_DEFAULTS.items() if key not in said})

    def connect() -> "psycopg.Connection[tuple[object, ...]]":
        connection = psycopg.connect(address, autocommit=True)
        for statement in WRITER if writes else READER:
            connection.execute(statement)
        if writes:
            _ensure_durable(connection)
        connection.autocommit = False
        return connection

    if writes:
        return create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)
    return create_engine(
        "postgresql+psycopg://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=4,
        pool_pre_ping=True,
        isolation_level="REPEATABLE READ",
    ).execution_options(postgresql_readonly=True)


def _rule(error: psycopg.Error) -> str:
    """Return what libpq has against an address. What it quotes may be a password, unless it is a parameter's name."""
    text = str(error).strip()
    return text if text.startswith("invalid URI query parameter") else text.partition(': "')[0]


def _ensure_durable(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    found = connection.execute("SHOW synchronous_commit").fetchone()
    if found is not None and found[0] not in ("on", "remote_apply"):  # remote_apply promises more than on
        connection.execute("SET synchronous_commit = on")
