"""One JobSpec folder: a pass looks at it, asks the scheduler, and takes every step that can be taken."""

from datetime import datetime

from proxx_watcher.app.disk_trouble import trouble_in
from proxx_watcher.app.folder_guard import FolderGuard
from proxx_watcher.app.news import TellNews
from proxx_watcher.app.ports import (
    Clock,
    Ledger,
    PassOutcome,
    Scheduler,
    SpecDisk,
)
from proxx_watcher.app.reach import Reach
from proxx_watcher.app.spec_filing import SpecFiling
from proxx_watcher.app.spec_intake import SpecIntake
from proxx_watcher.app.spec_judging import SpecJudging
from proxx_watcher.app.spec_records import SpecRecords
from proxx_watcher.app.spec_state import SpecState
from proxx_watcher.app.spec_status import is_busy, look_again, spec_folder_view
from proxx_watcher.app.spec_work import SpecWork
from proxx_watcher.domain.folder_settings import FolderSettings
from proxx_watcher.domain.spec_places import places_of


class SpecFolder:
    """Implements proxx_watcher.app.ports.WatchedFolder for the layouts staged and flat."""

    def __init__(
        self,
        *,
        settings: FolderSettings,
        disk: SpecDisk,
        guard: FolderGuard,
        ledger: Ledger,
        scheduler: Scheduler,
        reach: Reach,
        clock: Clock,
        tell: TellNews,
        once: bool = False,
    ) -> None:
        """Take the folder's settings and everything outside; `tell` hears of events.

        `once` takes in only what the first pass sees.
        """
        self._settings = settings
        self._disk = disk
        self._guard = guard
        self._scheduler = scheduler
        self._reach = reach
        self._clock = clock
        self._once = once
        self._places = places_of(layout=settings.layout)
        self._state = SpecState()
        self._records = SpecRecords(ledger=ledger, clock=clock)
        self._intake = SpecIntake(
            disk=disk, places=self._places, timing=settings.timing, clock=clock, state=self._state
        )
        filing = SpecFiling(
            folder=settings.name,
            root=settings.path,
            disk=disk,
            guard=guard,
            places=self._places,
            records=self._records,
            clock=clock,
        )
        self._judging = SpecJudging(
            settings=settings, state=self._state, records=self._records, filing=filing, clock=clock, tell=tell
        )
        self._filing = filing
        self._work = SpecWork(
            settings=settings,
            disk=disk,
            places=self._places,
            state=self._state,
            records=self._records,
            filing=filing,
            intake=self._intake,
            scheduler=scheduler,
            clock=clock,
            tell=tell,
        )
        self._prepared = False
        self._scan_end: datetime | None = None
        self._scan_seconds: float | None = None

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self._settings.name

    async def open_pass(self, *, submit: bool) -> PassOutcome:
        """Look once and move on what can be moved on."""
        trouble = await trouble_in(self._pass(submit=submit))
        if trouble:
            self._prepared = False
        return PassOutcome(
            folder=spec_folder_view(
                settings=self._settings,
                state=self._state,
                records=self._records,
                trouble=trouble,
                remark=self._reach.said(),
                monotonic=self._clock.monotonic(),
                scan_end=self._scan_end,
                scan_seconds=self._scan_seconds,
            ),
            look_again_seconds=None
            if trouble
            else look_again(settings=self._settings, state=self._state, reach=self._reach, now=self._clock.monotonic()),
            busy=is_busy(self._state),
            failures=self._state.failures,
            waits_for_server=self._reach.gone_since is not None,
        )

    async def _pass(self, *, submit: bool) -> None:
        begun = self._clock.monotonic()
        if await self._guard.check():
            self._records.load()
            self._state.live.clear()
            self._prepared = False
        if not self._prepared:
            await self._prepare()
        await self._filing.refresh()
        await self._intake.look(once=self._once)
        await self._intake.look_at_work()
        await self._judging.judge()
        self._scan_end, self._scan_seconds = self._clock.now(), self._clock.monotonic() - begun
        if self._reach.may_ask:
            await self._reach.converse(advance=lambda: self._work.advance(submit=submit), alive=self._scheduler.alive)

    async def _prepare(self) -> None:
        """After a start or after trouble: the directories of the layout, and nothing half-written in them."""
        for directory in self._places.directories:
            if self._places.moves_to_work or await self._disk.look(path=directory) is not None:
                await self._disk.make_directory(path=directory)
                await self._disk.sweep(directory=directory)
        await self._disk.sweep(directory="")
        self._work.restore()
        self._prepared = True
