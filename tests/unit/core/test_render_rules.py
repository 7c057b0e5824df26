"""The [render] table of a Resolve profile: refused by name where Resolve would ignore, refuse or guess."""

import pytest

from proxx.core.render_codecs import RENDER_CODECS
from proxx.core.render_rules import render_problems
from tests.unit.core.test_profile_reader import RESOLVE, problems

GOOD = {
    "AudioBitDepth": "24",
    "AudioCodec": "lpcm",
    "AudioSampleRate": "48000",
    "VideoQuality": "0",
    "codec": "ProRes422P",
    "format": "mov",
    "mode": "individual_clips",
    "preset": "x",
    "preset_sha256": "0" * 64,
    "project.colorScienceMode": "davinciYRGB",
    "timecode": "source",
}


def found(changes: dict[str, str | None], *, codec: str = "prores_proxy", container: str = "mov") -> list[str]:
    table = {key: value for key, value in (GOOD | changes).items() if value is not None}
    return [
        f"{item.key}: {item.sentence}" for item in render_problems(render=table, codec=codec, containers=(container,))
    ]


def test_a_whole_table_has_no_problem() -> None:
    assert found({}) == []
    assert found({"codec": "H264", "EncodingProfile": "High", "MultiPassEncode": "true"}, codec="h264") == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param(
            {"FormatWith": "1920"},
            "FormatWith: is no key of SetRenderSettings; Resolve would ignore it without a word",
            id="misspelt key",
        ),
        pytest.param(
            {"AddFrameHandles": "2"}, "AddFrameHandles: is never written: it is ignored before 21.0.4", id="too new"
        ),
        pytest.param(
            {"FormatWidth": "1920"},
            "FormatWidth: is written by the planner alone: the raster of the JobSpec",
            id="the planner's",
        ),
        pytest.param({"TargetDir": "/x"}, "TargetDir: is written by the executor alone: a path of the host", id="path"),
        pytest.param(
            {"EncodingProfile": "High"},
            "EncodingProfile: is for H264 and H265; Resolve ignores it for other codecs",
            id="another codec's",
        ),
        pytest.param({"preset": None}, "preset: required key is missing", id="no preset"),
        pytest.param(
            {"preset": "../x"},
            'preset: expected 1 to 64 of a-z 0-9 _ - (first a letter or digit); got "../x"',
            id="preset with a path",
        ),
        pytest.param(
            {"preset_sha256": "AB"}, 'preset_sha256: expected 64 hex digits in lower case; got "AB"', id="digest"
        ),
        pytest.param(
            {"mode": "single_clip"},
            'mode: expected individual_clips, where each clip keeps its own rate and timecode; got "single_clip"',
            id="single clip",
        ),
        pytest.param(
            {"AudioCodec": "aac"},
            'AudioCodec: expected lpcm with 16 bits, lpcm with 24 bits; got "aac" with "24" bits',
            id="AAC",
        ),
        pytest.param({"AudioSampleRate": "44100"}, 'AudioSampleRate: expected 48000, got "44100"', id="44.1 kHz"),
        pytest.param(
            {"project.superScale": "2"},
            "project.superScale: is written by the planner alone: none: no invented detail, and the clip's own raster",
            id="the planner's project setting",
        ),
        pytest.param(
            {"project.useCustomSettings": "1"},
            "project.useCustomSettings: is never written: it is a timeline's; without it a timeline has the project's",
            id="a timeline's setting",
        ),
        pytest.param(
            {"format": "mxf_op1a"},
            'codec: "ProRes422P" in "mxf_op1a": Resolve offers ProRes in mov only',
            id="ProRes in MXF",
        ),
        pytest.param(
            {"codec": "DNxHRLB", "format": "mxf"},
            'codec: "DNxHRLB" in "mxf": what Resolve writes into MXF has not been measured; use mov',
            id="MXF",
        ),
        pytest.param(
            {"codec": "DNxHRLB"},
            'codec: DNxHRLB makes dnxhr, and the profile\'s codec is "prores_proxy"',
            id="codec of another word",
        ),
    ],
)
def test_what_resolve_would_ignore_or_refuse_is_named(changes: dict[str, str | None], problem: str) -> None:
    assert found(changes) == [problem]


def test_a_description_in_place_of_an_id_is_refused_with_the_ids() -> None:
    (problem,) = found({"codec": "Apple ProRes 422 Proxy"})
    assert problem.startswith('codec: "Apple ProRes 422 Proxy" in "mov" is no pair of ids that Proxx knows')
    assert problem.endswith("mov/H265")


def test_the_container_is_the_formats() -> None:
    assert found({}, container="mp4") == ["format: mov makes mov alone, and the profile's containers are mp4"]


def test_every_pair_is_one_of_quicktime_with_one_entry() -> None:
    assert {key[0] for key in RENDER_CODECS} == {"mov"}
    assert len(RENDER_CODECS) == 14


def test_the_reader_names_file_and_key() -> None:
    text = RESOLVE.replace('"lpcm"', '"aac"').replace('fit = "pad"', 'fit = "scale"') + 'superScale = "1"\nfoo = 7\n'
    assert problems(text) == (
        "p.toml: render.project.foo: expected a string, got the number 7",
        'p.toml: render.AudioCodec: expected lpcm with 16 bits, lpcm with 24 bits; got "aac" with "24" bits',
        "p.toml: render.project.superScale: is written by the planner alone: none: no invented detail, "
        "and the clip's own raster",
        'p.toml: fit: expected "pad": Resolve shows the whole picture, with bars, and its pixels are square; '
        'got "scale"',
    )


def test_a_project_that_is_no_table_is_refused() -> None:
    text = RESOLVE.replace('[render.project]\ncolorScienceMode = "davinciYRGB"\n', "project = 1\n")
    assert problems(text) == (
        "p.toml: render.project: expected a table of strings, got the number 1",
        "p.toml: render.project.colorScienceMode: required key is missing",
    )
