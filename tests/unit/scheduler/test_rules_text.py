"""How queues and resources are spelled in the settings."""

import pytest

from proxx_scheduler.domain.rules import QueueRule, Resource, Rules, exhausted, full_queues
from proxx_scheduler.rules_text import read_rules


def test_queues_and_resources_are_read() -> None:
    found = read_rules(
        queues=["night=3", "a=b=1:4"],
        resources=["resolve_licences=2:engine/resolve", "raw=1:profile/one+profile/two+engine/resolve"],
    )
    assert found == Rules(
        queues={"night": QueueRule(weight=3), "a=b": QueueRule(weight=1, limit=4)},
        resources={
            "resolve_licences": Resource(name="resolve_licences", count=2, engines=frozenset({"resolve"})),
            "raw": Resource(
                name="raw", count=1, engines=frozenset({"resolve"}), profiles=frozenset({"one", "two"})
            ),
        },
    )  # fmt: skip
    assert found.needed(engine="resolve", profile="other") == ("raw", "resolve_licences")
    assert found.needed(engine="ffmpeg", profile="two") == ("raw",)
    assert found.needed(engine="ffmpeg", profile="other") == ()
    assert (found.weight("night"), found.weight("unknown"), dict(found.limits)) == (3, 1, {"a=b": 4})


def test_staging_budgets_are_read_with_their_units() -> None:
    found = read_rules(queues=(), resources=(), budgets=["a=0", "b=c=17", "media=500GiB", "slow=3MiB"])
    assert found == Rules(budgets={"a": 0, "b=c": 17, "media": 500 * 2**30, "slow": 3 * 2**20})
    assert found.bounded
    fits = [found.fits(root="b=c", staged=10, expected=size) for size in (7, 8)]
    assert (fits, found.fits(root="elsewhere", staged=10**18, expected=1)) == ([True, False], True)


@pytest.mark.parametrize(
    ("budgets", "rule"),
    [
        pytest.param(["media"], "'media': expected ROOT=BYTES", id="no size"),
        pytest.param(["=5"], "'=5': expected ROOT=BYTES", id="no root"),
        pytest.param(["media=5GB"], "'media=5GB': expected ROOT=BYTES", id="a unit of thousands"),
        pytest.param(["media=-5"], "expected ROOT=BYTES", id="less than nothing"),
        pytest.param(["media=1", "media=2"], "root 'media' is named twice", id="twice"),
    ],
)
def test_a_wrong_staging_budget_is_quoted(budgets: list[str], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        read_rules(queues=(), resources=(), budgets=budgets)


@pytest.mark.parametrize(
    ("queues", "resources", "rule"),
    [
        pytest.param(["night"], [], "'night': expected NAME=WEIGHT", id="no weight"),
        pytest.param(["=1"], [], "'=1': expected NAME=WEIGHT", id="no name"),
        pytest.param(["n=0"], [], "'n=0': '0' is not a whole number from 1 to 1000", id="weight nought"),
        pytest.param(["n=1:"], [], "'n=1:': '' is not a whole number", id="empty limit"),
        pytest.param(["n=1:x"], [], "'n=1:x': 'x' is not a whole number", id="limit in letters"),
        pytest.param(["n=1", "n=2"], [], "queue 'n' is named twice", id="queue twice"),
        pytest.param([], ["r=1"], "'r=1': expected NAME=COUNT:USER", id="no user"),
        pytest.param([], ["r=1:host/a"], "'r=1:host/a': expected NAME=COUNT:USER", id="unknown kind of user"),
        pytest.param([], ["r=0:engine/resolve"], "'0' is not a whole number", id="count nought"),
        pytest.param([], ["r=1:engine/a", "r=1:engine/b"], "resource 'r' is named twice", id="resource twice"),
        pytest.param([f"q{n}=1" for n in range(201)], [], "at most 200 queues", id="too many queues"),
    ],
)
def test_what_breaks_the_form_is_refused_with_its_text(queues: list[str], resources: list[str], rule: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011  the text is compared below
        read_rules(queues=queues, resources=resources)
    assert rule in str(raised.value)


def test_what_is_full_and_what_is_used_up() -> None:
    rules = read_rules(queues=["a=1:2", "b=1:1", "c=1"], resources=["r=2:engine/x", "s=1:engine/y"])
    assert full_queues(held={"a": 1, "b": 1, "c": 9}, rules=rules) == {"b"}
    assert exhausted(taken=["r", "s", "r"], rules=rules) == {"r", "s"}
    assert exhausted(taken=["r"], rules=rules) == frozenset()
