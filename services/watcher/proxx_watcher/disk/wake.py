"""File events as an alarm clock: they only make the next scan come early, and are never believed."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

import structlog
from watchfiles import awatch

from proxx.runtime.no_replace import file_system_of
from proxx_watcher.disk.off_loop import DiskThread

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "fuse"}
)
"""Where the kernel sees only what this machine does itself; `fuse.*` counts as well."""
_AGAIN_SECONDS = 30.0
_DEBOUNCE_MS = 50


def has_events(directory: Path) -> bool:
    """Whether events of a directory tell what other machines do in it."""
    return tells_of_others(file_system_of(directory))


def tells_of_others(kind: str) -> bool:
    """Whether the kernel sees all that happens on a file system of this kind, as the mount table names it."""
    return kind not in NETWORK_FILE_SYSTEMS and not kind.startswith("fuse.")


class Wake:
    """Calls `wake` when something happens in the folder, in `inbox` below it, or anywhere below, until it is closed."""

    def __init__(self, *, root: Path, inbox: str, recursive: bool, wake: Callable[[], None]) -> None:
        """Take what to watch; a directory that is absent is tried again later. On network disks nothing is watched."""
        self._root = root
        self._inbox = root / inbox
        self._recursive = recursive
        self._wake = wake
        self._thread = DiskThread(name=f"events-{root.name}")  # a disk that hangs holds up this alarm alone
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.create_task(self._watch(), name="wake")

    async def close(self) -> None:
        """Stop watching."""
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        log = structlog.stdlib.get_logger("proxx.watcher")
        said = False
        if not await self._thread.run(lambda: has_events(self._root)):
            return
        while not self._stop.is_set():
            directories = await self._thread.run(self._directories)
            try:
                async for _ in awatch(
                    *directories,
                    recursive=self._recursive,
                    watch_filter=None,
                    debounce=_DEBOUNCE_MS,
                    step=_DEBOUNCE_MS,
                    stop_event=self._stop,
                ):
                    self._wake()
                    if await self._thread.run(self._directories) != directories:
                        break
                else:
                    await self._pause()
            except (OSError, RuntimeError) as error:
                # no such directory now, or no inotify watch left: the polls go on without it
                if not said:
                    log.warning("wake.unavailable", directory=str(self._root), reason=str(error))
                said = True
                await self._pause()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), _AGAIN_SECONDS)

    def _directories(self) -> tuple[Path, ...]:
        below = (self._inbox,) if not self._recursive and self._inbox.is_dir() else ()
        return (self._root, *below)
