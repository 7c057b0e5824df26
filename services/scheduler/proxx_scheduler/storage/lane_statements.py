"""The statements of a grant, built once: to build them costs as much as to run them."""

from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, insert, select, union_all, update

from proxx_scheduler.storage import tables as t

_lane, _share, _step = t.lanes.c, t.shares.c, t.steps.c

LANE = (
    _lane.lane, _lane.queue, _lane.behind, _lane.needs, _lane.tag, _lane.job_sequence, _lane.rank, _lane.clip_index,
)  # fmt: skip
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
VIRTUAL_TIME = select(func.max(_share.start)).where(_share.behind == bindparam("b_behind"))
CHARGE = (
    update(t.shares)
    .where(_share.queue == bindparam("b_queue"), _share.behind == bindparam("b_behind"))
    .values(start=bindparam("b_start"), finish=bindparam("b_finish"))
)
FIRST_CHARGE = insert(t.shares).values(
    queue=bindparam("b_queue"), behind=bindparam("b_behind"), start=bindparam("b_start"), finish=bindparam("b_finish")
)
MOVE_QUEUE = (
    update(t.lanes)
    .where(_lane.queue == bindparam("b_queue"), _lane.behind == bindparam("b_behind"))
    .values(tag=bindparam("b_finish"))
)
MOVE_LANE = (
    update(t.lanes)
    .where(_lane.lane == bindparam("b_lane"))
    .values(
        job_sequence=bindparam("b_job_sequence"), rank=bindparam("b_rank"), clip_index=bindparam("b_clip_index")
    )
)  # fmt: skip
DROP_LANE = t.lanes.delete().where(_lane.lane == bindparam("b_lane"))


@lru_cache(maxsize=64)
def first_lanes(*, free: int, bounded: int) -> Any:
    """The first b_limit lanes of each of `free` needs (b_free_0 …), and of `bounded` ones (b_bounded_0 …) for which the
    queues `b_without` have no turn. One query, a seek in the index for each.
    """
    order = (_lane.behind, _lane.tag, _lane.job_sequence, _lane.rank, _lane.clip_index, _lane.queue)
    queries = [select(*LANE).where(_lane.needs == bindparam(f"b_free_{number}")) for number in range(free)]
    without = _lane.queue.not_in(bindparam("b_without", expanding=True))
    queries += [
        select(*LANE).where(_lane.needs == bindparam(f"b_bounded_{number}"), without) for number in range(bounded)
    ]
    return union_all(*(select(query.order_by(*order).limit(bindparam("b_limit")).subquery()) for query in queries))
