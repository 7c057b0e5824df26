"""Formats, presets and render settings of the simulated Resolve: the reference, sections 6 and 9."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from tests.resolve.local_resolve import LocalResolve
from tests.resolve_simulator.app.presets import parse
from tests.resolve_simulator.quirks import Quirks

PRESET = """<?xml version="1.0" encoding="UTF-8"?>
<SyRecordInfo DbId="0">
 <RecordFormatType>mov</RecordFormatType>
 <RecordFormatSubType>DNxHRSQ</RecordFormatSubType>
 <UsePrefixAndSuffixFromSrc>1</UsePrefixAndSuffixFromSrc>
 <RecordAudioNumChannels>-1</RecordAudioNumChannels>
 <ExtraInfoMap><Element><DbKey>Look</DbKey><DbVal>none</DbVal></Element></ExtraInfoMap>
</SyRecordInfo>
"""


def _install(local: LocalResolve, text: str = PRESET) -> Any:
    path = local.root / "proxx.xml"
    path.write_text(text, encoding="utf-8")
    return local.ask(local.resolve, "ImportRenderPreset", str(path))


def _job(local: LocalResolve, job: str) -> dict[str, Any]:
    (shown,) = [each for each in local.ask(local.project, "GetRenderJobList") if each["JobId"] == job]
    return dict(shown)


@pytest.mark.parametrize(
    ("platform", "format_id", "codec_id", "listed"),
    [
        pytest.param("darwin", "mov", "ProRes422P", True, id="ProRes on macOS"),
        pytest.param("linux", "mov", "ProRes422P", False, id="no ProRes on Linux"),
        pytest.param("windows", "mov", "ProRes422P", False, id="no ProRes on Windows"),
        pytest.param("darwin", "mxf_op1a", "ProRes422P", False, id="never ProRes in MXF"),
        pytest.param("linux", "mxf_op1a", "DNxHRLB", True, id="DNxHR in MXF"),
        pytest.param("linux", "mp4", "H264", False, id="no system H.264 on Linux"),
        pytest.param("linux", "mp4", "H264_NVIDIA", True, id="H.264 of the card on Linux"),
        pytest.param("darwin", "mp4", "H264", True, id="H.264 on macOS"),
    ],
)
def test_a_codec_is_listed_by_platform_and_can_be_chosen_then(
    tmp_path: Path, platform: str, format_id: str, codec_id: str, listed: bool
) -> None:
    local = LocalResolve(tmp_path, Quirks(platform=platform))
    assert (codec_id in local.ask(local.project, "GetRenderCodecs", format_id).values()) is listed
    assert local.ask(local.project, "SetCurrentRenderFormatAndCodec", format_id, codec_id) is listed


@pytest.mark.parametrize(
    ("version", "description", "new_format"),
    [pytest.param("19.1.3", "DNxHR LB", False, id="19"), pytest.param("21.0.4", "Avid DNxHR LB", True, id="21")],
)
def test_descriptions_and_formats_drift_with_the_version_and_ids_do_not(
    tmp_path: Path, version: str, description: str, new_format: bool
) -> None:
    local = LocalResolve(tmp_path, Quirks(version=version))
    codecs = local.ask(local.project, "GetRenderCodecs", "mov")
    assert [text for text, each in codecs.items() if each == "DNxHRLB"] == [description]
    assert ("HLS" in local.ask(local.project, "GetRenderFormats")) is new_format


def test_a_description_in_the_place_of_an_id_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    before = local.ask(local.project, "GetCurrentRenderFormatAndCodec")
    assert local.ask(local.project, "SetCurrentRenderFormatAndCodec", "mov", "Avid DNxHR LB") is False
    assert local.ask(local.project, "GetCurrentRenderFormatAndCodec") == before


@pytest.mark.parametrize(
    ("quirks", "format_id", "codecs"),
    [
        pytest.param(Quirks(), "wav", {}, id="wav lists none"),
        pytest.param(Quirks(), "no such", {}, id="unknown format"),
        pytest.param(Quirks(formats_without_codecs=("mp4",)), "mp4", {}, id="by the switch"),
        pytest.param(
            Quirks(codecs_missing=("mp4/H265_NVIDIA",)), "mp4", {"H.264 NVIDIA": "H264_NVIDIA"}, id="one missing"
        ),
        pytest.param(Quirks(codecs_added={"wav": {"PCM": "lpcm"}}), "wav", {"PCM": "lpcm"}, id="one added"),
    ],
)
def test_the_codecs_of_a_format(tmp_path: Path, quirks: Quirks, format_id: str, codecs: dict[str, str]) -> None:
    local = LocalResolve(tmp_path, quirks)
    assert local.ask(local.project, "GetRenderCodecs", format_id) == codecs


def test_a_codec_may_be_listed_and_refused(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(codecs_refused=("mov/DNxHRLB",)))
    assert "DNxHRLB" in local.ask(local.project, "GetRenderCodecs", "mov").values()
    assert local.ask(local.project, "SetCurrentRenderFormatAndCodec", "mov", "DNxHRLB") is False


def test_an_imported_preset_is_selected_and_listed_and_survives_the_process(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    assert _install(local) is True
    assert local.ask(local.project, "GetCurrentRenderFormatAndCodec") == {"format": "mov", "codec": "DNxHRSQ"}
    again = LocalResolve(tmp_path)
    assert "proxx" in again.ask(again.project, "GetRenderPresetList")
    assert again.ask(again.project, "LoadRenderPreset", "proxx") is True


def test_presets_may_be_listed_as_dictionaries(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(preset_list="dicts"))
    _install(local)
    assert {"PresetName": "proxx"} in local.ask(local.project, "GetRenderPresetList")


@pytest.mark.parametrize(
    "text", [pytest.param("<no xml", id="no XML"), pytest.param("<Other/>", id="another document")]
)
def test_what_is_no_preset_is_not_imported(tmp_path: Path, text: str) -> None:
    assert _install(LocalResolve(tmp_path), text) is False


@pytest.mark.parametrize(
    ("kept", "answer"), [pytest.param(False, False, id="refused"), pytest.param(True, True, id="True, and the old one")]
)
def test_a_preset_over_a_name_is_never_the_new_one(tmp_path: Path, kept: bool, answer: bool) -> None:
    local = LocalResolve(tmp_path, Quirks(preset_kept=kept))
    _install(local)
    assert _install(local, PRESET.replace("DNxHRSQ", "DNxHRHQ")) is answer
    assert local.resolve.get_project_manager().get_current_project().shelf.fields("proxx")["RecordFormatSubType"] == (
        "DNxHRSQ"
    )


def test_a_deleted_preset_can_be_imported_again(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    _install(local)
    assert local.ask(local.project, "DeleteRenderPreset", "proxx") is True
    assert local.ask(local.project, "LoadRenderPreset", "proxx") is False
    assert _install(local) is True


def test_an_exported_preset_has_the_fields_imported_and_other_bytes(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    _install(local)
    out = tmp_path / "exported.xml"
    assert local.ask(local.resolve, "ExportRenderPreset", "proxx", str(out)) is True
    assert parse(out.read_text()) == parse(PRESET)
    assert parse(PRESET)["ExtraInfoMap.Look"] == "none"
    assert out.read_text() != PRESET
    assert ElementTree.fromstring(out.read_text()).tag == "SyRecordInfo"  # noqa: S314 - the simulator's own file


def test_an_altered_preset_shows_in_its_export(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(preset_altered={"RecordAudioNumChannels": "2"}))
    _install(local)
    out = tmp_path / "exported.xml"
    local.ask(local.resolve, "ExportRenderPreset", "proxx", str(out))
    assert parse(out.read_text())["RecordAudioNumChannels"] == "2"


@pytest.mark.parametrize("name", [pytest.param("H.264 Master", id="built in"), pytest.param("none", id="absent")])
def test_what_was_not_imported_is_not_exported(tmp_path: Path, name: str) -> None:
    local = LocalResolve(tmp_path)
    assert local.ask(local.resolve, "ExportRenderPreset", name, str(tmp_path / "x.xml")) is False


def test_unknown_and_mistyped_keys_are_ignored_without_a_word(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.cut()
    before = dict(local.project.render.values)
    wrong = {"NoSuchKey": 1, "FormatWidth": "256", "MarkIn": True, "ExportVideo": "False"}
    assert local.ask(local.project, "SetRenderSettings", wrong) is True
    assert local.project.render.values == before


@pytest.mark.parametrize(
    ("version", "known"), [pytest.param("20.3.2", False, id="20"), pytest.param("21.0.4", True, id="21.0.4")]
)
def test_a_key_of_a_later_version_is_unknown_before(tmp_path: Path, version: str, known: bool) -> None:
    local = LocalResolve(tmp_path, Quirks(version=version))
    local.ask(local.project, "SetRenderSettings", {"AddFrameHandles": 4})
    assert ("AddFrameHandles" in local.project.render.values) is known


def test_settings_overlay_the_preset_which_is_custom_then(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.cut(audio=(1, 1))
    _install(local)
    job = local.queue(mode=0, AudioBitDepth=24)
    shown = _job(local, job)
    assert (shown["PresetName"], shown["AudioBitDepth"], shown["OutputFilename"]) == ("Custom", 24, "A001_C001.mov")
    (shot,) = local.project.queue.jobs[job].shots
    assert shot.audio == (1, 1)


def test_a_preset_takes_back_what_was_overlaid_before(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.cut()
    local.ask(local.project, "SetRenderSettings", {"ExportAudio": False, "CustomName": "leaked"})
    _install(local)
    shown = _job(local, local.queue())
    assert (shown["IsExportAudio"], shown["OutputFilename"]) == (True, "A001_C001.mov")


def test_after_the_audio_only_preset_video_reads_back_and_is_not_rendered(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path, Quirks(sticky_preset="Audio Only"))
    local.cut()
    job = local.queue(ExportVideo=True)
    (shot,) = local.project.queue.jobs[job].shots
    assert (_job(local, job)["IsExportVideo"], shot.has_video) == (True, False)


def test_settings_of_an_earlier_user_stay_in_a_saved_project(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    local.cut()
    local.ask(local.project, "SetRenderSettings", {"CustomName": "leaked"})
    local.ask(local.manager, "SaveProject")
    again = LocalResolve(tmp_path)
    again.ask(again.manager, "LoadProject", "job")
    assert _job(again, again.queue())["OutputFilename"] == "leaked.mov"


def test_aac_is_ignored_where_the_platform_does_not_encode_it(tmp_path: Path) -> None:
    shown = []
    for platform in ("linux", "darwin"):
        local = LocalResolve(tmp_path / platform, Quirks(platform=platform))
        local.cut()
        shown.append(_job(local, local.queue(AudioCodec="aac"))["AudioCodec"])
    assert shown == ["lpcm", "aac"]


def test_the_rasters_of_a_fixed_codec_are_its_own(tmp_path: Path) -> None:
    local = LocalResolve(tmp_path)
    ask = local.ask(local.project, "GetRenderResolutions", "mxf_op1a", "DNxHD1080p36")
    assert ask == [{"Width": 1920, "Height": 1080}]
    assert local.ask(local.project, "GetRenderResolutions", "mov", "DNxHD1080p36") == []
