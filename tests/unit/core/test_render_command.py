"""The command of a render: apart from its execution, serialisable, and the same words in dry run and result."""

import json
from pathlib import PurePosixPath

import pytest

from proxx.core.plain import from_plain, to_plain
from proxx.core.planner import plan_clip
from proxx.core.render_command import RenderCommand, command_summary, render_command
from proxx.core.shown_command import shown_command
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import FACTS, inputs_with
from tests.fakes.raw_facts import RAW_FACTS

SOURCE, OUTPUT = PurePosixPath("/raw/A001.R3D"), PurePosixPath("/proxies/A001.mov")
RESOLVE, FFMPEG = (builtin_library().get(name) for name in ("proxy_dnxhr_lb_resolve", "proxy_h264_low"))
assert RESOLVE is not None
assert FFMPEG is not None
PLAN = plan_clip(inputs=inputs_with(profile=RESOLVE, facts=RAW_FACTS, resolution="half"))
OTHER = plan_clip(inputs=inputs_with(profile=FFMPEG, facts=FACTS))
WORDS = (
    "resolve",
    "invocation=script",
    "source=/raw/A001.R3D",
    "output=/proxies/A001.mov",
    "preset=proxy_dnxhr_lb_resolve",
    f"preset_sha256={RESOLVE.render['preset_sha256']}",
    "format=mov",
    "codec=DNxHRLB",
    "mode=individual_clips",
    "project.colorScienceMode=davinciYRGB",
    "project.perfProxyMediaMode=0",
    "project.superScale=1",
    "project.timelineFrameRate=23.976",
    "project.timelineInputResMismatchBehavior=scaleToFit",
    "project.timelineResolutionHeight=1080",
    "project.timelineResolutionWidth=2048",
    "AudioBitDepth=24",
    "AudioCodec=lpcm",
    "AudioSampleRate=48000",
    "ExportAudio=true",
    "ExportVideo=true",
    "FormatHeight=1080",
    "FormatWidth=2048",
    "PixelAspectRatio=square",
    "SelectAllFrames=true",
    "VideoQuality=0",
)


def test_a_command_names_invocation_source_output_preset_and_everything_that_is_told() -> None:
    command = render_command(plan=PLAN, source=SOURCE, output=OUTPUT)
    assert (command.invocation, command.source, command.output, command.render) == (
        "script",
        "/raw/A001.R3D",
        "/proxies/A001.mov",
        PLAN.render,
    )
    assert command.words() == WORDS


def test_a_command_survives_its_json() -> None:
    command = render_command(plan=PLAN, source=SOURCE, output=OUTPUT)
    assert from_plain(RenderCommand, json.loads(json.dumps(to_plain(command)))) == command


def test_a_dry_run_shows_either_engine() -> None:
    assert shown_command(plan=PLAN, source=SOURCE, output=OUTPUT) == WORDS
    assert shown_command(plan=OTHER, source=SOURCE, output=OUTPUT)[0] == "ffmpeg"


def test_a_plan_of_ffmpeg_is_no_render() -> None:
    with pytest.raises(ValueError, match=f"the plan {OTHER.digest} is one for ffmpeg, which has an argv"):
        render_command(plan=OTHER, source=SOURCE, output=OUTPUT)


def test_a_summary_is_one_line_and_no_other_command_has_one() -> None:
    assert command_summary(words=WORDS) == (
        "preset proxy_dnxhr_lb_resolve, format mov, codec DNxHRLB, mode individual_clips, 2048x1080, timeline 23.976"
    )
    assert [command_summary(words=words) for words in ((), ("ffmpeg", "codec=x"), ("resolve",))] == ["", "", ""]
