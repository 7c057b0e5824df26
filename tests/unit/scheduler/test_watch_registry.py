"""What the scheduler keeps of watchers' reports: the newest one, of one watcher for each name."""

from dataclasses import replace

import pytest

from proxx.core.watch_folders import FolderState, TakenFolder, WatchFolder
from proxx_scheduler.app.errors import RequestInvalidError
from proxx_scheduler.app.watch_registry import FORGET_SECONDS, SILENT_SECONDS, WatchRegistry
from tests.fakes.clock import START, FakeClock


def folder(name: str) -> WatchFolder:
    return WatchFolder(name=name, path=f"/{name}", layout="flat", state=FolderState.WATCHING)


def report(registry: WatchRegistry, watcher: str, *names: str) -> tuple[TakenFolder, ...]:
    return registry.report(watcher=watcher, incarnation=f"of {watcher}", folders=tuple(map(folder, names)))


def test_folders_are_listed_by_name_with_their_watcher_and_the_time_of_the_report() -> None:
    registry = WatchRegistry(clock=FakeClock())
    assert report(registry, "one", "b", "a") == ()
    told = tuple(replace(folder(name), watcher="one", report_time=START) for name in ("a", "b"))
    assert registry.folders() == told
    assert registry.folders(name="b") == told[1:]


def test_a_folder_that_its_watcher_leaves_out_is_forgotten_and_those_of_others_stay() -> None:
    registry = WatchRegistry(clock=FakeClock())
    report(registry, "one", "a", "b")
    report(registry, "two", "c")
    report(registry, "one", "b")
    assert [item.name for item in registry.folders()] == ["b", "c"]


async def test_a_name_belongs_to_the_first_live_watcher_until_it_is_silent() -> None:
    clock = FakeClock()
    registry = WatchRegistry(clock=clock)
    report(registry, "one", "a")
    assert report(registry, "two", "a", "b") == (TakenFolder(name="a", watcher="one"),)
    assert [(item.name, item.watcher) for item in registry.folders()] == [("a", "one"), ("b", "two")]
    await clock.advance(SILENT_SECONDS)
    assert report(registry, "two", "a", "b") == ()
    assert [(item.name, item.watcher) for item in registry.folders()] == [("a", "two"), ("b", "two")]


async def test_the_folders_of_a_watcher_that_fell_silent_say_so_and_are_forgotten_after_an_hour() -> None:
    clock = FakeClock()
    registry = WatchRegistry(clock=clock)
    report(registry, "one", "a")
    await clock.advance(SILENT_SECONDS + 5)
    (silent,) = registry.folders()
    reason = "its watcher has not reported for 20 s; what is shown is as old"
    assert (silent.state, silent.reason) == (FolderState.SILENT, reason)
    await clock.advance(FORGET_SECONDS)
    assert registry.folders() == ()


@pytest.mark.parametrize(
    ("names", "watcher", "field"),
    [
        (("a", "a"), "one", "folders[1].name"),
        (("",), "one", "folders[0].name"),
        (("a" * 1025,), "one", "folders[0].name"),
        (("a",), "", "watcher"),
        (tuple(f"{number}" for number in range(1001)), "one", "folders"),
    ],
    ids=["name twice", "no name", "long name", "no watcher", "too many folders"],
)
def test_a_report_that_breaks_a_limit_is_refused_whole(names: tuple[str, ...], watcher: str, field: str) -> None:
    registry = WatchRegistry(clock=FakeClock())
    with pytest.raises(RequestInvalidError) as caught:
        report(registry, watcher, *names)
    assert caught.value.field == field
    assert registry.folders() == ()
