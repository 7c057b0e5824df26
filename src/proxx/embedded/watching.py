"""A watcher process over one folder, with a server or with a scheduler and executor of the folder's own."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from proxx.embedded.child import Child
from proxx.embedded.errors import ChildFailedError, DirectoryInUseError
from proxx.embedded.interrupts import Interrupts
from proxx.embedded.lock import DirectoryLock
from proxx.embedded.open_run import require_tools, socket_directory
from proxx.embedded.stack import Stack
from proxx.embedded.stack_settings import StackSettings
from proxx.embedded.target import Target
from proxx.embedded.watch_settings import WatchSettings, watcher_argv
from proxx.runtime.lifeline import Lifeline

_READY_SECONDS = 3600.0
_LOCK_SECONDS = 1.0
_STOP_SECONDS = 45.0
"""A pass that has begun is finished first; the watcher itself gives up after 30 s."""


async def watch_folder(
    *,
    settings: WatchSettings,
    target: Target,
    directory: Path,
    announce: Callable[[str, dict[str, object]], None],
    waiting: Callable[[str], None],
) -> int:
    """Watch until the watcher ends or a signal comes, and return the watcher's exit code: 0 after a signal.

    `directory` keeps the database of a scheduler of the folder's own, and its logs. `announce` gets the scheduler's
    address and what the watcher said when it was ready, `waiting` for whom it waits. A second signal ends everything
    at once.

    Raises:
        EmbeddedError: scheduler, executor or watcher cannot work here, or ended by themselves.
    """
    with Interrupts() as interrupts, contextlib.ExitStack() as held:
        if target.server is None and not await _held(
            held, directory, interrupts, waiting if settings.wait_lock else None
        ):
            return 0
        async with _scheduler(target, directory) as address:
            with Lifeline() as lifeline:
                child = await Child.start(
                    name="watcher",
                    argv=watcher_argv(settings, address, python=sys.executable, security=target.security),
                    lifeline=lifeline,
                    environment=_environment(),
                    log=None,
                    stdout=1 if settings.print_json else None,
                )
                try:
                    return await _until_over(child, interrupts, lambda said: announce(address, said))
                finally:
                    await child.stop(grace_seconds=0.0 if interrupts.count > 1 else _STOP_SECONDS)


async def _until_over(child: Child, interrupts: Interrupts, announce: Callable[[dict[str, object]], None]) -> int:
    """Follow the child to its end. What it could not do at the start it has said itself."""
    announcing = asyncio.ensure_future(_announce(child, announce))
    ending = asyncio.ensure_future(child.code())
    signals = asyncio.ensure_future(interrupts.next())
    stopping: asyncio.Future[None] | None = None
    try:
        while not ending.done():
            await asyncio.wait({ending, signals}, return_when=asyncio.FIRST_COMPLETED)
            if not signals.done():
                continue
            if interrupts.count > 1:
                await child.kill()
                return 128 + (signal.SIGTERM if interrupts.terminated else signal.SIGINT)
            stopping = asyncio.ensure_future(child.stop(grace_seconds=_STOP_SECONDS))
            signals = asyncio.ensure_future(interrupts.next())
        code = ending.result()
        await asyncio.wait({announcing}, timeout=1.0)
    finally:
        for task in (announcing, signals, stopping):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
    if code < 0:
        raise ChildFailedError(f"the watcher was killed by signal {-code}")
    return code


async def _announce(child: Child, announce: Callable[[dict[str, object]], None]) -> None:
    with contextlib.suppress(ChildFailedError):
        announce(await child.ready(timeout_seconds=_READY_SECONDS))


async def _held(
    held: contextlib.ExitStack, directory: Path, interrupts: Interrupts, waiting: Callable[[str], None] | None
) -> bool:
    """Hold the directory until the stack is closed; with `waiting`, when it is free. False when a signal came first.

    Raises:
        DirectoryInUseError: another process holds it, and it is not to be waited for.
    """
    await asyncio.to_thread(directory.mkdir, mode=0o700, parents=True, exist_ok=True)
    said = False
    while True:
        try:
            held.enter_context(DirectoryLock(directory))
        except DirectoryInUseError as error:
            if waiting is None:
                raise
            if not said:
                waiting(str(error))
            said = True
        else:
            return True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(interrupts.next(), _LOCK_SECONDS)
            return False


@contextlib.asynccontextmanager
async def _scheduler(target: Target, directory: Path) -> AsyncIterator[str]:
    """Yield the address of the server, or of a scheduler with an executor that live as long as the block.

    The directory is held by the caller.
    """
    if target.server is not None:
        yield target.server
        return
    require_tools(ffmpeg=target.ffmpeg, ffprobe=target.ffprobe)
    with socket_directory(directory) as sockets:
        settings = StackSettings(
            listen=f"unix:{sockets / 's'}",
            database=directory / "proxx.db",
            profiles=target.profiles,
            slots=target.slots,
            ffmpeg=target.ffmpeg,
            ffprobe=target.ffprobe,
            source_matrix=target.source_matrix,
            logs=directory,
        )
        async with Stack(settings) as stack:
            yield stack.address


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PROXX_")}
