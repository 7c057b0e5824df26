"""Records to canonical JSON text in one go: the bytes are those of the two steps that it stands for."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, StrEnum
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxx.core.canonical import plain_json
from proxx.core.judge import judge
from proxx.core.plain import to_plain
from proxx.core.plain_text import plain_text, plain_text_without
from proxx.core.planner import plan_clip
from proxx.core.roots import RootPath
from proxx.core.steps import ProbeItem
from proxx.runtime.profile_files import builtin_library
from tests.fakes.measured import measured_as_planned, probed, source_facts
from tests.fakes.media_facts import inputs_with


class Word(StrEnum):
    RED = "red"


class Number(Enum):
    ONE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    name: str
    word: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    only: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    zeal: str
    alone: Alone
    empty: Empty
    inner: Inner | None
    inners: tuple[Inner, ...]
    lines: tuple[str, ...]
    count: int
    share: float
    on: bool
    rate: Fraction | None
    when: datetime | None
    number: Number
    mixed: int | str | None
    facts: Mapping[str, object] = field(default_factory=dict)


texts = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(['"', "\\", "%s", "%", "\n", "\x7f"])
inners = st.builds(Inner, name=texts, word=st.just(Word.RED))
outers = st.builds(
    Outer, zeal=texts, alone=st.builds(Alone, only=texts), empty=st.just(Empty()), inner=st.none() | inners,
    inners=st.lists(inners, max_size=3).map(tuple), lines=st.lists(texts, max_size=3).map(tuple),
    count=st.integers(), share=st.floats(allow_nan=False, allow_infinity=False), on=st.booleans(),
    rate=st.none() | st.fractions(), when=st.none() | st.just(datetime(2026, 1, 2, 3, tzinfo=UTC)),
    number=st.just(Number.ONE), mixed=st.none() | st.integers() | texts,
    facts=st.dictionaries(texts, st.integers() | texts | st.booleans() | inners, max_size=3),
)  # fmt: skip


def in_two_steps(value: object) -> str:
    return plain_json(to_plain(value))


@settings(max_examples=40)
@given(outers)
def test_text_is_that_of_the_plain_values(value: Outer):
    assert plain_text(value) == in_two_steps(value)


def test_text_of_what_storage_keeps_is_that_of_the_plain_values():
    place = RootPath(root="local", path="in/A001.mov")
    found = probed(ProbeItem(clip_index=0, source=place, output=None))
    profile = builtin_library().get("proxy_h264_low")
    assert profile is not None
    inputs = inputs_with(profile=profile, facts=source_facts(), container="mp4")
    plan = plan_clip(inputs=inputs)
    measured = measured_as_planned(plan)
    kept = (found, inputs, plan, measured, judge(plan=plan, measured=measured))
    assert [plain_text(value) for value in kept] == [in_two_steps(value) for value in kept]


MISFITS: Mapping[str, dict[str, Any]] = {
    "number where text is expected": {"zeal": 7},
    "number in a list of text": {"lines": ("a", 3)},
    "boolean where a number is expected": {"count": True},
    "number where a boolean is expected": {"on": 1},
    "whole number where a fraction is expected": {"rate": 25},
    "list where a tuple is expected": {"lines": ["a", "b"]},
    "another record": {"inner": Alone(only="x")},
    "record without its text": {"alone": Alone(only=4)},  # type: ignore[arg-type]  # that is the point
}


@pytest.mark.parametrize("misfit", MISFITS.values(), ids=MISFITS)
def test_value_of_another_type_than_its_hint_is_written_as_what_it_is(misfit: dict[str, Any]):
    fields: dict[str, Any] = {
        "zeal": "z", "alone": Alone(only="a"), "empty": Empty(), "inner": None, "inners": (), "lines": (), "count": 1,
        "share": 0.5, "on": False, "rate": None, "when": None, "number": Number.ONE, "mixed": None,
    }  # fmt: skip
    value = Outer(**(fields | misfit))
    assert plain_text(value) == in_two_steps(value)


def test_fields_can_be_left_out():
    assert plain_text_without(Inner(name="a", word=Word.RED), fields=frozenset({"word"})) == '{"name":"a"}'


@pytest.mark.parametrize("number", [math.nan, math.inf], ids=["not a number", "infinite"])
def test_number_that_is_not_finite_is_refused(number: float):
    with pytest.raises(ValueError, match="not JSON compliant"):
        plain_text({"number": number})


def test_value_without_a_plain_form_is_refused():
    with pytest.raises(TypeError, match="no plain form for object"):
        plain_text(Alone(only=object()))  # type: ignore[arg-type]  # that is the point
