"""What Resolve returned is read with suspicion."""

from collections.abc import Callable
from typing import Any

import pytest

from proxx_resolve_executor.bridge.values import (
    RESULT_CHARACTERS,
    AnswerError,
    entries,
    names,
    outcome,
    plain,
    shown,
    text_fields,
    text_or_none,
    texts,
    value_text,
)


class Remote:
    """An object of Resolve: every attribute is there, and asking for one must not happen."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"asked for {name}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (False, False), (None, None), (1, None), ("", None), (Remote(), None)],
    ids=["true", "false", "none", "number", "text", "object"],
)
def test_only_a_truth_value_is_an_outcome(value: object, expected: bool | None) -> None:
    assert outcome(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, []),
        (["a"], ["a"]),
        (("a", "b"), ["a", "b"]),
        ({1.0: "a", 2.0: "b"}, ["a", "b"]),
    ],
    ids=["none", "list", "tuple", "positions"],
)
def test_lists_of_any_build(value: object, expected: list[object]) -> None:
    assert (entries(value), texts(value)) == (expected, expected)


def test_names_of_presets_are_texts_or_fields() -> None:
    listed = [{"RenderPresetName": "a"}, "b", {"other": 1, "Name": "c"}]
    assert names(listed, keys=("RenderPresetName", "Name")) == ["a", "b", "c"]


def test_fields_become_text() -> None:
    fields = {"FPS": 23.976, "Super Scale": 1, "Flag": True, "Empty": None, "Name": "x", "List": [1, {"a": None}]}
    assert text_fields(fields) == {
        "FPS": "23.976",
        "Super Scale": "1",
        "Flag": "1",
        "Empty": "",
        "Name": "x",
        "List": '[1, {"a": null}]',
    }


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (text_or_none, 1),
        (text_or_none, False),
        (entries, "text"),
        (entries, 5),
        (entries, [0] * 20_001),
        (texts, ["a", 1]),
        (lambda value: names(value, keys=("Name",)), [{"Other": "x"}]),
        (text_fields, None),
        (text_fields, {1: "x"}),
        (text_fields, dict.fromkeys(map(str, range(20_001)))),
        (text_fields, {"x": Remote()}),
        (value_text, Remote()),
    ],
    ids=range(12),
)
def test_what_the_reference_does_not_know_is_refused(read: Callable[[object], object], value: object) -> None:
    with pytest.raises(AnswerError):
        read(value)


def test_a_value_is_shown_in_one_bounded_line() -> None:
    assert shown("a\nb") == '"a\\nb"'
    assert shown(Remote()) == "Remote"
    assert shown({"a": Remote()}) == '{"a": "Remote"}'
    assert shown(None) == "None"
    assert len(shown({"a": "x" * 10_000})) == RESULT_CHARACTERS + 1


def test_plain_json_of_anything() -> None:
    deep: object = 1
    for _ in range(10):
        deep = [deep]
    assert plain({1: float("nan"), "b": deep}) == {"1": "nan", "b": [[[[["list"]]]]]}
