"""The store: one writing thread that groups commits, and reading connections beside it.

Everything that waits when the writer becomes free goes into one transaction, each piece under its own savepoint, and is
acknowledged only after the commit: one fsync pays for all of them. What executors write and read goes before what
others do, so that a flood of calls cannot keep them waiting: they have a line of their own to the writer, and a reader.
"""

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.exc import DataError, SQLAlchemyError

from proxx_scheduler.app.ports import StoreError, StoreOutcomeUnknownError, StoreValueError, Tx
from proxx_scheduler.app.records import Effect
from proxx_scheduler.app.wake import Wake
from proxx_scheduler.storage.database import Database, fact_of
from proxx_scheduler.storage.piece_queue import PieceQueue
from proxx_scheduler.storage.tx import SqlTx
from proxx_scheduler.storage.writer import Piece, Writer

Result = TypeVar("Result")
log = logging.getLogger("proxx.scheduler")
BATCH = 256
_READERS = 4
_FIRST_READERS = 1
_DEAD = "the thread that writes has ended: nothing is written any more"


@dataclass(frozen=True, slots=True)
class _End:
    """The last thing in the queue."""


class FirstStore:
    """The same store for executors: what they ask for goes before what others do. Implements app.ports.Store."""

    def __init__(self, store: "SqlStore") -> None:
        """Take the store."""
        self._store = store

    async def write(self, work: Callable[[Tx], Result]) -> Result:
        """Run `work` in a write transaction; durable when it returns."""
        return await self._store.write(work, first=True)

    async def read(self, work: Callable[[Tx], Result]) -> Result:
        """Run `work` on a consistent view."""
        return await self._store.read(work, first=True)


