"""`proxx audit`: what it prints, what it writes, how it ends."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from proxx.cli.main import run_cli
from proxx.core.audit import PrunePlan, PruneResult
from tests.fakes.audit_log import KEYS, FakeAuditLog
from tests.unit.cli.fake_scheduler import FakeScheduler, World

A, B = KEYS
ORDER = (A, B, A, "", A, B, A)
PLAN = PrunePlan(jobs=2, records=3, newest_sequence=7)


def world(log: FakeAuditLog | None = None) -> World:
    return World(scheduler=FakeScheduler(audit=log or FakeAuditLog.sound(ORDER)))


def damaged() -> FakeAuditLog:
    """The second record of job A says something else than when it was written."""
    log = FakeAuditLog.sound(ORDER)
    piece = log.pieces[1]
    records = (piece.records[0], replace(piece.records[1], actor="someone"), *piece.records[2:])
    log.pieces[1] = replace(piece, records=records)
    return log


def call(place: World, *words: object, interactive: bool = False) -> int:
    return run_cli(["audit", *map(str, words)], environment=place.environment(interactive=interactive))


def head_of(key: str) -> str:
    (piece,) = [piece for piece in FakeAuditLog.sound(ORDER).pieces if piece.facts.job_key == key]
    return piece.records[-1].hash


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """An export of the sound log."""
    path = tmp_path / "log.jsonl"
    assert call(world(), "export", "--output", path) == 0
    return path


def result_file(path: Path, *, key: str, head: str) -> Path:
    path.write_text(json.dumps({"job_key": key, "event_chain_head": head}))
    return path


def test_a_sound_log_is_counted_with_the_digest_of_its_heads(capsys) -> None:
    assert call(world(), "verify", "--server", "there:7600") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "OK: 7 records in 3 chains, up to sequence 7: there:7600"
    assert second.startswith("digest of all heads: ")


def test_one_chain_is_shown_with_its_head(capsys) -> None:
    assert call(world(), "verify", "--job", A) == 0
    assert f"head of job {A}: record 4, {head_of(A)}" in capsys.readouterr().out.splitlines()
    assert call(world(), "verify", "--job", "-", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["ok"], document["records"], document["head"]["job_key"]) == (True, 1, "")


def test_the_heads_are_printed_one_a_line(capsys) -> None:
    assert call(world(), "verify", "--heads") == 0
    lines = capsys.readouterr().out.splitlines()[:3]
    assert lines == [f"{head_of('')} 1 (scheduler)", f"{head_of(A)} 4 {A}", f"{head_of(B)} 2 {B}"]


def test_the_first_bad_record_is_named_and_nothing_after_its_chain_is_read(capsys) -> None:
    place = world(damaged())
    assert call(place, "verify", "--heads") == 2
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + 4
    assert lines[3] == f"job {A}, record 2, sequence 3: this record was changed (CHANGED)"
    assert call(place, "verify", "--json") == 2
    fault = json.loads(capsys.readouterr().out)["fault"]
    assert (fault["kind"], fault["job_key"], fault["job_sequence"]) == ("CHANGED", A, 2)


def test_a_result_keeps_a_head_that_the_chain_must_have(tmp_path, capsys) -> None:
    good = result_file(tmp_path / "good.json", key=A, head=head_of(A))
    place = world()
    assert call(place, "verify", "--result", good) == 0
    assert "1 head kept elsewhere: each is in its chain" in capsys.readouterr().out
    assert {call[1][0] for call in place.scheduler.audit.calls} == {A}
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"result": json.loads(good.read_text())}))
    assert call(world(), "verify", "--result", report) == 0
    bad = result_file(tmp_path / "bad.json", key=A, head="1" * 64)
    assert call(world(), "verify", "--result", bad) == 2
    assert f"{bad} says" in capsys.readouterr().out
    assert call(world(), "verify", "--job", A, "--head", "1" * 64) == 2
    assert call(world(), "verify", "--job", A, "--head", head_of(A)) == 0


def test_a_head_of_another_chain_than_the_one_that_is_asked_for_is_refused(tmp_path, capsys) -> None:
    other = result_file(tmp_path / "other.json", key=B, head="f" * 64)
    single = tmp_path / "single.jsonl"
    assert call(world(), "export", "--job", A, "--output", single) == 0
    for words in (("verify", "--job", A, "--result", other), ("verify", single, "--result", other)):
        assert call(world(), *words) == 1
        assert f"{other} keeps a head of job {B}, and only job {A} is looked at" in capsys.readouterr().err
    assert call(world(damaged()), "verify", "--job", A, "--result", other) == 2  # the worse comes first


def test_one_chain_is_compared_with_an_export_of_all(exported, capsys) -> None:
    assert call(world(), "verify", "--job", A, "--against", exported) == 0
    assert "1 head kept elsewhere: each is in its chain" in capsys.readouterr().out


def test_a_job_that_is_gone_is_missed_by_the_result_that_it_wrote(tmp_path, capsys) -> None:
    gone = result_file(tmp_path / "gone.json", key=KEYS[0][:-1] + "0", head="f" * 64)
    assert call(world(), "verify", "--result", gone) == 2
    assert "no chain of this job" in capsys.readouterr().out
    assert call(world(), "verify", "--job", KEYS[0][:-1] + "0") == 1


def test_a_later_export_is_compared_with_an_earlier_one(tmp_path, capsys) -> None:
    march, april = tmp_path / "march.jsonl", tmp_path / "april.jsonl"
    assert call(world(FakeAuditLog.sound(ORDER[:3])), "export", "--output", march) == 0
    assert call(world(), "export", "--since", 3, "--output", april) == 0
    capsys.readouterr()
    assert call(world(), "verify", april, "--against", march) == 0
    assert "2 heads kept elsewhere: each is in its chain" in capsys.readouterr().out


def test_an_export_verifies_without_a_server(exported, tmp_path, capsys) -> None:
    capsys.readouterr()
    assert call(world(), "verify", exported) == 0
    assert capsys.readouterr().out.startswith("OK: 7 records in 3 chains")
    text = exported.read_bytes().replace(b'"actor":"operator"', b'"actor":"nobody"', 1)
    changed = tmp_path / "changed.jsonl"
    changed.write_bytes(text)
    assert call(world(), "verify", changed) == 2
    assert "the scheduler's own chain, record 1" in capsys.readouterr().out


def test_a_server_is_compared_with_an_earlier_export(exported, tmp_path, capsys) -> None:
    log = FakeAuditLog.sound((*ORDER, A))
    assert call(world(log), "verify", "--against", exported) == 0
    assert "3 heads kept elsewhere: each is in its chain" in capsys.readouterr().out
    assert call(world(FakeAuditLog.sound((B, *ORDER[1:]))), "verify", "--against", exported) == 2
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(exported.read_bytes()[:-20])
    assert call(world(), "verify", "--against", broken) == 2
    assert f"{broken} cannot be compared with:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["verify", "{}/absent.jsonl"], 4),
        (["verify", "{}/no.jsonl"], 1),
        (["verify", "--result", "{}/no.jsonl"], 1),
        (["verify", "--result", "{}/absent.json"], 4),
        (["verify", "--head", "1" * 64], 64),
        (["verify", "--job", A, "--head", "abc"], 64),
        (["verify", "{}/no.jsonl", "--job", A], 64),
        (["export", "--output", "{}/no.jsonl"], 4),
        (["export", "--since", "-1"], 64),
        (["prune", "--yes", "--before", "soon"], 64),
        (["prune", "--yes", "--before", "2026-11-01T10:00"], 64),
        (["prune", "--before", "2026-11-01"], 64),
        (["prune", "--yes", "--before", "2026-11-01", "--export", "-"], 64),
    ],
    ids=[
        *("no such export", "no export", "no result", "no such result", "a head of nobody", "no hash", "two places"),
        *("a name that is taken", "no sequence", "no date", "a time without offset", "nobody to ask"),
        "an export that cannot be read back",
    ],
)
def test_what_cannot_be_done_is_refused_with_its_exit_code(words: list[str], code: int, tmp_path) -> None:
    (tmp_path / "no.jsonl").write_text("{}\n")
    assert call(world(), *(word.format(tmp_path) for word in words)) == code
    assert (tmp_path / "no.jsonl").read_text() == "{}\n"


def test_a_range_is_exported_and_says_that_it_is_one(tmp_path, capsys) -> None:
    path = tmp_path / "rest.jsonl"
    assert call(world(), "export", "--since", "3", "--output", path) == 0
    capsys.readouterr()
    assert call(world(), "verify", path) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        f"OK: 4 records in 3 chains after sequence 3, up to sequence 7: {path}",
        "what came up to sequence 3 was not looked at",
    ]


def test_a_damaged_log_is_exported_as_it_is(tmp_path, capsys) -> None:
    path = tmp_path / "log.jsonl"
    assert call(world(damaged()), "export", "--output", path) == 2
    assert "the log is not as it was written" in capsys.readouterr().err
    assert call(world(), "verify", path) == 2


def test_an_export_goes_to_stdout_where_no_file_is_named(exported, capsysbinary) -> None:
    capsysbinary.readouterr()
    assert call(world(), "export") == 0
    assert capsysbinary.readouterr().out == exported.read_bytes()


def test_an_export_that_is_refused_half_way_leaves_no_file(tmp_path, capsys) -> None:
    log = FakeAuditLog.sound(ORDER)
    log.pages_left = 2
    assert call(world(log), "export", "--output", tmp_path / "log.jsonl") == 4
    assert list(tmp_path.iterdir()) == []
    assert "CURSOR_TRUNCATED" in capsys.readouterr().err


def pruning(tmp_path: Path, *words: object, log: FakeAuditLog | None = None, interactive: bool = False):
    place = world(log)
    place.scheduler.audit.plan = PLAN
    place.scheduler.audit.result = PruneResult(jobs=2, records=3, left=())
    code = call(place, "prune", "--before", "2026-11-01", *words, interactive=interactive)
    return code, [detail for name, detail in place.scheduler.audit.calls if name == "prune_events"]


def test_a_prune_says_what_goes_and_what_stays_before_it_goes(tmp_path, capsys) -> None:
    code, calls = pruning(tmp_path, "--yes")
    out, err = capsys.readouterr()
    assert (code, out) == (0, "retired 3 records of 2 jobs\n")
    assert err.splitlines()[0] == (
        "prune: 3 records of 2 jobs that ended before 2026-11-01T00:00:00+00:00 are deleted for good"
    )
    assert "--export FILE keeps it" in err
    assert [(before.isoformat(), request, through) for before, request, through in calls] == [
        ("2026-11-01T00:00:00+00:00", "request-1", 0)
    ]


def test_a_plan_retires_nothing(tmp_path) -> None:
    assert pruning(tmp_path, "--plan") == (0, [])


def test_a_prune_exports_first_and_retires_only_what_the_export_holds(tmp_path) -> None:
    path = tmp_path / "log.jsonl"
    code, calls = pruning(tmp_path, "--yes", "--export", path)
    assert (code, calls[0][2]) == (0, 7)
    assert call(world(), "verify", path) == 0


def test_a_prune_of_a_damaged_log_stops_after_the_export(tmp_path, capsys) -> None:
    code, calls = pruning(tmp_path, "--yes", "--export", tmp_path / "log.jsonl", log=damaged())
    assert (code, calls) == (2, [])
    assert "nothing was retired" in capsys.readouterr().err


def test_a_person_is_asked_and_may_say_no(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("no\n"))
    code, calls = pruning(tmp_path, interactive=True)
    assert (code, calls) == (1, [])


def test_chains_that_were_left_alone_are_named(tmp_path, capsys) -> None:
    place = world()
    place.scheduler.audit.plan = PLAN
    place.scheduler.audit.result = PruneResult(jobs=1, records=1, left=("job x, record 3: this record was changed",))
    assert call(place, "prune", "--before", "2026-11-01", "--yes") == 2
    assert "job x, record 3" in capsys.readouterr().err
