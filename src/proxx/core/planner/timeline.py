"""The timeline of a render: the clip's own rate in Resolve's words, its start timecode, and a raster that is exact.

Resolve renders a clip whole only where the timeline runs at its very rate, and that setting knows few rates. What
it would have to round, turn, weave or guess is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from proxx.core.facts import FieldOrder, TimecodeFacts, VideoFacts
from proxx.core.media_table import raster
from proxx.core.planner.codec_rules import CODEC_RULES, LARGEST_SIDE
from proxx.core.planner.command import LARGEST_PIXELS
from proxx.core.planner.picture import DIVISORS
from proxx.core.planner.refusal import Refusals
from proxx.core.profile import Profile
from proxx.core.quoting import quote
from proxx.core.rate import format_rate
from proxx.core.timecode import Timecode, TimecodeError

TIMELINE_RATES: Mapping[Fraction, str] = MappingProxyType(
    {
        Fraction(16): "16",
        Fraction(18): "18",
        Fraction(24000, 1001): "23.976",
        Fraction(24): "24",
        Fraction(25): "25",
        Fraction(30000, 1001): "29.97",
        Fraction(30): "30",
        Fraction(48000, 1001): "47.952",
        Fraction(48): "48",
        Fraction(50): "50",
        Fraction(60000, 1001): "59.94",
        Fraction(60): "60",
        Fraction(72): "72",
        Fraction(96000, 1001): "95.904",
        Fraction(96): "96",
        Fraction(100): "100",
        Fraction(120000, 1001): "119.88",
        Fraction(120): "120",
    }
)
"""The words of `timelineFrameRate` by exact rate: those of Resolve's menu."""

DROP_FRAME_RATES: Mapping[Fraction, str] = MappingProxyType(
    {Fraction(30000, 1001): "29.97 DF", Fraction(60000, 1001): "59.94 DF"}
)
"""The words of the rates at which a timeline counts with drop-frame."""

SD_RASTERS = frozenset({(720, 480), (720, 486), (720, 576)})
"""Rasters that are standard definition to Resolve: it takes no square pixels for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The timeline: Resolve's word for its rate, its size in pixels, and the start timecode of its one clip."""

    rate_word: str
    width: int
    height: int
    timecode: Timecode | None


def plan_timeline(
    *,
    video: VideoFacts,
    timecode: TimecodeFacts | None,
    fps: Fraction | None,
    resolution: str,
    profile: Profile,
    refusals: Refusals,
) -> Timeline | None:
    """Return the timeline of a clip, or None after noting every reason why there can be none."""
    start = _timecode(timecode=timecode, rate=video.frame_rate, refusals=refusals)
    word = _rate_word(video=video, fps=fps, drop_frame=start is not None and start.drop_frame, refusals=refusals)
    _check_rates(rate=video.frame_rate, profile=profile, refusals=refusals)
    _check_picture(video=video, refusals=refusals)
    size = _raster(video=video, resolution=resolution, codec=profile.codec, refusals=refusals)
    if word is None or size is None:
        return None
    return Timeline(rate_word=word, width=size[0], height=size[1], timecode=start)


def _rate_word(*, video: VideoFacts, fps: Fraction | None, drop_frame: bool, refusals: Refusals) -> str | None:
    rate = video.frame_rate
    if video.frame_count < 1 or rate <= 0:
        refusals.add(
            "the source has no frames or no frame rate",
            expected="at least 1 frame and a rate above 0",
            actual=f"{video.frame_count} frames at {format_rate(rate=rate)}",
        )
        return None
    if not video.constant_frame_rate:
        refusals.add(
            "the source's frame rate varies, and a timeline has one rate",
            expected="a constant frame rate",
            actual=f"variable, {float(rate):.3f} on average",
        )
    if fps is not None and fps != rate:
        refusals.add(
            "Resolve renders each clip at its own rate; another one (fps_explicit) cannot be asked of it",
            expected=format_rate(rate=rate),
            actual=format_rate(rate=fps),
        )
    words = DROP_FRAME_RATES if drop_frame else TIMELINE_RATES
    if rate not in words:
        refusals.add(
            f"Resolve has no timeline of this rate{' that counts with drop-frame' if drop_frame else ''}",
            expected=", ".join(words.values()),
            actual=format_rate(rate=rate),
        )
    return words.get(rate)


