"""The part of a media folder's pass that talks to the scheduler: submit what is ready, start what is held."""

import structlog

from proxx.core.jobs import JobState, JobView
from proxx.core.quoting import quote
from proxx.core.watch_folders import EntryState
from proxx_watcher.app.backoff import longer
from proxx_watcher.app.media_contents import MediaContents
from proxx_watcher.app.media_following import MediaFollowing
from proxx_watcher.app.media_intake import MediaIntake
from proxx_watcher.app.media_ports import MediaDisk, MediaScheduler
from proxx_watcher.app.media_recipe import MediaRecipe
from proxx_watcher.app.media_records import MediaRecords
from proxx_watcher.app.media_state import MediaClip, MediaLive, MediaState
from proxx_watcher.app.media_twins import MediaTwins
from proxx_watcher.app.news import News, NewsKind, TellNews
from proxx_watcher.app.ports import Clock, SubmissionFailedError, SubmissionRefusedError
from proxx_watcher.domain.folder_settings import FolderSettings
from proxx_watcher.domain.media_record import MediaRecord
from proxx_watcher.domain.media_settings import MediaSettings
from proxx_watcher.domain.media_spec import NoJob, ReadyClip, start_request_id
from proxx_watcher.domain.safety import Room, can_auto_execute
from proxx_watcher.domain.sighting import path_order
from proxx_watcher.domain.spec_places import shown_path
from proxx_watcher.domain.submission_key import MEDIA_KIND, submission_key

_SUBMISSIONS_A_PASS = 50
_FINAL_NEWS = {EntryState.REFUSED: NewsKind.REFUSED, EntryState.SKIPPED: NewsKind.SKIPPED}
_RUNS = frozenset({JobState.RUNNING, JobState.PAUSED, JobState.CANCELLING})


