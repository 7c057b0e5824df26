"""Runs and revisions of a job: what an earlier run left, and which spec is in force."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, select, update

from proxx.core.canonical import canonical_json
from proxx.core.jobs import ClipState, SubmissionOptions
from proxx.core.spec_revision import SpecRevision
from proxx_scheduler.app.records import LeaseEnded, NewRevision
from proxx_scheduler.domain.probing import LOOKS
from proxx_scheduler.domain.records import ClipRange, StepState, StopReason
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import dump, load, load_object, time_text
from proxx_scheduler.storage.lane_rows import LaneRows
from proxx_scheduler.storage.view_rows import result_header

FRESH: Mapping[str, object] = {
    "state": ClipState.QUEUED, "stopping": StopReason.NONE, "skip_reason": StopReason.NONE, "provisional": False,
    "head_only": False, "hold": "", "requeues": 0, "adopted": False, "probed_json": None, "engine": None,
    "plan_json": None, "plan_digest": None, "planner_version": None, "failure_json": None,
    "prepared_json": None, "attempt_json": None, "replaces_json": None, "replaced_json": None, "executor": "",
    "start_time": None, "end_time": None, "staging": "", "expected_bytes": 0, "staged_bytes": 0,
    "render_codec": "",
}  # fmt: skip
"""A clip before it was probed. Its epoch stays: made again, it goes on counting."""


class RunRows(LaneRows):
    """The part of a transaction that stores runs and revisions."""

    def clip_ranges(self, job_key: str) -> tuple[ClipRange, ...]:
        c = t.clips.c
        rows = self.connection.execute(
            select(c.clip_index, c.state, c.skip_reason).where(c.job_key == job_key).order_by(c.clip_index)
        ).all()
        found = []
        for (state, reason), group in groupby(rows, key=lambda row: (row.state, row.skip_reason)):
            items = list(group)
            found.append(
                ClipRange(
                    first=items[0].clip_index,
                    last=items[-1].clip_index,
                    state=ClipState(state),
                    skip_reason=StopReason(reason),
                )
            )
        return tuple(found)

    def add_revision(self, job_key: str, *, revision: NewRevision, actor: str, now: datetime) -> None:
        r = t.spec_revisions.c
        newest = self.connection.execute(select(func.max(r.number)).where(r.job_key == job_key)).scalar()
        job = self.connection.execute(select(t.jobs).where(t.jobs.c.job_key == job_key)).one()
        if newest is None:
            newest = job.spec_revision
            self.connection.execute(
                insert(t.spec_revisions).values(
                    job_key=job_key, number=newest, in_force=True, received_text=job.received_text,
                    received_digest=job.received_digest, spec_json=job.spec_json, spec_digest=job.spec_digest,
                    options_json=job.options_json, outputs_json="[]", actor=job.submitter, create_time=job.submit_time,
                )
            )  # fmt: skip
        outputs = [[clip.output_path, clip.output.root, clip.output.path, clip.tokens] for clip in revision.clips]
        self.connection.execute(
            insert(t.spec_revisions).values(
                job_key=job_key, number=newest + 1, in_force=False, received_text=revision.received_text,
                received_digest=revision.received_digest, spec_json=canonical_json(revision.spec),
                spec_digest=revision.spec_digest, options_json=dump(revision.options),
                outputs_json=canonical_json(outputs), actor=actor, create_time=time_text(now),
            )
        )  # fmt: skip

    def spec_revisions(self, job_key: str) -> tuple[SpecRevision, ...]:
        r = t.spec_revisions.c
        rows = self.connection.execute(select(t.spec_revisions).where(r.job_key == job_key).order_by(r.number)).all()
        if not rows:
            rows = self.connection.execute(_submitted(job_key)).all()
        return tuple(
            SpecRevision(
                number=row.number,
                in_force=bool(row.in_force),
                spec=load_object(row.spec_json),
                spec_digest=row.spec_digest,
                received_digest=row.received_digest,
                options=load(SubmissionOptions, row.options_json) or SubmissionOptions(),
                actor=row.actor,
                create_time=datetime.fromisoformat(row.create_time),
            )
            for row in rows
        )

    def close_probes(self, job_key: str) -> None:
        s = t.steps.c
        live = and_(s.job_key == job_key, s.kind.in_(sorted(LOOKS)), s.state != StepState.DONE)
        for lease in self.connection.execute(select(s.lease_id).where(live)).scalars():
            if lease is not None:
                self.effects.append(LeaseEnded(lease_id=lease))
        self.connection.execute(update(t.steps).where(live).values(state=StepState.DONE, lease_id=None, lane=None))

    def _keep_run(self, job_key: str) -> dict[str, object]:
        """Keep the result of the run that ended, and let its failed and skipped clips begin again.

        Returns what changes of the job.
        """
        c = t.clips.c
        job = self.connection.execute(select(t.jobs).where(t.jobs.c.job_key == job_key)).one()
        self.connection.execute(
            insert(t.runs).values(job_key=job_key, run_number=job.run_number, result_json=dump(result_header(job)))
        )
        unmade = and_(c.job_key == job_key, c.state.in_([ClipState.FAILED, ClipState.SKIPPED]))
        names = [column.name for column in t.run_clips.columns if column.name != "run_number"]
        kept = select(*(c[name] for name in names), bindparam("run", job.run_number)).where(unmade)
        self.connection.execute(insert(t.run_clips).from_select([*names, "run_number"], kept))
        self.connection.execute(update(t.clips).where(unmade).values(**FRESH))
        return {"start_time": None, "end_time": None, "violations_json": "[]"}

    def _bring_into_force(self, job_key: str) -> dict[str, object]:
        """Give every clip the place that the newest revision has for it, afresh. Returns the job's changes."""
        self.close_probes(job_key)
        self.connection.execute(t.reservations.delete().where(t.reservations.c.job_key == job_key))
        r = t.spec_revisions.c
        row = self.connection.execute(
            select(t.spec_revisions).where(r.job_key == job_key).order_by(r.number.desc()).limit(1)
        ).one()
        self.connection.execute(
            update(t.spec_revisions).where(r.job_key == job_key, r.number == row.number).values(in_force=True)
        )
        self.connection.execute(update(t.clips).where(t.clips.c.job_key == job_key).values(**FRESH))
        outputs: list[Any] = load_object('{"outputs":' + row.outputs_json + "}")["outputs"]
        place = update(t.clips).where(t.clips.c.job_key == job_key, t.clips.c.clip_index == bindparam("b_index"))
        names = ("output_path", "output_root", "output_relative", "tokens_json")
        self.connection.execute(
            place.values({name: bindparam(f"b_{name}") for name in names}),
            [
                {
                    "b_index": index, "b_output_path": path, "b_output_root": root, "b_output_relative": relative,
                    "b_tokens_json": canonical_json(tokens),
                }
                for index, (path, root, relative, tokens) in enumerate(outputs)
            ],
        )  # fmt: skip
        options = load(SubmissionOptions, row.options_json) or SubmissionOptions()
        return {
            "received_text": row.received_text, "received_digest": row.received_digest, "spec_json": row.spec_json,
            "spec_digest": row.spec_digest, "options_json": dump(replace(options, hold=True)),
            "spec_revision": row.number, "priority": options.priority, "queue": options.queue,
            "failure_policy": options.failure_policy, "window": options.max_parallel_clips, "violations_json": "[]",
            "requeue_limit": options.requeues,
            "start_time": None, "named": False,
        }  # fmt: skip

    def _move_in_queue(self, job_key: str, *, priority: int, queue: str) -> str:
        """Return the options with a job's new place, which its waiting steps get from `_line_up`."""
        text = self.connection.execute(select(t.jobs.c.options_json).where(t.jobs.c.job_key == job_key)).scalar_one()
        options = load(SubmissionOptions, text) or SubmissionOptions()
        return dump(replace(options, priority=priority, queue=queue))


def _submitted(job_key: str) -> Any:
    """The query of a job that was never rebound, in the form of its one revision."""
    j = t.jobs.c
    return select(
        j.spec_revision.label("number"), bindparam("in_force", True).label("in_force"), j.spec_json, j.spec_digest,
        j.received_digest, j.options_json, j.submitter.label("actor"),
        j.submit_time.label("create_time"),
    ).where(j.job_key == job_key)  # fmt: skip
