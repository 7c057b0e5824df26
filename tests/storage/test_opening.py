"""Opening the database: fresh, current, older, newer, of another program, held by another scheduler."""

import hashlib
from pathlib import Path

import pytest

from proxx_scheduler.app.ports import StoreOpenError
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.storage.database import SCHEMA_REVISION, open_database
from proxx_scheduler.storage.migrate import head
from proxx_scheduler.storage.tables import metadata
from tests.conftest import new_database
from tests.fakes.stores import migrate, run_sql, schema_of

CLIP = (
    "INSERT INTO clips (job_key, clip_index, state, stopping, skip_reason, provisional, head_only, hold, adopted,"
    " source_path, source_root, source_relative, output_path, output_root, output_relative, tokens_json, epoch,"
    " executor) VALUES ('job-1', 0, 'COMPLETED', '', '', FALSE, FALSE, '', FALSE, '/a', 'local', 'a', '/b', 'local',"
    " 'b', '{}', 1, 'e')"
)
RESERVATION = "INSERT INTO reservations (path_key, job_key, clip_index) VALUES ('local:b', 'job-1', 0)"


@pytest.fixture
def other(request: pytest.FixtureRequest, database: DatabaseAddress, tmp_path: Path) -> DatabaseAddress:
    """A second empty database of the same kind."""
    directory = tmp_path / "other"
    directory.mkdir()
    return new_database(request, kind=database.kind, directory=directory)


def test_a_fresh_database_has_the_schema_of_the_migrations(database: DatabaseAddress, other: DatabaseAddress) -> None:
    open_database(address=database, holder="test").close()
    migrate(other)
    assert schema_of(database) == schema_of(other)
    assert set(schema_of(database)) == {*metadata.tables, "alembic_version"}


def test_the_newest_migration_is_the_revision_that_the_binary_names() -> None:
    assert head() == SCHEMA_REVISION


def test_an_older_database_is_brought_up_to_date_and_keeps_what_it_holds(
    database: DatabaseAddress, other: DatabaseAddress
) -> None:
    migrate(database, "0001")
    run_sql(database, CLIP, RESERVATION)

    opened = open_database(address=database, holder="test")
    opened.close()

    assert opened.revision == SCHEMA_REVISION
    migrate(other)
    assert schema_of(database) == schema_of(other)
    assert run_sql(database, "SELECT job_key, state, output_path, replaces_json, replaced_json FROM clips") == [
        ("job-1", "COMPLETED", "/b", None, None)
    ]
    digest = hashlib.sha256(b"local:b").hexdigest()
    found = run_sql(database, "SELECT path_digest, path_key, job_key, clip_index FROM reservations")
    assert found == [(digest, "local:b", "job-1", 0)]


def test_a_database_is_opened_again_in_the_next_term(database: DatabaseAddress) -> None:
    first = open_database(address=database, holder="test")
    first.close()
    second = open_database(address=database, holder="test")
    second.close()
    assert (first.leadership.term, second.leadership.term) == (1, 2)
    assert (first.revision, second.revision) == (SCHEMA_REVISION, SCHEMA_REVISION)


def test_a_second_scheduler_on_one_database_is_refused_and_told_why(database: DatabaseAddress) -> None:
    first = open_database(address=database, holder="host-a, process 7")
    rule = {
        "sqlite": r"another scheduler holds .*proxx\.db\.lock: one scheduler a database",
        "postgresql": r"is led by another scheduler: host-a, process 7, term 1, seen \d\.\d s ago; one scheduler leads",
    }[database.kind]
    with pytest.raises(StoreOpenError, match=rule):
        open_database(address=database, holder="host-b, process 8")
    first.close()


def test_a_newer_schema_is_refused_and_named(database: DatabaseAddress) -> None:
    open_database(address=database, holder="test").close()
    run_sql(database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreOpenError, match=rf"schema 9999, this Proxx knows up to {SCHEMA_REVISION}: a newer"):
        open_database(address=database, holder="test")


@pytest.mark.parametrize(
    "tables",
    [
        pytest.param(["CREATE TABLE notes (text TEXT)"], id="no_schema_version"),
        pytest.param(
            ["CREATE TABLE notes (text TEXT)", "CREATE TABLE alembic_version (version_num TEXT)"],
            id="another_schema_under_alembic",
        ),
    ],
)
def test_the_database_of_another_program_is_refused_and_left_as_it_is(
    database: DatabaseAddress, tables: list[str]
) -> None:
    run_sql(database, *tables)
    before = schema_of(database)
    with pytest.raises(StoreOpenError, match="is not a Proxx database: it has other tables"):
        open_database(address=database, holder="test")
    assert schema_of(database) == before


def test_a_refused_database_can_be_opened_once_the_reason_is_gone(database: DatabaseAddress) -> None:
    run_sql(database, "CREATE TABLE notes (text TEXT)")
    with pytest.raises(StoreOpenError):
        open_database(address=database, holder="test")
    run_sql(database, "DROP TABLE notes")
    open_database(address=database, holder="test").close()
