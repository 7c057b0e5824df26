"""What the writing thread does: one transaction for everything that waits, and the truth about its outcome.

A commit that ends in an error may hold all the same: the connection died after the server had it. Nobody guesses. The
leadership row counts transactions, so the next connection reads whether the last one holds; until it does, nothing else
is written and nobody is told.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, OperationalError, SQLAlchemyError

from proxx_scheduler.app.ports import StoreError, StoreOutcomeUnknownError, StoreValueError, Tx
from proxx_scheduler.app.records import Effect
from proxx_scheduler.storage.database import Database, fact_of
from proxx_scheduler.storage.leadership import LeadershipLostError
from proxx_scheduler.storage.tx import SqlTx

log = logging.getLogger("proxx.scheduler")
GATHER_SECONDS = 0.005
"""A transaction that is younger takes what came meanwhile, too: a submission, and the look for work that it causes."""

TAKE_SECONDS = 1.0
"""A transaction that is older takes no further piece, so that the proof of the term is never much older: but one that
no executor waits for, when it has none yet."""

HURRY_SECONDS = 0.1
"""And this is enough for one that an executor waits for: what others want has its turn in the next one."""

DOUBT_SECONDS = 10.0
"""How long the callers of a commit of unknown outcome wait for the truth."""

RETRY_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Piece:
    """One caller's work."""

    work: Callable[[Tx], Any]
    done: "Future[Any]"
    first: bool = False
    """An executor waits for it."""


@dataclass(slots=True)
class _Batch:
    number: int
    results: list[tuple[Piece, Any, BaseException | None]]
    effects: list[Effect]


