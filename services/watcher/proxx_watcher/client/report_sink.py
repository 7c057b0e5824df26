"""Reports the folders to the scheduler's registry, where `proxx watchers` and the console find them."""

import contextlib
import os
import re
import socket
from dataclasses import replace

from proxx.core.watch_folders import TakenFolder, WatchFolder
from proxx.rpc.client import SchedulerClient
from proxx.rpc.errors import CallError
from proxx.runtime.clock import Clock

FIRST_REPORT_SECONDS = 2.0
_SOONEST_SECONDS = 0.25
_PROCESS = re.compile(r"(?:^|\()(?P<host>[^()]*), process (?P<pid>[0-9]{1,9})\)?$")


class ReportSink:
    """Implements proxx_watcher.app.ports.StatusSink. Jobs never depend on it: what fails is tried again later."""

    def __init__(
        self,
        *,
        client: SchedulerClient,
        name: str,
        incarnation: str,
        clock: Clock,
    ) -> None:
        """Take how to reach the scheduler, a name for people (or none), and what is new with every start."""
        self._client = client
        process = f"{socket.gethostname()}, process {os.getpid()}"
        self._watcher = f"{name} ({process})" if name else process
        self._incarnation = incarnation
        self._clock = clock
        self._within = FIRST_REPORT_SECONDS
        self._last: tuple[WatchFolder, ...] | None = None
        self._next = 0.0
        self._taken: tuple[TakenFolder, ...] = ()

    async def tell(self, *, folders: tuple[WatchFolder, ...]) -> tuple[TakenFolder, ...]:
        """Report when something changed or it is time."""
        now = self._clock.monotonic()
        still = tuple(_without_times(folder) for folder in folders)
        if now < self._next - (self._within / 2 if still != self._last else 0):
            return self._taken
        try:
            within, taken = await self._client.report_folders(
                watcher=self._watcher, incarnation=self._incarnation, folders=folders
            )
        except CallError:
            self._next = now + self._within  # the folders themselves say that the scheduler does not answer
            return self._taken
        self._taken = tuple(item for item in taken if not is_dead(item.watcher))
        self._within = max(_SOONEST_SECONDS, within / 2)
        self._last, self._next = still, now + self._within
        return self._taken

    async def leave(self) -> None:
        """Give the names of the folders back, so that the next watcher need not wait until this one counts as gone."""
        with contextlib.suppress(CallError):
            await self._client.report_folders(watcher=self._watcher, incarnation=self._incarnation, folders=())


def is_dead(watcher: str) -> bool:
    """Whether a watcher was a process of this host that is there no more: killed, and not yet counted as gone."""
    found = _PROCESS.search(watcher)
    if found is None or found["host"] != socket.gethostname():
        return False
    try:
        os.kill(int(found["pid"]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # another user's process
    return False


def _without_times(folder: WatchFolder) -> WatchFolder:
    return replace(folder, oldest_wait_seconds=None, last_scan_time=None, last_scan_seconds=None)
