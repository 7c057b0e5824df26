"""Checks a log chain by chain. Memory does not grow with the log: one record and a few sums are kept."""

import hashlib
import json
from collections.abc import Iterable

from proxx.core.audit.anchor import Anchor
from proxx.core.audit.chain_check import ChainCheck
from proxx.core.audit.fault import Fault, FaultKind, place_of
from proxx.core.audit.log_range import LogRange
from proxx.core.audit.record import AuditRecord, ChainFacts
from proxx.core.audit.summary import AuditSummary, ChainSummary
from proxx.core.canonical import canonical_json
from proxx.core.plain import to_plain

PRUNE_KIND = "audit.prune"
"""The kind of the event, in the scheduler's own chain, that records a retirement."""


def head_line(summary: ChainSummary) -> bytes:
    """Return the line that stands for the head of a chain in exports and in the digest of all heads."""
    return canonical_json({"head": to_plain(summary)}).encode("utf-8", "surrogatepass") + b"\n"


class OtherChainError(Exception):
    """A head was given to be compared that belongs to another chain than the one that is checked."""

    def __init__(self, anchor: Anchor, job_key: str) -> None:
        """Say whose head it is, and which chain is checked."""
        super().__init__(
            f"{anchor.kept_in} keeps a head of {place_of(anchor.job_key)}, and only {place_of(job_key)} is looked at"
        )


class LogCheck:
    """Open a chain, feed its records, close it; then the next, in the order of their keys; then end.

    `anchors` are heads that somebody kept, in the order of their job keys. The first fault stays.
    """

    def __init__(self, *, within: LogRange, anchors: Iterable[Anchor] = ()) -> None:
        """Begin with nothing."""
        self._fault: Fault | None = None
        self._within = within
        self._anchors = iter(anchors)
        self._next_anchor = next(self._anchors, None)
        self._chain: ChainCheck | None = None
        self._last_key: str | None = None
        self._chains = self._records = self._retired = self._pruned = 0
        self._compared = self._left = self._unplaced = self._earlier = 0
        self._heads = hashlib.sha256()

    @property
    def fault(self) -> Fault | None:
        """The first fault up to here, None while there is none."""
        return self._fault or (None if self._chain is None else self._chain.fault)

    @property
    def records(self) -> int:
        """How many records were read so far."""
        return self._records

    def open(self, facts: ChainFacts) -> None:
        """Begin the next chain.

        Raises:
            OtherChainError: one chain is checked, and a head of another was given.
        """
        if self._last_key is not None and facts.job_key <= self._last_key:
            self._note(
                _whole(FaultKind.REORDERED, f"a chain after {place_of(self._last_key)}", place_of(facts.job_key))
            )
        self._last_key = facts.job_key
        self._chain = ChainCheck(facts=facts, within=self._within, anchors=self._anchors_of(facts.job_key))
        self._chains += 1
        if facts.checkpoint is not None:
            self._retired += facts.checkpoint.retired

    def feed(self, record: AuditRecord) -> None:
        """Check the next record of the chain that is open."""
        self._records += 1
        self._open_chain().feed(record)
        if record.job_key == "" and record.kind == PRUNE_KIND:
            self._pruned += _pruned_by(record)

    def close(self) -> ChainSummary:
        """End the chain that is open. Returns what it came to."""
        chain = self._open_chain()
        chain.close()
        self._note(chain.fault)
        self._left += len(chain.retired)
        self._unplaced += len(chain.unplaced)
        self._earlier += len(chain.earlier)
        self._chain = None
        point = chain.facts.checkpoint
        summary = ChainSummary(
            job_key=chain.facts.job_key, records=chain.records, retired=0 if point is None else point.retired,
            job_sequence=chain.head.job_sequence, sequence=chain.head.sequence, hash=chain.head.hash,
        )  # fmt: skip
        self._heads.update(head_line(summary))
        return summary

    def end(self) -> AuditSummary:
        """Check the log as a whole: nothing may be missing between its first and its last sequence.

        Raises:
            OtherChainError: as `open`.
        """
        while self._next_anchor is not None:
            self._absent(self._next_anchor)
            self._next_anchor = next(self._anchors, None)
        until = self._within.until_sequence
        if self._fault is None and self._within.whole:
            if self._records + self._retired != until:
                expected = f"{until} records up to sequence {until}"
                actual = f"{self._records} records and {self._retired} retired ones: whole chains are gone or added"
                self._note(_whole(FaultKind.MISSING, expected, actual))
            elif self._pruned != self._retired:
                expected = (
                    f"checkpoints for the {self._pruned} records that the scheduler's own chain says were retired"
                )
                self._note(_whole(FaultKind.CHECKPOINT_DIFFERS, expected, f"checkpoints for {self._retired}"))
        return AuditSummary(
            ok=self._fault is None, fault=self._fault, chains=self._chains, records=self._records,
            retired=self._retired, after_sequence=self._within.after_sequence, until_sequence=until,
            heads_digest=self._heads.hexdigest(),
            kept_heads_compared=self._compared - self._left - self._unplaced - self._earlier,
            kept_heads_retired=self._left, kept_heads_unplaced=self._unplaced, kept_heads_earlier=self._earlier,
        )  # fmt: skip

    def _open_chain(self) -> ChainCheck:
        if self._chain is None:
            raise RuntimeError("no chain is open: call open first")
        return self._chain

    def _anchors_of(self, job_key: str) -> list[Anchor]:
        found: list[Anchor] = []
        while self._next_anchor is not None and self._next_anchor.job_key <= job_key:
            anchor = self._next_anchor
            if anchor.job_key == job_key:
                found.append(anchor)
                self._compared += 1
            else:
                self._absent(anchor)
            self._next_anchor = next(self._anchors, None)
        return found

    def _absent(self, anchor: Anchor) -> None:
        """Take an anchor of a chain that is not here."""
        only = self._within.job_key
        if only is not None and anchor.job_key != only:
            if self.fault is None and not anchor.one_of_many:
                raise OtherChainError(anchor, only)
        elif not self._within.from_the_start:
            self._compared += 1
            self._earlier += 1
        else:
            expected = f"a chain with the head {anchor.hash} ({anchor.kept_in} says)"
            self._note(
                Fault(
                    kind=FaultKind.HEAD_DIFFERS, job_key=anchor.job_key, job_sequence=None, sequence=None,
                    expected=expected, actual="no chain of this job",
                )
            )  # fmt: skip

    def _note(self, fault: Fault | None) -> None:
        self._fault = self._fault or fault


def _whole(kind: FaultKind, expected: str, actual: str) -> Fault:
    return Fault(kind=kind, job_key=None, job_sequence=None, sequence=None, expected=expected, actual=actual)


def _pruned_by(record: AuditRecord) -> int:
    """Return how many records a retirement took. A text that says none counts as none: its hash is checked apart."""
    try:
        data = json.loads(record.data_json)
    except (ValueError, RecursionError):
        return 0
    count = data.get("records") if isinstance(data, dict) else None
    return count if isinstance(count, int) else 0
