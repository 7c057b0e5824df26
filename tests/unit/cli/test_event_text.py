"""What `proxx jobs watch` says of events whose kind alone would leave a reader wondering."""

import json
from dataclasses import replace

import pytest

from proxx.cli.render import event_line
from tests.unit.cli import samples

LATE = {
    "report": "complete",
    "step": "ENCODE",
    "epoch": 1,
    "current_epoch": 2,
    "lease_id": "lease",
    "attempt": "lost",
    "said": {"failed": "TOOL_EXIT_NONZERO", "message": "FFmpeg exited with code 1"},
}
CASES = {
    "a late report": (
        "clip.stale_report",
        LATE,
        "not applied, it came too late: complete of ENCODE epoch 1 (lost): "
        "failed TOOL_EXIT_NONZERO message FFmpeg exited with code 1; the newest epoch is 2",
    ),
    "a late start": (
        "clip.stale_report",
        {**LATE, "report": "start", "current_epoch": 1, "said": {}},
        "not applied, it came too late: start of ENCODE epoch 1 (lost)",
    ),
    "a requeue by policy": (
        "clip.requeue_by_policy",
        {"policy": "REQUEUE", "requeue": 1, "requeue_limit": 2},
        "automatic requeue by policy, 1 of 2: what was left is swept first",
    ),
    "a lost probe": (
        "clip.probe_lost",
        {"why": "gone", "losses": 2, "losses_limit": 3, "last": 7},
        "gone; lost 2 times after its start, given up at 3",
    ),
    "a fence": ("executor.fence", {"executor": "e", "reason": "3 times", "failures": []}, "e: 3 times"),
    "a fence that is lifted": ("executor.unfence", {"executor": "e", "reason": ""}, "e"),
}


@pytest.mark.parametrize("case", CASES)
def test_an_event_says_what_its_kind_does_not(case: str) -> None:
    kind, data, note = CASES[case]
    event = replace(samples.job_event("RUNNING", clip_index=0, before="RUNNING"), kind=kind, data_json=json.dumps(data))
    assert event_line(event) == (
        f"2026-11-20T09:00:00.000+00:00 job {samples.KEY} clip 0 {kind} stays RUNNING (scheduler): {note}"
    )


def test_an_event_that_explains_itself_has_no_note() -> None:
    event = replace(samples.job_event("LEASED", clip_index=0, before="QUEUED"), kind="clip.grant")
    assert event_line(event).endswith("clip 0 clip.grant QUEUED -> LEASED (scheduler)")


@pytest.mark.parametrize("data", ["[]", "{}", '{"said": 7}'], ids=["a list", "nothing", "another form"])
def test_an_event_of_another_version_is_shown_all_the_same(data: str) -> None:
    event = replace(samples.job_event("RUNNING", clip_index=0), kind="clip.stale_report", data_json=data)
    assert "clip.stale_report" in event_line(event)
