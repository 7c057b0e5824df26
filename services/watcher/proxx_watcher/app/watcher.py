"""All folders side by side: each has its own task, so that the trouble of one never holds up another."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass, field, replace

from proxx.core.watch_folders import FolderState, WatchFolder
from proxx_watcher.app.ports import Clock, PassOutcome, StatusSink, WatchedFolder

TELL_SECONDS = 2.0
"""How often the sinks are told even when nothing changed; the scheduler wants to hear every 5 s."""
STUCK_SECONDS = 30.0
"""After this long in one pass a folder is shown as paused: its disk does not answer."""


@dataclass(slots=True, kw_only=True)
class Watched:
    """A folder with what its loop knows of it. `wake` makes its next pass come at once."""

    folder: WatchedFolder
    poll_seconds: float
    first_view: WatchFolder
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    outcome: PassOutcome | None = None
    pass_begun: float | None = None


class Watcher:
    """Runs the folders until it is stopped, or, with `once`, until what was found at the start has ended."""

    def __init__(
        self,
        *,
        watched: Sequence[Watched],
        sinks: Sequence[StatusSink],
        clock: Clock,
        still: Sequence[WatchFolder] = (),
        patience_seconds: float = STUCK_SECONDS,
    ) -> None:
        """Take the folders and whoever is told how they stand; `still` are told too and never looked at.

        `patience_seconds` is how long a pass may take to end after a stop.
        """
        self._patience_seconds = patience_seconds
        self._watched = tuple(watched)
        self._still = tuple(still)
        self._sinks = tuple(sinks)
        self._clock = clock
        self._taken: frozenset[str] = frozenset()
        self._changed = asyncio.Event()

    async def run(self, *, stop: asyncio.Event) -> None:
        """Watch until `stop` is set; a pass that has begun is finished first."""
        await self._drive([self._loop(item, stop) for item in self._watched], stop, forever=True)

    async def run_once(self, *, stop: asyncio.Event, over: Callable[[PassOutcome], bool]) -> None:
        """Pass over every folder until `over` says of each outcome that it is over, or `stop` is set."""
        await self._drive([self._until(item, stop, over) for item in self._watched], stop, forever=False)

    def folders(self) -> tuple[WatchFolder, ...]:
        """Return how every folder stands now."""
        return (*(self._view(item) for item in self._watched), *self._still)

    @property
    def outcomes(self) -> tuple[PassOutcome, ...]:
        """The outcome of the last pass of every folder that had one."""
        return tuple(item.outcome for item in self._watched if item.outcome is not None)

    async def tell(self) -> None:
        """Tell every sink how all folders stand."""
        folders = self.folders()
        taken: set[str] = set()
        for sink in self._sinks:
            taken.update(item.name for item in await sink.tell(folders=folders))
        self._taken = frozenset(taken)

    async def _drive(self, loops: Sequence[Coroutine[None, None, None]], stop: asyncio.Event, *, forever: bool) -> None:
        """Run the folders' loops side by side, and raise what ends one of them, or the telling, before its time.

        Without `forever` it is over when all loops are. A pass that hangs when `stop` is set is left behind.
        """
        folders = {asyncio.create_task(loop, name=f"folder-{number}") for number, loop in enumerate(loops)}
        telling = asyncio.create_task(self._keep_telling(), name="telling")
        stopping = asyncio.create_task(stop.wait(), name="stopping")
        try:
            going = set(folders)
            while (going or forever) and not stop.is_set():
                done, _ = await asyncio.wait({*going, telling, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if any(task.exception() for task in done):
                    break
                going -= done
            else:
                await _finish(going, seconds=self._patience_seconds)
        finally:
            for task in (*folders, telling, stopping):
                task.cancel()
            endings = await asyncio.gather(*folders, telling, stopping, return_exceptions=True)
        for ending in endings:
            if isinstance(ending, Exception):
                raise ending
        await self.tell()

    async def _loop(self, item: Watched, stop: asyncio.Event) -> None:
        while not stop.is_set():
            outcome = await self._pass(item)
            await self._rest(item, outcome, stop)

    async def _until(self, item: Watched, stop: asyncio.Event, over: Callable[[PassOutcome], bool]) -> None:
        while not stop.is_set():
            outcome = await self._pass(item)
            if over(outcome):
                return
            await self._rest(item, outcome, stop)

    async def _pass(self, item: Watched) -> PassOutcome:
        item.wake.clear()
        item.pass_begun = self._clock.monotonic()
        try:
            item.outcome = await item.folder.open_pass(submit=item.folder.name not in self._taken)
        finally:
            item.pass_begun = None
        self._changed.set()
        return item.outcome

    async def _rest(self, item: Watched, outcome: PassOutcome, stop: asyncio.Event) -> None:
        wish = outcome.look_again_seconds
        seconds = item.poll_seconds if wish is None else min(wish, item.poll_seconds)
        waits = [
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(item.wake.wait()),
            asyncio.ensure_future(stop.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _keep_telling(self) -> None:
        while True:
            self._changed.clear()
            await self.tell()
            waits = [
                asyncio.ensure_future(self._clock.sleep(TELL_SECONDS)),
                asyncio.ensure_future(self._changed.wait()),
            ]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    def _view(self, item: Watched) -> WatchFolder:
        view = item.first_view if item.outcome is None else item.outcome.folder
        if item.pass_begun is None:
            return view
        stuck = self._clock.monotonic() - item.pass_begun
        if stuck < STUCK_SECONDS:
            return view
        return replace(
            view, state=FolderState.PAUSED, reason=f"a scan has gone on for {stuck:.0f} s: does its disk answer?"
        )


async def _finish(loops: Collection["asyncio.Task[None]"], *, seconds: float) -> None:
    if loops:
        await asyncio.wait(loops, timeout=seconds)
