"""Resolve is lent ready, to one step at a time; its trouble is not the clip's."""

import asyncio
from dataclasses import replace

import pytest

from proxx.core.failure import Failure, FailureKind
from proxx.engine.errors import HandBackError, StepFailedError
from proxx_resolve_executor.host_keeper import HostKeeper, HostState
from proxx_resolve_executor.host_port import HostFacts
from proxx_resolve_executor.resolve_error import ImportRefusedError, ResolveUnresponsiveError
from tests.fakes.clock import FakeClock, settle
from tests.fakes.resolve_host import FACTS, FakeResolve

WEDGED = ResolveUnresponsiveError("CreateProject did not return within 60 s")
NEWER = replace(FACTS, version="21.1.0.3", pairs=frozenset({("mov", "DNxHRLB")}))


class Bench:
    """A keeper over a fake host and a clock that stands still."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.host = FakeResolve()
        self.told: list[HostFacts | None] = []
        self.keeper = HostKeeper(
            host=self.host,
            clock=self.clock,
            changed=self.told.append,
            look_seconds=60.0,
            retry_seconds=30.0,
            hold_seconds=10.0,
        )

    async def use(self, error: Exception | None = None, *, step_id: str = "step-1", started: bool = False) -> HostFacts:
        async with self.keeper.lend(step_id=step_id, started=lambda: started) as facts:
            if error is not None:
                raise error
            return facts

    @property
    def shown(self) -> tuple[HostState, str, int]:
        return self.keeper.state, self.keeper.reason, self.keeper.troubles


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_ready_host_is_swept_told_and_lent(bench: Bench) -> None:
    bench.host.left_projects = ["proxx_old"]

    assert await bench.keeper.check() == FACTS
    assert await bench.use() == FACTS
    assert (bench.told, bench.host.swept, bench.host.left_projects) == ([FACTS], 1, [])
    assert bench.shown == (HostState.READY, "", 0)


async def test_it_is_lent_to_one_step_at_a_time(bench: Bench) -> None:
    await bench.keeper.check()
    lent: list[str] = []

    async def hold(name: str, gate: asyncio.Event) -> None:
        async with bench.keeper.lend(step_id=name, started=lambda: False):
            lent.append(name)
            await gate.wait()

    gate = asyncio.Event()
    first, second = asyncio.create_task(hold("a", gate)), asyncio.create_task(hold("b", gate))
    await settle()
    assert lent == ["a"]
    gate.set()
    await asyncio.gather(first, second)
    assert lent == ["a", "b"]


async def test_a_changed_resolve_is_told(bench: Bench) -> None:
    bench.host.ready_answers = [FACTS, FACTS, NEWER]
    await bench.keeper.check()

    assert [await bench.use(), await bench.use()] == [FACTS, NEWER]
    assert bench.told == [FACTS, NEWER]


async def test_a_host_that_is_not_ready_hands_the_step_back(bench: Bench) -> None:
    bench.host.ready_answers = [FACTS, WEDGED]
    await bench.keeper.check()

    with pytest.raises(HandBackError, match="CreateProject did not return"):
        await bench.use()
    assert bench.shown == (HostState.UNAVAILABLE, str(WEDGED), 1)
    assert bench.told == [FACTS, None]


async def test_while_it_is_in_trouble_a_step_waits_a_while_and_goes_back(bench: Bench) -> None:
    bench.host.ready_answers = [WEDGED]
    with pytest.raises(ResolveUnresponsiveError):
        await bench.keeper.check()

    using = asyncio.create_task(bench.use())
    await bench.clock.advance(9.9)
    assert not using.done()
    await bench.clock.advance(0.2)
    with pytest.raises(HandBackError, match="CreateProject did not return"):
        await using


async def test_a_step_that_waits_gets_the_host_when_it_recovers(bench: Bench) -> None:
    bench.host.ready_answers = [WEDGED, WEDGED, FACTS]
    with pytest.raises(ResolveUnresponsiveError):
        await bench.keeper.check()
    keeping = asyncio.create_task(bench.keeper.keep())
    await bench.clock.advance(25.0)
    using = asyncio.create_task(bench.use())

    await bench.clock.advance(5.0)

    assert await using == FACTS
    assert bench.told == [FACTS]
    keeping.cancel()


async def test_an_idle_host_is_looked_at_now_and_then(bench: Bench) -> None:
    bench.host.ready_answers = [FACTS, FACTS, NEWER]
    await bench.keeper.check()
    keeping = asyncio.create_task(bench.keeper.keep())

    await bench.clock.advance(59.0)
    assert bench.host.readied == 1
    await bench.clock.advance(62.0)

    assert (bench.host.readied, bench.told) == (3, [FACTS, NEWER])
    keeping.cancel()


async def test_a_host_that_is_being_started_is_not_called_ready(bench: Bench) -> None:
    await bench.keeper.check()
    bench.host.ready_gate.clear()
    checking = asyncio.create_task(bench.keeper.check())

    await bench.clock.advance(9.0)
    assert bench.keeper.state is HostState.READY
    await bench.clock.advance(2.0)
    assert bench.shown == (HostState.STARTING, "Resolve was gone or did not answer, and is being started", 0)
    bench.host.ready_gate.set()
    await checking

    assert (bench.keeper.state, bench.told) == (HostState.READY, [FACTS, None, FACTS])


async def test_after_a_use_that_went_wrong_it_is_looked_at_and_swept(bench: Bench) -> None:
    await bench.keeper.check()
    keeping = asyncio.create_task(bench.keeper.keep())
    with pytest.raises(ImportRefusedError):
        await bench.use(ImportRefusedError("no clip"))

    await settle()

    assert (bench.host.swept, bench.keeper.state) == (2, HostState.READY)
    keeping.cancel()


async def test_trouble_before_the_render_moved_hands_the_step_back_once(bench: Bench) -> None:
    await bench.keeper.check()

    with pytest.raises(HandBackError):
        await bench.use(WEDGED)
    await bench.keeper.check()
    with pytest.raises(StepFailedError) as caught:
        await bench.use(WEDGED)

    assert caught.value.failure == Failure(kind=FailureKind.ENGINE_UNAVAILABLE, message=str(WEDGED))


async def test_trouble_of_one_step_counts_for_no_other(bench: Bench) -> None:
    await bench.keeper.check()

    for step_id in ("step-1", "step-2"):
        with pytest.raises(HandBackError):
            await bench.use(WEDGED, step_id=step_id)
        await bench.keeper.check()


async def test_trouble_of_a_moving_render_fails_its_clip(bench: Bench) -> None:
    await bench.keeper.check()

    with pytest.raises(StepFailedError) as caught:
        await bench.use(WEDGED, started=True)

    assert caught.value.failure.kind is FailureKind.ENGINE_UNAVAILABLE
    assert bench.keeper.state is HostState.UNAVAILABLE


async def test_what_is_wrong_with_a_clip_is_not_the_hosts(bench: Bench) -> None:
    await bench.keeper.check()

    with pytest.raises(ImportRefusedError):
        await bench.use(ImportRefusedError("no clip"))

    assert (bench.shown, bench.told) == ((HostState.READY, "", 0), [FACTS])


async def test_leftovers_are_swept_only_while_nobody_uses_the_host(bench: Bench) -> None:
    await bench.keeper.sweep()
    await bench.keeper.check()
    async with bench.keeper.lend(step_id="step-1", started=lambda: False):
        await bench.keeper.sweep()
    assert bench.host.swept == 1
    await bench.keeper.sweep()
    assert bench.host.swept == 2


async def test_a_sweep_that_fails_stops_nothing(bench: Bench) -> None:
    bench.host.sweep_error = WEDGED

    assert await bench.keeper.check() == FACTS
    assert bench.keeper.state is HostState.READY
