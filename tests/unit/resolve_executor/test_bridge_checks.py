"""What was asked of Resolve against what it shows."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from proxx.core.render_plan import RenderPlan
from proxx_resolve_executor.bridge.checks import (
    clip_problem,
    job_problem,
    preset_field,
    preset_problem,
    project_setting_problem,
    same_directory,
    same_value,
    timeline_problem,
)
from proxx_resolve_executor.bridge.remote import Placement
from proxx_resolve_executor.bridge.sequence import FramePattern, frame_pattern
from proxx_resolve_executor.resolve_error import ImportRefusedError

PLAN = RenderPlan(
    preset="proxy",
    preset_sha256="0" * 64,
    format_id="mov",
    codec_id="DNxHRLB",
    individual_clips=True,
    settings=(),
    project_settings=(),
    frame_count=8,
    start_timecode="10:20:30:12",
)


@pytest.mark.parametrize(
    ("asked", "read", "same"),
    [
        ("24", "24", True),
        ("24", "24.0", True),
        ("23.976", "24", False),
        ("29.97 DF", "29.97 DF", True),
        ("29.97 DF", "29.97", False),
        ("true", "1", True),
        ("True", "1", True),
        ("false", "1", False),
        ("0", "False", True),
        ("scaleToFit", "", False),
    ],
)
def test_values_are_the_same_as_text_number_or_truth(asked: str, read: str, same: bool) -> None:
    assert same_value(asked, read) is same
    sentence = f'project setting k: "{asked}" was set, and it reads "{read}"'
    assert project_setting_problem(key="k", asked=asked, shown=read) == ("" if same else sentence)


@pytest.mark.parametrize(
    ("read", "same"), [("/out/a", True), ("/out/a/", True), ("/out/b", False), ("\\out\\a", True), ("", False)]
)
def test_directories_are_the_same_with_any_separator(read: str, same: bool) -> None:
    assert same_directory("/out/a", read) is same


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({"Frames": "8", "Start TC": "10:20:30:12"}, ""),
        ({"Frames": "8", "Start TC": "10:20:30;12"}, ""),
        ({"Frames": "9", "Start TC": "10:20:30:12"}, 'Resolve counts "9" frames in the clip; 8 are planned'),
        ({}, 'Resolve counts "" frames in the clip; 8 are planned'),
        (
            {"Frames": "8", "Start TC": "00:00:00:00"},
            'Resolve reads "00:00:00:00" as the clip\'s start timecode; 10:20:30:12 is planned',
        ),
    ],
)
def test_clips(properties: dict[str, str], problem: str) -> None:
    assert clip_problem(properties=properties, plan=PLAN) == problem


def test_a_clip_without_a_planned_timecode_may_show_any() -> None:
    plan = replace(PLAN, start_timecode=None)
    assert clip_problem(properties={"Frames": "8", "Start TC": "01:00:00:00"}, plan=plan) == ""


WHOLE = Placement(duration=8.0, left_offset=0.0)


@pytest.mark.parametrize(
    ("placements", "problem"),
    [
        ((WHOLE,), ""),
        ((replace(WHOLE, left_offset=None),), ""),
        (None, "Resolve makes no timeline of the clip"),
        ((), "the timeline shows 0 clips; expected one"),
        ((WHOLE, WHOLE), "the timeline shows 2 clips; expected one"),
        ((replace(WHOLE, duration=7.0),), "the clip is 7 frames long on the timeline; 8 frames are planned"),
        ((replace(WHOLE, duration=None),), "the clip is of unknown length on the timeline; 8 frames are planned"),
        ((replace(WHOLE, left_offset=2.0),), "the timeline leaves out the first 2 frames of the clip"),
    ],
)
def test_timelines(placements: tuple[Placement, ...] | None, problem: str) -> None:
    assert timeline_problem(placements=placements, plan=PLAN) == problem


ASKED = {"TargetDir": "/out", "ExportVideo": True, "FormatWidth": 1920, "CustomName": "proxy"}


@pytest.mark.parametrize(
    ("job", "problem"),
    [
        ({}, ""),
        (
            {"TargetDir": "/out/", "IsExportVideo": "1", "FormatWidth": "1920", "MarkIn": "86400", "MarkOut": "86407"},
            "",
        ),
        ({"OutputFilename": "A001.mov"}, ""),
        ({"IsExportVideo": "0"}, 'the queued job shows IsExportVideo "0"; "True" was asked'),
        ({"FormatWidth": "3840"}, 'the queued job shows FormatWidth "3840"; "1920" was asked'),
        ({"TargetDir": "/elsewhere"}, 'the queued job shows TargetDir "/elsewhere"; "/out" was asked'),
        ({"MarkIn": "9" * 5000, "MarkOut": "9" * 5000}, ""),
        ({"MarkIn": "0", "MarkOut": "8"}, "the queued job shows frames 0 to 8; 8 frames are planned"),
    ],
)
def test_queued_jobs(job: dict[str, str], problem: str) -> None:
    assert job_problem(job=job, asked=ASKED, plan=PLAN) == problem


PRESET = "<SyRecordInfo>\n <RecordPrefix/>\n <RecordAudioNumChannels>-1</RecordAudioNumChannels>\n</SyRecordInfo>"


@pytest.mark.parametrize(
    ("field", "text"), [("RecordPrefix", ""), ("RecordAudioNumChannels", "-1"), ("RecordSuffix", None)]
)
def test_fields_of_presets(field: str, text: str | None) -> None:
    assert preset_field(PRESET, field) == text


def test_a_preset_that_resolve_changed_is_named_by_its_field() -> None:
    changed = PRESET.replace("-1", "2").replace("<RecordPrefix/>", "")
    assert preset_problem(own=PRESET, exported=PRESET) == ""
    assert preset_problem(own=PRESET, exported=changed) == (
        'its field RecordAudioNumChannels is "-1" in the file, and "2" in Resolve'
    )


def frames(*names: str) -> list[PurePosixPath]:
    return [PurePosixPath("/raw/A001", name) for name in names]


@pytest.mark.parametrize(
    ("files", "pattern"),
    [
        (frames("x_099.dng", "x_100.dng"), FramePattern(pattern="/raw/A001/x_%03d.dng", first=99, last=100)),
        (frames("C1.0086400.ari"), FramePattern(pattern="/raw/A001/C1.%07d.ari", first=86400, last=86400)),
        (frames("9.dng", "10.dng"), FramePattern(pattern="/raw/A001/%d.dng", first=9, last=10)),
        (frames("a1_b.jp2"), FramePattern(pattern="/raw/A001/a%d_b.jp2", first=1, last=1)),
    ],
    ids=["padded", "one frame", "not padded", "number within"],
)
def test_sequences(files: list[PurePosixPath], pattern: FramePattern) -> None:
    assert frame_pattern(files=files) == pattern


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([], "a sequence without a file"),
        (frames("frame.dng"), '"frame.dng" has no frame number'),
        (frames("x_1.dng", "x_3.dng"), 'frame 2 of a sequence: expected "x_2.dng", got "x_3.dng"'),
        (frames("x_01.dng", "y_02.dng"), 'frame 2 of a sequence: expected "x_02.dng", got "y_02.dng"'),
        (
            [PurePosixPath("/a%d/x_1.dng")],
            '"/a%d/x_1.dng": a path with a percent sign cannot be named as a sequence',
        ),
    ],
)
def test_sequences_that_no_pattern_names(files: list[PurePosixPath], sentence: str) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        frame_pattern(files=files)
    assert str(caught.value) == sentence
