"""Jobs, clips and executors in memory as clients see them. Reads only."""

from collections import defaultdict

from proxx.core.detection import Engine
from proxx.core.jobs import ClipCounts, ClipState, ClipView, ExecutorView, JobEvent, JobView
from proxx_scheduler.app.records import (
    Page,
    SessionRecord,
)
from tests.simulation.memory_base import MemoryBase
from tests.simulation.memory_rows import (
    HELD,
    ClipRow,
)


class MemoryViews(MemoryBase):
    """The part of a transaction that answers clients."""

    def job_view(self, job_key: str) -> JobView | None:
        row = self._db.jobs.get(job_key)
        if row is None:
            return None
        job, new = row.job, row.new
        return JobView(
            job_key=job.job_key, job_id=job.job_id, state=job.state, reason=job.reason, revision=job.revision,
            run_number=job.run_number, has_warnings=job.has_warnings, spec=new.spec,
            counts=ClipCounts(total=job.clip_count, completed=job.completed, failed=job.failed, skipped=job.skipped),
            spec_digest=new.spec_digest, received_digest=new.received_digest, options=new.options,
            submit_time=new.submit_time, start_time=row.start_time, end_time=row.end_time, violations=row.violations,
            last_event_sequence=row.last_sequence, submitted_by=new.owner,
        )  # fmt: skip

    def clip_page(self, job_key: str, *, after: int, size: int) -> tuple[tuple[ClipView, ...], int | None]:
        rows = [row for row in self._clips(job_key) if row.clip.index > after]
        more = rows[size - 1].clip.index if len(rows) > size else None
        return tuple(_view(job_key, row) for row in rows[:size]), more

    def unfinished_jobs(self) -> Page:
        keys = tuple(key for key, row in self._db.jobs.items() if not row.job.state.terminal)
        return Page(keys=keys, next_after=None)

    def events_after(self, *, sequence: int, job_keys: tuple[str, ...], limit: int) -> tuple[JobEvent, ...]:
        found = (
            event
            for event in self._db.events.values()
            if event.sequence > sequence and (not job_keys or event.job_key in job_keys)
        )
        return tuple(sorted(found, key=lambda event: event.sequence)[:limit])

    def retired_through(self, job_keys: tuple[str, ...]) -> int:
        return 0  # nothing is retired from memory

    def newest_sequence(self) -> int:
        return len(self._db.events)

    def executors(self) -> tuple[ExecutorView, ...]:
        held: dict[str | None, int] = defaultdict(int)
        for step in self._db.steps.values():
            if step.state in HELD:
                held[step.session_id] += 1
        views = [_executor(session, held[key]) for key, session in self._db.sessions.items() if session.open]
        return tuple(sorted(views, key=lambda view: (view.name, view.incarnation)))


def _view(job_key: str, row: ClipRow) -> ClipView:
    clip = row.clip
    return ClipView(
        job_key=job_key, clip_index=clip.index, state=clip.state, reason=clip.skip_reason or clip.stopping,
        source_path=row.source_path, output_path=row.output_path,
        engine=None if row.plan is None else Engine(row.plan.engine),
        plan_digest="" if row.plan is None else row.plan.digest,
        failure=row.failure if clip.state is ClipState.FAILED else None, epoch=row.epoch, executor=row.executor,
        start_time=row.start_time, end_time=row.end_time,
    )  # fmt: skip


def _executor(session: SessionRecord, leases: int) -> ExecutorView:
    it = session.description
    return ExecutorView(
        name=it.name, incarnation=it.incarnation, engine=it.engine, state="DRAINING" if session.draining else "READY",
        slots=it.slots, leases=leases, toolchain=it.toolchain, sandbox_level=it.sandbox_level, roots=it.roots,
        last_seen_time=session.last_seen_time, version=it.version, probe_slots=it.probe_slots,
        identity=session.identity,
    )  # fmt: skip
