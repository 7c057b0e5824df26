"""From ffprobe's JSON and packet list to MediaFacts, with our own reading of the bytes as the first witness.

What is not stated is None; what contradicts our reading, or shows the file to be cut off, is a violation.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from proxx.core.detection import Detection
from proxx.core.facts import AudioFacts, MediaFacts, VideoFacts
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.cadence import Cadence, measure_cadence
from proxx.core.sources.codec_words import FFPROBE_ALIASES
from proxx.core.sources.display import orientation
from proxx.core.sources.packet_log import MAX_PACKETS, FrameLog, PacketLog
from proxx.core.sources.pixel_formats import bit_depth, has_alpha
from proxx.core.sources.reading import Reading, printable
from proxx.core.sources.source_timecode import find_timecode
from proxx.core.sources.stream_facts import audio_facts, field_order, other_stream, stream_duration
from proxx.core.sources.truncation import Extent, declared_duration, shortfall
from proxx.core.violation import Violation, ViolationCode

_ROUNDING_CONTAINERS = ("mkv", "webm")
_ENCRYPTED_ENTRIES = ("encv", "drmi")
_HIDING_CODECS = ("vp8", "vp9", "av1")
_SAME_MOMENT = Fraction(1, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeEvidence:
    """Everything that is known of one source before its facts are drawn up.

    `document` is ffprobe's JSON, `packets` the log of the chosen video stream, `frames` the decoded frames where
    packets may hide some, `readable` the packets counted without an edit list where that was necessary, `errors` the
    lines that ffprobe complained with while it listed them.
    """

    name: str
    clip_index: int
    size_bytes: int
    detection: Detection
    reading: Reading
    document: values.Record
    packets: PacketLog
    frames: FrameLog | None = None
    readable: int | None = None
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsFinding:
    """The facts, or the violations that say why there are none; `contradiction` when two witnesses disagree."""

    facts: MediaFacts | None
    violations: tuple[Violation, ...]
    contradiction: str = ""


def choose_video(*, document: values.Record) -> values.Record | None:
    """Return the first video stream that is not a cover picture; one with samples before one that declares none."""
    videos = [
        stream
        for stream in values.records(value=document.get("streams"))
        if values.text(source=stream, key="codec_type") == "video"
        and not values.flag(source=stream, name="attached_pic")
        and values.whole(source=stream, key="index") is not None
    ]
    counted = [stream for stream in videos if values.whole(source=stream, key="nb_frames")]
    return next(iter(counted or videos), None)


def may_hide_frames(*, codec: str | None, packets: PacketLog, time_base: Fraction | None) -> bool:
    """Return whether packets of this track may hold frames that are never shown (VP8, VP9, AV1 without superframes).

    Such packets share their time stamp, or nearly, with the shown frame beside them.
    """
    times = packets.sorted_times()
    if codec not in _HIDING_CODECS or times is None or time_base is None:
        return False
    ticks = _SAME_MOMENT / time_base
    return any(after - before <= ticks.numerator // ticks.denominator for before, after in pairwise(times))


def needs_recount(*, document: values.Record, packets: PacketLog) -> bool:
    """Return whether fewer packets came than the video stream declares: an edit list hides some, or the file is cut."""
    video = choose_video(document=document)
    declared = values.whole(source=video, key="nb_frames") if video is not None else None
    return declared is not None and declared > packets.packets


def build_facts(*, evidence: ProbeEvidence) -> FactsFinding:
    """Return the facts of a source that detection gave to ffmpeg."""
    video = choose_video(document=evidence.document)
    if video is None:
        return _failed(evidence, ViolationCode.PROBE_FAILED, "ffprobe finds no video track where the bytes have one")
    contradiction = _witness(evidence.detection, video)
    if contradiction:
        failed = _failed(evidence, ViolationCode.SOURCE_UNSUPPORTED, contradiction)
        return FactsFinding(facts=None, violations=failed.violations, contradiction=contradiction)
    refusal = _refusal(evidence, video)
    if refusal is not None:
        return refusal
    time_base = values.ratio(source=video, key="time_base")
    cadence = _cadence(evidence, video, time_base) if time_base is not None else None
    short = shortfall(
        extent=_extent(evidence, video),
        packets=evidence.packets,
        time_base=time_base or Fraction(1),
        frame_rate=cadence.frame_rate if cadence is not None else None,
    )
    if short is not None:
        return _failed(
            evidence,
            ViolationCode.SOURCE_TRUNCATED,
            f"the file is cut off: it {short.clause}",
            expected=short.expected,
            actual=short.actual,
        )
    if time_base is None or cadence is None:
        return _failed(evidence, ViolationCode.PROBE_FAILED, "nothing in the file states a frame rate")
    return _assemble(evidence, video, time_base, cadence)


def _failed(
    evidence: ProbeEvidence, code: ViolationCode, clause: str, *, expected: str = "", actual: str = ""
) -> FactsFinding:
    violation = Violation(
        code=code,
        field=f"sources[{evidence.clip_index}]",
        message=f"{printable(text=evidence.name, limit=255)}: {clause}",
        expected=expected,
        actual=actual,
    )
    return FactsFinding(facts=None, violations=(violation,))


def _witness(detection: Detection, video: values.Record) -> str:
    """Return how ffprobe contradicts our reading of the codec; empty when it does not."""
    named = values.text(source=video, key="codec_name")
    if named is None or detection.codec is None:
        return ""
    ours = f"the bytes say codec {detection.codec} ({detection.sample_entry})"
    if detection.codec not in FFPROBE_ALIASES.get(named, named).split():
        return f"{ours} and ffprobe says {printable(text=named)}"
    profile = (values.text(source=video, key="profile") or "").upper()
    said = "dnxhr" if profile.startswith("DNXHR") else "dnxhd" if profile == "DNXHD" else detection.codec
    if named == "dnxhd" and said != detection.codec:
        return f"{ours} and ffprobe says profile {printable(text=profile)}"
    return ""


def _refusal(evidence: ProbeEvidence, video: values.Record) -> FactsFinding | None:
    """Refuse what no ffmpeg here can decode, and what is past the limits."""
    detection = evidence.detection
    if detection.sample_entry in _ENCRYPTED_ENTRIES:
        clause = f"the video track is encrypted (sample entry {detection.sample_entry}) and cannot be decoded"
        return _failed(evidence, ViolationCode.SOURCE_UNSUPPORTED, clause)
    if values.text(source=video, key="codec_name") is None:
        clause = (
            f"the ffprobe of this executor cannot name the codec {detection.codec} behind {detection.sample_entry}, "
            "so its ffmpeg cannot decode it"
        )
        return _failed(evidence, ViolationCode.PROBE_FAILED, clause)
    if evidence.packets.overflow:
        clause = f"the video track has more than {MAX_PACKETS} packets"
        return _failed(evidence, ViolationCode.LIMIT_EXCEEDED, clause)
    width, height = values.whole(source=video, key="width"), values.whole(source=video, key="height")
    if evidence.packets.frames and (not width or not height or width < 0 or height < 0):
        return _failed(evidence, ViolationCode.PROBE_FAILED, "ffprobe finds no width and height")
    return None


def _cadence(evidence: ProbeEvidence, video: values.Record, time_base: Fraction) -> Cadence | None:
    frames = evidence.frames
    times = evidence.packets.sorted_times()
    if frames is not None:
        times = sorted(frames.times) if len(frames.times) == frames.frames else None
    return measure_cadence(
        times=times,
        time_base=time_base,
        declared=tuple(values.ratio(source=video, key=key) for key in ("r_frame_rate", "avg_frame_rate")),
        rounded=evidence.detection.container in _ROUNDING_CONTAINERS,
        last_duration=evidence.packets.last_duration,
    )


def _extent(evidence: ProbeEvidence, video: values.Record) -> Extent:
    streams = values.records(value=evidence.document.get("streams"))
    tracks = sum(values.text(source=stream, key="codec_type") in ("video", "audio") for stream in streams)
    container = evidence.detection.container or ""
    form = values.record(value=evidence.document.get("format"))
    return Extent(
        container=container,
        size_bytes=evidence.size_bytes,
        frames=values.whole(source=video, key="nb_frames"),
        duration=declared_duration(container=container, video=video, form=form, tracks=tracks),
        readable=max(evidence.packets.packets, evidence.readable or 0),
        declared_end=evidence.reading.declared_end,
        errors=evidence.errors,
    )


def _assemble(evidence: ProbeEvidence, video: values.Record, time_base: Fraction, cadence: Cadence) -> FactsFinding:
    streams = values.records(value=evidence.document.get("streams"))
    form = values.record(value=evidence.document.get("format"))
    finding = find_timecode(
        container=evidence.detection.container or "",
        video=video,
        streams=streams,
        form=form,
        rate=cadence.frame_rate,
        constant=cadence.constant,
        track=evidence.reading.timecode_track,
    )
    if finding.error:
        return _failed(evidence, ViolationCode.SOURCE_TIMECODE, finding.error)
    audio, others, warnings = _sort_streams(streams, video)
    facts = MediaFacts(
        container=evidence.detection.container or "",
        size_bytes=evidence.size_bytes,
        duration=_file_duration(streams, form),
        video=_video_facts(evidence, video, time_base, cadence),
        audio=audio,
        timecode=finding.timecode,
        reel_name=_reel_name((video, *streams, form)),
        other_streams=others,
        warnings=(*_video_warnings(evidence, video, cadence), *finding.warnings, *warnings),
    )
    return FactsFinding(facts=facts, violations=())


def _file_duration(streams: tuple[values.Record, ...], form: values.Record) -> Fraction | None:
    """Return the length of the file; ffprobe takes it from the longest stream, which may say that it does not know."""
    ticks = [values.whole(source=stream, key="duration_ts") for stream in streams]
    if any(known is not None and known >= values.UNKNOWN_TICKS for known in ticks):
        return None
    return values.seconds(source=form, key="duration")


def _video_facts(evidence: ProbeEvidence, video: values.Record, time_base: Fraction, cadence: Cadence) -> VideoFacts:
    packets, turned = evidence.packets, orientation(stream=video)
    pixel_format = values.text(source=video, key="pix_fmt")
    count = packets.frames if evidence.frames is None else evidence.frames.frames
    times = packets.sorted_times()
    return VideoFacts(
        stream_index=values.whole(source=video, key="index") or 0,
        codec=evidence.detection.codec or "",
        sample_entry=evidence.detection.sample_entry or "",
        profile=values.text(source=video, key="profile"),
        width=values.whole(source=video, key="width") or 0,
        height=values.whole(source=video, key="height") or 0,
        pixel_aspect=values.ratio(source=video, key="sample_aspect_ratio", sign=":"),
        pixel_format=pixel_format,
        bit_depth=bit_depth(pixel_format=pixel_format) if pixel_format is not None else None,
        has_alpha=pixel_format is not None and has_alpha(pixel_format=pixel_format),
        field_order=field_order(stream=video),
        rotation=turned.rotation,
        mirrored=turned.mirrored,
        color_range=values.text(source=video, key="color_range"),
        color_primaries=values.text(source=video, key="color_primaries"),
        color_transfer=values.text(source=video, key="color_transfer"),
        color_matrix=values.text(source=video, key="color_space"),
        frame_rate=cadence.frame_rate,
        constant_frame_rate=cadence.constant,
        time_base=time_base,
        frame_count=count,
        declared_frame_count=values.whole(source=video, key="nb_frames"),
        start_time=times[0] * time_base if times else None,
        duration=_duration(video, packets, time_base, cadence, count),
        intra_only=packets.key_frames == packets.packets,
    )


def _duration(
    video: values.Record, packets: PacketLog, time_base: Fraction, cadence: Cadence, count: int
) -> Fraction | None:
    """On a grid: frames over rate. Else from the first frame to the end of the last; else as declared."""
    if cadence.constant:
        return count / cadence.frame_rate
    if packets.times and packets.last_end is not None and packets.last_duration:
        return (packets.last_end - min(packets.times)) * time_base
    return stream_duration(stream=video)


def _sort_streams(
    streams: tuple[values.Record, ...], video: values.Record
) -> tuple[tuple[AudioFacts, ...], tuple[str, ...], tuple[str, ...]]:
    audio: list[AudioFacts] = []
    others: list[str] = []
    warnings: list[str] = []
    for stream in streams:
        kind = values.text(source=stream, key="codec_type")
        described = audio_facts(stream=stream) if kind == "audio" else None
        if stream is video:
            continue
        if described is not None:
            audio.append(described)
            continue
        word, index = other_stream(stream=stream), values.whole(source=stream, key="index")
        others.append(word)
        if kind == "audio":
            warnings.append(f"audio track {index} ({word}) is not described by the file and is left out")
        elif word.startswith("picture:"):
            warnings.append(f"stream {index} ({word}) is a cover picture and is left out")
        elif kind == "video":
            warnings.append(f"stream {index} ({word}) is a further video track and is left out")
    return tuple(audio), tuple(others), tuple(warnings)


def _video_warnings(evidence: ProbeEvidence, video: values.Record, cadence: Cadence) -> tuple[str, ...]:
    said = evidence.reading.note
    missing = evidence.packets.frames - len(evidence.packets.times)
    candidates = (
        "" if cadence.constant else "the frame rate is not constant",
        cadence.warning,
        orientation(stream=video).warning,
        f"frames without a presentation time stamp: {missing}" if missing else "",
        f"packets outside the edit list: {evidence.packets.discarded}" if evidence.packets.discarded else "",
        "the file states no pixel format" if values.text(source=video, key="pix_fmt") is None else "",
        "an alpha plane beside the video is not read" if values.tag(source=video, name="alpha_mode") == "1" else "",
        f"the document type is {said}, not webm" if evidence.detection.container == "webm" and said != "webm" else "",
    )
    return tuple(warning for warning in candidates if warning)


def _reel_name(sources: tuple[values.Record, ...]) -> str | None:
    for source in sources:
        name = values.tag(source=source, name="reel_name")
        if name is not None:
            return printable(text=name)
    return None
