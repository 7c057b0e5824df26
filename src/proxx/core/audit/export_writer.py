"""An export of the log as canonical JSON lines (docs/AUDIT.md): made line by line, checked while it is made."""

import hashlib

from proxx.core.audit.log_check import LogCheck, head_line
from proxx.core.audit.log_range import LogRange
from proxx.core.audit.record import AuditRecord, ChainFacts
from proxx.core.audit.summary import AuditSummary
from proxx.core.canonical import canonical_json
from proxx.core.plain import to_plain

SCHEMA_VERSION = "1.0"
HEADER = frozenset(
    {
        "schema_version", "scheduler", "proxx_version", "database_schema", "exported_at", "after_sequence",
        "until_sequence", "job_key",
    }
)  # fmt: skip
"""The fields of the header."""


def trailer_of(summary: AuditSummary, *, lines_digest: str) -> bytes:
    """Return the last line of an export; `lines_digest` is the sha256 of all lines before it."""
    trailer = {
        "chains": summary.chains, "events": summary.records, "retired": summary.retired,
        "heads_digest": summary.heads_digest, "lines_digest": lines_digest,
    }  # fmt: skip
    return _line_of("trailer", trailer)


def _line_of(name: str, value: object) -> bytes:
    return canonical_json({name: value}).encode("utf-8", "surrogatepass") + b"\n"


class ExportWriter:
    """Returns the lines of one export, to be written in the order in which they are asked for."""

    def __init__(self, *, within: LogRange) -> None:
        """Begin with nothing."""
        self._within = within
        self._check = LogCheck(within=within)
        self._digest = hashlib.sha256()

    @property
    def records(self) -> int:
        """How many records were written so far."""
        return self._check.records

    def header(self, *, scheduler: str, version: str, schema_revision: str, exported_at: str) -> bytes:
        """Return the first line: what this is, and of which scheduler."""
        header = {
            "schema_version": SCHEMA_VERSION, "scheduler": scheduler, "proxx_version": version,
            "database_schema": schema_revision, "exported_at": exported_at, **to_plain(self._within),
        }  # fmt: skip
        return self._line("header", header)

    def chain(self, facts: ChainFacts) -> bytes:
        """Return the line that begins a chain."""
        self._check.open(facts)
        return self._line("chain", to_plain(facts))

    def record(self, record: AuditRecord) -> bytes:
        """Return the line of a record."""
        self._check.feed(record)
        return self._line("event", to_plain(record))

    def head(self) -> bytes:
        """Return the line that ends a chain."""
        line = head_line(self._check.close())
        self._digest.update(line)
        return line

    def trailer(self) -> tuple[bytes, AuditSummary]:
        """Return the last line, and what the check of everything came to."""
        summary = self._check.end()
        return trailer_of(summary, lines_digest=self._digest.hexdigest()), summary

    def _line(self, name: str, value: object) -> bytes:
        line = _line_of(name, value)
        self._digest.update(line)
        return line
