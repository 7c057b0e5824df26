"""What probing a proxy says of its codec's profile, its pixels and its container's brand: FFmpeg 5.1, measured."""

from collections.abc import Mapping
from types import MappingProxyType

from proxx.core.profile import Profile

_BY_ARGUMENT: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("prores_ks", "0"): "Proxy",
        ("prores_ks", "1"): "LT",
        ("prores_ks", "2"): "Standard",
        ("prores_ks", "3"): "HQ",
        ("prores_ks", "4"): "4444",
        ("prores_ks", "5"): "XQ",
        ("dnxhd", "dnxhd"): "DNXHD",
        ("dnxhd", "dnxhr_lb"): "DNXHR LB",
        ("dnxhd", "dnxhr_sq"): "DNXHR SQ",
        ("dnxhd", "dnxhr_hq"): "DNXHR HQ",
        ("dnxhd", "dnxhr_hqx"): "DNXHR HQX",
        ("dnxhd", "dnxhr_444"): "DNXHR 444",
        ("libx264", "baseline"): "Constrained Baseline",
        ("libx264", "main"): "Main",
        ("libx264", "high"): "High",
    }
)
_BY_PIXELS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("libx265", "yuv420p"): "Main",
        ("libvpx-vp9", "yuv420p"): "Profile 0",
        ("libsvtav1", "yuv420p"): "Main",
    }
)
_DECODED: Mapping[tuple[str, str], str] = MappingProxyType(
    {("prores_ks", "yuv444p10le"): "yuv444p12le", ("prores_ks", "yuva444p10le"): "yuva444p12le"}
)

BRANDS: Mapping[str, str] = MappingProxyType({"mov": "qt", "mp4": "isom", "mkv": "matroska", "webm": "webm"})
"""Major brand (ISO/IEC 14496-12) or document type (Matroska) that each container is written with."""


def codec_profile(profile: Profile) -> str | None:
    """Return the codec's own profile that the proxy must state; None where these tables do not know."""
    options = dict(zip(profile.arguments[::2], profile.arguments[1::2], strict=False))
    named = options.get("-profile:v")
    if named is not None:
        return _BY_ARGUMENT.get((profile.encoder, named))
    return _BY_PIXELS.get((profile.encoder, profile.pixel_format))


def decoded_format(profile: Profile) -> str:
    """Return the pixel format that decoding the proxy gives: ProRes 4444 decodes to 12 bits."""
    return _DECODED.get((profile.encoder, profile.pixel_format), profile.pixel_format)
