"""The short form of the fuzzing campaign (`make fuzz-detector`), and that its loop finds what is there to be found."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxx.core.detection import DetectionReason
from tests.fuzzing import planted
from tests.fuzzing.guided import SEEDS, run_guided
from tests.fuzzing.mutate import LONGEST, mutate
from tests.fuzzing.properties import NAMES, BrokenPropertyError, check_cost, examine, examine_twice
from tests.fuzzing.trees import grow
from tests.unit.core.sources.headers import HEADERS, Header


@settings(max_examples=150, deadline=None)
@given(random=st.randoms(use_true_random=False), name=st.integers(0, len(NAMES) - 1))
def test_files_that_are_almost_well_formed_get_an_answer(random: Random, name: int) -> None:
    examine_twice(bytes([name]) + grow(random))


@settings(max_examples=150, deadline=None)
@given(random=st.randoms(use_true_random=False), header=st.sampled_from(HEADERS), other=st.sampled_from(HEADERS))
def test_changed_headers_get_an_answer(random: Random, header: Header, other: Header) -> None:
    name = bytes([random.randrange(256)])
    examine_twice(mutate(name + header.data, random=random, other=other.data))


def test_a_guided_loop_finds_nothing_broken_and_more_than_its_seeds() -> None:
    tally = run_guided(seed=7, inputs=600)
    assert tally.failures == []
    assert tally.inputs == 600
    assert set(tally.corpus) - set(SEEDS)


def test_a_guided_loop_is_the_same_for_the_same_seed() -> None:
    first, second = (run_guided(seed=3, inputs=150, costs=False) for _ in range(2))
    assert first.corpus == second.corpus


def test_a_fault_that_chance_does_not_find_is_found_by_guidance() -> None:
    seeds, folder = (bytes(8),), str(Path(planted.__file__))
    tally = run_guided(seed=3, inputs=1000, look=planted.look, folder=folder, costs=False, seeds=seeds)
    assert [text for _, text in tally.failures[:1]] == ["PlantedFaultError: found"]
    blind = run_guided(seed=3, inputs=2000, look=planted.look, folder="no such folder", costs=False, seeds=seeds)
    assert blind.failures == []


def test_grown_files_are_of_every_form() -> None:
    random = Random(11)
    reasons = {examine(b"\0" + grow(random))[0].reason for _ in range(400)}
    assert {
        DetectionReason.STANDARD_CODEC,
        DetectionReason.UNKNOWN_CODEC,
        DetectionReason.CONTRADICTION,
        DetectionReason.NO_VIDEO,
        DetectionReason.UNREADABLE,
        DetectionReason.TRUNCATED,
    } <= reasons


def test_an_input_without_any_byte_is_an_empty_file_without_a_name() -> None:
    check_cost(b"")
    assert examine(b"")[0].reason is DetectionReason.EMPTY


def test_mutation_keeps_files_short() -> None:
    random, data = Random(2), bytes(1000)
    for _ in range(300):
        data = mutate(data, random=random, other=data[:100])
        assert len(data) <= LONGEST


def test_the_cost_of_a_look_is_measured_and_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"\0" + HEADERS[0].data
    seconds, held = check_cost(data)
    assert 0 < seconds < 0.02
    assert 0 < held < 1024 * 1024
    monkeypatch.setattr("tests.fuzzing.properties.MEMORY_BYTES", held // 2)
    with pytest.raises(BrokenPropertyError, match="bytes of memory"):
        check_cost(data)