class SqlStore:
    """Implements proxx_scheduler.app.ports.Store. `on_commit` gets the effects of a commit, on the event loop.

    `changed` wakes those who follow `trouble` and `lost`.
    """

    def __init__(
        self,
        *,
        database: Database,
        on_commit: Callable[[list[Effect]], None],
    ) -> None:
        """Take an open database. The writer starts with `start`."""
        self.changed = Wake()
        self._database = database
        self._on_commit = on_commit
        self._writer = Writer(database=database, committed=self._committed, changed=self._told)
        self._pieces: PieceQueue[Piece | _End] = PieceQueue()
        self._thread = threading.Thread(target=self._run, name="proxx-store", daemon=True)
        self._readers = ThreadPoolExecutor(max_workers=_READERS, thread_name_prefix="proxx-read")
        self._first_readers = ThreadPoolExecutor(max_workers=_FIRST_READERS, thread_name_prefix="proxx-first")
        self.first = FirstStore(self)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = False
        self.dead = False
        """Whether the writing thread ended by itself, which only a defect makes it do: nothing is written any more."""

    @property
    def schema_revision(self) -> str:
        """The schema's revision."""
        return self._database.revision

    @property
    def kind(self) -> str:
        """Which database it is: "sqlite" or "postgresql"."""
        return self._database.kind

    @property
    def term(self) -> int:
        """The term that this process leads."""
        return self._database.leadership.term

    @property
    def trouble(self) -> str:
        """Why the database refuses writes, "" when it takes them."""
        return self._writer.trouble

    @property
    def unproven(self) -> str:
        """Why another scheduler may lead by now, "" while none can: what is only remembered is worth nothing then."""
        return self.trouble if self.lost else self._database.unproven()

    async def advertise(self, address: str) -> None:
        """Tell those who stand by where this process serves; each proof of the term tells it again."""
        if self._database.leadership.address == address:
            return
        self._database.leadership.address = address
        await self.write(_nothing)

    @property
    def lost(self) -> bool:
        """Whether another scheduler leads: what this process remembers is worth nothing then."""
        return self._writer.lost

    def start(self) -> None:
        """Start the writing thread; effects go to the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def close(self) -> None:
        """Finish what waits, then close the database."""
        self._pieces.put(_End())
        await asyncio.to_thread(self._thread.join)
        self._readers.shutdown()
        self._first_readers.shutdown()
        await asyncio.to_thread(self._database.close)

    async def write(self, work: Callable[[Tx], Result], *, first: bool = False) -> Result:
        """Run `work` in a write transaction, with `first` before all that waits without it; durable when it returns."""
        done: Future[Result] = Future()
        self._pieces.put(Piece(work, done, first), first=first)
        if self.dead:
            self._refuse_waiting()
        return await asyncio.wrap_future(done)

    async def read(self, work: Callable[[Tx], Result], *, first: bool = False) -> Result:
        """Run `work` on a consistent view, with `first` on a reader that nothing else uses."""
        if self._loop is None:
            raise StoreError("the store was not started")
        return await self._loop.run_in_executor(self._first_readers if first else self._readers, self._read, work)

    def _read(self, work: Callable[[Tx], Result]) -> Result:
        try:
            with self._database.reader.begin() as connection:
                return work(SqlTx(connection))
        except DataError as error:
            raise StoreValueError(fact_of(error)) from error
        except SQLAlchemyError as error:
            raise StoreError(f"the database could not be read: {fact_of(error)}") from error

    def _run(self) -> None:
        pieces: list[Piece] = []
        try:
            while True:
                waited = self._next_batch()
                pieces = _wanted(waited)
                if pieces or not (waited or self._ending):
                    self._writer.commit(
                        pieces,
                        more=lambda: self._more(pieces),  # noqa: B023  called before the next turn
                        first=lambda: self._hurried(pieces),  # noqa: B023  the same
                    )
                if self._ending:
                    return
        except BaseException:  # whatever it was: those who wait are told, and the scheduler ends
            self.dead = True
            for piece in pieces:
                if not piece.done.done():
                    piece.done.set_exception(StoreOutcomeUnknownError(_DEAD))
            self._refuse_waiting()
            log.critical(_DEAD, exc_info=True)
            self._told()
        finally:
            self._writer.close()

    def _refuse_waiting(self) -> None:
        """Refuse what nobody will ever run."""
        for piece in self._pieces.take_waiting(sys.maxsize):
            if isinstance(piece, Piece) and piece.done.set_running_or_notify_cancel():
                piece.done.set_exception(StoreError(_DEAD))

    def _next_batch(self) -> list[Piece]:
        """Wait for work. Returns nothing when it is time to show that this process leads, or to end."""
        found = self._pieces.take(timeout=self._writer.beat_seconds)
        if found is None:
            return []
        if isinstance(found, _End):
            self._ending = True
            return []
        return [found, *self._waiting(BATCH - 1)]

    def _more(self, pieces: list[Piece]) -> list[Piece]:
        """Return what came since, for the transaction that runs `pieces`, and count it among them."""
        found = _wanted(self._waiting(BATCH - len(pieces)))
        pieces.extend(found)
        return found

    def _hurried(self, pieces: list[Piece]) -> list[Piece]:
        """Return what executors want by now, for the transaction that runs `pieces`, and count it among them."""
        found = _wanted([piece for piece in self._pieces.take_first(BATCH) if isinstance(piece, Piece)])
        pieces.extend(found)
        return found

    def _waiting(self, limit: int) -> list[Piece]:
        if self._ending:
            return []
        found = self._pieces.take_waiting(limit)
        pieces = [piece for piece in found if isinstance(piece, Piece)]
        self._ending = len(pieces) < len(found)
        return pieces

    def _committed(self, effects: list[Effect]) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._on_commit, effects)

    def _told(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.changed.set)


def _wanted(pieces: list[Piece]) -> list[Piece]:
    """Return those whose callers still wait: one that went away has cancelled its piece. One that runs cannot be."""
    return [piece for piece in pieces if piece.done.set_running_or_notify_cancel()]


def _nothing(_tx: Tx) -> None:
    """Write nothing: the transaction itself tells."""
