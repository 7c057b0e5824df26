"""What every part of a transaction shares: the connection, the effects to tell after the commit, small conversions."""

import json
from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Row

from proxx.core.canonical import plain_json
from proxx.core.plain import from_plain, to_plain
from proxx_scheduler.app.records import Effect

Record = TypeVar("Record")
IN_LIMIT = 500
"""Most values of one IN: SQLite bounds the number of parameters of a statement."""


class TxBase:
    """One open transaction.

    What a call writes for many leases alike is put off and written together: a statement with many rows costs a
    fraction of as many statements. Whoever asks for `connection` gets one on which all of it was written, so that
    nothing that was put off can be missed; `direct` is for what provably does not look at it.
    """

    def __init__(self, connection: Connection) -> None:
        """Take a connection on which a transaction has begun."""
        self.direct = connection
        self.effects: list[Effect] = []
        self._put_off: dict[Executable, list[Mapping[str, object]]] = {}
        self._turns: dict[Hashable, int] = {}
        self._rows: dict[str, Row[Any]] = {}
        self._known: dict[str, Row[Any]] = {}
        self._known_at: dict[tuple[str, int], str] = {}

    @property
    def connection(self) -> Connection:
        """The connection, after everything that was put off was written."""
        self.flush()
        return self.direct

    def flush(self) -> None:
        """Write everything that was put off."""
        if self._put_off:
            statements, self._put_off = self._put_off, {}
            self._turns.clear()
            for statement, rows in statements.items():
                self.direct.execute(statement, rows)

    def _forget_leases(self, job_key: str, clips: Iterable[int]) -> None:
        """Forget what was read of leases of clips that changed."""
        for index in clips:
            self._known.pop(self._known_at.pop((job_key, index), ""), None)

    def _later(self, statement: Executable, row: Hashable, values: Mapping[str, object]) -> None:
        """Put a change of one row off. Statements run in the order of their first rows, so that a row which an earlier
        one is to change again after a later one is written first.
        """
        if self._put_off and self._turn(statement) < self._turns.get(row, 0):
            self.flush()
        self._turns[row] = self._turn(statement)
        self._put_off.setdefault(statement, []).append(values)

    def _clip_later(self, statement: Executable, job_key: str, clip_index: int, values: Mapping[str, object]) -> None:
        """Put a change of a clip off; the statement names the clip by b_job and b_clip."""
        self._later(statement, (job_key, clip_index), {"b_job": job_key, "b_clip": clip_index, **values})

    def _turn(self, statement: Executable) -> int:
        for turn, known in enumerate(self._put_off):
            if known is statement:
                return turn
        return len(self._put_off)


def dump(value: object) -> str:
    """Return a record as canonical JSON text."""
    return plain_json(to_plain(value))


def load(kind: type[Record], text: str | None) -> Record | None:
    """Return the record in a JSON text, None for none."""
    return None if text is None else from_plain(kind, json.loads(text))


def load_list(kind: type[Record], text: str) -> tuple[Record, ...]:
    """Return the records in a JSON list."""
    return tuple(from_plain(kind, item) for item in json.loads(text))


def load_object(text: str) -> dict[str, Any]:
    """Return a JSON object."""
    value: dict[str, Any] = json.loads(text)
    return value


def load_names(text: str) -> tuple[str, ...]:
    """Return the strings in a JSON list."""
    return tuple(str(item) for item in json.loads(text))


def time_text(value: datetime) -> str:
    """Return a UTC time as text that sorts."""
    return value.isoformat(timespec="microseconds")


def time_value(text: str | None) -> datetime | None:
    """Return the time in a text."""
    return None if text is None else datetime.fromisoformat(text)
