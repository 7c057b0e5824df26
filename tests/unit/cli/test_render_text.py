"""`proxx plan` of camera RAW: what Resolve would be told, and what its file must measure."""

from dataclasses import replace
from pathlib import PurePosixPath

from proxx.cli.render import plan_lines
from proxx.core.facts import MediaFacts
from proxx.core.jobs import ClipPlan, JobPlan
from proxx.core.planner import plan_clip
from proxx.core.shown_command import shown_command
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import inputs_with
from tests.fakes.raw_facts import RAW_FACTS, raw_with

PROFILE = builtin_library().get("proxy_prores_proxy_resolve")
assert PROFILE is not None


def lines(facts: MediaFacts) -> list[str]:
    plan = plan_clip(inputs=inputs_with(profile=PROFILE, facts=facts, resolution="half"))
    source, output = PurePosixPath("/raw/A001.R3D"), PurePosixPath("/proxies/A001.mov")
    clip = ClipPlan(
        clip_index=0,
        source_path=str(source),
        output_path=str(output),
        detection=None,
        facts=facts,
        plan=replace(plan, digest="d" * 64),
        command=shown_command(plan=plan, source=source, output=output),
    )
    job = JobPlan(admissible=True, violations=(), clips=(clip,), spec={}, waiting_reasons=())
    return plan_lines(job)[:-1]


def test_a_render_is_shown_in_the_order_in_which_resolve_is_told() -> None:
    assert PROFILE is not None
    digest = PROFILE.render["preset_sha256"][:12]
    assert lines(RAW_FACTS) == [
        "clip 0  /raw/A001.R3D",
        "  output   /proxies/A001.mov",
        "  project  colorScienceMode=davinciYRGB perfProxyMediaMode=0 superScale=1 timelineFrameRate=23.976 "
        "timelineInputResMismatchBehavior=scaleToFit timelineResolutionHeight=1080 timelineResolutionWidth=2048",
        f"  preset   proxy_prores_proxy_resolve (sha256 {digest}…)",
        "  codec    ProRes422P in mov, individual clips",
        "  render   AudioBitDepth=24 AudioCodec=lpcm AudioSampleRate=48000 ExportAudio=true ExportVideo=true "
        "FormatHeight=1080 FormatWidth=2048 PixelAspectRatio=square SelectAllFrames=true VideoQuality=0",
        "  clip     240 frames from 10:20:30:12",
        "  expects  prores Proxy in mov; 2048x1080 at 24000/1001; 240 frames; start 10:20:30:12; pcm_s24le 4 channels",
        f"  plan     {'d' * 64} (proxy_prores_proxy_resolve)",
    ]


def test_what_the_source_does_not_have_is_said() -> None:
    found = lines(raw_with(audio=(), timecode=None))
    assert found[6:8] == [
        "  clip     240 frames from no start timecode",
        "  expects  prores Proxy in mov; 2048x1080 at 24000/1001; 240 frames; start none, or 00:00:00:00; no sound",
    ]


def test_a_clip_of_several_files_says_which() -> None:
    clip = ClipPlan(
        clip_index=0,
        source_path="/raw/A001.RDC",
        output_path="",
        detection=None,
        facts=None,
        plan=None,
        command=(),
        source_files="2 files, A001_001.R3D to A001_002.R3D",
    )
    job = JobPlan(admissible=False, violations=(), clips=(clip,), spec={}, waiting_reasons=())
    assert plan_lines(job)[:2] == ["clip 0  /raw/A001.RDC", "  files    2 files, A001_001.R3D to A001_002.R3D"]
