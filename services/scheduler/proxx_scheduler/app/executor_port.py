"""What the use cases need of storage to know executors: the part of the port `Tx` that is about them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from proxx_scheduler.app.records import DrainedExecutor, LeaseRecord, SessionRecord
from proxx_scheduler.domain.fencing import ExecutorRecord
from proxx_scheduler.domain.needs import Needs


class ExecutorTx(Protocol):
    """Sessions, and which executors get nothing new."""

    # sessions
    def session(self, session_id: str) -> SessionRecord | None:
        """Return a session."""
        ...

    def session_of(self, incarnation: str) -> SessionRecord | None:
        """Return the session of an incarnation."""
        ...

    def sessions(self) -> tuple[SessionRecord, ...]:
        """Return every session, by its id."""
        ...

    def drop_idle_sessions(self) -> None:
        """Forget every session that holds no lease."""
        ...

    def drop_session(self, session_id: str) -> None:
        """Forget a session that holds no lease."""
        ...

    def put_session(self, session: SessionRecord) -> None:
        """Store a session, new or changed."""
        ...

    def losses(self, lease: LeaseRecord) -> int:
        """Return how many started attempts of the step of this lease were lost with their executors."""
        ...

    def step_needs(self, lease: LeaseRecord) -> Needs:
        """Return what the step of a lease asks of an executor."""
        ...

    def set_step_needs(self, lease: LeaseRecord, *, needs: Needs) -> None:
        """Let the step of a lease ask for something else, from the next time on that it is queued."""
        ...

    def setbacks(self, lease: LeaseRecord) -> int:
        """Return how many attempts of the step of this lease found no working engine, and were followed by another."""
        ...

    def forget_avoided(self, name: str, *, incarnation: str) -> None:
        """Let steps that avoid the executor of this name go to it again, unless this incarnation had one of them."""
        ...

    # executors that operators drain
    def drained_executors(self) -> tuple[DrainedExecutor, ...]:
        """Return them by name."""
        ...

    def is_drained(self, name: str) -> bool:
        """Whether an operator drained the executor of this name."""
        ...

    def drain_executor(self, executor: DrainedExecutor) -> None:
        """Remember one that is not drained yet."""
        ...

    def undrain_executor(self, name: str) -> None:
        """Forget one."""
        ...

    def note_executor(
        self, *, kind: str, before: str, after: str, data: Mapping[str, object], actor: str, now: datetime
    ) -> None:
        """Append an event that belongs to no job."""
        ...

    def is_barred(self, name: str) -> bool:
        """Whether the executor of this name gets nothing new: an operator drained it, or it is fenced."""
        ...

    def executor_records(self) -> tuple[ExecutorRecord, ...]:
        """Return what is held against executors, by name."""
        ...

    def related_records(self, *, job_key: str, source: str) -> tuple[ExecutorRecord, ...]:
        """Return what is held against executors that failed at a clip of this job or at this source, by name."""
        ...

    def recorded_executors(self) -> int:
        """Return against how many executors something is held."""
        ...

    def executor_record(self, name: str) -> ExecutorRecord | None:
        """Return what is held against one, None when nothing ever was."""
        ...

    def fenced_executors(self) -> frozenset[str]:
        """Return the names of those that are fenced."""
        ...

    def drop_executor_record(self, name: str) -> None:
        """Forget what is held against one."""
        ...

    def put_executor_record(self, record: ExecutorRecord) -> None:
        """Store what is held against one, new or changed."""
        ...
