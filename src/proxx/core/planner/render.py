"""plan_render: what Resolve is to do for one clip, and what its file must measure; the whys are in docs/PROFILES.md.

The facts are those that Resolve states of the clip (INSPECT): nobody else can open it. Where Resolve's files are not
known well enough to expect a value, the plan asks nothing of it; where a clip could not be exact, it is refused.
"""

from fractions import Fraction

from proxx.core.facts import AudioFacts, FieldOrder, MediaFacts, VideoFacts
from proxx.core.plan import PLANNER_VERSION, Expected, ExpectedAudio, Plan, PlanInputs
from proxx.core.planner.ceiling import ceiling_bytes
from proxx.core.planner.codec_rules import VIDEO_DECODERS
from proxx.core.planner.colour import LIMITED
from proxx.core.planner.command import MOST_STREAMS
from proxx.core.planner.labels import LONGEST_REEL
from proxx.core.planner.refusal import Refusals
from proxx.core.planner.sound import MOST_TRACKS
from proxx.core.planner.timeline import Timeline, plan_timeline
from proxx.core.profile import Profile
from proxx.core.render_codecs import RENDER_CODECS, SOUND_CODECS, RenderCodec
from proxx.core.render_plan import RenderPlan, RenderSetting
from proxx.core.render_rules import OWN_KEYS, PROJECT, render_problems
from proxx.core.violation import ViolationCode

MOST_TRACK_CHANNELS = 36
"""The largest kind of audio track that Resolve has is adaptive36."""

VERDICT_THREADS = 2
"""The width of a render plan: that of the decode that its verdict needs. A render is as wide as Resolve likes."""

_SOUND_KEYS = ("AudioCodec", "AudioBitDepth", "AudioSampleRate")


def plan_render(*, inputs: PlanInputs, refusals: Refusals) -> Plan:
    """Return the plan of a clip that Resolve makes, without its digest.

    Raises:
        PlanRefusedError: no proxy that obeys the profile can be made; carries every reason with its facts.
    """
    _check_profile(profile=inputs.profile, refusals=refusals)
    refusals.raise_any()
    video = _video(facts=inputs.facts, refusals=refusals)
    refusals.raise_any()
    if video is None:
        raise ValueError("a source without a video track was not refused")
    timeline = plan_timeline(
        video=video,
        timecode=inputs.facts.timecode,
        fps=inputs.fps,
        resolution=inputs.resolution,
        profile=inputs.profile,
        refusals=refusals,
    )
    _check_sound(facts=inputs.facts, refusals=refusals)
    refusals.raise_any()
    if timeline is None:
        raise ValueError("a plan that could not be made was not refused")
    return _plan(inputs=inputs, video=video, timeline=timeline)


def _check_profile(*, profile: Profile, refusals: Refusals) -> None:
    """Look again at what the reader has checked: a profile may come from elsewhere."""
    for problem in render_problems(render=profile.render, codec=profile.codec, containers=profile.containers):
        refusals.add(f"render: {problem.key}: {problem.sentence}", code=ViolationCode.PROFILE_MISMATCH)
    if profile.look is not None:
        refusals.add(
            "the profile has a look, and Resolve draws none of ours",
            expected="no look",
            actual="a look",
            code=ViolationCode.PROFILE_MISMATCH,
        )


def _video(*, facts: MediaFacts, refusals: Refusals) -> VideoFacts | None:
    video = facts.video
    if video is None:
        refusals.add("the source has no video track", expected="a video track", actual="none")
        return None
    if video.codec in VIDEO_DECODERS:
        refusals.add(
            "the profile requires the resolve engine, and this codec belongs to ffmpeg",
            expected="camera RAW, or a codec that no table names",
            actual=video.codec,
            code=ViolationCode.PROFILE_ENGINE,
        )
    return video


def _check_sound(*, facts: MediaFacts, refusals: Refusals) -> None:
    undescribed = sum(stream.startswith("audio:") for stream in facts.other_streams)
    if undescribed:
        refusals.add(
            "not every audio track is described, and none is left out",
            expected="the channels of each audio track",
            actual=f"{undescribed} audio tracks without them",
        )
    for number, track in enumerate(facts.audio):
        if not 1 <= track.channels <= MOST_TRACK_CHANNELS:
            refusals.add(
                f"audio track {number + 1} is none that Resolve has",
                expected=f"1 to {MOST_TRACK_CHANNELS} channels",
                actual=f"{track.channels} channels",
            )
    if len(facts.audio) > MOST_TRACKS:
        refusals.add("it has too many audio tracks", expected=f"at most {MOST_TRACKS}", actual=str(len(facts.audio)))
    streams = 1 + len(facts.audio) + len(facts.other_streams)
    if streams > MOST_STREAMS:
        refusals.add("the source has too many streams", expected=f"at most {MOST_STREAMS}", actual=str(streams))


