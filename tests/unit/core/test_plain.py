"""Dataclasses of core to plain JSON values and back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from fractions import Fraction

import pytest

from proxx.core.plain import from_plain, to_plain
from proxx.core.profile import Profile
from tests.fakes.profiles import seed_library


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    rate: Fraction
    when: datetime | None = None


@dataclass(frozen=True)
class Outer:
    colour: Colour
    inners: tuple[Inner, ...]
    named: Mapping[str, Inner]
    number: float
    count: int
    note: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


WHOLE = Outer(
    colour=Colour.RED,
    inners=(Inner(rate=Fraction(24000, 1001), when=datetime(2025, 12, 29, 10, tzinfo=UTC)),),
    named={"a": Inner(rate=Fraction(25), when=datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=2))))},
    number=1.5,
    count=3,
)
PLAIN = {
    "colour": "red",
    "inners": [{"rate": "24000/1001", "when": "2025-12-29T10:00:00+00:00"}],
    "named": {"a": {"rate": "25/1", "when": "2025-01-01T00:00:00+02:00"}},
    "number": 1.5,
    "count": 3,
    "note": None,
    "tags": {},
}


def test_every_kind_of_value_has_its_plain_form() -> None:
    assert to_plain(WHOLE) == PLAIN


def test_the_plain_form_reads_back_as_an_equal_object_through_json() -> None:
    assert from_plain(Outer, json.loads(json.dumps(to_plain(WHOLE)))) == WHOLE


@pytest.mark.parametrize("profile", seed_library().profiles, ids=lambda profile: profile.name)
def test_a_profile_survives_the_way_through_json(profile: Profile) -> None:
    assert from_plain(Profile, json.loads(json.dumps(to_plain(profile)))) == profile


def test_fields_that_have_a_default_may_be_absent() -> None:
    short = {name: value for name, value in PLAIN.items() if name not in ("note", "tags")}
    assert from_plain(Outer, short) == WHOLE


def test_a_whole_number_reads_as_a_float_field() -> None:
    assert from_plain(Outer, {**PLAIN, "number": 2}).number == 2.0


@pytest.mark.parametrize(
    "changes",
    [
        {"surprise": 1},
        {"count": "3"},
        {"count": None},
        {"inners": "x"},
        {"inners": [3]},
        {"named": []},
        {"note": 3},
        {"number": "1.5"},
    ],
    ids=lambda changes: "-".join(changes) + "-" + type(next(iter(changes.values()))).__name__,
)
def test_a_plain_form_that_does_not_fit_the_type_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        from_plain(Outer, {**PLAIN, **changes})


def test_a_missing_field_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        from_plain(Outer, {name: value for name, value in PLAIN.items() if name != "colour"})


@pytest.mark.parametrize("value", [b"x", {1, 2}, object(), Inner], ids=["bytes", "set", "object", "type"])
def test_a_value_without_a_rule_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no plain form"):
        to_plain(value)
