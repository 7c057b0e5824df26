"""The part of a JobSpec folder's pass that talks to the scheduler: follow jobs, ask, submit, one step at a time."""

from dataclasses import replace

from proxx.core.jobs import JobState, JobView, SubmissionOptions
from proxx.core.watch_folders import EntryState
from proxx_watcher.app.backoff import longer
from proxx_watcher.app.news import News, NewsKind, TellNews
from proxx_watcher.app.ports import (
    Clock,
    FileTroubleError,
    FolderTroubleError,
    Scheduler,
    SpecDisk,
    SubmissionFailedError,
    SubmissionRefusedError,
)
from proxx_watcher.app.spec_filing import SpecFiling
from proxx_watcher.app.spec_intake import OF_THE_FILE, SPEC_LIMIT_BYTES, SpecIntake, content_digest
from proxx_watcher.app.spec_records import SpecRecords
from proxx_watcher.app.spec_state import Candidate, Leftover, Live, SpecState, live_state, ready_order
from proxx_watcher.domain.folder_settings import FolderSettings
from proxx_watcher.domain.media_spec import EVIDENCE_LABEL, FOLDER_LABEL, PATH_LABEL
from proxx_watcher.domain.spec_places import Places, below, shown_path
from proxx_watcher.domain.spec_record import SpecRecord
from proxx_watcher.domain.spec_rules import ResultFile, SpecFacts, Step, after_asking
from proxx_watcher.domain.submission_key import SPEC_KIND, submission_key

_LEFTOVER_ASK_SECONDS = 10.0
_OPTIONS = "options."
_ASKS_A_PASS = 50
"""Of a long backlog no more are asked for at once: the first of them is not to wait for the answer to the last."""


