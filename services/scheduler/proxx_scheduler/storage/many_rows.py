"""Statements that are run with many rows at a time, without what SQLAlchemy does for each row and each run.

A statement is written in SQLAlchemy's Core as every other one, and compiled once for each kind of database. A run hands
its text and the rows to the driver through the same connection, so that errors, lost connections and savepoints are
treated alike.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Insert, Update
from sqlalchemy.sql.compiler import SQLCompiler

_Take = Callable[[Mapping[str, object]], Any]


class ManyRows:
    """An UPDATE or INSERT that takes its values by name. All rows of a run name the same ones; an INSERT sets these."""

    def __init__(self, statement: Update | Insert) -> None:
        """Take the statement."""
        self._statement = statement
        self._forms: dict[tuple[str, tuple[str, ...]], tuple[str, _Take]] = {}

    def run(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> CursorResult[Any]:
        """Run it with some rows, at least one."""
        columns = tuple(rows[0]) if self._statement.is_insert else ()
        key = (connection.dialect.name, columns)
        text, take = self._forms.get(key) or self._compile(connection.dialect, columns)
        return connection.exec_driver_sql(text, take(rows[0]) if len(rows) == 1 else [take(row) for row in rows])

    def _compile(self, dialect: Dialect, columns: tuple[str, ...]) -> tuple[str, _Take]:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(columns) or None, for_executemany=True)
        if not isinstance(compiled, SQLCompiler) or compiled.insert_prefetch or compiled.update_prefetch:
            raise TypeError(f"only rows that name every value can be handed to the driver: {self._statement}")
        # what the statement itself says, such as the state that a step comes to; the rest stands in the rows
        constants = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
        form = self._forms[dialect.name, columns] = compiled.string, _taker(compiled.positiontup, constants)
        return form


def _taker(positions: Sequence[str] | None, constants: Mapping[str, object]) -> _Take:
    """Return what brings a row into the form that the driver takes: by place, or by name."""
    if positions is None:
        return lambda row: {**constants, **row}
    take = itemgetter(*positions)
    if constants:
        return lambda row: take({**constants, **row})
    return take
