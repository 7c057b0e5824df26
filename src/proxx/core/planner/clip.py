"""plan_clip: from facts and a profile to the exact command, or render, and what its result must measure."""

from dataclasses import replace
from fractions import Fraction

from proxx.core.canonical import text_digest
from proxx.core.detection import Engine
from proxx.core.facts import MediaFacts, VideoFacts
from proxx.core.plain_text import plain_text_without
from proxx.core.plan import PLANNER_VERSION, Expected, Plan, PlanInputs
from proxx.core.planner.ceiling import ceiling_bytes
from proxx.core.planner.checks_command import build_checks_argv
from proxx.core.planner.codec_rules import BYTES_PER_PIXEL, CODEC_RULES, DEMUXERS, SAMPLE_BITS, VIDEO_DECODERS
from proxx.core.planner.colour import LIMITED, measurable_tags, plan_colour, unstated_tags
from proxx.core.planner.command import LARGEST_PIXELS, MOST_STREAMS, Parts, build_argv, planned_witness
from proxx.core.planner.container_rules import CONTAINER_RULES
from proxx.core.planner.dnxhd_table import check_dnxhd
from proxx.core.planner.fields import plan_fields
from proxx.core.planner.flavour import BRANDS, codec_profile, decoded_format
from proxx.core.planner.labels import plan_labels
from proxx.core.planner.look import Shown, draws_marks, plan_look
from proxx.core.planner.picture import plan_picture
from proxx.core.planner.refusal import Refusals
from proxx.core.planner.render import plan_render
from proxx.core.planner.request import check_request
from proxx.core.planner.sound import plan_sound
from proxx.core.planner.timing import plan_timing
from proxx.core.profile import AudioRecipe, Profile

_OWN = frozenset({"digest"})
_OWN_AND_RENDER = frozenset({"digest", "render"})
_MXF_BLOCK = 16  # FFmpeg 5.1 writes the coded width into the descriptor, rounded up to whole macroblocks


def plan_clip(*, inputs: PlanInputs) -> Plan:
    """Return the plan of one clip. Pure: the same inputs give the same plan on every host.

    Raises:
        PlanRefusedError: no proxy that obeys the profile can be made; carries every reason with its facts.
    """
    refusals = Refusals(inputs)
    check_request(inputs=inputs, refusals=refusals)
    refusals.raise_any()
    resolve = inputs.profile.engine is Engine.RESOLVE
    plan = plan_render(inputs=inputs, refusals=refusals) if resolve else _plan_command(inputs, refusals)
    return replace(plan, digest=plan_digest(plan))


def plan_digest(plan: Plan) -> str:
    """Return the digest over every field but the digest itself."""
    # digests of FFmpeg plans are older than the field `render`
    return text_digest(plain_text_without(plan, fields=_OWN if plan.render is not None else _OWN_AND_RENDER))


def _plan_command(inputs: PlanInputs, refusals: Refusals) -> Plan:
    """Return the plan of a clip that FFmpeg makes, without its digest."""
    video = _readable_video(facts=inputs.facts, refusals=refusals)
    refusals.raise_any()
    if video is None:
        raise ValueError("a source without a readable video track was not refused")
    parts = _parts(inputs=inputs, video=video, refusals=refusals)
    refusals.raise_any()
    if parts is None:
        raise ValueError("a plan that could not be made was not refused")
    expected = _expected(parts)
    return Plan(
        planner_version=PLANNER_VERSION,
        engine=inputs.profile.engine,
        profile_name=inputs.profile.name,
        profile_digest=inputs.profile.digest,
        source=inputs.source,
        output=inputs.output,
        argv=build_argv(parts),
        checks_argv=build_checks_argv(parts),
        expected=expected,
        threads=inputs.profile.threads,
        timeout_seconds=inputs.profile.timeout_seconds,
        stall_seconds=inputs.profile.stall_seconds,
        ceiling_bytes=ceiling_bytes(expected=expected, bytes_per_pixel=BYTES_PER_PIXEL[inputs.profile.pixel_format]),
        warnings=_warnings(parts=parts, video=video),
        digest="",
    )


def _readable_video(*, facts: MediaFacts, refusals: Refusals) -> VideoFacts | None:
    video = facts.video
    if facts.container not in DEMUXERS:
        refusals.add(
            "the source's container is not one that is read",
            expected=", ".join(sorted(DEMUXERS)),
            actual=facts.container,
        )
    if video is None:
        refusals.add("the source has no video track", expected="a video track", actual="none")
        return None
    if video.codec not in VIDEO_DECODERS:
        refusals.add(
            "no decoder is permitted for the source's codec",
            expected=", ".join(sorted(VIDEO_DECODERS)),
            actual=video.codec,
        )
    if video.pixel_format is None:
        refusals.add("the source's pixel format is unknown, so nothing can decode it", expected="a pixel format")
    if video.width * video.height > LARGEST_PIXELS:
        refusals.add(
            "the source's picture is too large",
            expected=f"at most {LARGEST_PIXELS} pixels",
            actual=f"{video.width}x{video.height}",
        )
    undescribed = sum(stream.startswith("audio:") for stream in facts.other_streams)
    if undescribed:
        refusals.add(
            "the file does not describe every audio track, and none is left out",
            expected="codec, channels and sample rate of each audio track",
            actual=f"{undescribed} audio tracks without them",
        )
    streams = 1 + len(facts.audio) + len(facts.other_streams)
    if streams > MOST_STREAMS:
        refusals.add("the source has too many streams", expected=f"at most {MOST_STREAMS}", actual=str(streams))
    return video


