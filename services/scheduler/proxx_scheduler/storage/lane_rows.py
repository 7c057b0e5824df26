"""Lanes: which steps wait where, and what each queue has had of its priority class."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, tuple_, update

from proxx.core.canonical import canonical_json
from proxx.core.jobs import ClipState, JobState
from proxx.core.steps import StepKind
from proxx_scheduler.app.lanes import enter_lane
from proxx_scheduler.app.records import UNAVAILABLE, LeaseRecord, QueuedStep, QueuedWork, ResourceHold, WorkQueued
from proxx_scheduler.domain.needs import ANY_ENGINE, Needs
from proxx_scheduler.domain.ordering import Account, Lane, Place, Share, first_of
from proxx_scheduler.domain.probing import PROBE_BATCH
from proxx_scheduler.domain.records import StepState
from proxx_scheduler.domain.waiting import Ahead
from proxx_scheduler.storage import lane_statements as statements
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import TxBase, load_names

GRANTABLE: Mapping[StepKind, frozenset[JobState]] = {
    StepKind.SWEEP: frozenset(JobState),
    StepKind.PROBE: frozenset({JobState.PENDING}),
    StepKind.INSPECT: frozenset({JobState.PENDING}),
    StepKind.PUBLISH: frozenset({JobState.RUNNING, JobState.CANCELLING}),
    StepKind.ENCODE: frozenset({JobState.RUNNING}),
}
"""In which states of its job a queued step may be granted. In others it stands in no lane."""


class LaneRows(TxBase):
    """The part of a transaction that stores lanes. It implements proxx_scheduler.app.lanes.LaneTable."""

    # --- what a grant looks at ------------------------------------------------------------------------------------

    def waiting_needs(self) -> tuple[Needs, ...]:
        return tuple(_needs(row) for row in self.connection.execute(statements.NEEDS))

    def first_lanes(
        self, *, needs: Collection[Needs], without: Collection[str], limit: int = 1, account: Account = Account.SLOTS
    ) -> tuple[Lane, ...]:
        if not needs:
            return ()
        free = sorted(item.key for item in needs if item.finishes or not without)
        bounded = sorted(item.key for item in needs if not item.finishes and without)
        values: dict[str, object] = {"b_limit": limit}
        values |= {f"b_free_{number}": key for number, key in enumerate(free)}
        values |= {f"b_bounded_{number}": key for number, key in enumerate(bounded)}
        if bounded:
            values["b_without"] = sorted(without)
        statement = statements.first_lanes(free=len(free), bounded=len(bounded), account=account)
        return tuple(_lane(row, account) for row in self.connection.execute(statement, values))

    def lane_steps(self, lane: Lane, *, limit: int) -> tuple[QueuedStep, ...]:
        rows = self.connection.execute(statements.LANE_STEPS, {"b_lane": lane.lane_id, "b_limit": limit})
        return tuple(
            QueuedStep(
                step_id=row.step_id, job_key=row.job_key, clip_index=row.clip_index, last_clip=row.last_clip,
                kind=StepKind(row.kind), engine=row.engine, roots=load_names(row.roots), epoch=row.epoch,
                planner_version=row.planner_version, cost=row.cost,
                place=Place(job_sequence=row.job_sequence, rank=row.rank, clip_index=row.clip_index),
                staging=row.staging, expected_bytes=row.expected_bytes,
            )
            for row in rows
        )  # fmt: skip

    def staged_bytes(self, roots: Collection[str]) -> Mapping[str, int]:
        c, s = t.clips.c, t.steps.c
        staged = select(c.staging, func.sum(c.staged_bytes)).where(
            c.staging.in_(sorted(roots)), c.staging != "", c.state == ClipState.STAGED
        )
        begun = select(s.staging, func.sum(s.expected_bytes)).where(
            s.lease_id.is_not(None), s.staging.in_(sorted(roots))
        )
        taken: dict[str, int] = {}
        for query in (staged.group_by(c.staging), begun.group_by(s.staging)):
            for root, size in self.connection.execute(query):
                taken[root] = taken.get(root, 0) + int(size)
        return taken

    def held_in_queues(self, queues: Collection[str]) -> Mapping[str, int]:
        s = t.steps.c
        query = select(s.queue).where(s.lease_id.is_not(None), s.queue.in_(sorted(queues)), s.engine != ANY_ENGINE)
        counts: dict[str, int] = {}
        for queue in self.connection.execute(query).scalars():
            counts[queue] = counts.get(queue, 0) + 1
        return counts

    def resource_holds(self) -> tuple[ResourceHold, ...]:
        s = t.steps.c
        named = {item.key: item for item in self.waiting_needs() if item.resources}
        if not named:
            return ()
        query = select(s.needs, s.job_key, s.clip_index, t.attempts.c.executor).join(
            t.attempts, t.attempts.c.lease_id == s.lease_id
        )
        rows = self.connection.execute(query.where(s.lease_id.is_not(None), s.needs.in_(sorted(named))))
        return tuple(
            ResourceHold(resource=resource, job_key=row.job_key, clip_index=row.clip_index, executor=row.executor)
            for row in sorted(rows, key=lambda row: (row.job_key, row.clip_index))
            for resource in named[row.needs].resources
        )

    # --- why steps wait -------------------------------------------------------------------------------------------

    def queued_work(
        self, job_key: str, *, first: int, last: int, limit: int | None = None
    ) -> tuple[QueuedWork, ...]:  # fmt: skip
        s = t.steps.c
        query = select(
            s.clip_index, s.last_clip, s.queue, s.priority, s.job_sequence, s.rank, t.needs.c.engine, t.needs.c.roots,
            t.needs.c.planner_version, t.needs.c.resources, t.needs.c.staging, t.needs.c.codec, t.needs.c.avoid,
            s.expected_bytes,
        ).join(t.needs, t.needs.c.needs == s.needs)  # fmt: skip
        # a PROBE begins before the clips that it looks at
        covers = (s.clip_index <= last, s.clip_index > first - PROBE_BATCH, s.last_clip >= first)
        rows: Iterable[Any] = self.connection.execute(
            query.where(s.job_key == job_key, or_(s.lane.is_not(None), _left_out()), *covers)
            .order_by(s.rank, s.clip_index)
            .limit(limit)
        )
        return tuple(
            QueuedWork(
                clip_index=row.clip_index, last_clip=row.last_clip, queue=row.queue, priority=row.priority,
                needs=_needs(row), expected_bytes=row.expected_bytes,
                place=Place(job_sequence=row.job_sequence, rank=row.rank, clip_index=row.clip_index),
            )
            for row in rows
        )  # fmt: skip

    def ahead_of(self, work: QueuedWork, *, rivals: Collection[Needs], limit: int, account: Account) -> Ahead:
        keys = sorted(item.key for item in rivals)
        found, s = t.lanes.c, t.steps.c
        above = select(found.lane).where(found.needs.in_(keys), found.behind < -work.priority)
        higher = self._count(s.lane.in_(above), limit=limit)
        beside = select(found.lane).where(
            found.needs.in_(keys), found.behind == -work.priority, found.queue == work.queue
        )
        place = tuple_(s.job_sequence, s.rank, s.clip_index)
        mine = (work.place.job_sequence, work.place.rank, work.place.clip_index)
        before = self._count(and_(s.lane.in_(beside), place < mine), limit=limit)
        lane = first_of(self.first_lanes(needs=rivals, without=(), account=account))
        return Ahead(higher=higher, before=before, next_queue="" if lane is None else lane.queue)

    def _count(self, condition: ColumnElement[bool], *, limit: int) -> int:
        first = select(t.steps.c.step_id).where(condition).limit(limit).subquery()
        return int(self.connection.execute(select(func.count()).select_from(first)).scalar_one())

    # --- what a grant leaves behind -------------------------------------------------------------------------------

    def charge(self, lane: Lane, *, share: Share) -> None:
        queue = {"b_queue": lane.queue, "b_behind": -lane.priority}
        values = {**queue, "b_start": share.start, "b_finish": share.finish}
        if self.connection.execute(statements.CHARGE[lane.account], values).rowcount == 0:
            self.connection.execute(statements.FIRST_CHARGE[lane.account], values)
        self.connection.execute(statements.MOVE_QUEUE[lane.account], {**queue, "b_finish": share.finish})

    def leave_lane(self, step: QueuedStep) -> None:
        self.connection.execute(update(t.steps).where(t.steps.c.step_id == step.step_id).values(lane=None))

    def line_up_left_out(self) -> None:
        s, j = t.steps.c, t.jobs.c
        rows = self.connection.execute(
            select(j.job_key, j.state, j.queue, j.priority).where(
                j.job_key.in_(select(s.job_key).where(_left_out(), s.lane.is_(None)))
            )
        ).all()
        for row in rows:
            self._line_up(row.job_key, state=JobState(row.state), queue=row.queue, priority=row.priority)

    def drop_lane(self, lane: Lane) -> None:
        self.connection.execute(statements.DROP_LANE, {"b_lane": lane.lane_id})

    def move_lane(self, lane: Lane) -> None:
        place = {f"b_{name}": value for name, value in _place(lane.head).items()}
        self.connection.execute(statements.MOVE_LANE, {"b_lane": lane.lane_id, **place})

    # --- how steps come to wait -----------------------------------------------------------------------------------

    def find_lane(self, *, queue: str, priority: int, needs: str) -> Lane | None:
        place = {"b_queue": queue, "b_behind": -priority, "b_needs": needs}
        row: Any = self.connection.execute(statements.FIND_LANE, place).first()
        return None if row is None else _lane(row, Account.SLOTS)

    def add_lane(self, *, queue: str, priority: int, needs: Needs, tag: int, probe_tag: int | None, head: Place) -> int:
        self._keep_needs(needs)
        lane = {"queue": queue, "behind": -priority, "needs": needs.key, "tag": tag, "probe_tag": probe_tag}
        result = self.connection.execute(statements.ADD_LANE, lane | _place(head))
        return int((result.inserted_primary_key or (0,))[0])

    def _keep_needs(self, needs: Needs) -> None:
        known = self.connection.execute(statements.KNOWN_NEEDS, {"b_needs": needs.key}).first()
        if known is None:
            self.connection.execute(
                insert(t.needs).values(
                    needs=needs.key, engine=needs.engine, roots=canonical_json(list(needs.roots)),
                    planner_version=needs.planner_version, resources=canonical_json(list(needs.resources)),
                    staging=needs.staging, codec=needs.codec, avoid=canonical_json(list(needs.avoid)),
                )
            )  # fmt: skip

    def _lane_of(
        self, kind: StepKind, *, state: JobState, queue: str, priority: int, needs: Needs, place: Place
    ) -> int | None:
        """Return the lane of a step that is queued in a job of this state, None when it may not be granted yet."""
        if state not in GRANTABLE[kind]:
            self._keep_needs(needs)
            return None
        return enter_lane(self, queue=queue, priority=priority, needs=needs, place=place)

    def share(self, *, queue: str, priority: int, account: Account = Account.SLOTS) -> Share | None:
        row: Any = self.connection.execute(statements.SHARE, {"b_queue": queue, "b_behind": -priority}).first()
        if row is None:
            return None
        if account is Account.PROBES:
            return Share(start=row.probe_start, finish=row.probe_finish)
        return Share(start=row.start, finish=row.finish)

    def virtual_time(self, priority: int, account: Account = Account.SLOTS) -> int:
        latest = self.connection.execute(statements.VIRTUAL_TIME[account], {"b_behind": -priority}).scalar()
        return int(latest or 0)

    def forget_shares(self) -> None:
        """Forget what counts for nothing any more: shares of queues that would come back at the virtual time."""
        h, newest = t.shares.c, t.shares.alias()
        same = newest.c.behind == h.behind
        now = select(func.max(newest.c.start)).where(same).scalar_subquery()
        probed = select(func.max(newest.c.probe_start)).where(same).scalar_subquery()
        self.connection.execute(t.shares.delete().where(h.finish <= now, h.probe_finish <= probed))

    def _line_up(
        self, job_key: str, *, state: JobState, queue: str, priority: int, only: ColumnElement[bool] | None = None
    ) -> None:
        """Put the queued steps of a job, or `only` some of them, into the lane where they wait now, or into none."""
        waiting, line_up = statements.WAITING_STEPS, statements.LINE_UP
        if only is not None:
            waiting, line_up = waiting.where(only), line_up.where(only)
        rows: Sequence[Any] = self.connection.execute(waiting, {"b_job": job_key}).all()
        first = {(row.kind, row.needs): row for row in reversed(rows)}
        known = {item.key: item for item in self._needs_of({row.needs for row in rows})}
        for (kind, needs), row in sorted(first.items()):
            lane = None
            if state in GRANTABLE[StepKind(kind)]:
                place = Place(job_sequence=row.job_sequence, rank=row.rank, clip_index=row.clip_index)
                lane = enter_lane(self, queue=queue, priority=priority, needs=known[needs], place=place)
            same = {"b_job": job_key, "b_kind": kind, "b_needs": needs}
            self.connection.execute(line_up, {**same, "b_lane": lane, "b_queue": queue, "b_priority": priority})

    def _free_of_budget(self, step: ColumnElement[bool]) -> None:
        """Let a live step ask for what it asks for without a staging budget."""
        key = self.connection.execute(select(t.steps.c.needs).where(step)).scalar_one()
        (bound,) = self._needs_of({key})
        free = replace(bound, staging="")
        self._keep_needs(free)
        values = {"needs": free.key, "staging": "", "expected_bytes": 0}
        self.connection.execute(update(t.steps).where(step).values(values))

    def step_needs(self, lease: LeaseRecord) -> Needs:
        key = self.connection.execute(select(t.steps.c.needs).where(t.steps.c.step_id == lease.step_id)).scalar_one()
        (needs,) = self._needs_of({key})
        return needs

    def set_step_needs(self, lease: LeaseRecord, *, needs: Needs) -> None:
        self._keep_needs(needs)
        self.connection.execute(update(t.steps).where(t.steps.c.step_id == lease.step_id).values(needs=needs.key))

    def forget_avoided(self, name: str, *, incarnation: str) -> None:
        rows = self.connection.execute(select(t.needs).where(t.needs.c.avoid != "[]")).all()
        avoiding = [needs for needs in map(_needs, rows) if name in needs.avoid]
        a = t.attempts.c
        own = select(a.step_id).where(a.incarnation == incarnation, a.outcome == UNAVAILABLE).limit(1)
        if avoiding and self.connection.execute(own).first() is not None:
            return
        for old in avoiding:
            self._replace_needs(old, replace(old, avoid=tuple(known for known in old.avoid if known != name)))

    def _replace_needs(self, old: Needs, new: Needs) -> None:
        """Let every live step that asks for one thing ask for another; nothing asks for the old one any more."""
        s, j = t.steps.c, t.jobs.c
        self._keep_needs(new)
        live = and_(s.needs == old.key, s.state != StepState.DONE)
        jobs = select(j.job_key, j.state, j.queue, j.priority).where(j.job_key.in_(select(s.job_key).where(live)))
        rows = self.connection.execute(jobs.order_by(j.sequence)).all()
        self.connection.execute(update(t.steps).where(live).values(needs=new.key))
        for row in rows:
            self._line_up(row.job_key, state=JobState(row.state), queue=row.queue, priority=row.priority)
        self.connection.execute(t.lanes.delete().where(t.lanes.c.needs == old.key))
        self.connection.execute(t.needs.delete().where(t.needs.c.needs == old.key))
        self.effects.append(WorkQueued())

    def _needs_of(self, keys: Collection[str]) -> Iterable[Needs]:
        rows: Iterable[Any] = self.connection.execute(statements.NEEDS_OF, {"b_keys": sorted(keys)})
        return [_needs(row) for row in rows]


def _left_out() -> ColumnElement[bool]:
    """Queued steps under a staging budget that could stand in a lane, for all that their jobs say."""
    s, j = t.steps.c, t.jobs.c
    granting = select(j.job_key).where(j.job_key == s.job_key, j.state.in_(sorted(GRANTABLE[StepKind.ENCODE])))
    return and_(s.staging != "", s.state == StepState.QUEUED, granting.exists())


def _lane(row: Row[Any], account: Account) -> Lane:
    head = Place(job_sequence=row.job_sequence, rank=row.rank, clip_index=row.clip_index)
    return Lane(
        lane_id=row.lane, queue=row.queue, priority=-row.behind, needs=row.needs, tag=row.tag, head=head,
        account=account,
    )  # fmt: skip


def _place(place: Place) -> dict[str, int]:
    return {"job_sequence": place.job_sequence, "rank": place.rank, "clip_index": place.clip_index}


def _needs(row: Row[Any]) -> Needs:
    return Needs(
        engine=row.engine, roots=load_names(row.roots), planner_version=row.planner_version,
        resources=load_names(row.resources), staging=row.staging, codec=row.codec, avoid=load_names(row.avoid),
    )  # fmt: skip
