"""Opening the database: fresh, current, older, newer, corrupt, held by another scheduler."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect, text

from proxx_scheduler.app.ports import StoreOpenError
from proxx_scheduler.storage.database import SCHEMA_REVISION, DatabaseFile
from proxx_scheduler.storage.migrate import alembic_config, head
from proxx_scheduler.storage.tables import metadata


def schema_of(path: Path) -> dict[str, object]:
    engine = create_engine(f"sqlite:///{path}")
    inspector = inspect(engine)
    found = {}
    for table in sorted(inspector.get_table_names()):
        if table == "alembic_version":
            continue
        columns = sorted(
            (column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)
        )
        indexes = sorted(
            (str(index["name"]), tuple(index["column_names"]), index["unique"])
            for index in inspector.get_indexes(table)
        )
        found[table] = (columns, inspector.get_pk_constraint(table)["constrained_columns"], indexes)
    engine.dispose()
    return found


def migrated(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def test_a_fresh_database_has_the_schema_of_the_migrations(tmp_path: Path) -> None:
    DatabaseFile(path=tmp_path / "fresh.db").close()
    migrated(tmp_path / "migrated.db")
    assert schema_of(tmp_path / "fresh.db") == schema_of(tmp_path / "migrated.db")
    assert set(schema_of(tmp_path / "fresh.db")) == set(metadata.tables)


def test_the_newest_migration_is_the_revision_that_the_binary_names() -> None:
    assert head() == SCHEMA_REVISION


def test_a_database_can_be_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "proxx.db"
    DatabaseFile(path=path).close()
    database = DatabaseFile(path=path)
    assert database.revision == SCHEMA_REVISION
    database.close()


def test_a_second_scheduler_on_one_database_is_refused(tmp_path: Path) -> None:
    first = DatabaseFile(path=tmp_path / "proxx.db")
    with pytest.raises(StoreOpenError, match="another scheduler holds"):
        DatabaseFile(path=tmp_path / "proxx.db")
    first.close()


def test_a_newer_schema_is_refused_and_named(tmp_path: Path) -> None:
    path = tmp_path / "proxx.db"
    DatabaseFile(path=path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreOpenError, match=r"schema 9999, this Proxx knows up to 0001: a newer Proxx wrote it"):
        DatabaseFile(path=path)


def test_a_corrupt_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "proxx.db"
    path.write_bytes(b"this is no database, it is a text of some length" * 50)
    before = path.read_bytes()
    with pytest.raises(StoreOpenError, match=r"proxx\.db cannot be used"):
        DatabaseFile(path=path)
    assert path.read_bytes() == before


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE notes (text TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(StoreOpenError, match="is not a Proxx database"):
        DatabaseFile(path=path)


def test_a_refused_database_lets_its_lock_go(tmp_path: Path) -> None:
    path = tmp_path / "proxx.db"
    path.write_bytes(b"no database" * 500)
    with pytest.raises(StoreOpenError):
        DatabaseFile(path=path)
    path.unlink()
    DatabaseFile(path=path).close()
