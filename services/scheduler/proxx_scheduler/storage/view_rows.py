"""Jobs, clips, results, events and executors as clients see them. Reads only."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from proxx.core.detection import Engine
from proxx.core.failure import Failure
from proxx.core.jobs import (
    RESULT_SCHEMA_VERSION,
    ClipCounts,
    ClipResult,
    ClipState,
    ClipView,
    ExecutorView,
    JobEvent,
    JobResult,
    JobState,
    JobView,
    SubmissionOptions,
)
from proxx.core.leases import ExecutorDescription
from proxx.core.plain import from_plain
from proxx.core.roots import RootPath
from proxx.core.steps import Execution, Measured, PreparedOutput, ProbedSource, ReplacedFile
from proxx.core.verdict import CheckLevel, Verdict
from proxx.core.violation import Violation
from proxx_scheduler.app.records import Page
from proxx_scheduler.domain.records import StepState
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import TxBase, load, load_list, load_object, time_value
from proxx_scheduler.storage.clip_rows import identity_of, plan_of

PAGE_CHARACTERS = 3 * 1024 * 1024
"""Most characters of specs and violations on one page of jobs: 12 MiB at worst, below the limit of a message."""


JOB = select(t.jobs).where(t.jobs.c.job_key == bindparam("b_job"))


class ViewRows(TxBase):
    """The part of a transaction that answers clients."""

    def job_view(self, job_key: str) -> JobView | None:
        row = self.connection.execute(JOB, {"b_job": job_key}).first()
        return None if row is None else _job(row)

    def job_page(
        self, *, after: int | None, size: int, states: tuple[JobState, ...], job_id: str
    ) -> tuple[tuple[JobView, ...], int | None]:
        j = t.jobs.c
        query = select(j.sequence, func.length(j.spec_json) + func.length(j.violations_json))
        query = query.order_by(j.sequence.desc()).limit(size + 1)
        if after is not None:
            query = query.where(j.sequence < after)
        if states:
            query = query.where(j.state.in_(states))
        if job_id:
            query = query.where(j.job_id == job_id)
        found = self.connection.execute(query).all()
        kept = _within_budget([length for _, length in found[:size]])
        wanted = [sequence for sequence, _ in found[:kept]]
        rows = self.connection.execute(select(t.jobs).where(j.sequence.in_(wanted)).order_by(j.sequence.desc()))
        return tuple(_job(row) for row in rows), wanted[-1] if len(found) > kept else None

    def clip_page(self, job_key: str, *, after: int, size: int) -> tuple[tuple[ClipView, ...], int | None]:
        c = t.clips.c
        rows = self.connection.execute(
            select(t.clips).where(c.job_key == job_key, c.clip_index > after).order_by(c.clip_index).limit(size + 1)
        ).all()
        more = rows[size - 1].clip_index if len(rows) > size else None
        return tuple(_clip(row) for row in rows[:size]), more

    def job_result(
        self, job_key: str, *, after: int, size: int, run_number: int = 0
    ) -> tuple[JobResult, int | None] | None:
        row = self.connection.execute(select(t.jobs).where(t.jobs.c.job_key == job_key)).first()
        if row is None:
            return None
        header = result_header(row)
        kept: dict[int, Row[Any]] = {}
        c = t.clips.c
        clips = self.connection.execute(
            select(t.clips).where(c.job_key == job_key, c.clip_index > after).order_by(c.clip_index).limit(size + 1)
        ).all()
        more = clips[size - 1].clip_index if len(clips) > size else None
        if run_number not in (0, row.run_number):
            r = t.runs.c
            text = select(r.result_json).where(r.job_key == job_key, r.run_number == run_number)
            stored = load(JobResult, self.connection.execute(text).scalar())
            if stored is None:
                return None
            header = stored
            kept = self._kept_clips(job_key, run_number=run_number, after=after, size=size)
        profile = str(header.spec.get("proxy_profile", ""))
        made = tuple(_clip_result(_as_it_was(clip, kept), profile=profile) for clip in clips[:size])
        return replace(header, clips=made), more

    def _kept_clips(self, job_key: str, *, run_number: int, after: int, size: int) -> dict[int, Row[Any]]:
        """Return what an earlier run left unmade, by index; a page of clips holds at most `size` of them."""
        c = t.run_clips.c
        query = select(t.run_clips).where(c.job_key == job_key, c.run_number == run_number, c.clip_index > after)
        rows = self.connection.execute(query.order_by(c.clip_index).limit(size)).all()
        return {row.clip_index: row for row in rows}

    def unfinished_jobs(self) -> Page:
        live = [state for state in JobState if not state.terminal]
        rows = self.connection.execute(
            select(t.jobs.c.job_key).where(t.jobs.c.state.in_(live)).order_by(t.jobs.c.sequence)
        )
        return Page(keys=tuple(rows.scalars()), next_after=None)

    def events_after(self, *, sequence: int, job_keys: tuple[str, ...], limit: int) -> tuple[JobEvent, ...]:
        query = select(t.events).where(t.events.c.sequence > sequence).order_by(t.events.c.sequence).limit(limit)
        if job_keys:
            query = query.where(t.events.c.job_key.in_(job_keys))
        return tuple(
            JobEvent(
                sequence=row.sequence, job_sequence=row.job_sequence, job_key=row.job_key, clip_index=row.clip_index,
                event_time=datetime.fromisoformat(row.event_time), actor=row.actor, kind=row.kind, before=row.before,
                after=row.after, data_json=row.data_json, previous_hash=row.previous_hash, hash=row.hash,
            )
            for row in self.connection.execute(query)
        )  # fmt: skip

    def newest_sequence(self) -> int:
        return int(self.connection.execute(select(func.max(t.events.c.sequence))).scalar() or 0)

    def executors(self) -> tuple[ExecutorView, ...]:
        held: dict[str, int] = dict(
            self.connection.execute(
                select(t.steps.c.session_id, func.count())
                .where(t.steps.c.lease_id.is_not(None), t.steps.c.state.in_([StepState.LEASED, StepState.RUNNING]))
                .group_by(t.steps.c.session_id)
            ).all()
        )
        rows = self.connection.execute(select(t.sessions).where(t.sessions.c.open)).all()
        drained = {row.name: row for row in self.connection.execute(select(t.drained_executors))}
        fenced = {
            row.name: row
            for row in self.connection.execute(
                select(t.executor_records).where(t.executor_records.c.fence_time.is_not(None))
            )
        }
        views = [_executor(row, leases=held.get(row.session_id, 0), drained=drained, fenced=fenced) for row in rows]
        return tuple(sorted(views, key=lambda view: (view.name, view.incarnation)))


def _within_budget(lengths: Sequence[int]) -> int:
    """Return how many entries go on one page: as many as fit into PAGE_CHARACTERS, and at least the first."""
    totals = itertools.accumulate(lengths)
    return max(1, sum(1 for total in totals if total <= PAGE_CHARACTERS))


def result_header(row: Row[Any]) -> JobResult:
    """Return the result in a row of `jobs`, without its clips."""
    view = _job(row)
    return JobResult(
        schema_version=RESULT_SCHEMA_VERSION, job_key=view.job_key, job_id=view.job_id, final_status=view.state,
        reason=view.reason, run_number=view.run_number, counts=view.counts, has_warnings=view.has_warnings,
        submit_time=view.submit_time, start_time=view.start_time, end_time=view.end_time,
        violations=view.violations, clips=(), spec=view.spec, spec_digest=view.spec_digest,
        received_digest=view.received_digest, options=view.options, event_chain_head=row.event_head,
    )  # fmt: skip


def _as_it_was(row: Row[Any], kept: Mapping[int, Row[Any]]) -> Any:
    """Return a clip as an earlier run left it: what that run published has not changed since."""
    if row.clip_index not in kept:
        return row
    return SimpleNamespace(**(dict(row._mapping) | dict(kept[row.clip_index]._mapping)))


def _job(row: Row[Any]) -> JobView:
    return JobView(
        job_key=row.job_key, job_id=row.job_id, state=JobState(row.state), reason=row.reason, revision=row.revision,
        run_number=row.run_number, has_warnings=row.has_warnings, spec=load_object(row.spec_json),
        counts=ClipCounts(total=row.clip_count, completed=row.completed, failed=row.failed, skipped=row.skipped),
        spec_digest=row.spec_digest, received_digest=row.received_digest,
        options=load(SubmissionOptions, row.options_json) or SubmissionOptions(),
        submit_time=datetime.fromisoformat(row.submit_time), start_time=time_value(row.start_time),
        end_time=time_value(row.end_time), violations=load_list(Violation, row.violations_json),
        last_event_sequence=row.last_sequence, spec_revision=row.spec_revision, submitted_by=row.owner,
    )  # fmt: skip


def _clip(row: Row[Any]) -> ClipView:
    return ClipView(
        job_key=row.job_key, clip_index=row.clip_index, state=ClipState(row.state),
        reason=row.skip_reason or row.stopping, source_path=row.source_path, output_path=row.output_path,
        engine=None if row.engine is None else Engine(row.engine), plan_digest=row.plan_digest or "",
        failure=load(Failure, row.failure_json) if row.state == ClipState.FAILED else None, epoch=row.epoch,
        executor=row.executor, start_time=time_value(row.start_time), end_time=time_value(row.end_time),
    )  # fmt: skip


def _clip_result(row: Row[Any], *, profile: str) -> ClipResult:
    state = ClipState(row.state)
    plan = plan_of(row.plan_json)
    probed = load(ProbedSource, row.probed_json)
    prepared = load(PreparedOutput, row.prepared_json)
    replaced = load(ReplacedFile, row.replaced_json)
    failed = state is ClipState.FAILED
    execution, measured, verdict = (None, None, None) if prepared is None else _of(prepared)
    if failed and row.attempt_json is not None:
        execution, measured, verdict = _attempt(row.attempt_json)
    published = state is ClipState.COMPLETED and prepared is not None
    warnings = [] if plan is None else list(plan.warnings)
    if verdict is not None:
        warnings += [
            f"{check.name}: expected {check.expected}, found {check.actual}"
            for check in verdict.checks
            if check.level is CheckLevel.WARN
        ]
    return ClipResult(
        clip_index=row.clip_index, source_path=row.source_path, resolved_output_path=row.output_path, status=state,
        skip_reason=row.skip_reason, exit_code=None if execution is None else execution.exit_code,
        output_exists=published, output_size_bytes=prepared.size_bytes if published and prepared else None,
        output_sha256=prepared.sha256 if published and prepared else None,
        engine=None if row.engine is None else Engine(row.engine),
        engine_command=() if execution is None else execution.argv,
        failure=load(Failure, row.failure_json) if failed else None,
        stderr="" if execution is None else execution.stderr_tail, start_time=time_value(row.start_time),
        end_time=time_value(row.end_time), profile_name=plan.profile_name if plan else profile,
        profile_digest=plan.profile_digest if plan else "", plan_digest=row.plan_digest or "",
        planner_version=plan.planner_version if plan else 0,
        toolchain=None if execution is None else execution.toolchain, source_identity=identity_of(row.plan_json),
        source_facts=None if probed is None else probed.facts,
        output_facts=None if measured is None else measured.facts, verdict=verdict, warnings=tuple(warnings),
        resolved_tokens=load_object(row.tokens_json), executor=row.executor, epoch=row.epoch,
        encode_seconds=0.0 if execution is None else execution.encode_seconds,
        verify_seconds=0.0 if execution is None else execution.verify_seconds,
        cpu_seconds=0.0 if execution is None else execution.cpu_seconds,
        sandbox_level="" if execution is None else execution.sandbox_level, adopted=row.adopted,
        replaced=None if replaced is None else replaced.identity,
        replaced_path="" if replaced is None else _spelled(row, replaced),
    )  # fmt: skip


def _spelled(row: Row[Any], replaced: ReplacedFile) -> str:
    """Return where a file was moved aside as the submitter spells it: it lies below the directory of the output."""
    directory = RootPath(root=row.output_root, path=row.output_relative).parent()
    below = replaced.quarantine.path.removeprefix(directory.path).lstrip("/")
    return f"{row.output_path.rpartition('/')[0]}/{below}"


def _of(prepared: PreparedOutput) -> tuple[Execution | None, Measured | None, Verdict | None]:
    return prepared.execution, prepared.measured, prepared.verdict


def _attempt(text: str) -> tuple[Execution | None, Measured | None, Verdict | None]:
    document = json.loads(text)
    execution, measured, verdict = document["execution"], document["measured"], document["verdict"]
    return (
        None if execution is None else from_plain(Execution, execution),
        None if measured is None else from_plain(Measured, measured),
        None if verdict is None else from_plain(Verdict, verdict),
    )


def _executor(
    row: Row[Any], *, leases: int, drained: Mapping[str, Row[Any]], fenced: Mapping[str, Row[Any]]
) -> ExecutorView:
    description = from_plain(ExecutorDescription, load_object(row.description_json))
    by_operator, fence = drained.get(description.name), fenced.get(description.name)
    state = "DRAINING" if row.draining or by_operator is not None else "READY"
    return ExecutorView(
        name=description.name, incarnation=description.incarnation, engine=description.engine,
        state=state if fence is None else "FENCED", slots=description.slots,
        leases=leases,
        toolchain=description.toolchain, sandbox_level=description.sandbox_level, roots=description.roots,
        last_seen_time=datetime.fromisoformat(row.last_seen_time), version=description.version,
        drained_by="" if by_operator is None else by_operator.actor,
        drain_time=None if by_operator is None else datetime.fromisoformat(by_operator.drain_time),
        fence_reason="" if fence is None else fence.fence_reason,
        fence_time=None if fence is None else datetime.fromisoformat(fence.fence_time),
        codecs=description.codecs, probe_slots=description.probe_slots, identity=row.identity,
    )  # fmt: skip
