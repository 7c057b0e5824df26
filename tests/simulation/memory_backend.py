"""A database in memory: the tables that decisions read and write, as values, with an undo log in place of rollback.

It implements that part of the port Tx which the scheduler uses to decide; lists and results for clients are not among
it. It cannot drift from the SQL: tests/storage runs one suite over both, and whole histories must give the same events.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from proxx.core.canonical import canonical_json, digest
from proxx.core.detection import Engine
from proxx.core.facts import SourceIdentity
from proxx.core.failure import Failure
from proxx.core.jobs import ClipCounts, ClipState, ClipView, ExecutorView, JobEvent, JobState, JobView
from proxx.core.path_key import path_key
from proxx.core.plain import to_plain
from proxx.core.plan import Plan, PlanInputs
from proxx.core.roots import RootPath
from proxx.core.staging import staged_path
from proxx.core.steps import PrepareAnswer, PreparedOutput, ProbedSource, ReplacedFile, StepKind
from proxx.core.violation import Violation
from proxx_scheduler.app.lanes import enter_lane
from proxx_scheduler.app.ports import Tx
from proxx_scheduler.app.records import (
    AdmittedClip,
    ClipOutputs,
    DrainedExecutor,
    Effect,
    EncodeFacts,
    EventAppended,
    JobDocument,
    LeaseCancelled,
    LeaseEnded,
    LeaseRecord,
    NewJob,
    Page,
    QueuedStep,
    ResourceHold,
    SessionRecord,
    StoredClip,
    WorkQueued,
)
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.effects import CancelLease, CloseStep, EventDraft, OpenProbe, OpenStep, StepCommand
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.ordering import Lane, Place, Share
from proxx_scheduler.domain.records import CancelMode, Clip, ClipRange, Job, StepState, StopReason
from tests.simulation.memo import inputs_of_document
from tests.simulation.sim_store import PieceOutcome

Result = TypeVar("Result")
NO_HASH = "0" * 64
RANKS = {StepKind.SWEEP: 0, StepKind.PUBLISH: 1, StepKind.PROBE: 2, StepKind.ENCODE: 3}
GRANTABLE = {
    StepKind.SWEEP: frozenset(JobState),
    StepKind.PROBE: frozenset({JobState.PENDING}),
    StepKind.PUBLISH: frozenset({JobState.RUNNING, JobState.CANCELLING}),
    StepKind.ENCODE: frozenset({JobState.RUNNING}),
}
HELD = (StepState.LEASED, StepState.RUNNING)
FINISHED = (ClipState.COMPLETED, ClipState.SKIPPED, ClipState.FAILED)


class DuplicateKeyError(Exception):
    """A row with this key exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    job: Job
    new: NewJob
    sequence: int
    violations: tuple[Violation, ...] = ()
    start_time: datetime | None = None
    end_time: datetime | None = None
    event_count: int = 0
    event_head: str = NO_HASH
    last_sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRow:
    clip: Clip
    source_path: str
    source: RootPath
    output_path: str
    output: RootPath
    tokens: Mapping[str, str]
    probed: ProbedSource | None = None
    plan: Plan | None = None
    inputs: PlanInputs | None = None
    identity: SourceIdentity | None = None
    replaces: SourceIdentity | None = None
    replaced: ReplacedFile | None = None
    prepared: PreparedOutput | None = None
    failure: Failure | None = None
    adopted: bool = False
    epoch: int = 0
    executor: str = ""
    start_time: datetime | None = None
    end_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    sequence: int
    step_id: str
    job_key: str
    job_sequence: int
    clip_index: int
    last_clip: int
    kind: StepKind
    priority: int
    engine: str
    roots: tuple[str, ...]
    epoch: int
    planner_version: int | None
    state: StepState = StepState.QUEUED
    lease_id: str | None = None
    session_id: str | None = None
    acquire_sequence: int | None = None
    cost: int = 1
    lane: int | None = None

    @property
    def needs(self) -> Needs:
        return Needs(engine=self.engine, roots=self.roots, planner_version=self.planner_version)

    @property
    def place(self) -> Place:
        return Place(job_sequence=self.job_sequence, rank=RANKS[self.kind], clip_index=self.clip_index)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    step_id: str
    epoch: int
    lease_id: str
    job_key: str
    clip_index: int
    kind: StepKind
    incarnation: str
    start_time: datetime | None = None
    outcome: str = "GRANTED"
    answer: PrepareAnswer | None = None


