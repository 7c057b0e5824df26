"""The keys of a media folder, the checks before a start, and the JobSpec of a clip."""

import json
from dataclasses import replace

import pytest

from proxx.core.jobs import FailurePolicy, JobState
from proxx.core.units import UnitKind
from proxx.runtime.preset_files import builtin_presets
from proxx.runtime.profile_files import builtin_library
from proxx_watcher.domain.evidence import EvidenceRules, Require
from proxx_watcher.domain.media_settings import MediaSettings, MediaSettingsError, read_media_settings
from proxx_watcher.domain.media_spec import MediaJob, NoJob, ReadyClip, job_id_of, media_job
from proxx_watcher.domain.readiness import ReadinessRules
from proxx_watcher.domain.safety import Room, SafetyReport, SafetyRules, can_auto_execute
from proxx_watcher.domain.selection import SelectionRules

CLIP = ReadyClip(
    source="/card/A/a.mov",
    size=1000,
    request_id="watch-0123",
    folder="card",
    shown_path='"A/a.mov"',
    evidence="3 equal scans",
    labels={"project": "one", "watch.folder": "another"},
)


def test_an_empty_table_gives_the_safe_defaults() -> None:
    assert read_media_settings(table={}) == MediaSettings()
    assert not MediaSettings().safety.auto_execute
    assert MediaSettings().selection.extensions == ("mov", "mp4", "mxf", "avi", "mkv")


def test_every_key_is_read() -> None:
    table: dict[str, object] = {
        "preset": "web_h264",
        "output_directory": "/out/",
        "auto_execute": True,
        "free_bytes": 5,
        "most_running": 2,
        "recursive": True,
        "hidden_files": True,
        "extensions": ["mov"],
        "exclude": ["x*"],
        "temporary": ["t*"],
        "clip_units": ["r3d"],
        "stability": {
            "scans": 4,
            "spacing_seconds": 2,
            "min_age_seconds": 20.5,
            "open_end_seconds": 60,
            "doubt_seconds": 90,
        },
        "evidence": {
            "require": "marker",
            "marker_suffix": ".ok",
            "folder_marker": "DONE",
            "lists": False,
            "verify_digests": True,
            "lease": False,
        },
    }
    assert read_media_settings(table=table, outputs=("out",)) == MediaSettings(
        preset="web_h264",
        output_directory="/out",
        safety=SafetyRules(auto_execute=True, free_bytes=5, most_running=2),
        selection=SelectionRules(
            extensions=("mov",),
            hidden_files=True,
            exclude=("x*",),
            temporary=("t*",),
            outputs=("out",),
            units=frozenset({UnitKind.R3D}),
            marker_suffix=".ok",
            folder_marker="DONE",
            lists=False,
        ),
        readiness=ReadinessRules(
            scans=4,
            spacing_seconds=2.0,
            min_age_seconds=20.5,
            open_end_seconds=60.0,
            doubt_seconds=90.0,
            require=Require.MARKER,
            verify_digests=True,
            use_lease=False,
        ),
        evidence=EvidenceRules(marker_suffix=".ok", folder_marker="DONE", lists=False),
    )


@pytest.mark.parametrize(
    ("table", "begin"),
    [
        pytest.param({"colour": 1}, '"colour": unknown key', id="unknown key"),
        pytest.param({"stability": {"polls": 1}}, 'stability."polls": unknown key', id="unknown key inside"),
        pytest.param({"stability": 3}, "stability: expected a table, got the number 3", id="no table"),
        pytest.param({"auto_execute": True}, "auto_execute: needs a preset", id="a start without a preset"),
        pytest.param({"preset": "x"}, "output_directory: is required with a preset", id="no output"),
        pytest.param({"output_directory": "out"}, "output_directory: must be an absolute path", id="relative output"),
        pytest.param({"extensions": [".MOV"]}, "extensions: takes extensions in lower case", id="a dot"),
        pytest.param({"extensions": ["r3d"]}, "extensions: r3d is never taken file by file", id="RAW by extension"),
        pytest.param({"clip_units": ["dpx"]}, "clip_units: takes r3d", id="unknown kind"),
        pytest.param(
            {"clip_units": ["r3d"], "recursive": False}, "clip_units: needs recursive = true", id="units in one level"
        ),
        pytest.param({"stability": {"scans": 1}}, "stability.scans: expected a whole number from 2", id="one scan"),
        pytest.param({"stability": {"scans": True}}, "stability.scans: expected a whole number", id="a boolean"),
        pytest.param({"stability": {"spacing_seconds": 0}}, "stability.spacing_seconds: expected seconds", id="zero"),
        pytest.param({"evidence": {"require": "hope"}}, "evidence.require: takes none, marker", id="unknown evidence"),
        pytest.param(
            {"evidence": {"require": "checksum", "lists": False}},
            "evidence.require: checksum needs lists = true",
            id="a list that is not read",
        ),
        pytest.param({"evidence": {"marker_suffix": "a/b"}}, "evidence.marker_suffix: must be part", id="a slash"),
    ],
)
def test_a_wrong_key_is_named(table: dict[str, object], begin: str) -> None:
    with pytest.raises(MediaSettingsError) as caught:
        read_media_settings(table=table)
    assert [problem[: len(begin)] for problem in caught.value.problems] == [begin]


