"""What becomes of the jobs of a media folder: those that go on, and those that an operator made go on again."""

from proxx.core.jobs import JobState, JobView
from proxx.core.watch_folders import EntryState
from proxx_watcher.app.media_ports import MediaScheduler
from proxx_watcher.app.media_records import MediaRecords
from proxx_watcher.app.media_state import MediaLive, MediaState
from proxx_watcher.app.news import News, NewsKind, TellNews
from proxx_watcher.app.ports import Clock
from proxx_watcher.domain.spec_places import shown_path

_JOBS_A_PASS = 200
_RECHECK_SECONDS = 60.0
_RETRIED = frozenset({JobState.PARTIAL, JobState.FAILED})


class MediaFollowing:
    """Keeps the live clips of one folder at what the scheduler says of their jobs."""

    def __init__(
        self,
        *,
        folder: str,
        state: MediaState,
        records: MediaRecords,
        scheduler: MediaScheduler,
        clock: Clock,
        tell: TellNews,
    ) -> None:
        """Take the folder's name and state, whom to ask and whom to tell."""
        self._folder = folder
        self._state = state
        self._records = records
        self._scheduler = scheduler
        self._clock = clock
        self._tell = tell
        self._asked = 0
        self._next_recheck = 0.0

    def restore(self) -> None:
        """Take up the jobs that the ledger knows of and that have not ended."""
        for record in self._records.unended():
            if record.path not in self._state.live:
                self._state.live[record.path] = MediaLive(record=record, state=EntryState.SUBMITTED, since=record.since)

    async def follow(self) -> bool:
        """Ask for the jobs that have not ended: all of them in turn, a number of them in each pass.

        Returns whether the scheduler was asked.

        Raises:
            SchedulerAwayError: it does not answer. OSError: the ledger cannot be written.
        """
        asked = await self._recheck()
        waiting = sorted(self._state.live.values(), key=lambda live: live.record.order)
        if not waiting:
            return asked
        start = self._asked if self._asked < len(waiting) else 0
        chosen = waiting[start : start + _JOBS_A_PASS]
        self._asked = start + len(chosen)
        views = await self._scheduler.jobs(job_keys=[live.record.job_key for live in chosen])
        for live in chosen:
            view = views.get(live.record.job_key)
            if view is not None:
                await self.see(live, view)
                continue
            reason = f"this scheduler does not know job {live.record.job_key}"
            live.put(state=EntryState.RECOVERY_REQUIRED, reason=reason, now=self._clock.now())
        return True

    async def see(self, live: MediaLive, view: JobView) -> None:
        """Take in how a job stands.

        Raises:
            OSError: the ledger cannot be written.
        """
        live.view = view
        if view.state.terminal:
            await self._records.ended(live.record, outcome=view.state, reason=view.reason)
            self._say_end(live.record.path, view)
            self._state.failures += view.state is not JobState.COMPLETED
            self._state.live.pop(live.record.path, None)
            return
        now = self._clock.now()
        if view.state is JobState.RECOVERY_REQUIRED:
            reason = f"job {view.job_id}: {view.reason or 'work in doubt'}"
            live.put(state=EntryState.RECOVERY_REQUIRED, reason=reason, now=now)
        elif view.state is not JobState.PENDING:
            reason = "" if view.state is JobState.RUNNING else f"the job is {view.state}"
            live.put(state=EntryState.RUNNING, reason=reason, now=now)
        elif live.record.started or not view.options.hold:
            live.put(state=EntryState.SUBMITTED, reason="started, not admitted yet", now=now)
        else:
            reason = live.reason if live.state is EntryState.HELD else "held"
            live.put(state=EntryState.HELD, reason=reason, now=now)

    async def _recheck(self) -> bool:
        """Once a minute: did an operator make the failed clips of the newest failed jobs again?"""
        now = self._clock.monotonic()
        if now < self._next_recheck:
            return False
        self._next_recheck = now + _RECHECK_SECONDS
        failed = [record for record, outcome in self._records.last_ended(_JOBS_A_PASS) if outcome in _RETRIED]
        if not failed:
            return False
        views = await self._scheduler.jobs(job_keys=[record.job_key for record in failed])
        for record in failed:
            view = views.get(record.job_key)
            if view is None or view.state is record.outcome:
                continue
            live = MediaLive(record=record, state=EntryState.SUBMITTED, since=self._clock.now())
            self._state.live[record.path] = live
            if not view.state.terminal:
                live.record = await self._records.revived(record)
            await self.see(live, view)
        return True

    def _say_end(self, path: str, view: JobView) -> None:
        facts: dict[str, str | int] = {
            "outcome": view.state.value,
            "job_key": view.job_key,
            "reason": view.reason,
        }
        self._tell(News(kind=NewsKind.ENDED, folder=self._folder, path=shown_path("", path), facts=facts))
