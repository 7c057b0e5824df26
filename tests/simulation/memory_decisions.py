"""Jobs in memory: what is stored at submission and by decisions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from proxx.core.jobs import ClipState, JobState
from proxx.core.steps import StepKind
from proxx_scheduler.app.records import (
    LeaseCancelled,
    LeaseEnded,
    NewJob,
    WorkQueued,
)
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.effects import (
    BecomesHead,
    CancelLease,
    CloseStep,
    EventDraft,
    OpenInspect,
    OpenProbe,
    OpenStep,
    StepCommand,
)
from proxx_scheduler.domain.needs import EITHER_ENGINE
from proxx_scheduler.domain.records import CancelMode, Clip, ClipRange, Job, StepState
from tests.simulation.memory_lanes import MemoryLanes
from tests.simulation.memory_rows import FINISHED, ClipRow, JobRow, StepRow, changed


class MemoryDecisions(MemoryLanes):
    """The part of a transaction that stores jobs."""

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
            requeue_limit=options.requeues,
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
            self._open_step(step_id, job.job_key, probe.first, probe.last, StepKind.PROBE, EITHER_ENGINE, roots)
        self.effects.append(WorkQueued())
        facts = {
            "request_id": job.request_id, "spec_digest": job.spec_digest, "received_digest": job.received_digest,
            "clips": len(job.clips),
        }  # fmt: skip
        draft = EventDraft(kind="job.submit", clip_index=None, before="", after=JobState.PENDING, data=facts)
        self._append(job.job_key, (draft,), actor=job.actor, now=job.submit_time)

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
            ahead = step is not None and bool(step.staging)
            if (clip.step_kind, clip.step_state, clip.ahead) != (kind, state, ahead):
                clip = replace(clip, step_kind=kind, step_state=state, ahead=ahead)
            clips.append(clip)
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
            row = changed(row, violations=(), start_time=None, end_time=None)
            started = ended = False
        for index in sorted(board.changed):
            clip = board.clips[index]
            if (clip.step_kind, clip.step_state, clip.ahead) != (None, None, False):
                clip = replace(clip, step_kind=None, step_state=None, ahead=False)
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
        stored = changed(
            row, job=job, start_time=now if started else row.start_time, end_time=now if ended else row.end_time,
            named=row.named or job.admitted,
        )  # fmt: skip
        self._put(self._db.jobs, job.job_key, stored)
        for command in board.commands:
            self._command(command, job, new_step_id)
        place = (row.job.state, row.job.priority, row.job.queue)
        if (job.state, job.priority, job.queue) != place:
            self._line_up(job.job_key)
        if (job.priority, job.queue) != place[1:]:
            self.effects.append(WorkQueued())
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
                new_step_id(), job.job_key, command.first, command.last, StepKind.PROBE, EITHER_ENGINE, roots
            )
            self.effects.append(WorkQueued())
            return
        if isinstance(command, OpenInspect):
            index = command.clip_index
            roots = {self._db.clips[job.job_key, index].source.root}
            self._open_step(new_step_id(), job.job_key, index, index, StepKind.INSPECT, "resolve", roots)
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
                staging=clip.staging if command.ahead else "",
                expected_bytes=clip.expected_bytes if command.ahead else 0,
                codec=clip.plan.render.pair if encode and clip.plan is not None and clip.plan.render else "",
            )
            self.effects.append(WorkQueued())
            return
        step = self._live_step(job.job_key, command.clip_index)
        lease = None if step is None else step.lease_id
        if isinstance(command, BecomesHead):
            if step is not None:
                free = changed(step, staging="", expected_bytes=0)
                lane = self._lane_of(free) if free.state is StepState.QUEUED else None
                self._put(self._db.steps, step.step_id, changed(free, lane=lane))
                self.effects.append(WorkQueued())
            return
        if isinstance(command, CancelLease):
            if lease is not None:
                self.effects.append(LeaseCancelled(lease_id=lease))
            return
        state = StepState.DONE if isinstance(command, CloseStep) else StepState.QUEUED
        if step is not None:
            gone = changed(step, state=state, lease_id=None, session_id=None, lane=None)
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
        staging: str = "",
        expected_bytes: int = 0,
        codec: str = "",
    ) -> None:
        job = self._db.jobs[job_key]
        step = StepRow(
            sequence=len(self._db.steps) + 1, step_id=step_id, job_key=job_key, job_sequence=job.sequence,
            clip_index=first, last_clip=last, kind=kind, priority=job.job.priority, engine=engine,
            roots=tuple(sorted(roots)), epoch=epoch, planner_version=planner_version, cost=cost,
            staging=staging, expected_bytes=expected_bytes, codec=codec,
        )  # fmt: skip
        self._insert(self._db.steps, step_id, changed(step, lane=self._lane_of(step)))
