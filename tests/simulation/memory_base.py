"""What every part of a transaction in memory shares: changing rows, and taking it all back."""

from typing import Any

from proxx_scheduler.app.records import (
    Effect,
    LeaseRecord,
)
from proxx_scheduler.domain.probing import LOOKS
from proxx_scheduler.domain.records import StepState
from tests.simulation.memory_rows import ClipRow, DuplicateKeyError, MemoryTables, StepRow, changed


class MemoryBase:
    """One open transaction."""

    def __init__(self, database: MemoryTables) -> None:
        self._db = database
        self.effects: list[Effect] = []
        self.identity = ""
        self._undo: list[tuple[dict[Any, Any], Any, Any]] = []

    def undo(self) -> None:
        """Take everything back."""
        for table, key, before in reversed(self._undo):
            if before is None:
                del table[key]
            else:
                table[key] = before
        self._undo.clear()

    def _put(self, table: dict[Any, Any], key: Any, row: Any) -> None:
        self._undo.append((table, key, table.get(key)))
        table[key] = row

    def _insert(self, table: dict[Any, Any], key: Any, row: Any) -> None:
        if key in table:
            raise DuplicateKeyError(key)
        self._put(table, key, row)

    def _remove(self, table: dict[Any, Any], key: Any) -> None:
        self._undo.append((table, key, table.pop(key)))

    def _clip(self, job_key: str, index: int, **values: Any) -> None:
        key = (job_key, index)
        self._put(self._db.clips, key, changed(self._db.clips[key], **values))

    def _clips(self, job_key: str) -> list[ClipRow]:
        return [self._db.clips[job_key, index] for index in range(self._db.jobs[job_key].job.clip_count)]

    def _steps(self, job_key: str) -> list[StepRow]:
        return [step for step in self._db.steps.values() if step.job_key == job_key]

    def _live_step(self, job_key: str, index: int) -> StepRow | None:
        for step in self._db.steps.values():
            if (
                step.job_key == job_key
                and step.clip_index == index
                and step.kind not in LOOKS
                and step.state is not StepState.DONE
            ):
                return step
        return None

    def _attempt(self, lease: LeaseRecord, **values: Any) -> None:
        self._put(self._db.attempts, lease.lease_id, changed(self._db.attempts[lease.lease_id], **values))
