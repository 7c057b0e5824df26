"""A young transaction takes what came meanwhile; an older one leaves it to the next."""

from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest

from proxx_scheduler.app.ports import Tx
from proxx_scheduler.database_address import database_address
from proxx_scheduler.storage.database import open_database
from proxx_scheduler.storage.tx import SqlTx
from proxx_scheduler.storage.writer import Piece, Writer


def transaction_of(tx: Tx) -> int:
    """Return the number that the leadership row gives to the transaction."""
    assert isinstance(tx, SqlTx)
    return int(tx.connection.exec_driver_sql("SELECT writes FROM leadership").scalar_one())


def piece() -> "Piece":
    done: Future[int] = Future()
    done.set_running_or_notify_cancel()
    return Piece(transaction_of, done)


def numbers(path: Path, *, gather_seconds: float) -> tuple[list[int], int]:
    """Commit one piece while two others come, one by one. Returns the transactions of all that ran, and who is left."""
    database = open_database(address=database_address(str(path / "proxx.db")), holder="test")
    writer = Writer(
        database=database, committed=lambda _: None, changed=lambda: None, gather_seconds=gather_seconds
    )  # fmt: skip
    pieces = [piece(), piece(), piece()]
    waiting = pieces[1:]

    def more() -> Sequence[Piece]:
        return [waiting.pop(0)] if waiting else []

    try:
        writer.commit(pieces[:1], more)
        return [item.done.result(timeout=0) for item in pieces if item.done.done()], len(waiting)
    finally:
        writer.close()
        database.close()


@pytest.mark.parametrize(
    ("gather_seconds", "found"), [(60.0, ([1, 1, 1], 0)), (0.0, ([1], 2))], ids=["young", "old"]
)  # fmt: skip
def test_what_comes_meanwhile_joins_a_young_transaction_only(
    tmp_path: Path, gather_seconds: float, found: tuple[list[int], int]
) -> None:
    assert numbers(tmp_path, gather_seconds=gather_seconds) == found
