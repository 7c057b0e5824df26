"""The statements of leases, built once: to build them costs as much as to run them. Each takes many rows at a time."""

from sqlalchemy import BindParameter, bindparam, func, insert, select, update

from proxx_scheduler.domain.probing import LOOKS
from proxx_scheduler.domain.records import StepState
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.many_rows import ManyRows

_step, _clip, _attempt = t.steps.c, t.clips.c, t.attempts.c
_one_step = update(t.steps).where(_step.step_id == bindparam("b_step"))
_one_attempt = update(t.attempts).where(_attempt.lease_id == bindparam("b_lease"))

LEASE_STEP = ManyRows(
    _one_step.values(
        state=StepState.LEASED, epoch=bindparam("b_epoch"), lease_id=bindparam("b_lease"),
        session_id=bindparam("b_session"), acquire_sequence=bindparam("b_acquire"), lane=None,
    )
)  # fmt: skip
FINISH_STEP = ManyRows(
    _one_step.where(_step.lease_id == bindparam("b_lease")).values(state=StepState.DONE, lease_id=None, session_id=None)
)
RUN_STEP = ManyRows(_one_step.values(state=StepState.RUNNING))

ADD_ATTEMPT = ManyRows(insert(t.attempts))
START_ATTEMPT = ManyRows(_one_attempt.values(start_time=bindparam("b_time"), outcome="STARTED"))
END_ATTEMPT = ManyRows(_one_attempt.values(end_time=bindparam("b_time"), outcome=bindparam("b_outcome")))
PREPARE_ATTEMPT = ManyRows(_one_attempt.values(answer=bindparam("b_answer"), sha256=bindparam("b_sha256")))


ENCODES = select(
    _clip.clip_index, _clip.plan_json, _clip.plan_digest, _clip.planner_version, _clip.replaces_json,
).where(_clip.job_key == bindparam("b_job"), _clip.clip_index.in_(bindparam("b_clips", expanding=True)))  # fmt: skip

OPEN_PROBES = (
    select(func.count())
    .select_from(t.steps)
    .where(_step.job_key == bindparam("b_job"), _step.kind.in_(sorted(LOOKS)), _step.state != StepState.DONE)
)

SESSION = select(t.sessions).where(t.sessions.c.session_id == bindparam("b_key"))
SESSION_OF = select(t.sessions).where(t.sessions.c.incarnation == bindparam("b_key"))
_session_fields = (
    "incarnation",
    "description_json",
    "acquire_sequence",
    "draining",
    "open",
    "last_seen_time",
    "identity",
)
_session_values: dict[str, BindParameter[object]] = {name: bindparam(f"b_{name}") for name in _session_fields}
SAVE_SESSION = update(t.sessions).where(t.sessions.c.session_id == bindparam("b_session")).values(_session_values)
ADD_SESSION = insert(t.sessions).values(session_id=bindparam("b_session"), **_session_values)

_drained, _record = t.drained_executors.c, t.executor_records.c
BARRED = (
    select(_drained.name)
    .where(_drained.name == bindparam("b_name"))
    .union_all(select(_record.name).where(_record.name == bindparam("b_name"), _record.fence_time.is_not(None)))
)
"""An executor that is drained or fenced."""