class SpecWork:
    """Moves the jobs of one folder on."""

    def __init__(
        self,
        *,
        settings: FolderSettings,
        disk: SpecDisk,
        places: Places,
        state: SpecState,
        records: SpecRecords,
        filing: SpecFiling,
        intake: SpecIntake,
        scheduler: Scheduler,
        clock: Clock,
        tell: TellNews,
    ) -> None:
        """Take what is known of the folder, whom to ask, and who hears of events."""
        self._settings = settings
        self._disk = disk
        self._places = places
        self._state = state
        self._records = records
        self._filing = filing
        self._intake = intake
        self._scheduler = scheduler
        self._clock = clock
        self._tell = tell

    def restore(self) -> None:
        """Take up the jobs that the ledger knows of and whose results were not delivered."""
        for record in self._records.undelivered():
            if record.key not in self._state.live:
                self._state.live[record.key] = Live(
                    record=record, view=None, state=EntryState.SUBMITTED, since=record.since
                )

    async def advance(self, *, submit: bool) -> bool:
        """Take every step that can be taken now. Returns whether the scheduler was asked anything.

        Raises:
            SchedulerAwayError: it does not answer. OSError: the folder cannot be read or written.
        """
        asked = await self._follow()
        for leftover in list(self._state.leftovers.values()):
            asked = await self._adopt(leftover) or asked
        for candidate in self._in_order(Step.FOLLOW):
            await self._to_work(candidate.name, candidate.sha256)
        for candidate in self._in_order(Step.ASK)[:_ASKS_A_PASS]:
            asked = True
            await self._ask(candidate)
        for candidate in self._in_order(Step.SUBMIT):
            if not submit:
                candidate.settles = False
                self._show(candidate, "another live watcher has a folder of this name")
                continue
            if self._blocked(candidate):
                continue
            asked = True
            await self._try_to_submit(candidate)
        return asked

    async def _follow(self) -> bool:
        if not self._state.live:
            return False
        views = await self._scheduler.jobs(job_keys=[live.record.job_key for live in self._state.live.values()])
        for live in list(self._state.live.values()):
            view = views.get(live.record.job_key)
            if view is None:
                reason = f"this scheduler does not know job {live.record.job_key}"
                self._see(live, EntryState.RECOVERY_REQUIRED, reason)
                continue
            live.view = view
            if view.state.terminal:
                try:
                    await self._deliver(live)
                except FileTroubleError as error:
                    self._see(live, EntryState.RECOVERY_REQUIRED, f"its result is not delivered: {error}")
            else:
                self._see(live, *live_state(view))
        return True

    async def _deliver(self, live: Live) -> None:
        result = await self._scheduler.result(job_key=live.record.job_key)
        if not result.final_status.terminal:
            return  # a retry began between the two calls
        ended = await self._filing.deliver(record=live.record, result=result, evidence=self._settings.evidence)
        self._forget(ended)
        outcome = result.final_status
        self._state.failures += outcome is not JobState.COMPLETED
        self._news(NewsKind.ENDED, ended.name, outcome=outcome.value, job_key=ended.job_key)

    def _forget(self, record: SpecRecord) -> None:
        self._state.live.pop(record.key, None)
        candidate = self._state.candidates.get(record.name)
        if candidate is not None and candidate.sha256 == record.sha256:
            self._state.candidates.pop(record.name)

    async def _adopt(self, leftover: Leftover) -> bool:
        """Follow the job of a spec that an earlier life moved; without one it stays, and an operator decides (C41)."""
        if not leftover.sha256 or self._clock.monotonic() < leftover.next_ask:
            return False
        record = self._records.of(name=leftover.name, sha256=leftover.sha256)
        facts = _working_facts(record)
        first = record.generation if record is not None else 0
        view, generation = await self._newest_job(leftover.name, leftover.sha256, first)
        decision = after_asking(facts=facts, generation=generation, known=view is not None)
        if view is not None:
            await self._take_up(leftover.name, leftover.sha256, generation, view)
            self._state.leftovers.pop(leftover.name, None)
            self._news(NewsKind.ADOPTED, leftover.name, job_key=view.job_key)
        else:
            if not leftover.held:
                self._news(NewsKind.HELD, leftover.name, reason=decision.reason)
            leftover.held, leftover.reason = True, decision.reason
            leftover.next_ask = self._clock.monotonic() + _LEFTOVER_ASK_SECONDS
        return True

    async def _ask(self, candidate: Candidate) -> None:
        record = self._records.of(name=candidate.name, sha256=candidate.sha256)
        view, generation = await self._newest_job(candidate.name, candidate.sha256, candidate.generation)
        facts = replace(_working_facts(record), working=False)
        decision = after_asking(facts=facts, generation=generation, known=view is not None)
        candidate.generation = generation
        if view is not None:
            candidate.step = Step.FOLLOW
            await self._take_up(candidate.name, candidate.sha256, generation, view)
            self._news(NewsKind.ADOPTED, candidate.name, job_key=view.job_key)
            await self._to_work(candidate.name, candidate.sha256)
        elif decision.step is Step.HOLD:
            if candidate.state is not EntryState.RECOVERY_REQUIRED:
                self._news(NewsKind.HELD, candidate.name, reason=decision.reason)
            candidate.settles = False
            candidate.next_ask = self._clock.monotonic() + _LEFTOVER_ASK_SECONDS
            self._show(candidate, decision.reason, EntryState.RECOVERY_REQUIRED)
        else:
            candidate.step = Step.SUBMIT

    async def _try_to_submit(self, candidate: Candidate) -> None:
        """Submit a candidate; where that fails for its own sake it waits, and the next ones have their turn."""
        try:
            await self._submit(candidate)
        except FileTroubleError as error:
            reason = str(error)
        except SubmissionFailedError as error:
            reason = f"its submission failed: {error}"
        else:
            return
        candidate.wait_seconds = longer(candidate.wait_seconds)
        candidate.next_ask = self._clock.monotonic() + candidate.wait_seconds
        candidate.settles = False
        self._show(candidate, reason, EntryState.WAITING)

    async def _submit(self, candidate: Candidate) -> None:
        path = below(self._places.inbox, candidate.name)
        try:
            file = await self._disk.read(path=path, limit=SPEC_LIMIT_BYTES)
        except FileNotFoundError:
            self._state.candidates.pop(candidate.name, None)
            return
        except OSError as error:
            if error.errno not in OF_THE_FILE:
                raise
            raise FileTroubleError(f"cannot be read: {error.strerror}") from error
        if file.writing:
            self._intake.disturb(candidate, "a program of this machine opened it for writing")
            return
        if file.torn or file.data is None or content_digest(file) != candidate.sha256:
            self._intake.disturb(candidate, "it changed before it was submitted")
            return
        record = self._records.of(name=candidate.name, sha256=candidate.sha256)
        if record is None or record.generation != candidate.generation:
            record = await self._records.ready(
                name=candidate.name, sha256=candidate.sha256, generation=candidate.generation, again=True
            )
        key = self._key(candidate.name, candidate.sha256, candidate.generation)
        view = await self._scheduler.find(request_id=key)
        if view is None:
            try:
                view = await self._scheduler.submit(
                    request_id=key, spec_json=file.data.decode("utf-8"), options=self._options(candidate.name)
                )
            except SubmissionRefusedError as error:
                _raise_for_options(error)
                ended = await self._filing.refuse(
                    record=record, violations=error.violations, evidence=self._settings.evidence
                )
                self._forget(ended)
                self._state.failures += 1
                self._news(NewsKind.REFUSED, candidate.name, reason=str(error))
                return
            self._news(NewsKind.SUBMITTED, candidate.name, job_key=view.job_key, request_id=key)
        await self._take_up(candidate.name, candidate.sha256, candidate.generation, view)
        candidate.step = Step.FOLLOW
        await self._to_work(candidate.name, candidate.sha256)

    async def _take_up(self, name: str, sha256: str, generation: int, view: JobView) -> None:
        known = self._records.of(name=name, sha256=sha256)
        over = known is None or known.delivered or known.generation != generation
        record = await self._records.ready(name=name, sha256=sha256, generation=generation, again=over)
        record = await self._records.submitted(record, generation=generation, job_key=view.job_key)
        state, reason = live_state(view)
        self._state.live[record.key] = Live(
            record=record, view=view, state=state, since=self._clock.now(), reason=reason
        )

    async def _to_work(self, name: str, sha256: str) -> None:
        """Move a submitted spec out of the inbox. Where that is not possible now it stays, and is moved at its end."""
        if not self._places.moves_to_work:
            return
        source, target = below(self._places.inbox, name), below(self._places.work, name)
        try:
            await self._disk.move(source=source, target=target)
            file = await self._disk.read(path=target, limit=SPEC_LIMIT_BYTES)
            if content_digest(file) != sha256:  # somebody replaced it meanwhile: it is another drop
                await self._disk.move(source=target, target=source)
        except (FileNotFoundError, FileExistsError):
            return
        self._state.candidates.pop(name, None)

    async def _newest_job(self, name: str, sha256: str, first: int) -> tuple[JobView | None, int]:
        """Return the job of the newest generation that was ever submitted, from `first` on, and that generation."""
        found, generation = None, first
        while True:
            view = await self._scheduler.find(request_id=self._key(name, sha256, generation))
            if view is None:
                return found, generation if found is None else generation - 1
            found, generation = view, generation + 1

    def _blocked(self, candidate: Candidate) -> bool:
        """Whether a candidate has to wait for other jobs of this folder."""
        same = [live for live in self._state.live.values() if live.record.name == candidate.name]
        if same or candidate.name in self._state.leftovers:
            busy = any(live.goes_on for live in same)
            candidate.settles = busy
            self._show(candidate, "an earlier JobSpec of this name is not done with")
            return True
        running = sum(live.goes_on for live in self._state.live.values())
        if running >= self._settings.max_workers:
            self._show(candidate, f"{running} of at most {self._settings.max_workers} jobs of this folder go on")
            return True
        return False

    def _in_order(self, step: Step) -> list[Candidate]:
        now = self._clock.monotonic()
        found = (item for item in self._state.candidates.values() if item.step is step and item.next_ask <= now)
        return sorted(found, key=ready_order)

    def _key(self, name: str, sha256: str, generation: int) -> str:
        return submission_key(
            kind=SPEC_KIND, folder=self._settings.name, path=name, content_digest=sha256, generation=generation
        )

    def _options(self, name: str) -> SubmissionOptions:
        labels = {
            **self._settings.options.labels,
            FOLDER_LABEL: self._settings.name,
            PATH_LABEL: f'"{shown_path(self._places.inbox, name)}"',
            EVIDENCE_LABEL: self._settings.evidence,
        }
        return replace(self._settings.options, labels=labels)

    def _news(self, kind: NewsKind, name: str, **facts: str | int) -> None:
        path = shown_path(self._places.inbox, name)
        self._tell(News(kind=kind, folder=self._settings.name, path=path, facts=facts))

    def _see(self, live: Live, state: EntryState, reason: str) -> None:
        if live.state is not state:
            live.since = self._clock.now()
        live.state, live.reason = state, reason

    def _show(self, candidate: Candidate, reason: str, state: EntryState = EntryState.READY) -> None:
        if candidate.state is not state:
            candidate.since = self._clock.now()
        candidate.state, candidate.reason = state, reason


def _raise_for_options(error: SubmissionRefusedError) -> None:
    """What the folder's own settings break is no fault of the JobSpec: none is refused for it."""
    broken = [item.message for item in error.violations if item.field.startswith(_OPTIONS)]
    if broken:
        raise FolderTroubleError(f"the scheduler refuses the settings of this folder: {'; '.join(broken)}")


def _working_facts(record: SpecRecord | None) -> SpecFacts:
    return SpecFacts(
        working=True,
        record=record,
        newest=True,
        manifest=None,
        forgotten=False,
        result=ResultFile.NONE,
        filed=False,
    )
