"""The FFmpeg command of a plan, as a list: every choice written out, nothing left to a host or to a default.

Source of the flags: docs/PROFILES.md, section "Why these flags"; each was measured for byte equality.
"""

from dataclasses import dataclass
from fractions import Fraction

from proxx.core.plan import OUTPUT_PLACEHOLDER, SOURCE_PLACEHOLDER, PlanInputs
from proxx.core.planner.codec_rules import DEMUXERS, VIDEO_DECODERS, CodecRules
from proxx.core.planner.colour import Colour
from proxx.core.planner.container_rules import ContainerRules
from proxx.core.planner.labels import Labels
from proxx.core.planner.picture import Picture, deinterlace_filter
from proxx.core.planner.sound import Sound
from proxx.core.planner.timing import Timing

SCALER = "bicubic+accurate_rnd+full_chroma_int+bitexact"
"""Without accurate_rnd the scaler's result depends on the CPU."""

LARGEST_PIXELS = 16384 * 8192
MOST_STREAMS = 64
_BITEXACT = (
    *("-map_metadata", "-1", "-map_chapters", "-1"),
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the planner decided, ready to be written down."""

    inputs: PlanInputs
    codec: CodecRules
    container: ContainerRules
    picture: Picture
    colour: Colour
    timing: Timing
    sound: Sound
    labels: Labels


def build_argv(parts: Parts) -> tuple[str, ...]:
    """Return the command. `file:{source}` and `file:{output}` stand for the host's own paths, once each."""
    return (
        *_general(parts),
        *_input(parts),
        *_maps(parts),
        *_BITEXACT,
        *_video(parts),
        *_audio(parts),
        *_labels(parts),
        *_output(parts),
    )


def _general(parts: Parts) -> tuple[str, ...]:
    return (
        *("ffmpeg", "-hide_banner", "-nostdin", "-n", "-loglevel", "repeat+level+error"),
        *("-progress", "pipe:1", "-nostats", "-stats_period", "0.5"),
        *("-filter_threads", str(parts.inputs.profile.threads), "-copyts"),
    )


def _input(parts: Parts) -> tuple[str, ...]:
    inputs, timing = parts.inputs, parts.timing
    video = inputs.facts.video
    if video is None:
        raise ValueError("a command needs a video track; plan_clip refuses sources without one")
    demuxer = DEMUXERS[inputs.facts.container]
    decoder = VIDEO_DECODERS[video.codec]
    decoders = ",".join(sorted({decoder, *(track.decoder for track in parts.sound.tracks)}))
    upright = parts.picture.turned_upright
    return (
        *("-protocol_whitelist", "file", "-format_whitelist", demuxer, "-codec_whitelist", decoders),
        *("-max_streams", str(MOST_STREAMS), "-max_pixels", str(LARGEST_PIXELS)),
        *("-threads", str(inputs.profile.threads), *(() if upright else ("-noautorotate",)), "-guess_layout_max", "0"),
        *(("-itsoffset", _seconds(timing.offset_microseconds)) if timing.offset_microseconds else ()),
        *(("-r", str(timing.source_rate)) if timing.numbered else ()),
        *(f"-c:{video.stream_index}", decoder),
        *("-f", demuxer, "-i", f"file:{SOURCE_PLACEHOLDER}"),
    )


def _maps(parts: Parts) -> tuple[str, ...]:
    video = parts.inputs.facts.video
    indexes = (video.stream_index if video is not None else 0, *(track.stream_index for track in parts.sound.tracks))
    return tuple(word for index in indexes for word in ("-map", f"0:{index}"))


def _video(parts: Parts) -> tuple[str, ...]:
    profile, timing = parts.inputs.profile, parts.timing
    tag = ("-tag:v", "hvc1") if parts.codec.measured == "hevc" and parts.container.ticks else ()
    return (
        *("-filter:v:0", _video_filters(parts), "-sws_flags", SCALER),
        *("-fps_mode", "passthrough", "-enc_time_base:v:0", _ratio(timing.tick)),
        *("-c:v:0", profile.encoder, *profile.arguments, *tag),
        *("-pix_fmt", profile.pixel_format, "-threads:v", str(profile.threads)),
        *parts.colour.arguments(),
    )


def _video_filters(parts: Parts) -> str:
    picture, colour = parts.picture, parts.colour
    video = parts.inputs.facts.video
    fields = deinterlace_filter(video=video) if video is not None else None
    scale = (
        f"scale=w={picture.inner_width}:h={picture.inner_height}:flags={SCALER}:interl=0"
        f":in_range={colour.in_range}:out_range=tv"
        f":in_color_matrix={colour.scaler_in_matrix}:out_color_matrix={colour.scaler_out_matrix}"
    )
    filters = (
        fields,
        *parts.timing.filters(),
        scale,
        f"format=pix_fmts={parts.inputs.profile.pixel_format}",
        picture.pad_filter() if picture.padded else None,
        picture.aspect_filter(),
        colour.tag_filter(),
    )
    return ",".join(item for item in filters if item is not None)


def _audio(parts: Parts) -> tuple[str, ...]:
    words: list[str] = []
    for number, track in enumerate(parts.sound.tracks):
        words += (f"-c:a:{number}", track.encoder, f"-filter:a:{number}", track.filters)
        words += (f"-ar:a:{number}", str(track.expected.sample_rate))
        for option, value in zip(track.arguments[::2], track.arguments[1::2], strict=True):
            words += (f"{option}:a:{number}", value)
        if track.language is not None:
            words += (f"-metadata:s:a:{number}", f"language={track.language}")
    return (*words, *parts.sound.arguments)


def _labels(parts: Parts) -> tuple[str, ...]:
    labels = parts.labels
    words: list[str] = []
    if labels.timecode is not None:
        words += ("-timecode", labels.timecode)
    if labels.reel_name is not None:
        where = "-metadata" if parts.container.muxer == "mxf" else "-metadata:s:v:0"
        words += (where, f"reel_name={labels.reel_name}")
    return tuple(words)


def _output(parts: Parts) -> tuple[str, ...]:
    scale = str(parts.timing.time_scale())
    ticks = ("-video_track_timescale", scale, "-movie_timescale", scale) if parts.container.ticks else ()
    tmcd = ("-write_tmcd", "0" if parts.labels.timecode is None else "1") if parts.container.ticks else ()
    return (
        *ticks,
        *tmcd,
        *parts.container.arguments,
        *("-max_muxing_queue_size", "4096"),
        *("-f", parts.container.muxer, f"file:{OUTPUT_PLACEHOLDER}"),
    )


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _seconds(microseconds: int) -> str:
    sign, whole = ("-" if microseconds < 0 else ""), abs(microseconds)
    return f"{sign}{whole // 1_000_000}.{whole % 1_000_000:06d}"
