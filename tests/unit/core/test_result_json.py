"""The result JSON: every field of the source documents, in a fixed order, in every kind of end."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.detection import Engine
from proxx.core.facts import SourceIdentity
from proxx.core.failure import output_missing, tool_exit, tool_not_found, tool_timeout
from proxx.core.jobs import ClipState, JobState
from proxx.core.result_json import clip_document, job_result_document, json_text, refused_document
from proxx.core.violation import Violation, ViolationCode
from tests.fakes.media_facts import FACTS
from tests.unit.cli import samples

JOB_KEYS = [
    "schema_version",
    "job_id",
    "job_key",
    "final_status",
    "outcome",
    "stage",
    "reason",
    "run_number",
    "submitted_at",
    "started_at",
    "completed_at",
    "duration_seconds",
    "success_count",
    "failed_count",
    "skipped_count",
    "total_clips",
    "has_warnings",
    "warnings",
    "violations",
    "clips",
    "jobspec",
    "jobspec_digest",
    "received_digest",
    "options",
    "event_chain_head",
    "_metadata",
]


def test_a_published_clip_carries_every_field_in_its_fixed_order():
    assert list(clip_document(clip=samples.clip(0)).items()) == [
        ("clip_index", 0),
        ("source_path", "/footage/A001.mov"),
        ("resolved_output_path", "/proxies/A001_proxy.mov"),
        ("status", "COMPLETED"),
        ("exit_code", 0),
        ("output_exists", True),
        ("output_size_bytes", 12_345_678),
        ("output_sha256", "b" * 64),
        ("engine", "ffmpeg"),
        ("engine_command", ["ffmpeg", "-i", "/footage/A001.mov", "/proxies/A001_proxy.mov"]),
        ("ffmpeg_command", ["ffmpeg", "-i", "/footage/A001.mov", "/proxies/A001_proxy.mov"]),
        ("failure_reason", None),
        ("failure_kind", None),
        ("stderr", ""),
        ("started_at", "2026-11-20T09:00:00+00:00"),
        ("completed_at", "2026-11-20T09:00:05+00:00"),
        ("duration_seconds", 5.0),
        ("profile_name", "proxy_prores_proxy"),
        ("profile_digest", "1" * 64),
        ("plan_digest", "2" * 64),
        ("planner_version", 1),
        (
            "toolchain",
            {
                "tool": "ffmpeg",
                "version": "5.1.9",
                "configuration_sha256": "c" * 64,
                "cpu_class": "x86-64-v3",
                "fingerprint": "f" * 64,
                "libraries": {"libx264": "libx264.so.164 sha256:aa"},
            },
        ),
        (
            "source_identity",
            {"path": "/footage/A001.mov", "size_bytes": 1000, "mtime_ns": 5, "inode": 7, "edge_sha256": "3" * 64},
        ),
        ("source_facts", None),
        ("output_facts", None),
        (
            "verdict",
            {
                "passed": True,
                "checks": [{"name": "frame_count", "level": "PASS", "expected": "24", "actual": "24"}],
            },
        ),
        ("warnings", []),
        ("resolved_tokens", {"source_name": "A001"}),
        ("timings", {"encode_seconds": 4.0, "verify_seconds": 0.5, "cpu_seconds": 3.5}),
        ("executor", "local"),
        ("epoch", 1),
        ("sandbox_level", "process"),
        ("adopted", False),
        ("relink", None),
        ("replaced_output", None),
    ]


def test_a_clip_that_replaced_a_file_says_where_that_lies_now():
    old = SourceIdentity(path="proxies/A001_proxy.mov", size_bytes=9, mtime_ns=3, inode=77, edge_sha256="d" * 64)
    clip = samples.clip(0, replaced=old, replaced_path="/proxies/.proxx/x.mov.replaced/A001_proxy.mov")
    assert clip_document(clip=clip)["replaced_output"] == {
        "path": "/proxies/.proxx/x.mov.replaced/A001_proxy.mov",
        "size_bytes": 9,
        "mtime_ns": 3,
        "inode": 77,
        "edge_sha256": "d" * 64,
    }


def test_a_job_carries_every_field_in_its_fixed_order():
    document = job_result_document(
        result=samples.result(),
        jobspec_path="/jobs/job.json",
        result_written_at=samples.NOW,
        trace_path="/state/runs/1",
    )
    assert list(document) == JOB_KEYS
    clips, options = document.pop("clips"), document.pop("options")
    assert [clip["clip_index"] for clip in clips] == [0, 1]
    assert options["failure_policy"] == "FAIL_FAST"
    assert document == {
        "schema_version": "1.0",
        "job_id": "1a2b3c4d",
        "job_key": samples.KEY,
        "final_status": "COMPLETED",
        "outcome": "COMPLETED",
        "stage": "EXECUTION",
        "reason": None,
        "run_number": 1,
        "submitted_at": "2026-11-20T09:00:00+00:00",
        "started_at": "2026-11-20T09:00:00+00:00",
        "completed_at": "2026-11-20T09:00:12.500000+00:00",
        "duration_seconds": 12.5,
        "success_count": 2,
        "failed_count": 0,
        "skipped_count": 0,
        "total_clips": 2,
        "has_warnings": False,
        "warnings": [],
        "violations": [],
        "jobspec": samples.spec(),
        "jobspec_digest": "d" * 64,
        "received_digest": "e" * 64,
        "event_chain_head": "9" * 64,
        "_metadata": {
            "jobspec_path": "/jobs/job.json",
            "result_written_at": "2026-11-20T09:01:00+00:00",
            "trace_path": "/state/runs/1",
        },
    }


@pytest.mark.parametrize(
    ("failure", "reason", "kind"),
    [
        pytest.param(
            tool_not_found(),
            "FFmpeg not found. Install FFmpeg to use headless execution.",
            "TOOL_NOT_FOUND",
            id="ffmpeg absent",
        ),
        pytest.param(
            tool_exit(exit_code=1, stderr_tail="boom"), "FFmpeg exited with code 1", "TOOL_EXIT_NONZERO", id="exit code"
        ),
        pytest.param(
            output_missing(), "Output file does not exist or has zero size", "OUTPUT_MISSING", id="nothing was written"
        ),
        pytest.param(
            tool_timeout(seconds=3600), "Execution timed out after 3600 seconds", "TOOL_TIMEOUT", id="too long"
        ),
    ],
)
def test_a_failed_clip_says_why_in_the_contracts_sentence(failure, reason, kind):
    document = clip_document(clip=samples.failed_clip(0, failure))
    assert (document["status"], document["failure_reason"], document["failure_kind"]) == ("FAILED", reason, kind)


def test_a_failed_clip_shows_what_the_tool_said_when_the_execution_kept_nothing():
    assert clip_document(clip=samples.failed_clip(0))["stderr"] == "moov atom not found"


def test_a_skipped_clip_gives_the_word_and_no_command():
    document = clip_document(clip=samples.skipped_clip(1))
    assert {key: document[key] for key in ("status", "failure_reason", "failure_kind", "exit_code")} == {
        "status": "SKIPPED",
        "failure_reason": "fail_fast",
        "failure_kind": None,
        "exit_code": None,
    }
    assert (document["engine_command"], document["ffmpeg_command"], document["duration_seconds"]) == ([], None, None)


def test_a_resolve_clip_has_its_settings_but_no_ffmpeg_command():
    document = clip_document(clip=samples.clip(0, engine=Engine.RESOLVE, engine_command=("codec=DNxHR LB",)))
    assert (document["engine"], document["engine_command"], document["ffmpeg_command"]) == (
        "resolve",
        ["codec=DNxHR LB"],
        None,
    )


def test_a_published_clip_with_facts_carries_its_relink_certificates():
    document = clip_document(clip=samples.clip(0, source_facts=FACTS, output_facts=FACTS))
    assert [(item["target"], item["will_attach"]) for item in document["relink"]] == [
        ("RESOLVE", "YES"),
        ("PREMIERE", "YES"),
        ("AVID", "NO"),
    ]
    assert document["relink"][2]["reasons"][0] == {
        "rule": "container",
        "requirement": "media of a clip is MXF; other files are linked as clips of their own",
        "effect": "BLOCKS",
        "expected": "mxf",
        "actual": "mov",
        "strength": "DOCUMENTED",
        "source": "DaVinci Resolve manual: MXF OP-Atom is usual for DNxHD",
    }


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"status": ClipState.FAILED, "source_facts": FACTS, "output_facts": FACTS}, id="not published"),
        pytest.param({"output_facts": FACTS}, id="source not measured"),
        pytest.param({"source_facts": FACTS}, id="proxy not measured"),
    ],
)
def test_without_a_published_and_measured_proxy_there_is_no_certificate(changes):
    assert clip_document(clip=samples.clip(0, **changes))["relink"] is None


def test_warnings_of_clips_are_listed_at_the_job_too():
    result = samples.result(clips=(samples.clip(0), samples.clip(1, warnings=("no timecode",))))
    document = job_result_document(result=result)
    assert (document["has_warnings"], document["warnings"]) == (True, ["clip 1: no timecode"])


def test_a_rejected_job_says_that_validation_was_the_end():
    broken = Violation(code=ViolationCode.SOURCE_MISSING, field="sources[0]", message="/footage/A001.mov is missing")
    result = samples.result(JobState.REJECTED, clips=(), violations=(broken,), start_time=None)
    document = job_result_document(result=result)
    assert (document["final_status"], document["stage"], document["duration_seconds"]) == (
        "REJECTED",
        "VALIDATION",
        None,
    )
    assert document["violations"] == [
        {
            "code": "SOURCE_MISSING",
            "field": "sources[0]",
            "message": "/footage/A001.mov is missing",
            "expected": "",
            "actual": "",
        }
    ]


def test_a_refused_jobspec_has_the_same_keys_as_a_job():
    document = refused_document(violations=(), jobspec_path="/jobs/job.json", result_written_at=samples.NOW)
    assert list(document) == JOB_KEYS
    assert (document["final_status"], document["stage"], document["clips"]) == ("REJECTED", "VALIDATION", [])


def test_times_keep_the_offset_that_they_came_with():
    from datetime import timezone

    local = samples.START.astimezone(timezone(timedelta(hours=2)))
    document = clip_document(clip=samples.clip(0, start_time=local))
    assert document["started_at"] == "2026-11-20T11:00:00+02:00"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(ClipState.RUNNING, "RUNNING", id="still running"),
        pytest.param(ClipState.INTERRUPTED, "INTERRUPTED", id="in doubt"),
    ],
)
def test_a_clip_that_is_not_finished_keeps_its_own_word(state, expected):
    assert clip_document(clip=samples.clip(0, state))["status"] == expected


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("é 日本", '"é 日本"', id="letters stay readable"),
        pytest.param("\x1b[31m", '"\\u001b[31m"', id="an escape sequence"),
        pytest.param("\x7f\x9b", '"\\u007f\\u009b"', id="delete and a C1 control"),
        pytest.param("a\u202eb", '"a\\u202eb"', id="reversed text"),
        pytest.param("\udcff", '"\\udcff"', id="a byte that is not UTF-8"),
    ],
)
def test_json_text_is_harmless_on_a_terminal(text, written):
    assert json_text(text) == written


def test_json_text_is_indented_by_two_spaces_and_keeps_the_key_order():
    assert json_text({"b": 1, "a": ["x\ny"]}) == '{\n  "b": 1,\n  "a": [\n    "x\\ny"\n  ]\n}'


@given(st.dictionaries(st.text(st.characters(codec=None)), st.text(st.characters(codec=None))))
def test_json_text_loses_nothing_and_always_encodes(value):
    text = json_text(value, indent=None)
    assert json.loads(text.encode("utf-8")) == value
    assert text.isprintable()
