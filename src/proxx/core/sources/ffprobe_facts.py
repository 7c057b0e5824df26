"""From ffprobe's JSON and packet list to MediaFacts, with our own reading of the bytes as the first witness.

What is not stated is None; what contradicts our reading, or shows the file to be cut off, is a violation.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from proxx.core.facts import MediaFacts, VideoFacts
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.cadence import Cadence, measure_cadence
from proxx.core.sources.display import orientation
from proxx.core.sources.packet_log import PacketLog
from proxx.core.sources.pixel_formats import bit_depth, has_alpha
from proxx.core.sources.probe_evidence import ProbeEvidence
from proxx.core.sources.reading import printable
from proxx.core.sources.source_refusals import refusal_after, refusal_before
from proxx.core.sources.source_timecode import find_timecode
from proxx.core.sources.source_warnings import sort_streams, video_warnings
from proxx.core.sources.stream_facts import field_order, stream_duration
from proxx.core.sources.timecode_places import reel_name
from proxx.core.sources.truncation import Extent, declared_duration, shortfall
from proxx.core.sources.witness import contradiction
from proxx.core.violation import Violation, ViolationCode

_ROUNDING_CONTAINERS = ("mkv", "webm")
_HIDING_CODECS = ("vp8", "vp9", "av1")
_SAME_MOMENT = Fraction(1, 1000)


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
    clause = contradiction(detection=evidence.detection, document=evidence.document, video=video)
    if clause:
        failed = _failed(evidence, ViolationCode.SOURCE_UNSUPPORTED, clause)
        return FactsFinding(facts=None, violations=failed.violations, contradiction=clause)
    refusal = refusal_before(evidence=evidence, video=video)
    if refusal is not None:
        return _failed(evidence, refusal.code, refusal.clause)
    time_base = values.ratio(source=video, key="time_base")
    cadence = _cadence(evidence, video, time_base) if time_base is not None else None
    short = shortfall(
        extent=_extent(evidence, video),
        packets=evidence.packets,
        time_base=time_base or Fraction(1),
        frame_rate=cadence.frame_rate if cadence is not None else None,
    )
    if short is not None:
        code = ViolationCode.SOURCE_TRUNCATED if short.cut_off else ViolationCode.SOURCE_UNSUPPORTED
        clause = f"the file is cut off: it {short.clause}" if short.cut_off else f"the file {short.clause}"
        return _failed(evidence, code, clause, expected=short.expected, actual=short.actual)
    refusal = refusal_after(evidence=evidence, cadence=cadence, time_base=time_base)
    if refusal is not None:
        return _failed(evidence, refusal.code, refusal.clause, expected=refusal.expected, actual=refusal.actual)
    if time_base is None or cadence is None:
        raise ValueError("a source without a frame rate was not refused")
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
        stated=evidence.reading.labels,
        frames=evidence.packets.frames,
    )
    if finding.error:
        return _failed(evidence, ViolationCode.SOURCE_TIMECODE, finding.error)
    # A transport stream declares no length; what a demuxer says of it lacks the last packet.
    measured = evidence.sound if evidence.detection.container == "ts" else None
    audio, others, warnings = sort_streams(streams=streams, video=video, measured=measured)
    facts = MediaFacts(
        container=evidence.detection.container or "",
        size_bytes=evidence.size_bytes,
        duration=_file_duration(streams, form),
        video=_video_facts(evidence, video, time_base, cadence),
        audio=audio,
        timecode=finding.timecode,
        reel_name=reel_name(sources=(video, *streams, form), stated=evidence.reading.reels),
        other_streams=others,
        warnings=(*video_warnings(evidence=evidence, video=video, cadence=cadence), *finding.warnings, *warnings),
        brand=evidence.reading.brand or None,
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
