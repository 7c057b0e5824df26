"""The statements of a grant, built once: to build them costs as much as to run them."""

from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, insert, select, union_all, update

from proxx_scheduler.domain.ordering import Account
from proxx_scheduler.domain.records import StepState
from proxx_scheduler.storage import tables as t

_lane, _share, _step = t.lanes.c, t.shares.c, t.steps.c

_PLACE = (_lane.job_sequence, _lane.rank, _lane.clip_index)
LANE = (_lane.lane, _lane.queue, _lane.behind, _lane.needs, _lane.tag, *_PLACE)
PROBE_LANE = (_lane.lane, _lane.queue, _lane.behind, _lane.needs, _lane.probe_tag.label("tag"), *_PLACE)
NEEDS = select(t.needs).order_by(t.needs.c.needs)
FIND_LANE = select(*LANE).where(
    _lane.queue == bindparam("b_queue"), _lane.behind == bindparam("b_behind"), _lane.needs == bindparam("b_needs")
)
LANE_STEPS = (
    select(
        _step.step_id, _step.job_key, _step.job_sequence, _step.rank, _step.clip_index, _step.last_clip, _step.kind,
        _step.engine, _step.roots, _step.epoch, _step.planner_version, _step.cost, _step.staging, _step.expected_bytes,
    )
    .where(_step.lane == bindparam("b_lane"))
    .order_by(_step.job_sequence, _step.rank, _step.clip_index)
    .limit(bindparam("b_limit"))
)  # fmt: skip
SHARE = select(t.shares).where(_share.queue == bindparam("b_queue"), _share.behind == bindparam("b_behind"))
KNOWN_NEEDS = select(t.needs.c.needs).where(t.needs.c.needs == bindparam("b_needs"))
NEEDS_OF = select(t.needs).where(t.needs.c.needs.in_(bindparam("b_keys", expanding=True)))
ADD_LANE = insert(t.lanes)

_waiting = (_step.job_key == bindparam("b_job"), _step.state == StepState.QUEUED)
WAITING_STEPS = (
    select(_step.kind, _step.needs, _step.job_sequence, _step.rank, _step.clip_index)
    .where(*_waiting)
    .order_by(_step.rank, _step.clip_index)
)
LINE_UP = (
    update(t.steps)
    .where(*_waiting, _step.kind == bindparam("b_kind"), _step.needs == bindparam("b_needs"))
    .values(lane=bindparam("b_lane"), queue=bindparam("b_queue"), priority=bindparam("b_priority"))
)
"""Both are of all queued steps of a job; where they are to be of some, a condition is added."""

_times: dict[str, Any] = {"start": bindparam("b_start"), "finish": bindparam("b_finish")}
_no_times: dict[str, Any] = {"start": 0, "finish": 0}
_probe_times: dict[str, Any] = {f"probe_{name}": value for name, value in _times.items()}
_class: dict[str, Any] = {"queue": bindparam("b_queue"), "behind": bindparam("b_behind")}
_charge = update(t.shares).where(_share.queue == bindparam("b_queue"), _share.behind == bindparam("b_behind"))
_move = update(t.lanes).where(_lane.queue == bindparam("b_queue"), _lane.behind == bindparam("b_behind"))
VIRTUAL_TIME = {
    Account.SLOTS: select(func.max(_share.start)).where(_share.behind == bindparam("b_behind")),
    Account.PROBES: select(func.max(_share.probe_start)).where(_share.behind == bindparam("b_behind")),
}
CHARGE = {Account.SLOTS: _charge.values(**_times), Account.PROBES: _charge.values(**_probe_times)}
FIRST_CHARGE = {
    Account.SLOTS: insert(t.shares).values(**_class, **_times),
    Account.PROBES: insert(t.shares).values(**_class, **_no_times, **_probe_times),
}
MOVE_QUEUE = {
    Account.SLOTS: _move.values(tag=bindparam("b_finish")),
    Account.PROBES: _move.where(_lane.probe_tag.is_not(None)).values(probe_tag=bindparam("b_finish")),
}
MOVE_LANE = (
    update(t.lanes)
    .where(_lane.lane == bindparam("b_lane"))
    .values(
        job_sequence=bindparam("b_job_sequence"), rank=bindparam("b_rank"), clip_index=bindparam("b_clip_index")
    )
)  # fmt: skip
DROP_LANE = t.lanes.delete().where(_lane.lane == bindparam("b_lane"))


@lru_cache(maxsize=64)
def first_lanes(*, free: int, bounded: int, account: Account) -> Any:
    """The first b_limit lanes of each of `free` needs (b_free_0 …), and of `bounded` ones (b_bounded_0 …) for which the
    queues `b_without` have no turn, as they stand in an account. One query, a seek in the index for each.
    """
    tag, found = _lane.tag, select(*LANE)
    if account is Account.PROBES:
        tag = _lane.probe_tag
        found = select(*PROBE_LANE).where(tag.is_not(None))
    order = (_lane.behind, tag, *_PLACE, _lane.queue)
    queries = [found.where(_lane.needs == bindparam(f"b_free_{number}")) for number in range(free)]
    without = _lane.queue.not_in(bindparam("b_without", expanding=True))
    queries += [found.where(_lane.needs == bindparam(f"b_bounded_{number}"), without) for number in range(bounded)]
    return union_all(*(select(query.order_by(*order).limit(bindparam("b_limit")).subquery()) for query in queries))
