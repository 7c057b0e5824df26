"""Probes that start, hang and end Resolve. Only where that was allowed."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

from proxx.runtime.clock import Clock
from proxx_resolve_executor.bridge.child_port import ChildError
from proxx_resolve_executor.bridge.importing import import_media
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.bridge.processes import HostProcesses, ProcessListError
from proxx_resolve_executor.bridge.projects import make_project
from proxx_resolve_executor.bridge.remote import Remote
from proxx_resolve_executor.discovery import Installation, Platform
from proxx_resolve_executor.doctor.finding import Level
from proxx_resolve_executor.doctor.leaving import leave_as_it_was
from proxx_resolve_executor.doctor.visit import Arrived, Visit
from proxx_resolve_executor.host_port import Media
from proxx_resolve_executor.resolve_error import ResolveError

NO_DISPLAY = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}
"""What a program of X11 or Wayland takes for no display at all."""

RATES = ("24", "25")
"""Two rates of a project: a clip has at least one of them not."""

GONE_SECONDS = 20.0
LOOK_SECONDS = 0.1

Then = Callable[[Arrived], Awaitable[str]]
"""What is done with a Resolve that was reached; returns what came of it."""


class Restarts:
    """Starts Resolve again and again, each time for one question."""

    def __init__(
        self,
        *,
        installation: Installation,
        options: ResolveOptions,
        clock: Clock,
        visit: Callable[[Mapping[str, str]], Visit],
        project: str,
        kept: Collection[str],
    ) -> None:
        """Take which Resolve, how a visit is made with variables added to its environment, the name of the project that
        is made, and the projects that were there before.
        """
        self._installation = installation
        self._options = options
        self._clock = clock
        self._visit = visit
        self._project = project
        self._kept = kept
        self._swept = False

    async def answers(self, *, media: Media | None) -> dict[str, str]:
        """Return the answers, by the names that fixtures have for them. Resolve does not run afterwards."""
        found = {}
        if self._installation.platform is Platform.LINUX:
            found["nogui_without_display"] = await self._ask(NO_DISPLAY, _nothing)
        if media is not None:

            async def bring_in(arrived: Arrived) -> str:
                return await self._import_at_another_rate(arrived.remote, media)

            found["import_at_another_rate"] = await self._ask({}, bring_in)
        found["start_before_kill"] = await self._ask({}, self._kill)
        found["start_after_kill"] = await self._ask({}, self._sweep)
        return found

    async def clean(self) -> str:
        """Start Resolve once more, and remove what a hang has left in it; returns what went wrong, if anything did."""
        answer = await self._ask({}, self._sweep)
        return "" if self._swept else answer

    async def _ask(self, environment: Mapping[str, str], then: Then) -> str:
        visit, before = self._visit(environment), self._clock.monotonic()
        try:
            arrived = await visit.arrive()
            took = self._clock.monotonic() - before
            if arrived is None:
                facts = [finding.fact for finding in visit.findings if finding.level is Level.FAIL]
                return f"not ready after {took:.1f} s: {'; '.join(facts)}"
            ready = f"ready after {took:.1f} s" if arrived.began else "it was running already"
            said = await then(arrived)
            return f"{ready}; {said}" if said else ready
        finally:
            await visit.leave()

    async def _import_at_another_rate(self, remote: Remote, media: Media) -> str:
        """Whether an import asks somebody who is not there when its rate is not the project's."""
        try:
            for rate in RATES:
                await make_project(remote=remote, parking=self._options.parking_project, name=self._project)
                await remote.set_setting(key="timelineFrameRate", value=rate)
                before = self._clock.monotonic()
                properties = await import_media(remote=remote, media=media)
                if properties.get("FPS", "").partition(".")[0] != rate:
                    took = self._clock.monotonic() - before
                    return f"a clip of {properties.get('FPS')} imported at {rate} without a question in {took:.1f} s"
            return "no clip of another rate"
        except (ChildError, ResolveError) as error:
            return str(error)

    async def _kill(self, arrived: Arrived) -> str:
        processes, binary = HostProcesses(self._installation.platform), self._installation.binary
        await arrived.child.end()
        try:
            for process in await asyncio.to_thread(processes.running, binary):
                processes.end(process, force=True)
            deadline = self._clock.monotonic() + GONE_SECONDS
            while await asyncio.to_thread(processes.running, binary):
                if self._clock.monotonic() >= deadline:
                    return f"killed, and still there after {GONE_SECONDS:g} s"
                await self._clock.sleep(LOOK_SECONDS)
        except (ProcessListError, OSError) as error:
            return f"not killed: {error}"
        return "killed"

    async def _sweep(self, arrived: Arrived) -> str:
        """Remove what a hung import left."""
        try:
            left = await leave_as_it_was(
                remote=arrived.remote, options=self._options, project=self._project, kept=self._kept
            )
        except ChildError as error:
            return str(error)
        self._swept = not left
        return f"projects that stay: {', '.join(left)}" if left else ""


async def _nothing(arrived: Arrived) -> str:  # noqa: ARG001  a Then
    return ""
