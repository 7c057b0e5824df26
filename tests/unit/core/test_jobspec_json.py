"""JobSpec text: what is not strict JSON is refused with its line and column."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.jobspec.json_text import MAX_DEPTH, read_object
from proxx.core.jobspec.values import MAX_TEXT_BYTES
from proxx.core.violation import Violation, ViolationCode


def nested(depth: int) -> str:
    return '{"a":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "Expecting value"),
        ("codec: h264", 1, 1, "Expecting value"),
        ('{"a": 1}\n{"b": 2}', 2, 1, "Extra data"),
        ("{'a': 1}", 1, 2, "Expecting property name enclosed in double quotes"),
        ('{"a": "x\ny"}', 1, 9, "Invalid control character at"),
        ('{"a": 1 // required\n}', 1, 9, "Expecting ',' delimiter"),
        ('\ufeff{"a": 1}', 1, 1, "Unexpected UTF-8 BOM (decode using utf-8-sig)"),
        ('{"a": 1,\n "b": 2,\n "a": 3}', 3, 2, 'the key "a" stands twice in one object'),
        ('{"b": {"x": 1, "x": 2}}', 1, 16, 'the key "x" stands twice in one object'),
        ('{"a": 1, "\\u0061": 3}', 1, 10, 'the key "a" stands twice in one object'),
        ('{"\\": [": 1, "a": {"b": "b"}, "b": ["b", "b"], "a": 1}', 1, 48, 'the key "a" stands twice in one object'),
        ('{"a": NaN}', 1, 7, "NaN is no JSON number"),
        ('{"a": [1,\n-Infinity]}', 2, 1, "-Infinity is no JSON number"),
        ('{"a": 1e999}', 1, 7, "the number 1e999 is out of range"),
        ('{"a": ' + "9" * 41 + "}", 1, 7, "a number with 41 characters; at most 40 are read"),
        ('{"a": 0.' + "9" * 5000 + "}", 1, 7, "a number with 5002 characters; at most 40 are read"),
        (nested(MAX_DEPTH + 1), 1, 5 + MAX_DEPTH, f"nested deeper than {MAX_DEPTH} levels"),
        ("[" * 100_000, 1, MAX_DEPTH + 1, f"nested deeper than {MAX_DEPTH} levels"),
        (nested(100_000), 1, 5 + MAX_DEPTH, f"nested deeper than {MAX_DEPTH} levels"),
        ('{"a": "\ud800"}', 1, 8, "a lone surrogate, which is no Unicode text"),
        (' [{"a": 1}]', 1, 2, "a JobSpec is a JSON object, got an array"),
        ('"2.1"', 1, 1, 'a JobSpec is a JSON object, got the string "2.1"'),
        ("null", 1, 1, "a JobSpec is a JSON object, got null"),
    ],
)
def test_text_that_is_no_strict_json_object_is_refused_with_its_place(
    text: str, line: int, column: int, reason: str
) -> None:
    assert read_object(text=text) == Violation(
        code=ViolationCode.JSON_INVALID,
        field="",
        message=f"The JobSpec is not valid JSON at line {line}, column {column}: {reason}",
    )


def test_text_beyond_the_limit_is_not_read() -> None:
    assert read_object(text="ü" * (MAX_TEXT_BYTES // 2) + "!") == Violation(
        code=ViolationCode.LIMIT_EXCEEDED,
        field="",
        message=(
            "The JobSpec has 8388609 bytes; at most 8388608 are taken, and a job has at most 10000 sources: submit"
            " several jobs"
        ),
        expected="8388608",
    )


def test_the_deepest_legal_nesting_is_read() -> None:
    assert isinstance(read_object(text=nested(MAX_DEPTH)), dict)


@given(
    st.dictionaries(
        st.text(),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-(2**60), 2**60)
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(),
            lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
            max_leaves=12,
        ),
        max_size=5,
    )
)
def test_whatever_is_strict_json_is_read_as_it_is(value: dict[str, object]) -> None:
    assert read_object(text=json.dumps(value)) == value


@given(st.text(alphabet='{}[]",:\\ \n01eE+-.NaIuty', max_size=60))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    assert isinstance(read_object(text=text), dict | Violation)
