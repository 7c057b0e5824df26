"""A log in memory: chains made by the rule, damaged at will, read in pages as a scheduler gives it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from proxx.core.audit import (
    NO_HASH,
    AuditRecord,
    ChainFacts,
    ChainHead,
    ChainPiece,
    Checkpoint,
    LogPage,
    LogPlace,
    PrunePlan,
    PruneResult,
    event_hash,
)
from proxx.core.audit.chain_rule import FIELDS
from proxx.rpc.errors import RefusedCallError

KEYS = ("00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b")
TIME = "2026-11-20T09:00:00.000000+00:00"


def hashed(record: AuditRecord) -> AuditRecord:
    """The record with the hash that its content should have."""
    fields = {name: getattr(record, name) for name in FIELDS}
    return replace(record, hash=event_hash(previous_hash=record.previous_hash, fields=fields))


def log_of(order: Iterable[str]) -> dict[str, list[AuditRecord]]:
    """Chains by key; `order` says to which job each next event belongs."""
    chains: dict[str, list[AuditRecord]] = {}
    for sequence, key in enumerate(order, start=1):
        chain = chains.setdefault(key, [])
        record = AuditRecord(
            sequence=sequence, job_key=key, job_sequence=len(chain) + 1,
            clip_index=sequence if len(chain) > 1 else None, event_time=TIME, actor="operator",
            kind="job.pause" if key else "executor.drain", before="RUNNING", after="PAUSED",
            data_json='{"reason":"lunch"}', previous_hash=chain[-1].hash if chain else NO_HASH, hash="",
        )  # fmt: skip
        chain.append(hashed(record))
    return chains


def facts_of(key: str, chain: list[AuditRecord], *, checkpoint: Checkpoint | None = None) -> ChainFacts:
    """What a sound database knows of a chain."""
    head = ChainHead(job_sequence=chain[-1].job_sequence, sequence=chain[-1].sequence, hash=chain[-1].hash)
    return ChainFacts(
        job_key=key, job_id="0000beef" if key else "", checkpoint=checkpoint, recorded=head,
        moved_on=False,
    )  # fmt: skip


def checkpoint_before(record: AuditRecord, *, last: AuditRecord, pruned: int) -> Checkpoint:
    """The checkpoint of a chain that begins with `record` since `last` was retired by event `pruned`."""
    return Checkpoint(
        first_kept=record.job_sequence, last_hash=last.hash, last_sequence=last.sequence, retire_time=TIME,
        actor="operator", prune_sequence=pruned,
    )  # fmt: skip


@dataclass
class FakeAuditLog:
    """Implements AuditPort over `pieces`, one page each chain; damage is whatever a test puts there."""

    pieces: list[ChainPiece] = field(default_factory=list)
    plan: PrunePlan = field(default_factory=lambda: PrunePlan(jobs=0, records=0, newest_sequence=0))
    result: PruneResult = field(default_factory=lambda: PruneResult(jobs=0, records=0, left=()))
    calls: list[tuple[str, object]] = field(default_factory=list)
    page_size: int = 2
    pages_left: int = 1000
    """How many pages are given before records are retired under the reader."""

    @classmethod
    def sound(cls, order: Iterable[str]) -> "FakeAuditLog":
        """A log as it should be."""
        chains = log_of(order)
        return cls(
            pieces=[ChainPiece(facts=facts_of(key, chains[key]), records=tuple(chains[key])) for key in sorted(chains)]
        )

    @property
    def newest(self) -> int:
        return max((record.sequence for piece in self.pieces for record in piece.records), default=0)

    async def read_log(
        self,
        *,
        job_key: str | None = None,
        after_sequence: int = 0,
        until_sequence: int = 0,
        after: LogPlace | None = None,
        page_size: int = 0,
    ) -> LogPage:
        """Give the next `page_size` records."""
        self.calls.append(("read_log", (job_key, after_sequence, until_sequence, after)))
        if not self.pages_left:
            raise RefusedCallError(reason="CURSOR_TRUNCATED", message="records were retired meanwhile")
        self.pages_left -= 1
        if job_key and all(piece.facts.job_key != job_key for piece in self.pieces):
            raise RefusedCallError(reason="JOB_NOT_FOUND", message=f"no job has the key {job_key}")
        place = ("", 0) if after is None else (after.job_key, after.job_sequence)
        room = self.page_size
        found: list[ChainPiece] = []
        for piece in self.pieces:
            if job_key not in (None, piece.facts.job_key):
                continue
            wanted = [
                record
                for record in piece.records
                if record.sequence > after_sequence and (piece.facts.job_key, record.job_sequence) > place
            ]
            if wanted and not room:
                last = found[-1].records[-1]
                return self._page(found, LogPlace(job_key=found[-1].facts.job_key, job_sequence=last.job_sequence))
            if wanted:
                found.append(replace(piece, records=tuple(wanted[:room])))
                if len(wanted) > room:
                    next_place = LogPlace(job_key=piece.facts.job_key, job_sequence=wanted[room - 1].job_sequence)
                    return self._page(found, next_place)
                room -= len(wanted)
        return self._page(found, None)

    def _page(self, pieces: list[ChainPiece], place: LogPlace | None) -> LogPage:
        return LogPage(pieces=tuple(pieces), next=place, until_sequence=self.newest)

    async def plan_prune(self, *, before: datetime, through_sequence: int = 0) -> PrunePlan:
        """Return the prepared plan."""
        self.calls.append(("plan_prune", before))
        return self.plan

    async def prune_events(
        self, *, before: datetime, request_id: str, through_sequence: int = 0, timeout_seconds: float
    ) -> PruneResult:
        """Return the prepared result."""
        self.calls.append(("prune_events", (before, request_id, through_sequence)))
        return self.result
