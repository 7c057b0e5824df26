"""The procedure of one render, over the API in memory: every answer that Resolve may give has its end."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proxx_resolve_executor.bridge.child_port import CallHungError
from proxx_resolve_executor.host_port import RenderEnd, RenderProgress
from proxx_resolve_executor.resolve_error import (
    ImportRefusedError,
    OutputError,
    PreFlightError,
    RenderError,
    RenderStalledError,
    ResolveError,
    ResolveFreeError,
    ResolveUnresponsiveError,
    ResolveValidationError,
)
from tests.fakes.resolve_world import PLAN, ResolveWorld, settings

PARKING = "proxx_parking"


@pytest.fixture
def world(tmp_path: Path) -> ResolveWorld:
    return ResolveWorld(root=tmp_path)


async def render(world: ResolveWorld) -> tuple[RenderEnd, list[RenderProgress]]:
    seen: list[RenderProgress] = []
    end = await world.host.render(request=world.request(), on_progress=seen.append)
    return end, seen


async def refused(world: ResolveWorld, kind: type[ResolveError], **changes: Any) -> str:
    """What a render raises; whatever it was, no project and no job is left in a Resolve that lives."""
    request = world.request(plan=replace(PLAN, **changes))
    with pytest.raises(kind) as caught:
        await world.host.render(request=request, on_progress=lambda _progress: None)
    assert type(caught.value) is kind
    if world.processes.live:
        assert (world.api.open, list(world.api.projects), world.api.queue) == (PARKING, [PARKING], {})
    return str(caught.value)


async def test_a_render_leaves_one_file_and_nothing_else(world: ResolveWorld) -> None:
    end, seen = await render(world)
    assert end.file == world.root / "out" / "proxy.mov"
    assert seen == [
        RenderProgress(fraction=0.5, eta_seconds=1.5),
        RenderProgress(fraction=1.0, eta_seconds=None),
    ]
    assert (world.api.open, list(world.api.projects), world.api.queue) == (PARKING, [PARKING], {})
    assert (world.api.pair, world.api.mode) == (("mov", "DNxHRLB"), 0)
    assert world.api.settings == {
        "ExportVideo": True,
        "FormatWidth": 1920,
        "TargetDir": str(world.root / "out"),
        "CustomName": "proxy",
    }


async def test_the_calls_are_told_in_their_order(world: ResolveWorld) -> None:
    end, _ = await render(world)
    named = [call.partition("(")[0] for call in end.calls]
    order = [
        "ProjectManager.CreateProject",
        "Project.SetSetting",
        "MediaPool.ImportMedia",
        "MediaPool.CreateTimelineFromClips",
        "Resolve.ImportRenderPreset",
        "Project.LoadRenderPreset",
        "Project.SetCurrentRenderFormatAndCodec",
        "Project.SetRenderSettings",
        "Project.SetCurrentRenderMode",
        "Project.AddRenderJob",
        "Project.StartRendering",
        "Project.DeleteRenderJob",
        "ProjectManager.CloseProject",
        "ProjectManager.DeleteProject",
    ]
    places = [named.index(name) for name in order]
    assert places == sorted(places)
    assert end.calls[-1] == "crash_archive.txt: 77 bytes before, 77 after"


def _write_at(operation: str, path: Path) -> None:
    if operation == "start_job":
        path.write_bytes(b"x")


async def test_what_lies_in_the_directory_already_is_not_taken_for_the_render(world: ResolveWorld) -> None:
    (world.root / "out" / "older.mov").write_bytes(b"of another job")
    world.api.output = None
    assert await refused(world, PreFlightError) == (
        "the directory of the render is not empty: what lies there could be taken for its file"
    )


@pytest.mark.parametrize("name", ["preset", "exported"])
async def test_a_state_directory_that_cannot_be_written_is_the_hosts_trouble(world: ResolveWorld, name: str) -> None:
    (world.root / "state" / name).write_text("a file in its place")
    sentence = await refused(world, ResolveValidationError)
    assert sentence.startswith("the render preset proxy cannot be written into the state directory: ")


async def test_numbers_without_end_are_none(world: ResolveWorld) -> None:
    world.api.polls = [(True, {"CompletionPercentage": 10**400, "EstimatedTimeRemainingInMs": -(10**400)})]
    assert "did not move for 60 s at an unknown point" in await refused(world, RenderStalledError)


SILENT_SUCCESS = ["SetRenderSettings", "StartRendering", "LoadRenderPreset", "SetSetting", "CloseProject"]


@pytest.mark.parametrize("method", SILENT_SUCCESS)
async def test_none_is_no_failure_where_a_look_shows_success(world: ResolveWorld, method: str) -> None:
    await render(world)
    (world.root / "out" / "proxy.mov").unlink()
    world.api.polls = [(False, {"CompletionPercentage": 100})]
    world.api.forced[method] = None
    if method == "StartRendering":
        world.before = lambda operation: _write_at(operation, world.root / "out" / "proxy.mov")
    if method == "CloseProject":
        world.api.forced["DeleteProject"] = True
        world.api.forced["GetProjectListInCurrentFolder"] = [PARKING]
    assert (await render(world))[0].file.name == "proxy.mov"


REFUSALS: list[tuple[str, Any, type[ResolveError], str]] = [
    ("SetSetting", True, PreFlightError, 'project setting timelineFrameRate: "24" was set, and it reads "25"'),
    ("ImportMedia", [], ImportRefusedError, 'Resolve does not read "A001_C002.R3D"'),
    ("ImportMedia", [object(), object()], ImportRefusedError, 'Resolve makes 2 clips of "A001_C002.R3D"; expected one'),
    ("GetClipProperty", {"Frames": "7"}, PreFlightError, 'Resolve counts "7" frames in the clip; 8 are planned'),
    ("CreateTimelineFromClips", None, PreFlightError, "Resolve makes no timeline of the clip"),
    ("GetDuration", 7, PreFlightError, "the clip is 7 frames long on the timeline; 8 frames are planned"),
    ("GetLeftOffset", 1, PreFlightError, "the timeline leaves out the first 1 frames of the clip"),
    ("ImportRenderPreset", False, PreFlightError, "Resolve does not take the render preset proxy"),
    ("LoadRenderPreset", False, PreFlightError, "Resolve does not load the render preset proxy"),
    ("SetCurrentRenderFormatAndCodec", True, PreFlightError, 'mov/DNxHRLB was chosen, and Resolve shows "mp4/H264"'),
    ("SetRenderSettings", False, PreFlightError, "Resolve refuses the render settings"),
    ("SetCurrentRenderMode", True, PreFlightError, "Resolve does not take the render mode of individual clips"),
    ("AddRenderJob", "", PreFlightError, "Resolve queued 0 jobs; expected one"),
    ("AddRenderJob", None, PreFlightError, "Resolve queued 0 jobs; expected one"),
    ("StartRendering", False, RenderError, "Resolve does not start the render"),
]


@pytest.mark.parametrize(("method", "value", "kind", "sentence"), REFUSALS, ids=range(len(REFUSALS)))
async def test_every_refusal_has_its_sentence(
    world: ResolveWorld, method: str, value: Any, kind: type[ResolveError], sentence: str
) -> None:
    await world.host.ready()
    world.api.project_settings["timelineFrameRate"] = "25"
    world.api.forced[method] = value
    assert await refused(world, kind) == sentence


async def test_a_pair_that_the_host_does_not_list_is_refused_before_anything_is_made(world: ResolveWorld) -> None:
    await world.host.ready()
    asked = len(world.operations)
    sentence = await refused(world, PreFlightError, codec_id="ProRes422P")
    assert sentence == "Resolve 20.3.2.9 on this host does not list mov/ProRes422P"
    assert "create_project" not in world.operations[asked:]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"preset": "../proxy"}, '"../proxy" is no name of a render preset'),
        ({"preset": "gone"}, "the render preset gone cannot be read: No such file or directory: gone.xml"),
        ({"preset_sha256": "0" * 64}, "the render preset proxy was altered: sha256"),
        ({"settings": settings(NoSuchKey="1")}, "a setting of the plan is none: "),
    ],
    ids=["name", "absent", "altered", "setting"],
)
async def test_a_plan_that_cannot_be_followed_is_refused(
    world: ResolveWorld, changes: dict[str, Any], sentence: str
) -> None:
    assert (await refused(world, PreFlightError, **changes)).startswith(sentence)


async def test_a_preset_that_resolve_changes_is_refused(world: ResolveWorld) -> None:
    def before(operation: str) -> None:
        if operation == "export_preset":
            world.api.presets["proxy"] = world.api.presets["proxy"].replace("-1", "2")

    world.before = before
    assert await refused(world, PreFlightError) == (
        "the render preset proxy is not what was imported: its field RecordAudioNumChannels is"
        ' "-1" in the file, and "2" in Resolve'
    )


async def test_an_older_preset_of_the_name_is_replaced(world: ResolveWorld) -> None:
    world.api.presets["proxy"] = "of somebody else"
    end, _ = await render(world)
    assert 'Project.DeleteRenderPreset("proxy") -> True' in end.calls
    assert world.api.presets["proxy"].startswith("<SyRecordInfo>")


async def test_a_preset_that_cannot_be_exported_is_used_and_said(world: ResolveWorld) -> None:
    world.api.forced["ExportRenderPreset"] = False
    end, _ = await render(world)
    assert "the render preset proxy could not be exported: it is not compared" in end.calls


async def test_a_job_that_shows_other_settings_is_refused(world: ResolveWorld) -> None:
    def before(operation: str) -> None:
        if operation == "add_job":
            world.api.settings["ExportVideo"] = False

    world.before = before
    assert await refused(world, PreFlightError) == 'the queued job shows IsExportVideo "0"; "True" was asked'


async def test_a_failed_render_says_what_resolve_says(world: ResolveWorld) -> None:
    world.api.polls = [(False, {"CompletionPercentage": 40, "Error": "media offline"})]
    assert await refused(world, RenderError) == 'the render failed; Resolve says "media offline"'


async def test_a_licence_lost_in_mid_render_is_the_hosts_fault(world: ResolveWorld) -> None:
    def before(operation: str) -> None:
        if operation == "job_progress":
            world.api.forced["GetProductName"] = "DaVinci Resolve"

    world.before = before
    world.api.polls = [(False, {"CompletionPercentage": 40, "Error": "no licence"})]
    assert "is the free edition, or has lost its licence" in await refused(world, ResolveFreeError)


async def test_a_stalled_render_is_stopped(world: ResolveWorld) -> None:
    world.api.polls = [(True, {"CompletionPercentage": 40})]
    assert await refused(world, RenderStalledError) == "the render did not move for 60 s at 40 %"
    assert world.api.stopped


async def test_a_render_that_cannot_be_stopped_ends_resolve(world: ResolveWorld) -> None:
    world.api.polls = [(True, {"CompletionPercentage": 40})]
    world.api.forced["StopRendering"] = None
    await refused(world, RenderStalledError)
    assert (world.processes.live, world.host.facts) == ([], None)


async def test_a_hang_in_mid_render_names_its_call(world: ResolveWorld) -> None:
    def before(operation: str) -> None:
        if operation == "job_progress":
            raise CallHungError("Project.IsRenderingInProgress() did not return within 60 s")

    world.before = before
    sentence = await refused(world, ResolveUnresponsiveError)
    assert sentence.startswith("Project.IsRenderingInProgress() did not return within 60 s; Resolve was ended")
    assert world.processes.live == []


async def test_an_answer_that_the_reference_does_not_know_is_told(world: ResolveWorld) -> None:
    await world.host.ready()
    world.api.forced["GetRenderJobList"] = "text"
    assert await refused(world, ResolveUnresponsiveError) == "jobs: expected a list, got str"


async def test_a_method_that_is_gone_is_told(world: ResolveWorld) -> None:
    await world.host.ready()
    world.api.forced["LoadRenderPreset"] = TypeError("'NoneType' object is not callable")
    assert await refused(world, ResolveUnresponsiveError) == (
        "Project.LoadRenderPreset raised TypeError: \"'NoneType' object is not callable\""
    )


async def test_no_file_is_looked_for_more_than_once(world: ResolveWorld) -> None:
    world.api.output = None
    assert await refused(world, OutputError) == "Resolve says complete, and there is no file"


async def test_a_cancelled_render_is_stopped_and_its_project_gone(world: ResolveWorld) -> None:
    world.api.polls = [(True, {"CompletionPercentage": 40})]
    working: asyncio.Task[RenderEnd] | None = None

    def cancel(progress: RenderProgress) -> None:
        assert working is not None
        working.cancel()

    working = asyncio.create_task(world.host.render(request=world.request(), on_progress=cancel))
    with pytest.raises(asyncio.CancelledError):
        await working
    assert world.api.stopped
    assert (world.api.open, list(world.api.projects), world.api.queue) == (PARKING, [PARKING], {})
    assert world.processes.ended == []
