"""The FFmpeg command of a plan, as a list: every choice written out, nothing left to a host or to a default.

Source of the flags: docs/PROFILES.md, section "Why these flags"; each was measured for byte equality.
"""

from dataclasses import dataclass
from fractions import Fraction

from proxx.core.plan import OUTPUT_PLACEHOLDER, SOURCE_PLACEHOLDER, ExpectedWitness, PlanInputs
from proxx.core.planner.codec_rules import DEMUXERS, LOOKS_WITH, VIDEO_DECODERS, CodecRules
from proxx.core.planner.colour import LIMITED, Colour
from proxx.core.planner.container_rules import ContainerRules
from proxx.core.planner.fields import Fields
from proxx.core.planner.labels import Labels
from proxx.core.planner.look import PlannedLook
from proxx.core.planner.picture import Picture
from proxx.core.planner.sound import Sound
from proxx.core.planner.timing import Timing
from proxx.core.planner.witness import MADE, Scene, expected_witness, further_outputs, header_flag, tee, witness_graph

SCALER = "bicubic+accurate_rnd+full_chroma_int+bitexact"
"""Without accurate_rnd the scaler's result depends on the CPU."""

FILTER_THREADS = "1"
"""With more, the scaler's result is a race below AVX2: up to 5 results in 20 runs (docs/DETERMINISM.md)."""

