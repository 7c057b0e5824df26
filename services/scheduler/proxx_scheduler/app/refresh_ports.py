"""The part of a transaction that a start needs: what belongs to the installation, and queued work of an earlier one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from proxx.core.detection import Engine
from proxx_scheduler.app.records import Installation, OutdatedPlan, RenewedPlan


class RefreshTx(Protocol):
    """Plain storage, as Tx, of which it is a part."""

    def installation(self) -> Installation:
        """Return what belongs to the database as a whole."""
        ...

    def line_up_left_out(self) -> None:
        """Put every step that left its lane back into one."""
        ...

    def mark_installation(self, *, planner_version: int, resources_digest: str) -> None:
        """Note what queued work was brought up to."""
        ...

    def outdated_plans(self, job_key: str, *, version: int, after: int, limit: int) -> tuple[OutdatedPlan, ...]:
        """Return plans of a job's QUEUED clips behind `after` that planners before `version` made, in order."""
        ...

    def outdated_count(self, job_key: str, *, version: int) -> int:
        """Return how many clips of a job that are not finished have a plan of a planner before `version`."""
        ...

    def renew_plans(self, job_key: str, *, plans: Sequence[RenewedPlan], actor: str, now: datetime) -> int:
        """Give clips that are still QUEUED under their old plan the new one, each with an event. Returns how many."""
        ...

    def set_resources(self, job_key: str, *, needed: Mapping[Engine, Sequence[str]]) -> None:
        """Let the encodes of a job's clips that are not finished take these resources, by engine."""
        ...
