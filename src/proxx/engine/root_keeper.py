"""Offers only the roots that are there: a root that has a marker is offered while its marker can be read, no longer.

So an unmounted disk is never mistaken for an empty one: no source on it is missing, no output directory is made in its
mount point, and no SWEEP finds nothing there. Work that comes all the same is handed back.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator

from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.steps import PreparedOutput, Published
from proxx.engine.errors import HandBackError
from proxx.engine.mounts import MountTable, StorageUnavailableError
from proxx.engine.step_runner import StepRunner, StepWatch
from proxx.runtime.clock import Clock

LOOK_SECONDS = 5.0
"""How often the markers are looked at between steps."""

_LOG = logging.getLogger("proxx.engine")


class RootKeeper:
    """A StepRunner around another one. Without markers it passes everything on."""

    def __init__(
        self, *, mounts: MountTable, steps: StepRunner, clock: Clock, changed: Callable[[tuple[str, ...]], None]
    ) -> None:
        """Take the mounts, who does the work, and who is told which roots are there from now on."""
        self._mounts = mounts
        self._steps = steps
        self._clock = clock
        self._changed = changed
        self._absent: dict[str, str] = {}

    @property
    def marked(self) -> bool:
        """Whether any root has a marker."""
        return self._mounts.marked

    @property
    def present(self) -> tuple[str, ...]:
        """The roots that were there at the last look, sorted."""
        return tuple(name for name in self._mounts.roots if name not in self._absent)

    @property
    def trouble(self) -> str:
        """Which roots are not there and why, empty when all are."""
        return "; ".join(f"STORAGE_UNAVAILABLE: root {name!r}: {why}" for name, why in self._absent.items())

    async def look(self) -> None:
        """Look at every marker, and tell whoever offers the roots when something changed."""
        before = self._absent
        self._absent = dict(await asyncio.to_thread(self._mounts.absent))
        for name, why in self._absent.items():
            if name not in before:
                _LOG.error("STORAGE_UNAVAILABLE", extra={"root": name, "why": why})
        for name in before:
            if name not in self._absent:
                _LOG.info("the root is back", extra={"root": name})
        if before.keys() != self._absent.keys():
            self._changed(self.present)

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self._clock.sleep(LOOK_SECONDS)
            await self.look()

    async def run(self, *, lease: Lease, watch: StepWatch) -> LeaseOutcome | PreparedOutput:
        """Do the work of a lease whose roots are there.

        Raises:
            HandBackError: one of them is not.
            StepFailedError, PublicationInDoubtError: as the steps say.
        """
        if self.marked:
            await self.look()
            gone = sorted(set(_roots(lease)) & self._absent.keys())
            if gone:
                raise HandBackError(self.trouble)
        return await self._steps.run(lease=lease, watch=watch)

    async def publish(self, *, lease: Lease, output: PreparedOutput) -> Published:
        """Give the staged file of an ENCODE its final name. Raises as the steps say."""
        return await self._steps.publish(lease=lease, output=output)

    async def discard(self, *, lease: Lease) -> None:
        """Remove what this attempt staged, if anything. A root that is not there holds nothing that could be removed.

        Raises:
            OSError: it cannot be removed.
        """
        if not set(_roots(lease)) & self._absent.keys():
            await self._steps.discard(lease=lease)


@contextlib.asynccontextmanager
async def keeping_roots(keeper: RootKeeper) -> AsyncIterator[None]:
    """Look at the markers now, and from time to time while the block runs.

    Raises:
        StorageUnavailableError: no root is there.
    """
    await keeper.look()
    if not keeper.present:
        raise StorageUnavailableError(keeper.trouble)
    watching = asyncio.create_task(keeper.watch()) if keeper.marked else None
    try:
        yield
    finally:
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


def _roots(lease: Lease) -> Iterator[str]:
    if lease.probe is not None:
        for item in lease.probe.items:
            yield item.source.root
            if item.output is not None:
                yield item.output.root
        if lease.probe.output_directory is not None:
            yield lease.probe.output_directory.root
    if lease.inspect is not None:
        yield lease.inspect.source.root
    if lease.encode is not None:
        yield lease.encode.inputs.source.root
        yield lease.encode.inputs.output.root
    if lease.publish is not None:
        yield lease.publish.output.root
    if lease.sweep is not None:
        yield lease.sweep.output.root
