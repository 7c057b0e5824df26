"""What each proxy codec takes, and which of FFmpeg's decoders may open a source: FFmpeg 5.1, measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecRules:
    """One proxy codec. `measured` is the codec word that probing the proxy gives; rasters are in pixels.

    `own_matrix` says that the bit stream always names a matrix, BT.709 when none is known.
    """

    measured: str
    least_width: int
    least_height: int
    own_matrix: bool = False


_PRORES = CodecRules(measured="prores", least_width=2, least_height=2)
_HEVC = CodecRules(measured="hevc", least_width=16, least_height=16)

CODEC_RULES: Mapping[str, CodecRules] = MappingProxyType(
    {
        "prores_proxy": _PRORES,
        "prores_lt": _PRORES,
        "prores_standard": _PRORES,
        "prores_hq": _PRORES,
        "prores_4444": _PRORES,
        "h264": CodecRules(measured="h264", least_width=2, least_height=2),
        "h265": _HEVC,
        "hevc": _HEVC,
        "dnxhd": CodecRules(measured="dnxhd", least_width=256, least_height=120, own_matrix=True),
        "dnxhr": CodecRules(measured="dnxhr", least_width=256, least_height=120, own_matrix=True),
        "vp9": CodecRules(measured="vp9", least_width=2, least_height=2),
        "av1": CodecRules(measured="av1", least_width=64, least_height=64),
    }
)

LARGEST_SIDE = 16384
"""No raster side above this, in pixels."""

BYTES_PER_PIXEL: Mapping[str, int] = MappingProxyType(
    {"yuv420p": 2, "yuv422p": 2, "yuv422p10le": 4, "yuv444p10le": 6, "yuva444p10le": 8}
)
"""An unpacked pixel, rounded up: no encoder here ever needs more."""

SAMPLE_BITS: Mapping[str, int] = MappingProxyType(
    {"yuv420p": 8, "yuv422p": 8, "yuv422p10le": 10, "yuv444p10le": 10, "yuva444p10le": 10}
)
"""Bits of one sample of each pixel format that a profile may name."""

DEMUXERS: Mapping[str, str] = MappingProxyType(
    {"mov": "mov", "mp4": "mov", "mkv": "matroska", "webm": "matroska", "mxf": "mxf", "ts": "mpegts", "avi": "avi"}
)
"""FFmpeg's demuxer for each container of the source matrix."""

VIDEO_DECODERS: Mapping[str, str] = MappingProxyType(
    {
        "h264": "h264",
        "h265": "hevc",
        "hevc": "hevc",
        "av1": "libdav1d",
        "vp9": "vp9",
        "prores": "prores",
        "dnxhd": "dnxhd",
        "dnxhr": "dnxhd",
        "mjpeg": "mjpeg",
        "mpeg2video": "mpeg2video",
        "dvvideo": "dvvideo",
        "cfhd": "cfhd",
        "jpeg2000": "jpeg2000",
    }
)
"""FFmpeg's decoder for each codec of any version of the source matrix. Pinned: AV1 and JPEG 2000 have several."""

_PCM = tuple(f"pcm_{sign}{bits}{order}" for sign in "su" for bits in (16, 24, 32) for order in ("le", "be"))
_SAME_NAME = (
    *_PCM,
    *("pcm_s8", "pcm_u8", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be", "pcm_alaw", "pcm_mulaw", "pcm_bluray"),
    *("aac", "ac3", "eac3", "mp2", "vorbis", "flac", "alac", "truehd", "s302m", "adpcm_ms", "adpcm_ima_wav"),
    *("adpcm_ima_qt", "wmav2", "qdm2", "mace3", "mace6"),
)
AUDIO_DECODERS: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in _SAME_NAME},
        "mp1": "mp1float",
        "mp3": "mp3float",
        "dts": "dca",
        "opus": "libopus",
        "amr_nb": "amrnb",
        "amr_wb": "amrwb",
    }
)
"""FFmpeg's decoder for each audio codec that a plan reads; any other codec is refused.

Opus by libopus: FFmpeg's own decoder gives other samples on other CPUs (docs/DETERMINISM.md).
"""

LOOKS_WITH: Mapping[str, str] = MappingProxyType({"libopus": "opus"})
"""The decoder that FFmpeg itself opens while it looks at a track that is then decoded by another."""

AUDIO_ENCODERS: Mapping[str, str] = MappingProxyType(
    {"aac": "aac", "opus": "libopus", "pcm_s16le": "pcm_s16le", "pcm_s24le": "pcm_s24le", "flac": "flac"}
)
"""FFmpeg's encoder for each audio codec word that a profile's recipe may name."""
