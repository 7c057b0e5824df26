"""Steps that decisions open and end, many at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable, Row, and_, insert, select

from proxx.core.canonical import canonical_json
from proxx.core.detection import Engine
from proxx.core.jobs import JobState
from proxx.core.steps import StepKind
from proxx_scheduler.app.records import LeaseCancelled, LeaseEnded, WorkQueued
from proxx_scheduler.domain.effects import (
    BecomesHead,
    CancelLease,
    CloseStep,
    OpenInspect,
    OpenProbe,
    OpenStep,
    RequeueStep,
    StepCommand,
)
from proxx_scheduler.domain.needs import ANY_ENGINE, EITHER_ENGINE, Needs
from proxx_scheduler.domain.ordering import Place
from proxx_scheduler.domain.probing import LOOKS
from proxx_scheduler.domain.records import Job, StepState
from proxx_scheduler.storage import board_statements as statements
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import IN_LIMIT, load_names
from proxx_scheduler.storage.lane_rows import LaneRows
from proxx_scheduler.storage.many_rows import ManyRows

RANKS = {StepKind.SWEEP: 0, StepKind.PUBLISH: 1, StepKind.PROBE: 2, StepKind.INSPECT: 2, StepKind.ENCODE: 3}


ADD_STEPS = ManyRows(insert(t.steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStep:
    """A step to store, for the clips from `first` to `last`."""

    step_id: str
    first: int
    last: int
    kind: StepKind
    needs: Needs
    epoch: int = 0
    cost: int = 1
    staging: str = ""
    expected_bytes: int = 0


class CommandRows(LaneRows):
    """The part of a transaction that opens and ends steps."""

    def _run_commands(
        self, commands: Sequence[StepCommand], *, job: Job, sequence: int, new_step_id: Callable[[], str]
    ) -> None:
        """Do what was decided about steps: many of a kind at once, in an order that is theirs for each clip."""
        ends: list[CloseStep | RequeueStep | CancelLease] = []
        opens: list[OpenStep | OpenProbe | OpenInspect] = []
        opened: set[int] = set()
        for command in commands:
            if isinstance(command, OpenStep | OpenProbe | OpenInspect):
                opens.append(command)
                opened.add(command.first if isinstance(command, OpenProbe) else command.clip_index)
                continue
            if command.clip_index in opened or isinstance(command, BecomesHead):
                self._end_steps(ends, job=job)
                self._open_steps(opens, job=job, sequence=sequence, new_step_id=new_step_id)
                ends, opens, opened = [], [], set()
            if isinstance(command, BecomesHead):
                self._free_step(command, job=job)
            else:
                ends.append(command)
        self._end_steps(ends, job=job)
        self._open_steps(opens, job=job, sequence=sequence, new_step_id=new_step_id)

    def _free_step(self, command: BecomesHead, *, job: Job) -> None:
        s = t.steps.c
        only = s.clip_index == command.clip_index
        live = and_(s.job_key == job.job_key, only, s.kind.not_in(sorted(LOOKS)), s.state != StepState.DONE)
        self._free_of_budget(live)
        self._line_up(job.job_key, state=job.state, queue=job.queue, priority=job.priority, only=only)
        self.effects.append(WorkQueued())

    def _end_steps(self, commands: Sequence[CloseStep | RequeueStep | CancelLease], *, job: Job) -> None:
        live = {row.clip_index: row for row in self._of_clips(statements.LIVE_STEPS, job, commands)}
        ended: list[dict[str, object]] = []
        requeued: list[int] = []
        for command in commands:
            row = live.get(command.clip_index)
            if isinstance(command, CancelLease):
                if row is not None and row.lease_id is not None:
                    self.effects.append(LeaseCancelled(lease_id=row.lease_id))
                continue
            close = isinstance(command, CloseStep)
            if not close:
                requeued.append(command.clip_index)
            if row is not None:
                state = StepState.DONE if close else StepState.QUEUED
                ended.append({"b_step": row.step_id, "b_state": state})
                if row.lease_id is not None:
                    self.effects.append(LeaseEnded(lease_id=row.lease_id))
                del live[command.clip_index]  # a later command of this clip finds no lease any more
        if ended:
            statements.END_STEPS.run(self.direct, ended)
        for index in requeued:
            only = t.steps.c.clip_index == index
            self._line_up(job.job_key, state=job.state, queue=job.queue, priority=job.priority, only=only)
        if requeued:
            self.effects.append(WorkQueued())

    def _open_steps(
        self,
        commands: Sequence[OpenStep | OpenProbe | OpenInspect],
        *,
        job: Job,
        sequence: int,
        new_step_id: Callable[[], str],
    ) -> None:
        if not commands:
            return
        encodes = [command for command in commands if not isinstance(command, OpenProbe)]
        clips = {row.clip_index: row for row in self._of_clips(statements.CLIP_NEEDS, job, encodes)}
        epochs = {
            (row.clip_index, row.kind): int(row.epoch) for row in self._of_clips(statements.LAST_EPOCHS, job, encodes)
        }
        steps = []
        for command in commands:
            if isinstance(command, OpenProbe):
                needs = probe_needs(self._roots_of(job.job_key, command))
                steps.append(
                    NewStep(
                        step_id=new_step_id(),
                        first=command.first,
                        last=command.last,
                        kind=StepKind.PROBE,
                        needs=needs,
                    )
                )
                continue
            clip = clips[command.clip_index]
            if isinstance(command, OpenInspect):
                steps.append(_inspect_step(command, clip, step_id=new_step_id()))
                continue
            encode = command.kind is StepKind.ENCODE
            staging = clip.staging if command.ahead else ""
            steps.append(
                NewStep(
                    step_id=new_step_id(), first=command.clip_index, last=command.clip_index,
                    kind=command.kind,
                    needs=encode_needs(clip, staging=staging) if encode else _finishing_needs(clip),
                    epoch=epochs.get((command.clip_index, command.kind), 0), cost=clip.cost if encode else 1,
                    staging=staging, expected_bytes=clip.expected_bytes if staging else 0,
                )
            )  # fmt: skip
        self._insert_steps(
            steps, job_key=job.job_key, job_sequence=sequence, state=job.state, queue=job.queue, priority=job.priority
        )
        self.effects.append(WorkQueued())

    def _of_clips(self, statement: Executable, job: Job, commands: Sequence[StepCommand]) -> list[Row[Any]]:
        """Return what a query of several clips finds for those of some commands."""
        wanted = sorted({command.clip_index for command in commands if not isinstance(command, OpenProbe)})
        found: list[Row[Any]] = []
        for start in range(0, len(wanted), IN_LIMIT):
            values = {"b_job": job.job_key, "b_clips": wanted[start : start + IN_LIMIT]}
            found += self.direct.execute(statement, values).all()
        return found

    def _roots_of(self, job_key: str, probe: OpenProbe) -> set[str]:
        c = t.clips.c
        asked = and_(c.job_key == job_key, c.clip_index >= probe.first, c.clip_index <= probe.last)
        rows = self.direct.execute(select(c.source_root, c.output_root).where(asked).distinct())
        return {root for row in rows for root in row}

    def _insert_steps(
        self, steps: Sequence[NewStep], *, job_key: str, job_sequence: int, state: JobState, queue: str, priority: int
    ) -> None:
        groups: dict[tuple[StepKind, Needs], list[NewStep]] = {}
        for step in steps:
            groups.setdefault((step.kind, step.needs), []).append(step)
        lanes = {}
        for (kind, needs), members in groups.items():
            first = min(step.first for step in members)
            place = Place(job_sequence=job_sequence, rank=RANKS[kind], clip_index=first)
            lanes[kind, needs] = self._lane_of(
                kind, state=state, queue=queue, priority=priority, needs=needs, place=place
            )
        rows = [
            {
                "step_id": step.step_id, "job_key": job_key, "job_sequence": job_sequence, "clip_index": step.first,
                "last_clip": step.last, "kind": step.kind, "rank": RANKS[step.kind], "state": StepState.QUEUED,
                "queue": queue, "priority": priority, "engine": step.needs.engine,
                "roots": canonical_json(list(step.needs.roots)), "epoch": step.epoch,
                "planner_version": step.needs.planner_version, "needs": step.needs.key, "cost": step.cost,
                "lane": lanes[step.kind, step.needs], "staging": step.staging, "expected_bytes": step.expected_bytes,
            }
            for step in steps
        ]  # fmt: skip
        ADD_STEPS.run(self.direct, rows)


def probe_needs(roots: set[str]) -> Needs:
    """Return what a PROBE asks of an executor."""
    return Needs(engine=EITHER_ENGINE, roots=tuple(sorted(roots)), planner_version=None)


def encode_needs(clip: Row[Any], *, staging: str, avoid: tuple[str, ...] = ()) -> Needs:
    """Return what an ENCODE step needs: `clip` has the columns NEEDS, `staging` and `avoid` are those of the step."""
    return Needs(
        engine=clip.engine, roots=tuple(sorted({clip.source_root, clip.output_root})),
        planner_version=clip.planner_version, resources=load_names(clip.resources_json), staging=staging,
        codec=clip.render_codec, avoid=avoid,
    )  # fmt: skip


def _inspect_step(command: OpenInspect, clip: Row[Any], *, step_id: str) -> NewStep:
    needs = Needs(engine=Engine.RESOLVE, roots=(clip.source_root,), planner_version=None)
    index = command.clip_index
    return NewStep(step_id=step_id, first=index, last=index, kind=StepKind.INSPECT, needs=needs)


def _finishing_needs(clip: Row[Any]) -> Needs:
    return Needs(engine=ANY_ENGINE, roots=(clip.output_root,), planner_version=None)
