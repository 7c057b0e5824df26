"""Witness: the FFmpeg 8 libraries, through PyAV: another major version that decodes every picture and sample itself."""

from collections import Counter
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from tests.witness.testimony import Rounded, Testimony

NAME = "libav 8"
_RANGES = {1: "tv", 2: "pc"}
_PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020"}
_TRANSFERS = {1: "bt709", 6: "smpte170m", 16: "smpte2084", 18: "arib-std-b67"}
_MATRICES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc"}
"""ITU-T H.273; 2 is unspecified."""
_SCANS = {1: "progressive", 2: "top_first", 3: "bottom_first", 4: "top_first", 5: "bottom_first"}
"""AVFieldOrder. 4 and 5 are codes 9 and 14 of QuickTime: the first line of a woven picture is the earlier or later."""
_CHROMA = {(4, 4): "4:2:0", (4, 8): "4:2:2", (8, 8): "4:4:4"}
_UNKNOWN = 2


def missing() -> str:
    """It comes with the development packages."""
    return ""


def version() -> str:
    """The version of FFmpeg that PyAV carries."""
    return f"FFmpeg {av.ffmpeg_version_info} in PyAV {av.__version__}"


def testify(path: Path) -> Testimony:
    """Open, decode everything, and say what was found.

    Raises:
        av.error.FFmpegError: it cannot be read.
    """
    with av.open(str(path)) as opened:
        pictures: Counter[bool] = Counter()
        samples: Counter[int] = Counter()
        first: VideoFrame | None = None
        for packet in opened.demux([*opened.streams.video, *opened.streams.audio]):
            for frame in packet.decode():
                if isinstance(frame, VideoFrame):
                    first = first or frame
                    pictures[frame.interlaced_frame] += 1
                elif isinstance(frame, AudioFrame):
                    samples[packet.stream.index] += frame.samples
        assert first is not None
        video, audio = opened.streams.video[0], opened.streams.audio
        context = video.codec_context
        tags = [opened.metadata, *(stream.metadata for stream in opened.streams)]
        label = _tag(tags, "timecode")
        aspect = video.sample_aspect_ratio or Fraction(1)
        said: dict[str, object] = {
            "codec": _codec(context.codec.canonical_name, video.profile),
            "codec profile": video.profile,
            "raster": f"{first.width}x{first.height}",
            "pixel aspect": aspect,
            "display aspect": Fraction(first.width, first.height) * aspect,
            "frame count": sum(pictures.values()),
            "timecode": label,
            "drop-frame": None if label is None else ";" in label,
            "reel name": _tag(tags, "reel_name"),
            "rotation": -first.rotation % 360,
            "field order": _field_order(context.field_order, fields=bool(pictures[True])),
            "colour range": _word(_RANGES, first.color_range, unknown=0),
            "colour primaries": _word(_PRIMARIES, first.color_primaries),
            "colour transfer": _word(_TRANSFERS, first.color_trc),
            "colour matrix": _word(_MATRICES, first.colorspace),
            "bit depth": first.format.components[0].bits,
            "chroma": _CHROMA[first.format.chroma_width(8), first.format.chroma_height(8)],
            "alpha": any(component.is_alpha for component in first.format.components),
            "audio codecs": tuple(track.codec_context.codec.canonical_name for track in audio),
            "audio channels": tuple(track.codec_context.channels for track in audio),
            "audio layouts": tuple(_layout(track.codec_context.layout.name) for track in audio),
            "audio sample rates": tuple(track.codec_context.rate for track in audio),
            "audio languages": tuple(None if track.language == "und" else track.language for track in audio),
            "audio decoded": tuple(Fraction(samples[track.index], track.codec_context.rate) for track in audio),
        }
        if video.average_rate is not None:  # as of a single picture
            said["frame rate"] = video.average_rate
        if "matroska" not in opened.format.name:
            brand = opened.metadata.get("major_brand")
            said["container"] = "mxf" if opened.format.name == "mxf" else "mov" if brand == "qt  " else "mp4"
        if video.duration is not None and video.time_base is not None:
            said["duration"] = Rounded(value=video.duration * video.time_base, unit=video.time_base)
        return said


def _codec(name: str, profile: str | None) -> str:
    return "dnxhr" if name == "dnxhd" and (profile or "").startswith("DNXHR") else name


def _field_order(stated: int, *, fields: bool) -> str:
    """What the stream states, unless its pictures have fields and it says that they have none."""
    word = _SCANS.get(stated, "unknown")
    return "interlaced" if fields and word in ("progressive", "unknown") else word


def _layout(name: str) -> str | None:
    return None if name.endswith("channels") else name


def _word(table: dict[int, str], value: int, *, unknown: int = _UNKNOWN) -> str | None:
    return None if value == unknown else table.get(value, f"code {value}")


def _tag(tags: list[dict[str, str]], name: str) -> str | None:
    return next((value for held in tags for key, value in held.items() if key.lower() == name), None)
