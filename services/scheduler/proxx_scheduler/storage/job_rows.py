"""Requests and new jobs: what is stored at submission."""

from sqlalchemy import bindparam, insert, select

from proxx.core.audit.chain_rule import NO_HASH
from proxx.core.canonical import canonical_json, plain_json
from proxx.core.jobs import ClipState, JobState
from proxx.core.steps import (
    StepKind,
)
from proxx_scheduler.app.records import (
    NewJob,
    WorkQueued,
)
from proxx_scheduler.domain.effects import (
    EventDraft,
)
from proxx_scheduler.domain.records import CancelMode
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import dump, time_text
from proxx_scheduler.storage.board_rows import BoardRows
from proxx_scheduler.storage.command_rows import NewStep, probe_needs

REQUEST = select(t.requests.c.body_digest, t.requests.c.job_key).where(
    t.requests.c.request_id == bindparam("b_request")
)
ADD_REQUEST, ADD_JOB, ADD_CLIPS = insert(t.requests), insert(t.jobs), insert(t.clips)


class JobRows(BoardRows):
    """The part of a transaction that stores new jobs."""

    def request(self, request_id: str) -> tuple[str, str] | None:
        row = self.connection.execute(REQUEST, {"b_request": request_id}).first()
        return None if row is None else (row.body_digest, row.job_key)

    def add_request(self, *, request_id: str, body_digest: str, job_key: str) -> None:
        values = {"request_id": request_id, "body_digest": body_digest, "job_key": job_key}
        self.connection.execute(ADD_REQUEST, values)

    def add_job(self, job: NewJob, *, step_ids: tuple[str, ...]) -> None:
        options = job.options
        values = {
            "job_key": job.job_key, "job_id": job.job_id, "state": JobState.PENDING, "reason": "", "revision": 1,
            "run_number": 1, "priority": options.priority, "queue": options.queue,
            "failure_policy": options.failure_policy, "window": options.max_parallel_clips,
            "requeue_limit": options.requeues, "hold": options.hold, "admitted": False, "clip_count": len(job.clips),
            "head": 0, "next_clip": 0, "completed": 0, "failed": 0, "skipped": 0, "has_warnings": False,
            "cancel": CancelMode.NONE, "received_text": job.received_text, "received_digest": job.received_digest,
            "spec_json": canonical_json(job.spec), "spec_digest": job.spec_digest, "options_json": dump(options),
            "violations_json": "[]", "submit_time": time_text(job.submit_time), "event_count": 0,
            "event_head": NO_HASH, "last_sequence": 0, "submitter": job.actor,
            "owner": job.owner,
        }  # fmt: skip
        result = self.connection.execute(ADD_JOB, values)
        sequence = int((result.inserted_primary_key or (0,))[0])
        self.connection.execute(
            ADD_CLIPS,
            [
                {
                    "job_key": job.job_key, "clip_index": clip.clip_index, "state": ClipState.QUEUED,
                    "source_path": clip.source_path, "source_root": clip.source.root,
                    "source_relative": clip.source.path, "output_path": clip.output_path,
                    "output_root": clip.output.root, "output_relative": clip.output.path,
                    "tokens_json": plain_json(dict(clip.tokens)),
                }
                for clip in job.clips
            ],
        )  # fmt: skip
        steps = []
        for step_id, probe in zip(step_ids, job.probes, strict=True):
            roots = {clip.source.root for clip in job.clips[probe.first : probe.last + 1]}
            roots |= {clip.output.root for clip in job.clips[probe.first : probe.last + 1]}
            needs = probe_needs(roots)
            steps.append(NewStep(step_id=step_id, first=probe.first, last=probe.last, kind=StepKind.PROBE, needs=needs))
        self._insert_steps(
            steps, job_key=job.job_key, job_sequence=sequence, state=JobState.PENDING, queue=options.queue,
            priority=options.priority,
        )  # fmt: skip
        self.effects.append(WorkQueued())
        facts = {
            "request_id": job.request_id,
            "spec_digest": job.spec_digest,
            "received_digest": job.received_digest,
            "clips": len(job.clips),
        }
        draft = EventDraft(kind="job.submit", clip_index=None, before="", after=JobState.PENDING, data=facts)
        self._append(job.job_key, (draft,), actor=job.actor, now=job.submit_time, count=0, head=NO_HASH)