LARGEST_PIXELS = 16384 * 8192
MOST_STREAMS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the planner decided, ready to be written down."""

    inputs: PlanInputs
    codec: CodecRules
    container: ContainerRules
    picture: Picture
    colour: Colour
    look: PlannedLook
    timing: Timing
    fields: Fields
    sound: Sound
    labels: Labels


def build_argv(parts: Parts) -> tuple[str, ...]:
    """Return the command. `file:{source}` and `file:{output}` stand for the host's own paths, once each.

    With a witness there are more outputs than the proxy; their names begin with `{witness}`.
    """
    return (
        *_general(parts),
        *source_input(parts),
        *_maps(parts),
        *_bitexact(parts),
        *_video(parts),
        *_audio(parts),
        *_labels(parts),
        *_output(parts),
    )


def planned_witness(parts: Parts) -> ExpectedWitness | None:
    """Return what the witness keeps of each picture; None where the profile wants none."""
    if not parts.inputs.profile.witness:
        return None
    drawn = parts.inputs.profile.look is not None
    pairs = parts.fields.makes_whole and not drawn
    return expected_witness(picture=parts.picture, drawn=drawn, pairs=pairs)


def _general(parts: Parts) -> tuple[str, ...]:
    graph = ("-filter_complex_threads", FILTER_THREADS) if parts.inputs.profile.witness else ()
    return (
        *("ffmpeg", "-hide_banner", "-nostdin", "-n", "-loglevel", "repeat+level+error"),
        *("-progress", "pipe:1", "-nostats", "-stats_period", "0.5"),
        *("-filter_threads", FILTER_THREADS, *graph, "-copyts"),
    )


def source_input(parts: Parts) -> tuple[str, ...]:
    """Return the words that open the source: its demuxer, its decoders, its limits, its clock."""
    inputs, timing = parts.inputs, parts.timing
    video = inputs.facts.video
    if video is None:
        raise ValueError("a command needs a video track; plan_clip refuses sources without one")
    demuxer = DEMUXERS[inputs.facts.container]
    decoder = VIDEO_DECODERS[video.codec]
    heard = {track.stream_index: track.decoder for track in parts.sound.tracks}
    wanted = {decoder, *heard.values()}
    decoders = ",".join(sorted({*wanted, *(LOOKS_WITH[name] for name in wanted if name in LOOKS_WITH)}))
    upright = parts.picture.turned_upright
    return (
        *("-protocol_whitelist", "file", "-format_whitelist", demuxer, "-codec_whitelist", decoders),
        *("-max_streams", str(MOST_STREAMS), "-max_pixels", str(LARGEST_PIXELS)),
        *("-threads", str(inputs.profile.threads), *(() if upright else ("-noautorotate",)), "-guess_layout_max", "0"),
        *(("-itsoffset", _seconds(timing.offset_microseconds)) if timing.offset_microseconds else ()),
        *(("-r", str(timing.source_rate)) if timing.numbered else ()),
        *(f"-c:{video.stream_index}", decoder),
        *(word for index, name in heard.items() for word in (f"-c:{index}", name)),
        *("-f", demuxer, "-i", f"file:{SOURCE_PLACEHOLDER}"),
    )


def _maps(parts: Parts) -> tuple[str, ...]:
    expected = planned_witness(parts)
    picture = _picture_stream(parts)
    graph: tuple[str, ...] = ()
    if expected is not None:
        graph = ("-filter_complex", witness_graph(scene=_scene(parts), expected=expected, scaler=SCALER))
        picture = MADE
    sources = (picture, *(f"0:{track.stream_index}" for track in parts.sound.tracks))
    return (*graph, *(word for source in sources for word in ("-map", source)))


def _picture_stream(parts: Parts) -> str:
    video = parts.inputs.facts.video
    return f"0:{video.stream_index if video is not None else 0}"


def _bitexact(parts: Parts) -> tuple[str, ...]:
    header = header_flag(parts.container.muxer) if parts.inputs.profile.witness else ""
    return (
        *("-map_metadata", "-1", "-map_chapters", "-1"),
        *(
            "-fflags",
            "+bitexact",
            "-flags:v",
            f"+bitexact{parts.fields.flags}{header}",
            "-flags:a",
            f"+bitexact{header}",
        ),
    )


def _video(parts: Parts) -> tuple[str, ...]:
    profile, timing = parts.inputs.profile, parts.timing
    tag = ("-tag:v", "hvc1") if parts.codec.measured == "hevc" and parts.container.ticks else ()
    filters = () if profile.witness else ("-filter:v:0", video_filters(parts), "-sws_flags", SCALER)
    return (
        *filters,
        *("-fps_mode", "passthrough", "-enc_time_base:v:0", _ratio(timing.tick)),
        *("-c:v:0", profile.encoder, *profile.arguments, *parts.fields.arguments, *tag),
        *("-pix_fmt", profile.pixel_format, "-threads:v", str(profile.threads)),
        *parts.colour.arguments(),
    )


def video_filters(parts: Parts) -> str:
    """Return the whole chain from the decoder to the encoder."""
    return ",".join(item for item in (*_timed(parts), *_drawn(parts)) if item is not None)


def _timed(parts: Parts) -> tuple[str | None, ...]:
    """Return the filters that decide which pictures there are."""
    return (parts.fields.filter, *parts.timing.filters())


def _drawn(parts: Parts) -> tuple[str | None, ...]:
    """Return the filters that decide how each picture looks."""
    picture = parts.picture
    return (
        *_scaling(parts),
        picture.pad_filter() if picture.padded else None,
        *parts.look.marks,
        picture.aspect_filter(),
        parts.colour.tag_filter(),
    )


def _scene(parts: Parts) -> Scene:
    """Return where the picture is split: before it is scaled, or as the encoder gets it where a look is drawn."""
    colour = parts.colour
    whole = parts.fields.filter if parts.fields.makes_whole else None
    timed = [item for item in _timed(parts) if item is not None and item != whole]
    drawn = [item for item in _drawn(parts) if item is not None]
    finished = parts.inputs.profile.look is not None
    return Scene(
        stream=f"[{_picture_stream(parts)}]",
        whole=whole or "",
        before=",".join((*timed, *drawn) if finished else timed),
        after="" if finished else ",".join(drawn),
        source_range=LIMITED if finished else colour.in_range,
        in_matrix=colour.scaler_out_matrix if finished else colour.scaler_in_matrix,
        out_matrix=colour.scaler_out_matrix,
    )


def _scaling(parts: Parts) -> tuple[str, ...]:
    """Return what makes the picture's size, range and pixel format, with the look's table between two scalers."""
    picture, colour, look = parts.picture, parts.colour, parts.look
    flags = f"flags={SCALER}:interl={int(parts.fields.kept)}"
    first = f"scale=w={picture.inner_width}:h={picture.inner_height}:{flags}:in_range={colour.in_range}"
    read, written = f":in_color_matrix={colour.scaler_in_matrix}", f":out_color_matrix={colour.scaler_out_matrix}"
    ready = f"format=pix_fmts={parts.inputs.profile.pixel_format}"
    if not look.table:
        return f"{first}:out_range=tv{read}{written}", ready
    return (
        f"{first}:out_range=pc{read}",
        f"format=pix_fmts={look.table_format}",
        look.table,
        f"scale={flags}:in_range=pc:out_range=tv{written}",
        ready,
    )


def _audio(parts: Parts) -> tuple[str, ...]:
    words: list[str] = []
    for number, track in enumerate(parts.sound.tracks):
        words += (f"-c:a:{number}", track.encoder, f"-filter:a:{number}", track.filters)
        words += (f"-ar:a:{number}", str(track.expected.sample_rate))
        for option, value in zip(track.arguments[::2], track.arguments[1::2], strict=True):
            words += (f"{option}:a:{number}", value)
        if track.language is not None:
            words += (f"-metadata:s:a:{number}", f"language={track.language}")
    # Else FFmpeg copies from some sources which tracks are enabled, and for others enables the first of each kind.
    enabled = ("-disposition:v", "default", *(("-disposition:a", "default") if words else ()))
    return (*words, *parts.sound.arguments, *enabled)


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
    arguments = (*ticks, *tmcd, *parts.container.arguments)
    queue = ("-max_muxing_queue_size", "4096")
    if not parts.inputs.profile.witness:
        return (*arguments, *queue, "-f", parts.container.muxer, f"file:{OUTPUT_PLACEHOLDER}")
    return (
        *queue,
        *tee(muxer=parts.container.muxer, arguments=arguments, codec=parts.codec.measured),
        *further_outputs(tracks=parts.sound.tracks, tick=_ratio(parts.timing.tick)),
    )


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _seconds(microseconds: int) -> str:
    sign, whole = ("-" if microseconds < 0 else ""), abs(microseconds)
    return f"{sign}{whole // 1_000_000}.{whole % 1_000_000:06d}"
