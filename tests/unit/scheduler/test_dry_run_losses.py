"""A dry run that takes one executor after another with it fails; it is not passed on for ever."""

import asyncio
import random

from proxx.core.roots import RootPath
from proxx.core.steps import ProbeItem
from proxx_scheduler.app.dry_runs import DryRuns
from proxx_scheduler.app.wake import Wake
from proxx_scheduler.domain.losing import LOSSES_LIMIT
from tests.fakes.clock import settle
from tests.fakes.leases import DESCRIPTION
from tests.simulation.hand_clock import HandClock
from tests.simulation.sim_clock import SimIds

ITEM = ProbeItem(clip_index=0, source=RootPath(root="media", path="a.mov"), output=None)


async def test_a_dry_run_that_is_lost_again_and_again_fails() -> None:
    clock = HandClock()
    runs = DryRuns(clock=clock, ids=SimIds(random.Random("dry")), lease_seconds=10, wake=Wake())
    report = asyncio.create_task(runs.probe(items=(ITEM,), output_directory=None))
    for _ in range(LOSSES_LIMIT):
        await settle()
        assert len(runs.take(session_id="one", description=DESCRIPTION, grants=1)) == 1
        clock.seconds += 11
        runs.expire()
    (source,) = (await report).sources
    assert [item.code for item in source.violations] == ["PROBE_FAILED"]
    assert "It was started 3 times, and each time its executor was lost" in source.violations[0].message
    assert (runs.waiting, runs.take(session_id="one", description=DESCRIPTION, grants=1)) == (False, ())