@dataclass(slots=True)
class MemoryBackend:
    """Implements Backend."""

    requests: dict[str, tuple[str, str]] = field(default_factory=dict)
    jobs: dict[str, JobRow] = field(default_factory=dict)
    clips: dict[tuple[str, int], ClipRow] = field(default_factory=dict)
    steps: dict[str, StepRow] = field(default_factory=dict)
    attempts: dict[str, AttemptRow] = field(default_factory=dict)
    sessions: dict[str, SessionRecord] = field(default_factory=dict)
    reservations: dict[str, tuple[str, int]] = field(default_factory=dict)
    events: dict[int, JobEvent] = field(default_factory=dict)
    drained: dict[str, DrainedExecutor] = field(default_factory=dict)
    lanes: dict[int, Lane] = field(default_factory=dict)
    shares: dict[tuple[str, int], Share] = field(default_factory=dict)
    needs: dict[str, Needs] = field(default_factory=dict)
    lane_count: int = 0

    def run(self, works: Sequence[Callable[[Tx], Any]]) -> list[PieceOutcome]:
        return [self._piece(work) for work in works]

    def _piece(self, work: Callable[[Tx], Any]) -> PieceOutcome:
        tx = MemoryTx(self)
        port: Any = tx
        try:
            value = work(port)
        except Exception as error:  # noqa: BLE001  handed to the caller whole, as the product's store does
            tx.undo()
            return PieceOutcome(None, error, [])
        return PieceOutcome(value, None, tx.effects)

    def read(self, work: Callable[[Tx], Result]) -> Result:
        tx = MemoryTx(self)
        port: Any = tx
        try:
            return work(port)
        finally:
            tx.undo()


