"""Why jobs and clips wait, asked for whole pages: facts that many clips share are read once."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from proxx.core.detection import Engine
from proxx.core.jobs import ClipPlan, ClipState, ClipView, JobState, JobView, SubmissionOptions
from proxx.core.plan import Plan
from proxx.core.waiting import WaitingCode, WaitingReason
from proxx_scheduler.app.ports import Store, Tx
from proxx_scheduler.app.records import QueuedWork
from proxx_scheduler.app.sessions import Known, Sessions
from proxx_scheduler.app.taking import LANES
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.ordering import Account, Place, order_key
from proxx_scheduler.domain.probing import LOOKS
from proxx_scheduler.domain.records import Clip, Job, StepState
from proxx_scheduler.domain.rules import Rules, full_queues
from proxx_scheduler.domain.waiting import (
    COUNTED,
    Ahead,
    Candidate,
    Line,
    NextStaged,
    Site,
    why_clip_waits,
    why_nobody_can,
    why_step_waits,
)

WORKING = frozenset({ClipState.LEASED, ClipState.RUNNING, ClipState.PUBLISHING})
LAST_PLACE = Place(job_sequence=2**62, rank=0, clip_index=0)
"""Behind everything that is submitted."""


class Waiting:
    """Answers why something waits. Who is there is asked before storage is: that is known to the event loop alone."""

    def __init__(self, *, store: Store, sessions: Sessions, rules: Rules, trouble: Callable[[], str]) -> None:
        """Take the parts; `trouble` says why the database refuses writes, "" when it takes them."""
        self._store = store
        self._sessions = sessions
        self._rules = rules
        self._trouble = trouble

    async def of_job(self, view: JobView) -> JobView:
        """Return a job with the reason of its first clip that waits, unless one of its clips is being worked on."""
        if view.state.terminal:
            return view

        known = self._sessions.known()

        def work(tx: Tx) -> WaitingReason | None:
            board = tx.board(view.job_key)
            if board is None or any(_is_worked_on(clip) for clip in board.clips.values()):
                return None
            states = {clip.index: clip.state for clip in board.clips.values() if not clip.finished}
            head = board.job.head
            index, state = min(states.items(), default=(head, ClipState.QUEUED))
            if board.job.state is JobState.PENDING and not board.job.admitted:
                index = _first_unlooked(tx, board.job)
            return self._reasons(tx, known, job=board.job, states={index: state}).get(index)

        return replace(view, waiting_reason=await self._store.read(work))

    async def of_clips(self, job_key: str, views: Sequence[ClipView]) -> tuple[ClipView, ...]:
        """Return clips of one job, in order, each with the reason why it waits."""
        states = {view.clip_index: view.state for view in views if not _at_rest(view.state)}
        if not states:
            return tuple(views)

        known = self._sessions.known()

        def work(tx: Tx) -> Mapping[int, WaitingReason]:
            board = tx.board(job_key)
            if board is None:
                return {}
            worked_on = {clip.index for clip in board.clips.values() if _is_worked_on(clip)}
            waiting = {index: state for index, state in states.items() if index not in worked_on}
            return self._reasons(tx, known, job=board.job, states=waiting) if waiting else {}

        found = await self._store.read(work)
        return tuple(replace(view, waiting_reason=found.get(view.clip_index)) for view in views)

    async def of_plan(
        self, clips: Sequence[ClipPlan], *, options: SubmissionOptions, uninspected: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Return why a job would wait if it were submitted now: each reason once, as sentences.

        `uninspected` are the roots of sources that only an INSPECT can tell about.
        """
        needs = {self._needs(clip.plan) for clip in clips if clip.plan is not None}
        needs |= {Needs(engine=Engine.RESOLVE, roots=(root,), planner_version=None) for root in uninspected}

        known = self._sessions.known()

        def work(tx: Tx) -> list[WaitingReason]:
            site = self._site(tx, known)
            lines = [
                Line(queue=options.queue, needs=item, ahead=_ahead(tx, site, _last(item, options)))
                for item in sorted(needs, key=lambda item: item.key)
            ]
            return [why_step_waits(line=line, site=site) for line in lines]

        found = await self._store.read(work)
        said = ["the job is held until it is started"] if options.hold else []
        said += [reason.detail for reason in found if reason.code is not WaitingCode.SLOT]
        return tuple(dict.fromkeys(said))

    def _needs(self, plan: Plan) -> Needs:
        return Needs(
            engine=plan.engine,
            roots=tuple(sorted({plan.source.root, plan.output.root})),
            planner_version=plan.planner_version,
            resources=self._rules.needed(engine=plan.engine, profile=plan.profile_name),
            codec="" if plan.render is None else plan.render.pair,
        )

    def _site(self, tx: Tx, known: Known) -> Site:
        drained, fenced = {item.name for item in tx.drained_executors()}, tx.fenced_executors()
        holders: dict[str, list[str]] = {}
        for hold in tx.resource_holds() if self._rules.resources else ():
            holders.setdefault(hold.resource, []).append(
                f"clip {hold.clip_index} of job {hold.job_key} on {hold.executor}"
            )
        return Site(
            candidates=tuple(
                Candidate(
                    name=description.name,
                    engine=description.engine,
                    roots=frozenset(description.roots),
                    planner_version=description.planner_version,
                    alive=alive,
                    draining=draining or description.name in drained,
                    fenced=description.name in fenced,
                    codecs=frozenset(description.codecs),
                    probe_slots=description.probe_slots,
                )
                for description, alive, draining in known
            ),
            rules=self._rules,
            held=tx.held_in_queues(self._rules.limits) if self._rules.limits else {},
            holders=holders,
            staged=tx.staged_bytes(self._rules.budgets) if self._rules.budgets else {},
            trouble=self._trouble(),
        )

    def _reasons(self, tx: Tx, known: Known, *, job: Job, states: Mapping[int, ClipState]) -> dict[int, WaitingReason]:
        site = self._site(tx, known)
        queued = tx.queued_work(job.job_key, first=min(states), last=max(states))
        ahead = {needs: _ahead(tx, site, first) for needs, first in _first_of_each(queued).items()}
        staged = {needs: _next_staged(tx, site, needs) for needs in ahead}
        lines: dict[int, Line] = {}
        seen: dict[Needs, int] = {}
        for work in queued:
            shared, earlier = ahead[work.needs], seen.get(work.needs, 0)
            seen[work.needs] = earlier + 1
            before = min(shared.before + earlier, COUNTED)
            line = Line(
                queue=work.queue,
                needs=work.needs,
                ahead=replace(shared, before=before),
                expected_bytes=work.expected_bytes,
                next_staged=staged[work.needs],
            )
            for index in range(max(work.clip_index, min(states)), min(work.last_clip, max(states)) + 1):
                lines[index] = line
        found = {
            index: why_clip_waits(index=index, state=state, job=job, line=lines.get(index), site=site)
            for index, state in states.items()
        }
        return {index: reason for index, reason in found.items() if reason is not None}


