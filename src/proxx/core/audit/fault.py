"""The first thing that is wrong with a log."""

from dataclasses import dataclass
from enum import StrEnum

from proxx.core.quoting import quote


class FaultKind(StrEnum):
    """What is wrong. Part of the JSON of `proxx audit`; only grows."""

    CHANGED = "CHANGED"
    MISSING = "MISSING"
    REORDERED = "REORDERED"
    FORKED = "FORKED"
    HEAD_DIFFERS = "HEAD_DIFFERS"
    CHECKPOINT_DIFFERS = "CHECKPOINT_DIFFERS"
    FILE_DAMAGED = "FILE_DAMAGED"


_SENTENCES = {
    FaultKind.CHANGED: "this record was changed",
    FaultKind.MISSING: "a record is missing",
    FaultKind.REORDERED: "this record is out of order",
    FaultKind.FORKED: "the chain forks: this record does not continue the one before it",
    FaultKind.HEAD_DIFFERS: "the chain does not have the head that was kept",
    FaultKind.CHECKPOINT_DIFFERS: "the checkpoint of the retired records does not fit",
    FaultKind.FILE_DAMAGED: "the export was changed after it was written",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: where it is, what was expected there, what is there.

    `job_key` None means the log or file as a whole, "" the scheduler's own chain; `job_sequence` is the place in the
    chain, `sequence` that in the log, `line` that in an export, where they are known.
    """

    kind: FaultKind
    job_key: str | None
    job_sequence: int | None
    sequence: int | None
    expected: str
    actual: str
    line: int | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """Where and what, then expected, then actual: a line each."""
        where = [place_of(self.job_key)]
        if self.job_sequence is not None:
            where.append(f"record {self.job_sequence}")
        if self.sequence is not None:
            where.append(f"sequence {self.sequence}")
        if self.line is not None:
            where.append(f"line {self.line}")
        said = f"{', '.join(where)}: {_SENTENCES[self.kind]} ({self.kind})"
        return said, f"  expected: {self.expected}", f"  found:    {self.actual}"


def place_of(job_key: str | None) -> str:
    """Return the name of a chain for people."""
    if job_key is None:
        return "the log"
    return f"job {quote(text=job_key)[1:-1]}" if job_key else "the scheduler's own chain"
