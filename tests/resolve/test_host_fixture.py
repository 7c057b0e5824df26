"""Recorded hosts: the file, and the simulator that shows one."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proxx_resolve_executor.host_fixture import (
    ClipDump,
    HostFixture,
    HostFixtureError,
    fixture_text,
    parse_fixture,
    read_fixture,
    write_fixture,
)
from tests.resolve.local_resolve import LocalResolve

HOST = HostFixture(
    recorded_time="2026-11-20T18:00:00Z",
    platform="darwin",
    product="DaVinci Resolve Studio",
    version="19.1.3.7",
    python="3.11.7",
    formats={"QuickTime": "mov"},
    codecs={"mov": {"Apple ProRes 422 Proxy": "ProRes422P"}},
    project_settings={"timelineFrameRate": "25", "timelineResolutionWidth": "1920", "timelineResolutionHeight": "1080"},
    clips=(
        ClipDump(
            label="RED KOMODO, R3D",
            properties={"Format": "R3D", "Frames": "99", "FPS": 24.0, "Camera Firmware": "1.8.1", "Proxy": "None"},
            audio_mapping="{}",
        ),
    ),
    render_presets=({"PresetName": "H.264 Master"},),
    jobs=({"JobId": "1", "RenderJobName": "Job 1", "TargetDir": "/renders", "NewKey": "new"},),
    statuses=(
        {"JobStatus": "Pronto", "CompletionPercentage": 0},
        {"JobStatus": "In corso", "CompletionPercentage": 12.5},
        {"JobStatus": "Concluso", "CompletionPercentage": 100.0},
    ),
    returns={"OpenPage": None, "SetRenderSettings": True},
    probes={"nogui_without_display": "ready after 9.1 s"},
)


def _local(tmp_path: Path) -> LocalResolve:
    write_fixture(path=tmp_path / "host.json", fixture=HOST)
    return LocalResolve(tmp_path, fixture=tmp_path / "host.json")


def test_a_fixture_reads_back_as_it_was_written(tmp_path: Path) -> None:
    write_fixture(path=tmp_path / "host.json", fixture=HOST)
    assert read_fixture(path=tmp_path / "host.json") == HOST
    assert fixture_text(fixture=HOST) == (tmp_path / "host.json").read_text()


def _without(name: str) -> dict[str, Any]:
    raw = json.loads(fixture_text(fixture=HOST))
    del raw[name]
    return dict(raw)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("{", "not JSON", id="no JSON"),
        pytest.param("[]", "the file: expected an object, got list", id="no object"),
        pytest.param('{"schema_version": 2}', "schema_version: expected 1, got 2", id="another version"),
        pytest.param(json.dumps(_without("formats")), "absent members: formats", id="an absent member"),
        pytest.param(
            fixture_text(fixture=HOST).replace('"probes"', '"prods"'), "unknown members: prods", id="an unknown member"
        ),
        pytest.param(
            fixture_text(fixture=HOST).replace('"25"', "25").replace('"mov"\n', "7\n"),
            "formats.QuickTime: expected a string, got int",
            id="a wrong type",
        ),
        pytest.param(
            fixture_text(fixture=replace(HOST, platform="plan9")), "platform: expected one of", id="no such platform"
        ),
        pytest.param(
            fixture_text(fixture=HOST).replace('"label"', '"name"'),
            r"clips\[0\]: expected label, properties and audio_mapping",
            id="a clip without its members",
        ),
    ],
)
def test_what_is_no_fixture_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(HostFixtureError, match=message):
        parse_fixture(text=text)


def test_the_simulator_is_the_recorded_host(tmp_path: Path) -> None:
    local = _local(tmp_path)
    assert local.ask(local.resolve, "GetVersionString") == "19.1.3.7"
    assert local.ask(local.project, "GetRenderFormats") == {"QuickTime": "mov"}
    assert local.ask(local.project, "GetRenderCodecs", "mov") == {"Apple ProRes 422 Proxy": "ProRes422P"}
    assert local.ask(local.project, "GetSetting", "timelineFrameRate") == "25"
    assert {"PresetName": "H.264 Master"} in local.ask(local.project, "GetRenderPresetList")
    assert local.ask(local.resolve, "OpenPage", "deliver") is None


def test_a_recorded_clip_lends_its_keys_and_never_its_facts(tmp_path: Path) -> None:
    local = _local(tmp_path)
    local.cut(frames=5, format="R3D")
    (clip,) = local.project.pool.root.clips
    dump = local.ask(clip, "GetClipProperty")
    assert [dump[key] for key in ("Frames", "Camera Firmware", "Format")] == ["5", "1.8.1", "R3D"]


@pytest.mark.media
def test_jobs_and_status_have_the_shape_of_the_recorded_ones(tmp_path: Path) -> None:
    local = _local(tmp_path)
    local.cut(timeline_rate="25", rate="25/1")
    job = local.queue(pair=("mov", "ProRes422P"))
    (shown,) = local.ask(local.project, "GetRenderJobList")
    assert shown == {"JobId": job, "RenderJobName": "Job 1", "TargetDir": str(tmp_path / "out"), "NewKey": "new"}
    assert local.status(job) == {"JobStatus": "Pronto", "CompletionPercentage": 0.0}
    done = local.render(job)
    assert (done["JobStatus"], done["CompletionPercentage"]) == ("Concluso", 100.0)
