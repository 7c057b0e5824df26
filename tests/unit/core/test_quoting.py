"""Strangers' text in our sentences: one line, bounded, nothing invisible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.quoting import describe, quote


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("plain é 日本", '"plain é 日本"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("a\n\r\tb", '"a\\n\\r\\tb"'),
        ("\x1b[31mred", '"\\u001b[31mred"'),
        ("a\u202eb", '"a\\u202eb"'),
        ("\udc80", '"\\udc80"'),
        ("\U000e0001", '"\\U000e0001"'),
        ("x" * 201, '"' + "x" * 200 + '…"'),
    ],
    ids=["printable", "quotes", "line ends", "terminal escape", "direction", "surrogate", "tag", "long"],
)
def test_text_is_quoted_escaped_and_bounded(text: str, quoted: str) -> None:
    assert quote(text=text) == quoted


@given(st.text(st.characters(), max_size=300))
def test_quoted_text_is_always_one_printable_line(text: str) -> None:
    assert quote(text=text).isprintable()


def test_json_values_are_described_by_kind() -> None:
    values: list[object] = [None, True, False, 2.1, 10**60, "x\n", [], {}, (), {1}]
    assert [describe(value=value) for value in values] == [
        "null",
        "true",
        "false",
        "the number 2.1",
        "the number 1" + "0" * 39,
        'the string "x\\n"',
        "an array",
        "an object",
        "an array",
        "a set",
    ]
