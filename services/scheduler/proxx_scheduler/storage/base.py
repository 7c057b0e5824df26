"""What every part of a transaction shares: the connection, the effects to tell after the commit, small conversions."""

import json
from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, bindparam, update

from proxx.core.plain import from_plain
from proxx.core.plain_text import plain_text
from proxx_scheduler.app.records import Effect
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.many_rows import ManyRows

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
        self.identity = ""
        self._put_off: dict[ManyRows, list[Mapping[str, object]]] = {}
        self._order: dict[ManyRows, int] = {}
        self._turns: dict[Hashable, int] = {}
        self._clip_changes: dict[tuple[str, int], dict[str, object]] = {}
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
        self._flush_rows()
        self._flush_clips()

    def _flush_rows(self) -> None:
        if self._put_off:
            statements, self._put_off = self._put_off, {}
            self._order.clear()
            self._turns.clear()
            for statement, rows in statements.items():
                statement.run(self.direct, rows)

    def _flush_clips(self) -> None:
        if self._clip_changes:
            changes, self._clip_changes = self._clip_changes, {}
            self._write_clips(changes)

    def _write_clips(self, changes: Mapping[tuple[str, int], Mapping[str, object]]) -> None:
        """Write changes of clips: one statement for all clips of which the same columns change."""
        alike: dict[tuple[str, ...], list[Mapping[str, object]]] = {}
        for (job_key, clip_index), values in changes.items():
            row = {"b_job": job_key, "b_clip": clip_index, **values}
            alike.setdefault(tuple(values), []).append(row)
        for columns, rows in alike.items():
            _change_clips(columns).run(self.direct, rows)

    def _forget_leases(self, job_key: str, clips: Iterable[int]) -> None:
        """Forget what was read of leases of clips that changed."""
        for index in clips:
            self._known.pop(self._known_at.pop((job_key, index), ""), None)

    def _later(self, statement: ManyRows, row: Hashable, values: Mapping[str, object]) -> None:
        """Put a change of one row off. Statements run in the order of their first rows, so that a row which an earlier
        one is to change again after a later one is written first.
        """
        turn = self._order.get(statement, len(self._order))
        if turn < self._turns.get(row, 0):
            self.flush()
            turn = 0
        self._order[statement] = self._turns[row] = turn
        self._put_off.setdefault(statement, []).append(values)

    def _clip_later(self, job_key: str, clip_index: int, **columns: object) -> None:
        """Put a change of a clip off. Whatever changes of it until then is one statement: its row is a long one."""
        self._clip_changes.setdefault((job_key, clip_index), {}).update(columns)


@lru_cache(maxsize=128)
def _change_clips(columns: tuple[str, ...]) -> ManyRows:
    c = t.clips.c
    one = update(t.clips).where(c.job_key == bindparam("b_job"), c.clip_index == bindparam("b_clip"))
    return ManyRows(one.values({name: bindparam(name) for name in columns}))


def dump(value: object) -> str:
    """Return a record as canonical JSON text."""
    return plain_text(value)


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
