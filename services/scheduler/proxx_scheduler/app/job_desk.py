"""Everything that clients call, over the store, the dry runs and the event hub."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from proxx.core.access import Identity
from proxx.core.actor import SUBMITTER
from proxx.core.canonical import canonical_json
from proxx.core.client_path import ClientPathError, read_client_path
from proxx.core.detection import Engine
from proxx.core.jobs import (
    ClipProgress,
    ClipView,
    ExecutorView,
    Heartbeat,
    JobEvent,
    JobPlan,
    JobResult,
    JobState,
    JobView,
    ProbedPath,
    Snapshot,
)
from proxx.core.profile_library import ProfileLibrary
from proxx.core.quoting import quote
from proxx.core.roots import RootTable, UnmappedPathError
from proxx.core.spec_revision import SpecRevision
from proxx.core.steps import ProbeItem
from proxx.core.units import files_text
from proxx.core.verbs import VerbPlan
from proxx.core.violation import Violation, ViolationCode, ViolationsError
from proxx_scheduler.app.audit_desk import AuditDesk
from proxx_scheduler.app.drains import Drains
from proxx_scheduler.app.dry_runs import DryRuns
from proxx_scheduler.app.errors import (
    CursorTruncatedError,
    JobNotFoundError,
    NoExecutorError,
    RequestInvalidError,
    SlowReaderError,
    SubmissionNotFoundError,
)
from proxx_scheduler.app.event_hub import EventHub, Subscription
from proxx_scheduler.app.intake import Body
from proxx_scheduler.app.ownership import refuse_foreign_job
from proxx_scheduler.app.planning import Planning
from proxx_scheduler.app.ports import Clock, Ids, Store, StoreError, Tx
from proxx_scheduler.app.rebinding import Rebinding
from proxx_scheduler.app.sessions import Sessions
from proxx_scheduler.app.submitting import Submitting
from proxx_scheduler.app.verb_call import VerbCall
from proxx_scheduler.app.verbs import Verbs
from proxx_scheduler.app.waiting import Waiting
from proxx_scheduler.app.wake import Wake
from proxx_scheduler.domain.rules import NO_RULES, Rules

log = logging.getLogger("proxx.scheduler")
HEARTBEAT_SECONDS = 10.0
REPLAY_PAGE = 1000
SNAPSHOT_BYTES = 4 * 1024 * 1024
"""About how much of JobSpecs one message of a snapshot carries, far below the limit of a message."""
PROBE_LIMIT = 1000

Update = Snapshot | JobEvent | ClipProgress | Heartbeat


class JobDesk:
    """The job service's server side."""

    def __init__(
        self,
        *,
        store: Store,
        submitting: Submitting,
        verbs: Verbs,
        dry_runs: DryRuns,
        sessions: Sessions,
        hub: EventHub,
        library: ProfileLibrary,
        roots: RootTable,
        clock: Clock,
        ids: Ids,
        wake: Wake,
        rules: Rules = NO_RULES,
        trouble: Callable[[], str] = str,
        hold: bool = True,
    ) -> None:
        """Take the parts; `rules` are the site's own, `trouble` says why the database refuses writes.

        Without `hold` a job whose engine has no healthy executor is rejected.
        """
        self._waiting = Waiting(store=store, sessions=sessions, rules=rules, trouble=trouble)
        self._store = store
        self._submitting = submitting
        self._wake = wake
        self._verbs = verbs
        self._dry_runs = dry_runs
        self._sessions = sessions
        self._hub = hub
        self._roots = roots
        self._planning = Planning(
            store=store,
            dry_runs=dry_runs,
            sessions=sessions,
            library=library,
            roots=roots,
            clock=clock,
            ids=ids,
            hold=hold,
        )
        self.rebinding = Rebinding(store=store, verbs=verbs, planning=self._planning, library=library, roots=roots)
        self.drains = Drains(store=store, clock=clock)
        self.audit = AuditDesk(store=store, clock=clock)

    async def submit(
        self, *, request_id: str, body: Body, actor: str = SUBMITTER, owner: str = ""
    ) -> tuple[JobView, bool]:
        """Submit a job; durable when it returns. Raises as Submitting.submit."""
        submission = asyncio.create_task(
            self._store.write(
                lambda tx: self._submitting.submit(tx, request_id=request_id, body=body, actor=actor, owner=owner)
            )
        )
        self._wake.set()  # who is called here looks behind the submission: in the same transaction, if it is quick
        view, created = await submission
        if created:
            facts = {"job_key": view.job_key, "job_id": view.job_id, "request_id": request_id}
            log.info("job submitted", extra={**facts, "spec": canonical_json(view.spec)})
        return view, created

    async def plan(self, *, body: Body) -> JobPlan:
        """Plan a job and store nothing. Raises as Planning.plan."""
        plan = await self._planning.plan(body=body)
        unplanned = [clip.source_path for clip in plan.clips if plan.admissible and clip.plan is None]
        roots = {self._roots.resolve(path).root for path in unplanned}
        reasons = await self._waiting.of_plan(plan.clips, options=body.options, uninspected=roots)
        return replace(plan, waiting_reasons=reasons)

    async def probe_sources(self, *, paths: Sequence[str]) -> tuple[ProbedPath, ...]:
        """Probe files and store nothing.

        Raises:
            ViolationsError: a path is relative or under no root.
            RequestInvalidError: none, or more than 1,000 paths.
            NoExecutorError: nobody can probe.
        """
        if not 1 <= len(paths) <= PROBE_LIMIT:
            raise RequestInvalidError(field="paths", message=f"1 to {PROBE_LIMIT} paths are needed, got {len(paths)}")
        items, violations = [], []
        for index, path in enumerate(paths):
            try:
                read_client_path(path)
            except ClientPathError as error:
                message = f"{quote(text=path)} is {error}"
                violations.append(
                    Violation(code=ViolationCode.PATH_NOT_ABSOLUTE, field=f"paths[{index}]", message=message)
                )
                continue
            try:
                items.append(ProbeItem(clip_index=index, source=self._roots.resolve(path), output=None))
            except UnmappedPathError as error:
                violations.append(
                    Violation(code=ViolationCode.PATH_OUTSIDE_ROOTS, field=f"paths[{index}]", message=str(error))
                )
        if violations:
            raise ViolationsError(tuple(violations))
        self._need_executor()
        report = await self._dry_runs.probe(items=tuple(items), output_directory=None)
        return tuple(
            ProbedPath(
                path=paths[source.clip_index],
                detection=source.detection,
                facts=source.facts,
                violations=source.violations,
                source_files=files_text(identity=source.identity),
            )
            for source in sorted(report.sources, key=lambda source: source.clip_index)
        )

    def _need_executor(self) -> None:
        if not self._sessions.has_prober():
            raise NoExecutorError(engine=Engine.FFMPEG)

    async def job(self, *, job_key: str) -> JobView:
        """Return a job.

        Raises:
            JobNotFoundError.
        """
        view = await self._store.read(lambda tx: tx.job_view(job_key))
        if view is None:
            raise JobNotFoundError(job_key=job_key)
        return view

    async def submission(self, *, request_id: str) -> JobView:
        """Return the job that a request_id made, with the reason why it waits, if it does.

        Raises:
            SubmissionNotFoundError: no submission used it.
        """

        def find(tx: Tx) -> JobView | None:
            known = tx.request(request_id)
            return None if known is None else tx.job_view(known[1])

        view = await self._store.read(find)
        if view is None:
            raise SubmissionNotFoundError(request_id=request_id)
        return await self._waiting.of_job(view)

    async def job_and_why(self, *, job_key: str) -> JobView:
        """Return a job with the reason why it waits, if it does. Raises as `job`."""
        return await self._waiting.of_job(await self.job(job_key=job_key))

    async def jobs(
        self, *, after: int | None, size: int, states: tuple[JobState, ...], job_id: str
    ) -> tuple[tuple[JobView, ...], int | None]:
        """Return a page of jobs, newest first."""
        return await self._store.read(lambda tx: tx.job_page(after=after, size=size, states=states, job_id=job_id))

    async def clips(self, *, job_key: str, after: int, size: int) -> tuple[tuple[ClipView, ...], int | None]:
        """Return a page of clips in order, each with the reason why it waits, if it does.

        Raises:
            JobNotFoundError.
        """
        await self.job(job_key=job_key)
        views, more = await self._store.read(lambda tx: tx.clip_page(job_key, after=after, size=size))
        return await self._waiting.of_clips(job_key, views), more

    async def result(self, *, job_key: str, after: int, size: int, run_number: int = 0) -> tuple[JobResult, int | None]:
        """Return the result of a job's run (0: the newest) with one page of its clips.

        Raises:
            JobNotFoundError: no job has this key.
            RequestInvalidError: the job has no such run.
        """
        found = await self._store.read(lambda tx: tx.job_result(job_key, after=after, size=size, run_number=run_number))
        if found is None:
            view = await self.job(job_key=job_key)
            rule = f"the job has the runs 1 to {view.run_number}, got {run_number}"
            raise RequestInvalidError(field="run_number", message=rule)
        return found

    async def executors(self) -> tuple[ExecutorView, ...]:
        """Return the executors that have a session; those that fell silent are LOST."""
        views = await self._store.read(lambda tx: tx.executors())
        alive = self._sessions.alive()
        return tuple(view if view.incarnation in alive else replace(view, state="LOST") for view in views)

    async def verb(
        self, *, call: VerbCall, job_key: str, request_id: str, expected_revision: int, actor: str, identity: Identity
    ) -> JobView:
        """Run an operator's verb other than REBIND. Raises as Verbs.run.

        Raises:
            AccessRefusedError: the caller may do this to its own jobs only, and the job is not.
        """

        def work(tx: Tx) -> JobView:
            refuse_foreign_job(tx, identity=identity, verb=call.verb, job_key=job_key)
            return self._verbs.run(
                tx,
                call=call,
                job_key=job_key,
                request_id=request_id,
                expected_revision=expected_revision,
                actor=actor,
            )

        return await self._store.write(work)

    async def plan_verb(self, *, call: VerbCall, job_key: str) -> VerbPlan:
        """Say what a verb would do; nothing is stored. Raises as Verbs.plan."""
        return await self._store.read(lambda tx: self._verbs.plan(tx, call=call, job_key=job_key))

    async def spec_revision(self, *, job_key: str, number: int) -> tuple[SpecRevision, int]:
        """Return a revision of a job's spec (0: the one in force), and the number of the newest.

        Raises:
            JobNotFoundError: no job has this key.
            RequestInvalidError: the job has no such revision.
        """
        view = await self.job(job_key=job_key)
        revisions = await self._store.read(lambda tx: tx.spec_revisions(job_key))
        wanted = number or view.spec_revision
        found = next((revision for revision in revisions if revision.number == wanted), None)
        newest = revisions[-1].number
        if found is None:
            raise RequestInvalidError(field="number", message=f"the job has the revisions 1 to {newest}, got {number}")
        return found, newest

    async def watch(
        self, *, job_keys: tuple[str, ...], after_sequence: int, include_progress: bool
    ) -> AsyncIterator[Update]:
        """Yield a snapshot (or what came after a sequence), then every event, progress between them, heartbeats.

        Raises:
            RequestInvalidError, JobNotFoundError, CursorTruncatedError, SlowReaderError.
        """
        if after_sequence < 0:
            raise RequestInvalidError(
                field="after_sequence", message=f"0 or a sequence is needed, got {after_sequence}"
            )
        subscription = self._hub.subscribe(job_keys=job_keys, progress=include_progress)
        try:
            newest = await self._store.read(lambda tx: tx.newest_sequence())
            if after_sequence > newest:
                raise CursorTruncatedError(after_sequence=after_sequence, newest=newest)
            for job_key in job_keys:
                await self.job(job_key=job_key)
            last = after_sequence
            if after_sequence == 0:
                for snapshot in await self._snapshots(job_keys):
                    last = snapshot.sequence
                    yield snapshot
            async for update in self._replay(job_keys, last):
                last = update.sequence
                yield update
            async for live in _live(subscription, last):
                yield live
        finally:
            self._hub.unsubscribe(subscription)

    async def _snapshots(self, job_keys: tuple[str, ...]) -> list[Snapshot]:
        """Return the snapshot in messages that a client takes; the last one carries its sequence."""

        def work(tx: Tx) -> tuple[int, list[JobView]]:
            keys = job_keys or tx.unfinished_jobs().keys
            views = [tx.job_view(key) for key in keys]
            return tx.newest_sequence(), [view for view in views if view is not None]

        sequence, views = await self._store.read(work)
        groups: list[list[JobView]] = [[]]
        room = SNAPSHOT_BYTES
        for view in views:
            size = len(canonical_json(view.spec))
            if groups[-1] and size > room:
                groups.append([])
                room = SNAPSHOT_BYTES
            groups[-1].append(view)
            room -= size
        partial = [Snapshot(sequence=0, jobs=tuple(group), partial=True) for group in groups[:-1]]
        return [*partial, Snapshot(sequence=sequence, jobs=tuple(groups[-1]))]

    async def _replay(self, job_keys: tuple[str, ...], after: int) -> AsyncIterator[JobEvent]:
        while True:
            page = await self._store.read(lambda tx, after=after: _events_after(tx, after, job_keys))  # type: ignore[misc]  # the default binds the loop's value
            for event in page:
                after = event.sequence
                yield event
            if len(page) < REPLAY_PAGE:
                return


def _events_after(tx: Tx, after: int, job_keys: tuple[str, ...]) -> tuple[JobEvent, ...]:
    if (retired := tx.retired_through(job_keys)) > after:
        newest = tx.newest_sequence()
        raise CursorTruncatedError(after_sequence=after, newest=newest, first_available=retired + 1)
    return tx.events_after(sequence=after, job_keys=job_keys, limit=REPLAY_PAGE)


async def _live(subscription: Subscription, last: int) -> AsyncIterator[Update]:
    while True:
        item = await subscription.next(timeout=HEARTBEAT_SECONDS)
        if subscription.cut:
            raise StoreError(subscription.cut)
        if subscription.overflowed:
            raise SlowReaderError(last_sequence=last)
        if item is None:
            yield Heartbeat(sequence=last)
        elif isinstance(item, ClipProgress):
            yield item
        elif item.sequence > last:
            last = item.sequence
            yield item
