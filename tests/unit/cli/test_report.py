"""Reports from the command line: at the end of a run, from a saved result, from a server's job."""

import csv
import io
import json
from pathlib import Path

import pytest

from proxx.cli.main import run_cli
from proxx.core.jobs import SubmissionOptions
from proxx.core.result_json import job_result_document, json_text
from tests.unit.cli import samples
from tests.unit.cli.fake_scheduler import FakeScheduler, World

STEM = "proxx_job_1a2b3c4d_20261120T090100Z"


@pytest.fixture
def jobspec(tmp_path: Path) -> Path:
    """A sound JobSpec whose output directory exists."""
    (tmp_path / "out").mkdir()
    spec = samples.spec(output_directory=str(tmp_path / "out"))
    del spec["job_id"], spec["created_at"]
    path = tmp_path / "job.json"
    path.write_text(json.dumps(spec))
    return path


def finished(directory: Path, reports: str) -> World:
    """A scheduler whose job ends COMPLETED and asks for these reports."""
    result = samples.result(
        spec=samples.spec(output_directory=str(directory)),
        options=SubmissionOptions(labels={"proxx.reports": reports}),
    )
    updates = [samples.job_event("RUNNING"), samples.job_event("COMPLETED", sequence=3)]
    return World(scheduler=FakeScheduler(updates=list(updates), result=result))


def call(world: World, *words: str | Path) -> int:
    return run_cli([*map(str, words)], environment=world.environment())


def test_run_asks_for_the_reports_of_its_flag(jobspec) -> None:
    world = finished(jobspec.parent / "out", "")
    call(world, "run", "--report", "txt,csv", jobspec)
    (detail,) = world.scheduler.called("submit_job")
    assert isinstance(detail, dict)
    assert detail["options"].labels == {"proxx.reports": "csv,txt"}


def test_run_writes_the_reports_that_the_job_asks_for(jobspec, capsys) -> None:
    out = jobspec.parent / "out"
    assert call(finished(out, "json,csv,txt"), "run", "--no-result-files", jobspec) == 0
    assert sorted(path.name for path in out.iterdir()) == [f"{STEM}.csv", f"{STEM}.json", f"{STEM}.txt"]
    assert json.loads((out / f"{STEM}.json").read_text())["result"]["job_id"] == samples.JOB_ID
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("report: ")]
    assert said == [f"report: {out / STEM}.json", f"report: {out / STEM}.csv", f"report: {out / STEM}.txt"]


def test_submit_wait_writes_them_too_and_jobs_result_does_not(jobspec) -> None:
    out = jobspec.parent / "out"
    world = finished(out, "txt")
    call(world, "jobs", "result", samples.KEY, "--server", "mam:7600")
    assert list(out.iterdir()) == []
    call(world, "submit", jobspec, "--wait", "--server", "mam:7600")
    assert [path.name for path in out.iterdir()] == [f"{STEM}.txt"]


def test_a_report_that_cannot_be_written_is_a_warning_and_the_others_are_made(jobspec, capsys) -> None:
    out = jobspec.parent / "out"
    (out / f"{STEM}.csv").write_text("mine")
    assert call(finished(out, "csv,txt"), "run", "--no-result-files", jobspec) == 0
    assert {path.name: path.read_text()[:17] for path in out.iterdir()} == {
        f"{STEM}.csv": "mine",
        f"{STEM}.txt": "Proxx job report ",
    }
    assert f"warning: a report was not written: {out / STEM}.csv: File exists" in capsys.readouterr().err.splitlines()


def test_words_in_the_label_that_are_no_format_are_ignored(jobspec) -> None:
    out = jobspec.parent / "out"
    assert call(finished(out, "../evil,txt"), "run", "--no-result-files", jobspec) == 0
    assert [path.name for path in out.iterdir()] == [f"{STEM}.txt"]


def test_report_prints_a_saved_result(tmp_path, capsys) -> None:
    path = tmp_path / "r.result.json"
    path.write_text(json_text(job_result_document(result=samples.result())))
    assert call(World(), "report", path, "--format", "csv") == 0
    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["source_path"] for row in found] == ["/footage/A001.mov", "/footage/A002.mov"]


def test_report_prints_a_job_of_a_server(capsys) -> None:
    world = World()
    assert call(world, "report", samples.JOB_ID, "--server", "mam:7600") == 0
    assert capsys.readouterr().out.startswith("Proxx job report 1a2b3c4d\n")
    assert [target.server for target in world.targets] == ["mam:7600"]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        pytest.param(None, 4, "No such file or directory", id="missing"),
        pytest.param("{", 1, "is not JSON", id="no JSON"),
        pytest.param('{"a": NaN}', 1, "NaN is no JSON number", id="not a number"),
        pytest.param('{"a": 1e999}', 1, "1e999 is no JSON number", id="number out of range"),
        pytest.param("[" * 100_000, 1, "is not JSON", id="nested too deep"),
        pytest.param("[]", 1, "expected an object, got an array", id="no object"),
        pytest.param("{}", 1, "schema_version: expected a string, got nothing", id="no result"),
    ],
)
def test_a_file_that_is_no_result_is_refused_in_words(text, code, said, tmp_path, capsys) -> None:
    path = tmp_path / "r.json"
    if text is not None:
        path.write_text(text)
    assert call(World(), "report", path) == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""
