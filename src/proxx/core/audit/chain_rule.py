"""The rule of the chain: the hash of an event. The scheduler writes by it, every audit reads by it.

A hash is the sha256 of the canonical JSON of the object of `previous_hash` and the fields of FIELDS. Events that a
scheduler before schema 0009 wrote do not have `sequence` in it; the record that follows binds them all the same.
"""

from collections.abc import Mapping

from proxx.core.audit.record import AuditRecord
from proxx.core.canonical import digest, plain_digest

NO_HASH = "0" * 64
"""The previous hash of the first record of a chain."""

FIELDS = (
    "sequence",
    "job_key",
    "job_sequence",
    "clip_index",
    "event_time",
    "actor",
    "kind",
    "before",
    "after",
    "data_json",
)


def event_hash(*, previous_hash: str, fields: Mapping[str, object]) -> str:
    """Return the hash of an event with exactly the fields of FIELDS; `event_time` is ISO 8601 text as it is stored."""
    return plain_digest({"previous_hash": previous_hash, **{name: fields[name] for name in FIELDS}})


def hash_of(record: AuditRecord) -> str:
    """Return the hash that a record should have; for one of an older schema that has its own rule's, that."""
    fields = {name: getattr(record, name) for name in FIELDS}
    expected = event_hash(previous_hash=record.previous_hash, fields=fields)
    if expected != record.hash:
        del fields["sequence"]
        if digest({"previous_hash": record.previous_hash, **fields}) == record.hash:
            return record.hash
    return expected
