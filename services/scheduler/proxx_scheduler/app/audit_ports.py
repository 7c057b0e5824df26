"""What the audit needs of a transaction: the log as it is stored, and the retirement of its oldest records."""

from datetime import datetime
from typing import Protocol

from proxx.core.audit import Checkpoint, LogPage, LogPlace, LogRange
from proxx_scheduler.app.records import PrunableChain


class AuditTx(Protocol):
    """The part of a transaction that audits use. Plain storage; the rules are in proxx.core.audit."""

    def log_page(self, *, within: LogRange, after: LogPlace | None, size: int) -> LogPage:
        """Return records chain by chain, letter by letter, and of jobs that have none left what their row says."""
        ...

    def log_end(self) -> int:
        """Return the newest sequence that anything speaks of: also of an event that is not there, as it should be."""
        ...

    def newest_prune(self) -> int:
        """Return the sequence of the newest event that recorded a retirement, 0 for none."""
        ...

    def retired_through(self, job_keys: tuple[str, ...]) -> int:
        """Return the newest sequence that was retired from these jobs (all when empty), 0 for none."""
        ...

    def prunable_counts(self, *, before: datetime, through: int) -> tuple[int, int]:
        """Return how many jobs ended before a moment and have records to retire, and how many records."""
        ...

    def prunable(
        self, *, before: datetime, through: int, after_key: str, job_key: str | None, limit: int
    ) -> tuple[PrunableChain, ...]:
        """Return chains with records to retire, in the order of their keys; only this one where `job_key` is given.

        `through` 0 asks for all, another number for jobs whose newest record lies up to it.
        """
        ...

    def retire(self, job_key: str, *, first: int, checkpoint: Checkpoint) -> int:
        """Delete the records of a chain from `first` to before the checkpoint, and keep it. Returns how many."""
        ...
