"""Files of ours that somebody may have changed: journals, exports of the audit, results, ledgers, manifests."""

import contextlib
import json
import math
import os
import tempfile
from dataclasses import replace
from pathlib import Path

from proxx.core.audit import ExportReader, NotAnExportError
from proxx.core.canonical import canonical_json
from proxx.core.plain import to_plain
from proxx.core.reports.diagnostics import Diagnostics
from proxx.core.reports.formats import ReportFormat
from proxx.core.reports.render_report import render_report
from proxx.core.reports.result_reader import ReportInputError, job_report
from proxx.core.reproduce.read_result import ResultInvalidError, read_result
from proxx.core.result_json import job_result_document, json_text
from proxx.core.steps import Journal
from proxx.engine.journal import JournalError, read_journal
from proxx.rpc.journals import can_be_reported
from proxx_watcher.disk.ledger import LedgerDamagedError, _line, _read
from proxx_watcher.domain.manifest import ManifestInvalidError, read_manifest
from proxx_watcher.domain.media_record import MediaRecord, read_media_record
from proxx_watcher.domain.spec_record import SpecRecord, read_record
from proxx_watcher.domain.spec_result import read_result as read_spec_result
from tests.fakes.leases import a_journal, prepared_output
from tests.fuzzing.parsers.target import Form, Target, hold, text_of
from tests.unit.cli import samples
from tests.unit.core.audit.test_export import LINES
from tests.unit.rpc.values import built

_DIAGNOSTICS = built(Diagnostics, full=True)
_MEMORY = Path("/dev/shm")


def _place(name: str) -> Path:
    folder = _MEMORY if _MEMORY.is_dir() else Path(tempfile.gettempdir())
    return folder / f"proxx-fuzz-{os.getpid()}-{name}"


def _journal(data: bytes) -> None:
    path = _place("journal")
    path.write_bytes(data)
    try:
        journal = read_journal(path)
    except JournalError:
        return
    finally:
        path.unlink()
    hold(
        canonical_json(to_plain(journal)).encode("utf-8", "surrogatepass") == data,
        "a journal in another form was taken",
    )
    can_be_reported(journal)


def _journals() -> tuple[bytes, ...]:
    kinds = (a_journal(prepared_output()), built(Journal, full=True), built(Journal, full=False))
    return tuple(canonical_json(to_plain(journal)).encode("utf-8", "surrogatepass") for journal in kinds)


def _export(data: bytes) -> None:
    try:
        reader = ExportReader(lines=data.splitlines(keepends=True))
    except NotAnExportError:
        return
    list(reader.chains())
    hold(reader.summary.ok or reader.summary.fault is not None, "an export is not sound and has no fault")
    if reader.summary.ok:
        hold(data.startswith(b'{"header"') and data.count(b"\n") >= 2, "what is no export is called sound")


def _result(data: bytes) -> None:
    with contextlib.suppress(ResultInvalidError):
        read_result(text=text_of(data))
    read_spec_result(text_of(data))
    try:
        document = json.loads(data, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict):
        with contextlib.suppress(ReportInputError):
            report = job_report(document=document, diagnostics=_DIAGNOSTICS)
            for form in ReportFormat:
                render_report(report=report, form=form)


def _finite(text: str) -> float:
    """Read a number as `proxx report` does."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _ledger(data: bytes) -> None:
    path = _place("ledger")
    path.write_bytes(data)
    try:
        records, _, _ = _read(path)
    except LedgerDamagedError:
        return
    finally:
        path.unlink()
    for record in records.values():
        read_record(record)
        read_media_record(record)


def _signed(data: bytes) -> None:
    """Read JSON lines as a ledger whose digests are right."""
    lines = []
    for line in data.split(b"\n"):
        try:
            pair = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(pair, list) and len(pair) == 2:
            lines.append(_line(pair[0], pair[1]))
    _ledger("".join(lines).encode())


def _ledgers() -> tuple[bytes, ...]:
    kinds = (SpecRecord, MediaRecord)
    moment = "2026-11-20T09:00:00+00:00"
    forms = {"a.mov": [1, 2, 3, 4]}
    records = [replace(built(kind, full=full), changed_time=moment).plain() for kind in kinds for full in (True, False)]
    pairs = [["a.json aaaa", {**record, **({"forms": forms} if "forms" in record else {})}] for record in records]
    return tuple(json.dumps(pair).encode() + b"\n" for pair in pairs)


def _manifest(data: bytes) -> None:
    with contextlib.suppress(ManifestInvalidError):
        read_manifest(text_of(data))


_ENTRY = {"sha256": "a" * 64, "processed_at": "now", "result_status": "PARTIAL", "job_key": "k", "generation": 2}

TARGETS = (
    Target(name="journal", look=_journal, seeds=_journals, form=Form.JSON),
    Target(name="audit-export", look=_export, seeds=lambda: (b"".join(LINES),), form=Form.JSON),
    Target(
        name="result",
        look=_result,
        seeds=lambda: (json_text(job_result_document(result=samples.result())).encode(),),
        form=Form.JSON,
    ),
    Target(name="ledger", look=_ledger, seeds=lambda: (_line("k", {"name": "a"}).encode(),), form=Form.TEXT),
    Target(name="ledger-signed", look=_signed, seeds=_ledgers, form=Form.JSON),
    Target(
        name="manifest",
        look=_manifest,
        seeds=lambda: (json.dumps({"version": 1, "entries": {"/a.json": _ENTRY}}).encode(),),
        form=Form.JSON,
    ),
)
