"""Reports to the scheduler's registry, and whom it says to have a folder's name."""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from proxx.core.watch_folders import FolderState, TakenFolder, WatchFolder
from proxx.rpc.client import SchedulerClient
from proxx.rpc.errors import SchedulerUnreachableError
from proxx_watcher.client.report_sink import ReportSink, is_dead
from tests.unit.watcher.spec_world import HandClock

FOLDERS = (WatchFolder(name="a", path="/a", layout="flat", state=FolderState.WATCHING),)


@dataclass
class FakeClient:
    taken: tuple[TakenFolder, ...] = ()
    down: bool = False
    reports: list[tuple[WatchFolder, ...]] = field(default_factory=list)

    async def report_folders(
        self, *, watcher: str, incarnation: str, folders: Sequence[WatchFolder]
    ) -> tuple[float, tuple[TakenFolder, ...]]:
        if self.down:
            raise SchedulerUnreachableError("nobody")
        self.reports.append(tuple(folders))
        return 5.0, self.taken


def sink(client: FakeClient, clock: HandClock) -> ReportSink:
    return ReportSink(client=cast(SchedulerClient, cast(Any, client)), name="", incarnation="1", clock=clock)


async def test_what_changed_is_reported_soon_and_what_did_not_in_time() -> None:
    client, clock = FakeClient(), HandClock()
    reporting = sink(client, clock)
    for _ in range(50):
        await reporting.tell(folders=FOLDERS)
        clock.seconds += 0.2
    assert 4 <= len(client.reports) <= 10
    changed = (WatchFolder(name="a", path="/a", layout="flat", state=FolderState.PAUSED, reason="gone"),)
    clock.seconds += 1.3
    await reporting.tell(folders=changed)
    assert client.reports[-1] == changed


async def test_a_scheduler_that_does_not_answer_changes_nothing() -> None:
    client, clock = FakeClient(down=True), HandClock()
    assert await sink(client, clock).tell(folders=FOLDERS) == ()


@pytest.fixture
def dead_pid() -> int:
    """The id of a process that has ended."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    return dead.pid


async def test_a_name_that_a_live_watcher_has_is_told_and_that_of_a_dead_process_is_not(dead_pid: int) -> None:
    host = socket.gethostname()
    live, gone = (
        TakenFolder(name=name, watcher=f"{host}, process {pid}") for name, pid in (("a", os.getpid()), ("b", dead_pid))
    )
    client = FakeClient(taken=(live, gone))
    assert await sink(client, HandClock()).tell(folders=FOLDERS) == (live,)


@pytest.mark.parametrize("watcher", ["elsewhere, process 999999999", "anything", "", "x (elsewhere, process 1)"])
def test_a_watcher_of_another_host_is_never_taken_for_dead(watcher: str) -> None:
    assert not is_dead(watcher)
