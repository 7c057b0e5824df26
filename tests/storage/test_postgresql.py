"""What a PostgreSQL server must promise before anything is acknowledged on it."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from proxx_scheduler.app.ports import StoreOpenError
from proxx_scheduler.database_address import DatabaseAddressError, database_address
from proxx_scheduler.storage.database import open_database
from proxx_scheduler.storage.migrate import upgrade
from proxx_scheduler.storage.postgresql import PostgresBackend
from tests.fakes.stores import migrate, open_store
from tools.postgres_server import PostgresServer


@pytest.fixture
def lax(postgres: PostgresServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """A setting that the server has turned off while the test runs."""
    name = str(request.param)
    configure(postgres, f"ALTER SYSTEM SET {name} = off", name, "off")
    yield name
    configure(postgres, f"ALTER SYSTEM RESET {name}", name, "on")


def configure(postgres: PostgresServer, command: str, name: str, value: str) -> None:
    postgres.command(command)
    postgres.command("SELECT pg_reload_conf()")
    deadline = time.monotonic() + 20
    while postgres.command(f"SHOW {name}") != value:
        assert time.monotonic() < deadline, f"the server did not take {command}"


@pytest.mark.parametrize("lax", ["fsync", "full_page_writes"], indirect=True)
def test_a_server_that_may_lose_what_it_acknowledged_is_refused(postgres: PostgresServer, lax: str) -> None:
    address = database_address(postgres.create())
    with pytest.raises(StoreOpenError) as raised:
        open_database(address=address, holder="test")
    assert str(raised.value) == (
        f"database {address.shown}: the server has {lax} = off; expected on, "
        "because what is acknowledged must survive a power cut"
    )


async def test_a_database_that_defers_commits_is_told_to_make_ours_durable(postgres: PostgresServer) -> None:
    address = database_address(postgres.create("careless"))
    postgres.command("ALTER DATABASE careless SET synchronous_commit = off")
    async with open_store(address) as harness:
        shown = await harness.store.write(
            lambda tx: tx.connection.exec_driver_sql("SHOW synchronous_commit").scalar()  # type: ignore[attr-defined]  # the real transaction
        )
    assert shown == "on"


async def test_reads_come_from_one_moment_and_can_write_nothing(postgres: PostgresServer) -> None:
    backend = PostgresBackend(url=postgres.create(), shown="test")
    with backend.reader.begin() as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "repeatable read"
        assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"
    backend.close()


def test_a_database_in_another_encoding_is_refused(postgres: PostgresServer) -> None:
    postgres.command("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(StoreOpenError, match="server_encoding = LATIN1; expected UTF8"):
        open_database(address=database_address(postgres.url("latin")), holder="test")


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        pytest.param("postgresql:///none?host={host}", r"database \"none\" does not exist", id="no_such_database"),
        pytest.param("postgresql:///x?host=/nowhere", "No such file or directory", id="no_server"),
    ],
)
def test_what_cannot_be_reached_is_refused_without_the_password(postgres: PostgresServer, url: str, rule: str) -> None:
    address = database_address(url.format(host=postgres.directory) + "&user=postgres&password=hush")
    with pytest.raises(StoreOpenError, match=rule) as raised:
        open_database(address=address, holder="test")
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("proxx.db", "sqlite", "proxx.db"),
        ("/var/lib/proxx/proxx.db", "sqlite", "/var/lib/proxx/proxx.db"),
        ("sqlite:///proxx.db", "sqlite", "proxx.db"),
        ("sqlite:////var/lib/proxx/proxx.db", "sqlite", "/var/lib/proxx/proxx.db"),
        ("postgresql://proxx:hush@db.example:5433/proxx", "postgresql", "postgresql://db.example:5433/proxx"),
        ("postgres://db.example/proxx?sslmode=verify-full", "postgresql", "postgresql://db.example/proxx"),
        ("postgresql:///proxx?host=/run/postgresql&password=hush", "postgresql", "postgresql:///run/postgresql/proxx"),
    ],
)
def test_an_address_is_read_and_shown_without_secrets(text: str, kind: str, shown: str) -> None:
    address = database_address(text)
    assert (address.kind, address.shown, str(address)) == (kind, shown, shown)
    assert "hush" not in repr(address)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("mysql://root:hush@db/proxx", "scheme 'mysql' is unknown: expected a path, sqlite:///path or postgresql://"),
        ("postgresql+psycopg://db/proxx", r"scheme 'postgresql\+psycopg' is unknown"),
        ("postgresql://db.example", "needs the name of the database"),
        ("postgresql://proxx:hu/hush@db.example/proxx", "percent-encode"),
        ("postgresql://proxx:hu?hush@db.example/proxx", "percent-encode"),
        ("postgresql://proxx:hu#hush@db.example/proxx", "percent-encode"),
        ("postgresql://proxx:hu@hush@db.example/proxx", "percent-encode"),
        ("postgresql://proxx:hu[hush@db.example/proxx", "percent-encode"),
        ("postgresql:///proxx?password=hu@hush", "percent-encode"),
        ("sqlite:///", "needs the path of a file"),
        (":memory:", "needs the path of a file"),
        ("", "needs the path of a file"),
    ],
)
def test_an_address_that_names_no_database_is_refused(text: str, rule: str) -> None:
    with pytest.raises(DatabaseAddressError, match=rule) as raised:
        database_address(text)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        pytest.param("postgresql:///x?bogus=1&password=hush", 'invalid URI query parameter: "bogus"', id="parameter"),
        pytest.param("postgresql://proxx:hush%zz@db.example/x", "invalid percent-encoded token", id="percent"),
        pytest.param("postgresql:///x?password=a&hush", 'missing key/value separator "="', id="separator"),
    ],
)
def test_an_address_that_libpq_cannot_read_is_refused_without_the_password(url: str, rule: str) -> None:
    with pytest.raises(StoreOpenError, match="libpq cannot read the address") as raised:
        open_database(address=database_address(url), holder="test")
    assert rule in str(raised.value)
    assert "hush" not in str(raised.value)


def test_a_migration_may_take_its_time_and_what_follows_may_not(postgres: PostgresServer) -> None:
    address = database_address(postgres.create())
    migrate(address, "0001")
    backend = PostgresBackend(url=address.url, shown="test")
    with backend.writer.connect() as connection:
        with connection.begin():
            upgrade(connection=connection, database="test", revision="0001")
            assert limits(connection) == ("0", "1min")
        assert limits(connection) == ("8s", "9s")
    backend.close()


def test_a_reader_that_stops_inside_a_transaction_loses_its_locks_as_a_writer_does(postgres: PostgresServer) -> None:
    backend = PostgresBackend(url=postgres.create(), shown="test")
    with backend.reader.connect() as connection:
        assert limits(connection)[0] == "8s"
    backend.close()


def limits(connection: Connection) -> tuple[str, ...]:
    names = ("idle_in_transaction_session_timeout", "lock_timeout")
    return tuple(str(connection.exec_driver_sql(f"SHOW {name}").scalar()) for name in names)