def _parts(*, inputs: PlanInputs, video: VideoFacts, refusals: Refusals) -> Parts | None:
    codec, container, profile = CODEC_RULES[inputs.codec], CONTAINER_RULES[inputs.container], inputs.profile
    picture = plan_picture(
        video=video,
        resolution=inputs.resolution,
        fit=profile.fit,
        upright=draws_marks(profile.look),
        codec=codec,
        container=container,
        refusals=refusals,
    )
    timing = plan_timing(video=video, fps=inputs.fps, profile=profile, container=container, refusals=refusals)
    sound = plan_sound(
        facts=inputs.facts,
        recipe=_recipe(profile=profile, container=inputs.container),
        container=container,
        picture_seconds=timing.frame_count / timing.rate if timing is not None else Fraction(0),
        refusals=refusals,
    )
    if picture is None or timing is None or sound is None:
        return None
    fields = plan_fields(video=video, profile=profile, picture=picture, timing=timing)
    if profile.codec == "dnxhd":
        check_dnxhd(
            profile=profile,
            raster=(picture.width, picture.height),
            interlaced=fields.kept,
            rate=timing.rate if timing.permitted else None,
            refusals=refusals,
        )
    labels = plan_labels(facts=inputs.facts, rate=timing.rate, container=container)
    colour = plan_colour(video=video, bits=SAMPLE_BITS[profile.pixel_format])
    shown = Shown(picture=picture, timing=timing, labels=labels, colour=colour)
    look = plan_look(inputs=inputs, video=video, shown=shown, refusals=refusals)
    return Parts(
        inputs=inputs,
        codec=codec,
        container=container,
        picture=picture,
        colour=look.colour,
        look=look,
        timing=timing,
        fields=fields,
        sound=sound,
        labels=labels,
    )


def _recipe(*, profile: Profile, container: str) -> AudioRecipe | None:
    return next((recipe for recipe in profile.audio if container in recipe.containers), None)


def _expected(parts: Parts) -> Expected:
    picture, timing, labels = parts.picture, parts.timing, parts.labels
    primaries, transfer, matrix = measurable_tags(
        colour=parts.colour, container=parts.inputs.container, codec=parts.codec
    )
    return Expected(
        container=parts.inputs.container,
        codec=parts.codec.measured,
        width=picture.width,
        height=picture.height,
        pixel_aspect=picture.pixel_aspect,
        frame_rate=timing.rate,
        constant_frame_rate=timing.constant,
        frame_count=timing.frame_count,
        timecode=labels.timecode,
        drop_frame=labels.drop_frame,
        field_order=parts.fields.order,
        rotation=picture.rotation,
        mirrored=picture.mirrored,
        color_range=LIMITED,
        color_primaries=primaries,
        color_transfer=transfer,
        color_matrix=matrix,
        reel_name=labels.reel_name,
        audio=tuple(track.expected for track in parts.sound.tracks),
        codec_profile=codec_profile(parts.inputs.profile),
        pixel_format=decoded_format(parts.inputs.profile),
        brand=BRANDS.get(parts.inputs.container),
        unstated=unstated_tags(colour=parts.colour, codec=parts.codec),
        witness=planned_witness(parts),
    )


def _warnings(*, parts: Parts, video: VideoFacts) -> tuple[str, ...]:
    facts, picture, timing = parts.inputs.facts, parts.picture, parts.timing
    warnings = [f"source: {warning}" for warning in facts.warnings]
    if parts.fields.warning:
        warnings.append(parts.fields.warning)
    if video.has_alpha and "yuva" not in parts.inputs.profile.pixel_format:
        warnings.append("the source has an alpha channel; the proxy has none")
    if picture.rounded:
        warnings.append(picture.rounded)
    if picture.turned_upright:
        warnings.append("the source is turned or mirrored for display; the proxy's pixels are upright instead")
    if picture.inner_width > video.width and picture.inner_height > video.height:
        warnings.append(f"the picture is enlarged from {video.width}x{video.height}")
    if parts.container.muxer == "mxf" and picture.width % _MXF_BLOCK:
        stated = -(-picture.width // _MXF_BLOCK) * _MXF_BLOCK
        warnings.append(f"the MXF descriptor states a width of {stated}; the picture in it is {picture.width} wide")
    if not timing.constant:
        warnings.append("the source's frame rate varies; the proxy keeps every frame's time")
    if timing.conform:
        warnings.append(f"frames are dropped or repeated to reach {timing.rate} frames a second")
    carried = ("data:tmcd",)
    others = sorted({stream for stream in facts.other_streams if stream not in carried})
    if others:
        words = ", ".join("".join(c for c in stream if c.isprintable())[:40] for stream in others)
        warnings.append(f"streams that are not carried: {words}")
    return (*warnings, *parts.colour.warnings, *parts.look.warnings, *parts.labels.warnings, *parts.sound.warnings)
