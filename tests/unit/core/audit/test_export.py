"""An export verifies with nothing but its lines; any change to any of them is found."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.audit import AuditSummary, ExportReader, ExportWriter, FaultKind, LogRange, NotAnExportError
from proxx.core.canonical import canonical_json
from tests.fakes.audit_log import KEYS, facts_of, log_of

A, B = KEYS
ORDER = (A, B, A, "", A, B, A)


def exported(*, after: int = 0, job_key: str | None = None) -> list[bytes]:
    """The lines of an export."""
    log = log_of(ORDER)
    writer = ExportWriter(within=LogRange(after_sequence=after, until_sequence=7, job_key=job_key))
    header = {"scheduler": "127.0.0.1:7600", "version": "0.1.0", "schema_revision": "0009", "exported_at": "now"}
    lines = [writer.header(**header)]
    for key in sorted(log):
        records = [record for record in log[key] if record.sequence > after]
        if records and job_key in (None, key):
            lines.append(writer.chain(facts_of(key, log[key])))
            lines += [writer.record(record) for record in records]
            lines.append(writer.head())
    last, summary = writer.trailer()
    assert summary.ok
    return [*lines, last]


def read(lines: Iterable[bytes]) -> AuditSummary:
    reader = ExportReader(lines=lines)
    list(reader.chains())
    return reader.summary


LINES = exported()
EVENTS = [index for index, line in enumerate(LINES) if line.startswith(b'{"event"')]


def test_an_export_is_canonical_json_with_one_event_a_line_between_header_and_trailer() -> None:
    names = [next(iter(json.loads(line))) for line in LINES]
    assert names == [
        *("header", "chain", "event", "head"),
        *("chain", "event", "event", "event", "event", "head"),
        *("chain", "event", "event", "head", "trailer"),
    ]
    assert all(canonical_json(json.loads(line)).encode() + b"\n" == line for line in LINES)


@pytest.mark.parametrize(
    ("lines", "records"),
    [(LINES, 7), (exported(after=2), 5), (exported(job_key=B), 2)],
    ids=["the whole log", "a range", "one chain"],
)
def test_an_export_verifies_by_itself(lines: list[bytes], records: int) -> None:
    summary = read(lines)
    assert (summary.fault, summary.records) == (None, records)


def other(value: object) -> st.SearchStrategy[Any]:
    """Another value than this one, of its kind or of another."""
    if isinstance(value, str):
        same: st.SearchStrategy[Any] = st.one_of(st.text(max_size=70), st.just(value + " "), st.just(value.upper()))
    elif isinstance(value, int):
        same = st.integers(min_value=-(2**33), max_value=2**33)
    else:
        same = st.integers(min_value=0, max_value=3)
    return st.one_of(same, st.none(), st.just([])).filter(lambda new: new != value)


@given(st.data())
def test_a_change_of_any_one_field_of_any_record_is_found_and_the_record_named(data: st.DataObject) -> None:
    index = data.draw(st.sampled_from(EVENTS))
    record = json.loads(LINES[index])["event"]
    name = data.draw(st.sampled_from(sorted(record)))
    changed = {**record, name: data.draw(other(record[name]))}
    lines = list(LINES)
    lines[index] = canonical_json({"event": changed}).encode("utf-8", "surrogatepass") + b"\n"
    fault = read(lines).fault
    assert fault is not None
    key = A if EVENTS.index(index) in range(1, 5) else "" if EVENTS.index(index) == 0 else B
    if fault.line is None:  # a line that is still a record
        assert fault.job_key == key
        assert fault.kind in (FaultKind.CHANGED, FaultKind.MISSING, FaultKind.REORDERED)
        assert fault.job_sequence is not None
    else:
        assert fault.line == index + 1


@given(st.data())
def test_a_change_of_any_one_byte_of_any_line_is_found(data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=len(LINES) - 1))
    place = data.draw(st.integers(min_value=0, max_value=len(LINES[index]) - 1))
    byte = data.draw(st.integers(min_value=0, max_value=255).filter(lambda new: new != LINES[index][place]))
    lines = list(LINES)
    lines[index] = LINES[index][:place] + bytes([byte]) + LINES[index][place + 1 :]
    try:
        assert read(lines).fault is not None
    except NotAnExportError:
        assert index == 0


@given(st.data())
def test_a_line_left_out_doubled_or_moved_is_found(data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=1, max_value=len(LINES) - 1))
    rest = LINES[:index] + LINES[index + 1 :]
    to = data.draw(st.integers(min_value=1, max_value=len(LINES) - 1).filter(lambda place: place != index))
    moved = [*rest[:to], LINES[index], *rest[to:]]
    doubled = [*LINES[:to], LINES[index], *LINES[to:]]
    for lines in (rest, moved, doubled):
        assert read(lines).fault is not None


@pytest.mark.parametrize("length", range(1, len(LINES)))
def test_an_export_that_was_cut_off_is_not_whole(length: int) -> None:
    fault = read(LINES[:length]).fault
    assert fault is not None
    assert (fault.kind, fault.actual) == (FaultKind.FILE_DAMAGED, "the file ends before it")


def test_a_chain_that_was_shortened_with_its_head_line_differs_from_the_head_that_its_job_had() -> None:
    tail = next(index for index in EVENTS if json.loads(LINES[index])["event"]["sequence"] == 7)
    fault = read([*LINES[:tail], *LINES[tail + 1 :]]).fault
    assert fault is not None
    assert (fault.kind, fault.job_key) == (FaultKind.HEAD_DIFFERS, A)


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"\xff\n",
        b"[]\n",
        b'{"header":{}}\n',
        LINES[0].replace(b'"1.0"', b'"9.0"'),
        LINES[0].replace(b"null", b"7"),
    ],
    ids=["nothing", "no text", "no object", "no version", "another version", "a range that is none"],
)
def test_what_is_no_export_is_refused(first: bytes) -> None:
    with pytest.raises(NotAnExportError):
        ExportReader(lines=[first, *LINES[1:]])


def test_a_damaged_log_is_exported_as_it_is_and_the_export_says_so() -> None:
    log = log_of((A, A))[A]
    writer = ExportWriter(within=LogRange(after_sequence=0, until_sequence=2, job_key=None))
    lines = [writer.header(scheduler="x", version="1", schema_revision="0009", exported_at="now")]
    lines.append(writer.chain(facts_of(A, log)))
    lines += [writer.record(record) for record in (log[0], replace(log[1], actor="someone"))]
    lines.append(writer.head())
    last, summary = writer.trailer()
    found = read([*lines, last])
    assert summary.fault is not None
    assert (summary.fault.kind, summary.fault.job_sequence) == (FaultKind.CHANGED, 2)
    assert found.fault == summary.fault
