"""Checks an export line by line, with nothing but its lines."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from proxx.core.audit.anchor import Anchor
from proxx.core.audit.export_writer import HEADER, SCHEMA_VERSION, trailer_of
from proxx.core.audit.fault import Fault, FaultKind
from proxx.core.audit.log_check import LogCheck, head_line
from proxx.core.audit.log_range import LogRange
from proxx.core.audit.record import AuditRecord, ChainFacts
from proxx.core.audit.summary import AuditSummary, ChainSummary
from proxx.core.canonical import canonical_json
from proxx.core.plain import from_plain
from proxx.core.quoting import quote

Built = TypeVar("Built")
SHOWN = 300
"""Most characters of a line that a fault shows."""


class NotAnExportError(Exception):
    """The text is no export of a log, or one of a version that is not known; the message says which."""


class _DamagedError(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.kind)
        self.fault = fault


class ExportReader:
    """Reads one export. `chains` yields what every chain came to; `summary` is there when they are through."""

    def __init__(self, *, lines: Iterable[bytes], anchors: Iterable[Anchor] = ()) -> None:
        """Take the lines with their ends, and heads that somebody kept, in the order of their job keys.

        Raises:
            NotAnExportError: the first line is no header of an export.
        """
        self._lines = iter(lines)
        self._number = 1
        first = next(self._lines, b"")
        self.header, self.within = _header(first)
        self._check = LogCheck(within=self.within, anchors=anchors)
        self._digest = hashlib.sha256(first)
        self._summary: AuditSummary | None = None

    @property
    def records(self) -> int:
        """How many records were read so far."""
        return self._check.records

    @property
    def summary(self) -> AuditSummary:
        """What the audit came to; only after the last chain."""
        if self._summary is None:
            raise RuntimeError("the export was not read to its end")
        return self._summary

    def chains(self) -> Iterator[ChainSummary]:
        """Read to the end, or to the first line that cannot be followed."""
        damage: Fault | None = None
        try:
            yield from self._chains()
        except _DamagedError as error:
            damage = self._check.fault or error.fault
        if self._summary is None:
            summary = self._check.end()
            fault = damage or summary.fault
            self._summary = replace(summary, ok=fault is None, fault=fault)

    def _chains(self) -> Iterator[ChainSummary]:
        begun = False
        while True:
            line = next(self._lines, b"")
            self._number += 1
            if not line:
                raise self._damaged("a trailer as the last line", "the file ends before it")
            name, value = self._read(line)
            if name == "chain" and not begun:
                begun = True
                self._check.open(self._built(ChainFacts, value, line))
            elif name == "event" and begun:
                self._check.feed(self._built(AuditRecord, value, line))
            elif name == "head" and begun:
                begun = False
                yield self._head(line)
            elif name == "trailer" and not begun:
                self._trailer(line)
                return
            else:
                raise self._damaged("chains, each with its events and then its head; then a trailer", _shown(line))
            self._digest.update(line)

    def _read(self, line: bytes) -> tuple[str, object]:
        try:
            value = json.loads(line)
            canonical = canonical_json(value).encode("utf-8", "surrogatepass") + b"\n"
        except (ValueError, TypeError, RecursionError):
            raise self._damaged("a line of canonical JSON", _shown(line)) from None
        if not isinstance(value, Mapping) or len(value) != 1:
            raise self._damaged("an object with one name", _shown(line))
        ((name, content),) = value.items()
        if canonical != line:
            raise self._damaged(_shown(canonical), _shown(line), content if name == "event" else None)
        return name, content

    def _built(self, kind: type[Built], value: object, line: bytes) -> Built:
        try:
            return from_plain(kind, value)
        except (TypeError, ValueError) as error:
            what = value if kind is AuditRecord else None
            raise self._damaged(f"a {kind.__name__} ({error})", _shown(line), what) from None

    def _head(self, line: bytes) -> ChainSummary:
        summary = self._check.close()
        if self._check.fault is None and head_line(summary) != line:
            fault = Fault(
                kind=FaultKind.HEAD_DIFFERS, job_key=summary.job_key, job_sequence=None, sequence=None,
                line=self._number, expected=_shown(line), actual=_shown(head_line(summary)),
            )  # fmt: skip
            raise _DamagedError(fault)
        return summary

    def _trailer(self, line: bytes) -> None:
        summary = self._check.end()
        fault = summary.fault
        expected = trailer_of(summary, lines_digest=self._digest.hexdigest())
        if fault is None and expected != line:
            fault = self._damaged(_shown(line), _shown(expected)).fault
        self._number += 1
        if fault is None and (rest := next(self._lines, b"")):
            fault = self._damaged("nothing after the trailer", _shown(rest)).fault
        self._summary = replace(summary, ok=fault is None, fault=fault)

    def _damaged(self, expected: str, actual: str, record: object = None) -> _DamagedError:
        """Return a fault of the file at this line; of a record, where the line was meant to be one."""
        kind = FaultKind.FILE_DAMAGED
        fields: Mapping[str, object] = {}
        if isinstance(record, Mapping):
            kind, fields = FaultKind.CHANGED, record
        key, place, sequence = fields.get("job_key"), fields.get("job_sequence"), fields.get("sequence")
        fault = Fault(
            kind=kind, job_key=key if isinstance(key, str) else None, line=self._number,
            job_sequence=place if isinstance(place, int) else None,
            sequence=sequence if isinstance(sequence, int) else None, expected=expected, actual=actual,
        )  # fmt: skip
        return _DamagedError(fault)


def _header(line: bytes) -> tuple[Mapping[str, object], LogRange]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise NotAnExportError(f"the first line is not JSON: {_shown(line)}") from None
    header = value.get("header") if isinstance(value, Mapping) else None
    if not isinstance(header, Mapping):
        raise NotAnExportError(f"the first line is no header of an export: {_shown(line)}")
    version = header.get("schema_version")
    if version != SCHEMA_VERSION:
        raise NotAnExportError(f"expected an export of schema_version {SCHEMA_VERSION}, got {_quoted(version)}")
    if set(header) != HEADER:
        odd = ", ".join(sorted(str(name) for name in set(header) ^ HEADER))
        raise NotAnExportError(f"the header lacks fields or has others: {quote(text=odd)}")
    try:
        within = from_plain(LogRange, {name: header[name] for name in ("after_sequence", "until_sequence", "job_key")})
    except (TypeError, ValueError) as error:
        raise NotAnExportError(f"the range in the header is none: {error}") from None
    return header, within


def _quoted(value: object) -> str:
    return quote(text=str(value))


def _shown(line: bytes) -> str:
    text = line.decode("utf-8", "backslashreplace").rstrip("\n")
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
