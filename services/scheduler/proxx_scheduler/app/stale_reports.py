"""Reports of attempts that are not the live one: never applied, counted always, recorded once by attempt and kind.

The record is an event in the chain of the job; its clip is where it was. It does not change the revision of the job.
"""

from collections.abc import Mapping
from enum import StrEnum

from proxx.core.leases import LeaseOutcome, LeaseRelease
from proxx.core.steps import PreparedOutput, StepKind
from proxx_scheduler.app.ports import Clock, Tx
from proxx_scheduler.app.records import LeaseRecord

MESSAGE_LIMIT = 500
"""So many characters of a text that an executor wrote are recorded."""

DIGEST_LIMIT = 64


class ReportKind(StrEnum):
    """What a late attempt reported."""

    START = "start"
    PREPARE = "prepare"
    COMPLETE = "complete"
    RELEASE = "release"
    PROBE = "probe"
    INSPECT = "inspect"


class StaleReports:
    """Records and counts them. Methods run inside write transactions."""

    def __init__(self, *, clock: Clock) -> None:
        """Take time."""
        self._clock = clock
        self.counts = dict.fromkeys(ReportKind, 0)
        """How many there were of each kind since the start, repeats included."""

    def count(self, kind: ReportKind) -> None:
        """Count one that was answered."""
        self.counts[kind] += 1

    def record(
        self, tx: Tx, *, lease_id: str, epoch: int, kind: ReportKind, said: Mapping[str, object], actor: str
    ) -> None:
        """Record a report unless one of its attempt and kind is recorded. A lease that never was has no job to tell."""
        lease = tx.lease(lease_id)
        if lease is None or not tx.mark_stale(lease, kind=kind):
            return
        data: dict[str, object] = {
            "report": kind,
            "step": lease.kind,
            "epoch": epoch,
            "current_epoch": tx.current_epoch(lease),
            "lease_id": lease_id,
            "attempt": _standing(lease),
            "said": said,
        }
        if lease.kind is StepKind.PROBE:  # of the others, the clip says it all
            data["last_clip"] = lease.last_clip
        tx.note_clip(
            lease.job_key,
            clip_index=lease.clip_index,
            kind="clip.stale_report",
            data=data,
            actor=actor,
            now=self._clock.now(),
        )


def kind_of(outcome: LeaseOutcome) -> ReportKind:
    """Return what kind of report an outcome is."""
    if outcome.inspect is not None:
        return ReportKind.INSPECT
    return ReportKind.COMPLETE if outcome.probe is None else ReportKind.PROBE


def said_by_outcome(outcome: LeaseOutcome) -> Mapping[str, object]:
    """Return what an outcome claims, in short."""
    if outcome.failure is not None:
        return {"failed": outcome.failure.kind, "message": outcome.failure.message[:MESSAGE_LIMIT]}
    if outcome.published is not None:
        return {"published": outcome.published.sha256[:DIGEST_LIMIT], "size_bytes": outcome.published.size_bytes}
    if outcome.sweep is not None:
        found = outcome.sweep.output_sha256[:DIGEST_LIMIT] if outcome.sweep.output_exists else ""
        return {"swept": len(outcome.sweep.removed), "output_sha256": found}
    if outcome.probe is not None:
        return {"probed": len(outcome.probe.sources)}
    if outcome.inspect is not None:
        return {"inspected": outcome.inspect.facts is not None, "violations": len(outcome.inspect.violations)}
    return {}


def said_by_output(output: PreparedOutput) -> Mapping[str, object]:
    """Return what a prepared output claims, in short."""
    staged = output.staged.path[:MESSAGE_LIMIT]
    return {"prepared": output.sha256[:DIGEST_LIMIT], "size_bytes": output.size_bytes, "staged": staged}


def said_by_release(release: LeaseRelease) -> Mapping[str, object]:
    """Return why a lease was handed back."""
    return {"released": release.reason}


def _standing(lease: LeaseRecord) -> str:
    """Return how the attempt stands: live means that the report came from somebody else, or was not allowed."""
    if lease.live:
        return "live"
    return "over" if lease.outcome in ("GRANTED", "STARTED") else lease.outcome.lower()
