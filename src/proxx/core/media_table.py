"""The words of the JobSpec for codecs, containers and rasters, and which codec goes into which container.

Source: REQUIREMENTS.md 55 to 63 (seeds 002 and 004); DNxHD is MXF only (C17).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

CODECS = (
    "prores_proxy",
    "prores_lt",
    "prores_standard",
    "prores_hq",
    "prores_4444",
    "h264",
    "h265",
    "hevc",
    "dnxhd",
    "dnxhr",
    "vp9",
    "av1",
)
"""The codec words, in the order of the source documents. h265 and hevc name one encoder; each is echoed as written."""

CONTAINERS = ("mov", "mp4", "mkv", "webm", "mxf")
"""The container words. Each is also the extension of the proxy."""

_H26X = ("mp4", "mov", "mkv")

CODEC_CONTAINERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "prores_proxy": ("mov",),
        "prores_lt": ("mov",),
        "prores_standard": ("mov",),
        "prores_hq": ("mov",),
        "prores_4444": ("mov",),
        "h264": _H26X,
        "h265": _H26X,
        "hevc": _H26X,
        "dnxhd": ("mxf",),
        "dnxhr": ("mov", "mxf"),
        "vp9": ("webm", "mkv"),
        "av1": ("mp4", "mkv", "webm"),
    }
)
"""Which containers a codec may go into."""

DNXHD_IN_MOV = (
    "DNxHD must be wrapped in MXF. DNxHD-in-MOV is non-standard and unsupported. "
    "Use MXF container for DNxHD output, or switch to DNxHR which supports MOV."
)
"""The message of seed 004, contract."""

RESOLUTION_DIRECTIVES = ("same", "half", "quarter")
"""Rasters that follow the source."""

ANY_RASTER = "WxH"
"""The word by which a profile permits every explicit raster."""

MEDIA_EXTENSIONS = frozenset(
    (
        *("mov", "qt", "mp4", "m4v", "mkv", "webm", "mxf", "ts", "mts", "m2ts", "avi", "mpg", "mpeg", "m2v", "vob"),
        *("wmv", "asf", "flv", "3gp", "3g2", "ogv", "ogg", "dv"),
        *("r3d", "braw", "ari", "arx", "crm", "rmf", "nev", "dng", "cine"),
    )
)
"""Extensions that say `this is media`, lower case. An output name may end with one only when it is its container's."""

_RASTER = re.compile(r"([1-9][0-9]{1,4})x([1-9][0-9]{1,4})", re.ASCII)
_SMALLEST, _LARGEST = 16, 16384


def raster(*, resolution: str) -> tuple[int, int] | None:
    """Return width and height of an explicit `WIDTHxHEIGHT`; None when the word is no legal explicit raster.

    Both numbers are even, as every chroma-subsampled codec needs, and between 16 and 16384.
    """
    match = _RASTER.fullmatch(resolution)
    if match is None:
        return None
    size = (int(match[1]), int(match[2]))
    if any(side % 2 or not _SMALLEST <= side <= _LARGEST for side in size):
        return None
    return size


def resolution_is_legal(*, resolution: str) -> bool:
    """Return whether the word is a directive or a legal explicit raster."""
    return resolution in RESOLUTION_DIRECTIVES or raster(resolution=resolution) is not None


RESOLUTION_RULE = "same, half, quarter or WIDTHxHEIGHT (both even, 16 to 16384)"
"""The grammar of `resolution`, for messages."""
