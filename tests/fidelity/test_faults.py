"""Every seeded fault is caught by the checks that are named for it; what nothing catches yet is said, not passed.

PROXX_LONG=1 tries all of them, else those marked short and those that nothing catches.
"""

import os
from pathlib import Path

import pytest

from tests.fidelity.catalogue import FAULTS, label
from tests.fidelity.fault import Fault
from tests.fidelity.trial import try_fault
from tests.fidelity.workshop import Workshop

pytestmark = pytest.mark.media

LONG = os.environ.get("PROXX_LONG") == "1"
CHOSEN = [fault for fault in FAULTS if LONG or fault.short]


@pytest.mark.parametrize("fault", [pytest.param(fault, id=label(fault)) for fault in CHOSEN if fault.caught_by])
async def test_a_seeded_fault_is_caught(fault: Fault, workshop: Workshop, tmp_path: Path) -> None:
    outcome = await try_fault(fault, workshop=workshop, directory=tmp_path)

    assert set(fault.caught_by) <= set(outcome.caught_by), outcome.details


@pytest.mark.parametrize("fault", [pytest.param(fault, id=label(fault)) for fault in FAULTS if not fault.caught_by])
async def test_a_fault_that_nothing_catches_yet_is_still_not_caught(
    fault: Fault, workshop: Workshop, tmp_path: Path
) -> None:
    outcome = await try_fault(fault, workshop=workshop, directory=tmp_path)

    # the day something catches it, this fails, and the catalogue must say by what
    assert outcome.caught_by == (), outcome.details
