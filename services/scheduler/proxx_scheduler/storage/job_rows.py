"""Jobs, clips, requests and reservations: what is stored at submission and by decisions."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, insert, or_, select, update

from proxx.core.canonical import canonical_json, digest
from proxx.core.detection import Engine
from proxx.core.jobs import ClipState, FailurePolicy, JobEvent, JobState
from proxx.core.plain import to_plain
from proxx.core.steps import (
    StepKind,
)
from proxx_scheduler.app.records import (
    EventAppended,
    LeaseCancelled,
    LeaseEnded,
    NewJob,
    WorkQueued,
)
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.effects import CancelLease, CloseStep, EventDraft, OpenProbe, OpenStep, RequeueStep
from proxx_scheduler.domain.needs import ANY_ENGINE, Needs
from proxx_scheduler.domain.ordering import Place
from proxx_scheduler.domain.records import CancelMode, Clip, Hold, Job, StepState, StopReason
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import dump, load_names, time_text
from proxx_scheduler.storage.run_rows import RunRows

NO_HASH = "0" * 64
RANKS = {StepKind.SWEEP: 0, StepKind.PUBLISH: 1, StepKind.PROBE: 2, StepKind.ENCODE: 3}
CORE_COLUMNS = (
    t.jobs.c.job_id, t.jobs.c.state, t.jobs.c.reason, t.jobs.c.revision, t.jobs.c.failure_policy, t.jobs.c.window,
    t.jobs.c.hold, t.jobs.c.admitted, t.jobs.c.clip_count, t.jobs.c.head, t.jobs.c.next_clip, t.jobs.c.completed,
    t.jobs.c.failed, t.jobs.c.skipped, t.jobs.c.has_warnings, t.jobs.c.cancel, t.jobs.c.sequence, t.jobs.c.priority,
    t.jobs.c.start_time, t.jobs.c.event_count, t.jobs.c.event_head, t.jobs.c.run_number, t.jobs.c.queue,
    t.jobs.c.rebinding,
)  # fmt: skip

CLIP_NEEDS = (
    t.clips.c.source_root, t.clips.c.output_root, t.clips.c.engine, t.clips.c.planner_version, t.clips.c.cost,
    t.clips.c.resources_json,
)  # fmt: skip


class JobRows(RunRows):
    """The part of a transaction that stores jobs and clips."""

    def request(self, request_id: str) -> tuple[str, str] | None:
        row = self.connection.execute(
            select(t.requests.c.body_digest, t.requests.c.job_key).where(t.requests.c.request_id == request_id)
        ).first()
        return None if row is None else (row.body_digest, row.job_key)

    def add_request(self, *, request_id: str, body_digest: str, job_key: str) -> None:
        self.connection.execute(
            insert(t.requests).values(request_id=request_id, body_digest=body_digest, job_key=job_key)
        )

    def add_job(self, job: NewJob, *, step_ids: tuple[str, ...]) -> None:
        options = job.options
        result = self.connection.execute(
            insert(t.jobs).values(
                job_key=job.job_key, job_id=job.job_id, state=JobState.PENDING, reason="", revision=1, run_number=1,
                priority=options.priority, queue=options.queue, failure_policy=options.failure_policy,
                window=options.max_parallel_clips, hold=options.hold, admitted=False, clip_count=len(job.clips), head=0,
                next_clip=0, completed=0, failed=0, skipped=0, has_warnings=False, cancel=CancelMode.NONE,
                received_text=job.received_text, received_digest=job.received_digest,
                spec_json=canonical_json(job.spec), spec_digest=job.spec_digest, options_json=dump(options),
                violations_json="[]", submit_time=time_text(job.submit_time), event_count=0, event_head=NO_HASH,
                last_sequence=0,
            )
        )  # fmt: skip
        sequence = int((result.inserted_primary_key or (0,))[0])
        self.connection.execute(
            insert(t.clips),
            [
                {
                    "job_key": job.job_key, "clip_index": clip.clip_index, "state": ClipState.QUEUED,
                    "source_path": clip.source_path, "source_root": clip.source.root,
                    "source_relative": clip.source.path, "output_path": clip.output_path,
                    "output_root": clip.output.root, "output_relative": clip.output.path,
                    "tokens_json": canonical_json(clip.tokens),
                }
                for clip in job.clips
            ],
        )  # fmt: skip
        for step_id, probe in zip(step_ids, job.probes, strict=True):
            roots = {clip.source.root for clip in job.clips[probe.first : probe.last + 1]}
            roots |= {clip.output.root for clip in job.clips[probe.first : probe.last + 1]}
            self._insert_step(
                step_id=step_id, job_key=job.job_key, job_sequence=sequence, clip_index=probe.first,
                last_clip=probe.last, kind=StepKind.PROBE, state=JobState.PENDING, queue=options.queue,
                priority=options.priority, needs=_probe_needs(roots),
            )  # fmt: skip
        self.effects.append(WorkQueued())
        facts = {
            "request_id": job.request_id,
            "spec_digest": job.spec_digest,
            "received_digest": job.received_digest,
            "clips": len(job.clips),
        }
        draft = EventDraft(kind="job.submit", clip_index=None, before="", after=JobState.PENDING, data=facts)
        self._append(job.job_key, (draft,), actor="submitter", now=job.submit_time, count=0, head=NO_HASH)

    def board(self, job_key: str) -> Board | None:
        row = self.connection.execute(select(*CORE_COLUMNS).where(t.jobs.c.job_key == job_key)).first()
        if row is None:
            return None
        job = Job(
            job_key=job_key, job_id=row.job_id, state=JobState(row.state), reason=row.reason, revision=row.revision,
            failure_policy=FailurePolicy(row.failure_policy), window=row.window, hold=row.hold, admitted=row.admitted,
            clip_count=row.clip_count, head=row.head, next_clip=row.next_clip, completed=row.completed,
            failed=row.failed, skipped=row.skipped, has_warnings=row.has_warnings, cancel=CancelMode(row.cancel),
            run_number=row.run_number, priority=row.priority, queue=row.queue, rebinding=row.rebinding,
        )  # fmt: skip
        clips = self._open_clips(job)
        unopened = job.clip_count - job.finished_clips - len(clips)
        scattered = unopened != job.clip_count - job.next_clip
        return Board(job=job, clips=clips, upcoming=self._upcoming(job) if scattered else None)

    def _upcoming(self, job: Job) -> tuple[int, ...]:
        """Return the next clips to open where published ones of an earlier run stand between them."""
        c = t.clips.c
        query = select(c.clip_index).where(
            c.job_key == job.job_key, c.clip_index >= job.next_clip, c.state == ClipState.QUEUED
        )
        return tuple(self.connection.execute(query.order_by(c.clip_index).limit(job.window)).scalars())

    def _open_clips(self, job: Job) -> list[Clip]:
        c = t.clips.c
        finished = [ClipState.COMPLETED, ClipState.SKIPPED, ClipState.FAILED]
        rows = self.connection.execute(
            select(
                c.clip_index, c.state, c.stopping, c.skip_reason, c.provisional, c.head_only, c.hold,
                t.steps.c.kind, t.steps.c.state.label("step_state"),
            )
            .select_from(
                t.clips.outerjoin(
                    t.steps,
                    and_(
                        t.steps.c.job_key == c.job_key,
                        t.steps.c.clip_index == c.clip_index,
                        t.steps.c.kind != StepKind.PROBE,
                        t.steps.c.state != StepState.DONE,
                    ),
                )
            )
            .where(
                c.job_key == job.job_key,
                c.clip_index >= job.head,
                c.clip_index < job.next_clip,
                or_(c.state.not_in(finished), and_(c.state == ClipState.FAILED, c.provisional)),
            )
        )  # fmt: skip
        return [
            Clip(
                index=row.clip_index, state=ClipState(row.state), stopping=StopReason(row.stopping),
                skip_reason=StopReason(row.skip_reason), provisional=row.provisional, head_only=row.head_only,
                hold=Hold(row.hold), step_kind=None if row.kind is None else StepKind(row.kind),
                step_state=None if row.step_state is None else StepState(row.step_state),
            )
            for row in rows
        ]  # fmt: skip

    def save(self, board: Board, *, actor: str, now: datetime, new_step_id: Callable[[], str]) -> None:
        job = board.job
        row = self.connection.execute(select(*CORE_COLUMNS).where(t.jobs.c.job_key == job.job_key)).one()
        values: dict[str, object] = {
            "state": job.state, "reason": job.reason, "revision": job.revision, "hold": job.hold,
            "admitted": job.admitted, "head": job.head, "next_clip": job.next_clip, "completed": job.completed,
            "failed": job.failed, "skipped": job.skipped, "has_warnings": job.has_warnings, "cancel": job.cancel,
            "run_number": job.run_number, "rebinding": job.rebinding, "priority": job.priority, "queue": job.queue,
        }  # fmt: skip
        if board.new_run:
            values |= self._keep_run(job.job_key)
        if (job.priority, job.queue) != (row.priority, row.queue):
            values["options_json"] = self._move_in_queue(job.job_key, priority=job.priority, queue=job.queue)
            self.effects.append(WorkQueued())  # the rules of the new queue may let executors take what waited
        if row.start_time is None and any(draft.kind == "clip.start" for draft in board.events):
            values["start_time"] = time_text(now)
        if job.state.terminal and not JobState(row.state).terminal:
            values["end_time"] = time_text(now)
            self.connection.execute(t.reservations.delete().where(t.reservations.c.job_key == job.job_key))
        for index in sorted(board.changed):
            self._save_clip(job.job_key, board.clips[index], now=now)
        if board.skip_unopened is not None:
            first, reason = board.skip_unopened
            self.connection.execute(
                update(t.clips)
                .where(
                    t.clips.c.job_key == job.job_key,
                    t.clips.c.clip_index >= first,
                    t.clips.c.state == ClipState.QUEUED,
                )
                .values(state=ClipState.SKIPPED, skip_reason=reason)
            )
        if job.state.value != row.state and job.state in (JobState.RUNNING, JobState.CANCELLING):
            self.effects.append(WorkQueued())  # steps queued before may be granted from now on
        if board.rebound:
            values |= self._bring_into_force(job.job_key)
        job = replace(job, priority=int(str(values["priority"])), queue=str(values["queue"]))
        for command in board.commands:
            if isinstance(command, OpenProbe):
                self._open_probe(command, job=job, sequence=row.sequence, step_id=new_step_id())
            else:
                self._command(command, job=job, sequence=row.sequence, new_step_id=new_step_id)
        if (job.state, job.priority, job.queue) != (row.state, row.priority, row.queue):
            self._line_up(job.job_key, state=job.state, queue=job.queue, priority=job.priority)
        self._append(job.job_key, board.events, actor=actor, now=now, count=row.event_count, head=row.event_head)
        self.connection.execute(update(t.jobs).where(t.jobs.c.job_key == job.job_key).values(values))

    def _save_clip(self, job_key: str, clip: Clip, *, now: datetime) -> None:
        values: dict[str, object] = {
            "state": clip.state, "stopping": clip.stopping, "skip_reason": clip.skip_reason,
            "provisional": clip.provisional, "head_only": clip.head_only, "hold": clip.hold,
        }  # fmt: skip
        if clip.finished:
            values["end_time"] = time_text(now)
        self.connection.execute(
            update(t.clips).where(t.clips.c.job_key == job_key, t.clips.c.clip_index == clip.index).values(values)
        )

    def _command(
        self,
        command: OpenStep | CloseStep | RequeueStep | CancelLease,
        *,
        job: Job,
        sequence: int,
        new_step_id: Callable[[], str],
    ) -> None:
        s = t.steps.c
        live = and_(
            s.job_key == job.job_key,
            s.clip_index == command.clip_index,
            s.kind != StepKind.PROBE,
            s.state != StepState.DONE,
        )
        if isinstance(command, OpenStep):
            clip: Any = self.connection.execute(
                select(*CLIP_NEEDS).where(t.clips.c.job_key == job.job_key, t.clips.c.clip_index == command.clip_index)
            ).one()
            encode = command.kind is StepKind.ENCODE
            self._insert_step(
                step_id=new_step_id(), job_key=job.job_key, job_sequence=sequence, clip_index=command.clip_index,
                last_clip=command.clip_index, kind=command.kind, state=job.state, queue=job.queue,
                priority=job.priority, needs=_encode_needs(clip) if encode else _finishing_needs(clip),
                epoch=self._last_epoch(job.job_key, command.clip_index, command.kind),
                cost=clip.cost if encode else 1,
            )  # fmt: skip
            self.effects.append(WorkQueued())
            return
        lease = self.connection.execute(select(s.lease_id).where(live)).scalar()
        if isinstance(command, CancelLease):
            if lease is not None:
                self.effects.append(LeaseCancelled(lease_id=lease))
            return
        state = StepState.DONE if isinstance(command, CloseStep) else StepState.QUEUED
        gone = {"state": state, "lease_id": None, "session_id": None, "lane": None}
        self.connection.execute(update(t.steps).where(live).values(gone))
        if lease is not None:
            self.effects.append(LeaseEnded(lease_id=lease))
        if state is StepState.QUEUED:
            self._line_up(job.job_key, state=job.state, queue=job.queue, priority=job.priority)
            self.effects.append(WorkQueued())

    def _open_probe(self, probe: OpenProbe, *, job: Job, sequence: int, step_id: str) -> None:
        c = t.clips.c
        asked = and_(c.job_key == job.job_key, c.clip_index >= probe.first, c.clip_index <= probe.last)
        roots = {
            root
            for row in self.connection.execute(select(c.source_root, c.output_root).where(asked).distinct())
            for root in row
        }
        self._insert_step(
            step_id=step_id, job_key=job.job_key, job_sequence=sequence, clip_index=probe.first, last_clip=probe.last,
            kind=StepKind.PROBE, state=job.state, queue=job.queue, priority=job.priority, needs=_probe_needs(roots),
        )  # fmt: skip
        self.effects.append(WorkQueued())

    def _last_epoch(self, job_key: str, clip_index: int, kind: StepKind) -> int:
        """Return where the epochs of a clip's work of one kind stand: made again, it goes on counting."""
        query = select(func.max(t.steps.c.epoch)).where(
            t.steps.c.job_key == job_key, t.steps.c.clip_index == clip_index, t.steps.c.kind == kind
        )
        return int(self.connection.execute(query).scalar() or 0)

    def _insert_step(
        self,
        *,
        step_id: str,
        job_key: str,
        job_sequence: int,
        clip_index: int,
        last_clip: int,
        kind: StepKind,
        state: JobState,
        queue: str,
        priority: int,
        needs: Needs,
        epoch: int = 0,
        cost: int = 1,
    ) -> None:
        place = Place(job_sequence=job_sequence, rank=RANKS[kind], clip_index=clip_index)
        lane = self._lane_of(kind, state=state, queue=queue, priority=priority, needs=needs, place=place)
        self.connection.execute(
            insert(t.steps).values(
                step_id=step_id, job_key=job_key, job_sequence=job_sequence, clip_index=clip_index,
                last_clip=last_clip, kind=kind, rank=RANKS[kind], state=StepState.QUEUED, queue=queue,
                priority=priority, engine=needs.engine, roots=canonical_json(list(needs.roots)), epoch=epoch,
                planner_version=needs.planner_version, needs=needs.key, cost=cost, lane=lane,
            )
        )  # fmt: skip

    def note_executor(
        self, *, kind: str, before: str, after: str, data: Mapping[str, object], actor: str, now: datetime
    ) -> None:
        """Append an event that belongs to no job: its chain is that of the empty job key."""
        e = t.events.c
        newest = self.connection.execute(
            select(e.job_sequence, e.hash).where(e.job_key == "").order_by(e.job_sequence.desc()).limit(1)
        ).first()
        count, head = (0, NO_HASH) if newest is None else (newest.job_sequence, newest.hash)
        draft = EventDraft(kind=kind, clip_index=None, before=before, after=after, data=data)
        self._append("", (draft,), actor=actor, now=now, count=count, head=head)

    def _append(
        self, job_key: str, drafts: Iterable[EventDraft], *, actor: str, now: datetime, count: int, head: str
    ) -> None:
        first = newest = 0
        rows: list[dict[str, object]] = []
        for draft in drafts:
            # given here, not by the database: in the order of commits and without holes, because only one writes
            first = first or self._newest_event() + 1
            newest = first + len(rows)
            count += 1
            fields = {
                "job_key": job_key, "job_sequence": count, "clip_index": draft.clip_index,
                "event_time": time_text(now), "actor": actor, "kind": draft.kind, "before": draft.before,
                "after": draft.after, "data_json": canonical_json(to_plain(draft.data)),
            }  # fmt: skip
            own = digest({"previous_hash": head, **fields})
            rows.append({"sequence": newest, "previous_hash": head, "hash": own, **fields})
            event = JobEvent(
                sequence=newest, job_sequence=count, job_key=job_key, clip_index=draft.clip_index, event_time=now,
                actor=actor, kind=draft.kind, before=draft.before, after=draft.after,
                data_json=str(fields["data_json"]), previous_hash=head, hash=own,
            )  # fmt: skip
            self.effects.append(EventAppended(event=event))
            head = own
        if rows:
            self.connection.execute(insert(t.events), rows)
            self.connection.execute(
                update(t.jobs)
                .where(t.jobs.c.job_key == job_key)
                .values(event_count=count, event_head=head, last_sequence=newest)
            )

    def _newest_event(self) -> int:
        return int(self.connection.execute(select(func.max(t.events.c.sequence))).scalar() or 0)


def _probe_needs(roots: set[str]) -> Needs:
    return Needs(engine=Engine.FFMPEG, roots=tuple(sorted(roots)), planner_version=None)


def _encode_needs(clip: Row[Any]) -> Needs:
    return Needs(
        engine=clip.engine, roots=tuple(sorted({clip.source_root, clip.output_root})),
        planner_version=clip.planner_version, resources=load_names(clip.resources_json),
    )  # fmt: skip


def _finishing_needs(clip: Row[Any]) -> Needs:
    return Needs(engine=ANY_ENGINE, roots=(clip.output_root,), planner_version=None)
