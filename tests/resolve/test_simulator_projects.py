"""Projects of the simulated Resolve: the rules and quirks of the reference, sections 5 and 8."""

from pathlib import Path

import pytest

from tests.resolve.local_resolve import LocalResolve
from tests.resolve_simulator.quirks import Quirks


def _park(local: LocalResolve) -> None:
    """Make a saved, empty project and leave the application in it."""
    assert local.ask(local.manager, "CreateProject", "parking") is not None
    assert local.ask(local.manager, "SaveProject") is True


def test_a_new_project_is_open_and_in_the_database_at_once(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    project = local.ask(local.manager, "CreateProject", "job")
    assert local.ask(local.manager, "GetCurrentProject") is project
    assert local.ask(local.manager, "GetProjectListInCurrentFolder") == ["job"]
    assert local.installation.projects() == ["job"]


def test_a_second_project_of_a_name_is_none(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    _park(local)
    assert local.ask(local.manager, "CreateProject", "parking") is None


def test_an_untitled_project_blocks_where_the_switch_says_so(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    _park(local)
    again = LocalResolve(tmp_path, Quirks(create_blocked_by="untitled"))
    assert again.ask(again.manager, "CreateProject", "job") is None
    again.ask(again.manager, "LoadProject", "parking")
    assert again.ask(again.manager, "CreateProject", "job") is not None


def test_a_changed_project_blocks_where_the_switch_says_so_and_a_clean_one_does_not(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    _park(local)
    local.installation.set_quirks(Quirks(create_blocked_by="dirty"))
    assert local.ask(local.manager, "CreateProject", "one") is not None
    local.ask(local.project, "SetSetting", "timelineFrameRate", "25")
    assert local.ask(local.manager, "CreateProject", "two") is None
    local.ask(local.manager, "LoadProject", "parking")
    assert local.ask(local.manager, "CreateProject", "two") is not None


def test_the_open_project_cannot_be_deleted(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.ask(local.manager, "CreateProject", "job")
    assert local.ask(local.manager, "DeleteProject", "job") is False


def test_loading_another_is_not_enough_to_delete_a_project_closing_it_is(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    _park(local)
    local.ask(local.manager, "CreateProject", "job")
    local.ask(local.manager, "LoadProject", "parking")
    assert local.ask(local.manager, "DeleteProject", "job") is False
    local.ask(local.manager, "LoadProject", "job")
    assert local.ask(local.manager, "CloseProject", local.project) is True
    local.ask(local.manager, "LoadProject", "parking")
    assert local.ask(local.manager, "DeleteProject", "job") is True
    assert local.installation.projects() == ["parking"]


def test_a_delete_works_at_the_second_try_where_the_switch_says_so(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(delete_twice=True))
    local.ask(local.manager, "CreateProject", "job")
    local.ask(local.manager, "CloseProject", local.project)
    assert [local.ask(local.manager, "DeleteProject", "job") for _ in range(3)] == [False, True, False]


def test_closing_discards_what_was_not_saved(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    project = local.ask(local.manager, "CreateProject", "job")
    local.ask(project, "SetSetting", "timelineFrameRate", "25")
    local.ask(local.manager, "SaveProject")
    local.ask(project, "SetSetting", "timelineFrameRate", "50")
    local.ask(local.manager, "CloseProject", project)
    assert local.project.name == "Untitled Project"
    local.ask(local.manager, "LoadProject", "job")
    assert local.ask(local.project, "GetSetting", "timelineFrameRate") == "25"


def test_what_is_open_is_forgotten_when_its_project_closes(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.ask(local.manager, "CloseProject", local.project)
    before = len(local.world.registry)
    for _ in range(3):
        timeline = local.cut(frames=4)
        assert timeline is not None
        local.ask(local.manager, "CloseProject", local.project)
        local.ask(local.manager, "DeleteProject", "job")
    assert len(local.world.registry) == before


def test_a_saved_project_outlives_the_process_with_its_clips_and_timelines(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.cut(frames=7)
    local.ask(local.manager, "SaveProject")
    again = LocalResolve(tmp_path)
    again.ask(again.manager, "LoadProject", "job")
    timeline = again.project.timelines[0]
    clips = again.project.pool.root.clips
    assert [clip.get_name() for clip in clips] == ["A001_C001.R3D"]
    assert (timeline.name, timeline.end_frame - timeline.start_frame) == ("cut", 7)


def test_saving_the_untitled_project_is_false_with_a_user_interface(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, headless=False)
    assert local.ask(local.manager, "SaveProject") is False


def test_a_wedged_instance_has_no_database_and_makes_no_project(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.world.wedged = True
    calls = [("GetCurrentDatabase",), ("CreateProject", "job"), ("LoadProject", "job"), ("SaveProject",)]
    assert [local.ask(local.manager, *each) for each in calls] == [None, False, False, None]
    assert local.ask(local.resolve, "GetProductName") == "DaVinci Resolve Studio"
    assert local.ask(local.project, "GetName") == "Untitled Project"


def test_the_frame_rate_is_locked_by_the_first_timeline(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.cut(timeline_rate="25")
    assert local.ask(local.project, "SetSetting", "timelineFrameRate", "24") is False
    assert local.ask(local.project, "GetSetting", "timelineFrameRate") == "25"


@pytest.mark.parametrize(
    ("quirks", "key", "value", "answer", "after"),
    [
        pytest.param(Quirks(), "perfProxyMediaMode", "0", True, "0", id="taken"),
        pytest.param(Quirks(), "timelinePlaybackFrameRate", "25", False, "24", id="never taken"),
        pytest.param(Quirks(), "noSuchKey", "1", False, "", id="unknown key"),
        pytest.param(Quirks(), "timelineFrameRate", "31", False, "24", id="no such rate"),
        pytest.param(
            Quirks(settings_without_effect=("perfProxyMediaMode",)),
            "perfProxyMediaMode",
            "0",
            True,
            "1",
            id="True without effect",
        ),
        pytest.param(Quirks(settings_refused=("superScale",)), "superScale", "2", False, "1", id="refused"),
        pytest.param(
            Quirks(portrait_refused=True), "timelineResolutionHeight", "2160", False, "1080", id="portrait refused"
        ),
    ],
)
def test_a_setting(tmp_path: Path, quirks: Quirks, key: str, value: str, answer: bool, after: str) -> None:
    local = LocalResolve(tmp_path, quirks)
    assert local.ask(local.project, "SetSetting", key, value) is answer
    assert local.ask(local.project, "GetSetting", key) == after


def test_no_key_lists_all_settings_with_the_preset_of_the_operator(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(project_settings={"colorScienceMode": "acescct"}))
    settings = local.ask(local.project, "GetSetting")
    assert settings["colorScienceMode"] == "acescct"
    assert all(isinstance(value, str) for value in settings.values())


def test_the_sample_rate_of_timelines_is_a_setting_from_21_0_4_on(tmp_path: Path) -> None:
    old, new = (LocalResolve(tmp_path / text, Quirks(version=text)) for text in ("20.3.2", "21.0.4"))
    assert [each.ask(each.project, "GetSetting", "timelineSampleRate") for each in (old, new)] == ["", "48000"]


def test_folders_keep_projects_apart(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    steps = [("CreateFolder", "proxx"), ("OpenFolder", "proxx"), ("CreateProject", "job"), ("GetCurrentFolder",)]
    answers = [local.ask(local.manager, *each) for each in steps]
    assert [answers[0], answers[1], answers[3]] == [True, True, "proxx"]
    assert local.ask(local.manager, "GotoRootFolder") is True
    assert local.ask(local.manager, "GetProjectListInCurrentFolder") == []
    assert local.ask(local.manager, "GetFolderListInCurrentFolder") == ["proxx"]
    assert local.ask(local.manager, "DeleteFolder", "proxx") is False


def test_an_exported_project_comes_back_by_its_file(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.cut(timeline_rate="25")
    local.ask(local.manager, "SaveProject")
    file = str(tmp_path / "template.drp")
    assert local.ask(local.manager, "ExportProject", "job", file, False) is True
    assert local.ask(local.manager, "ImportProject", file) is True
    local.ask(local.manager, "LoadProject", "template")
    assert local.ask(local.project, "GetSetting", "timelineFrameRate") == "25"
