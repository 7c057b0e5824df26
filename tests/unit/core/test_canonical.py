"""The one canonical JSON form and the digest over it."""

import hashlib
import json
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.canonical import canonical_json, digest

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=20,
)


def test_keys_are_sorted_by_code_point_and_nothing_is_escaped_or_spaced() -> None:
    value = {"ä": 1, "b": [True, None, 1.5], "a": {"z": "é/\n", "B": MappingProxyType({"x": ()})}}
    assert canonical_json(value) == '{"a":{"B":{"x":[]},"z":"é/\\n"},"b":[true,null,1.5],"ä":1}'


def test_the_digest_is_sha256_over_the_utf8_text() -> None:
    assert digest({"ä": 1}) == hashlib.sha256('{"ä":1}'.encode()).hexdigest()


def test_an_empty_object_has_the_known_digest() -> None:
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@given(JSON)
def test_canonical_text_reads_back_as_the_same_value(value: object) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), st.integers()))
def test_the_order_of_keys_does_not_change_the_digest(value: dict[str, int]) -> None:
    assert digest(dict(reversed(value.items()))) == digest(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]], ids=["nan", "inf", "nested"])
def test_a_number_that_is_not_finite_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"x", "got bytes"),
        ({1: 2}, "string keys only, got 1"),
        ([{"a": object()}], "got object"),
        ({"a": {1, 2}}, "got set"),
    ],
    ids=["bytes", "number as key", "nested object", "set"],
)
def test_what_json_cannot_hold_is_refused_by_name(value: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        canonical_json(value)
