"""Keeps the one Resolve of this host ready, lends it to one step at a time, and says how it is."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from enum import StrEnum

from proxx.core.failure import Failure
from proxx.engine.errors import HandBackError, StepFailedError
from proxx.runtime.clock import Clock
from proxx_resolve_executor.host_port import HostFacts, ResolveHost
from proxx_resolve_executor.resolve_error import ResolveError

MOST_REMEMBERED = 1000
"""So many steps that met trouble are remembered; the oldest are forgotten first."""

_LOG = logging.getLogger("proxx.resolve_executor")


class HostState(StrEnum):
    """How the Resolve of this host is. The label set of its metric: closed."""

    STARTING = "starting"
    READY = "ready"
    UNAVAILABLE = "unavailable"


class HostKeeper:
    """Owned by one event loop. Every use of the host goes through here, one at a time.

    Trouble of the host is not the clip's: a step that meets it is handed back, once. The second time that the same
    step does, after Resolve was ready for it, its clip may be the cause, and it fails.
    """

    def __init__(
        self,
        *,
        host: ResolveHost,
        clock: Clock,
        changed: Callable[[HostFacts | None], None],
        look_seconds: float,
        retry_seconds: float,
        hold_seconds: float,
    ) -> None:
        """Take the host, the clock, and who is told its facts when it is ready, or None when it is not any more.

        An idle host is looked at every `look_seconds`: it may have been closed, or exchanged for another. After trouble
        the host is tried again every `retry_seconds`; a step waits `hold_seconds` for it before it is handed back, so
        that a scheduler that offers it again at once is not asked in circles.
        """
        self._host = host
        self._clock = clock
        self._changed = changed
        self._look_seconds = look_seconds
        self._retry_seconds = retry_seconds
        self._hold_seconds = hold_seconds
        self._turn = asyncio.Lock()
        self._ready = asyncio.Event()
        self._doubt = asyncio.Event()
        self._met: dict[str, None] = {}
        self._facts: HostFacts | None = None
        self.state = HostState.STARTING
        self.reason = "Resolve was not ready yet"
        self.troubles = 0

    async def check(self) -> HostFacts:
        """Make the host ready, remove what earlier attempts left in it, and say so.

        Raises:
            ResolveError: it is not ready; the state says so too.
        """
        async with self._turn:
            facts = await self._check()
            self._doubt.clear()
            await self._sweep()
            return facts

    async def keep(self) -> None:
        """Look at the host now and then, and after every use that went wrong until it is ready and swept.

        Runs until it is cancelled.
        """
        while True:
            await self._first_of(self._doubt, self._look_seconds)
            try:
                await self.check()
            except ResolveError:
                await self._clock.sleep(self._retry_seconds)

    @contextlib.asynccontextmanager
    async def lend(self, *, step_id: str, started: Callable[[], bool]) -> AsyncIterator[HostFacts]:
        """Lend the host, ready, to one step. `started` tells whether a render has begun to move.

        Raises:
            HandBackError: the host is in trouble, and the step was not begun, for the first time.
            StepFailedError: the host fell into trouble over this step again, or after its render had started.
            ResolveError: the step itself failed, not the host.
        """
        await self._wait_until_ready()
        async with self._turn:
            try:
                facts = await self._check()
            except ResolveError as error:
                raise HandBackError(str(error)) from error
            try:
                yield facts
            except ResolveError as error:
                self._doubt.set()
                if not error.host:
                    raise
                self._fell(error)
                if started() or step_id in self._met:
                    raise StepFailedError(Failure(kind=error.kind, message=str(error))) from error
                self._remember(step_id)
                raise HandBackError(str(error)) from error
            except BaseException:
                # To be rid of a render Resolve may have been ended, with its project on its disk.
                self._doubt.set()
                raise

    async def sweep(self) -> None:
        """Remove projects that dead attempts left, if nobody uses the host now: else the next use does."""
        if self.state is not HostState.READY or self._turn.locked():
            return
        async with self._turn:
            await self._sweep()

    async def _wait_until_ready(self) -> None:
        if self._ready.is_set():
            return
        await self._first_of(self._ready, self._hold_seconds)
        if not self._ready.is_set():
            raise HandBackError(self.reason)

    async def _first_of(self, event: asyncio.Event, seconds: float) -> None:
        waits = {asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._clock.sleep(seconds))}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _check(self) -> HostFacts:
        slow = asyncio.ensure_future(self._say_if_slow())
        try:
            facts = await self._host.ready()
        except ResolveError as error:
            self._fell(error)
            raise
        finally:
            slow.cancel()
        if self.state is not HostState.READY or facts != self._facts:
            _LOG.info("Resolve is ready", extra={"product": facts.product, "version": facts.version})
            self._facts = facts
            self._changed(facts)
        self.state, self.reason = HostState.READY, ""
        self._ready.set()
        return facts

    async def _say_if_slow(self) -> None:
        """A Resolve that is not ready at once is being started: that may take minutes, and is no secret meanwhile."""
        await self._clock.sleep(self._hold_seconds)
        if self.state is HostState.READY:
            self._changed(None)
            self.state, self.reason = HostState.STARTING, "Resolve was gone or did not answer, and is being started"
            self._ready.clear()

    async def _sweep(self) -> None:
        try:
            removed = await self._host.sweep()
        except ResolveError as error:
            # The next use finds out what is wrong; a leftover project harms nobody until then.
            _LOG.warning("projects that earlier attempts left were not removed: %s", error)
            return
        if removed:
            _LOG.info("removed projects that earlier attempts left", extra={"projects": ", ".join(removed)})

    def _fell(self, error: ResolveError) -> None:
        self.troubles += 1
        _LOG.error("Resolve is in trouble: %s", error, extra={"error": type(error).__name__})
        if self.state is HostState.READY:
            self._changed(None)
        self.state, self.reason = HostState.UNAVAILABLE, str(error)
        self._ready.clear()
        self._doubt.set()

    def _remember(self, step_id: str) -> None:
        self._met[step_id] = None
        while len(self._met) > MOST_REMEMBERED:
            del self._met[next(iter(self._met))]
