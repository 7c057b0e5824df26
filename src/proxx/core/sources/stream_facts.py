"""The facts of single streams as ffprobe states them: colours, fields, audio tracks, and a word for everything else."""

from fractions import Fraction

from proxx.core.facts import AudioFacts, FieldOrder
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.packet_log import TrackExtent
from proxx.core.sources.reading import printable

_FIELD_ORDERS = {
    "progressive": FieldOrder.PROGRESSIVE,
    "tt": FieldOrder.TOP_FIRST,
    "tb": FieldOrder.TOP_FIRST,
    "bb": FieldOrder.BOTTOM_FIRST,
    "bt": FieldOrder.BOTTOM_FIRST,
}
"""ffprobe's two letters to the field shown first.

`tb` and `bt` come from the QuickTime field detail 9 and 14 for frames that store both fields woven. Writers use 9 for
top field first and 14 for bottom field first, whatever the letter of the specification: HD interlaced footage (top
first by definition) carries 9, DV (bottom first by definition) carries 14, and ffmpeg writes them so.
"""

_NO_LANGUAGE = frozenset({"und", "unk", "mis", "zxx", "```"})
_BLANK_TAG = "[0][0][0][0]"


def field_order(*, stream: values.Record) -> FieldOrder:
    """Return how the fields follow each other; UNKNOWN when the file does not say."""
    return _FIELD_ORDERS.get(values.text(source=stream, key="field_order") or "", FieldOrder.UNKNOWN)


def stream_start(*, stream: values.Record) -> Fraction | None:
    """Return the time of the first sample in seconds."""
    ticks, time_base = values.whole(source=stream, key="start_pts"), values.ratio(source=stream, key="time_base")
    return None if ticks is None or time_base is None else ticks * time_base


def stream_duration(*, stream: values.Record) -> Fraction | None:
    """Return the length of the stream in seconds: its own field, else Matroska's tag."""
    ticks, time_base = values.whole(source=stream, key="duration_ts"), values.ratio(source=stream, key="time_base")
    if ticks is not None and time_base is not None:
        return ticks * time_base if ticks < values.UNKNOWN_TICKS else None
    return values.clock(source=values.record(value=stream.get("tags")), key="DURATION")


def audio_facts(*, stream: values.Record, measured: TrackExtent | None = None) -> AudioFacts | None:
    """Return the facts of an audio stream, None when the file does not describe it (no codec, channels or rate).

    `measured` packets, where given, say how long it is; else the file does.
    """
    codec = values.text(source=stream, key="codec_name")
    channels = values.whole(source=stream, key="channels")
    sample_rate = values.whole(source=stream, key="sample_rate")
    index = values.whole(source=stream, key="index")
    if codec is None or not channels or not sample_rate or index is None:
        return None
    layout = values.text(source=stream, key="channel_layout")
    language = values.tag(source=stream, name="language")
    return AudioFacts(
        stream_index=index,
        codec=codec,
        channels=channels,
        layout=None if layout is None or layout.endswith(" channels") else layout,
        sample_rate=sample_rate,
        bits_per_sample=values.whole(source=stream, key="bits_per_sample") or None,
        start_time=stream_start(stream=stream),
        duration=_extent_seconds(stream, measured) or stream_duration(stream=stream),
        language=None if language is None or language in _NO_LANGUAGE else printable(text=language, limit=35),
    )


def _extent_seconds(stream: values.Record, measured: TrackExtent | None) -> Fraction | None:
    time_base = values.ratio(source=stream, key="time_base")
    if measured is None or measured.first is None or measured.end is None or time_base is None:
        return None
    return (measured.end - measured.first) * time_base


def other_stream(*, stream: values.Record) -> str:
    """Return one word for a stream that is neither the video track nor a described audio track: `data:tmcd`."""
    kind = (
        "picture" if values.flag(source=stream, name="attached_pic") else values.text(source=stream, key="codec_type")
    )
    names = (values.text(source=stream, key=key) for key in ("codec_name", "codec_tag_string"))
    named = next((name for name in names if name is not None and name not in (_BLANK_TAG, "bin_data")), "unknown")
    return f"{kind or 'unknown'}:{printable(text=named.strip(), limit=40)}"
