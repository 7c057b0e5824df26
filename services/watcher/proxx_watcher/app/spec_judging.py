"""What becomes of a JobSpec file that is at rest, as far as the folder itself can tell; refused ones are delivered."""

from proxx.core.jobs import JobState
from proxx.core.watch_folders import EntryState
from proxx_watcher.app.news import News, NewsKind, TellNews
from proxx_watcher.app.ports import Clock, FileTroubleError
from proxx_watcher.app.result_stamps import ResultStamps
from proxx_watcher.app.spec_filing import SpecFiling
from proxx_watcher.app.spec_records import SpecRecords
from proxx_watcher.app.spec_state import Candidate, SpecState
from proxx_watcher.domain.folder_settings import FolderSettings
from proxx_watcher.domain.spec_names import name_order
from proxx_watcher.domain.spec_places import places_of, shown_path
from proxx_watcher.domain.spec_record import record_key
from proxx_watcher.domain.spec_rules import Decision, ResultFile, SpecFacts, Step, decide


class SpecJudging:
    """Applies the rules of proxx_watcher.domain.spec_rules to the candidates of one folder."""

    def __init__(
        self,
        *,
        settings: FolderSettings,
        state: SpecState,
        records: SpecRecords,
        filing: SpecFiling,
        clock: Clock,
        tell: TellNews,
    ) -> None:
        """Take what is known of the folder, and who hears of events."""
        self._settings = settings
        self._state = state
        self._records = records
        self._filing = filing
        self._clock = clock
        self._tell = tell
        self._results: ResultStamps | None = None
        self._inbox = places_of(layout=settings.layout).inbox

    async def judge(self) -> None:
        """Judge every candidate that was read and not judged, and again each skipped one whose result changed.

        Raises:
            OSError: the folder cannot be read or written.
        """
        self._results = None
        for candidate in sorted(self._state.candidates.values(), key=lambda item: name_order(item.name)):
            if candidate.read_form is None:
                continue
            if record_key(name=candidate.name, sha256=candidate.sha256) in self._state.live:
                candidate.step = Step.FOLLOW
                continue
            if candidate.step is Step.FOLLOW:
                candidate.step = None  # its job was delivered, and the file stands here still
            if candidate.step is Step.SKIP and candidate.decided_on != await self._stamp(candidate):
                candidate.step = None
            if candidate.step is None and self._quiet_enough(candidate):
                try:
                    await self._decide(candidate)
                except FileTroubleError as error:
                    candidate.settles = False
                    self._show(candidate, EntryState.WAITING, str(error))

    async def facts(self, *, name: str, sha256: str, working: bool) -> SpecFacts:
        """Return what is known of a spec file at rest.

        Raises:
            OSError: the folder cannot be read.
        """
        record = self._records.of(name=name, sha256=sha256)
        newest = self._records.newest(name)
        manifest = self._filing.past(name=name, sha256=sha256)
        result = ResultFile.NONE if working else await self._filing.result_of(name=name, sha256=sha256)
        look = result is ResultFile.SAME and record is None
        return SpecFacts(
            working=working,
            record=record,
            newest=newest is None or newest.sha256 == sha256,
            manifest=manifest,
            forgotten=self._filing.has_manifest and manifest is None,
            result=result,
            filed=look and await self._filing.is_filed(name=name, sha256=sha256),
        )

    async def _decide(self, candidate: Candidate) -> None:
        facts = await self.facts(name=candidate.name, sha256=candidate.sha256, working=False)
        decision = decide(facts)
        if candidate.violations and decision.step in (Step.ASK, Step.SUBMIT):
            await self._refuse(candidate, decision)
            return
        if decision.step is Step.FILE:
            outcome = facts.manifest.outcome if facts.manifest is not None else JobState.FAILED
            await self._filing.file(name=candidate.name, sha256=candidate.sha256, outcome=outcome)
            return
        candidate.settles = True
        candidate.step, candidate.generation = decision.step, decision.generation
        if decision.step is Step.SKIP:
            candidate.decided_on = await self._stamp(candidate)
            self._show(candidate, EntryState.SKIPPED, decision.reason)
            self._news(NewsKind.SKIPPED, candidate.name, reason=decision.reason)
            return
        record = await self._records.ready(
            name=candidate.name,
            sha256=candidate.sha256,
            generation=decision.generation,
            again=decision.step is Step.SUBMIT,
        )
        candidate.order = record.order
        self._show(candidate, EntryState.READY, "")
        self._news(NewsKind.READY, candidate.name, sha256=candidate.sha256, generation=decision.generation)

    async def _refuse(self, candidate: Candidate, decision: Decision) -> None:
        record = await self._records.ready(
            name=candidate.name,
            sha256=candidate.sha256,
            generation=decision.generation,
            again=decision.step is Step.SUBMIT,
        )
        await self._filing.refuse(record=record, violations=candidate.violations, evidence=self._settings.evidence)
        self._state.failures += 1
        self._state.candidates.pop(candidate.name, None)
        self._news(NewsKind.REFUSED, candidate.name, reason=candidate.violations[0].message)

    async def _stamp(self, candidate: Candidate) -> object:
        """Return something that changes when what a skipped candidate was judged by does."""
        if self._results is None:
            self._results = await self._filing.results()
        past = self._filing.past(name=candidate.name, sha256=candidate.sha256)
        return past, self._results.of(candidate.name)

    def _quiet_enough(self, candidate: Candidate) -> bool:
        if not candidate.violations:
            return True
        quiet = candidate.history.quiet_seconds(now=self._clock.monotonic())
        return quiet >= self._settings.timing.quiet_seconds

    def _news(self, kind: NewsKind, name: str, **facts: str | int) -> None:
        path = shown_path(self._inbox, name)
        self._tell(News(kind=kind, folder=self._settings.name, path=path, facts=facts))

    def _show(self, candidate: Candidate, state: EntryState, reason: str) -> None:
        if candidate.state is not state:
            candidate.since = self._clock.now()
        candidate.state, candidate.reason = state, reason
