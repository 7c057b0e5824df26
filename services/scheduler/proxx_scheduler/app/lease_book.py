"""The live leases in memory: deadlines on the monotonic clock, and who is to be told CANCEL.

A hint of liveness and a cache of what storage says; safety never depends on it.
"""

from dataclasses import dataclass

from proxx.core.steps import StepKind
from proxx_scheduler.app.records import LeaseRecord


@dataclass(slots=True)
class LiveLease:
    """One live lease."""

    lease_id: str
    session_id: str
    job_key: str
    clip_index: int
    kind: StepKind
    epoch: int
    deadline: float
    cancelled: bool


class LeaseBook:
    """Every lease that storage holds as live."""

    def __init__(self, *, lease_seconds: float) -> None:
        """Take how long a lease lives without renewal."""
        self.lease_seconds = lease_seconds
        self._leases: dict[str, LiveLease] = {}
        self._seen: dict[str, float] = {}
        self._polling: dict[str, int] = {}

    def add(self, record: LeaseRecord, *, now: float) -> None:
        """Enter a lease with a whole lease duration ahead of it."""
        self._leases[record.lease_id] = LiveLease(
            lease_id=record.lease_id,
            session_id=record.session_id,
            job_key=record.job_key,
            clip_index=record.clip_index,
            kind=record.kind,
            epoch=record.epoch,
            deadline=now + self.lease_seconds,
            cancelled=record.cancelled,
        )

    def get(self, lease_id: str) -> LiveLease | None:
        """Return a lease."""
        return self._leases.get(lease_id)

    def renew(self, lease: LiveLease, *, now: float) -> None:
        """Give a lease a whole duration again."""
        lease.deadline = now + self.lease_seconds

    def cancel(self, lease_id: str) -> None:
        """Tell the holder CANCEL at its next renewal."""
        lease = self._leases.get(lease_id)
        if lease is not None:
            lease.cancelled = True

    def end(self, lease_id: str) -> None:
        """Take a lease out."""
        self._leases.pop(lease_id, None)

    def is_expired(self, lease_id: str, *, now: float) -> bool:
        """Whether the time of this lease is up."""
        lease = self._leases.get(lease_id)
        return lease is not None and lease.deadline <= now

    def expired(self, *, now: float) -> tuple[str, ...]:
        """Return the leases whose time is up."""
        return tuple(lease.lease_id for lease in self._leases.values() if lease.deadline <= now)

    def held_by(self, session_id: str) -> bool:
        """Whether a session holds a lease."""
        return any(lease.session_id == session_id for lease in self._leases.values())

    def meet(self, session_id: str, *, now: float) -> None:
        """Remember a session until it is forgotten; it called just now."""
        self._seen[session_id] = now

    def seen(self, session_id: str, *, now: float) -> None:
        """Remember that a session called; nothing when it was forgotten meanwhile."""
        if session_id in self._seen:
            self._seen[session_id] = now

    def polls(self, session_id: str, *, more: int) -> None:
        """A session began (`more` 1) or ended (-1) to wait for work; while it waits it is there."""
        waits = self._polling.get(session_id, 0) + more
        if waits > 0 and session_id in self._seen:
            self._polling[session_id] = waits
        else:
            self._polling.pop(session_id, None)

    def forget(self, session_id: str) -> None:
        """Forget a session."""
        self._seen.pop(session_id, None)
        self._polling.pop(session_id, None)

    def silence(self, session_id: str, *, now: float) -> float:
        """Return for how many seconds a session was not heard of: 0 while it waits for work, infinite when unknown."""
        return 0.0 if session_id in self._polling else now - self._seen.get(session_id, float("-inf"))

    def alive(self, session_id: str, *, now: float) -> bool:
        """Whether a session waits for work, or called within one lease duration."""
        return self.silence(session_id, now=now) <= self.lease_seconds

    def __len__(self) -> int:
        """Return how many leases live."""
        return len(self._leases)
