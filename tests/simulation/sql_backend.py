"""The product's own SQL on SQLite in memory, without the writing thread: the same transactions, one after another."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from proxx_scheduler.app.ports import StoreError, Tx
from proxx_scheduler.storage.tables import metadata
from proxx_scheduler.storage.tx import SqlTx
from tests.simulation.sim_store import PieceOutcome

Result = TypeVar("Result")


class SqlBackend:
    """Implements Backend over one SQLite database in memory."""

    def __init__(self) -> None:
        self._engine = create_engine("sqlite://", poolclass=StaticPool)

        @event.listens_for(self._engine, "connect")
        def _connect(raw: Any, _record: object) -> None:
            raw.isolation_level = None

        @event.listens_for(self._engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN")

        metadata.create_all(self._engine)

    def run(self, works: Sequence[Callable[[Tx], Any]]) -> list[PieceOutcome]:
        with self._engine.connect() as connection, connection.begin():
            return [self._piece(connection, work) for work in works]

    def _piece(self, connection: Connection, work: Callable[[Tx], Any]) -> PieceOutcome:
        tx = SqlTx(connection)
        savepoint = connection.begin_nested()
        try:
            value = work(tx)
            tx.flush()
        except SQLAlchemyError as error:
            savepoint.rollback()
            return PieceOutcome(None, StoreError(f"the database could not be written: {error}"), [])
        except Exception as error:  # noqa: BLE001  handed to the caller whole, as the product's store does
            savepoint.rollback()
            return PieceOutcome(None, error, [])
        savepoint.commit()
        return PieceOutcome(value, None, tx.effects)

    def read(self, work: Callable[[Tx], Result]) -> Result:
        with self._engine.connect() as connection, connection.begin():
            return work(SqlTx(connection))

    def close(self) -> None:
        self._engine.dispose()