def _check_rates(*, rate: Fraction, profile: Profile, refusals: Refusals) -> None:
    if profile.frame_rates and rate not in profile.frame_rates:
        refusals.add(
            f"the frame rate {format_rate(rate=rate)} is not one that the profile permits",
            expected=", ".join(format_rate(rate=item) for item in profile.frame_rates),
            actual=format_rate(rate=rate),
        )


def _check_picture(*, video: VideoFacts, refusals: Refusals) -> None:
    if video.pixel_aspect not in (None, 1):
        refusals.add(
            "its pixels are not square, and what Resolve writes for those has not been measured",
            expected="pixel aspect 1/1",
            actual=str(video.pixel_aspect),
        )
    if video.rotation or video.mirrored:
        refusals.add(
            "it is turned or mirrored for display, and whether Resolve turns its pixels has not been measured",
            expected="an upright picture",
            actual=f"{video.rotation} degrees{', mirrored' if video.mirrored else ''}",
        )
    if video.field_order in (FieldOrder.TOP_FIRST, FieldOrder.BOTTOM_FIRST):
        refusals.add(
            "its pictures are two fields each, and a Resolve profile makes whole pictures",
            expected=FieldOrder.PROGRESSIVE.value,
            actual=video.field_order.value,
        )


def _raster(*, video: VideoFacts, resolution: str, codec: str, refusals: Refusals) -> tuple[int, int] | None:
    """Return the proxy's raster. Nothing is rounded: Resolve would fill what is missing with a line of black."""
    stated = f"{video.width}x{video.height}"
    if video.width < 1 or video.height < 1:
        refusals.add("the source states no raster", expected="width and height", actual=stated)
        return None
    if video.width * video.height > LARGEST_PIXELS:
        refusals.add("the source's picture is too large", expected=f"at most {LARGEST_PIXELS} pixels", actual=stated)
    size = raster(resolution=resolution)
    if size is None:
        divisor = DIVISORS[resolution]
        if video.width % (2 * divisor) or video.height % (2 * divisor):
            refusals.add(
                f"{resolution} of {stated} is no raster of two even numbers, and Resolve rounds to none; "
                "name an explicit one (WIDTHxHEIGHT)",
                expected=f"width and height that {2 * divisor} divides",
                actual=stated,
            )
            return None
        size = (video.width // divisor, video.height // divisor)
    rules, actual = CODEC_RULES[codec], f"{size[0]}x{size[1]}"
    if size[0] < rules.least_width or size[1] < rules.least_height or max(size) > LARGEST_SIDE:
        refusals.add(
            f"{resolution} of {stated} is {actual}, which the codec does not hold",
            expected=f"{rules.least_width}x{rules.least_height} to {LARGEST_SIDE}x{LARGEST_SIDE}",
            actual=actual,
        )
        return None
    if size in SD_RASTERS:
        refusals.add(
            f"{resolution} of {stated} is {actual}, standard definition, whose pixels are not square in Resolve",
            expected="another raster",
            actual=actual,
        )
        return None
    return size


def _timecode(*, timecode: TimecodeFacts | None, rate: Fraction, refusals: Refusals) -> Timecode | None:
    if timecode is None or rate <= 0:
        return None
    if timecode.rate != rate:
        refusals.add(
            f"its start timecode {quote(text=timecode.label)} counts frames at another rate than the clip's",
            expected=format_rate(rate=rate),
            actual=format_rate(rate=timecode.rate),
        )
        return None
    try:
        return Timecode.parse(label=timecode.label, rate=rate, drop_frame=timecode.drop_frame)
    except TimecodeError as error:
        refusals.add(
            f"its start timecode does not exist: {error.rule}",
            expected=f"a label at {format_rate(rate=rate)}",
            actual=quote(text=timecode.label),
        )
        return None