def _is_worked_on(clip: Clip) -> bool:
    """Whether an executor holds a step of a clip. A clip that is swept shows INTERRUPTED meanwhile."""
    return clip.state in WORKING or clip.step_state in (StepState.LEASED, StepState.RUNNING)


def _first_unlooked(tx: Tx, job: Job) -> int:
    """Return the first clip whose PROBE or INSPECT waits; that of the head while another one is being done."""
    waiting = tx.queued_work(job.job_key, first=job.head, last=job.clip_count - 1, limit=1)
    if not waiting or waiting[0].clip_index <= job.head:
        return job.head
    if any(lease.job_key == job.job_key and lease.kind in LOOKS for lease in tx.live_leases()):
        return job.head
    return waiting[0].clip_index


def _at_rest(state: ClipState) -> bool:
    return state in (ClipState.COMPLETED, ClipState.FAILED, ClipState.SKIPPED)


def _first_of_each(queued: Iterable[QueuedWork]) -> dict[Needs, QueuedWork]:
    first: dict[Needs, QueuedWork] = {}
    for work in queued:
        first.setdefault(work.needs, work)
    return first


def _last(needs: Needs, options: SubmissionOptions) -> QueuedWork:
    """Return a step that would be queued last of all."""
    return QueuedWork(
        clip_index=0, last_clip=0, queue=options.queue, priority=options.priority, needs=needs, place=LAST_PLACE
    )  # fmt: skip


def _ahead(tx: Tx, site: Site, work: QueuedWork) -> Ahead:
    """Return what goes before a step on the executors that could run it; nothing where none could."""
    if why_nobody_can(needs=work.needs, candidates=site.candidates) is not None:
        return Ahead(higher=0, before=0, next_queue="")
    able = [item for item in site.candidates if _can(work.needs, item)]
    rivals = [needs for needs in tx.waiting_needs() if any(_compete(work.needs, needs, item) for item in able)]
    beside = any(_account(work.needs, item) is Account.PROBES for item in able)
    account = Account.PROBES if beside else Account.SLOTS
    return tx.ahead_of(work, rivals=rivals, limit=COUNTED, account=account)


def _compete(needs: Needs, others: Needs, candidate: Candidate) -> bool:
    """Whether others could take from a step what it needs of an executor: a slot, or a place to probe."""
    return _can(others, candidate) and _account(others, candidate) is _account(needs, candidate)


def _account(needs: Needs, candidate: Candidate) -> Account:
    return needs.account(probe_slots=candidate.probe_slots)


def _next_staged(tx: Tx, site: Site, needs: Needs) -> NextStaged | None:
    """Return the step that is next under the staging budget of `needs`; what exceeds all of it holds nobody back."""
    root, rules = needs.staging, site.rules
    if root not in rules.budgets:
        return None
    able = [item for item in site.candidates if _can(needs, item)]
    rivals = [item for item in tx.waiting_needs() if item.staging == root and any(_can(item, one) for one in able)]
    lanes = tx.first_lanes(needs=rivals, without=full_queues(held=site.held, rules=rules), limit=LANES)
    for lane in sorted(lanes, key=order_key):
        for step in tx.lane_steps(lane, limit=LANES):
            if rules.fits(root=root, staged=0, expected=step.expected_bytes):
                return NextStaged(
                    job_key=step.job_key, clip_index=step.clip_index, expected_bytes=step.expected_bytes
                )  # fmt: skip
    return None


def _can(needs: Needs, candidate: Candidate) -> bool:
    return candidate.alive and needs.met_by(
        engine=candidate.engine,
        roots=candidate.roots,
        planner_version=candidate.planner_version,
        codecs=candidate.codecs,
        name=candidate.name,
    )
