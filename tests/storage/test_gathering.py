"""A young transaction takes what came meanwhile; an older one leaves it to the next."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from proxx_scheduler.app.ports import Tx
from proxx_scheduler.database_address import database_address
from proxx_scheduler.storage import writer as writing
from proxx_scheduler.storage.database import open_database
from proxx_scheduler.storage.tx import SqlTx
from proxx_scheduler.storage.writer import Piece, Writer


def transaction_of(tx: Tx) -> int:
    """Return the number that the leadership row gives to the transaction."""
    assert isinstance(tx, SqlTx)
    return int(tx.connection.exec_driver_sql("SELECT writes FROM leadership").scalar_one())


def piece(work: Callable[[Tx], Any] = transaction_of, *, first: bool = False) -> "Piece":
    done: Future[Any] = Future()
    done.set_running_or_notify_cancel()
    return Piece(work, done, first)


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


@pytest.mark.parametrize(
    ("take_seconds", "hurry_seconds"),
    [
        pytest.param(0.0, 0.0, id="every piece takes too long"),
        pytest.param(60.0, 0.0, id="executors want a new transaction each time"),
    ],
)
def test_executors_who_never_stop_do_not_keep_others_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, take_seconds: float, hurry_seconds: float
) -> None:
    monkeypatch.setattr(writing, "TAKE_SECONDS", take_seconds)
    monkeypatch.setattr(writing, "HURRY_SECONDS", hurry_seconds)
    database = open_database(address=database_address(str(tmp_path / "proxx.db")), holder="test")
    writer = Writer(database=database, committed=lambda _: None, changed=lambda: None)
    other = piece()
    asked = [0]

    def first() -> Sequence[Piece]:
        """As from executors each of which calls again once it is answered: one at the begin of every transaction."""
        if asked[0] == 20 or other.done.done():
            return []
        asked[0] += 1
        return [piece(first=True)] if take_seconds == 0 or asked[0] % 2 else []

    try:
        writer.commit([other], first=first)
        assert (other.done.result(timeout=0), asked[0] < 5) == (1, True)
    finally:
        writer.close()
        database.close()


def test_executors_who_come_in_the_middle_wait_behind_those_who_were_there(tmp_path: Path) -> None:
    database = open_database(address=database_address(str(tmp_path / "proxx.db")), holder="test")
    writer = Writer(database=database, committed=lambda _: None, changed=lambda: None)
    order: list[str] = []

    def noting(name: str) -> Piece:
        return piece(lambda _tx: order.append(name), first=name != "other")

    coming = [[noting("a"), noting("b")], [noting("c")]]
    try:
        writer.commit([noting("other")], first=lambda: coming.pop(0) if coming else [])
        assert order == ["a", "b", "c", "other"]
    finally:
        writer.close()
        database.close()
