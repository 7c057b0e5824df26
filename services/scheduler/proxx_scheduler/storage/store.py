"""The store: one writing thread that groups commits, and reading connections beside it.

Everything that waits when the writer becomes free goes into one transaction, each piece under its own savepoint, and is
acknowledged only after the commit: one fsync pays for all of them.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from proxx_scheduler.app.ports import StoreError, Tx
from proxx_scheduler.app.records import Effect
from proxx_scheduler.storage.database import DatabaseFile
from proxx_scheduler.storage.tx import SqlTx

Result = TypeVar("Result")
BATCH = 256


@dataclass(frozen=True, slots=True)
class _Piece:
    work: Callable[[Tx], Any]
    done: "Future[Any]"


class SqlStore:
    """Implements proxx_scheduler.app.ports.Store. `on_commit` gets the effects of a commit, on the event loop."""

    def __init__(self, *, database: DatabaseFile, on_commit: Callable[[list[Effect]], None]) -> None:
        """Take an open database. The writer starts with `start`."""
        self._database = database
        self._on_commit = on_commit
        self._pieces: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="proxx-store", daemon=True)
        self._readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="proxx-read")
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def schema_revision(self) -> str:
        """The schema's revision."""
        return self._database.revision

    def start(self) -> None:
        """Start the writing thread; effects go to the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def close(self) -> None:
        """Finish what waits, then close the database."""
        self._pieces.put(None)
        await asyncio.to_thread(self._thread.join)
        self._readers.shutdown()
        self._database.close()

    async def write(self, work: Callable[[Tx], Result]) -> Result:
        """Run `work` in a write transaction; durable when it returns."""
        done: Future[Result] = Future()
        self._pieces.put(_Piece(work, done))
        return await asyncio.wrap_future(done)

    async def read(self, work: Callable[[Tx], Result]) -> Result:
        """Run `work` on a consistent view."""
        if self._loop is None:
            raise StoreError("the store was not started")
        return await self._loop.run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Tx], Result]) -> Result:
        try:
            with self._database.reader.begin() as connection:
                return work(SqlTx(connection))
        except SQLAlchemyError as error:
            raise StoreError(f"the database could not be read: {error}") from error

    def _run(self) -> None:
        with self._database.writer.connect() as connection:
            while True:
                pieces, last = self._next_batch()
                # a caller that went away while its piece waited has cancelled it; one that runs cannot be cancelled
                wanted = [piece for piece in pieces if piece.done.set_running_or_notify_cancel()]
                if wanted:
                    self._commit(connection, wanted)
                if last:
                    return

    def _next_batch(self) -> tuple[list[_Piece], bool]:
        pieces: list[_Piece] = []
        piece = self._pieces.get()
        while True:
            if piece is None:
                return pieces, True
            pieces.append(piece)
            if len(pieces) >= BATCH:
                return pieces, False
            try:
                piece = self._pieces.get_nowait()
            except queue.Empty:
                return pieces, False

    def _commit(self, connection: Connection, pieces: list[_Piece]) -> None:
        effects: list[Effect] = []
        results: list[tuple[_Piece, Any, BaseException | None]] = []
        try:
            with connection.begin():
                results.extend((piece, *_run_piece(connection, piece, effects)) for piece in pieces)
        except SQLAlchemyError as error:
            # nothing of the batch holds: nobody may be told that it does
            failure = StoreError(f"the database could not be written: {error}")
            failure.__cause__ = error
            for piece in pieces:
                piece.done.set_exception(failure)
            return
        if effects and self._loop is not None:
            self._loop.call_soon_threadsafe(self._on_commit, effects)
        _acknowledge(results)


def _run_piece(connection: Connection, piece: _Piece, effects: list[Effect]) -> tuple[Any, BaseException | None]:
    tx = SqlTx(connection)
    savepoint = connection.begin_nested()
    try:
        value = piece.work(tx)
    except SQLAlchemyError as error:
        savepoint.rollback()
        return None, StoreError(f"the database could not be written: {error}")
    except BaseException as error:  # noqa: BLE001  handed to the caller whole: only its own savepoint is undone
        savepoint.rollback()
        return None, error
    savepoint.commit()
    effects.extend(tx.effects)
    return value, None


def _acknowledge(results: Iterable[tuple[_Piece, Any, BaseException | None]]) -> None:
    for piece, value, error in results:
        if error is None:
            piece.done.set_result(value)
        else:
            piece.done.set_exception(error)
