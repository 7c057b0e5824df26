"""One fault, tried: its scene is prepared, the bad proxy made, measured and judged."""

from pathlib import Path

from tests.fidelity.case import Case
from tests.fidelity.fault import Fault
from tests.fidelity.outcome import Outcome
from tests.fidelity.workshop import Workshop


async def try_fault(fault: Fault, *, workshop: Workshop, directory: Path) -> Outcome:
    """Return what the verdict says of the bad proxy. `directory` is empty and the fault's own."""
    prepared = await workshop.prepare(fault.scene)
    return await fault.attempt(Case(workshop=workshop, prepared=prepared, directory=directory))
