"""The queue of a database in memory: implements proxx_scheduler.app.lanes.LaneTable."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from proxx.core.audit.chain_rule import event_hash
from proxx.core.canonical import canonical_json
from proxx.core.jobs import ClipState, JobEvent
from proxx.core.plain import to_plain
from proxx_scheduler.app.actors import recorded
from proxx_scheduler.app.lanes import enter_lane
from proxx_scheduler.app.records import (
    EventAppended,
    QueuedStep,
    QueuedWork,
    ResourceHold,
)
from proxx_scheduler.domain.effects import EventDraft
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.ordering import Account, Lane, Place, Share, first_of, order_key
from proxx_scheduler.domain.records import StepState
from proxx_scheduler.domain.waiting import Ahead
from tests.simulation.memory_base import MemoryBase
from tests.simulation.memory_rows import (
    GRANTABLE,
    NO_HASH,
    StepRow,
    changed,
)


class MemoryLanes(MemoryBase):
    """The part of a transaction that orders what waits."""

    def _lane_of(self, step: StepRow) -> int | None:
        job = self._db.jobs[step.job_key].job
        if not self._lane_may_be(step):
            return None
        return enter_lane(self, queue=job.queue, priority=job.priority, needs=step.needs, place=step.place)

    def _line_up(self, job_key: str) -> None:
        queued = [step for step in self._steps(job_key) if step.state is StepState.QUEUED]
        for step in sorted(queued, key=lambda step: (step.kind, step.needs.key, step.place)):
            self._put(self._db.steps, step.step_id, changed(step, lane=self._lane_of(step)))

    def find_lane(self, *, queue: str, priority: int, needs: str) -> Lane | None:
        for lane in self._db.lanes.values():
            if (lane.queue, lane.priority, lane.needs) == (queue, priority, needs):
                return lane
        return None

    def add_lane(self, *, queue: str, priority: int, needs: Needs, tag: int, probe_tag: int | None, head: Place) -> int:
        self._db.needs[needs.key] = needs
        self._db.lane_count += 1
        if probe_tag is not None:
            self._insert(self._db.probe_tags, self._db.lane_count, probe_tag)
        number = self._db.lane_count
        lane = Lane(lane_id=number, queue=queue, priority=priority, needs=needs.key, tag=tag, head=head)
        self._insert(self._db.lanes, number, lane)
        return number

    def share(self, *, queue: str, priority: int, account: Account = Account.SLOTS) -> Share | None:
        return self._db.shares.get((queue, priority, account))

    def virtual_time(self, priority: int, account: Account = Account.SLOTS) -> int:
        mine = (priority, account)
        return max((share.start for (_, *known), share in self._db.shares.items() if (*known,) == mine), default=0)

    def waiting_needs(self) -> tuple[Needs, ...]:
        return tuple(self._db.needs[key] for key in sorted({lane.needs for lane in self._db.lanes.values()}))

    def first_lanes(
        self, *, needs: Collection[Needs], without: Collection[str], limit: int = 1, account: Account = Account.SLOTS
    ) -> tuple[Lane, ...]:
        if not self._db.lanes:
            return ()
        finishing = {item.key for item in needs if item.finishes}
        found: list[Lane] = []
        lanes = list(self._db.lanes.values())
        if account is Account.PROBES:
            tags = self._db.probe_tags
            lanes = [replace(lane, tag=tags[lane.lane_id], account=account) for lane in lanes if lane.lane_id in tags]
        for key in {item.key for item in needs}:
            free = [lane for lane in lanes if key in finishing or lane.queue not in without]
            found += sorted((lane for lane in free if lane.needs == key), key=order_key)[:limit]
        return tuple(found)

    def lane_steps(self, lane: Lane, *, limit: int) -> tuple[QueuedStep, ...]:
        steps = [step for step in self._db.steps.values() if step.lane == lane.lane_id]
        steps.sort(key=lambda step: step.place)
        return tuple(
            QueuedStep(
                step_id=step.step_id, job_key=step.job_key, clip_index=step.clip_index, last_clip=step.last_clip,
                kind=step.kind, engine=step.engine, roots=step.roots, epoch=step.epoch,
                planner_version=step.planner_version, cost=step.cost, place=step.place, staging=step.staging,
                expected_bytes=step.expected_bytes,
            )
            for step in steps[:limit]
        )  # fmt: skip

    def queued_work(
        self, job_key: str, *, first: int, last: int, limit: int | None = None
    ) -> tuple[QueuedWork, ...]:  # fmt: skip
        job = self._db.jobs[job_key].job
        steps = [
            step
            for step in self._steps(job_key)
            if (step.lane is not None or (step.staging and step.state is StepState.QUEUED and self._lane_may_be(step)))
            and step.clip_index <= last
            and step.last_clip >= first
        ]
        return tuple(
            QueuedWork(
                clip_index=step.clip_index, last_clip=step.last_clip, queue=job.queue, priority=job.priority,
                needs=step.needs, place=step.place, expected_bytes=step.expected_bytes,
            )
            for step in sorted(steps, key=lambda step: step.place)[:limit]
        )  # fmt: skip

    def ahead_of(self, work: QueuedWork, *, rivals: Collection[Needs], limit: int, account: Account) -> Ahead:
        keys = {item.key for item in rivals}
        lanes = {number: lane for number, lane in self._db.lanes.items() if lane.needs in keys}
        waiting = [(lanes[step.lane], step.place) for step in self._db.steps.values() if step.lane in lanes]
        higher = sum(lane.priority > work.priority for lane, _ in waiting)
        mine = (work.queue, work.priority)
        before = sum((lane.queue, lane.priority) == mine and place < work.place for lane, place in waiting)
        first = first_of(self.first_lanes(needs=rivals, without=(), account=account))
        next_queue = "" if first is None else first.queue
        return Ahead(higher=min(higher, limit), before=min(before, limit), next_queue=next_queue)

    def _lane_may_be(self, step: StepRow) -> bool:
        return self._db.jobs[step.job_key].job.state in GRANTABLE[step.kind]

    def leave_lane(self, step: QueuedStep) -> None:
        row = self._db.steps[step.step_id]
        self._put(self._db.steps, step.step_id, changed(row, lane=None))

    def line_up_left_out(self) -> None:
        left = {
            step.job_key
            for step in self._db.steps.values()
            if step.lane is None and step.staging and step.state is StepState.QUEUED and self._lane_may_be(step)
        }
        for job_key in sorted(left):
            self._line_up(job_key)

    def drop_lane(self, lane: Lane) -> None:
        self._remove(self._db.lanes, lane.lane_id)
        if lane.lane_id in self._db.probe_tags:
            self._remove(self._db.probe_tags, lane.lane_id)

    def move_lane(self, lane: Lane) -> None:
        stored = self._db.lanes[lane.lane_id]
        self._put(self._db.lanes, lane.lane_id, replace(stored, head=lane.head))

    def charge(self, lane: Lane, *, share: Share) -> None:
        self._put(self._db.shares, (lane.queue, lane.priority, lane.account), share)
        for other in list(self._db.lanes.values()):
            if (other.queue, other.priority) != (lane.queue, lane.priority):
                continue
            if lane.account is Account.SLOTS:
                self._put(self._db.lanes, other.lane_id, replace(other, tag=share.finish))
            elif other.lane_id in self._db.probe_tags:
                self._put(self._db.probe_tags, other.lane_id, share.finish)

    def forget_shares(self) -> None:
        for (queue, priority, account), share in list(self._db.shares.items()):
            if share.finish <= self.virtual_time(priority, account):
                self._remove(self._db.shares, (queue, priority, account))

    def held_in_queues(self, queues: Collection[str]) -> Mapping[str, int]:
        held: dict[str, int] = defaultdict(int)
        for step in self._db.steps.values():
            queue = self._db.jobs[step.job_key].job.queue
            if step.lease_id is not None and not step.needs.finishes and queue in queues:
                held[queue] += 1
        return held

    def staged_bytes(self, roots: Collection[str]) -> Mapping[str, int]:
        taken: dict[str, int] = defaultdict(int)
        for row in self._db.clips.values():
            if row.staging in roots and row.clip.state is ClipState.STAGED and row.prepared is not None:
                taken[row.staging] += row.prepared.size_bytes
        for step in self._db.steps.values():
            if step.staging in roots and step.lease_id is not None:
                taken[step.staging] += step.expected_bytes
        return taken

    def resource_holds(self) -> tuple[ResourceHold, ...]:
        return ()  # no site of the simulation has any

    def _append(self, job_key: str, drafts: Iterable[EventDraft], *, actor: str, now: datetime) -> None:
        row = self._db.jobs.get(job_key)  # none: the chain of executors
        count, head = self._db.executor_chain.get("", (0, NO_HASH))
        if row is not None:
            count, head = row.event_count, row.event_head
        newest = 0
        moment = now.isoformat(timespec="microseconds")
        for draft in drafts:
            count += 1
            data = canonical_json(to_plain(recorded(draft.data, actor=actor, identity=self.identity)))
            newest = len(self._db.events) + 1
            fields = {
                "sequence": newest, "job_key": job_key, "job_sequence": count, "clip_index": draft.clip_index,
                "event_time": moment, "actor": actor, "kind": draft.kind, "before": draft.before,
                "after": draft.after, "data_json": data,
            }  # fmt: skip
            own = event_hash(previous_hash=head, fields=fields)
            event = JobEvent(
                sequence=newest, job_sequence=count, job_key=job_key, clip_index=draft.clip_index, event_time=now,
                actor=actor, kind=draft.kind, before=draft.before, after=draft.after, data_json=data,
                previous_hash=head, hash=own,
            )  # fmt: skip
            self._insert(self._db.events, newest, event)
            self.effects.append(EventAppended(event=event))
            head = own
        if row is None:
            self._put(self._db.executor_chain, "", (count, head))
        elif newest:
            last = changed(row, event_count=count, event_head=head, last_sequence=newest)
            self._put(self._db.jobs, job_key, last)