class MemoryTx:
    """One transaction."""

    def __init__(self, database: MemoryBackend) -> None:
        self._db = database
        self.effects: list[Effect] = []
        self._undo: list[tuple[dict[Any, Any], Any, Any]] = []

    def undo(self) -> None:
        """Take everything back."""
        for table, key, before in reversed(self._undo):
            if before is None:
                del table[key]
            else:
                table[key] = before
        self._undo.clear()

    def _put(self, table: dict[Any, Any], key: Any, row: Any) -> None:
        self._undo.append((table, key, table.get(key)))
        table[key] = row

    def _insert(self, table: dict[Any, Any], key: Any, row: Any) -> None:
        if key in table:
            raise DuplicateKeyError(key)
        self._put(table, key, row)

    def _remove(self, table: dict[Any, Any], key: Any) -> None:
        self._undo.append((table, key, table.pop(key)))

    def _clip(self, job_key: str, index: int, **values: Any) -> None:
        key = (job_key, index)
        self._put(self._db.clips, key, replace(self._db.clips[key], **values))

    def _clips(self, job_key: str) -> list[ClipRow]:
        return [self._db.clips[job_key, index] for index in range(self._db.jobs[job_key].job.clip_count)]

    def _steps(self, job_key: str) -> list[StepRow]:
        return [step for step in self._db.steps.values() if step.job_key == job_key]

    def _live_step(self, job_key: str, index: int) -> StepRow | None:
        for step in self._db.steps.values():
            if (
                step.job_key == job_key
                and step.clip_index == index
                and step.kind is not StepKind.PROBE
                and step.state is not StepState.DONE
            ):
                return step
        return None

    # --- submissions -------------------------------------------------------------------------------------------------

    def request(self, request_id: str) -> tuple[str, str] | None:
        return self._db.requests.get(request_id)

    def add_request(self, *, request_id: str, body_digest: str, job_key: str) -> None:
        self._insert(self._db.requests, request_id, (body_digest, job_key))

    def add_job(self, job: NewJob, *, step_ids: tuple[str, ...]) -> None:
        options = job.options
        sequence = len(self._db.jobs) + 1
        record = Job(
            job_key=job.job_key, job_id=job.job_id, state=JobState.PENDING, reason="", revision=1,
            failure_policy=options.failure_policy, window=options.max_parallel_clips, hold=options.hold,
            admitted=False, clip_count=len(job.clips), head=0, next_clip=0, completed=0, failed=0, skipped=0,
            has_warnings=False, cancel=CancelMode.NONE, priority=options.priority, queue=options.queue,
        )  # fmt: skip
        self._insert(self._db.jobs, job.job_key, JobRow(job=record, new=job, sequence=sequence))
        for clip in job.clips:
            row = ClipRow(
                clip=Clip(index=clip.clip_index, state=ClipState.QUEUED), source_path=clip.source_path,
                source=clip.source, output_path=clip.output_path, output=clip.output, tokens=clip.tokens,
            )  # fmt: skip
            self._insert(self._db.clips, (job.job_key, clip.clip_index), row)
        for step_id, probe in zip(step_ids, job.probes, strict=True):
            covered = job.clips[probe.first : probe.last + 1]
            roots = {clip.source.root for clip in covered} | {clip.output.root for clip in covered}
            self._open_step(step_id, job.job_key, probe.first, probe.last, StepKind.PROBE, "ffmpeg", roots)
        self.effects.append(WorkQueued())
        facts = {
            "request_id": job.request_id, "spec_digest": job.spec_digest, "received_digest": job.received_digest,
            "clips": len(job.clips),
        }  # fmt: skip
        draft = EventDraft(kind="job.submit", clip_index=None, before="", after=JobState.PENDING, data=facts)
        self._append(job.job_key, (draft,), actor="submitter", now=job.submit_time)

    # --- decisions ---------------------------------------------------------------------------------------------------

    def board(self, job_key: str) -> Board | None:
        row = self._db.jobs.get(job_key)
        if row is None:
            return None
        job = row.job
        clips = []
        for index in range(job.head, job.next_clip):
            clip = self._db.clips[job_key, index].clip
            if clip.state in FINISHED and not (clip.state is ClipState.FAILED and clip.provisional):
                continue
            step = self._live_step(job_key, index)
            kind, state = (None, None) if step is None else (step.kind, step.state)
            clips.append(replace(clip, step_kind=kind, step_state=state))
        unopened = job.clip_count - job.finished_clips - len(clips)
        upcoming = None
        if unopened != job.clip_count - job.next_clip:  # published clips of an earlier run stand between them
            later = range(job.next_clip, job.clip_count)
            queued = [index for index in later if self._db.clips[job_key, index].clip.state is ClipState.QUEUED]
            upcoming = tuple(queued[: job.window])
        return Board(job=job, clips=clips, upcoming=upcoming)

    def clip_ranges(self, job_key: str) -> tuple[ClipRange, ...]:
        found: list[ClipRange] = []
        for row in self._clips(job_key):
            clip = row.clip
            if found and (found[-1].state, found[-1].skip_reason) == (clip.state, clip.skip_reason):
                found[-1] = replace(found[-1], last=clip.index)
            else:
                found.append(
                    ClipRange(first=clip.index, last=clip.index, state=clip.state, skip_reason=clip.skip_reason)
                )
        return tuple(found)

    def save(self, board: Board, *, actor: str, now: datetime, new_step_id: Callable[[], str]) -> None:
        job = board.job
        row = self._db.jobs[job.job_key]
        started = row.start_time is None and any(draft.kind == "clip.start" for draft in board.events)
        ended = job.state.terminal and not row.job.state.terminal
        if ended:
            for key in [key for key, (holder, _) in self._db.reservations.items() if holder == job.job_key]:
                self._remove(self._db.reservations, key)
        if board.new_run:
            self._begin_again(job.job_key)
            row = replace(row, violations=(), start_time=None, end_time=None)
            started = ended = False
        for index in sorted(board.changed):
            clip = replace(board.clips[index], step_kind=None, step_state=None)
            extra: dict[str, Any] = {"end_time": now} if clip.finished else {}
            self._clip(job.job_key, index, clip=clip, **extra)
        if board.skip_unopened is not None:
            first, reason = board.skip_unopened
            for index in range(first, job.clip_count):
                clip = self._db.clips[job.job_key, index].clip
                if clip.state is ClipState.QUEUED:
                    skipped = replace(clip, state=ClipState.SKIPPED, skip_reason=reason)
                    self._clip(job.job_key, index, clip=skipped)
        if job.state is not row.job.state and job.state in (JobState.RUNNING, JobState.CANCELLING):
            self.effects.append(WorkQueued())
        changed = replace(
            row, job=job, start_time=now if started else row.start_time, end_time=now if ended else row.end_time
        )
        self._put(self._db.jobs, job.job_key, changed)
        for command in board.commands:
            self._command(command, job, new_step_id)
        place = (row.job.state, row.job.priority, row.job.queue)
        if (job.state, job.priority, job.queue) != place:
            self._line_up(job.job_key)
        self._append(job.job_key, board.events, actor=actor, now=now)

    def _begin_again(self, job_key: str) -> None:
        """Let failed and skipped clips begin again, as if they had never been probed; epochs go on counting."""
        for row in self._clips(job_key):
            if row.clip.state in (ClipState.FAILED, ClipState.SKIPPED):
                fresh = ClipRow(
                    clip=Clip(index=row.clip.index, state=ClipState.QUEUED), source_path=row.source_path,
                    source=row.source, output_path=row.output_path, output=row.output, tokens=row.tokens,
                    epoch=row.epoch,
                )  # fmt: skip
                self._put(self._db.clips, (job_key, row.clip.index), fresh)

    def _command(self, command: StepCommand, job: Job, new_step_id: Callable[[], str]) -> None:
        if isinstance(command, OpenProbe):
            asked = self._clips(job.job_key)[command.first : command.last + 1]
            roots = {row.source.root for row in asked} | {row.output.root for row in asked}
            self._open_step(
                new_step_id(), job.job_key, command.first, command.last, StepKind.PROBE, "ffmpeg", roots
            )
            self.effects.append(WorkQueued())
            return
        if isinstance(command, OpenStep):
            clip = self._db.clips[job.job_key, command.clip_index]
            encode = command.kind is StepKind.ENCODE
            same = [
                step.epoch
                for step in self._steps(job.job_key)
                if step.clip_index == command.clip_index and step.kind is command.kind
            ]
            self._open_step(
                new_step_id(),
                job.job_key,
                command.clip_index,
                command.clip_index,
                command.kind,
                clip.plan.engine if encode and clip.plan is not None else "any",
                {clip.output.root} | ({clip.source.root} if encode else set()),
                epoch=max(same, default=0),
                planner_version=clip.plan.planner_version if encode and clip.plan is not None else None,
                cost=clip.plan.threads if encode and clip.plan is not None else 1,
            )
            self.effects.append(WorkQueued())
            return
        step = self._live_step(job.job_key, command.clip_index)
        lease = None if step is None else step.lease_id
        if isinstance(command, CancelLease):
            if lease is not None:
                self.effects.append(LeaseCancelled(lease_id=lease))
            return
        state = StepState.DONE if isinstance(command, CloseStep) else StepState.QUEUED
        if step is not None:
            gone = replace(step, state=state, lease_id=None, session_id=None, lane=None)
            self._put(self._db.steps, step.step_id, gone)
        if lease is not None:
            self.effects.append(LeaseEnded(lease_id=lease))
        if state is StepState.QUEUED:
            self._line_up(job.job_key)
            self.effects.append(WorkQueued())

    def _open_step(
        self,
        step_id: str,
        job_key: str,
        first: int,
        last: int,
        kind: StepKind,
        engine: str,
        roots: set[str],
        epoch: int = 0,
        planner_version: int | None = None,
        cost: int = 1,
    ) -> None:
        job = self._db.jobs[job_key]
        step = StepRow(
            sequence=len(self._db.steps) + 1, step_id=step_id, job_key=job_key, job_sequence=job.sequence,
            clip_index=first, last_clip=last, kind=kind, priority=job.job.priority, engine=engine,
            roots=tuple(sorted(roots)), epoch=epoch, planner_version=planner_version, cost=cost,
        )  # fmt: skip
        self._insert(self._db.steps, step_id, replace(step, lane=self._lane_of(step)))

    # --- lanes: implements proxx_scheduler.app.lanes.LaneTable -------------------------------------------------------

    def _lane_of(self, step: StepRow) -> int | None:
        job = self._db.jobs[step.job_key].job
        if job.state not in GRANTABLE[step.kind]:
            return None
        return enter_lane(self, queue=job.queue, priority=job.priority, needs=step.needs, place=step.place)

    def _line_up(self, job_key: str) -> None:
        queued = [step for step in self._steps(job_key) if step.state is StepState.QUEUED]
        for step in sorted(queued, key=lambda step: (step.kind, step.needs.key, step.place)):
            self._put(self._db.steps, step.step_id, replace(step, lane=self._lane_of(step)))

    def find_lane(self, *, queue: str, priority: int, needs: str) -> Lane | None:
        for lane in self._db.lanes.values():
            if (lane.queue, lane.priority, lane.needs) == (queue, priority, needs):
                return lane
        return None

    def add_lane(self, *, queue: str, priority: int, needs: Needs, tag: int, head: Place) -> int:
        self._db.needs[needs.key] = needs
        self._db.lane_count += 1
        number = self._db.lane_count
        lane = Lane(lane_id=number, queue=queue, priority=priority, needs=needs.key, tag=tag, head=head)
        self._insert(self._db.lanes, number, lane)
        return number

    def share(self, *, queue: str, priority: int) -> Share | None:
        return self._db.shares.get((queue, priority))

    def virtual_time(self, priority: int) -> int:
        return max((share.start for (_, known), share in self._db.shares.items() if known == priority), default=0)

    def waiting_needs(self) -> tuple[Needs, ...]:
        return tuple(self._db.needs[key] for key in sorted(self._db.needs))

    def first_lanes(self, *, needs: Collection[Needs], without: Collection[str]) -> tuple[Lane, ...]:
        finishing = {item.key for item in needs if item.finishes}
        keys = {item.key for item in needs}
        return tuple(
            lane
            for lane in self._db.lanes.values()
            if lane.needs in keys and (lane.needs in finishing or lane.queue not in without)
        )

    def lane_steps(self, lane: Lane, *, limit: int) -> tuple[QueuedStep, ...]:
        steps = [step for step in self._db.steps.values() if step.lane == lane.lane_id]
        steps.sort(key=lambda step: step.place)
        return tuple(
            QueuedStep(
                step_id=step.step_id, job_key=step.job_key, clip_index=step.clip_index, last_clip=step.last_clip,
                kind=step.kind, engine=step.engine, roots=step.roots, epoch=step.epoch,
                planner_version=step.planner_version, cost=step.cost, place=step.place,
            )
            for step in steps[:limit]
        )  # fmt: skip

    def drop_lane(self, lane: Lane) -> None:
        self._remove(self._db.lanes, lane.lane_id)

    def move_lane(self, lane: Lane) -> None:
        stored = self._db.lanes[lane.lane_id]
        self._put(self._db.lanes, lane.lane_id, replace(stored, head=lane.head))

    def charge(self, lane: Lane, *, share: Share) -> None:
        self._put(self._db.shares, (lane.queue, lane.priority), share)
        for other in list(self._db.lanes.values()):
            if (other.queue, other.priority) == (lane.queue, lane.priority):
                self._put(self._db.lanes, other.lane_id, replace(other, tag=share.finish))

    def forget_shares(self) -> None:
        for (queue, priority), share in list(self._db.shares.items()):
            if share.finish <= self.virtual_time(priority):
                self._remove(self._db.shares, (queue, priority))

    def held_in_queues(self, queues: Collection[str]) -> Mapping[str, int]:
        held: dict[str, int] = defaultdict(int)
        for step in self._db.steps.values():
            queue = self._db.jobs[step.job_key].job.queue
            if step.lease_id is not None and not step.needs.finishes and queue in queues:
                held[queue] += 1
        return held

    def resource_holds(self) -> tuple[ResourceHold, ...]:
        return ()  # no site of the simulation has any

    def _append(self, job_key: str, drafts: Iterable[EventDraft], *, actor: str, now: datetime) -> None:
        row = self._db.jobs[job_key]
        count, head, newest = row.event_count, row.event_head, 0
        moment = now.isoformat(timespec="microseconds")
        for draft in drafts:
            count += 1
            data = canonical_json(to_plain(draft.data))
            own = digest(
                {
                    "previous_hash": head, "job_key": job_key, "job_sequence": count, "clip_index": draft.clip_index,
                    "event_time": moment, "actor": actor, "kind": draft.kind, "before": draft.before,
                    "after": draft.after, "data_json": data,
                }
            )  # fmt: skip
            newest = len(self._db.events) + 1
            event = JobEvent(
                sequence=newest, job_sequence=count, job_key=job_key, clip_index=draft.clip_index, event_time=now,
                actor=actor, kind=draft.kind, before=draft.before, after=draft.after, data_json=data,
                previous_hash=head, hash=own,
            )  # fmt: skip
            self._insert(self._db.events, newest, event)
            self.effects.append(EventAppended(event=event))
            head = own
        if newest:
            last = replace(row, event_count=count, event_head=head, last_sequence=newest)
            self._put(self._db.jobs, job_key, last)

    # --- clips -------------------------------------------------------------------------------------------------------

    def document(self, job_key: str) -> JobDocument:
        new = self._db.jobs[job_key].new
        return JobDocument(
            job_key=job_key, job_id=new.job_id, spec=new.spec, options=new.options, submit_time=new.submit_time,
            run_number=self._db.jobs[job_key].job.run_number,
        )  # fmt: skip

    def stored_clips(self, job_key: str, *, first: int = 0, last: int | None = None) -> tuple[StoredClip, ...]:
        return tuple(
            StoredClip(
                clip_index=row.clip.index, source_path=row.source_path, source=row.source, output_path=row.output_path,
                output=row.output, probed=row.probed, tokens=row.tokens, state=row.clip.state,
            )
            for row in self._clips(job_key)
            if first <= row.clip.index and (last is None or row.clip.index <= last)
        )  # fmt: skip

    def set_probed(self, job_key: str, *, probed: Iterable[ProbedSource]) -> None:
        for item in probed:
            self._clip(job_key, item.clip_index, probed=item)

    def set_admitted(self, job_key: str, *, clips: Iterable[AdmittedClip]) -> None:
        for item in clips:
            clip = item.clip
            row = self._db.clips[job_key, clip.clip_index]
            assert row.probed is not None
            self._clip(
                job_key, clip.clip_index, plan=item.plan, inputs=inputs_of_document(item.document), identity=row.probed.identity,
                output_path=clip.output_path, output=clip.output, tokens=clip.tokens, replaces=clip.replaces,
            )  # fmt: skip

    def set_violations(self, job_key: str, *, violations: tuple[Violation, ...]) -> None:
        self._put(self._db.jobs, job_key, replace(self._db.jobs[job_key], violations=violations))

    def violations(self, job_key: str) -> tuple[Violation, ...]:
        return self._db.jobs[job_key].violations

    def open_probes(self, job_key: str) -> int:
        return sum(
            step.kind is StepKind.PROBE and step.state is not StepState.DONE for step in self._steps(job_key)
        )

    def close_probes(self, job_key: str) -> None:
        for step in self._steps(job_key):
            if step.kind is StepKind.PROBE and step.state is not StepState.DONE:
                if step.lease_id is not None:
                    self.effects.append(LeaseEnded(lease_id=step.lease_id))
                self._put(self._db.steps, step.step_id, replace(step, state=StepState.DONE, lease_id=None, lane=None))

    def set_prepared(self, lease: LeaseRecord, *, output: PreparedOutput, answer: PrepareAnswer) -> None:
        self._attempt(lease, answer=answer)
        self._clip(lease.job_key, lease.clip_index, prepared=output)

    def set_failed(self, lease: LeaseRecord, *, failure: Failure, **_how: object) -> None:
        self._clip(lease.job_key, lease.clip_index, failure=failure)

    def set_adopted(self, job_key: str, *, clip_index: int) -> None:
        self._clip(job_key, clip_index, adopted=True)

    def set_replaced(self, job_key: str, *, clip_index: int, replaced: ReplacedFile | None) -> None:
        self._clip(job_key, clip_index, replaced=replaced)

    def reserve(self, job_key: str, *, keys: Mapping[str, int]) -> dict[str, str]:
        taken = {key: holder for key, holder in self.reserved(keys=keys).items() if holder != job_key}
        if not taken:
            for key, index in keys.items():
                self._insert(self._db.reservations, key, (job_key, index))
        return taken

    def reserved(self, *, keys: Iterable[str]) -> dict[str, str]:
        return {key: self._db.reservations[key][0] for key in keys if key in self._db.reservations}

    def taken_outputs(self, *, job_key: str, directories: Iterable[RootPath], since: datetime) -> frozenset[str]:
        prefixes = tuple(path_key(directory.child("")) for directory in directories)
        held = {
            key for key, (holder, _) in self._db.reservations.items() if holder != job_key and key.startswith(prefixes)
        }
        for (key, _), row in self._db.clips.items():
            end = self._db.jobs[key].end_time
            if key != job_key and row.clip.state is ClipState.COMPLETED and end is not None and end >= since:
                held.add(path_key(row.output))
        return frozenset(held)

    # --- steps and leases --------------------------------------------------------------------------------------------

    def undecided_jobs(self) -> tuple[str, ...]:
        return tuple(
            key
            for key, row in self._db.jobs.items()
            if row.job.state is JobState.PENDING and not row.job.admitted and self.open_probes(key) == 0
        )

    def grant(
        self, step: QueuedStep, *, lease_id: str, session: SessionRecord, acquire_sequence: int, now: datetime
    ) -> int:
        epoch = step.epoch + 1
        row = replace(
            self._db.steps[step.step_id], state=StepState.LEASED, epoch=epoch, lease_id=lease_id,
            session_id=session.session_id, acquire_sequence=acquire_sequence, lane=None,
        )  # fmt: skip
        self._put(self._db.steps, step.step_id, row)
        if any(old.step_id == step.step_id and old.epoch == epoch for old in self._db.attempts.values()):
            raise DuplicateKeyError((step.step_id, epoch))
        attempt = AttemptRow(
            step_id=step.step_id, epoch=epoch, lease_id=lease_id, job_key=step.job_key, clip_index=step.clip_index,
            kind=step.kind, incarnation=session.description.incarnation,
        )  # fmt: skip
        self._insert(self._db.attempts, lease_id, attempt)
        if step.kind is StepKind.ENCODE:
            self._clip(step.job_key, step.clip_index, epoch=epoch, executor=session.description.name)
        return epoch

    def granted_by(self, *, session_id: str, acquire_sequence: int) -> tuple[LeaseRecord, ...]:
        return tuple(
            self._record(self._db.attempts[step.lease_id])
            for step in self._db.steps.values()
            if step.session_id == session_id
            and step.acquire_sequence == acquire_sequence
            and step.lease_id is not None
        )

    def lease(self, lease_id: str) -> LeaseRecord | None:
        attempt = self._db.attempts.get(lease_id)
        return None if attempt is None else self._record(attempt)

    def live_leases(self) -> tuple[LeaseRecord, ...]:
        return tuple(
            self._record(self._db.attempts[step.lease_id])
            for step in self._db.steps.values()
            if step.state in HELD and step.lease_id is not None
        )

    def _record(self, attempt: AttemptRow) -> LeaseRecord:
        step = self._db.steps[attempt.step_id]
        stopping = self._db.clips[attempt.job_key, attempt.clip_index].clip.stopping
        return LeaseRecord(
            lease_id=attempt.lease_id, step_id=attempt.step_id, epoch=attempt.epoch, job_key=attempt.job_key,
            clip_index=attempt.clip_index, last_clip=step.last_clip, kind=attempt.kind,
            session_id=step.session_id or "", live=step.lease_id == attempt.lease_id,
            started=attempt.start_time is not None, outcome=attempt.outcome, answer=attempt.answer,
            cancelled=attempt.kind is StepKind.ENCODE and stopping is not StopReason.NONE,
        )  # fmt: skip

    def start_attempt(self, lease: LeaseRecord, *, now: datetime) -> None:
        step = self._db.steps[lease.step_id]
        self._put(self._db.steps, lease.step_id, replace(step, state=StepState.RUNNING))
        self._attempt(lease, start_time=now, outcome="STARTED")
        if lease.kind is StepKind.ENCODE:
            self._clip(lease.job_key, lease.clip_index, start_time=now)

    def end_attempt(self, lease: LeaseRecord, *, outcome: str, now: datetime) -> None:
        self._attempt(lease, outcome=outcome)

    def _attempt(self, lease: LeaseRecord, **values: Any) -> None:
        self._put(self._db.attempts, lease.lease_id, replace(self._db.attempts[lease.lease_id], **values))

    def finish_step(self, lease: LeaseRecord) -> None:
        self._end_step(lease, StepState.DONE)

    def requeue_step(self, lease: LeaseRecord) -> None:
        self._end_step(lease, StepState.QUEUED)
        self._line_up(lease.job_key)
        self.effects.append(WorkQueued())

    def _end_step(self, lease: LeaseRecord, state: StepState) -> None:
        step = self._db.steps[lease.step_id]
        if step.lease_id == lease.lease_id:
            self._put(self._db.steps, step.step_id, replace(step, state=state, lease_id=None, session_id=None))
        self.effects.append(LeaseEnded(lease_id=lease.lease_id))

    def encode_facts(self, job_key: str, *, clip_index: int) -> EncodeFacts:
        row = self._db.clips[job_key, clip_index]
        assert row.inputs is not None
        assert row.plan is not None
        assert row.identity is not None
        return EncodeFacts(inputs=row.inputs, plan=row.plan, identity=row.identity, replaces=row.replaces)

    def clip_outputs(self, job_key: str, *, clip_index: int) -> ClipOutputs:
        row = self._db.clips[job_key, clip_index]
        job_id = self._db.jobs[job_key].new.job_id
        tries = [
            attempt
            for attempt in self._db.attempts.values()
            if attempt.job_key == job_key and attempt.clip_index == clip_index and attempt.kind is StepKind.ENCODE
        ]
        staged = tuple(
            staged_path(
                output=row.output, job_id=job_id, clip_index=clip_index, step_id=attempt.step_id, epoch=attempt.epoch,
                incarnation=attempt.incarnation,
            )
            for attempt in sorted(tries, key=lambda attempt: (attempt.step_id, attempt.epoch))
        )  # fmt: skip
        return ClipOutputs(output=row.output, prepared=row.prepared, staged=staged, replaces=row.replaces)

    # --- sessions ----------------------------------------------------------------------------------------------------

    def session(self, session_id: str) -> SessionRecord | None:
        return self._db.sessions.get(session_id)

    def session_of(self, incarnation: str) -> SessionRecord | None:
        for session in self._db.sessions.values():
            if session.description.incarnation == incarnation:
                return session
        return None

    def close_idle_sessions(self) -> None:
        holding = {step.session_id for step in self._db.steps.values() if step.state in HELD}
        for session in list(self._db.sessions.values()):
            if session.open and session.session_id not in holding:
                self.put_session(replace(session, open=False))

    def put_session(self, session: SessionRecord) -> None:
        self._put(self._db.sessions, session.session_id, session)

    def is_drained(self, name: str) -> bool:
        return name in self._db.drained

    def drained_executors(self) -> tuple[DrainedExecutor, ...]:
        return tuple(self._db.drained[name] for name in sorted(self._db.drained))

    def drain_executor(self, executor: DrainedExecutor) -> None:
        self._insert(self._db.drained, executor.name, executor)

    def undrain_executor(self, name: str) -> None:
        self._remove(self._db.drained, name)

    # --- views -------------------------------------------------------------------------------------------------------

    def job_view(self, job_key: str) -> JobView | None:
        row = self._db.jobs.get(job_key)
        if row is None:
            return None
        job, new = row.job, row.new
        return JobView(
            job_key=job.job_key, job_id=job.job_id, state=job.state, reason=job.reason, revision=job.revision,
            run_number=job.run_number, has_warnings=job.has_warnings, spec=new.spec,
            counts=ClipCounts(total=job.clip_count, completed=job.completed, failed=job.failed, skipped=job.skipped),
            spec_digest=new.spec_digest, received_digest=new.received_digest, options=new.options,
            submit_time=new.submit_time, start_time=row.start_time, end_time=row.end_time, violations=row.violations,
            last_event_sequence=row.last_sequence,
        )  # fmt: skip

    def clip_page(self, job_key: str, *, after: int, size: int) -> tuple[tuple[ClipView, ...], int | None]:
        rows = [row for row in self._clips(job_key) if row.clip.index > after]
        more = rows[size - 1].clip.index if len(rows) > size else None
        return tuple(_view(job_key, row) for row in rows[:size]), more

    def unfinished_jobs(self) -> Page:
        keys = tuple(key for key, row in self._db.jobs.items() if not row.job.state.terminal)
        return Page(keys=keys, next_after=None)

    def events_after(self, *, sequence: int, job_keys: tuple[str, ...], limit: int) -> tuple[JobEvent, ...]:
        found = (
            event
            for event in self._db.events.values()
            if event.sequence > sequence and (not job_keys or event.job_key in job_keys)
        )
        return tuple(sorted(found, key=lambda event: event.sequence)[:limit])

    def newest_sequence(self) -> int:
        return len(self._db.events)

    def executors(self) -> tuple[ExecutorView, ...]:
        held: dict[str | None, int] = defaultdict(int)
        for step in self._db.steps.values():
            if step.state in HELD:
                held[step.session_id] += 1
        views = [_executor(session, held[key]) for key, session in self._db.sessions.items() if session.open]
        return tuple(sorted(views, key=lambda view: (view.name, view.incarnation)))


def _view(job_key: str, row: ClipRow) -> ClipView:
    clip = row.clip
    return ClipView(
        job_key=job_key, clip_index=clip.index, state=clip.state, reason=clip.skip_reason or clip.stopping,
        source_path=row.source_path, output_path=row.output_path,
        engine=None if row.plan is None else Engine(row.plan.engine),
        plan_digest="" if row.plan is None else row.plan.digest,
        failure=row.failure if clip.state is ClipState.FAILED else None, epoch=row.epoch, executor=row.executor,
        start_time=row.start_time, end_time=row.end_time,
    )  # fmt: skip


def _executor(session: SessionRecord, leases: int) -> ExecutorView:
    it = session.description
    return ExecutorView(
        name=it.name, incarnation=it.incarnation, engine=it.engine, state="DRAINING" if session.draining else "READY",
        slots=it.slots, leases=leases, toolchain=it.toolchain, sandbox_level=it.sandbox_level, roots=it.roots,
        last_seen_time=session.last_seen_time, version=it.version,
    )  # fmt: skip