class Writer:
    """Owns the writing connection. Every method runs on the writing thread."""

    def __init__(
        self,
        *,
        database: Database,
        committed: Callable[[list[Effect]], None],
        changed: Callable[[], None],
        gather_seconds: float = GATHER_SECONDS,
    ) -> None:
        """`committed` gets effects; `changed` is called when `trouble` or `lost` is another one.

        A transaction that is younger than `gather_seconds` takes what came meanwhile, too.
        """
        self._gather_seconds = gather_seconds
        self._database = database
        self._committed = committed
        self._changed = changed
        self._connection: Connection | None = None
        self._doubt: _Batch | None = None
        self._lost = ""
        self.trouble = ""

    @property
    def lost(self) -> bool:
        """Whether another scheduler leads."""
        return bool(self._lost)

    @property
    def beat_seconds(self) -> float | None:
        """How long the thread may sleep without an empty transaction: to prove the term, or to see trouble end."""
        beat = self._database.beat_seconds
        if self._lost or (beat is None and not self.trouble):
            return None
        if beat is None or self.trouble:
            return 1.0
        return max(0.0, beat - self._database.leadership.proof_seconds)

    def close(self) -> None:
        """Let the connection go."""
        self._drop()
        if self._doubt is not None:
            ended = StoreOutcomeUnknownError("the scheduler ended before it was known whether this holds")
            _refuse(self._doubt.results, ended)

    def commit(
        self,
        pieces: Sequence[Piece],
        more: Callable[[], Sequence[Piece]] = tuple,
        first: Callable[[], Sequence[Piece]] = tuple,
    ) -> None:
        """Run pieces, each under its own savepoint, and tell each caller once it is durable.

        It is one transaction, unless they take longer than TAKE_SECONDS together: then it is several. `more` gives what
        came since, and is asked as long as a transaction is young; `first` gives what executors wait for, and is asked
        before each piece. If others wait, one of their pieces is in each transaction: executors never keep them out.
        """
        rest: Sequence[Piece] = self._transact(list(pieces), more, first)
        while rest:
            rest = self._transact(list(rest), more, first)

    def _transact(
        self, pieces: list[Piece], more: Callable[[], Sequence[Piece]], first: Callable[[], Sequence[Piece]]
    ) -> Sequence[Piece]:
        """Run pieces in one transaction. Returns those that it did not take any more."""
        batch = _Batch(number=0, results=[], effects=[])
        try:
            self._settle()
            connection = self._open()
            transaction = connection.begin()
            batch.number = self._database.leadership.mark(connection)
            began = time.monotonic()
            hurry = others = False
            _let_in(pieces, 0, first())
            for piece in pieces:  # grows meanwhile
                self._run(connection, piece, batch)
                done = len(batch.results)
                hurry |= piece.first
                others |= not piece.first
                passed = time.monotonic() - began
                _let_in(pieces, done, first())
                late = passed >= TAKE_SECONDS or (hurry and passed >= HURRY_SECONDS and not _is_first(pieces, done))
                if late and (others or not _advance_other(pieces, done)):
                    break
                if done == len(pieces) and passed < self._gather_seconds:
                    pieces.extend(more())
            self._database.leadership.mark_again(connection)
            if self._commit_failed(transaction.commit, batch):
                return pieces[len(batch.results) :]
        except LeadershipLostError as error:
            self._give_up(pieces, str(error))
        except SQLAlchemyError as error:
            self._drop()
            self._fail(pieces, f"the database could not be written: {fact_of(error)}", error)
        except StoreError as error:
            self._fail(pieces, str(error), error)
        else:
            self._hold(batch)
            failed = [error for _, _, error in batch.results if isinstance(error, _PieceError)]
            self._say(str(failed[0]) if failed else self.trouble and self._database.room())
            return pieces[len(batch.results) :]
        return ()

    def _open(self) -> Connection:
        if self._lost:
            raise LeadershipLostError(self._lost)
        if self._connection is None or self._connection.invalidated:
            self._drop()
            self._connection = self._database.writer.connect()
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # whatever was begun on it is rolled back with it
            connection.close()

    def _run(self, connection: Connection, piece: Piece, batch: _Batch) -> None:
        tx = SqlTx(connection)
        savepoint = connection.begin_nested()
        try:
            value = piece.work(tx)
            tx.flush()
        except DataError as error:
            savepoint.rollback()
            batch.results.append((piece, None, StoreValueError(fact_of(error))))
            return
        except SQLAlchemyError as error:
            savepoint.rollback()
            kind = _PieceError if isinstance(error, OperationalError) else StoreError
            batch.results.append((piece, None, kind(f"the database could not be written: {fact_of(error)}")))
            return
        except BaseException as error:  # noqa: BLE001  handed to the caller whole: only its own savepoint is undone
            savepoint.rollback()
            batch.results.append((piece, None, error))
            return
        savepoint.commit()
        batch.effects.extend(tx.effects)
        batch.results.append((piece, value, None))

    def _commit_failed(self, commit: Callable[[], None], batch: _Batch) -> bool:
        """Commit. Returns whether it failed; then the truth was looked for, and callers were told what is known."""
        try:
            commit()
        except SQLAlchemyError as error:
            self._doubt = batch
            self._drop()
            self._say(f"the database could not be written: {fact_of(error)}")
            self._resolve(error)
            return True
        return False

    def _resolve(self, error: SQLAlchemyError) -> None:
        deadline = time.monotonic() + DOUBT_SECONDS
        while self._doubt is not None:
            try:
                self._settle(error)
            except LeadershipLostError as lost:
                self._give_up((), str(lost))
            except (StoreError, SQLAlchemyError):
                if time.monotonic() > deadline:
                    break
                time.sleep(RETRY_SECONDS)
        if self._doubt is not None:
            fact = f"the commit failed ({fact_of(error)}); whether it holds is not known yet"
            _refuse(self._doubt.results, StoreOutcomeUnknownError(fact))

    def _settle(self, cause: Exception | None = None) -> None:
        """Find out whether the commit in doubt holds, and say so.

        Raises:
            StoreError: nobody knows yet.
            LeadershipLostError: nobody will.
        """
        batch = self._doubt
        if batch is None:
            return
        try:
            connection = self._open()
            with connection.begin():
                holds = self._database.leadership.holds(connection, batch.number)
        except SQLAlchemyError as error:
            self._drop()
            raise StoreError(f"the database cannot be asked: {fact_of(error)}") from error
        self._doubt = None
        if holds:
            log.warning("a commit in doubt holds", extra={"number": batch.number})
            self._hold(batch)
        else:
            fact = "" if cause is None else f": {fact_of(cause)}"
            _refuse(batch.results, StoreError(f"the database could not be written{fact}"))

    def _hold(self, batch: _Batch) -> None:
        self._database.leadership.counted(batch.number)
        if batch.effects:
            self._committed(batch.effects)
        for piece, value, error in batch.results:
            if piece.done.done():
                continue
            if error is None:
                piece.done.set_result(value)
            else:
                piece.done.set_exception(error)

    def _fail(self, pieces: Sequence[Piece], fact: str, cause: Exception) -> None:
        failure = StoreError(fact)
        failure.__cause__ = cause
        self._say(fact)
        for piece in pieces:
            piece.done.set_exception(failure)

    def _give_up(self, pieces: Sequence[Piece], fact: str) -> None:
        self._drop()
        self._lost = fact
        self._say(fact)
        for piece in pieces:
            piece.done.set_exception(StoreError(fact))
        if self._doubt is not None:
            batch, self._doubt = self._doubt, None
            _refuse(batch.results, StoreOutcomeUnknownError(f"{fact}; whether the last commit holds is not known"))

    def _say(self, trouble: str) -> None:
        if trouble == self.trouble:
            return
        if trouble and not self.trouble:
            log.error("the database refuses writes", extra={"fact": trouble})
        elif not trouble:
            log.info("the database takes writes again")
        self.trouble = trouble
        self._changed()


class _PieceError(StoreError):
    """One piece met trouble of the database itself: a full disk, a lock; not a defect of the piece."""


def _is_first(pieces: Sequence[Piece], place: int) -> bool:
    return place < len(pieces) and pieces[place].first


def _let_in(pieces: list[Piece], place: int, found: Sequence[Piece]) -> None:
    """Put what executors wait for behind what other executors wait for there already."""
    if found:
        while _is_first(pieces, place):
            place += 1
        pieces[place:place] = found


def _advance_other(pieces: list[Piece], place: int) -> bool:
    """Make the oldest piece that no executor waits for the next one. Returns whether there is one."""
    for index in range(place, len(pieces)):
        if not pieces[index].first:
            pieces.insert(place, pieces.pop(index))
            return True
    return False


def _refuse(results: Sequence[tuple[Piece, Any, BaseException | None]], error: StoreError) -> None:
    for piece, _, _ in results:
        if not piece.done.done():
            piece.done.set_exception(error)