def _plan(*, inputs: PlanInputs, video: VideoFacts, timeline: Timeline) -> Plan:
    profile = inputs.profile
    pair = RENDER_CODECS[profile.render["format"], profile.render["codec"]]
    expected = _expected(inputs=inputs, video=video, timeline=timeline, pair=pair)
    return Plan(
        planner_version=PLANNER_VERSION,
        engine=profile.engine,
        profile_name=profile.name,
        profile_digest=profile.digest,
        source=inputs.source,
        output=inputs.output,
        argv=(),
        checks_argv=(),
        expected=expected,
        threads=VERDICT_THREADS,
        timeout_seconds=profile.timeout_seconds,
        stall_seconds=profile.stall_seconds,
        ceiling_bytes=ceiling_bytes(expected=expected, bytes_per_pixel=pair.bytes_per_pixel),
        warnings=_warnings(facts=inputs.facts, video=video, expected=expected),
        digest="",
        render=_render(profile=profile, facts=inputs.facts, video=video, timeline=timeline),
    )


def _render(*, profile: Profile, facts: MediaFacts, video: VideoFacts, timeline: Timeline) -> RenderPlan:
    silent = () if facts.audio else _SOUND_KEYS
    settings = {
        "SelectAllFrames": "true",
        "ExportVideo": "true",
        "ExportAudio": "true" if facts.audio else "false",
        "FormatWidth": str(timeline.width),
        "FormatHeight": str(timeline.height),
        "PixelAspectRatio": "square",
    }
    project = {
        "timelineFrameRate": timeline.rate_word,
        "timelineResolutionWidth": str(timeline.width),
        "timelineResolutionHeight": str(timeline.height),
        "timelineInputResMismatchBehavior": "scaleToFit",
        "perfProxyMediaMode": "0",
        "superScale": "1",
    }
    for key, value in profile.render.items():
        if key.startswith(PROJECT):
            project[key.removeprefix(PROJECT)] = value
        elif key not in OWN_KEYS and key not in silent:
            settings[key] = value
    return RenderPlan(
        preset=profile.render["preset"],
        preset_sha256=profile.render["preset_sha256"],
        format_id=profile.render["format"],
        codec_id=profile.render["codec"],
        individual_clips=True,
        settings=_sorted(settings),
        project_settings=_sorted(project),
        frame_count=video.frame_count,
        start_timecode=timeline.timecode.label if timeline.timecode is not None else None,
    )


def _sorted(settings: dict[str, str]) -> tuple[RenderSetting, ...]:
    return tuple(RenderSetting(key=key, value=value) for key, value in sorted(settings.items()))


def _expected(*, inputs: PlanInputs, video: VideoFacts, timeline: Timeline, pair: RenderCodec) -> Expected:
    render, start = inputs.profile.render, timeline.timecode
    return Expected(
        container=pair.container,
        codec=pair.measured,
        width=timeline.width,
        height=timeline.height,
        pixel_aspect=Fraction(1),
        frame_rate=video.frame_rate,
        constant_frame_rate=True,
        frame_count=video.frame_count,
        timecode=start.label if start is not None else None,
        drop_frame=start.drop_frame if start is not None else None,
        field_order=FieldOrder.PROGRESSIVE,
        rotation=0,
        mirrored=False,
        color_range=LIMITED,
        color_primaries=None,
        color_transfer=None,
        color_matrix=None,
        reel_name=_reel(inputs.facts.reel_name),
        audio=tuple(
            _track(track=track, render=dict(render), seconds=video.frame_count / video.frame_rate)
            for track in inputs.facts.audio
        ),
        codec_profile=pair.profile,
        pixel_format=pair.pixel_format,
    )


def _track(*, track: AudioFacts, render: dict[str, str], seconds: Fraction) -> ExpectedAudio:
    """Return one track: the source's channels, as long as the picture, which is all that the timeline shows."""
    return ExpectedAudio(
        codec=SOUND_CODECS[render["AudioCodec"], render["AudioBitDepth"]],
        channels=track.channels,
        layout=None,
        sample_rate=int(render["AudioSampleRate"]),
        duration=seconds,
    )


def _reel(name: str | None) -> str | None:
    return name if name is not None and name.isprintable() and 0 < len(name) <= LONGEST_REEL else None


def _warnings(*, facts: MediaFacts, video: VideoFacts, expected: Expected) -> tuple[str, ...]:
    warnings = [f"source: {warning}" for warning in facts.warnings]
    if video.has_alpha:
        warnings.append("the source has an alpha channel; the proxy has none")
    source, shown = f"{video.width}x{video.height}", f"{expected.width}x{expected.height}"
    if expected.width > video.width and expected.height > video.height:
        warnings.append(f"the picture is enlarged from {source}")
    if video.width * expected.height != video.height * expected.width:
        warnings.append(f"the whole picture of {source} is shown in {shown}, with bars")
    if facts.timecode is None:
        warnings.append("the source has no start timecode; a file that Resolve writes always states one: 00:00:00:00")
    if facts.reel_name is not None and expected.reel_name is None:
        warnings.append("the reel name is not asked for: it is empty, too long or holds control characters")
    others = sorted({stream for stream in facts.other_streams if stream != "data:tmcd"})
    if others:
        words = ", ".join("".join(c for c in stream if c.isprintable())[:40] for stream in others)
        warnings.append(f"streams that are not carried: {words}")
    return tuple(warnings)
