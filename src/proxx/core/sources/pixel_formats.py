"""What an ffmpeg pixel format name says: bits a component, and whether it carries alpha."""

import re

_ALPHA = ("yuva", "gbrap", "ya8", "ya16", "rgba", "bgra", "argb", "abgr", "ayuv", "vuya")
_DEPTH = re.compile(r"(?:p|gray|gbrp|gbrap|ya|bayer_[a-z]{4}|nv20|xyz)(9|10|12|14|16)(?:le|be)?$|(?:p|gray)f(16|32)")
_DEEP = (("rgb48", 16), ("bgr48", 16), ("rgba64", 16), ("bgra64", 16), ("ayuv64", 16), ("x2rgb10", 10), ("v30x", 10))
_SEMI_PLANAR = re.compile(r"(?:p0|p2|p4)(10|12|16)(?:le|be)$")


def has_alpha(*, pixel_format: str) -> bool:
    """Return whether the format has an alpha component."""
    return pixel_format.startswith(_ALPHA)


def bit_depth(*, pixel_format: str) -> int:
    """Return the bits a component; formats without a number in their name have 8."""
    for prefix, depth in _DEEP:
        if pixel_format.startswith(prefix):
            return depth
    for pattern in (_SEMI_PLANAR, _DEPTH):
        match = pattern.search(pixel_format)
        if match is not None:
            return int(next(group for group in match.groups() if group is not None))
    return 8
