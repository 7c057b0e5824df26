"""The pairs of Resolve's format and codec ids that a profile may name, and what probing their files gives.

Source: the reference on Resolve scripting, section 9; the words of the probe are FFmpeg's for these bit streams. ProRes
is offered in QuickTime only. In mxf (OP-Atom) a clip is several files, and of mxf_op1a it has not been measured
how it lays out sound: neither is named here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from proxx.core.quoting import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderCodec:
    """One pair. `words` are the JobSpec's codecs that it makes; `measured` and `profile` what probing it says.

    `pixel_format` is None where Resolve's versions differ in the depth that they write. `bytes_per_pixel` is that of an
    unpacked pixel, rounded up.
    """

    format_id: str
    codec_id: str
    container: str
    words: tuple[str, ...]
    measured: str
    profile: str | None
    pixel_format: str | None
    bytes_per_pixel: int


def _mov(
    codec_id: str, *words: str, measured: str, profile: str | None = None, pixels: str | None = None, size: int = 4
) -> RenderCodec:
    return RenderCodec(
        format_id="mov",
        codec_id=codec_id,
        container="mov",
        words=words,
        measured=measured,
        profile=profile,
        pixel_format=pixels,
        bytes_per_pixel=size,
    )


_PAIRS = (
    _mov("ProRes422P", "prores_proxy", measured="prores", profile="Proxy", pixels="yuv422p10le"),
    _mov("ProRes422LT", "prores_lt", measured="prores", profile="LT", pixels="yuv422p10le"),
    _mov("ProRes422", "prores_standard", measured="prores", profile="Standard", pixels="yuv422p10le"),
    _mov("ProRes422HQ", "prores_hq", measured="prores", profile="HQ", pixels="yuv422p10le"),
    _mov("ProRes4444", "prores_4444", measured="prores", profile="4444", size=8),
    _mov("DNxHRLB", "dnxhr", measured="dnxhr", profile="DNXHR LB"),
    _mov("DNxHRSQ", "dnxhr", measured="dnxhr", profile="DNXHR SQ"),
    _mov("DNxHRHQ", "dnxhr", measured="dnxhr", profile="DNXHR HQ"),
    _mov("DNxHRHQX_10", "dnxhr", measured="dnxhr", profile="DNXHR HQX"),
    _mov("DNxHRHQX_12", "dnxhr", measured="dnxhr", profile="DNXHR HQX"),
    _mov("DNxHR444_10", "dnxhr", measured="dnxhr", profile="DNXHR 444", size=8),
    _mov("DNxHR444_12", "dnxhr", measured="dnxhr", profile="DNXHR 444", size=8),
    _mov("H264", "h264", measured="h264"),
    _mov("H265", "h265", "hevc", measured="hevc"),
)

RENDER_CODECS: Mapping[tuple[str, str], RenderCodec] = MappingProxyType(
    {(pair.format_id, pair.codec_id): pair for pair in _PAIRS}
)
"""The pairs by format id and codec id."""

SOUND_CODECS: Mapping[tuple[str, str], str] = MappingProxyType(
    {("lpcm", "16"): "pcm_s16le", ("lpcm", "24"): "pcm_s24le"}
)
"""What probing says of AudioCodec and AudioBitDepth. No AAC: Resolve on Linux neither writes nor reads it."""


def pair_problem(*, format_id: str, codec_id: str) -> str:
    """Return why a profile cannot name this pair, a clause; empty where it can."""
    if (format_id, codec_id) in RENDER_CODECS:
        return ""
    pair = f"{quote(text=codec_id)} in {quote(text=format_id)}"
    if codec_id.startswith("ProRes") and format_id != "mov":
        return f"{pair}: Resolve offers ProRes in mov only"
    if format_id in ("mxf", "mxf_op1a"):
        return f"{pair}: what Resolve writes into MXF has not been measured; use mov"
    known = ", ".join(f"{pair.format_id}/{pair.codec_id}" for pair in _PAIRS)
    return f"{pair} is no pair of ids that Proxx knows (ids, not Resolve's descriptions): {known}"
