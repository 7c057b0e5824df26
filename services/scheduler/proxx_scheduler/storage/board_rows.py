"""What is decided about jobs: the working set of a decision, and what a decision leaves behind.

Decisions of one transaction about one job are stored together, when the transaction ends or when something else is
asked of the database before: a call that reports on sixty leases changes its job once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, select, update

from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.steps import StepKind
from proxx_scheduler.app.records import WorkQueued
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.effects import (
    CloseStep,
    EventDraft,
    OpenStep,
    StepCommand,
)
from proxx_scheduler.domain.records import CancelMode, Clip, Hold, Job, StepState, StopReason
from proxx_scheduler.storage import board_statements as statements
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import time_text
from proxx_scheduler.storage.command_rows import CommandRows
from proxx_scheduler.storage.event_rows import EventRows
from proxx_scheduler.storage.run_rows import RunRows

_clip_values = attrgetter(*statements.CLIP_FIELDS)
_FRESH = _clip_values(Clip(index=0, state=ClipState.QUEUED))
"""What stands in the row of a clip that was never opened, and of one that was opened and nothing more."""

_CLIP_STATES = {state.value: state for state in ClipState}  # a quarter of what it costs to call the class
_STEP_STATES = {state.value: state for state in StepState}
_KINDS = {kind.value: kind for kind in StepKind}
_REASONS = {reason.value: reason for reason in StopReason}
_HOLDS = {hold.value: hold for hold in Hold}

_job_values = attrgetter(*statements.JOB_FIELDS)
_JOB_NAMES = tuple(f"b_{name}" for name in statements.JOB_FIELDS)


@dataclass(slots=True, kw_only=True)
class _Decided:
    """What was decided about a job in this transaction and is not stored yet. `row` is the job as it is stored."""

    row: Row[Any]
    board: Board
    time: datetime
    new_step_id: Callable[[], str]
    clips: dict[int, Clip] = field(default_factory=dict)
    ends: dict[int, datetime] = field(default_factory=dict)
    commands: list[StepCommand] = field(default_factory=list)
    events: list[tuple[EventDraft, str, datetime]] = field(default_factory=list)
    start_time: datetime | None = None
    simple: bool = True
    """Whether the board can go on from what is known here: nothing of it stands in the database only."""


class BoardRows(CommandRows, RunRows, EventRows):
    """The part of a transaction that stores decisions."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection on which a transaction has begun."""
        super().__init__(connection)
        self._boards: dict[str, _Decided] = {}

    def board(self, job_key: str) -> Board | None:
        decided = self._boards.get(job_key)
        if decided is not None and decided.simple:
            decided.board.stored()
            return decided.board
        row: Any = self.connection.execute(statements.CORE, {"b_job": job_key}).first()
        if row is None:
            return None
        self._rows[job_key] = row
        job = Job(
            job_key=job_key, job_id=row.job_id, state=JobState(row.state), reason=row.reason, revision=row.revision,
            failure_policy=FailurePolicy(row.failure_policy), window=row.window, hold=row.hold, admitted=row.admitted,
            clip_count=row.clip_count, head=row.head, next_clip=row.next_clip, completed=row.completed,
            failed=row.failed, skipped=row.skipped, has_warnings=row.has_warnings, cancel=CancelMode(row.cancel),
            run_number=row.run_number, priority=row.priority, queue=row.queue, rebinding=row.rebinding,
            requeue_limit=row.requeue_limit,
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
        place = {"b_job": job.job_key, "b_head": job.head, "b_next": job.next_clip}
        return [
            Clip(
                index=row.clip_index, state=_CLIP_STATES[row.state], stopping=_REASONS[row.stopping],
                skip_reason=_REASONS[row.skip_reason], provisional=row.provisional, head_only=row.head_only,
                hold=_HOLDS[row.hold], requeues=row.requeues,
                step_kind=None if row.kind is None else _KINDS[row.kind],
                step_state=None if row.step_state is None else _STEP_STATES[row.step_state], ahead=bool(row.staging),
            )
            for row in self.connection.execute(statements.OPEN_CLIPS, place)
        ]  # fmt: skip

    def save(self, board: Board, *, actor: str, now: datetime, new_step_id: Callable[[], str]) -> None:
        key = board.job.job_key
        decided = self._boards.get(key)
        if decided is None:
            row: Any = self._rows.pop(key, None) or self.connection.execute(statements.CORE, {"b_job": key}).one()
            decided = self._boards[key] = _Decided(row=row, board=board, time=now, new_step_id=new_step_id)
        decided.board = board
        for index in board.changed:
            clip = decided.clips[index] = board.clips[index]
            if clip.finished:
                decided.ends[index] = now
        decided.commands += board.commands
        decided.events += [(draft, actor, now) for draft in board.events]
        decided.time = now
        if decided.start_time is None and any(draft.kind == "clip.start" for draft in board.events):
            decided.start_time = now
        decided.simple = _is_simple(board, decided.row)
        if decided.simple:
            self._forget_leases(key, board.changed)
        else:
            self.flush()

    def flush(self) -> None:
        self._flush_rows()
        if self._boards:
            boards, self._boards = self._boards, {}
            self._rows.clear()
            for decided in boards.values():
                self._store(decided)
        self._flush_clips()

    def _store(self, decided: _Decided) -> None:
        row, board = decided.row, decided.board
        job = board.job
        values: dict[str, object] = {}  # beside what every decision may change
        if job.admitted and not row.admitted:
            values["named"] = True
        if board.new_run:
            self._flush_clips()
            values |= self._keep_run(job.job_key)
        if (job.priority, job.queue) != (row.priority, row.queue):
            values["options_json"] = self._move_in_queue(job.job_key, priority=job.priority, queue=job.queue)
            self.effects.append(WorkQueued())  # the rules of the new queue may let executors take what waited
        if row.start_time is None and decided.start_time is not None:
            values["start_time"] = time_text(decided.start_time)
        if job.state.terminal and not JobState(row.state).terminal:
            values["end_time"] = time_text(decided.time)
            self.direct.execute(statements.FREE_OUTPUTS, {"b_job": job.job_key})
        self._save_clips(decided)
        if board.skip_unopened is not None:
            self._skip_unopened(job.job_key, *board.skip_unopened)
        if job.state.value != row.state and job.state in (JobState.RUNNING, JobState.CANCELLING):
            self.effects.append(WorkQueued())  # steps queued before may be granted from now on
        if board.rebound:
            brought = self._bring_into_force(job.job_key)
            job = replace(job, priority=int(str(brought["priority"])), queue=str(brought["queue"]))
            values |= brought
        self._run_commands(decided.commands, job=job, sequence=row.sequence, new_step_id=decided.new_step_id)
        if (job.state, job.priority, job.queue) != (row.state, row.priority, row.queue):
            self._line_up(job.job_key, state=job.state, queue=job.queue, priority=job.priority)
        saved: dict[str, object] = dict(zip(_JOB_NAMES, _job_values(job), strict=True))
        statement = statements.SAVE_JOB
        if decided.events:
            saved |= self._add_events(job.job_key, decided.events, count=row.event_count, head=row.event_head)
            statement = statements.SAVE_JOB_AND_CHAIN
        statement.run(self.direct, [{"b_job": job.job_key, **saved}])
        if values:
            self.direct.execute(update(t.jobs).where(t.jobs.c.job_key == job.job_key).values(values))

    def _save_clips(self, decided: _Decided) -> None:
        """Write what changed of clips, together with what was put off about them."""
        job_key, board, row = decided.board.job.job_key, decided.board, decided.row
        changes = {}
        for index, clip in sorted(decided.clips.items()):
            put_off = self._clip_changes.pop((job_key, index), {})
            if not put_off and board.upcoming is None and index >= row.next_clip and _clip_values(clip) == _FRESH:
                continue  # it was opened just now, and stands so in its row already
            values = dict(zip(statements.CLIP_FIELDS, _clip_values(clip), strict=True))
            if clip.finished:
                values["end_time"] = time_text(decided.ends[index])
            changes[job_key, index] = values | put_off
        self._write_clips(changes)

    def _skip_unopened(self, job_key: str, first: int, reason: StopReason) -> None:
        c = t.clips.c
        unopened = update(t.clips).where(c.job_key == job_key, c.clip_index >= first, c.state == ClipState.QUEUED)
        self.direct.execute(unopened.values(state=ClipState.SKIPPED, skip_reason=reason))


def _is_simple(board: Board, row: Row[Any]) -> bool:
    """Whether clips only went the way that they go where nothing fails."""
    job = board.job
    return (
        job.state is JobState.RUNNING
        and row.state == JobState.RUNNING
        and (job.priority, job.queue) == (row.priority, row.queue)
        and board.upcoming is None
        and not (job.rebinding or board.new_run or board.rebound or board.skip_unopened)
        and all(_is_plain(command) for command in board.commands)
        and all(_is_usual(board.clips[index]) for index in board.changed)
    )


def _is_plain(command: StepCommand) -> bool:
    # of a step that is opened ahead, only the database knows whether a staging budget holds it back
    return isinstance(command, CloseStep) or (isinstance(command, OpenStep) and not command.ahead)


def _is_usual(clip: Clip) -> bool:
    return (
        clip.stopping is StopReason.NONE
        and clip.hold is Hold.NONE
        and not (clip.provisional or clip.head_only)
        and clip.failure_kind is None
    )
