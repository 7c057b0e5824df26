"""Clips in memory: what admission reads and what reports leave behind."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from proxx.core.failure import Failure
from proxx.core.jobs import ClipState, JobState
from proxx.core.path_key import path_key
from proxx.core.roots import RootPath
from proxx.core.steps import PrepareAnswer, PreparedOutput, ProbedSource, ReplacedFile
from proxx.core.violation import Violation
from proxx_scheduler.app.records import (
    AdmittedClip,
    JobDocument,
    LeaseEnded,
    LeaseRecord,
    StoredClip,
)
from proxx_scheduler.domain.probing import LOOKS
from proxx_scheduler.domain.records import StepState
from tests.simulation.memo import inputs_of_document
from tests.simulation.memory_base import MemoryBase
from tests.simulation.memory_rows import changed


class MemoryClips(MemoryBase):
    """The part of a transaction that stores what is known of clips."""

    def document(self, job_key: str) -> JobDocument:
        new = self._db.jobs[job_key].new
        return JobDocument(
            job_key=job_key, job_id=new.job_id, spec=new.spec, options=new.options, submit_time=new.submit_time,
            run_number=self._db.jobs[job_key].job.run_number, named=self._db.jobs[job_key].named,
        )  # fmt: skip

    def stored_clips(self, job_key: str, *, first: int = 0, last: int | None = None) -> tuple[StoredClip, ...]:
        return tuple(
            StoredClip(
                clip_index=row.clip.index, source_path=row.source_path, source=row.source, output_path=row.output_path,
                output=row.output, probed=row.probed, tokens=row.tokens, state=row.clip.state,
            )
            for row in self._clips(job_key)
            if first <= row.clip.index and (last is None or row.clip.index <= last)
        )  # fmt: skip

    def set_probed(self, job_key: str, *, probed: Iterable[ProbedSource]) -> None:
        for item in probed:
            self._clip(job_key, item.clip_index, probed=item)

    def set_admitted(self, job_key: str, *, clips: Iterable[AdmittedClip]) -> None:
        for item in clips:
            clip = item.clip
            row = self._db.clips[job_key, clip.clip_index]
            assert row.probed is not None
            self._clip(
                job_key, clip.clip_index, plan=item.plan, inputs=inputs_of_document(item.document),
                identity=row.probed.identity, output_path=clip.output_path, output=clip.output, tokens=clip.tokens,
                replaces=clip.replaces, staging=item.staging, expected_bytes=item.expected_bytes,
            )  # fmt: skip

    def set_violations(self, job_key: str, *, violations: tuple[Violation, ...]) -> None:
        self._put(self._db.jobs, job_key, changed(self._db.jobs[job_key], violations=violations))

    def violations(self, job_key: str) -> tuple[Violation, ...]:
        return self._db.jobs[job_key].violations

    def open_probes(self, job_key: str) -> int:
        return sum(step.kind in LOOKS and step.state is not StepState.DONE for step in self._steps(job_key))

    def close_probes(self, job_key: str) -> None:
        for step in self._steps(job_key):
            if step.kind in LOOKS and step.state is not StepState.DONE:
                if step.lease_id is not None:
                    self.effects.append(LeaseEnded(lease_id=step.lease_id))
                self._put(self._db.steps, step.step_id, changed(step, state=StepState.DONE, lease_id=None, lane=None))

    def set_prepared(self, lease: LeaseRecord, *, output: PreparedOutput, answer: PrepareAnswer) -> None:
        self._attempt(lease, answer=answer, sha256=output.sha256)
        self._clip(lease.job_key, lease.clip_index, prepared=output)

    def set_delivered(self, lease: LeaseRecord, *, output: PreparedOutput) -> None:
        self._clip(lease.job_key, lease.clip_index, prepared=output)

    def set_failed(self, lease: LeaseRecord, *, failure: Failure, **_how: object) -> None:
        self._clip(lease.job_key, lease.clip_index, failure=failure)

    def set_adopted(self, job_key: str, *, clip_index: int) -> None:
        self._clip(job_key, clip_index, adopted=True)

    def set_replaced(self, job_key: str, *, clip_index: int, replaced: ReplacedFile | None) -> None:
        self._clip(job_key, clip_index, replaced=replaced)

    def reserve(self, job_key: str, *, keys: Mapping[str, int]) -> dict[str, str]:
        taken = {key: holder for key, holder in self.reserved(keys=keys).items() if holder != job_key}
        if not taken:
            for key, index in keys.items():
                self._insert(self._db.reservations, key, (job_key, index))
        return taken

    def reserved(self, *, keys: Iterable[str]) -> dict[str, str]:
        return {key: self._db.reservations[key][0] for key in keys if key in self._db.reservations}

    def taken_outputs(self, *, job_key: str, directories: Iterable[RootPath], since: datetime) -> frozenset[str]:
        prefixes = tuple(path_key(directory.child("")) for directory in directories)
        held = {
            key for key, (holder, _) in self._db.reservations.items() if holder != job_key and key.startswith(prefixes)
        }
        for (key, _), row in self._db.clips.items():
            end = self._db.jobs[key].end_time
            if key != job_key and row.clip.state is ClipState.COMPLETED and end is not None and end >= since:
                held.add(path_key(row.output))
        return frozenset(held)

    def undecided_jobs(self) -> tuple[str, ...]:
        return tuple(
            key
            for key, row in self._db.jobs.items()
            if row.job.state is JobState.PENDING and not row.job.admitted and self.open_probes(key) == 0
        )
