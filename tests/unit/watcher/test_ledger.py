"""The ledger: a cache that a crash may tear and a disk may garble, and that is never believed over its own digests."""

from pathlib import Path

import pytest

from proxx_watcher.disk.ledger import FileLedger, open_ledger
from tests.unit.watcher.spec_world import InlineThread

RECORDS: dict[str, dict[str, object]] = {
    "spec:1:a.json": {"name": "a.json", "order": 1},
    "spec:2:b\udcff.json": {"name": "b\udcff.json", "order": 2},
}


async def write(path: Path) -> FileLedger:
    ledger = open_ledger(path=path, thread=InlineThread())
    for key, record in RECORDS.items():
        await ledger.put(key=key, record=record)
    return ledger


async def test_records_come_back_with_any_name(tmp_path: Path) -> None:
    path = tmp_path / "state" / "ledger.jsonl"
    ledger = await write(path)
    await ledger.put(key="spec:1:a.json", record={"name": "a.json", "order": 3})
    again = open_ledger(path=path, thread=InlineThread())
    assert again.records() == ledger.records() == {**RECORDS, "spec:1:a.json": {"name": "a.json", "order": 3}}


async def test_a_torn_last_line_is_cut_off_and_the_next_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    await write(path)
    path.write_bytes(path.read_bytes()[:-5])
    again = open_ledger(path=path, thread=InlineThread())
    assert list(again.records()) == ["spec:1:a.json"]
    await again.put(key="k", record={})
    assert list(open_ledger(path=path, thread=InlineThread()).records()) == ["spec:1:a.json", "k"]


@pytest.mark.parametrize("harm", [b"\0" * 40 + b"\n", b"not a ledger\n", b"\xff\xfe\n"], ids=["zeros", "text", "bytes"])
async def test_a_garbled_ledger_is_kept_under_a_number_and_begun_anew(tmp_path: Path, harm: bytes) -> None:
    path = tmp_path / "ledger.jsonl"
    for number in (1, 2):
        await write(path)
        path.write_bytes(harm + path.read_bytes())
        assert open_ledger(path=path, thread=InlineThread()).records() == {}
        assert (tmp_path / f"ledger_{number:03d}.jsonl").read_bytes().startswith(harm)


async def test_a_long_ledger_is_written_anew_with_what_counts(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = await write(path)
    for number in range(1100):
        await ledger.put(key="k", record={"n": number}, durable=False)
    open_ledger(path=path, thread=InlineThread())
    assert len(path.read_bytes().splitlines()) == 3
    assert open_ledger(path=path, thread=InlineThread()).records()["k"] == {"n": 1099}
