"""plan_clip for Resolve: one render, exact or refused, from the facts that Resolve states."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.detection import Engine
from proxx.core.facts import FieldOrder, MediaFacts, TimecodeFacts
from proxx.core.plain import from_plain, to_plain
from proxx.core.plan import PLANNER_VERSION, Expected, ExpectedAudio, Plan, PlanInputs
from proxx.core.planner import PlanRefusedError, plan_clip, plan_digest
from proxx.core.planner.timeline import TIMELINE_RATES
from proxx.core.profile import Profile
from proxx.core.render_plan import RenderPlan, RenderSetting
from proxx.core.render_settings import typed_settings
from proxx.core.violation import ViolationCode
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import FACTS, inputs_with
from tests.fakes.raw_facts import RAW_FACTS, RAW_SOUND, RAW_VIDEO, raw_at, raw_with

RESOLVE = tuple(profile for profile in builtin_library().profiles if profile.engine is Engine.RESOLVE)


def profile_named(name: str) -> Profile:
    profile = builtin_library().get(name)
    assert profile is not None
    return profile


PRORES, DNXHR = profile_named("proxy_prores_proxy_resolve"), profile_named("proxy_dnxhr_lb_resolve")


def planned(
    facts: MediaFacts = RAW_FACTS,
    *,
    profile: Profile = PRORES,
    resolution: str = "half",
    fps: Fraction | None = None,
    **asked: str,
) -> Plan:
    return plan_clip(inputs=inputs_with(profile=profile, facts=facts, resolution=resolution, fps=fps, **asked))


def refusals(
    facts: MediaFacts = RAW_FACTS,
    *,
    profile: Profile = PRORES,
    resolution: str = "half",
    fps: Fraction | None = None,
    **asked: str,
) -> list[tuple[str, str, str]]:
    with pytest.raises(PlanRefusedError) as caught:
        planned(facts, profile=profile, resolution=resolution, fps=fps, **asked)
    return [
        (found.message.partition(": ")[2], found.expected, found.actual)
        for found in caught.value.violations
        if found.field == "source"
    ]


def rendered(plan: Plan) -> RenderPlan:
    assert plan.render is not None
    return plan.render


def project(facts: MediaFacts, **asked: str) -> dict[str, str]:
    return {setting.key: setting.value for setting in rendered(planned(facts, **asked)).project_settings}


def test_a_raw_clip_becomes_one_render_with_everything_that_is_told_and_expected() -> None:
    rate, length = Fraction(24000, 1001), Fraction(1001, 100)
    plan = planned()
    assert plan == Plan(
        planner_version=PLANNER_VERSION,
        engine=Engine.RESOLVE,
        profile_name="proxy_prores_proxy_resolve",
        profile_digest=PRORES.digest,
        source=inputs_with(profile=PRORES).source,
        output=inputs_with(profile=PRORES).output,
        argv=(),
        checks_argv=(),
        expected=Expected(
            container="mov",
            codec="prores",
            width=2048,
            height=1080,
            pixel_aspect=Fraction(1),
            frame_rate=rate,
            constant_frame_rate=True,
            frame_count=240,
            timecode="10:20:30:12",
            drop_frame=False,
            field_order=FieldOrder.PROGRESSIVE,
            rotation=0,
            mirrored=False,
            color_range="tv",
            color_primaries=None,
            color_transfer=None,
            color_matrix=None,
            reel_name="A001_C002",
            audio=(ExpectedAudio(codec="pcm_s24le", channels=4, layout=None, sample_rate=48000, duration=length),),
            codec_profile="Proxy",
            pixel_format="yuv422p10le",
        ),
        threads=2,
        timeout_seconds=None,
        stall_seconds=300,
        ceiling_bytes=plan.ceiling_bytes,
        warnings=(),
        digest=plan_digest(plan),
        render=RenderPlan(
            preset="proxy_prores_proxy_resolve",
            preset_sha256=PRORES.render["preset_sha256"],
            format_id="mov",
            codec_id="ProRes422P",
            individual_clips=True,
            settings=tuple(
                RenderSetting(key=key, value=value)
                for key, value in (
                    ("AudioBitDepth", "24"),
                    ("AudioCodec", "lpcm"),
                    ("AudioSampleRate", "48000"),
                    ("ExportAudio", "true"),
                    ("ExportVideo", "true"),
                    ("FormatHeight", "1080"),
                    ("FormatWidth", "2048"),
                    ("PixelAspectRatio", "square"),
                    ("SelectAllFrames", "true"),
                    ("VideoQuality", "0"),
                )
            ),
            project_settings=tuple(
                RenderSetting(key=key, value=value)
                for key, value in (
                    ("colorScienceMode", "davinciYRGB"),
                    ("perfProxyMediaMode", "0"),
                    ("superScale", "1"),
                    ("timelineFrameRate", "23.976"),
                    ("timelineInputResMismatchBehavior", "scaleToFit"),
                    ("timelineResolutionHeight", "1080"),
                    ("timelineResolutionWidth", "2048"),
                )
            ),
            frame_count=240,
            start_timecode="10:20:30:12",
        ),
    )
    assert plan.ceiling_bytes > 2048 * 1080 * 4 * 240


def test_the_settings_have_the_types_that_resolve_takes() -> None:
    assert typed_settings(settings=rendered(planned()).settings) == {
        "AudioBitDepth": 24,
        "AudioCodec": "lpcm",
        "AudioSampleRate": 48000,
        "ExportAudio": True,
        "ExportVideo": True,
        "FormatHeight": 1080,
        "FormatWidth": 2048,
        "PixelAspectRatio": "square",
        "SelectAllFrames": True,
        "VideoQuality": 0,
    }


@pytest.mark.parametrize("profile", RESOLVE, ids=lambda profile: profile.name)
def test_inputs_that_travelled_give_the_same_plan_and_the_digest_covers_the_render(profile: Profile) -> None:
    inputs = inputs_with(profile=profile, facts=RAW_FACTS, resolution="half")
    plan = plan_clip(inputs=inputs)
    assert plan_clip(inputs=from_plain(PlanInputs, to_plain(inputs))) == plan
    assert from_plain(Plan, to_plain(plan)) == plan
    assert plan_digest(plan) == plan.digest
    other = replace(rendered(plan), codec_id="DNxHRHQ")
    assert plan_digest(replace(plan, render=other)) != plan.digest


@pytest.mark.parametrize(
    ("rate", "drop_frame", "word"),
    [
        *(pytest.param(rate, False, word, id=word) for rate, word in TIMELINE_RATES.items()),
        pytest.param(Fraction(30000, 1001), True, "29.97 DF", id="29.97 with drop-frame"),
        pytest.param(Fraction(60000, 1001), True, "59.94 DF", id="59.94 with drop-frame"),
    ],
)
def test_the_timeline_runs_at_the_clips_own_rate(rate: Fraction, drop_frame: bool, word: str) -> None:
    separator = ";" if drop_frame else ":"
    assert project(raw_at(rate, drop_frame=drop_frame, label=f"10:20:30{separator}12"))["timelineFrameRate"] == word


@pytest.mark.parametrize(
    ("facts", "resolution", "size", "warnings"),
    [
        pytest.param(RAW_FACTS, "same", (4096, 2160), (), id="same"),
        pytest.param(RAW_FACTS, "quarter", (1024, 540), (), id="quarter"),
        pytest.param(
            RAW_FACTS,
            "1920x1080",
            (1920, 1080),
            ("the whole picture of 4096x2160 is shown in 1920x1080, with bars",),
            id="another shape",
        ),
        pytest.param(
            raw_with(video=replace(RAW_VIDEO, width=1280, height=720)),
            "1920x1080",
            (1920, 1080),
            ("the picture is enlarged from 1280x720",),
            id="larger",
        ),
        pytest.param(
            raw_with(video=replace(RAW_VIDEO, width=4449, height=3097)),
            "1920x1080",
            (1920, 1080),
            ("the whole picture of 4449x3097 is shown in 1920x1080, with bars",),
            id="an odd source into an explicit raster",
        ),
    ],
)
def test_timeline_render_and_proxy_have_one_raster(
    facts: MediaFacts, resolution: str, size: tuple[int, int], warnings: tuple[str, ...]
) -> None:
    plan = planned(facts, resolution=resolution)
    told = typed_settings(settings=rendered(plan).settings)
    found = {setting.key: setting.value for setting in rendered(plan).project_settings}
    assert (told["FormatWidth"], told["FormatHeight"]) == size
    assert (found["timelineResolutionWidth"], found["timelineResolutionHeight"]) == tuple(map(str, size))
    assert (plan.expected.width, plan.expected.height, plan.warnings) == (*size, warnings)


def test_a_silent_clip_has_no_sound_and_nothing_is_told_of_any() -> None:
    plan = planned(raw_with(audio=()))
    assert plan.expected.audio == ()
    told = typed_settings(settings=rendered(plan).settings)
    assert {key: value for key, value in told.items() if "Audio" in key} == {"ExportAudio": False}


def test_every_track_keeps_its_channels_and_is_as_long_as_the_picture() -> None:
    audio = (RAW_SOUND, replace(RAW_SOUND, stream_index=2, channels=1, sample_rate=96000))
    assert [
        (track.channels, track.sample_rate, track.duration) for track in planned(raw_with(audio=audio)).expected.audio
    ] == [
        (4, 48000, Fraction(1001, 100)),
        (1, 48000, Fraction(1001, 100)),
    ]


def test_what_is_lost_or_added_is_said() -> None:
    facts = raw_with(
        video=replace(RAW_VIDEO, has_alpha=True),
        timecode=None,
        reel_name="bad\nreel",
        other_streams=("data:gpmd",),
        warnings=("Resolve says so",),
    )
    plan = planned(facts)
    assert (plan.expected.timecode, plan.expected.drop_frame, plan.expected.reel_name) == (None, None, None)
    assert plan.warnings == (
        "source: Resolve says so",
        "the source has an alpha channel; the proxy has none",
        "the source has no start timecode; a file that Resolve writes always states one: 00:00:00:00",
        "the reel name is not asked for: it is empty, too long or holds control characters",
        "streams that are not carried: data:gpmd",
    )


SOURCE = '"A001C001.mov" cannot become proxy_prores_proxy_resolve in mov'


@pytest.mark.parametrize(
    ("facts", "asked", "refused"),
    [
        pytest.param(
            raw_at(Fraction(15), label="10:20:30:12"),
            {},
            ("Resolve has no timeline of this rate", ", ".join(TIMELINE_RATES.values()), "15/1"),
            id="a rate that no timeline has",
        ),
        pytest.param(
            raw_at(Fraction(120000, 1001), drop_frame=True, label="10:20:30;12"),
            {},
            (
                "Resolve has no timeline of this rate that counts with drop-frame",
                "29.97 DF, 59.94 DF",
                "120000/1001",
            ),
            id="drop-frame where no timeline counts so",
        ),
        pytest.param(
            RAW_FACTS,
            {"fps": Fraction(25)},
            (
                "Resolve renders each clip at its own rate; another one (fps_explicit) cannot be asked of it",
                "24000/1001",
                "25/1",
            ),
            id="another rate asked",
        ),
        pytest.param(
            raw_with(video=replace(RAW_VIDEO, constant_frame_rate=False)),
            {},
            (
                "the source's frame rate varies, and a timeline has one rate",
                "a constant frame rate",
                "variable, 23.976 on average",
            ),
            id="variable rate",
        ),
        pytest.param(
            raw_with(video=None), {}, ("the source has no video track", "a video track", "none"), id="no video"
        ),
        pytest.param(
            raw_with(video=replace(RAW_VIDEO, frame_count=0)),
            {},
            (
                "the source has no frames or no frame rate",
                "at least 1 frame and a rate above 0",
                "0 frames at 24000/1001",
            ),
            id="no frames",
        ),
        pytest.param(
            raw_with(video=replace(RAW_VIDEO, width=2868, height=2154)),
            {},
            (
                "half of 2868x2154 is no raster of two even numbers, and Resolve rounds to none; "
                "name an explicit one (WIDTHxHEIGHT)",
                "width and height that 4 divides",
                "2868x2154",
            ),
            id="a half that is odd",
        ),
        pytest.param(
            raw_with(video=replace(RAW_VIDEO, width=2880, height=1920)),
            {"resolution": "quarter"},
            (
                "quarter of 2880x1920 is 720x480, standard definition, whose pixels are not square in Resolve",
                "another raster",
                "720x480",
            ),
            id="standard definition",
        ),
        pytest.param(
            raw_with(video=replace(RAW_VIDEO, width=512, height=128)),
            {"profile": DNXHR},
            ("half of 512x128 is 256x64, which the codec does not hold", "256x120 to 16384x16384", "256x64"),
            id="below the codec's smallest raster",
        ),
        pytest.param(
            raw_with(video=replace(RAW_VIDEO, pixel_aspect=Fraction(2))),
            {},
            (
                "its pixels are not square, and what Resolve writes for those has not been measured",
                "pixel aspect 1/1",
                "2",
            ),
            id="anamorphic",
        ),
        pytest.param(
            raw_with(video=replace(RAW_VIDEO, rotation=90)),
            {},
            (
                "it is turned or mirrored for display, and whether Resolve turns its pixels has not been measured",
                "an upright picture",
                "90 degrees",
            ),
            id="turned",
        ),
        pytest.param(
            raw_with(video=replace(RAW_VIDEO, field_order=FieldOrder.TOP_FIRST)),
            {},
            (
                "its pictures are two fields each, and a Resolve profile makes whole pictures",
                "PROGRESSIVE",
                "TOP_FIRST",
            ),
            id="interlaced",
        ),
        pytest.param(
            raw_with(timecode=TimecodeFacts(label="01:00:00:00", drop_frame=False, rate=Fraction(30), origin="x")),
            {},
            (
                'its start timecode "01:00:00:00" counts frames at another rate than the clip\'s',
                "24000/1001",
                "30/1",
            ),
            id="timecode at another rate",
        ),
        pytest.param(
            raw_at(Fraction(30000, 1001), drop_frame=True, label="00:01:00;00"),
            {},
            (
                "its start timecode does not exist: drop-frame skips the frames 00 to 01 of each minute that is not a "
                "multiple of ten",
                "a label at 30000/1001",
                '"00:01:00;00"',
            ),
            id="a label that drop-frame skips",
        ),
        pytest.param(
            raw_with(audio=(replace(RAW_SOUND, channels=37),)),
            {},
            ("audio track 1 is none that Resolve has", "1 to 36 channels", "37 channels"),
            id="too many channels",
        ),
        pytest.param(
            raw_with(other_streams=("audio:1",)),
            {},
            (
                "not every audio track is described, and none is left out",
                "the channels of each audio track",
                "1 audio tracks without them",
            ),
            id="a track without facts",
        ),
        pytest.param(
            FACTS,
            {},
            (
                "the profile requires the resolve engine, and this codec belongs to ffmpeg",
                "camera RAW, or a codec that no table names",
                "h264",
            ),
            id="a codec of FFmpeg's",
        ),
        pytest.param(
            RAW_FACTS,
            {"container": "mxf"},
            ("the profile does not permit this container", "mov", "mxf"),
            id="ProRes in MXF",
        ),
        pytest.param(
            RAW_FACTS,
            {"codec": "dnxhr"},
            ("the profile does not permit this codec", "prores_proxy", "dnxhr"),
            id="codec",
        ),
        pytest.param(
            RAW_FACTS,
            {"resolution": "third"},
            ("the profile does not permit this resolution", "same, half, quarter, WxH", "third"),
            id="resolution",
        ),
        pytest.param(
            RAW_FACTS,
            {"profile": replace(PRORES, frame_rates=(Fraction(25),))},
            ("the frame rate 24000/1001 is not one that the profile permits", "25/1", "24000/1001"),
            id="a rate that the profile does not permit",
        ),
        pytest.param(
            RAW_FACTS,
            {"profile": replace(PRORES, render={**PRORES.render, "MarkIn": "1"})},
            ("render: MarkIn: is never written: all frames are rendered", "", ""),
            id="a key that the reader would have refused",
        ),
    ],
)
def test_what_could_not_be_exact_is_refused_with_its_facts(
    facts: MediaFacts, asked: dict[str, object], refused: tuple[str, str, str]
) -> None:
    assert refusals(facts, **asked) == [refused]  # type: ignore[arg-type]


def test_a_look_on_a_resolve_profile_is_refused() -> None:
    look = profile_named("proxy_prores_proxy_burnin").look
    assert look is not None
    assert refusals(profile=replace(PRORES, look=look)) == [
        ("the profile has a look, and Resolve draws none of ours", "no look", "a look")
    ]


def test_all_reasons_are_listed_at_once_and_each_names_source_profile_and_container() -> None:
    video = replace(RAW_VIDEO, width=4449, rotation=180, mirrored=True, pixel_aspect=Fraction(4, 3))
    with pytest.raises(PlanRefusedError) as caught:
        planned(raw_with(video=video, audio=(replace(RAW_SOUND, channels=0),)), fps=Fraction(30))
    found = caught.value.violations
    assert len(found) == 5
    assert all(violation.message.startswith(f"{SOURCE}: ") for violation in found)
    assert {violation.code for violation in found} == {ViolationCode.SOURCE_CANNOT_FIT_PROFILE}
