"""The product's use cases wired as proxx_scheduler.bootstrap wires them, without its server: over any store."""

from collections.abc import Callable

from proxx.core.roots import Root, RootTable
from proxx.runtime.profile_files import builtin_library
from proxx_scheduler.app.admission import Admission
from proxx_scheduler.app.dry_runs import DryRuns
from proxx_scheduler.app.event_hub import EventHub
from proxx_scheduler.app.executor_desk import ExecutorDesk
from proxx_scheduler.app.fencing import Fencing
from proxx_scheduler.app.granting import Granting
from proxx_scheduler.app.job_desk import JobDesk
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.ports import Clock, Ids, Store
from proxx_scheduler.app.records import Effect, LeaseCancelled, LeaseEnded, LeaseGranted, ProbesDone, WorkQueued
from proxx_scheduler.app.reporting import Reporting
from proxx_scheduler.app.sessions import Sessions
from proxx_scheduler.app.submitting import Submitting
from proxx_scheduler.app.verbs import Verbs
from proxx_scheduler.app.wake import Wake
from proxx_scheduler.domain.rules import NO_RULES, Rules

LIBRARY = builtin_library()
ROOTS = RootTable((Root(name="local", spelling="/"),))


class SchedulerParts:
    """A scheduler's use cases. `open_store` gets what is to be told of commits."""

    def __init__(
        self,
        *,
        open_store: Callable[[Callable[[list[Effect]], None]], Store],
        clock: Clock,
        ids: Ids,
        lease_seconds: float,
        fence_after: int = 0,
        rules: Rules = NO_RULES,
    ) -> None:
        self._rules = rules
        self._clock = clock
        fencing = self.fencing = Fencing(clock=clock, fence_after=fence_after)
        self._wake = Wake()
        self._hub = EventHub()
        self.book = LeaseBook(lease_seconds=lease_seconds)
        store = self.store = open_store(self._on_commit)
        self.admission = Admission(store=store, library=LIBRARY, clock=clock, ids=ids, rules=rules)
        submitting = Submitting(library=LIBRARY, roots=ROOTS, clock=clock, ids=ids)
        dry_runs = DryRuns(clock=clock, ids=ids, lease_seconds=lease_seconds, wake=self._wake)
        reporting = self.reporting = Reporting(submitting=submitting, fencing=fencing, clock=clock, ids=ids)
        sessions = Sessions(
            store=store,
            book=self.book,
            clock=clock,
            ids=ids,
            roots=frozenset({"local"}),
            lose=lambda tx, lease_id, why: reporting.lose(tx, lease_id=lease_id, why=why),
        )
        self.executors = ExecutorDesk(
            store=store,
            book=self.book,
            granting=Granting(submitting=submitting, clock=clock, ids=ids, rules=rules),
            reporting=reporting,
            dry_runs=dry_runs,
            hub=self._hub,
            sessions=sessions,
            fencing=fencing,
            clock=clock,
            lease_seconds=lease_seconds,
            wake=self._wake,
        )
        self.jobs = JobDesk(
            store=store,
            submitting=submitting,
            verbs=Verbs(clock=clock, ids=ids),
            dry_runs=dry_runs,
            sessions=sessions,
            hub=self._hub,
            library=LIBRARY,
            roots=ROOTS,
            clock=clock,
            ids=ids,
            wake=self._wake,
        )

    def _on_commit(self, effects: list[Effect]) -> None:
        now = self._clock.monotonic()
        news_of_work = False
        for effect in effects:
            self.fencing.observe(effect)
            match effect:
                case WorkQueued():
                    news_of_work = True
                case ProbesDone():
                    self.admission.begin(effect.job_key)
                case LeaseGranted():
                    self.book.add(effect.record, now=now)
                case LeaseCancelled():
                    self.book.cancel(effect.lease_id)
                case LeaseEnded():
                    self.book.end(effect.lease_id)
                    news_of_work |= self._rules.bounded
                case _:
                    self._hub.publish(effect)
        if news_of_work:
            self._wake.set()
