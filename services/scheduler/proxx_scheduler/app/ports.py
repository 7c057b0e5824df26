"""What the use cases need from the outside: storage, time and ids. Written as protocols; storage implements them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

from proxx.core.failure import Failure
from proxx.core.jobs import ClipView, ExecutorView, JobEvent, JobResult, JobState, JobView
from proxx.core.plan import Plan
from proxx.core.roots import RootPath
from proxx.core.spec_revision import SpecRevision
from proxx.core.steps import EncodeWork, Execution, Measured, PrepareAnswer, PreparedOutput, ProbedSource, ReplacedFile
from proxx.core.verdict import Verdict
from proxx.core.violation import Violation
from proxx_scheduler.app.audit_ports import AuditTx
from proxx_scheduler.app.executor_port import ExecutorTx
from proxx_scheduler.app.lane_port import LaneTx
from proxx_scheduler.app.records import (
    AdmittedClip,
    ClipOutputs,
    Effect,
    EncodeFacts,
    JobDocument,
    LeaseRecord,
    NewJob,
    NewRevision,
    Page,
    QueuedStep,
    SessionRecord,
    StoredClip,
)
from proxx_scheduler.app.refresh_ports import RefreshTx
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.records import ClipRange

Result = TypeVar("Result")


class StoreOpenError(RuntimeError):
    """The database cannot be used; the text says which file and why."""


class StoreError(RuntimeError):
    """The database could not be read or written; of a write nothing holds, unless it is a StoreOutcomeUnknownError."""


class StoreOutcomeUnknownError(StoreError):
    """The commit of a write failed, and whether the write holds is not known."""


class StoreValueError(RuntimeError):
    """The database cannot hold a value of the call, and never will: asking again does not help."""


class Clock(Protocol):
    """Time as an argument."""

    def now(self) -> datetime:
        """Return the wall clock, UTC: for records, never for decisions."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never jump: for leases."""
        ...


class Ids(Protocol):
    """Ids as an argument."""

    def new_key(self) -> str:
        """Return a new key: a UUID as 36 characters."""
        ...

    def new_step_id(self) -> str:
        """Return a new step id: 32 random hex characters, of which any 8 tell steps of one clip apart."""
        ...

    def new_job_id(self) -> str:
        """Return eight random hex characters."""
        ...


