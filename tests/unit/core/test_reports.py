"""Reports: what each form says of a job, and that nothing in a name can act on who reads it."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.detection import Engine
from proxx.core.facts import PartIdentity, SourceIdentity
from proxx.core.jobs import JobState, SubmissionOptions
from proxx.core.reports import Diagnostics, ReportFormat, ReportInputError, job_report, render_report, report_stem
from proxx.core.reports.cells import cell
from proxx.core.result_json import job_result_document, json_text
from proxx.core.verdict import Check, CheckLevel, Verdict
from proxx.core.violation import Violation, ViolationCode
from tests.fakes.media_facts import FACTS
from tests.unit.cli import samples

HERE = Diagnostics(
    generated_at=samples.NOW,
    proxx_version="0.1.0+g0123456789ab",
    python_version="3.11.2",
    operating_system="Linux-6.1",
    hostname="cart-2",
    resolve_path=None,
    resolve_version=None,
    resolve_licence=None,
    problems=("system: no answer",),
)
OPEN = Verdict(
    checks=(
        Check(name="frame_count", level=CheckLevel.FAIL, expected="24", actual="23"),
        Check(name="reel_name", level=CheckLevel.WARN, expected="A001", actual=""),
        Check(name="raster", level=CheckLevel.PASS, expected="960x540", actual="960x540"),
    )
)


def rendered(form: ReportFormat, result=None, **changes: object) -> str:
    document = job_result_document(result=result or samples.result(**changes), result_written_at=samples.NOW)
    return render_report(report=job_report(document=document, diagnostics=HERE), form=form)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_a_header_and_one_row_a_clip() -> None:
    clips = (samples.clip(0, warnings=("no reel name", "odd size")), samples.failed_clip(1))
    text = rendered(ReportFormat.CSV, clips=clips)
    assert text == (
        "task_id,source_path,status,output_path,output_size_bytes,execution_duration_seconds,failure_reason,warnings,"
        "started_at,completed_at,verdict,render,source_files\r\n"
        f"{samples.KEY}:0,/footage/A001.mov,COMPLETED,/proxies/A001_proxy.mov,12345678,5.000,,no reel name; odd size,"
        '2026-11-20T09:00:00+00:00,2026-11-20T09:00:05+00:00,"passed, 1 check",,\r\n'
        f"{samples.KEY}:1,/footage/A002.mov,FAILED,/proxies/A002_proxy.mov,,5.000,FFmpeg exited with code 187,,"
        "2026-11-20T09:00:00+00:00,2026-11-20T09:00:05+00:00,,,\r\n"
    )


def test_a_clip_that_resolve_rendered_says_in_short_what_it_was_told() -> None:
    words = (
        *("resolve", "invocation=script", "source=/raw/A001.R3D", "preset=proxy_x", "format=mov", "codec=DNxHRLB"),
        *("mode=individual_clips", "project.timelineFrameRate=29.97 DF", "FormatHeight=1080", "FormatWidth=1920"),
    )
    clips = (samples.clip(0, engine=Engine.RESOLVE, engine_command=words), samples.clip(1))
    said = "preset proxy_x, format mov, codec DNxHRLB, mode individual_clips, 1920x1080, timeline 29.97 DF"
    assert [row["render"] for row in rows(rendered(ReportFormat.CSV, clips=clips))] == [said, ""]
    assert [line for line in rendered(ReportFormat.TXT, clips=clips).split("\n") if line.startswith("render")] == [
        f"render      {said}"
    ]


def test_a_clip_of_several_files_says_which() -> None:
    parts = tuple(
        PartIdentity(path=f"c/A_{number:03d}.R3D", size_bytes=5, mtime_ns=1, inode=number, edge_sha256="d" * 64)
        for number in (1, 2)
    )
    clip = SourceIdentity(path="c", size_bytes=10, mtime_ns=1, inode=1, edge_sha256="e" * 64, parts=parts)
    clips = (samples.clip(0, source_identity=clip), samples.clip(1))
    said = "2 files, A_001.R3D to A_002.R3D"
    assert [row["source_files"] for row in rows(rendered(ReportFormat.CSV, clips=clips))] == [said, ""]
    assert f"files       {said}" in rendered(ReportFormat.TXT, clips=clips).split("\n")


def test_csv_names_the_checks_that_failed() -> None:
    passed = replace(OPEN, checks=OPEN.checks[1:])
    clips = (samples.failed_clip(0), samples.clip(1, verdict=passed))
    found = rows(rendered(ReportFormat.CSV, clips=(replace(clips[0], verdict=OPEN), clips[1])))
    assert [row["verdict"] for row in found] == ["failed (frame_count)", "passed, 2 checks, 1 warning (reel_name)"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("=HYPERLINK(0)", "'=HYPERLINK(0)", id="equals"),
        pytest.param("+1", "'+1", id="plus"),
        pytest.param("-1", "'-1", id="minus"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
        pytest.param("\t=1", "'\\t=1", id="tab"),
        pytest.param("\r=1", "'\\r=1", id="carriage return"),
        pytest.param("  =1", "'  =1", id="spaces first"),
        pytest.param("\n=1", "'\\n=1", id="line break first"),
        pytest.param("＝1", "'＝1", id="full-width equals"),  # noqa: RUF001  the case itself
        pytest.param("a=1", "a=1", id="no formula"),
        pytest.param("", "", id="empty"),
        pytest.param("two\nlines", "two\\nlines", id="line break"),
        pytest.param("\u202egpj.mov", "\\u202egpj.mov", id="text direction"),
        pytest.param("\udcff.mov", "\\udcff.mov", id="byte that is not UTF-8"),
    ],
)
def test_a_cell_is_one_line_and_no_formula(text: str, expected: str) -> None:
    assert cell(text) == expected


@given(name=st.text(max_size=20), warning=st.text(max_size=20))
def test_no_name_can_act_on_who_reads_a_report(name: str, warning: str) -> None:
    clip = samples.clip(0, source_path=f"{name}", warnings=(warning,))
    document = job_result_document(result=samples.result(clips=(clip,)))
    report = job_report(document=document, diagnostics=HERE)
    (row,) = rows(render_report(report=report, form=ReportFormat.CSV))
    text = render_report(report=report, form=ReportFormat.TXT)
    assert all(value[:1] not in tuple("=+-@\t\r") or value == "" for value in row.values())
    assert all(value.isprintable() for value in row.values())
    assert all(line.isprintable() for line in text.split("\n"))
    assert json.loads(render_report(report=report, form=ReportFormat.JSON))["result"] == json.loads(json_text(document))


def test_json_is_the_whole_result_with_where_the_report_was_made() -> None:
    text = rendered(ReportFormat.JSON)
    found = json.loads(text)
    assert list(found) == ["report_version", "diagnostics", "result"]
    assert found["diagnostics"]["generated_at"] == "2026-11-20T09:01:00+00:00"
    assert found["result"]["clips"][0]["output_sha256"] == "b" * 64
    assert text.startswith('{\n  "report_version": "1.0",\n')
    assert text.endswith("}\n")


def test_text_says_what_went_wrong_and_where_proxies_attach() -> None:
    failed = replace(samples.failed_clip(1), verdict=OPEN, warnings=("late",))
    clips = (samples.clip(0, source_facts=FACTS, output_facts=FACTS), failed)
    options = SubmissionOptions(labels={"proxx.preset": "offline"})
    assert rendered(ReportFormat.TXT, final_status=JobState.PARTIAL, clips=clips, options=options) == (
        "Proxx job report 1a2b3c4d\n"
        "=========================\n"
        "\n"
        "Summary\n"
        "-------\n"
        "status      PARTIAL\n"
        f"job key     {samples.KEY}\n"
        "preset      offline\n"
        "profile     proxy_prores_proxy\n"
        "clips       2: 1 completed, 1 failed, 0 skipped\n"
        "warnings    1 warning\n"
        "submitted   2026-11-20T09:00:00+00:00\n"
        "started     2026-11-20T09:00:00+00:00\n"
        "completed   2026-11-20T09:00:12.500000+00:00\n"
        "duration    12.5 s\n"
        "size        11.8 MiB\n"
        "relink      Resolve 1 yes; Premiere 1 yes; Avid 1 no\n"
        f"event head  {'9' * 64}\n"
        "\n"
        "Diagnostics\n"
        "-----------\n"
        "proxx       0.1.0+g0123456789ab\n"
        "python      3.11.2\n"
        "system      Linux-6.1\n"
        "host        cart-2\n"
        "tools       ffmpeg 5.1.9\n"
        "resolve     not installed where this report was made\n"
        "generated   2026-11-20T09:01:00+00:00\n"
        "not known   system: no answer\n"
        "\n"
        "Clip 0: COMPLETED A001.mov\n"
        "--------------------------\n"
        "source      /footage/A001.mov\n"
        "output      /proxies/A001_proxy.mov\n"
        "size        11.8 MiB\n"
        "time        5.0 s\n"
        "verdict     passed, 1 check\n"
        "relink      Resolve yes; Premiere yes; Avid no (container, codec)\n"
        "\n"
        "Clip 1: FAILED A002.mov\n"
        "-----------------------\n"
        "source      /footage/A002.mov\n"
        "output      /proxies/A002_proxy.mov\n"
        "time        5.0 s\n"
        "FAILED      FFmpeg exited with code 187\n"
        "verdict     failed (frame_count)\n"
        "FAIL        frame_count: expected 24, got 23\n"
        "WARN        reel_name: expected A001, got nothing\n"
        "warning     late\n"
    )


def test_text_says_where_a_replaced_file_lies() -> None:
    old = SourceIdentity(path="proxies/A001_proxy.mov", size_bytes=9, mtime_ns=3, inode=77, edge_sha256="d" * 64)
    clip = samples.clip(0, replaced=old, replaced_path="/proxies/.proxx/x.mov.replaced/A001_proxy.mov")
    assert "\nreplaced    the old file lies in /proxies/.proxx/x.mov.replaced/A001_proxy.mov\n" in rendered(
        ReportFormat.TXT, clips=(clip,)
    )


def test_text_of_a_refused_job_says_why() -> None:
    violation = Violation(code=ViolationCode.OUTPUT_EXISTS, field="sources[0]", message="A_proxy.mov exists already")
    text = rendered(ReportFormat.TXT, final_status=JobState.REJECTED, clips=(), violations=(violation,))
    assert "refused     A_proxy.mov exists already\n" in text


def test_the_file_is_named_by_job_and_utc_moment() -> None:
    moment = datetime.fromisoformat("2026-11-20T10:01:00+01:00")
    assert report_stem(job_id="1a2b3c4d", moment=moment) == "proxx_job_1a2b3c4d_20261120T090100Z"


def broken(path: str, value: object) -> dict[str, object]:
    """A saved result with one value replaced; None removes it."""
    document = json.loads(json_text(job_result_document(result=samples.result())))
    holder = document
    keys: list[str | int] = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in keys[:-1]:
        holder = holder[key]
    if value is None:
        del holder[keys[-1]]
    else:
        holder[keys[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        pytest.param("schema_version", None, "schema_version: expected a string, got nothing", id="no result"),
        pytest.param("schema_version", "2.0", 'schema_version: expected 1.0, got "2.0"', id="another version"),
        pytest.param("clips", {}, "clips: expected a list of objects, got an object", id="no list of clips"),
        pytest.param("clips.1", 7, "clips[1]: expected an object, got the number 7", id="no clip"),
        pytest.param(
            "clips.0.clip_index",
            -1,
            "clips[0].clip_index: expected a whole number from 0, got the number -1",
            id="index",
        ),
        pytest.param(
            "clips.0.output_size_bytes",
            "12",
            'clips[0].output_size_bytes: expected a number, got the string "12"',
            id="text for a number",
        ),
        pytest.param("total_clips", True, "total_clips: expected a number, got true", id="flag for a number"),
        pytest.param(
            "clips.0.verdict.checks.0.level",
            "GREAT",
            'clips[0].verdict.checks[0].level: expected one of PASS, WARN, FAIL, got "GREAT"',
            id="unknown level",
        ),
        pytest.param(
            "clips.0.relink",
            [{"target": "AVID"}],
            "clips[0].relink[0]: expected a relink certificate:",
            id="half a certificate",
        ),
    ],
)
def test_a_file_that_is_no_result_is_refused_with_its_first_fault(path: str, value: object, said: str) -> None:
    with pytest.raises(ReportInputError) as caught:
        job_report(document=broken(path, value), diagnostics=HERE)
    assert str(caught.value).startswith(said)


def test_a_saved_result_gives_the_report_of_the_job_itself() -> None:
    clips = (samples.clip(0, source_facts=FACTS, output_facts=FACTS), samples.failed_clip(1))
    document = job_result_document(result=samples.result(JobState.PARTIAL, clips=clips))
    saved = json.loads(json_text(document))
    for form in ReportFormat:
        one, other = (
            render_report(report=job_report(document=item, diagnostics=HERE), form=form) for item in (document, saved)
        )
        assert one == other


def test_diagnostics_are_captured_without_asking_anybody() -> None:
    from proxx.runtime.diagnostics import capture_diagnostics

    moment = datetime(2026, 1, 1, tzinfo=UTC)
    found = capture_diagnostics(now=moment)
    assert (found.generated_at, bool(found.proxx_version), bool(found.hostname)) == (moment, True, True)
