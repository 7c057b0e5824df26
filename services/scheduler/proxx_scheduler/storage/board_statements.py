"""The statements of a decision, built once: to build them costs as much as to run them."""

from sqlalchemy import and_, bindparam, func, or_, select, update

from proxx.core.jobs import ClipState
from proxx_scheduler.domain.probing import LOOKS
from proxx_scheduler.domain.records import StepState
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.many_rows import ManyRows

_job, _clip, _step = t.jobs.c, t.clips.c, t.steps.c
_FINISHED = (ClipState.COMPLETED, ClipState.SKIPPED, ClipState.FAILED)
_LIVE = and_(_step.kind.not_in(sorted(LOOKS)), _step.state != StepState.DONE)
_THESE = and_(
    _step.job_key == bindparam("b_job"), _step.clip_index.in_(bindparam("b_clips", expanding=True))
)  # fmt: skip

CORE = select(
    _job.job_id, _job.state, _job.reason, _job.revision, _job.failure_policy, _job.window, _job.hold, _job.admitted,
    _job.clip_count, _job.head, _job.next_clip, _job.completed, _job.failed, _job.skipped, _job.has_warnings,
    _job.cancel, _job.sequence, _job.priority, _job.start_time, _job.event_count, _job.event_head, _job.run_number,
    _job.queue, _job.rebinding, _job.requeue_limit,
).where(_job.job_key == bindparam("b_job"))  # fmt: skip

OPEN_CLIPS = (
    select(
        _clip.clip_index, _clip.state, _clip.stopping, _clip.skip_reason, _clip.provisional, _clip.head_only,
        _clip.hold, _clip.requeues, _step.kind, _step.state.label("step_state"), _step.staging,
    )
    .select_from(
        t.clips.outerjoin(t.steps, and_(_step.job_key == _clip.job_key, _step.clip_index == _clip.clip_index, _LIVE))
    )
    .where(
        _clip.job_key == bindparam("b_job"),
        _clip.clip_index >= bindparam("b_head"),
        _clip.clip_index < bindparam("b_next"),
        or_(_clip.state.not_in(_FINISHED), and_(_clip.state == ClipState.FAILED, _clip.provisional)),
    )
)  # fmt: skip

JOB_FIELDS = (
    "state", "reason", "revision", "hold", "admitted", "head", "next_clip", "completed", "failed", "skipped",
    "has_warnings", "cancel", "run_number", "rebinding", "priority", "queue",
)  # fmt: skip
_save_job = (
    update(t.jobs)
    .where(_job.job_key == bindparam("b_job"))
    .values({name: bindparam(f"b_{name}") for name in JOB_FIELDS})
)
SAVE_JOB = ManyRows(_save_job)
SAVE_JOB_AND_CHAIN = ManyRows(
    _save_job.values(
        event_count=bindparam("b_count"), event_head=bindparam("b_event_head"), last_sequence=bindparam("b_newest")
    )
)
FREE_OUTPUTS = t.reservations.delete().where(t.reservations.c.job_key == bindparam("b_job"))

CLIP_FIELDS = ("state", "stopping", "skip_reason", "provisional", "head_only", "hold", "requeues")

LIVE_STEPS = select(_step.step_id, _step.clip_index, _step.lease_id).where(_THESE, _LIVE)
"""At most one for each clip."""

END_STEPS = ManyRows(
    update(t.steps)
    .where(_step.step_id == bindparam("b_step"))
    .values(state=bindparam("b_state"), lease_id=None, session_id=None, lane=None)
)
NEEDS = (
    _clip.source_root, _clip.output_root, _clip.engine, _clip.planner_version, _clip.cost, _clip.resources_json,
    _clip.staging, _clip.expected_bytes, _clip.render_codec,
)  # fmt: skip
"""What of a clip tells what an ENCODE step asks for."""

CLIP_NEEDS = select(_clip.clip_index, *NEEDS).where(
    _clip.job_key == bindparam("b_job"), _clip.clip_index.in_(bindparam("b_clips", expanding=True))
)

LAST_EPOCHS = (
    select(_step.clip_index, _step.kind, func.max(_step.epoch).label("epoch"))
    .where(_THESE)
    .group_by(_step.clip_index, _step.kind)
)
