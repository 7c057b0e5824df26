"""Clips, reservations and the unchanging part of a job: what admission reads and what decisions leave behind."""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, insert, select, update

from proxx.core.canonical import canonical_json
from proxx.core.facts import SourceIdentity
from proxx.core.failure import Failure
from proxx.core.jobs import JobState, SubmissionOptions
from proxx.core.plan import Plan
from proxx.core.roots import RootPath
from proxx.core.steps import Execution, Measured, PrepareAnswer, PreparedOutput, ProbedSource, StepKind
from proxx.core.verdict import Verdict
from proxx.core.violation import Violation
from proxx_scheduler.app.records import AdmittedClip, JobDocument, LeaseRecord, StoredClip
from proxx_scheduler.domain.records import StepState
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import TxBase, dump, load, load_list, load_object


class ClipRows(TxBase):
    """The part of a transaction that stores what is known of clips."""

    def document(self, job_key: str) -> JobDocument:
        row = self.connection.execute(
            select(t.jobs.c.job_id, t.jobs.c.spec_json, t.jobs.c.options_json).where(t.jobs.c.job_key == job_key)
        ).one()
        options = load(SubmissionOptions, row.options_json) or SubmissionOptions()
        return JobDocument(job_key=job_key, job_id=row.job_id, spec=load_object(row.spec_json), options=options)

    def stored_clips(self, job_key: str, *, first: int = 0, last: int | None = None) -> tuple[StoredClip, ...]:
        c = t.clips.c
        query = select(t.clips).where(c.job_key == job_key, c.clip_index >= first).order_by(c.clip_index)
        if last is not None:
            query = query.where(c.clip_index <= last)
        return tuple(
            StoredClip(
                clip_index=row.clip_index,
                source_path=row.source_path,
                source=RootPath(root=row.source_root, path=row.source_relative),
                output_path=row.output_path,
                output=RootPath(root=row.output_root, path=row.output_relative),
                probed=load(ProbedSource, row.probed_json),
            )
            for row in self.connection.execute(query)
        )

    def set_probed(self, job_key: str, *, probed: Iterable[ProbedSource]) -> None:
        for item in probed:
            self._update_clip(job_key, item.clip_index, probed_json=dump(item))

    def set_admitted(self, job_key: str, *, clips: Iterable[AdmittedClip]) -> None:
        c = t.clips.c
        rows = [
            {
                "b_index": clip.clip_index,
                "engine": clip.plan.engine,
                "plan_json": clip.document,
                "plan_digest": clip.plan.digest,
                "planner_version": clip.plan.planner_version,
            }
            for clip in clips
        ]
        if rows:
            statement = update(t.clips).where(c.job_key == job_key, c.clip_index == bindparam("b_index"))
            names = ("engine", "plan_json", "plan_digest", "planner_version")
            self.connection.execute(statement.values({name: bindparam(name) for name in names}), rows)

    def undecided_jobs(self) -> tuple[str, ...]:
        open_probe = select(t.steps.c.job_key).where(
            t.steps.c.kind == StepKind.PROBE, t.steps.c.state != StepState.DONE
        )
        query = select(t.jobs.c.job_key).where(
            t.jobs.c.state == JobState.PENDING, t.jobs.c.admitted.is_(False), t.jobs.c.job_key.not_in(open_probe)
        )
        return tuple(self.connection.execute(query.order_by(t.jobs.c.sequence)).scalars())

    def set_violations(self, job_key: str, *, violations: tuple[Violation, ...]) -> None:
        self.connection.execute(
            update(t.jobs).where(t.jobs.c.job_key == job_key).values(violations_json=dump(violations))
        )

    def violations(self, job_key: str) -> tuple[Violation, ...]:
        text = self.connection.execute(select(t.jobs.c.violations_json).where(t.jobs.c.job_key == job_key)).scalar_one()
        return load_list(Violation, text)

    def set_prepared(self, lease: LeaseRecord, *, output: PreparedOutput, answer: PrepareAnswer) -> None:
        self.connection.execute(
            update(t.attempts)
            .where(t.attempts.c.lease_id == lease.lease_id)
            .values(answer=answer, sha256=output.sha256)
        )
        self._update_clip(lease.job_key, lease.clip_index, prepared_json=dump(output))

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

    def reserve(self, job_key: str, *, keys: Mapping[str, int]) -> dict[str, str]:
        taken = {key: holder for key, holder in self.reserved(keys=keys).items() if holder != job_key}
        if not taken and keys:
            self.connection.execute(
                insert(t.reservations),
                [{"path_key": key, "job_key": job_key, "clip_index": index} for key, index in keys.items()],
            )
        return taken

    def reserved(self, *, keys: Iterable[str]) -> dict[str, str]:
        wanted = list(keys)
        found: dict[str, str] = {}
        for start in range(0, len(wanted), 500):  # SQLite bounds the number of parameters of a statement
            rows = self.connection.execute(
                select(t.reservations.c.path_key, t.reservations.c.job_key).where(
                    t.reservations.c.path_key.in_(wanted[start : start + 500])
                )
            )
            found |= {row.path_key: row.job_key for row in rows}
        return found

    def _update_clip(self, job_key: str, clip_index: int, **values: object) -> None:
        self.connection.execute(
            update(t.clips).where(t.clips.c.job_key == job_key, t.clips.c.clip_index == clip_index).values(values)
        )


def plan_of(text: str | None) -> Plan | None:
    """Return the plan in a clip's plan document."""
    return None if text is None else load(Plan, canonical_json(load_object(text)["plan"]))


def identity_of(text: str | None) -> SourceIdentity | None:
    """Return the source identity in a clip's plan document."""
    return None if text is None else load(SourceIdentity, canonical_json(load_object(text)["identity"]))
