"""ffprobe as the second witness of what a source is: where it contradicts the bytes, and only there.

What ffprobe does not name is no contradiction, and neither is a name that our tables do not have: otherwise the answer
would depend on the version that is installed. FFmpeg 8 names ProRes RAW where 7 names nothing, REDCODE version 1 is
`jpeg2000` to all of them, and a DNG is `tiff`; the RAW matrix lists those names.
"""

from proxx.core.detection import Detection
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.codec_words import AVI_FOURCCS, FFPROBE_ALIASES, MATROSKA_IDS, SAMPLE_ENTRIES, TS_STREAM_TYPES
from proxx.core.sources.mxf_labels import LABEL_CODECS
from proxx.core.sources.raw_matrix import RAW_BY_CODEC
from proxx.core.sources.reading import printable

_DEMUXERS = {"mov": "mov mp4", "matroska": "mkv webm", "mxf": "mxf", "mpegts": "ts", "avi": "avi", "r3d": "r3d"}
"""ffprobe's demuxer, by the first of its names, to the containers that it reads; others say nothing."""

_OUR_WORDS = frozenset(
    {
        *SAMPLE_ENTRIES.values(),
        *MATROSKA_IDS.values(),
        *AVI_FOURCCS.values(),
        *TS_STREAM_TYPES.values(),
        *LABEL_CODECS,
        *FFPROBE_ALIASES,
    }
)

_BELOW_RAW = frozenset({"jpeg2000", "jpegxs", "ljpeg", "rawvideo", "tiff", "tiffep_raw", "vc5_bayer"})
"""Codings that camera RAW is built on: a later FFmpeg may name one where ours names the camera's format."""


def contradiction(*, detection: Detection, document: values.Record, video: values.Record) -> str:
    """Return how ffprobe contradicts our reading of container or codec, as one clause; empty when it does not.

    `document` is ffprobe's JSON, `video` the stream of the clip in it. A source whose codec our tables cannot name has
    nothing that could be contradicted but its container.
    """
    return _container(detection, document) or _codec(detection, video)


def _container(detection: Detection, document: values.Record) -> str:
    named = values.text(source=values.record(value=document.get("format")), key="format_name") or ""
    read = _DEMUXERS.get(named.partition(",")[0])
    if read is None or detection.container is None or detection.container in read.split():
        return ""
    return f"the bytes say container {detection.container} and ffprobe reads it as {printable(text=named)}"


def _codec(detection: Detection, video: values.Record) -> str:
    named = values.text(source=video, key="codec_name")
    if named is None or detection.codec is None:
        return ""
    ours = f"the bytes say codec {detection.codec} ({detection.sample_entry})"
    row = RAW_BY_CODEC.get(detection.codec)
    if row is not None:
        agrees = named in (*row.ffprobe, row.codec) or named in _BELOW_RAW or named not in _OUR_WORDS
        return "" if agrees else f"{ours} and ffprobe says {printable(text=named)}"
    if detection.codec not in FFPROBE_ALIASES.get(named, named).split():
        return f"{ours} and ffprobe says {printable(text=named)}"
    profile = (values.text(source=video, key="profile") or "").upper()
    said = "dnxhr" if profile.startswith("DNXHR") else "dnxhd" if profile == "DNXHD" else detection.codec
    if named == "dnxhd" and said != detection.codec:
        return f"{ours} and ffprobe says profile {printable(text=profile)}"
    return ""
