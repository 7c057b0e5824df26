"""Nothing that a stranger named can act on a terminal, a log, a report or a spreadsheet, wherever it is printed."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.cli import bars
from proxx.cli.lines import LineDisplay
from proxx.cli.main import run_cli
from proxx.cli.output import say, show, show_json
from proxx.cli.remote import violation_lines
from proxx.cli.render import event_line, job_lines, jobs_table, plan_lines, result_lines
from proxx.cli.text import table
from proxx.cli.verb_text import verb_plan_lines
from proxx.core.jobs import ClipState
from proxx.core.reports import Diagnostics, ReportFormat, job_report, render_report
from proxx.core.result_json import job_result_document
from proxx.core.violation import Violation, ViolationCode
from tests.fakes.hostile_text import ALL, HOSTILE, poisoned
from tests.fakes.specs import SEED_2_1, text_of
from tests.unit.cli import samples

ROOT = Path(__file__).resolve().parents[3]
ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
FORMULA = ("=", "+", "-", "@", "\t", "\r")
TEXTS = st.text(st.characters() | st.sampled_from(ALL), max_size=40)
VIOLATION = Violation(code=ViolationCode.NAMING_ILLEGAL, field="sources[0]", message="x", expected="a", actual="b")


def acting(text: str, *, keep: str = "\n") -> set[str]:
    """The characters that a terminal would act on."""
    return {mark for mark in text if unicodedata.category(mark) in ACTING and mark not in keep}


def printed(lines: Iterable[str], capsys: pytest.CaptureFixture[str]) -> str:
    taken = list(lines)
    capsys.readouterr()
    show(*taken)
    text = capsys.readouterr().out
    assert text.count("\n") == len(taken), "a text ended a line of its own"
    return text


PLACES: dict[str, Callable[[], Iterable[str]]] = {
    "jobs list": lambda: jobs_table((poisoned(samples.job()),)),
    "jobs get": lambda: job_lines(view=poisoned(samples.job()), clips=(poisoned(samples.clip_view(0)),)),
    "run, a finished job": lambda: result_lines(poisoned(samples.result())),
    "run, a failed clip": lambda: result_lines(poisoned(samples.result(clips=(samples.failed_clip(0),)))),
    "run, a refused job": lambda: result_lines(poisoned(samples.result(violations=(VIOLATION,)))),
    "plan": lambda: plan_lines(poisoned(samples.plan())),
    "violations": lambda: violation_lines((poisoned(VIOLATION),)),
    "verb": lambda: verb_plan_lines(plan=poisoned(samples.verb_plan()), job=poisoned(samples.job())),
    "events": lambda: [event_line(replace(poisoned(samples.job_event("RUNNING")), data_json="{}"))],
    "an event with a note": lambda: [
        event_line(replace(poisoned(samples.job_event("X")), kind="clip.return", data_json=json.dumps({"why": ALL})))
    ],
}


@pytest.mark.parametrize("place", PLACES)
def test_hostile_names_are_inert_wherever_the_command_line_prints_them(
    place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(PLACES[place](), capsys)
    assert acting(text) == set()
    assert text.strip()


@pytest.mark.parametrize("hostile", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
def test_lines_of_a_followed_job_are_inert(hostile: str, capsys: pytest.CaptureFixture[str]) -> None:
    view = replace(samples.job(), reason=hostile, spec={**samples.spec(), "sources": [f"/a/{hostile}", "/b"]})
    display = LineDisplay()
    display.job(view)
    display.clip(index=0, state=ClipState.COMPLETED)
    assert acting(capsys.readouterr().err) == set()


def test_bars_take_markup_and_escapes_of_names_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    display = bars.BarDisplay()
    display.job(replace(samples.job(), reason=ALL, spec={**samples.spec(), "sources": [f"/a/{ALL}"]}))
    display.clip(index=0, state=ClipState.RUNNING)
    display.close()
    shown = capsys.readouterr().err
    assert "\x1b]0;owned" not in shown
    assert acting(shown, keep="\n\x1b\r") == set()


@given(text=TEXTS)
def test_every_line_that_is_shown_or_said_is_one_line_of_visible_text(text: str) -> None:
    for write in (show, say):
        out = io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdout", out)
            patch.setattr("sys.stderr", out)
            write(text)
        assert acting(out.getvalue()) == set()
        assert out.getvalue().count("\n") == 1


@given(text=TEXTS, key=TEXTS)
def test_json_on_stdout_has_no_character_that_acts_and_says_the_same(text: str, key: str) -> None:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", out)
        show_json({key: [text]}, lines=True)
    assert acting(out.getvalue()) == set()
    assert json.loads(out.getvalue()) == {key: [text]}


@given(text=TEXTS)
def test_a_table_keeps_its_rows(text: str) -> None:
    lines = table(headers=("NAME", "X"), rows=[(text, "1"), ("b", text)])
    assert len(lines) == 3
    assert acting("".join(lines), keep="") == set()


def report_of(text: str, form: ReportFormat) -> str:
    clips = (poisoned(samples.clip(0, warnings=("w",)), text=text), poisoned(samples.failed_clip(1), text=text))
    made = poisoned(samples.result(violations=(VIOLATION,)), text=text)
    document = job_result_document(result=replace(made, clips=clips))
    document["schema_version"] = samples.RESULT_SCHEMA_VERSION
    here = Diagnostics(
        generated_at=samples.NOW,
        proxx_version=text,
        python_version=text,
        operating_system=text,
        hostname=text,
        resolve_path=text,
        resolve_version=text,
        resolve_licence=text,
        problems=(text,),
    )
    return render_report(report=job_report(document=document, diagnostics=here), form=form)


@given(text=TEXTS | st.sampled_from(FORMULA).flatmap(lambda sign: TEXTS.map(lambda rest: f" {sign}{rest}")))
def test_no_cell_of_a_csv_report_is_a_formula_or_ends_its_line(text: str) -> None:
    rows = list(csv.reader(io.StringIO(report_of(text, ReportFormat.CSV), newline="")))
    assert len(rows) == 3
    assert len({len(row) for row in rows}) == 1
    cells = [cell for row in rows[1:] for cell in row]
    assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@")) or acting(cell, keep="")] == []


@given(text=TEXTS)
def test_a_text_report_is_inert_and_has_the_lines_that_it_should_have(text: str) -> None:
    hostile, plain = report_of(text + "x", ReportFormat.TXT), report_of("y", ReportFormat.TXT)
    assert acting(hostile) == set()
    assert hostile.count("\n") == plain.count("\n")


@given(text=TEXTS)
def test_a_json_report_is_inert(text: str) -> None:
    found = report_of(text, ReportFormat.JSON)
    assert acting(found) == set()
    json.loads(found)


def test_upgrade_prints_no_character_that_acts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "job.json"
    hostile = "".join(mark for mark in ALL if not "\ud800" <= mark <= "\udfff")
    spec.write_text(text_of(SEED_2_1, user_metadata={"note": hostile}), encoding="utf-8")
    code = run_cli(["upgrade", str(spec)])
    shown = capsys.readouterr()
    assert acting(shown.out + shown.err) == set()
    assert code in (0, 1)


def test_only_the_functions_tested_here_write_to_the_streams() -> None:
    """A new way around them has to be looked at, and named with its reason."""
    around = re.compile(r"\bclick\.s?echo\(|\bprint\(|\bstd(?:out|err)\.(?:buffer\.)?write\(|\bsys\.stdout\.buffer\b")
    found = {
        path.relative_to(ROOT / "src" / "proxx").as_posix()
        for path in (ROOT / "src" / "proxx").rglob("*.py")
        if around.search(path.read_text(encoding="utf-8"))
    }
    assert found - {"engine/_launcher_main.py"} == {
        "cli/audit.py",  # an export, which is bytes for a file
        "cli/completion.py",  # our own script
        "cli/main.py",  # our own help
        "cli/output.py",  # these functions
        "cli/report.py",  # a report, as bytes; inert by the tests above
    }
