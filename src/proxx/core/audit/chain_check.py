"""Checks one chain, record by record, remembering one record only."""

from collections.abc import Sequence

from proxx.core.audit.anchor import Anchor
from proxx.core.audit.chain_rule import NO_HASH, hash_of
from proxx.core.audit.fault import Fault, FaultKind
from proxx.core.audit.log_range import LogRange
from proxx.core.audit.record import AuditRecord, ChainFacts, ChainHead
from proxx.core.quoting import quote


class ChainCheck:
    """One chain within a range of the log. Feed every record in order, then close.

    After a fault the chain goes on being read only to tell a record that is missing from one that is out of order.
    """

    def __init__(self, *, facts: ChainFacts, within: LogRange, anchors: Sequence[Anchor] = ()) -> None:
        """Take what is known of the chain, and the heads of it that somebody kept."""
        self.facts = facts
        self.records = 0
        self.retired: list[Anchor] = []
        """Anchors that point to retired records: nobody can compare them any more."""
        self.unplaced: list[Anchor] = []
        """Anchors without a place that no record has: they may be those of retired records."""
        self.earlier: list[Anchor] = []
        """Anchors of records before the range, or that may be: what is read cannot show them."""
        self._within = within
        self._anchors = list(anchors)
        self._fault: Fault | None = None
        point = facts.checkpoint
        self._head = (
            ChainHead(job_sequence=0, sequence=0, hash=NO_HASH)
            if point is None
            else ChainHead(job_sequence=point.retired, sequence=point.last_sequence, hash=point.last_hash)
        )
        begins = point is not None and point.last_sequence > within.after_sequence
        self._known = within.from_the_start or begins
        """Whether it is known what comes before the first record of the range."""
        self._from_the_start = self._known
        if point is not None:
            self._fault = self._settle(self._head, before=self.retired)

    @property
    def fault(self) -> Fault | None:
        """The first fault, None while there is none."""
        return self._fault

    @property
    def head(self) -> ChainHead:
        """The newest record that was read; before any, what the chain begins after."""
        return self._head

    def feed(self, record: AuditRecord) -> None:
        """Check the next record of the chain."""
        self.records += 1
        if self._fault is not None:
            self._look_for_missing(record)
            return
        self._fault = self._content(record) or self._place(record) or self._link(record)
        if self._fault is None and not self._known:
            self._fault = self._begin(record)
        if self._fault is None:
            head = ChainHead(job_sequence=record.job_sequence, sequence=record.sequence, hash=record.hash)
            self._fault = self._settle(head)
            self._head, self._known = head, True

    def close(self) -> None:
        """Check the end of the chain: against the job's own row, and against every head that somebody kept."""
        if self._fault is not None:
            return
        recorded, whose = self.facts.recorded, "job" if self.facts.job_key else "scheduler"
        if recorded is not None:
            if not self.records and self._head.job_sequence < recorded.job_sequence and self._known:
                found = "nothing of the chain" if not self._head.job_sequence else "nothing after the checkpoint"
                self._fault = self._missing(self._head.job_sequence + 1, found)
            elif self._known and recorded != self._head:
                self._fault = self._head_fault(_shown(recorded), _shown(self._head), f"the {whose}'s own row says")
        elif self.facts.job_key and not self.facts.moved_on:
            self._fault = self._head_fault(
                "a row of the job with the head of its chain", "no such row", "the scheduler keeps"
            )
        if self._fault is None:
            self._fault = self._unmet()

    def _begin(self, record: AuditRecord) -> Fault | None:
        """Take the first record of a range: it names the hash of the record before it."""
        if record.job_sequence == 1:
            self._from_the_start = True
            return None
        before = ChainHead(job_sequence=record.job_sequence - 1, sequence=0, hash=record.previous_hash)
        return self._settle(before, before=self.earlier)

    def _content(self, record: AuditRecord) -> Fault | None:
        expected = hash_of(record)
        if record.job_key != self.facts.job_key:
            return self._at(
                record, FaultKind.CHANGED, f"the job key {_quoted(self.facts.job_key)}", _quoted(record.job_key)
            )
        if expected != record.hash:
            actual = f"a record whose content has the hash {expected}"
            return self._at(record, FaultKind.CHANGED, f"content with its hash {_quoted(record.hash)}", actual)
        return None

    def _place(self, record: AuditRecord) -> Fault | None:
        first = self._within.after_sequence + 1
        if not first <= record.sequence <= self._within.until_sequence:
            wanted = f"a sequence from {first} to {self._within.until_sequence}"
            return self._at(record, FaultKind.REORDERED, wanted, str(record.sequence))
        if not self._known:
            return None
        number = self._head.job_sequence + 1
        if record.job_sequence > number:
            return self._missing(number, f"record {record.job_sequence} (sequence {record.sequence})")
        if record.job_sequence == number - 1 and self.records > 1:
            return self._at(record, FaultKind.FORKED, f"record {number}", f"a second record {record.job_sequence}")
        if record.job_sequence < number:
            point = self.facts.checkpoint
            kind = FaultKind.CHECKPOINT_DIFFERS if point and number == point.first_kept else FaultKind.REORDERED
            return self._at(record, kind, f"record {number}", f"record {record.job_sequence}")
        if record.sequence <= self._head.sequence:
            wanted = f"a sequence after {self._head.sequence}"
            return self._at(record, FaultKind.REORDERED, wanted, str(record.sequence))
        return None

    def _link(self, record: AuditRecord) -> Fault | None:
        expected = self._head.hash
        if not self._known:
            if record.job_sequence != 1:
                return None  # what it continues lies before the range
            expected = NO_HASH
        if record.previous_hash == expected:
            return None
        point = self.facts.checkpoint
        retired = point is not None and record.job_sequence == point.first_kept
        kind = FaultKind.CHECKPOINT_DIFFERS if retired else FaultKind.FORKED
        return self._at(record, kind, f"previous_hash {expected}", _quoted(record.previous_hash))

    def _settle(self, head: ChainHead, *, before: list[Anchor] | None = None) -> Fault | None:
        """Compare what somebody kept with a record; forget what holds. What lies before it goes to `before`."""
        left: list[Anchor] = []
        for anchor in self._anchors:
            if anchor.hash == head.hash and anchor.job_sequence in (0, head.job_sequence):
                continue
            if anchor.job_sequence == head.job_sequence:
                found = f"record {head.job_sequence} has the hash {head.hash}"
                return self._head_fault(f"hash {_quoted(anchor.hash)}", found, f"{anchor.kept_in} says")
            if before is not None and 0 < anchor.job_sequence < head.job_sequence:
                before.append(anchor)
                continue
            left.append(anchor)
        self._anchors = left
        return None

    def _unmet(self) -> Fault | None:
        """Return the fault of an anchor that no record met, unless records that are not here could have met it."""
        for anchor in self._anchors:
            if not self._from_the_start and (not anchor.job_sequence or not self.records):
                self.earlier.append(anchor)
            elif self.facts.checkpoint is not None and not anchor.job_sequence:
                self.unplaced.append(anchor)
            else:
                place = f"record {anchor.job_sequence}" if anchor.job_sequence else "a record"
                found = f"no such record; {_shown(self._head)}"
                return self._head_fault(
                    f"{place} with the hash {_quoted(anchor.hash)}", found, f"{anchor.kept_in} says"
                )
        return None

    def _look_for_missing(self, record: AuditRecord) -> None:
        fault = self._fault
        if fault is not None and fault.kind is FaultKind.MISSING and record.job_sequence == fault.job_sequence:
            self._fault = Fault(
                kind=FaultKind.REORDERED, job_key=fault.job_key, job_sequence=fault.job_sequence,
                sequence=record.sequence, expected=fault.expected, actual=f"it comes later, after {fault.actual}",
            )  # fmt: skip

    def _missing(self, number: int, found: str) -> Fault:
        return Fault(
            kind=FaultKind.MISSING, job_key=self.facts.job_key, job_sequence=number, sequence=None,
            expected=f"record {number}", actual=found,
        )  # fmt: skip

    def _head_fault(self, expected: str, actual: str, who: str) -> Fault:
        return Fault(
            kind=FaultKind.HEAD_DIFFERS, job_key=self.facts.job_key, job_sequence=None, sequence=None,
            expected=f"{expected} ({who})", actual=actual,
        )  # fmt: skip

    def _at(self, record: AuditRecord, kind: FaultKind, expected: str, actual: str) -> Fault:
        return Fault(
            kind=kind, job_key=self.facts.job_key, job_sequence=record.job_sequence, sequence=record.sequence,
            expected=expected, actual=actual,
        )  # fmt: skip


def _shown(head: ChainHead) -> str:
    return f"the newest record is {head.job_sequence} (sequence {head.sequence}, hash {head.hash})"


def _quoted(text: str) -> str:
    return quote(text=text)
