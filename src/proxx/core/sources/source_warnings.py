"""What an operator should know of a source that is taken all the same.

The table "Bad input, and what happens" of docs/ENGINE_CAPABILITIES.md has a row for each.
"""

from collections.abc import Iterator, Mapping

from proxx.core.facts import AudioFacts, FieldOrder
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.cadence import Cadence
from proxx.core.sources.clip_track import clip_track
from proxx.core.sources.display import orientation
from proxx.core.sources.packet_log import TrackExtent
from proxx.core.sources.probe_evidence import ProbeEvidence
from proxx.core.sources.stream_facts import audio_facts, field_order, other_stream

_NEVER_INTERLACED = frozenset({"vp8", "vp9", "av1", "hevc"})
"""Codecs whose footage is progressive in practice and that seldom say so; silence there means nothing."""

_SIDE_DATA = (
    ("Mastering display metadata", "mastering display metadata"),
    ("Content light level metadata", "content light levels"),
    ("DOVI configuration record", "Dolby Vision"),
)


def video_warnings(*, evidence: ProbeEvidence, video: values.Record, cadence: Cadence) -> tuple[str, ...]:
    """Return the remarks about the clip's video track, in a fixed order."""
    said = evidence.reading.note
    missing = evidence.packets.frames - len(evidence.packets.times)
    candidates = (
        "" if cadence.constant else "the frame rate is not constant",
        cadence.warning,
        orientation(stream=video).warning,
        f"frames without a presentation time stamp: {missing}" if missing else "",
        *_edit_warnings(evidence, values.whole(source=video, key="nb_frames")),
        "the file states no pixel format" if values.text(source=video, key="pix_fmt") is None else "",
        _field_warning(evidence, video),
        _xyz_warning(video),
        *_lost_metadata(video),
        "an alpha plane beside the video is not read" if values.tag(source=video, name="alpha_mode") == "1" else "",
        f"the document type is {said}, not webm" if evidence.detection.container == "webm" and said != "webm" else "",
    )
    return tuple(warning for warning in candidates if warning)


def sort_streams(
    *, streams: tuple[values.Record, ...], video: values.Record, measured: Mapping[int, TrackExtent] | None = None
) -> tuple[tuple[AudioFacts, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the audio tracks, one word for every other stream beside the clip, and a remark for each left out.

    `measured` holds the extents that count instead of declared lengths, where those are estimates.
    """
    audio: list[AudioFacts] = []
    others: list[str] = []
    warnings: list[str] = []
    for stream in streams:
        kind = values.text(source=stream, key="codec_type")
        index = values.whole(source=stream, key="index")
        extent = (measured or {}).get(index) if index is not None else None
        described = audio_facts(stream=stream, measured=extent) if kind == "audio" else None
        if stream is video:
            continue
        if described is not None:
            audio.append(described)
            continue
        word = other_stream(stream=stream)
        others.append(word)
        if kind == "audio":
            warnings.append(f"audio track {index} ({word}) is not described by the file and is left out")
        elif word.startswith("picture:"):
            warnings.append(f"stream {index} ({word}) is a cover picture and is left out")
        elif kind == "video":
            warnings.append(f"stream {index} ({word}) is a further video track and is left out")
    return tuple(audio), tuple(others), tuple(warnings)


def _edit_warnings(evidence: ProbeEvidence, declared: int | None) -> Iterator[str]:
    track = clip_track(reading=evidence.reading)
    edits = track.edits if track is not None else ()
    # A cut before a key frame leaves packets out without listing them as discarded.
    cut = (declared or 0) - evidence.packets.frames if edits else 0
    outside = max(cut, evidence.packets.discarded)
    if outside:
        yield f"packets outside the edit list: {outside}"
    if edits and edits[0].media_time < 0:
        yield (
            f"the edit list delays the picture by {float(edits[0].seconds):.3f} s; the proxy begins with the first "
            "picture and gives it the start timecode"
        )
    played = sum(edit.media_time >= 0 for edit in edits)
    if played > 1:
        yield f"the edit list plays {played} parts of the track; editing systems differ in following it"


def _field_warning(evidence: ProbeEvidence, video: values.Record) -> str:
    if evidence.detection.codec in _NEVER_INTERLACED or field_order(stream=video) is not FieldOrder.UNKNOWN:
        return ""
    return "the file does not state its field order; it is taken as progressive"


def _xyz_warning(video: values.Record) -> str:
    xyz = (values.text(source=video, key="pix_fmt") or "").startswith("xyz")
    return "the picture is CIE XYZ, as in digital cinema; the proxy shows FFmpeg's conversion of it" if xyz else ""


def _lost_metadata(video: values.Record) -> Iterator[str]:
    found = {
        values.text(source=data, key="side_data_type") for data in values.records(value=video.get("side_data_list"))
    }
    for kind, name in _SIDE_DATA:
        if kind in found:
            yield f"{name} of the source are not carried" if name[-1] == "s" else f"{name} of the source is not carried"
