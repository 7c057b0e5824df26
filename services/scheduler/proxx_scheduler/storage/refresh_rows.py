"""Queued work whose plan or resources are those of an earlier start: found, and given new ones."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, update

from proxx.core.canonical import canonical_json
from proxx.core.detection import Engine
from proxx.core.facts import SourceIdentity
from proxx.core.jobs import ClipState, JobState
from proxx.core.plain import from_plain
from proxx.core.plan import PlanInputs
from proxx.core.steps import StepKind
from proxx_scheduler.app.records import OutdatedPlan, RenewedPlan, WorkQueued
from proxx_scheduler.domain.effects import EventDraft
from proxx_scheduler.domain.records import StepState
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import load_object
from proxx_scheduler.storage.board_statements import NEEDS
from proxx_scheduler.storage.command_rows import encode_needs
from proxx_scheduler.storage.job_rows import JobRows

OPEN = t.clips.c.state.not_in([ClipState.COMPLETED, ClipState.FAILED, ClipState.SKIPPED])


class RefreshRows(JobRows):
    """The part of a transaction that brings queued work up to date."""

    def outdated_plans(self, job_key: str, *, version: int, after: int, limit: int) -> tuple[OutdatedPlan, ...]:
        c = t.clips.c
        query = select(c.clip_index, c.plan_digest, c.planner_version, c.plan_json).where(
            _outdated(job_key, version), c.state == ClipState.QUEUED, c.clip_index > after
        )
        found = []
        for row in self.connection.execute(query.order_by(c.clip_index).limit(limit)):
            document = load_object(row.plan_json)
            found.append(
                OutdatedPlan(
                    clip_index=row.clip_index,
                    plan_digest=row.plan_digest,
                    planner_version=row.planner_version,
                    inputs=from_plain(PlanInputs, document["inputs"]),
                    identity=from_plain(SourceIdentity, document["identity"]),
                )
            )
        return tuple(found)

    def outdated_count(self, job_key: str, *, version: int) -> int:
        query = select(func.count()).select_from(t.clips).where(_outdated(job_key, version), OPEN)
        return int(self.connection.execute(query).scalar_one())

    def renew_plans(self, job_key: str, *, plans: Sequence[RenewedPlan], actor: str, now: datetime) -> int:
        c = t.clips.c
        drafts = []
        for renewed in plans:
            old, plan = renewed.old, renewed.plan
            same = (c.job_key == job_key, c.clip_index == old.clip_index, c.plan_digest == old.plan_digest)
            done = self.connection.execute(
                update(t.clips)
                .where(*same, c.state == ClipState.QUEUED)  # granted meanwhile: it keeps the plan that it has
                .values(
                    plan_json=renewed.document,
                    plan_digest=plan.digest,
                    planner_version=plan.planner_version,
                    cost=max(1, plan.threads),
                    render_codec="" if plan.render is None else plan.render.pair,
                    expected_bytes=case((c.staging != "", renewed.expected_bytes), else_=0),
                )
            )
            if done.rowcount:
                drafts.append(_event(renewed))
        if drafts:
            j = t.jobs.c
            job = self.connection.execute(select(j.event_count, j.event_head).where(j.job_key == job_key)).one()
            self._append(job_key, drafts, actor=actor, now=now, count=job.event_count, head=job.event_head)
            self._renew_needs(job_key)
        if any(renewed.plan.warnings for renewed in plans):
            self.connection.execute(update(t.jobs).where(t.jobs.c.job_key == job_key).values(has_warnings=True))
        return len(drafts)

    def set_resources(self, job_key: str, *, needed: Mapping[Engine, Sequence[str]]) -> None:
        c = t.clips.c
        for engine, names in needed.items():
            text = canonical_json(list(names))
            mine = (c.job_key == job_key, c.engine == engine, OPEN, c.resources_json != text)
            self.connection.execute(update(t.clips).where(*mine).values(resources_json=text))
        self._renew_needs(job_key)

    def _renew_needs(self, job_key: str) -> None:
        """Let the open ENCODE steps of a job ask for what their clips need now, and queued ones wait accordingly."""
        s, c = t.steps.c, t.clips.c
        rows = self.connection.execute(
            select(s.step_id, s.needs, s.cost.label("old_cost"), s.staging.label("ahead_on"), *NEEDS)
            .join(t.clips, and_(c.job_key == s.job_key, c.clip_index == s.clip_index))
            .where(s.job_key == job_key, s.kind == StepKind.ENCODE, s.state != StepState.DONE)
        ).all()
        avoided = {item.key: item.avoid for item in self._needs_of({row.needs for row in rows})}
        row: Any
        for row in rows:
            needs = encode_needs(row, staging=row.ahead_on, avoid=avoided.get(row.needs, ()))
            if (needs.key, row.cost) == (row.needs, row.old_cost):
                continue
            self._keep_needs(needs)
            values = {
                "needs": needs.key, "engine": needs.engine, "planner_version": needs.planner_version,
                "cost": row.cost, "expected_bytes": row.expected_bytes if row.ahead_on else 0,
            }  # fmt: skip
            self.connection.execute(update(t.steps).where(s.step_id == row.step_id).values(values))
        j = t.jobs.c
        job = self.connection.execute(select(j.state, j.queue, j.priority).where(j.job_key == job_key)).one()
        self._line_up(job_key, state=JobState(job.state), queue=job.queue, priority=job.priority)
        self.effects.append(WorkQueued())


def _outdated(job_key: str, version: int) -> ColumnElement[bool]:
    return and_(t.clips.c.job_key == job_key, t.clips.c.planner_version < version)


def _event(renewed: RenewedPlan) -> EventDraft:
    old, plan = renewed.old, renewed.plan
    facts = {
        "old_plan": old.plan_digest,
        "new_plan": plan.digest,
        "old_planner": old.planner_version,
        "new_planner": plan.planner_version,
    }
    return EventDraft(
        kind="clip.plan_again", clip_index=old.clip_index, before=ClipState.QUEUED, after=ClipState.QUEUED, data=facts
    )