class Tx(AuditTx, ExecutorTx, LaneTx, RefreshTx, Protocol):
    """One transaction. Every method is plain storage; no rule of the domain lives behind it."""

    effects: list[Effect]
    identity: str
    """The identity behind the executor that acts, "" where nobody was asked: its events record it in their data."""

    # submissions
    def request(self, request_id: str) -> tuple[str, str] | None:
        """Return (body digest, job key) of a request, or None."""
        ...

    def add_request(self, *, request_id: str, body_digest: str, job_key: str) -> None:
        """Remember a request for ever."""
        ...

    def add_job(self, job: NewJob, *, step_ids: tuple[str, ...]) -> None:
        """Store a job, its clips and its PROBE steps."""
        ...

    # decisions
    def board(self, job_key: str) -> Board | None:
        """Load a job with its open clips."""
        ...

    def save(self, board: Board, *, actor: str, now: datetime, new_step_id: Callable[[], str]) -> None:
        """Store everything that the board decided, in order, with its events."""
        ...

    def document(self, job_key: str) -> JobDocument:
        """Return what a job is to make."""
        ...

    def clip_ranges(self, job_key: str) -> tuple[ClipRange, ...]:
        """Return the states of all clips in order, neighbours alike together."""
        ...

    def add_revision(self, job_key: str, *, revision: NewRevision, actor: str, now: datetime) -> None:
        """Keep a revision of a job's spec, which a board brings into force; the one in force is kept for ever."""
        ...

    def spec_revisions(self, job_key: str) -> tuple[SpecRevision, ...]:
        """Return every revision of a job's spec, the submitted one first; none when there is no such job."""
        ...

    def stored_clips(self, job_key: str, *, first: int = 0, last: int | None = None) -> tuple[StoredClip, ...]:
        """Return the clips of a job in order."""
        ...

    def set_probed(self, job_key: str, *, probed: Iterable[ProbedSource]) -> None:
        """Keep what was found at sources."""
        ...

    def set_admitted(self, job_key: str, *, clips: Iterable[AdmittedClip]) -> None:
        """Keep the plans of clips, and the outputs that the collision policy gave them."""
        ...

    def set_violations(self, job_key: str, *, violations: tuple[Violation, ...]) -> None:
        """Keep why a job was rejected (or what is known so far)."""
        ...

    def violations(self, job_key: str) -> tuple[Violation, ...]:
        """Return what was kept."""
        ...

    def open_probes(self, job_key: str) -> int:
        """Return how many PROBE and INSPECT steps of a job are not done."""
        ...

    def close_probes(self, job_key: str) -> None:
        """End every PROBE and INSPECT step of a job; leases on them are fenced off."""
        ...

    def set_prepared(self, lease: LeaseRecord, *, output: PreparedOutput, answer: PrepareAnswer) -> None:
        """Keep a prepared output and the answer it got."""
        ...

    def set_delivered(self, lease: LeaseRecord, *, output: PreparedOutput) -> None:
        """Keep the output that the SWEEP of this lease delivered, as if its maker had prepared it."""
        ...

    def set_failed(
        self,
        lease: LeaseRecord,
        *,
        failure: Failure,
        execution: Execution | None,
        measured: Measured | None,
        verdict: Verdict | None,
    ) -> None:
        """Keep why an attempt failed and how it ran."""
        ...

    def set_adopted(self, job_key: str, *, clip_index: int) -> None:
        """Mark a clip whose published file was adopted by its digest."""
        ...

    def set_replaced(self, job_key: str, *, clip_index: int, replaced: ReplacedFile | None) -> None:
        """Keep which file lies aside for a clip, None when none does any more."""
        ...

    # reservations
    def reserve(self, job_key: str, *, keys: Mapping[str, int]) -> dict[str, str]:
        """Reserve output paths (key to clip index). Returns those taken, with the job key that holds them."""
        ...

    def reserved(self, *, keys: Iterable[str]) -> dict[str, str]:
        """Return which keys are taken, and by which job."""
        ...

    def taken_outputs(self, *, job_key: str, directories: Iterable[RootPath], since: datetime) -> frozenset[str]:
        """Return the keys of outputs in these directories that other jobs hold, or that jobs ended `since` have made.

        It may return keys of other directories too.
        """
        ...

    # steps and leases
    def undecided_jobs(self) -> tuple[str, ...]:
        """Return the PENDING jobs whose sources were all probed and that nobody decided about, oldest first."""
        ...

    def grant(
        self, step: QueuedStep, *, lease_id: str, session: SessionRecord, acquire_sequence: int, now: datetime
    ) -> int:
        """Lease a step: its epoch grows by one. Returns the new epoch."""
        ...

    def granted_by(self, *, session_id: str, acquire_sequence: int) -> tuple[LeaseRecord, ...]:
        """Return the leases of one acquire call that are still live."""
        ...

    def lease(self, lease_id: str) -> LeaseRecord | None:
        """Return one attempt."""
        ...

    def read_ahead(self, lease_ids: Collection[str], *, plans: bool = False) -> None:
        """Read several attempts at once, with their plans if they are needed: `lease` then asks nothing again."""
        ...

    def live_leases(self) -> tuple[LeaseRecord, ...]:
        """Return every attempt whose step still holds it."""
        ...

    def start_attempt(self, lease: LeaseRecord, *, now: datetime) -> None:
        """Record that the start barrier was passed."""
        ...

    def end_attempt(self, lease: LeaseRecord, *, outcome: str, now: datetime) -> None:
        """Record how an attempt ended."""
        ...

    def finish_step(self, lease: LeaseRecord) -> None:
        """End a step that no clip owns (PROBE, INSPECT)."""
        ...

    def requeue_step(self, lease: LeaseRecord) -> None:
        """Queue a step that no clip owns (PROBE, INSPECT) again."""
        ...

    def encode_facts(self, job_key: str, *, clip_index: int) -> EncodeFacts:
        """Return what an ENCODE grant carries."""
        ...

    def encode_works(self, job_key: str, *, clips: Collection[int]) -> Mapping[int, EncodeWork]:
        """Return what ENCODE grants of these clips carry, by clip."""
        ...

    def plan_of(self, lease: LeaseRecord) -> Plan:
        """Return the plan of an ENCODE."""
        ...

    def prepared_sha256(self, lease: LeaseRecord) -> str | None:
        """Return the digest of the file that was prepared for the clip of a lease, None when none was."""
        ...

    def clip_outputs(self, job_key: str, *, clip_index: int) -> ClipOutputs:
        """Return final path, prepared output and every attempt that may have left a staged file."""
        ...

    # reports that come too late
    def mark_stale(self, lease: LeaseRecord, *, kind: str) -> bool:
        """Remember that a stale report of this kind is recorded for an attempt. False when one is."""
        ...

    def current_epoch(self, lease: LeaseRecord) -> int:
        """Return the newest epoch of the clip's work of the kind of this lease."""
        ...

    def note_clip(
        self,
        job_key: str,
        *,
        clip_index: int,
        kind: str,
        data: Mapping[str, object],
        actor: str,
        now: datetime,
    ) -> None:
        """Append an event of a clip that changes nothing: before and after it the clip stands where it stands."""
        ...

    # views
    def job_view(self, job_key: str) -> JobView | None:
        """Return a job as clients see it."""
        ...

    def job_page(
        self, *, after: int | None, size: int, states: tuple[JobState, ...], job_id: str
    ) -> tuple[tuple[JobView, ...], int | None]:
        """Return jobs newest first, and where the next page begins."""
        ...

    def clip_page(self, job_key: str, *, after: int, size: int) -> tuple[tuple[ClipView, ...], int | None]:
        """Return clips in order, and where the next page begins."""
        ...

    def job_result(
        self, job_key: str, *, after: int, size: int, run_number: int = 0
    ) -> tuple[JobResult, int | None] | None:
        """Return the result of a job's run (0: the newest) with one page of its clips, and where the next page begins.

        None when there is no such job or run.
        """
        ...

    def unfinished_jobs(self) -> Page:
        """Return the keys of jobs that are not terminal, oldest first."""
        ...

    def events_after(self, *, sequence: int, job_keys: tuple[str, ...], limit: int) -> tuple[JobEvent, ...]:
        """Return events in order."""
        ...

    def newest_sequence(self) -> int:
        """Return the sequence of the newest event, 0 for none."""
        ...

    def executors(self) -> tuple[ExecutorView, ...]:
        """Return the executors that have a session, by name."""
        ...


class Store(Protocol):
    """Runs transactions. A write is durable when it returns, and left nothing when it raises, with one exception."""

    async def write(self, work: Callable[[Tx], Result]) -> Result:
        """Run `work` in a write transaction.

        Raises:
            StoreOutcomeUnknownError: the commit failed, and nobody knows whether the write holds.
            StoreError: it did not become durable, and nothing of it holds.
        """
        ...

    async def read(self, work: Callable[[Tx], Result]) -> Result:
        """Run `work` on a consistent view."""
        ...
