"""Whatever happens at whichever moment of a piece of work: nothing is left, it ends, and the next one is done."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from proxx_resolve_executor.bridge.child_port import CallHungError, ChildEndedError, ChildError
from proxx_resolve_executor.host_port import RenderEnd
from proxx_resolve_executor.resolve_error import ResolveError, ResolveFreeError
from tests.fakes.resolve_api import FakeApi
from tests.fakes.resolve_world import PROJECT, ResolveWorld

PARKING = "proxx_parking"
FEATURE = "Feature film"


async def new_world(root: Path, *, adopted: bool = False) -> ResolveWorld:
    """A host that is ready; `adopted`: its Resolve is somebody else's."""
    world = ResolveWorld(root=root)
    if adopted:
        world.processes.adopt()
    await world.host.ready()
    return world


async def render(world: ResolveWorld) -> RenderEnd:
    world.api.queue.clear()  # a queue belongs to its project, and is gone with it
    world.api.stopped = False
    world.api.polls = list(FakeApi().polls)
    for left in (world.root / "out").iterdir():
        left.unlink()
    return await world.host.render(request=world.request(), on_progress=lambda _progress: None)


async def trouble(world: ResolveWorld) -> ResolveError | None:
    """What a render raises; None where it gives its file."""
    try:
        await render(world)
    except ResolveError as error:
        return error
    return None


def at(number: int, do: Callable[[], object]) -> Callable[[str], None]:
    """Do something at the n-th operation from now on."""
    seen = [0]

    def before(_operation: str) -> None:
        seen[0] += 1
        if seen[0] == number:
            do()

    return before


async def operations_of_a_render(root: Path) -> int:
    world = await new_world(root)
    already = len(world.operations)
    await render(world)
    return len(world.operations) - already


async def test_a_render_cancelled_at_any_operation_and_again_leaves_nothing(tmp_path: Path) -> None:
    count = await operations_of_a_render(tmp_path / "whole")
    for number in range(1, count + 1):
        world = await new_world(tmp_path / str(number))
        working = asyncio.create_task(render(world))
        first, second = at(number, working.cancel), at(number + 2, working.cancel)

        def before(
            operation: str, first: Callable[[str], None] = first, second: Callable[[str], None] = second
        ) -> None:
            first(operation)
            second(operation)

        world.before = before
        await asyncio.wait({working})
        world.before = lambda _operation: None
        left = (world.api.open, list(world.api.projects), world.processes.ended)
        assert (number, left) == (number, (PARKING, [PARKING], []))
        assert (await render(world)).file.name == "proxy.mov"


@pytest.mark.parametrize(
    "failure",
    [CallHungError("a call did not return within 60 s"), ChildEndedError("the child process was ended by signal 11")],
    ids=["hangs", "dies"],
)
async def test_a_child_that_fails_at_any_operation_is_the_hosts_trouble(tmp_path: Path, failure: ChildError) -> None:
    def fail() -> None:
        raise failure

    count = await operations_of_a_render(tmp_path / "whole")
    for number in range(1, count + 1):
        world = await new_world(tmp_path / str(number))
        world.before = at(number, fail)
        error = await trouble(world)
        assert (number, error is None or error.host) == (number, True)
        world.before = lambda _operation: None
        await render(world)
        assert (number, world.api.open, list(world.api.projects)) == (number, PARKING, [PARKING])


async def test_a_resolve_that_ends_at_any_operation_is_the_hosts_trouble(tmp_path: Path) -> None:
    count = await operations_of_a_render(tmp_path / "whole")
    for number in range(1, count + 1):
        world = await new_world(tmp_path / str(number))

        def end(world: ResolveWorld = world) -> None:
            world.processes.live.clear()
            world.api.forced = {"GetProjectManager": None}

        def started(world: ResolveWorld = world) -> None:
            world.api.forced = {}
            world.api.open = "Untitled Project"

        world.processes.on_start = started
        world.before = at(number, end)
        error = await trouble(world)
        assert (number, error is None or error.host) == (number, True)
        world.before = lambda _operation: None
        await render(world)
        assert (number, world.api.open, list(world.api.projects)) == (number, PARKING, [PARKING])


async def test_a_project_that_somebody_opens_at_any_operation_stays_open_and_as_it_is(tmp_path: Path) -> None:
    whole = await new_world(tmp_path / "whole")
    already = len(whole.operations)
    await render(whole)
    operations = whole.operations[already:]
    made, closed = operations.index("create_project"), operations.index("close_project")
    for number in range(made + 2, closed - 2):  # until it is looked at which one is open: then ours is closed
        world = await new_world(tmp_path / str(number), adopted=True)
        settings = dict(world.api.project_settings)

        def open_it(world: ResolveWorld = world, settings: dict[str, object] = settings) -> None:
            settings |= world.api.project_settings
            world.api.projects[FEATURE] = {}
            world.api.open = FEATURE

        world.before = at(number, open_it)
        error = await trouble(world)
        assert (number, error is None or error.host) == (number, True)
        left = (world.api.open, PROJECT in world.api.projects, world.api.project_settings, world.processes.ended)
        assert (number, left) == (number, (FEATURE, False, settings, []))


async def test_without_a_licence_it_is_not_ready_until_it_is_studio_again(tmp_path: Path) -> None:
    world = await new_world(tmp_path / "host")
    world.api.polls = [(True, {"CompletionPercentage": 40, "Error": "no licence"})]
    world.api.forced["GetProductName"] = "DaVinci Resolve"
    with pytest.raises(ResolveFreeError):
        await world.host.render(request=world.request(), on_progress=lambda _progress: None)
    with pytest.raises(ResolveFreeError):
        await world.host.ready()
    world.api.forced.clear()
    await world.host.ready()
