"""Clips, reservations and the unchanging part of a job: what admission reads and what decisions leave behind."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, insert, select, update

from proxx.core.canonical import canonical_json
from proxx.core.facts import SourceIdentity
from proxx.core.failure import Failure
from proxx.core.jobs import ClipState, JobState, SubmissionOptions
from proxx.core.path_key import path_key
from proxx.core.plan import Plan
from proxx.core.roots import RootPath
from proxx.core.steps import (
    Execution,
    Measured,
    PrepareAnswer,
    PreparedOutput,
    ProbedSource,
    ReplacedFile,
)
from proxx.core.verdict import Verdict
from proxx.core.violation import Violation
from proxx_scheduler.app.records import AdmittedClip, JobDocument, LeaseRecord, StoredClip
from proxx_scheduler.domain.probing import LOOKS
from proxx_scheduler.domain.records import StepState
from proxx_scheduler.storage import step_statements as statements
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import IN_LIMIT, TxBase, dump, load, load_list, load_object, time_text
from proxx_scheduler.storage.many_rows import ManyRows
from proxx_scheduler.storage.plan_documents import plan_document

_job = t.jobs.c
DOCUMENT = select(
    _job.job_id, _job.spec_json, _job.options_json, _job.submit_time, _job.run_number, _job.spec_revision, _job.named
).where(_job.job_key == bindparam("b_job"))

VIOLATIONS = select(_job.violations_json).where(_job.job_key == bindparam("b_job"))
_clip, _reserved = t.clips.c, t.reservations.c
LAST_CLIP = 2**31 - 1
STORED_CLIPS = (
    select(t.clips)
    .where(
        _clip.job_key == bindparam("b_job"),
        _clip.clip_index >= bindparam("b_first"),
        _clip.clip_index <= bindparam("b_last"),
    )
    .order_by(_clip.clip_index)
)
RESERVED = select(_reserved.path_key, _reserved.job_key).where(
    _reserved.path_digest.in_(bindparam("b_digests", expanding=True))
)
RESERVE = ManyRows(insert(t.reservations))


class ClipRows(TxBase):
    """The part of a transaction that stores what is known of clips."""

    def document(self, job_key: str) -> JobDocument:
        row = self.connection.execute(DOCUMENT, {"b_job": job_key}).one()
        return JobDocument(
            job_key=job_key,
            job_id=row.job_id,
            spec=load_object(row.spec_json),
            options=load(SubmissionOptions, row.options_json) or SubmissionOptions(),
            submit_time=datetime.fromisoformat(row.submit_time),
            run_number=row.run_number,
            spec_revision=row.spec_revision,
            named=row.named,
        )

    def stored_clips(self, job_key: str, *, first: int = 0, last: int | None = None) -> tuple[StoredClip, ...]:
        wanted = {"b_job": job_key, "b_first": first, "b_last": LAST_CLIP if last is None else last}
        rows: Iterable[Any] = self.connection.execute(STORED_CLIPS, wanted)
        return tuple(
            StoredClip(
                clip_index=row.clip_index,
                source_path=row.source_path,
                source=RootPath(root=row.source_root, path=row.source_relative),
                output_path=row.output_path,
                output=RootPath(root=row.output_root, path=row.output_relative),
                probed=load(ProbedSource, row.probed_json),
                tokens=load_object(row.tokens_json),
                state=ClipState(row.state),
            )
            for row in rows
        )

    def set_probed(self, job_key: str, *, probed: Iterable[ProbedSource]) -> None:
        for item in probed:
            self._clip_later(job_key, item.clip_index, probed_json=dump(item))

    def set_admitted(self, job_key: str, *, clips: Iterable[AdmittedClip]) -> None:
        self._write_clips({(job_key, admitted.clip.clip_index): _admitted(admitted) for admitted in clips})

    def undecided_jobs(self) -> tuple[str, ...]:
        s = t.steps.c
        open_probe = exists().where(s.job_key == t.jobs.c.job_key, s.kind.in_(sorted(LOOKS)), s.state != StepState.DONE)
        query = select(t.jobs.c.job_key).where(
            t.jobs.c.state == JobState.PENDING, t.jobs.c.admitted.is_(False), ~open_probe
        )
        return tuple(self.connection.execute(query.order_by(t.jobs.c.sequence)).scalars())

    def set_violations(self, job_key: str, *, violations: tuple[Violation, ...]) -> None:
        self.connection.execute(
            update(t.jobs).where(t.jobs.c.job_key == job_key).values(violations_json=dump(violations))
        )

    def violations(self, job_key: str) -> tuple[Violation, ...]:
        return load_list(Violation, self.connection.execute(VIOLATIONS, {"b_job": job_key}).scalar_one())

    def set_prepared(self, lease: LeaseRecord, *, output: PreparedOutput, answer: PrepareAnswer) -> None:
        answered = {"b_lease": lease.lease_id, "b_answer": answer, "b_sha256": output.sha256}
        self._later(statements.PREPARE_ATTEMPT, lease.lease_id, answered)
        self._keep_output(lease, output)

    def set_delivered(self, lease: LeaseRecord, *, output: PreparedOutput) -> None:
        self._keep_output(lease, output)

    def _keep_output(self, lease: LeaseRecord, output: PreparedOutput) -> None:
        self._forget_leases(lease.job_key, (lease.clip_index,))
        kept = {"prepared_json": dump(output), "staged_bytes": output.size_bytes}
        self._clip_later(lease.job_key, lease.clip_index, **kept)

    def set_failed(
        self,
        lease: LeaseRecord,
        *,
        failure: Failure,
        execution: Execution | None,
        measured: Measured | None,
        verdict: Verdict | None,
    ) -> None:
        attempt = {"execution": execution, "measured": measured, "verdict": verdict}
        self._update_clip(lease.job_key, lease.clip_index, failure_json=dump(failure), attempt_json=dump(attempt))

    def set_adopted(self, job_key: str, *, clip_index: int) -> None:
        self._update_clip(job_key, clip_index, adopted=True)

    def set_replaced(self, job_key: str, *, clip_index: int, replaced: ReplacedFile | None) -> None:
        text = None if replaced is None else dump(replaced)
        self._clip_later(job_key, clip_index, replaced_json=text)

    def reserve(self, job_key: str, *, keys: Mapping[str, int]) -> dict[str, str]:
        taken = {key: holder for key, holder in self.reserved(keys=keys).items() if holder != job_key}
        if not taken and keys:
            rows = [
                {
                    "path_digest": _digest_of(key), "path_key": key, "job_key": job_key, "clip_index": index,
                    "directory": _directory_of(key),
                }
                for key, index in keys.items()
            ]  # fmt: skip
            RESERVE.run(self.connection, rows)
        return taken

    def reserved(self, *, keys: Iterable[str]) -> dict[str, str]:
        wanted = [_digest_of(key) for key in keys]
        found: dict[str, str] = {}
        for start in range(0, len(wanted), IN_LIMIT):
            chunk = {"b_digests": wanted[start : start + IN_LIMIT]}
            rows: Iterable[Any] = self.connection.execute(RESERVED, chunk)
            found |= {row.path_key: row.job_key for row in rows}
        return found

    def taken_outputs(self, *, job_key: str, directories: Iterable[RootPath], since: datetime) -> frozenset[str]:
        r, c = t.reservations.c, t.clips.c
        found: set[str] = set()
        roots = set()
        for directory in directories:
            roots.add(directory.root)
            below = _directory_of(path_key(directory.child("")))
            held = select(r.path_key).where(r.job_key != job_key, r.directory == below)
            found.update(self.connection.execute(held).scalars())
        # what was made since is on disk, but perhaps not yet where this job's sources were probed
        j = t.jobs.c
        ended = select(j.job_key).where(j.end_time >= time_text(since), j.job_key != job_key)
        jobs = self.connection.execute(ended).scalars().all()  # asked first: a join would go through every clip
        made = select(c.output_root, c.output_relative).where(c.state == ClipState.COMPLETED, c.output_root.in_(roots))
        for start in range(0, len(jobs), IN_LIMIT):
            rows = self.connection.execute(made.where(c.job_key.in_(jobs[start : start + IN_LIMIT])))
            found.update(path_key(RootPath(root=row.output_root, path=row.output_relative)) for row in rows)
        return frozenset(found)

    def _update_clip(self, job_key: str, clip_index: int, **values: object) -> None:
        self.connection.execute(
            update(t.clips).where(t.clips.c.job_key == job_key, t.clips.c.clip_index == clip_index).values(values)
        )


def _digest_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _directory_of(key: str) -> str:
    """Return the digest of the directory in which an output with this key lies (migration 0011 has the same)."""
    above, slash, _ = key.rpartition("/")
    return _digest_of(above if slash else key.partition(":")[0] + ":")


def _admitted(admitted: AdmittedClip) -> dict[str, object]:
    clip, plan = admitted.clip, admitted.plan
    identity = None if clip.probed is None else clip.probed.identity
    plan_document(admitted.document).know(plan=plan, inputs=admitted.inputs, identity=identity)
    return {
        "engine": plan.engine,
        "plan_json": admitted.document,
        "plan_digest": plan.digest,
        "planner_version": plan.planner_version,
        "output_path": clip.output_path,
        "output_relative": clip.output.path,
        "tokens_json": canonical_json(clip.tokens),
        "cost": max(1, plan.threads),
        "resources_json": canonical_json(list(admitted.resources)),
        "replaces_json": None if clip.replaces is None else dump(clip.replaces),
        "staging": admitted.staging,
        "expected_bytes": admitted.expected_bytes,
        "render_codec": "" if plan.render is None else plan.render.pair,
    }


def plan_of(text: str | None) -> Plan | None:
    """Return the plan in a clip's plan document."""
    return None if text is None else plan_document(text).plan


def identity_of(text: str | None) -> SourceIdentity | None:
    """Return the source identity in a clip's plan document."""
    return None if text is None else plan_document(text).identity
