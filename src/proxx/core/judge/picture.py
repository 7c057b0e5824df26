"""Checks of the picture's facts: counts, rates, rasters, fields, orientation, colour, coding."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType

from proxx.core.facts import FieldOrder, VideoFacts
from proxx.core.judge.wording import check, equal, seconds, text
from proxx.core.plan import Expected
from proxx.core.sources.cadence import STANDARD_RATES
from proxx.core.verdict import Check

_ALIKE: Mapping[str, tuple[frozenset[str], ...]] = MappingProxyType(
    {
        "color_primaries": (frozenset({"smpte170m", "smpte240m"}),),
        "color_transfer": (frozenset({"bt709", "smpte170m", "bt2020-10", "bt2020-12"}),),
        "color_matrix": (frozenset({"bt470bg", "smpte170m"}),),
    }
)
_AT_MOST = ("Constrained Baseline", "Baseline", "Main", "High")
_NANOSECONDS = 1_000_000_000
_MATROSKA = ("mkv", "webm")
_MATROSKA_ROUNDING = Fraction(2, 1000)


def picture_checks(*, expected: Expected, video: VideoFacts) -> Iterator[Check]:
    """Yield the checks of the video track."""
    yield from _coding(expected, video)
    yield from _timing(expected, video)
    yield equal(name="raster", expected=f"{expected.width}x{expected.height}", actual=f"{video.width}x{video.height}")
    if expected.pixel_aspect is not None:
        wanted, found = text(value=expected.pixel_aspect), text(value=video.pixel_aspect)
        same = _same_aspect(expected, video.pixel_aspect)
        yield check(name="pixel_aspect", passed=same, expected=wanted, actual=found)
    progressive = expected.field_order is FieldOrder.PROGRESSIVE and video.field_order is FieldOrder.UNKNOWN
    yield check(
        name="field_order",
        passed=progressive or expected.field_order is video.field_order,
        expected=expected.field_order.value,
        actual=video.field_order.value,
    )
    yield equal(
        name="rotation",
        expected=_orientation(expected.rotation, expected.mirrored),
        actual=_orientation(video.rotation, video.mirrored),
    )
    yield from _colour(expected, video)


def _coding(expected: Expected, video: VideoFacts) -> Iterator[Check]:
    if expected.codec_profile is not None:
        yield check(
            name="codec_profile",
            passed=_same_profile(expected, video.profile),
            expected=text(value=expected.codec_profile),
            actual=text(value=video.profile),
        )
    if expected.pixel_format is not None:
        yield equal(name="pixel_format", expected=expected.pixel_format, actual=video.pixel_format)


def _same_profile(expected: Expected, found: str | None) -> bool:
    wanted = expected.codec_profile
    if expected.codec == "h264" and wanted in _AT_MOST and found in _AT_MOST:
        return _AT_MOST.index(found) <= _AT_MOST.index(wanted)
    return wanted == found


def _timing(expected: Expected, video: VideoFacts) -> Iterator[Check]:
    declared = video.declared_frame_count
    yield check(
        name="declared_frame_count",
        passed=declared in (None, expected.frame_count),
        expected=str(expected.frame_count),
        actual=text(value=declared),
    )
    yield check(
        name="frame_rate",
        passed=_same_rate(expected, video),
        expected=text(value=expected.frame_rate),
        actual=text(value=video.frame_rate),
    )
    yield check(
        name="constant_frame_rate",
        passed=video.constant_frame_rate or not expected.constant_frame_rate,
        expected="constant" if expected.constant_frame_rate else "variable",
        actual="constant" if video.constant_frame_rate else "variable",
    )
    wanted = expected.frame_count / expected.frame_rate
    tolerance = (1 if expected.constant_frame_rate else 2) / expected.frame_rate
    yield check(
        name="duration",
        passed=video.duration is None or abs(video.duration - wanted) <= tolerance,
        expected=f"{seconds(value=wanted)} ± {seconds(value=tolerance)}",
        actual=seconds(value=video.duration),
    )


def _colour(expected: Expected, video: VideoFacts) -> Iterator[Check]:
    if expected.color_range is not None:
        yield equal(name="color_range", expected=expected.color_range, actual=video.color_range or "tv")
    for name, wanted, found in (
        ("color_primaries", expected.color_primaries, video.color_primaries),
        ("color_transfer", expected.color_transfer, video.color_transfer),
        ("color_matrix", expected.color_matrix, video.color_matrix),
    ):
        if wanted is not None:
            alike = any({wanted, found} <= group for group in _ALIKE[name])
            yield check(name=name, passed=alike or wanted == found, expected=wanted, actual=text(value=found))
        elif name in expected.unstated:
            yield equal(name=name, expected=None, actual=found)


def _same_rate(expected: Expected, video: VideoFacts) -> bool:
    wanted, found = expected.frame_rate, video.frame_rate
    if wanted == found:
        return True
    if found <= 0:
        return False
    if not expected.constant_frame_rate:
        return abs(found - wanted) <= 2 * wanted / expected.frame_count
    if expected.container not in _MATROSKA:
        return False
    apart = abs(1 / wanted - 1 / found)
    unnamed = wanted not in STANDARD_RATES and (expected.frame_count - 1) * apart <= _MATROSKA_ROUNDING
    return unnamed or apart * _NANOSECONDS <= 2


def _same_aspect(expected: Expected, found: Fraction | None) -> bool:
    wanted = expected.pixel_aspect
    if wanted is None or found is None:
        return wanted == found or (found is None and wanted == 1)
    return abs(wanted - found) * expected.width <= 1


def _orientation(rotation: int, mirrored: bool) -> str:
    return f"{rotation}{' mirrored' if mirrored else ''}"
