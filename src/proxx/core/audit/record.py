"""What an audit reads: records and chains as the database holds them, nothing interpreted. Mirrors AuditService."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One event. Texts are those of its row, letter by letter; a number that is none there is -1 here."""

    sequence: int
    job_key: str
    job_sequence: int
    clip_index: int | None
    event_time: str
    actor: str
    kind: str
    before: str
    after: str
    data_json: str
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The newest record of a chain: its place in the chain, its place in the whole log, its hash."""

    job_sequence: int
    sequence: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Where a chain begins since its oldest records were retired: every record before `first_kept`.

    `last_hash` and `last_sequence` are of the newest retired record; `prune_sequence` is that of the event which
    recorded the retirement.
    """

    first_kept: int
    last_hash: str
    last_sequence: int
    retire_time: str
    actor: str
    prune_sequence: int

    @property
    def retired(self) -> int:
        """How many records of the chain were retired."""
        return self.first_kept - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFacts:
    """What is known of a chain beside its records. `job_key` "" is the chain of the scheduler itself.

    `recorded` is the head that the job's own row holds (of that chain: the scheduler's own row); None where there is
    no such row, or where it lies after the range that is read (`moved_on`).
    """

    job_key: str
    job_id: str
    checkpoint: Checkpoint | None
    recorded: ChainHead | None
    moved_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainPiece:
    """Some records of one chain, in order. A long chain comes in several pieces."""

    facts: ChainFacts
    records: tuple[AuditRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """A place in the log as audits walk it: chain by chain in the order of their keys, and record by record."""

    job_key: str
    job_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """A part of the log: pieces of chains, where it goes on (None: the end), and the last sequence of the range."""

    pieces: tuple[ChainPiece, ...]
    next: LogPlace | None
    until_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrunePlan:
    """What a prune would retire: how many records of how many jobs. `newest_sequence` is the end of the log."""

    jobs: int
    records: int
    newest_sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """What a prune did. `left` names chains that it did not touch because they are damaged, one sentence each."""

    jobs: int
    records: int
    left: tuple[str, ...]
