"""The life of Resolve: started, adopted, reached, mended, never two of it, and never ended where it is another's."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from proxx_resolve_executor.bridge.child_port import CallHungError, ChildEndedError
from proxx_resolve_executor.host_port import HostFacts, InspectedClip, Media
from proxx_resolve_executor.resolve_error import (
    ResolveError,
    ResolveFreeError,
    ResolveUnresponsiveError,
    ResolveValidationError,
)
from tests.fakes.resolve_api import MAPPING, PRODUCT, VERSION
from tests.fakes.resolve_world import PROJECT, ResolveWorld

PARKING = "proxx_parking"
FACTS = HostFacts(
    product=PRODUCT, version=VERSION, studio=True, platform="linux", pairs=frozenset({("mov", "DNxHRLB")})
)
CLIP = Media(files=(Path("/raw/A001_C002.R3D"),))


@pytest.fixture
def world(tmp_path: Path) -> ResolveWorld:
    return ResolveWorld(root=tmp_path)


async def refused(world: ResolveWorld, kind: type[ResolveError]) -> str:
    """What `ready` raises."""
    with pytest.raises(kind) as caught:
        await world.host.ready()
    assert type(caught.value) is kind
    return str(caught.value)


def hang_at(operation: str, *, times: int = 1) -> Callable[[str], None]:
    """Have so many of these operations never return."""
    left = [times]

    def before(asked: str) -> None:
        if asked == operation and left[0] > 0:
            left[0] -= 1
            raise CallHungError(f"{operation} did not return within 60 s")

    return before


async def test_one_that_does_not_run_is_started_and_parked(world: ResolveWorld) -> None:
    assert world.host.facts is None
    assert await world.host.ready() == FACTS
    assert (world.processes.starts, world.api.open, list(world.api.projects)) == (1, PARKING, [PARKING])
    assert world.host.facts == FACTS
    await world.host.ready()
    assert (world.processes.starts, len(world.children)) == (1, 1)  # the one at hand is only looked at


async def test_one_that_runs_is_adopted_and_outlives_us(world: ResolveWorld) -> None:
    world.processes.adopt()
    assert await world.host.ready() == FACTS
    await world.host.close()
    assert (world.processes.starts, world.processes.ended, len(world.processes.live)) == (0, [], 1)
    assert all(child.ended for child in world.children)


async def test_what_was_started_ends_with_us(world: ResolveWorld) -> None:
    await world.host.ready()
    await world.host.close()
    assert "leave" in world.operations
    assert (world.processes.ended, world.processes.live, world.host.facts) == ([(101, False)], [], None)


async def test_what_an_executor_before_us_started_is_ours(world: ResolveWorld) -> None:
    await world.host.ready()
    after = world.new_host()  # the first one was killed: it closed nothing
    await after.ready()
    await after.close()
    assert (world.processes.starts, world.processes.live) == (1, [])


async def test_a_process_with_the_id_of_ours_is_not_ours(world: ResolveWorld) -> None:
    await world.host.ready()
    world.processes.live = []
    world.processes.adopt(101)
    after = world.new_host()
    await after.ready()
    await after.close()
    assert [process.pid for process in world.processes.live] == [101]


async def test_leftovers_are_swept_when_it_is_reached(world: ResolveWorld) -> None:
    world.api.projects = {"proxx_a": {}, "proxx_b": {}, "Feature film": {}}
    await world.host.ready()
    assert sorted(world.api.projects) == ["Feature film", PARKING]
    assert await world.host.sweep() == ("proxx_a", "proxx_b")
    assert await world.host.sweep() == ()


async def test_what_a_dead_executor_left_rendering_is_stopped_and_closed(world: ResolveWorld) -> None:
    world.processes.adopt()
    world.api.projects = {"proxx_old": {}}
    world.api.open = "proxx_old"
    await world.host.ready()
    assert (world.api.stopped, world.api.open, list(world.api.projects)) == (True, PARKING, [PARKING])
    operations = world.operations
    assert operations.index("stop_jobs") < operations.index("close_project") < operations.index("delete_project")


@pytest.mark.parametrize("by_word", [False, True], ids=["by its name", "by its word"])
async def test_the_free_edition_is_refused_and_ended(world: ResolveWorld, by_word: bool) -> None:
    product = PRODUCT if by_word else "DaVinci Resolve"
    world.api.forced["GetProductName"] = product
    if by_word:
        world.api.resolve["IsStudio"] = lambda _api: False
    sentence = await refused(world, ResolveFreeError)
    assert sentence.startswith(f"{product} {VERSION} is the free edition, or has lost its licence")
    assert world.processes.live == []


async def test_an_edition_that_cannot_be_told_is_taken(world: ResolveWorld) -> None:
    world.api.forced["GetProductName"] = None
    assert await world.host.ready() == replace(FACTS, product="", studio=False)


@pytest.mark.parametrize("own", [True, False])
async def test_background_work_is_switched_off_in_our_own_only(world: ResolveWorld, own: bool) -> None:
    quieted: list[bool] = []
    world.api.resolve["DisableBackgroundTasksForCurrentResolveSession"] = lambda _api: quieted.append(True)
    if not own:
        world.processes.adopt()
    await world.host.ready()
    assert quieted == [True] * own


async def test_silence_names_the_causes_and_ends_what_was_started(world: ResolveWorld) -> None:
    world.api.forced["scriptapp"] = None
    sentence = await refused(world, ResolveValidationError)
    assert sentence.startswith("Resolve runs, and within 300 s it gives no answer to scripts: in its preferences")
    assert (world.processes.starts, world.processes.live) == (1, [])
    assert world.clock.monotonic() >= 300


async def test_a_silent_one_of_others_is_left_alone(world: ResolveWorld) -> None:
    world.processes.adopt()
    world.api.forced["scriptapp"] = None
    assert "within 60 s" in await refused(world, ResolveValidationError)
    assert (world.processes.starts, len(world.processes.live)) == (0, 1)


async def test_a_slow_start_is_waited_for(world: ResolveWorld) -> None:
    def before(operation: str) -> None:
        if world.clock.monotonic() > 120:
            world.api.forced.pop("scriptapp", None)

    world.api.forced["scriptapp"] = None
    world.before = before
    assert await world.host.ready() == FACTS
    assert world.processes.starts == 1


async def test_a_python_that_crashes_is_named(world: ResolveWorld) -> None:
    def before(operation: str) -> None:
        raise ChildEndedError("the child process was ended by signal 11 during load", signal_number=signal.SIGSEGV)

    world.before = before
    sentence = await refused(world, ResolveValidationError)
    assert "was ended by signal 11 during load: this Resolve does not work with the Python" in sentence


async def test_a_wedged_one_is_ended_and_started_again(world: ResolveWorld) -> None:
    def mended() -> None:
        if world.processes.starts == 2:
            world.api.forced.clear()

    world.api.forced["GetCurrentDatabase"] = None
    world.processes.on_start = mended
    assert await world.host.ready() == FACTS
    assert (world.processes.starts, world.processes.ended) == (2, [(101, False)])


async def test_restarts_are_counted(world: ResolveWorld) -> None:
    world.api.forced["GetCurrentDatabase"] = None
    sentence = await refused(world, ResolveUnresponsiveError)
    assert sentence.startswith("Resolve was started 4 times within 1800 s and did not stay; the next start is allowed")
    assert "last: Resolve answers, and has no project database after 60 s; Resolve was ended" in sentence
    assert (world.processes.starts, world.processes.live) == (4, [])
    await world.clock.sleep(1800)
    world.api.forced.clear()
    assert await world.host.ready() == FACTS


async def test_a_wedged_one_of_others_is_not_ended(world: ResolveWorld) -> None:
    world.processes.adopt()
    world.api.forced["GetCurrentDatabase"] = None
    assert await refused(world, ResolveUnresponsiveError) == (
        "Resolve answers, and has no project database after 60 s; Resolve (process 50) was not started by Proxx,"
        " which therefore does not end it: restart it by hand"
    )
    assert world.processes.ended == []


async def test_one_that_may_be_taken_over_is_ended(tmp_path: Path) -> None:
    world = ResolveWorld(root=tmp_path, take_over=True)
    world.processes.adopt()
    world.api.open = "Feature film"
    world.before = hang_at("identify")
    assert await world.host.ready() == FACTS
    assert (world.processes.ended, world.processes.starts) == ([(50, False)], 1)


@pytest.mark.parametrize(
    ("name", "timelines"), [("Feature film", 0), ("Untitled Project", 1)], ids=["another's", "never saved"]
)
async def test_a_project_of_others_is_not_closed(world: ResolveWorld, name: str, timelines: int) -> None:
    world.processes.adopt()
    world.api.open = name
    world.api.forced["GetTimelineCount"] = timelines
    sentence = await refused(world, ResolveValidationError)
    assert sentence.startswith(f'Resolve is in use: its project "{name}" is open')
    assert (world.api.open, world.processes.ended) == (name, [])


async def test_a_project_opened_between_two_clips_is_not_closed(world: ResolveWorld) -> None:
    world.processes.adopt()
    await world.host.ready()
    world.api.open = "Feature film"
    await refused(world, ResolveValidationError)
    assert world.api.open == "Feature film"


async def test_a_second_instance_ends_and_the_first_is_adopted(world: ResolveWorld) -> None:
    world.processes.exits = [0]
    world.processes.on_start = world.processes.adopt
    await world.host.ready()
    await world.host.close()
    assert [process.pid for process in world.processes.live] == [50]


async def test_one_that_ends_at_once_says_its_code(world: ResolveWorld) -> None:
    world.processes.exits = [3]
    assert await refused(world, ResolveUnresponsiveError) == (
        "Resolve ended as soon as it was started, with exit code 3"
    )


async def test_one_that_cannot_be_remembered_is_ended(world: ResolveWorld) -> None:
    (world.root / "state" / "resolve.new").mkdir()
    sentence = await refused(world, ResolveValidationError)
    assert sentence == "resolve.json in the state directory cannot be written: Is a directory; Resolve was ended"
    assert world.processes.live == []


async def test_one_that_cannot_be_started_says_why(world: ResolveWorld) -> None:
    world.processes.refuses = PermissionError(13, "Permission denied")
    assert await refused(world, ResolveValidationError) == (
        'cannot start "/opt/resolve/bin/resolve": Permission denied'
    )


async def test_a_host_that_lists_no_processes_is_refused(world: ResolveWorld) -> None:
    world.processes.unlistable = True
    assert await refused(world, ResolveValidationError) == "ps cannot list the processes of this host"


async def test_one_that_does_not_end_is_killed_and_then_named(world: ResolveWorld) -> None:
    world.processes.ignores = frozenset({False, True})
    world.before = hang_at("identify")
    sentence = await refused(world, ResolveUnresponsiveError)
    assert "did not end within 30 s of being killed: restart this host" in sentence
    assert world.processes.ended == [(101, False), (101, True)]


async def test_a_clip_is_inspected_and_its_project_is_gone(world: ResolveWorld) -> None:
    clip = await world.host.inspect(project=PROJECT, media=CLIP)
    assert clip == InspectedClip(
        properties={"Frames": "8", "Start TC": "01:00:00:00", "FPS": "24.0", "Super Scale": "1"}, audio_mapping=MAPPING
    )
    assert (world.api.open, list(world.api.projects)) == (PARKING, [PARKING])


async def test_a_hang_ends_resolve_and_the_next_call_starts_it_again(world: ResolveWorld) -> None:
    world.before = hang_at("import_file")
    with pytest.raises(ResolveUnresponsiveError) as caught:
        await world.host.inspect(project=PROJECT, media=CLIP)
    assert str(caught.value) == (
        "import_file did not return within 60 s; Resolve was ended, and is started when it is needed"
    )
    assert (world.processes.live, world.host.facts) == ([], None)
    assert 'ProjectManager.CreateProject("proxx_job_00000") -> FakeObject' in caught.value.calls
    await world.host.inspect(project="proxx_again", media=CLIP)
    assert (world.processes.starts, list(world.api.projects)) == (2, [PARKING])


async def test_a_resolve_that_vanished_is_started_again(world: ResolveWorld) -> None:
    await world.host.ready()
    world.processes.gone(101)
    world.before = hang_at("readiness")
    assert await world.host.ready() == FACTS
    assert (world.processes.starts, world.processes.ended) == (2, [])


async def test_a_cancelled_call_leaves_no_project(world: ResolveWorld) -> None:
    def before(operation: str) -> None:
        if operation == "clip_properties":
            working.cancel()

    world.before = before
    working = asyncio.create_task(world.host.inspect(project=PROJECT, media=CLIP))
    world.api.forced["ImportMedia"] = [object()]
    with pytest.raises(asyncio.CancelledError):
        await working
    assert (world.api.open, list(world.api.projects), world.processes.ended) == (PARKING, [PARKING], [])


async def test_a_project_that_is_not_deleted_ends_resolve(world: ResolveWorld) -> None:
    await world.host.ready()
    world.api.forced["DeleteProject"] = False
    await world.host.inspect(project=PROJECT, media=CLIP)
    assert (world.processes.live, world.host.facts) == ([], None)
    world.api.forced.clear()
    await world.host.ready()
    assert list(world.api.projects) == [PARKING]


async def test_a_start_that_is_cancelled_leaves_no_child_and_no_stranger(world: ResolveWorld) -> None:
    def before(operation: str) -> None:
        if operation == "identify" and len(world.children) == 1:
            working.cancel()

    world.before = before
    working = asyncio.create_task(world.host.ready())
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await world.host.ready() == FACTS
    assert [child.ended for child in world.children] == [True, False]
    await world.host.close()
    assert (world.processes.starts, world.processes.live) == (1, [])


async def test_a_start_that_was_given_up_goes_on_in_the_next_call(world: ResolveWorld) -> None:
    def before(operation: str) -> None:
        if world.clock.monotonic() > 100 and len(cancelled) == 0:
            cancelled.append(working.cancel())
        if world.clock.monotonic() > 250:
            world.api.forced.pop("scriptapp", None)

    cancelled: list[bool] = []
    world.api.forced["scriptapp"] = None
    world.before = before
    working = asyncio.create_task(world.host.ready())
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await world.host.ready() == FACTS
    assert (world.processes.starts, world.processes.ended) == (1, [])
