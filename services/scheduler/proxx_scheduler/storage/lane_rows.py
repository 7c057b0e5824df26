"""Lanes: which steps wait where, and what each queue has had of its priority class."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Row, func, insert, select, union_all, update

from proxx.core.canonical import canonical_json
from proxx.core.jobs import JobState
from proxx.core.steps import StepKind
from proxx_scheduler.app.lanes import enter_lane
from proxx_scheduler.app.records import QueuedStep, ResourceHold
from proxx_scheduler.domain.needs import ANY_ENGINE, Needs
from proxx_scheduler.domain.ordering import Lane, Place, Share
from proxx_scheduler.domain.records import StepState
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import TxBase, load_names

GRANTABLE: Mapping[StepKind, frozenset[JobState]] = {
    StepKind.SWEEP: frozenset(JobState),
    StepKind.PROBE: frozenset({JobState.PENDING}),
    StepKind.PUBLISH: frozenset({JobState.RUNNING, JobState.CANCELLING}),
    StepKind.ENCODE: frozenset({JobState.RUNNING}),
}
"""In which states of its job a queued step may be granted. In others it stands in no lane."""

LANE = (
    t.lanes.c.lane, t.lanes.c.queue, t.lanes.c.behind, t.lanes.c.needs, t.lanes.c.tag, t.lanes.c.job_sequence,
    t.lanes.c.rank, t.lanes.c.clip_index,
)  # fmt: skip


class LaneRows(TxBase):
    """The part of a transaction that stores lanes. It implements proxx_scheduler.app.lanes.LaneTable."""

    # --- what a grant looks at ------------------------------------------------------------------------------------

    def waiting_needs(self) -> tuple[Needs, ...]:
        return tuple(_needs(row) for row in self.connection.execute(select(t.needs).order_by(t.needs.c.needs)))

    def first_lanes(self, *, needs: Collection[Needs], without: Collection[str]) -> tuple[Lane, ...]:
        found = t.lanes.c
        firsts = []
        for item in sorted(needs, key=lambda item: item.key):
            query = select(*LANE).where(found.needs == item.key)
            if without and not item.finishes:
                query = query.where(found.queue.not_in(sorted(without)))
            order = (found.behind, found.tag, found.job_sequence, found.rank, found.clip_index, found.queue)
            firsts.append(select(query.order_by(*order).limit(1).subquery()))
        if not firsts:
            return ()
        return tuple(_lane(row) for row in self.connection.execute(union_all(*firsts)))

    def lane_steps(self, lane: Lane, *, limit: int) -> tuple[QueuedStep, ...]:
        s = t.steps.c
        query = select(
            s.step_id, s.job_key, s.job_sequence, s.rank, s.clip_index, s.last_clip, s.kind, s.engine, s.roots,
            s.epoch, s.planner_version, s.cost,
        )  # fmt: skip
        rows = self.connection.execute(
            query.where(s.lane == lane.lane_id).order_by(s.job_sequence, s.rank, s.clip_index).limit(limit)
        )
        return tuple(
            QueuedStep(
                step_id=row.step_id, job_key=row.job_key, clip_index=row.clip_index, last_clip=row.last_clip,
                kind=StepKind(row.kind), engine=row.engine, roots=load_names(row.roots), epoch=row.epoch,
                planner_version=row.planner_version, cost=row.cost,
                place=Place(job_sequence=row.job_sequence, rank=row.rank, clip_index=row.clip_index),
            )
            for row in rows
        )  # fmt: skip

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

    # --- what a grant leaves behind -------------------------------------------------------------------------------

    def charge(self, lane: Lane, *, share: Share) -> None:
        mine = (t.shares.c.queue == lane.queue, t.shares.c.behind == -lane.priority)
        values = {"start": share.start, "finish": share.finish}
        if self.connection.execute(update(t.shares).where(*mine).values(values)).rowcount == 0:
            self.connection.execute(insert(t.shares).values(queue=lane.queue, behind=-lane.priority, **values))
        queue = (t.lanes.c.queue == lane.queue, t.lanes.c.behind == -lane.priority)
        self.connection.execute(update(t.lanes).where(*queue).values(tag=share.finish))

    def drop_lane(self, lane: Lane) -> None:
        self.connection.execute(t.lanes.delete().where(t.lanes.c.lane == lane.lane_id))

    def move_lane(self, lane: Lane) -> None:
        self.connection.execute(update(t.lanes).where(t.lanes.c.lane == lane.lane_id).values(_place(lane.head)))

    # --- how steps come to wait -----------------------------------------------------------------------------------

    def find_lane(self, *, queue: str, priority: int, needs: str) -> Lane | None:
        found = t.lanes.c
        query = select(*LANE).where(found.queue == queue, found.behind == -priority, found.needs == needs)
        row: Any = self.connection.execute(query).first()
        return None if row is None else _lane(row)

    def add_lane(self, *, queue: str, priority: int, needs: Needs, tag: int, head: Place) -> int:
        self._keep_needs(needs)
        result = self.connection.execute(
            insert(t.lanes).values(queue=queue, behind=-priority, needs=needs.key, tag=tag, **_place(head))
        )
        return int((result.inserted_primary_key or (0,))[0])

    def _keep_needs(self, needs: Needs) -> None:
        known = self.connection.execute(select(t.needs.c.needs).where(t.needs.c.needs == needs.key)).first()
        if known is None:
            self.connection.execute(
                insert(t.needs).values(
                    needs=needs.key, engine=needs.engine, roots=canonical_json(list(needs.roots)),
                    planner_version=needs.planner_version, resources=canonical_json(list(needs.resources)),
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

    def share(self, *, queue: str, priority: int) -> Share | None:
        h = t.shares.c
        row = self.connection.execute(select(h.start, h.finish).where(h.queue == queue, h.behind == -priority)).first()
        return None if row is None else Share(start=row.start, finish=row.finish)

    def virtual_time(self, priority: int) -> int:
        h = t.shares.c
        return int(self.connection.execute(select(func.max(h.start)).where(h.behind == -priority)).scalar() or 0)

    def forget_shares(self) -> None:
        """Forget what counts for nothing any more: shares of queues that would come back at the virtual time."""
        newest = t.shares.alias()
        now = select(func.max(newest.c.start)).where(newest.c.behind == t.shares.c.behind).scalar_subquery()
        self.connection.execute(t.shares.delete().where(t.shares.c.finish <= now))

    def _line_up(self, job_key: str, *, state: JobState, queue: str, priority: int) -> None:
        """Put every queued step of a job into the lane where it waits now, or into none."""
        s = t.steps.c
        mine = (s.job_key == job_key, s.state == StepState.QUEUED)
        rows = self.connection.execute(
            select(s.kind, s.needs, s.job_sequence, s.rank, s.clip_index).where(*mine).order_by(s.rank, s.clip_index)
        ).all()
        first = {(row.kind, row.needs): row for row in reversed(rows)}
        known = {item.key: item for item in self._needs_of({row.needs for row in rows})}
        for (kind, needs), row in sorted(first.items()):
            lane = None
            if state in GRANTABLE[StepKind(kind)]:
                place = Place(job_sequence=row.job_sequence, rank=row.rank, clip_index=row.clip_index)
                lane = enter_lane(self, queue=queue, priority=priority, needs=known[needs], place=place)
            same = (*mine, s.kind == kind, s.needs == needs)
            self.connection.execute(update(t.steps).where(*same).values(lane=lane, queue=queue, priority=priority))

    def _needs_of(self, keys: Collection[str]) -> Iterable[Needs]:
        rows = self.connection.execute(select(t.needs).where(t.needs.c.needs.in_(sorted(keys))))
        return [_needs(row) for row in rows]


def _lane(row: Row[Any]) -> Lane:
    head = Place(job_sequence=row.job_sequence, rank=row.rank, clip_index=row.clip_index)
    return Lane(
        lane_id=row.lane, queue=row.queue, priority=-row.behind, needs=row.needs, tag=row.tag, head=head
    )  # fmt: skip


def _place(place: Place) -> dict[str, int]:
    return {"job_sequence": place.job_sequence, "rank": place.rank, "clip_index": place.clip_index}


def _needs(row: Row[Any]) -> Needs:
    return Needs(
        engine=row.engine, roots=load_names(row.roots), planner_version=row.planner_version,
        resources=load_names(row.resources),
    )  # fmt: skip
