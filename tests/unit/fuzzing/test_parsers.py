"""The short form of `make fuzz`: the seeds, some changes of each, and every input that once broke something."""

from pathlib import Path
from random import Random

import pytest

from tests import fuzzing
from tests.fuzzing.parsers import registry
from tests.fuzzing.parsers.changes import change
from tests.fuzzing.parsers.target import Form, Target, check
from tests.fuzzing.properties import BrokenPropertyError

_CRASHES = Path(next(iter(fuzzing.__path__))) / "crashes"
_INPUTS = 60
_CRASHED = sorted(path for path in _CRASHES.glob("*/*.bin"))


@pytest.mark.parametrize("name", registry.NAMES)
def test_a_parser_takes_or_refuses_whatever_it_is_given(name: str) -> None:
    target, random = registry.target(name), Random(7)
    seeds = list(target.seeds())
    for seed in seeds:
        check(target, seed)
    pool = list(seeds)
    for _ in range(_INPUTS):
        data = change(target, random.choice(pool), random=random, other=random.choice(pool))
        check(target, data)
        pool.append(data)


@pytest.mark.parametrize("path", _CRASHED, ids=[f"{path.parent.name}-{path.stem}" for path in _CRASHED])
def test_what_once_broke_a_parser_breaks_it_no_more(path: Path) -> None:
    check(registry.target(path.parent.name), path.read_bytes())


def test_every_target_is_listed_once_and_found_by_its_name() -> None:
    assert [registry.target(name).name for name in registry.NAMES] == list(registry.NAMES)
    assert len(set(registry.NAMES)) == len(registry.NAMES)


def test_changes_are_the_same_for_the_same_seed_and_reach_every_part() -> None:
    target = registry.target("jobspec")
    seed = target.seeds()[0]
    first, second = ([change(target, seed, random=Random(n), other=seed) for n in range(200)] for _ in range(2))
    assert first == second
    assert len(set(first)) > 150
    assert all(len(data) <= target.longest for data in first)


def test_an_exception_that_a_parser_does_not_document_is_a_finding() -> None:
    def broken(data: bytes) -> None:
        raise KeyError(data)

    with pytest.raises(KeyError):
        check(Target(name="broken", look=broken, seeds=tuple, form=Form.BYTES), b"x")


def test_an_input_that_takes_too_long_is_a_finding() -> None:
    with pytest.raises(BrokenPropertyError, match="1 bytes took"):
        check(Target(name="slow", look=len, seeds=tuple, form=Form.BYTES), b"x", most_seconds=-1.0)
