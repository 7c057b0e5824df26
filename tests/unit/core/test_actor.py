"""A claimed name is kept readable, bounded, and never mistaken for one that the scheduler knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.actor import NAME_LIMIT, OPERATOR, claim_of, claimed


@pytest.mark.parametrize(
    ("name", "actor"),
    [
        ("alice@dit-2", "claimed/alice@dit-2"),
        ("watcher/A Kamera", "claimed/watcher/A Kamera"),
        ("jürgen", "claimed/jürgen"),
        ("executor/bench-1", "claimed/executor/bench-1"),
        ("a\nb\x1b[2J", "claimed/a\\nb\\u001b[2J"),
        ("x" * 300, f"claimed/{'x' * NAME_LIMIT}…"),
        ("  ", OPERATOR),
        ("", OPERATOR),
    ],
    ids=["plain", "a watcher", "not ASCII", "another's role", "control characters", "too long", "blank", "none"],
)
def test_a_name_is_recorded_as_claimed(name: str, actor: str) -> None:
    assert claimed(claim_of(name), otherwise=OPERATOR) == actor


def test_a_claim_that_is_no_text_is_written_out() -> None:
    assert claimed("%ff", otherwise=OPERATOR) == "claimed/\\\\xff"


@given(st.text(max_size=400))
def test_any_name_travels_as_visible_ascii_and_is_printed_on_one_line(name: str) -> None:
    value = claim_of(name)
    assert value.isascii()
    assert value.isprintable()
    actor = claimed(value, otherwise=OPERATOR)
    assert actor.isprintable()
    assert actor == OPERATOR or actor.startswith("claimed/")
