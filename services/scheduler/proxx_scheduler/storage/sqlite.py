"""SQLite: one file on a local disk, WAL, every commit synced, one process at a time."""

import fcntl
import os
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool

from proxx_scheduler.app.ports import StoreOpenError

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "fuse.sshfs", "ceph", "glusterfs"}
)
CHECKED_BYTES = 64 * 1024 * 1024
"""A larger file is not read whole at the start: what is wrong deep inside it shows when it is read."""

ROOM_BYTES = 1024 * 1024
"""A disk that was full takes writes again when so much is free."""


class SqliteBackend:
    """A database file with its lock. Holding the lock is proof that no other scheduler lives."""

    beat_seconds: float | None = None
    shared = False

    def __init__(self, *, path: Path) -> None:
        """Lock the file; nothing is read yet.

        Raises:
            StoreOpenError: it is on a network file system, or held by another process.
        """
        self.shown = str(path)
        self._path = path
        _refuse_network(path)
        self._lock = _lock(path)
        self.writer = _engine(path, pooled=False)
        self.reader = _engine(path, pooled=True)

    def check(self, connection: Connection) -> None:
        """Refuse a damaged file.

        Raises:
            StoreOpenError: SQLite's own check finds damage.
        """
        if self._path.stat().st_size > CHECKED_BYTES:
            return
        found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        if found != "ok":
            raise StoreOpenError(f"database {self.shown} cannot be used: it is damaged: {found}")

    def room(self) -> str:
        """Return what is short: a disk with a few free pages takes a small write and refuses the next one."""
        found = os.statvfs(self._path.resolve().parent)
        free = found.f_bavail * found.f_frsize
        return "" if free >= ROOM_BYTES else f"database or disk is full: {free} bytes left, {ROOM_BYTES} wanted"

    def close(self) -> None:
        """Close the connections and let the lock go."""
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
        if pooled:
            connection.execute("PRAGMA query_only = ON")  # a read that writes is a defect, not a write
        return connection

    if pooled:
        engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=4)
    else:
        engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if pooled else "BEGIN IMMEDIATE")

    return engine


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
