"""Everything that executors call, over the store, the lease book and the dry runs."""

import logging
from collections.abc import Callable, Iterable, Sequence

from proxx.core.access import Identity
from proxx.core.jobs import ClipProgress
from proxx.core.leases import (
    ExecutorDescription,
    HeldLease,
    Lease,
    LeaseDirective,
    LeaseOutcome,
    LeasePreparation,
    LeaseRelease,
    LeaseReport,
    PreparationResult,
    ReportStatus,
    SessionTerms,
)
from proxx.core.steps import Directive, Phase, PrepareAnswer, PreparedOutput
from proxx_scheduler.app.acquiring import Acquiring, Ask
from proxx_scheduler.app.actors import executor_actor
from proxx_scheduler.app.dry_runs import DryRuns
from proxx_scheduler.app.errors import LeaseSupersededError, VerdictFailedError
from proxx_scheduler.app.event_hub import EventHub
from proxx_scheduler.app.expiring import Expiring
from proxx_scheduler.app.fencing import Fencing
from proxx_scheduler.app.granting import Granting
from proxx_scheduler.app.lease_book import LeaseBook, LiveLease
from proxx_scheduler.app.ports import Clock, Result, Store, Tx
from proxx_scheduler.app.records import ProgressMade, SessionRecord
from proxx_scheduler.app.reporting import Reporting
from proxx_scheduler.app.sessions import Sessions
from proxx_scheduler.app.stale_reports import ReportKind, kind_of, said_by_output
from proxx_scheduler.app.wake import Wake
from proxx_scheduler.domain.transitions import IllegalTransitionError

log = logging.getLogger("proxx.scheduler")


