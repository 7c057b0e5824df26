"""Open the SQLite database: safely, durably, one scheduler at a time."""

import fcntl
import os
import sqlite3
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool, QueuePool

from proxx_scheduler.app.ports import StoreOpenError
from proxx_scheduler.storage.tables import metadata

SCHEMA_REVISION = "0001"
"""The newest migration. A test holds it against the migrations themselves."""

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "fuse.sshfs", "ceph", "glusterfs"}
)


class DatabaseFile:
    """An open database file: a writing engine, a reading engine, and the lock that keeps a second scheduler out."""

    def __init__(self, *, path: Path) -> None:
        """Open or create the database and bring its schema up to date.

        Raises:
            StoreOpenError: it is corrupt, newer than this binary, on a network file system, or held by another process.
        """
        self.path = path
        _refuse_network(path)
        self._lock = _lock(path)
        try:
            self.writer = _engine(path, pooled=False)
            self.reader = _engine(path, pooled=True)
            self.revision = _prepare(self.writer, path)
        except (sqlite3.DatabaseError, DatabaseError) as error:
            self._lock.close()
            raise StoreOpenError(f"database {path} cannot be used: {error}") from error
        except StoreOpenError:
            self._lock.close()
            raise

    def close(self) -> None:
        """Close the engines and let the lock go."""
        self.writer.dispose()
        self.reader.dispose()
        self._lock.close()


def _engine(path: Path, *, pooled: bool) -> Engine:
    def connect() -> sqlite3.Connection:
        # isolation_level None: BEGIN is ours to say, because a deferred one fails when it turns into a write
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    if pooled:
        engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=4)
    else:
        engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: object) -> None:
        connection.exec_driver_sql("BEGIN" if pooled else "BEGIN IMMEDIATE")  # type: ignore[attr-defined] # untyped hook

    return engine


def _prepare(engine: Engine, path: Path) -> str:
    with engine.begin() as connection:
        known = set(inspect(connection).get_table_names())
        if not known:
            metadata.create_all(connection)
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
            connection.execute(
                text("INSERT INTO alembic_version (version_num) VALUES (:revision)"), {"revision": SCHEMA_REVISION}
            )
            return SCHEMA_REVISION
        if "alembic_version" not in known:
            raise StoreOpenError(f"database {path} is not a Proxx database: it has no schema version")
        revision = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())
    if revision == SCHEMA_REVISION:
        return revision
    from proxx_scheduler.storage.migrate import upgrade  # only here: a current database starts without Alembic

    return upgrade(engine=engine, path=path, revision=revision)


def _refuse_network(path: Path) -> None:
    kind = _file_system(path.resolve().parent)
    if kind in NETWORK_FILE_SYSTEMS:
        raise StoreOpenError(f"database {path} lies on a network file system ({kind}): SQLite is not safe there")


def _file_system(directory: Path) -> str:
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return "unknown"  # not Linux: nothing here tells
    best, kind = "", "unknown"
    for line in mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        _, mount, found, *_ = line.split(" ")
        point = mount.encode("utf-8", "surrogateescape").decode("unicode_escape", "replace")
        if len(point) >= len(best) and (directory == Path(point) or Path(point) in directory.parents):
            best, kind = point, found
    return kind


def _lock(path: Path) -> "_Lock":
    real = path.resolve()  # another spelling of one database is the same database
    return _Lock(real.with_name(real.name + ".lock"))


class _Lock:
    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise StoreOpenError(f"another scheduler holds {path}: one scheduler a database") from error

    def close(self) -> None:
        os.close(self._descriptor)
