"""A scheduler that is away for ten minutes of virtual time: nothing is lost, doubled or out of order."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from proxx.core.jobs import JobState
from proxx_watcher.domain.folder_settings import Layout
from tests.fakes.clock import START
from tests.unit.watcher.spec_world import SpecWorld, told

AWAY_SECONDS = 600.0


@pytest.fixture(params=[Layout.STAGED, Layout.FLAT], ids=["staged", "flat"])
def world(request: pytest.FixtureRequest, memory_path: Path) -> SpecWorld:
    """A folder of each layout in turn."""
    return SpecWorld(root=memory_path / "drops", state=memory_path / "state", layout=request.param)


@pytest.mark.parametrize("dies", [False, True], ids=["the_watcher_lives_on", "the_watcher_is_killed_in_between"])
async def test_drops_of_ten_minutes_without_a_scheduler_are_submitted_in_their_order(
    world: SpecWorld, dies: bool
) -> None:
    world.drop("running.json", {"n": 0, "ends": None})
    folder = world.life()
    await world.passes(folder, 4)
    world.scheduler.down = True
    names = ["e", "d", "c", "b", "a"]
    began = world.clock.seconds
    for number, name in enumerate(names, start=1):
        world.drop(f"{name}.json", {"n": number})
        await world.passes(folder, 12, seconds=AWAY_SECONDS / 60)
        if dies and number == 3:
            folder = world.life()
    outcome = await world.passes(folder, 1)
    since = START + timedelta(seconds=began)
    assert outcome.folder.reason.startswith(f"the scheduler does not answer since {since.isoformat()[:15]}")
    assert {state for path, (state, _) in told(outcome).items() if "running" not in path.rpartition("/")[2]} == {
        "READY"
    }
    assert outcome.waits_for_server
    assert outcome.look_again_seconds is not None
    assert outcome.look_again_seconds <= 5.0
    asked = world.scheduler.calls
    assert asked < 200, "it asks with growing pauses"

    world.scheduler.down = False
    world.scheduler.put("job-1", JobState.COMPLETED)
    world.scheduler.loses_answers = 1
    outcome = await world.passes(folder, 40, seconds=1.0)
    assert [json.loads(text)["n"] for text in world.scheduler.submitted] == [0, 1, 2, 3, 4, 5]
    assert (outcome.folder.reason, outcome.busy) == ("", False)
    assert sorted(path.name for path in world.good.glob("?.json")) == sorted(f"{name}.json" for name in names)
