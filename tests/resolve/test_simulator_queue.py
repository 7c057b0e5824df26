"""Jobs, status and what goes wrong while it renders: the reference, sections 7 and 8."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.resolve.local_resolve import LocalResolve, wait_for
from tests.resolve_simulator.quirks import Quirks

pytestmark = pytest.mark.media


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store of encoded media for the module: its renders are nearly all the same."""
    return tmp_path_factory.mktemp("scratch")


def _cut(tmp_path: Path, scratch: Path, quirks: Quirks | None = None, **facts: Any) -> LocalResolve:
    local = LocalResolve(tmp_path, quirks)
    (local.installation.root / "scratch").symlink_to(scratch)
    local.cut(**facts)
    return local


@pytest.mark.parametrize(
    "missing", [pytest.param("TargetDir", id="no folder"), pytest.param("timeline", id="no timeline")]
)
def test_a_job_without_what_it_needs_has_an_empty_id(tmp_path: Path, missing: str) -> None:
    local = LocalResolve(tmp_path)
    if missing == "timeline":
        assert local.queue() == ""
    else:
        local.cut()
        assert local.queue(TargetDir="") == ""
    assert local.ask(local.project, "GetRenderJobList") == []


def test_the_queue_shows_the_keys_of_a_job(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.cut(timeline_rate="23.976")
    job = local.queue(mode=1, CustomName="proxy", FrameRate=23.976)
    (shown,) = local.ask(local.project, "GetRenderJobList")
    keys = ("JobId", "TargetDir", "OutputFilename", "FrameRate", "RenderMode", "VideoFormat", "VideoCodec", "MarkOut")
    assert [shown[key] for key in keys] == [
        job,
        str(tmp_path / "out"),
        "proxy.mov",
        "23.976",
        "Single clip",
        "QuickTime",
        "Avid DNxHR LB",
        86406,
    ]
    assert "TimelineStartTimecode" not in shown


def test_version_21_1_shows_more_of_a_job(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(version="21.1"))
    local.cut()
    local.queue(TimelineStartTimecode="02:00:00:00")
    assert local.ask(local.project, "GetRenderJobList")[0]["TimelineStartTimecode"] == "02:00:00:00"


def test_a_job_may_read_back_other_than_asked(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(job_values={"FormatWidth": 1920}))
    local.cut()
    local.queue()
    assert local.ask(local.project, "GetRenderJobList")[0]["FormatWidth"] == 1920


@pytest.mark.parametrize("value", [pytest.param("", id="empty"), pytest.param(None, id="None")])
def test_adding_a_job_may_fail_without_a_reason(tmp_path: Path, value: str | None) -> None:
    local = LocalResolve(tmp_path, Quirks(forced={"AddRenderJob": value}))
    local.cut()
    assert local.queue() == value
    assert local.ask(local.project, "GetRenderJobList") == []


def test_calls_may_work_and_give_none(tmp_path: Path, scratch: Path) -> None:
    names = ("SetRenderSettings", "SetCurrentRenderFormatAndCodec", "AddRenderJob", "StartRendering", "OpenPage")
    local = _cut(tmp_path, scratch, Quirks(none_calls=names))
    assert local.queue() is None
    job = local.ask(local.project, "GetRenderJobList")[0]["JobId"]
    assert local.ask(local.project, "StartRendering", [job], False) is None
    wait_for(lambda: local.status(job)["JobStatus"] == "Complete")
    assert local.outputs() == ["A001_C001.mov"]


def test_a_render_goes_from_ready_by_rendering_to_complete(tmp_path: Path, scratch: Path) -> None:
    local = _cut(tmp_path, scratch, Quirks(render_seconds=10))
    job = local.queue()
    assert local.status(job) == {"JobStatus": "Ready", "CompletionPercentage": 0}
    local.ask(local.project, "StartRendering", [job], False)
    wait_for(lambda: 0 < local.status(job)["CompletionPercentage"] < 100)
    during = local.status(job)
    assert local.ask(local.project, "IsRenderingInProgress") is True
    assert (during["JobStatus"], type(during["EstimatedTimeRemainingInMs"])) == ("Rendering", int)
    local.installation.set_quirks(Quirks())
    wait_for(lambda: not local.ask(local.project, "IsRenderingInProgress"))
    after = local.status(job)
    assert (after["JobStatus"], after["CompletionPercentage"], "Error" in after) == ("Complete", 100, False)
    assert after["TimeTakenToRenderInMs"] > 0


def test_the_status_of_an_unknown_job_is_empty(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    assert local.status("no such") == {}


@pytest.mark.parametrize(
    ("quirks", "word", "percent"),
    [
        pytest.param(Quirks(language="it"), "Concluso", 100, id="Italian"),
        pytest.param(Quirks(language="ja"), "完了", 100, id="Japanese"),
        pytest.param(Quirks(percentage="float"), "Complete", 100.0, id="percentage with decimals"),
        pytest.param(Quirks(final_status_missing=True), "Rendering", 100, id="without the final status"),
    ],
)
def test_a_finished_job(tmp_path: Path, scratch: Path, quirks: Quirks, word: str, percent: float) -> None:
    local = _cut(tmp_path, scratch, quirks)
    status = local.render(local.queue())
    assert (status["JobStatus"], status["CompletionPercentage"]) == (word, percent)
    assert type(status["CompletionPercentage"]) is type(percent)
    assert local.ask(local.project, "IsRenderingInProgress") is False


@pytest.mark.parametrize(
    ("quirks", "word", "percent", "error"),
    [
        pytest.param(Quirks(fails_at=40, fail_error="GPU memory full"), "Failed", 40, "GPU memory full", id="fails"),
        pytest.param(Quirks(disk_full=True), "Failed", 50, "not enough disk space", id="disk full"),
        pytest.param(Quirks(cancelled_at=30), "Cancelled", 30, "", id="somebody stops it"),
    ],
)
def test_a_render_that_ends_early_leaves_half_a_file(
    tmp_path: Path, scratch: Path, quirks: Quirks, word: str, percent: int, error: str
) -> None:
    local = _cut(tmp_path, scratch, quirks)
    status = local.render(local.queue())
    assert (status["JobStatus"], status["CompletionPercentage"]) == (word, percent)
    assert error in status.get("Error", "")
    (whole,) = scratch.rglob("*.mov")
    half = (tmp_path / "out" / "A001_C001.mov").read_bytes()
    assert whole.read_bytes().startswith(half)
    assert 0 < len(half) < whole.stat().st_size


def test_a_lost_licence_fails_the_render_and_leaves_the_free_edition(tmp_path: Path, scratch: Path) -> None:
    local = _cut(tmp_path, scratch, Quirks(licence_lost_at=50))
    status = local.render(local.queue())
    assert (status["JobStatus"], "licence" in status["Error"]) == ("Failed", True)
    assert local.ask(local.resolve, "GetProductName") == "DaVinci Resolve"
    assert local.ask(local.manager, "GetProjectListInCurrentFolder") == ["job"]
    assert local.queue() is False


def test_a_lost_licence_may_open_a_modal_that_breaks_the_calls_after_it(tmp_path: Path, scratch: Path) -> None:
    local = _cut(tmp_path, scratch, Quirks(licence_lost_at=50, licence_modal=True))
    job = local.queue()
    local.ask(local.project, "StartRendering", [job], False)
    wait_for(lambda: local.project.queue.jobs[job].status == "Failed")
    assert local.ask(local.manager, "CreateProject", "next") is False


def test_the_free_edition_refuses_and_breaks_the_calls_after_it(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(edition="free"))
    assert local.ask(local.resolve, "GetProductName") == "DaVinci Resolve"
    local.cut()
    assert local.queue() is False
    assert local.ask(local.manager, "GetProjectListInCurrentFolder") is False


def test_the_free_edition_refuses_what_the_switch_names(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(edition="free", gated_calls=("OpenPage",)))
    assert local.ask(local.resolve, "OpenPage", "deliver") is False
    assert local.ask(local.resolve, "GetProductName") is False


def test_a_render_that_stalls_stays_where_it_is_until_it_is_stopped(tmp_path: Path, scratch: Path) -> None:
    local = _cut(tmp_path, scratch, Quirks(stalls_at=60))
    job = local.queue()
    local.ask(local.project, "StartRendering", [job], False)
    wait_for(lambda: local.status(job)["CompletionPercentage"] == 60)
    assert local.ask(local.project, "IsRenderingInProgress") is True
    assert local.ask(local.project, "StopRendering") is None
    wait_for(lambda: not local.ask(local.project, "IsRenderingInProgress"))
    assert local.status(job)["JobStatus"] == "Cancelled"


def test_a_render_that_waits_is_in_progress_at_nothing(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(waits_forever=True, stop_ignored=True))
    local.cut()
    job = local.queue()
    assert local.ask(local.project, "StartRendering", [job], False) is True
    local.ask(local.project, "StopRendering")
    assert local.ask(local.project, "IsRenderingInProgress") is True
    assert local.status(job) == {"JobStatus": "Ready", "CompletionPercentage": 0}


def test_a_start_may_be_true_and_start_nothing(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(start_ignored=True))
    local.cut()
    assert local.ask(local.project, "StartRendering", [local.queue()], False) is True
    assert local.ask(local.project, "IsRenderingInProgress") is False


def test_the_application_may_call_itself_rendering_after_the_end(tmp_path: Path, scratch: Path) -> None:
    local = _cut(tmp_path, scratch, Quirks(in_progress_stays=True))
    assert local.render(local.queue())["JobStatus"] == "Complete"
    assert local.ask(local.project, "IsRenderingInProgress") is True


def test_changes_to_the_queue_are_ignored_while_it_renders(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(waits_forever=True))
    local.cut()
    job = local.queue()
    local.ask(local.project, "StartRendering", [job], False)
    values = dict(local.project.render.values)
    assert local.ask(local.project, "SetRenderSettings", {"CustomName": "other"}) is True
    assert local.ask(local.project, "DeleteAllRenderJobs") is True
    assert local.ask(local.project, "DeleteRenderJob", job) is True
    assert local.ask(local.project, "AddRenderJob") == ""
    assert local.ask(local.project, "StartRendering", [job], False) is False
    assert local.ask(local.manager, "CloseProject", local.project) is False
    assert local.project.render.values == values
    assert [each["JobId"] for each in local.ask(local.project, "GetRenderJobList")] == [job]
    local.ask(local.project, "StopRendering")


def test_jobs_are_deleted_by_id(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.cut()
    first, second = local.queue(), local.queue()
    assert [local.ask(local.project, "DeleteRenderJob", each) for each in (first, first)] == [True, False]
    assert [each["JobId"] for each in local.ask(local.project, "GetRenderJobList")] == [second]


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(lambda job: (job,), id="ids"),
        pytest.param(lambda job: ([job], False), id="list and flag"),
        pytest.param(lambda _: (False,), id="all of the queue"),
    ],
)
def test_a_start_takes_every_documented_form(tmp_path: Path, scratch: Path, form: Any) -> None:
    local = _cut(tmp_path, scratch)
    job = local.queue()
    assert local.ask(local.project, "StartRendering", *form(job)) is True
    wait_for(lambda: not local.ask(local.project, "IsRenderingInProgress"))
    assert local.status(job)["JobStatus"] == "Complete"


def test_an_unknown_job_is_not_started(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.cut()
    local.queue()
    assert local.ask(local.project, "StartRendering", ["no such"], False) is False


def test_a_call_of_one_turn_only_is_named_with_its_number(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(forced={"Project.GetName#2": "other"}))
    assert [local.ask(local.project, "GetName") for _ in range(3)] == ["Untitled Project", "other", "Untitled Project"]


def test_a_call_may_take_its_time(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(delays={"GetName": 0.05}))
    begin = time.monotonic()
    local.ask(local.project, "GetName")
    assert time.monotonic() - begin >= 0.05


def test_arguments_that_do_not_fit_give_none(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    assert local.ask(local.project, "GetName", 1, 2, 3) is None
