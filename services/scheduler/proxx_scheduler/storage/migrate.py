"""Bring an older schema up to date with Alembic, or refuse a newer one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from proxx_scheduler.app.ports import StoreOpenError

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
UNHURRIED = (
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL lock_timeout = '60s'",
)
"""For the length of a migration on PostgreSQL: it thinks between statements, and waits for readers that end."""


def alembic_config() -> Config:
    """Return Alembic's configuration, without any file of its own."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def upgrade(*, connection: Connection, database: str, revision: str) -> str:
    """Run every migration after `revision` in the transaction of `connection`. Returns the new revision.

    Raises:
        StoreOpenError: this binary does not know `revision`: a newer Proxx wrote the database.
    """
    config = alembic_config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision not in known:
        raise StoreOpenError(
            f"database {database} has schema {revision}, this Proxx knows up to {head()}: a newer Proxx wrote it"
        )
    if connection.dialect.name == "postgresql":
        for statement in UNHURRIED:
            connection.exec_driver_sql(statement)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return head()


def head() -> str:
    """Return the newest revision of the migrations."""
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())
