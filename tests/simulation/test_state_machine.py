"""Random calls on the real store and the real use cases: duplicates, restarts, expiries and verbs in any order.

Hypothesis draws the calls (lease_machine.py), each campaign from a seed. The store is opened at an address, so that
every database of the product has its turn.
"""

import os
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import KINDS, new_database
from tests.simulation.lease_machine import LeaseMachine
from tests.simulation.memo import memoised

LONG = os.environ.get("PROXX_LONG") == "1"
EXAMPLES, STEPS = (300, 50) if LONG else (10, 40)
CAMPAIGNS = [(kind, None) for kind in KINDS] if LONG else [("sqlite", 1), ("sqlite", 11), ("postgresql", 11)]
REACHED = frozenset({"clip.complete", "clip.stage", "job.finish_completed"})
"""What every campaign must have seen; one that did not has shown little."""


@pytest.mark.parametrize(("kind", "seeded"), CAMPAIGNS)
@pytest.mark.timeout(1800 if LONG else 120)
def test_no_order_of_calls_breaks_the_record(
    kind: str, seeded: int | None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    class Machine(LeaseMachine):
        address = staticmethod(lambda: new_database(request, kind=kind, directory=tmp_path_factory.mktemp("machine")))
        kinds: ClassVar[set[str]] = set()

    if seeded is not None:
        seed(seeded)(Machine)
    with memoised():
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                # shrinking takes longer than a test may; PROXX_LONG=1 does it
                phases=tuple(Phase) if LONG else (Phase.explicit, Phase.generate),
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert REACHED - Machine.kinds == set()
