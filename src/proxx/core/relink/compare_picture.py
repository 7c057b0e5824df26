"""Comparisons of the picture: raster with pixel aspect, field order."""

from fractions import Fraction

from proxx.core.facts import FieldOrder, VideoFacts
from proxx.core.relink.pair import Pair
from proxx.core.relink.rule import Comparison


def frame_size(pair: Pair) -> Comparison:
    """The upright picture is the source's divided by one whole number, width (with pixel aspect) and height alike.

    A file that states no pixel aspect has square pixels. Where they are not square the width may be off by less than
    one pixel of the proxy: containers store the aspect in few bits.
    """
    source, proxy = _upright(pair.source_video), _upright(pair.proxy_video)
    ratio = source[1] / proxy[1] if proxy[1] else Fraction(0)
    slack = ratio if pair.proxy_video.pixel_aspect not in (None, 1) else Fraction(0)
    distance = abs(source[0] - ratio * proxy[0])
    holds = ratio >= 1 and ratio.denominator == 1 and (distance == 0 or distance < slack)
    return Comparison(
        holds=holds,
        expected=f"{_size_text(pair.source_video)} divided by a whole number",
        actual=_size_text(pair.proxy_video),
    )


def field_order(pair: Pair) -> Comparison:
    """The same field order; a file that states none is progressive."""
    source, proxy = _fields(pair.source_video), _fields(pair.proxy_video)
    return Comparison(holds=source is proxy, expected=source.value, actual=proxy.value)


def _upright(video: VideoFacts) -> tuple[Fraction, Fraction]:
    width, height = video.width * (video.pixel_aspect or Fraction(1)), Fraction(video.height)
    return (height, width) if video.rotation in (90, 270) else (width, height)


def _size_text(video: VideoFacts) -> str:
    aspect = video.pixel_aspect or Fraction(1)
    shape = "" if aspect == 1 else f", pixel aspect {aspect.numerator}:{aspect.denominator}"
    turn = f", shown turned by {video.rotation} degrees" if video.rotation else ""
    return f"{video.width}x{video.height}{shape}{turn}"


def _fields(video: VideoFacts) -> FieldOrder:
    return FieldOrder.PROGRESSIVE if video.field_order is FieldOrder.UNKNOWN else video.field_order
