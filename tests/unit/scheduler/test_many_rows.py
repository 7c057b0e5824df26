"""Statements that the driver runs with many rows: their text, the form of their rows, and what they refuse."""

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, create_engine, insert, select, update

from proxx_scheduler.storage.many_rows import ManyRows

items = Table(
    "items", MetaData(), Column("key", Integer, primary_key=True), Column("state", String), Column("note", String)
)
defaulted = Table(
    "defaulted", MetaData(), Column("key", Integer, primary_key=True), Column("note", String, default="-")
)

ADD = ManyRows(insert(items))
END = ManyRows(update(items).where(items.c.key == bindparam("b_key")).values(state="DONE", note=bindparam("b_note")))
FORGET = ManyRows(update(items).where(items.c.key == bindparam("b_key")).values(note=None))


def run(*steps: tuple[ManyRows, list[dict[str, object]]]) -> tuple[list[int], list[tuple[object, ...]]]:
    """Run statements on an empty table. Returns how many rows each changed, and the table."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        items.metadata.create_all(connection)
        counts = [statement.run(connection, rows).rowcount for statement, rows in steps]
        return counts, [tuple(row) for row in connection.execute(select(items).order_by(items.c.key))]


def test_rows_are_added_and_changed_with_what_the_statement_says_itself():
    added = [{"key": 1, "state": "NEW", "note": "a"}, {"key": 2, "state": "NEW", "note": "b"}]
    counts, table = run((ADD, added), (END, [{"b_key": 1, "b_note": "x"}, {"b_key": 9, "b_note": "y"}]))
    assert counts == [2, 1]
    assert table == [(1, "DONE", "x"), (2, "NEW", "b")]


def test_single_row_counts_as_one():
    counts, table = run((ADD, [{"key": 1, "state": "NEW", "note": "a"}]), (FORGET, [{"b_key": 1}]))
    assert (counts, table) == ([1, 1], [(1, "NEW", None)])


def test_rows_that_name_other_columns_set_those():
    _, table = run((ADD, [{"key": 1, "state": "NEW"}]), (ADD, [{"note": "later", "key": 2}]))
    assert table == [(1, "NEW", None), (2, None, "later")]


def test_row_without_a_value_that_the_statement_asks_for_is_refused():
    with pytest.raises(KeyError, match="b_note"):
        run((END, [{"b_key": 1}]))


def test_column_that_python_would_fill_is_refused():
    with create_engine("sqlite://").begin() as connection, pytest.raises(TypeError, match="name every value"):
        ManyRows(insert(defaulted)).run(connection, [{"key": 1}])
