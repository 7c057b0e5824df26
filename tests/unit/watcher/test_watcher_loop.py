"""The loop over all folders, under a clock that the test moves."""

import asyncio
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from proxx.core.watch_folders import FolderState, TakenFolder, WatchFolder
from proxx_watcher.app.once import once_is_over
from proxx_watcher.app.ports import PassOutcome
from proxx_watcher.app.watcher import STUCK_SECONDS, Watched, Watcher
from tests.fakes.clock import START, FakeClock, settle


def view(name: str) -> WatchFolder:
    return WatchFolder(name=name, path=f"/{name}", layout="flat", state=FolderState.WATCHING)


@dataclass
class FakeFolder:
    """Counts its passes; `gate` holds them up."""

    name: str
    wish: float | None = None
    busy: bool = False
    passes: list[bool] = field(default_factory=list)
    gate: asyncio.Event | None = None
    breaks_at: int = 0

    async def open_pass(self, *, submit: bool) -> PassOutcome:
        self.passes.append(submit)
        if len(self.passes) == self.breaks_at:
            raise ZeroDivisionError(self.name)
        if self.gate is not None:
            await self.gate.wait()
        return PassOutcome(folder=view(self.name), look_again_seconds=self.wish, busy=self.busy, failures=0)


@dataclass
class FakeSink:
    told: list[tuple[WatchFolder, ...]] = field(default_factory=list)
    taken: tuple[TakenFolder, ...] = ()

    async def tell(self, *, folders: tuple[WatchFolder, ...]) -> tuple[TakenFolder, ...]:
        self.told.append(folders)
        return self.taken


@dataclass
class World:
    folders: list[FakeFolder]
    clock: FakeClock = field(default_factory=FakeClock)
    sink: FakeSink = field(default_factory=FakeSink)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def watcher(self, *, poll_seconds: float = 2.0, patience_seconds: float = STUCK_SECONDS) -> Watcher:
        self.watched = [
            Watched(folder=folder, poll_seconds=poll_seconds, first_view=view(folder.name)) for folder in self.folders
        ]
        still = (WatchFolder(name="off", path="/off", layout="flat", state=FolderState.DISABLED),)
        return Watcher(
            watched=self.watched, sinks=(self.sink,), clock=self.clock, still=still, patience_seconds=patience_seconds
        )

    async def running(self, then: Callable[[Watcher], object]) -> None:
        """Run the watcher while `then` is done with it."""
        watcher = self.watcher()
        task = asyncio.create_task(watcher.run(stop=self.stop))
        try:
            await settle()
            await then(watcher)  # type: ignore[misc]
        finally:
            self.stop.set()
            for folder in self.folders:
                if folder.gate is not None:
                    folder.gate.set()
            await asyncio.wait_for(task, 5)


async def test_each_folder_is_looked_at_every_interval_and_earlier_when_it_wishes() -> None:
    world = World([FakeFolder("slow"), FakeFolder("eager", wish=0.5)])

    async def then(watcher: Watcher) -> None:
        for _ in range(8):
            await world.clock.advance(0.5)
        assert len(world.folders[0].passes) == 3
        assert len(world.folders[1].passes) == 9

    await world.running(then)


async def test_an_event_brings_the_next_look_forward() -> None:
    world = World([FakeFolder("a")])

    async def then(watcher: Watcher) -> None:
        world.watched[0].wake.set()
        await settle()
        assert len(world.folders[0].passes) == 2

    await world.running(then)


async def test_a_folder_whose_disk_hangs_is_shown_and_holds_up_no_other() -> None:
    hung, good = FakeFolder("hung", gate=asyncio.Event()), FakeFolder("good")
    world = World([hung, good])

    async def then(watcher: Watcher) -> None:
        for _ in range(20):
            await world.clock.advance(2.0)
        assert len(hung.passes) == 1
        assert len(good.passes) > 15
        shown = {folder.name: (folder.state, folder.reason) for folder in world.sink.told[-1]}
        assert shown["hung"] == (FolderState.PAUSED, "a scan has gone on for 40 s: does its disk answer?")
        assert shown["good"] == (FolderState.WATCHING, "")
        assert shown["off"][0] is FolderState.DISABLED
        assert STUCK_SECONDS == 30.0

    await world.running(then)


async def test_a_folder_whose_name_another_watcher_has_submits_nothing() -> None:
    world = World([FakeFolder("a")])
    world.sink.taken = (TakenFolder(name="a", watcher="other"),)

    async def then(watcher: Watcher) -> None:
        await world.clock.advance(2.0)
        world.sink.taken = ()
        await world.clock.advance(2.0)
        await world.clock.advance(2.0)
        assert world.folders[0].passes == [True, False, False, True]

    await world.running(then)


async def test_once_ends_when_every_folder_is_over() -> None:
    quick, slow = FakeFolder("quick"), FakeFolder("slow", busy=True)
    world = World([quick, slow])
    watcher = world.watcher()
    task = asyncio.create_task(watcher.run_once(stop=world.stop, over=lambda outcome: not outcome.busy))
    await world.clock.advance(4.0)
    assert not task.done()
    slow.busy = False
    await world.clock.advance(2.0)
    await asyncio.wait_for(task, 5)
    assert (len(quick.passes), len(slow.passes)) == (1, 4)
    assert {outcome.folder.name for outcome in watcher.outcomes} == {"quick", "slow"}


@pytest.mark.parametrize("once", [False, True], ids=["for ever", "once"])
async def test_a_loop_that_breaks_ends_the_watcher_at_once_and_says_why(once: bool) -> None:
    world = World([FakeFolder("good", busy=True), FakeFolder("broken", busy=True, breaks_at=2)])
    watcher = world.watcher()
    run = watcher.run_once(stop=world.stop, over=lambda _: False) if once else watcher.run(stop=world.stop)
    task = asyncio.create_task(run)
    await world.clock.advance(2.0)
    await settle()
    with pytest.raises(ZeroDivisionError, match="broken"):
        await asyncio.wait_for(task, 5)


async def test_a_sink_that_breaks_ends_the_watcher_at_once() -> None:
    world = World([FakeFolder("good")])

    async def broken(*, folders: tuple[WatchFolder, ...]) -> tuple[TakenFolder, ...]:
        raise ZeroDivisionError("sink")

    world.sink.tell = broken  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError, match="sink"):
        await asyncio.wait_for(world.watcher().run(stop=world.stop), 5)


async def test_a_single_look_whose_disk_hangs_ends_a_while_after_a_signal() -> None:
    world = World([FakeFolder("hung", gate=asyncio.Event()), FakeFolder("good")])
    task = asyncio.create_task(world.watcher(patience_seconds=0.05).run_once(stop=world.stop, over=lambda _: True))
    await settle()
    assert not task.done()
    world.stop.set()
    await asyncio.wait_for(task, 5)


def test_a_single_look_waits_a_minute_for_a_scheduler_however_late_it_went_away() -> None:
    outcome = PassOutcome(folder=view("a"), look_again_seconds=None, busy=True, failures=0, waits_for_server=True)
    now = START + timedelta(hours=2)
    over = {
        seconds: once_is_over(outcome=outcome, gone_since=now - timedelta(seconds=seconds), now=now)
        for seconds in (1, 60, 61)
    }
    assert over == {1: False, 60: False, 61: True}
    paused = dataclasses.replace(outcome.folder, state=FolderState.PAUSED)
    assert once_is_over(outcome=dataclasses.replace(outcome, folder=paused), gone_since=None, now=now)
