"""PROBEs beside the slots: one call asks for both, and a call that asked for too little is made anew."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from proxx.core.leases import Lease
from proxx.core.steps import StepKind
from tests.fakes.clock import settle
from tests.fakes.leases import DESCRIPTION, lease, probe_outcome
from tests.unit.engine.lease_loop.bench import Bench


def encode(lease_id: str) -> Lease:
    return replace(lease(lease_id), kind=StepKind.ENCODE, probe=None)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """An executor with one slot and one place for a PROBE."""
    bench = Bench(replace(DESCRIPTION, slots=1, probe_slots=1))
    bench.scheduler.probes_apart = True
    yield bench
    await bench.end()


def asked(bench: Bench) -> list[tuple[int, int, int]]:
    """Sequence, leases and PROBEs of each call for work."""
    pairs = zip(bench.scheduler.acquired, bench.scheduler.asked_probes, strict=True)
    return [(sequence, grants, probes) for (sequence, grants), probes in pairs]


async def test_a_probe_is_done_while_the_slot_is_taken(bench: Bench) -> None:
    await bench.start()
    bench.scheduler.grant(encode("encode"))
    await settle()
    bench.scheduler.grant(lease("probe"), lease("next"))
    await settle()
    assert bench.steps.started == ["encode", "probe"]
    assert asked(bench) == [(1, 1, 1), (2, 0, 1)]
    assert bench.executor.status().held_leases == 2


async def test_a_call_for_probes_alone_is_made_anew_with_its_sequence_once_the_slot_is_free(bench: Bench) -> None:
    await bench.start()
    bench.scheduler.grant(encode("one"))
    await settle()
    bench.scheduler.grant(encode("two"))
    await settle()
    bench.steps.finish("one", probe_outcome("one"))
    await settle()
    assert asked(bench) == [(1, 1, 1), (2, 0, 1), (2, 1, 1), (3, 0, 1)]
    assert bench.steps.started == ["one", "two"]


async def test_a_call_for_encodes_alone_is_made_anew_once_a_probe_has_ended(bench: Bench) -> None:
    await bench.start()
    bench.scheduler.grant(lease("one"))
    await settle()
    bench.scheduler.grant(lease("two"))
    await settle()
    bench.steps.finish("one", probe_outcome("one"))
    await settle()
    assert asked(bench) == [(1, 1, 1), (2, 1, 0), (2, 1, 1), (3, 1, 0)]
    assert bench.steps.started == ["one", "two"]


async def test_nothing_is_asked_for_while_slot_and_place_are_taken(bench: Bench) -> None:
    await bench.start()
    bench.scheduler.grant(encode("encode"), lease("probe"), encode("other"))
    await settle()
    assert asked(bench) == [(1, 1, 1)]
    assert bench.steps.started == ["encode", "probe"]


async def test_an_executor_that_goes_away_asks_for_no_probes_either(bench: Bench) -> None:
    await bench.start()
    bench.scheduler.grant(encode("encode"))
    await settle()
    bench.executor.stop()
    await settle()
    bench.scheduler.grant(lease("probe"))
    bench.steps.finish("encode", probe_outcome("encode"))
    await settle()
    assert bench.steps.started == ["encode"]
    assert asked(bench) == [(1, 1, 1), (2, 0, 1)]