class MediaWork:
    """Moves the clips of one folder on."""

    def __init__(
        self,
        *,
        folder: FolderSettings,
        settings: MediaSettings,
        disk: MediaDisk,
        state: MediaState,
        records: MediaRecords,
        intake: MediaIntake,
        recipe: MediaRecipe,
        contents: MediaContents,
        twins: MediaTwins,
        scheduler: MediaScheduler,
        clock: Clock,
        tell: TellNews,
    ) -> None:
        """Take what is known of the folder, whom to ask and whom to tell."""
        self._folder = folder
        self._settings = settings
        self._disk = disk
        self._state = state
        self._records = records
        self._intake = intake
        self._recipe = recipe
        self._contents = contents
        self._twins = twins
        self._scheduler = scheduler
        self._clock = clock
        self._tell = tell
        self._following = MediaFollowing(
            folder=folder.name, state=state, records=records, scheduler=scheduler, clock=clock, tell=tell
        )
        self._log = structlog.stdlib.get_logger("proxx.watcher")

    def restore(self) -> None:
        """Take up the jobs that the ledger knows of and that have not ended."""
        self._following.restore()
        self._contents.restore()

    def hold_back(self) -> None:
        """Say of every ready clip why no job is made of it, while no preset can make one."""
        for clip in self._ready():
            if clip.reason != self._recipe.problem:
                self._log.warning(
                    "clip.no_job", folder=self._folder.name, path=quote(text=clip.path), reason=self._recipe.problem
                )
            self._show(clip, EntryState.WAITING, self._recipe.problem)

    async def advance(self, *, submit: bool) -> bool:
        """Take every step that can be taken now. Returns whether the scheduler was asked anything.

        Raises:
            SchedulerAwayError: it does not answer. OSError: the folder or the ledger cannot be read or written.
        """
        asked = await self._following.follow()
        if self._recipe.problem:
            self.hold_back()
            return asked
        left = _SUBMISSIONS_A_PASS
        for clip in await self._in_order():
            if self._clock.monotonic() < clip.next_submission:
                continue
            if await self._try_to_take_up(clip, submit=submit):
                asked, left = True, left - 1
            if not left:
                break
        self._state.put_aside()
        await self._start()
        return asked

    async def _in_order(self) -> list[MediaClip]:
        """Return the ready clips in the order of becoming ready. Of equal contents, one that has a job comes first.

        Without the ledger only the scheduler knows which of two equal files was taken, so it is asked for both.
        """
        ready = self._ready()
        counted: dict[str, int] = {}
        for clip in ready:
            counted[clip.ends] = counted.get(clip.ends, 0) + 1
        first = [
            clip
            for clip in ready
            if counted[clip.ends] > 1 and await self._scheduler.find(request_id=self._key(clip)) is not None
        ]
        return [*first, *(clip for clip in ready if clip not in first)]

    def _ready(self) -> list[MediaClip]:
        ready = [clip for clip in self._state.clips.values() if clip.ready_order]
        return sorted(ready, key=lambda clip: (clip.ready_order, path_order(clip.path)))

    async def _try_to_take_up(self, clip: MediaClip, *, submit: bool) -> bool:
        """Take the next step of a ready clip; where submitting it fails for its own sake, it waits and others go on."""
        try:
            return await self._take_up(clip, submit=submit)
        except SubmissionFailedError as error:
            clip.wait_seconds = longer(clip.wait_seconds)
            clip.next_submission = self._clock.monotonic() + clip.wait_seconds
            self._show(clip, EntryState.WAITING, f"its submission failed: {error}")
            return True

    async def _take_up(self, clip: MediaClip, *, submit: bool) -> bool:
        """Take the next step of a ready clip. Returns whether the scheduler was asked; what waits holds up nobody."""
        source = f"{self._folder.path}/{clip.source}"
        if any("\ud800" <= mark <= "\udfff" for mark in source):
            self._show(clip, EntryState.REFUSED, "its name is not UTF-8, and a JobSpec is", final=True)
            return False
        twin = await self._twins.of(clip)
        if twin.waits:
            self._show(clip, EntryState.READY, twin.waits)
            return False
        if twin.record is not None:
            self._repeated(clip, twin.record)
            return False
        view = await self._scheduler.find(request_id=self._key(clip))
        if view is None and not submit:
            self._show(clip, EntryState.READY, "another live watcher has a folder of this name")
        elif view is None:
            await self._submit(clip, source)
        else:
            self._news(NewsKind.ADOPTED, clip.path, job_key=view.job_key)
            await self._follow_on(clip, view, str(view.spec.get("output_directory", "")))
        return True

    def _repeated(self, clip: MediaClip, twin: MediaRecord) -> None:
        clip.twin = twin.request_id
        self._contents.forget(clip.parts)
        said = f"the same content as {quote(text=twin.path)}, which has job {twin.job_key}"
        if self._recipe.refuses_repeated():
            self._show(clip, EntryState.REFUSED, f"{said}; the preset refuses repeated sources", final=True)
        else:
            self._show(clip, EntryState.SKIPPED, said, final=True)

    async def _submit(self, clip: MediaClip, source: str) -> None:
        key = self._key(clip)
        ready = ReadyClip(
            source=source,
            size=clip.size,
            request_id=key,
            folder=self._folder.name,
            shown_path=f'"{shown_path("", clip.path)}"',
            evidence=clip.evidence,
            labels=self._folder.options.labels,
        )
        job = await self._recipe.job(clip=ready)
        if isinstance(job, NoJob):
            state = EntryState.SKIPPED if job.left_out else EntryState.WAITING
            self._show(clip, state, job.reason, final=job.left_out)
            return
        try:
            view = await self._scheduler.submit(request_id=key, spec_json=job.spec_json, options=job.options)
        except SubmissionRefusedError as error:
            self._show(clip, EntryState.REFUSED, str(error), final=True)
            self._state.failures += 1
            return
        self._news(NewsKind.SUBMITTED, clip.path, job_key=view.job_key, request_id=key, evidence=clip.evidence)
        await self._follow_on(clip, view, job.output_directory)

    async def _follow_on(self, clip: MediaClip, view: JobView, output_directory: str) -> None:
        record = self._records.new(
            path=clip.path,
            digest=clip.digest,
            generation=self._generation(clip),
            forms=clip.forms,
            request_id=self._key(clip),
            evidence=clip.evidence,
            preset=self._settings.preset,
            ends=clip.ends,
            whole=clip.whole,
        )
        record = await self._records.submitted(record, job_key=view.job_key, output_directory=output_directory)
        self._contents.read_later(record)
        live = MediaLive(record=record, state=EntryState.SUBMITTED, since=self._clock.now())
        self._state.live[clip.path] = live
        self._intake.settle(clip)
        await self._following.see(live, view)

    async def _start(self) -> None:
        """Start held jobs while every check passes; say of each other one which checks fail."""
        rooms: dict[str, Room] = {}
        running = sum(self._counts_as_running(live) for live in self._state.live.values())
        held = [live for live in self._state.live.values() if live.state is EntryState.HELD and live.view is not None]
        for live in sorted(held, key=lambda live: live.record.order):
            directory = live.record.output_directory
            if directory not in rooms:
                rooms[directory] = await self._disk.room(directory=directory)
            report = can_auto_execute(
                rules=self._settings.safety,
                job_state=JobState.PENDING if live.view is None else live.view.state,
                preset=live.record.preset,
                preset_exists=self._recipe.exists(live.record.preset),
                room=rooms[directory],
                running=running,
            )
            if not report.passed:
                self._say_failing(live, report.failing)
                continue
            running += 1
            await self._start_one(live)

    async def _start_one(self, live: MediaLive) -> None:
        record = live.record
        try:
            view = await self._scheduler.start(
                job_key=record.job_key, request_id=start_request_id(request_id=record.request_id)
            )
        except SubmissionRefusedError as error:
            self._say_failing(live, f"the scheduler refuses the start: {error}")
            return
        live.record = await self._records.started(record)
        self._log.info("clip.started", folder=self._folder.name, path=quote(text=record.path), job_key=record.job_key)
        await self._following.see(live, view)

    def _say_failing(self, live: MediaLive, failing: str) -> None:
        if live.reason != failing and self._settings.safety.auto_execute:
            self._log.warning(
                "clip.not_started", folder=self._folder.name, path=quote(text=live.record.path), reason=failing
            )
        live.put(state=EntryState.HELD, reason=failing, now=self._clock.now())

    def _counts_as_running(self, live: MediaLive) -> bool:
        if live.view is None:
            return False
        return live.view.state in _RUNS or (live.view.state is JobState.PENDING and live.state is EntryState.SUBMITTED)

    def _generation(self, clip: MediaClip) -> int:
        record = self._records.of(clip.path)
        return record.generation if record is not None and record.digest == clip.digest else 0

    def _key(self, clip: MediaClip) -> str:
        return submission_key(
            kind=MEDIA_KIND,
            folder=self._folder.name,
            path=clip.path,
            content_digest=clip.digest,
            generation=self._generation(clip),
        )

    def _news(self, kind: NewsKind, path: str, **facts: str | int) -> None:
        self._tell(News(kind=kind, folder=self._folder.name, path=shown_path("", path), facts=facts))

    def _show(self, clip: MediaClip, state: EntryState, reason: str, *, final: bool = False) -> None:
        if final:
            self._news(_FINAL_NEWS[state], clip.path, reason=reason)
        clip.put(state=state, reason=reason, now=self._clock.now(), final=final)
