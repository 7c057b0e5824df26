"""Colour model and chroma subsampling of FFmpeg's pixel formats, by table.

A format that no table names (palettes, Bayer patterns, hardware surfaces) has neither. Source: FFmpeg's pixel format
descriptors; the whole list of FFmpeg 5.1 was compared with its own `-show_pixel_formats`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelLayout:
    """Colour model (YUV, RGB, GRAY, XYZ) and subsampling; RGB has no chroma and so no subsampling."""

    colour_model: str
    chroma_subsampling: str | None


_FAMILIES: tuple[tuple[str, str | None, str], ...] = (
    ("YUV", "4:2:0", "yuv420p yuvj420p yuva420p nv12 nv21 p010 p012 p016"),
    ("YUV", "4:2:2", "yuv422p yuvj422p yuva422p yuyv422 uyvy422 yvyu422 nv16 nv20 p210 p212 p216 y210 y212 y216"),
    ("YUV", "4:4:4", "yuv444p yuvj444p yuva444p nv24 nv42 p410 p412 p416 ayuv ayuv64 uyva vuya vuyx vyu444 xv30 xv36"),
    ("YUV", "4:4:4", "xv48 v30x"),
    ("YUV", "4:4:0", "yuv440p yuvj440p"),
    ("YUV", "4:1:1", "yuv411p yuvj411p uyyvyy411"),
    ("YUV", "4:1:0", "yuv410p"),
    ("GRAY", "4:0:0", "gray grayf ya ya8 yaf monow monob"),
    ("XYZ", "4:4:4", "xyz"),
    ("RGB", None, "rgb rgb24 rgb8 rgb4 rgb4_byte rgb444 rgb555 rgb565 rgba rgbf rgbaf bgr bgr24 bgr8 bgr4 bgr4_byte"),
    ("RGB", None, "bgr444 bgr555 bgr565 bgra argb abgr 0rgb rgb0 0bgr bgr0 x2rgb x2bgr gbrp gbrpf gbrap gbrapf"),
)
_LAYOUTS: Mapping[str, PixelLayout] = MappingProxyType(
    {
        name: PixelLayout(colour_model=model, chroma_subsampling=subsampling)
        for model, subsampling, names in _FAMILIES
        for name in names.split()
    }
)
_BYTE_ORDER = re.compile(r"(?:le|be)$")
_DEPTH = re.compile(r"(?:9|10|12|14|16|32|48|64|96|128)$")


def pixel_layout(*, pixel_format: str) -> PixelLayout | None:
    """Return what the format's name says; None for a format that the table does not name."""
    name = _BYTE_ORDER.sub("", pixel_format)
    return _LAYOUTS.get(name) or _LAYOUTS.get(_DEPTH.sub("", name))