def test_all_problems_come_at_once() -> None:
    with pytest.raises(MediaSettingsError) as caught:
        read_media_settings(table={"x": 1, "recursive": "no", "evidence": {"lists": 0}, "stability": {"scans": 0}})
    assert len(caught.value.problems) == 4


def asked(**changes: object) -> SafetyReport:
    usual: dict[str, object] = {
        "rules": SafetyRules(auto_execute=True),
        "job_state": JobState.PENDING,
        "preset": "web_h264",
        "preset_exists": True,
        "room": Room(free_bytes=20 * 10**9),
        "running": 0,
    }
    return can_auto_execute(**{**usual, **changes})  # type: ignore[arg-type]


def test_a_job_starts_when_every_check_passes() -> None:
    report = asked()
    assert (report.passed, report.failing) == (True, "")
    assert [check.name for check in report.checks] == ["auto_execute", "pending", "preset", "space", "running"]


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        pytest.param({"rules": SafetyRules()}, "auto_execute is off: start it by hand", id="off"),
        pytest.param({"job_state": JobState.RUNNING}, "the job is RUNNING, PENDING is asked", id="not pending"),
        pytest.param({"preset": ""}, "no preset is bound", id="no preset"),
        pytest.param({"preset_exists": False}, "preset web_h264 is bound and does not exist", id="preset gone"),
        pytest.param(
            {"room": Room(free_bytes=3 * 10**9)},
            "3 GB are free where the output goes, 10 GB are asked",
            id="too little space",
        ),
        pytest.param(
            {"room": Room(free_bytes=None, fact="/out is not visible from this machine")},
            "free space is unknown, 10 GB are asked: /out is not visible from this machine",
            id="space not visible",
        ),
        pytest.param({"running": 1}, "1 jobs of this folder run, at most 1 may", id="another runs"),
    ],
)
def test_one_failing_check_keeps_a_job_pending_and_is_said(change: dict[str, object], failing: str) -> None:
    report = asked(**change)
    assert (report.passed, report.failing) == (False, failing)


def made(preset: str = "offline_edit_prores", clip: ReadyClip = CLIP) -> MediaJob | NoJob:
    return media_job(
        clip=clip,
        preset=preset,
        library=builtin_presets(),
        profiles=builtin_library(),
        base_directory="/out",
        created_at="2026-11-20T12:00:00+00:00",
    )


def test_a_clip_becomes_a_held_job_of_one_source_by_its_preset() -> None:
    job = made()
    assert isinstance(job, MediaJob)
    spec = json.loads(job.spec_json)
    assert (spec["sources"], spec["job_id"]) == (["/card/A/a.mov"], job_id_of(request_id="watch-0123"))
    assert (job.options.hold, job.options.failure_policy) == (True, FailurePolicy.CONTINUE)
    labels = {key: value for key, value in job.options.labels.items() if key.startswith("watch.")}
    assert job.options.labels["project"] == "one"
    assert labels == {"watch.folder": "card", "watch.path": '"A/a.mov"', "watch.evidence": "3 equal scans"}
    assert made() == job


def test_a_preset_that_does_not_exist_makes_no_job() -> None:
    job = made(preset="nothing")
    assert isinstance(job, NoJob)
    assert not job.left_out


def test_what_the_preset_leaves_out_makes_no_job_and_is_meant_to() -> None:
    job = made(clip=replace(CLIP, source="/card/a_proxy.mov"))
    assert isinstance(job, NoJob)
    assert (job.left_out, "patterns" in job.reason) == (True, True)
