"""One media folder: a pass scans it, judges what is ready, and makes a held job of each ready clip."""

from dataclasses import replace
from datetime import datetime

from proxx_watcher.app.disk_trouble import trouble_in
from proxx_watcher.app.folder_guard import FolderGuard
from proxx_watcher.app.media_contents import MediaContents
from proxx_watcher.app.media_evidence import MediaEvidence
from proxx_watcher.app.media_intake import MediaIntake
from proxx_watcher.app.media_judging import MediaJudging
from proxx_watcher.app.media_ports import MediaDisk, MediaScheduler, Recipes
from proxx_watcher.app.media_recipe import MediaRecipe
from proxx_watcher.app.media_records import MediaRecords
from proxx_watcher.app.media_state import MediaState
from proxx_watcher.app.media_status import is_busy, look_again, media_folder_view
from proxx_watcher.app.media_twins import MediaTwins
from proxx_watcher.app.media_work import MediaWork
from proxx_watcher.app.news import TellNews
from proxx_watcher.app.ports import Clock, Ledger, PassOutcome
from proxx_watcher.app.reach import Reach
from proxx_watcher.domain.folder_settings import FolderSettings
from proxx_watcher.domain.media_settings import MediaSettings

_SHORTEST_REST_SECONDS, _LONGEST_REST_SECONDS = 0.25, 1.0
_REST_SHARE = 10


class MediaFolder:
    """Implements proxx_watcher.app.ports.WatchedFolder for the layout media. Only its lock is written into it."""

    def __init__(
        self,
        *,
        settings: FolderSettings,
        media: MediaSettings,
        disk: MediaDisk,
        guard: FolderGuard,
        ledger: Ledger,
        scheduler: MediaScheduler,
        recipes: Recipes,
        reach: Reach,
        clock: Clock,
        tell: TellNews,
    ) -> None:
        """Take the folder's settings and everything outside; `tell` hears of what happens to clips."""
        self._settings = settings
        self._guard = guard
        self._scheduler = scheduler
        self._reach = reach
        self._clock = clock
        self._state = MediaState()
        self._records = MediaRecords(ledger=ledger, clock=clock)
        self._contents = MediaContents(
            disk=disk, records=self._records, state=self._state, clock=clock, digest_bytes=media.digest_bytes
        )
        twins = MediaTwins(disk=disk, records=self._records, contents=self._contents, state=self._state)
        self._recipe = MediaRecipe(settings=media, recipes=recipes, clock=clock)
        self._evidence = MediaEvidence(disk=disk, rules=media.evidence, readiness=media.readiness)
        self._intake = MediaIntake(
            disk=disk,
            settings=media,
            records=self._records,
            evidence=self._evidence,
            judging=MediaJudging(disk=disk, rules=media.readiness, evidence=self._evidence, clock=clock),
            contents=self._contents,
            twins=twins,
            clock=clock,
            state=self._state,
        )
        self._work = MediaWork(
            folder=settings,
            settings=media,
            disk=disk,
            state=self._state,
            records=self._records,
            intake=self._intake,
            recipe=self._recipe,
            contents=self._contents,
            twins=twins,
            scheduler=scheduler,
            clock=clock,
            tell=tell,
        )
        self._work.restore()
        self._last: PassOutcome | None = None
        self._next_pass = 0.0
        self._scan_end: datetime | None = None
        self._scan_seconds: float | None = None

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self._settings.name

    async def open_pass(self, *, submit: bool) -> PassOutcome:
        """Look once and move on what can be moved on. Files that are being written wake it too often: then it rests."""
        begun = self._clock.monotonic()
        if self._last is not None and begun < self._next_pass:
            return replace(self._last, look_again_seconds=self._next_pass - begun)
        self._last = await self._one_pass(submit=submit)
        rest = (
            self._scan_seconds or 0.0
        ) * _REST_SHARE  # the scan alone: submissions wait, they do not burden the disk
        ended = self._clock.monotonic()
        self._next_pass = ended + min(max(_SHORTEST_REST_SECONDS, rest), _LONGEST_REST_SECONDS)
        return self._last

    async def _one_pass(self, *, submit: bool) -> PassOutcome:
        trouble = await trouble_in(self._pass(submit=submit))
        reach_wait = self._reach.wait_seconds if self._reach.gone_since is not None else None
        return PassOutcome(
            folder=media_folder_view(
                settings=self._settings,
                state=self._state,
                records=self._records,
                trouble=trouble,
                remark=self._remark(),
                monotonic=self._clock.monotonic(),
                scan_end=self._scan_end,
                scan_seconds=self._scan_seconds,
            ),
            look_again_seconds=look_again(state=self._state, reach_wait=reach_wait, reading=self._contents.busy),
            busy=is_busy(self._state) or self._contents.busy,
            failures=self._state.failures,
            waits_for_server=self._reach.gone_since is not None,
        )

    async def _pass(self, *, submit: bool) -> None:
        begun = self._clock.monotonic()
        if await self._guard.check():
            self._records.load()
            self._state.live.clear()
            self._work.restore()
        await self._contents.collect()
        await self._recipe.refresh()
        await self._intake.look(excluded=self._recipe.excluded)
        self._scan_end, self._scan_seconds = self._clock.now(), self._clock.monotonic() - begun
        if self._recipe.problem:
            self._work.hold_back()
        if self._reach.may_ask:
            await self._reach.converse(advance=lambda: self._work.advance(submit=submit), alive=self._scheduler.alive)

    def _remark(self) -> str:
        said = (self._reach.said(), self._recipe.problem, *self._intake.faults, *self._evidence.faults[:3])
        return "; ".join(part for part in said if part)