class ExecutorDesk:
    """The executor protocol's server side. Every call is made in a session, and refused in that of another identity."""

    def __init__(
        self,
        *,
        store: Store,
        book: LeaseBook,
        granting: Granting,
        reporting: Reporting,
        dry_runs: DryRuns,
        hub: EventHub,
        sessions: Sessions,
        fencing: Fencing,
        clock: Clock,
        lease_seconds: float,
        wake: Wake,
    ) -> None:
        """Take the parts; `wake` is set when work is queued."""
        self._store = store
        self._book = book
        self._reporting = reporting
        self._dry_runs = dry_runs
        self._hub = hub
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._sessions = sessions
        self._fencing = fencing
        self._acquiring = Acquiring(
            store=store, book=book, granting=granting, dry_runs=dry_runs, sessions=sessions, clock=clock, wake=wake
        )
        self.stale_reports = reporting.stale.counts
        """How many there were of each kind since the start, repeats included."""
        self.expiring = Expiring(
            store=store, book=book, reporting=reporting, dry_runs=dry_runs, sessions=sessions, clock=clock
        )

    async def load(self) -> None:
        """After a start: every live lease gets one whole duration to be renewed in.

        Sessions that hold nothing are forgotten: an executor that is there opens its own again.
        """
        await self._sessions.load()
        await self._store.write(lambda tx: tx.forget_shares())  # grants never look back at them
        await self._store.read(self._fencing.load)
        now = self._clock.monotonic()
        for record in await self._store.read(lambda tx: tx.live_leases()):
            self._book.add(record, now=now)

    def stop(self) -> None:
        """Let waiting calls answer with nothing: the scheduler goes away."""
        self._acquiring.stop()

    def _refuse_foreign(self, lease_ids: Iterable[str], *, identity: Identity, session_id: str = "") -> None:
        """Refuse leases that a session of another identity holds; those of `session_id` need no look."""
        for lease_id in lease_ids:
            live = self._book.get(lease_id)
            holder = self._dry_runs.holder(lease_id) if live is None else live.session_id
            if holder is not None and holder != session_id:
                self._sessions.refuse_foreign(holder, identity=identity)

    def _enter(self, session_id: str, identity: Identity, lease_ids: Iterable[str]) -> SessionRecord:
        """Return the session of a call that names leases."""
        session = self._sessions.enter(session_id, identity=identity)
        self._refuse_foreign(lease_ids, identity=identity, session_id=session_id)
        return session

    async def _write(self, session: SessionRecord, work: Callable[[Tx], Result]) -> Result:
        """Run a transaction in which the executor of a session acts."""

        def acting(tx: Tx) -> Result:
            tx.identity = session.identity
            return work(tx)

        return await self._store.write(acting)

    async def open_session(
        self, *, description: ExecutorDescription, held: Sequence[HeldLease], identity: Identity
    ) -> SessionTerms:
        """Open or re-open a session and reconcile the leases that the executor still holds.

        Raises:
            ExecutorInvalidError: the description is incomplete or names an unknown root.
            AccessRefusedError: the caller may not be an executor of this name, or of this incarnation.
        """
        kept = {item.lease_id: item.epoch for item in held}
        self._refuse_foreign(kept, identity=identity)
        session, valid = await self._sessions.open(description=description, kept=kept, identity=identity)
        now = self._clock.monotonic()
        for lease_id in valid:
            lease = self._book.get(lease_id)
            if lease is not None:
                self._book.renew(lease, now=now)
        revoked = [lease_id for lease_id in kept if lease_id not in valid and not self._dry_runs.holds(lease_id)]
        log.info("session opened", extra={"executor": description.name, "session_id": session.session_id})
        return SessionTerms(
            session_id=session.session_id,
            lease_seconds=self._lease_seconds,
            renew_seconds=self._lease_seconds / 6,
            revoked_lease_ids=tuple(revoked),
        )

    async def acquire(
        self,
        *,
        session_id: str,
        acquire_sequence: int,
        max_grants: int,
        max_probes: int = 0,
        wait_seconds: float,
        identity: Identity,
    ) -> tuple[Lease, ...]:
        """Wait for work and grant it: to an executor with room to probe up to `max_probes` PROBEs beside `max_grants`.

        Raises:
            SessionUnknownError, AccessRefusedError, AcquireConsumedError.
        """
        self._sessions.enter(session_id, identity=identity)
        ask = Ask(sequence=acquire_sequence, grants=max_grants, probes=max_probes)
        return await self._acquiring.acquire(session_id=session_id, ask=ask, wait_seconds=wait_seconds)

    async def renew(
        self, *, session_id: str, reports: Sequence[LeaseReport], draining: bool, identity: Identity
    ) -> tuple[LeaseDirective, ...]:
        """Answer each report; a STARTING passes the start barrier durably first.

        Raises:
            SessionUnknownError: the executor opens its session again.
            AccessRefusedError.
        """
        session = self._enter(session_id, identity, (report.lease_id for report in reports))
        if draining:
            await self._sessions.drain(session_id)
        now = self._clock.monotonic()
        for report in reports:  # first of all: what is written below may take its time
            held = self._held(session_id, report)
            if held is not None:
                self._book.renew(held, now=now)
        starting = [
            (report, self._held(session_id, report) is not None)
            for report in reports
            if report.phase is Phase.STARTING and not self._told_to_stop(session_id, report)
        ]
        started = await self._start(session, starting) if starting else frozenset()
        return tuple(self._answer(session_id, report, started) for report in reports)

    async def _start(self, session: SessionRecord, reports: Sequence[tuple[LeaseReport, bool]]) -> frozenset[str]:
        """Pass the start barrier of leases that their session holds; starts of other leases are stale."""
        actor = executor_actor(session.description.name)

        def work(tx: Tx) -> tuple[frozenset[str], int]:
            started, stale = set(), 0
            tx.read_ahead([report.lease_id for report, _ in reports])
            for report, held in reports:
                lease_id, epoch = report.lease_id, report.epoch
                if held and self._reporting.start(tx, lease_id=lease_id, epoch=epoch, actor=actor):
                    started.add(lease_id)
                else:
                    stale += self._reporting.refused_start(tx, lease_id=lease_id, epoch=epoch, actor=actor)
            return frozenset(started), stale

        started, stale = await self._write(session, work)
        for _ in range(stale):
            self._reporting.stale.count(ReportKind.START)
        return started

    def _held(self, session_id: str, report: LeaseReport) -> LiveLease | None:
        lease = self._book.get(report.lease_id)
        if lease is None or lease.session_id != session_id or lease.epoch != report.epoch:
            return None
        return lease

    def _told_to_stop(self, session_id: str, report: LeaseReport) -> bool:
        """Whether a start needs nobody's leave: that of a dry run, or of a lease whose answer is CANCEL."""
        lease = self._held(session_id, report)
        return self._dry_runs.holds(report.lease_id) or (lease is not None and lease.cancelled)

    def _answer(self, session_id: str, report: LeaseReport, started: frozenset[str]) -> LeaseDirective:
        if self._dry_runs.holds(report.lease_id):
            return LeaseDirective(lease_id=report.lease_id, directive=Directive.CONTINUE)
        lease = self._held(session_id, report)
        if lease is None:
            return LeaseDirective(lease_id=report.lease_id, directive=Directive.REVOKED)
        self._book.renew(lease, now=self._clock.monotonic())
        if lease.cancelled:
            return LeaseDirective(lease_id=report.lease_id, directive=Directive.CANCEL)
        if report.phase is Phase.STARTING and report.lease_id not in started:
            return LeaseDirective(lease_id=report.lease_id, directive=Directive.REVOKED)
        if report.progress is not None:
            self._tell_progress(lease, report)
        return LeaseDirective(lease_id=report.lease_id, directive=Directive.CONTINUE)

    def _tell_progress(self, lease: LiveLease, report: LeaseReport) -> None:
        progress = report.progress
        if progress is None:
            return
        self._hub.publish(
            ProgressMade(
                progress=ClipProgress(
                    job_key=lease.job_key,
                    clip_index=lease.clip_index,
                    phase=report.phase,
                    fraction=progress.fraction,
                    frames=progress.frames,
                    fps=progress.fps,
                    speed=progress.speed,
                    eta_seconds=progress.eta_seconds,
                )
            )
        )

    async def prepare(
        self, *, session_id: str, lease_id: str, epoch: int, output: PreparedOutput, identity: Identity
    ) -> PrepareAnswer:
        """Decide about a verified staged file.

        Raises:
            SessionUnknownError, AccessRefusedError, LeaseSupersededError, VerdictFailedError.
        """
        session = self._enter(session_id, identity, (lease_id,))
        actor = executor_actor(session.description.name)
        try:
            return await self._write(
                session,
                lambda tx: self._reporting.prepare(
                    tx, session_id=session_id, lease_id=lease_id, epoch=epoch, output=output, actor=actor
                ),
            )
        except LeaseSupersededError:  # what was refused left nothing in the store, so its record is made apart
            await self._refused_output(session, LeasePreparation(lease_id=lease_id, epoch=epoch, output=output))
            raise

    async def prepare_all(
        self, *, session_id: str, preparations: Sequence[LeasePreparation], identity: Identity
    ) -> tuple[PreparationResult, ...]:
        """Decide about verified staged files, each as `prepare` does.

        Raises:
            SessionUnknownError, AccessRefusedError.
        """
        session = self._enter(session_id, identity, (item.lease_id for item in preparations))
        actor = executor_actor(session.description.name)

        def work(tx: Tx) -> tuple[PreparationResult, ...]:
            tx.read_ahead([item.lease_id for item in preparations], plans=True)
            return tuple(self._prepare(tx, session_id, item, actor) for item in preparations)

        answers = await self._write(session, work)
        for item, answer in zip(preparations, answers, strict=True):
            if answer.superseded:
                await self._refused_output(session, item)
        return answers

    def _prepare(self, tx: Tx, session_id: str, item: LeasePreparation, actor: str) -> PreparationResult:
        try:
            answer = self._reporting.prepare(
                tx, session_id=session_id, lease_id=item.lease_id, epoch=item.epoch, output=item.output, actor=actor
            )
        except LeaseSupersededError:  # raised before anything of it was written, as is the other one
            return PreparationResult(superseded=True)
        except VerdictFailedError as error:
            return PreparationResult(failed_checks=error.checks)
        return PreparationResult(answer=answer)

    async def _refused_output(self, session: SessionRecord, item: LeasePreparation) -> None:
        kind, said, stale = ReportKind.PREPARE, said_by_output(item.output), self._reporting.stale
        actor = executor_actor(session.description.name)
        await self._write(
            session,
            lambda tx: stale.record(tx, lease_id=item.lease_id, epoch=item.epoch, kind=kind, said=said, actor=actor),
        )
        self._count(ReportStatus.STALE, kind, item.lease_id)

    async def complete(
        self, *, session_id: str, outcomes: Sequence[LeaseOutcome], identity: Identity
    ) -> tuple[ReportStatus, ...]:
        """Record outcomes.

        Raises:
            SessionUnknownError, AccessRefusedError.
        """
        session = self._enter(session_id, identity, (outcome.lease_id for outcome in outcomes))
        stored = [outcome for outcome in outcomes if not self._dry_runs.complete(outcome)]
        try:
            statuses = await self._complete(session, stored) if stored else ()
        except IllegalTransitionError:  # one report that does not fit keeps none of the others back
            statuses = tuple([(await self._complete(session, [outcome]))[0] for outcome in stored])
        found = dict(zip(map(id, stored), statuses, strict=True))
        return tuple(found.get(id(outcome), ReportStatus.RECORDED) for outcome in outcomes)

    async def _complete(self, session: SessionRecord, outcomes: Sequence[LeaseOutcome]) -> tuple[ReportStatus, ...]:
        alive = self._sessions.expected()
        session_id, actor = session.session_id, executor_actor(session.description.name)
        statuses = await self._write(
            session,
            lambda tx: self._reporting.complete(tx, session_id=session_id, outcomes=outcomes, actor=actor, alive=alive),
        )
        for outcome, status in zip(outcomes, statuses, strict=True):
            self._count(status, kind_of(outcome), outcome.lease_id)
        return statuses

    async def release(
        self, *, session_id: str, releases: Sequence[LeaseRelease], identity: Identity
    ) -> tuple[ReportStatus, ...]:
        """Take leases back.

        Raises:
            SessionUnknownError, AccessRefusedError.
        """
        session = self._enter(session_id, identity, (release.lease_id for release in releases))
        actor = executor_actor(session.description.name)
        statuses = []
        for release in releases:
            if self._dry_runs.give_back(release.lease_id):
                statuses.append(ReportStatus.RECORDED)
                continue
            status = await self._write(
                session,
                lambda tx, release=release: self._reporting.release(  # type: ignore[misc]  # the default binds the loop's value
                    tx, session_id=session_id, release=release, actor=actor
                ),
            )
            self._count(status, ReportKind.RELEASE, release.lease_id)
            statuses.append(status)
        return tuple(statuses)

    async def close_session(self, *, session_id: str, identity: Identity) -> None:
        """End a session; what it still holds is lost.

        Raises:
            SessionUnknownError, AccessRefusedError.
        """
        session = self._sessions.enter(session_id, identity=identity)
        await self._sessions.close(session_id)
        log.info("session closed", extra={"executor": session.description.name, "session_id": session_id})

    def _count(self, status: ReportStatus, kind: ReportKind, lease_id: str) -> None:
        if status is ReportStatus.STALE:
            self._reporting.stale.count(kind)
            log.warning("stale report", extra={"lease_id": lease_id, "report": kind})
