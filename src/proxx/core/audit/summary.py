"""What an audit came to."""

from dataclasses import dataclass

from proxx.core.audit.fault import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSummary:
    """One chain: records read, records retired before them, and its head (place in chain, place in log, hash)."""

    job_key: str
    records: int
    retired: int
    job_sequence: int
    sequence: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSummary:
    """A whole audit. `heads_digest` is the sha256 over the head lines of all chains, in the order of their keys.

    `kept_heads_compared` counts heads that somebody kept and that the log has; `kept_heads_retired` those that only
    retired records could show; `kept_heads_unplaced` those of which nobody kept the place, that no record has, and that
    may be of retired ones; `kept_heads_earlier` those that lie before the range, or may lie there.
    """

    ok: bool
    fault: Fault | None
    chains: int
    records: int
    retired: int
    after_sequence: int
    until_sequence: int
    heads_digest: str
    kept_heads_compared: int
    kept_heads_retired: int
    kept_heads_unplaced: int
    kept_heads_earlier: int
