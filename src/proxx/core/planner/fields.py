"""Fields: whether an interlaced source stays interlaced, and what decoder, filters and encoder are then told.

Both fields of a frame are coded as they are only where the profile keeps them, the encoder can, and every line of the
proxy is a line of the source: same height, no bars above or below, not turned, nothing drawn over it, no other rate.
Everywhere else each frame's two fields become one whole picture, and the plan says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from proxx.core.facts import FieldOrder, VideoFacts
from proxx.core.planner.dnxhd_table import find, selected
from proxx.core.planner.picture import Picture
from proxx.core.planner.timing import Timing
from proxx.core.profile import Interlaced, Profile

INTERLACED = (FieldOrder.TOP_FIRST, FieldOrder.BOTTOM_FIRST)
_CHROMA_LINES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCoding:
    """How one encoder codes fields, measured on FFmpeg 5.1: `flags` of the codec, and arguments for each order.

    `why_not` says for an order that is left out why it is.
    """

    flags: str
    arguments: Mapping[FieldOrder, tuple[str, ...]]
    why_not: str = "the encoder cannot code this field order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The proxy's field order, and what makes it so. `flags` join the codec's own; `warning` is empty for none."""

    order: FieldOrder
    filter: str | None
    flags: str
    arguments: tuple[str, ...]
    warning: str

    @property
    def kept(self) -> bool:
        """Whether the proxy is interlaced; the scaler then treats each field as a picture of its own."""
        return self.order in INTERLACED

    @property
    def makes_whole(self) -> bool:
        """Whether the filter makes one whole picture of each frame's two fields."""
        return self.filter is not None and not self.kept


def _orders(*, top: tuple[str, ...], bottom: tuple[str, ...]) -> Mapping[FieldOrder, tuple[str, ...]]:
    return MappingProxyType({FieldOrder.TOP_FIRST: top, FieldOrder.BOTTOM_FIRST: bottom})


FIELD_CODING: Mapping[str, FieldCoding] = MappingProxyType(
    {
        "prores_ks": FieldCoding(
            flags="+ildct",
            arguments=_orders(top=("-top", "1", "-field_order", "tb"), bottom=("-top", "0", "-field_order", "bt")),
        ),
        "libx264": FieldCoding(
            flags="+ildct+ilme",
            arguments=_orders(
                top=("-top", "1", "-field_order", "tb", "-x264opts", "tff=1"),
                bottom=("-top", "0", "-field_order", "bt", "-x264opts", "bff=1"),
            ),
        ),
        "dnxhd": FieldCoding(
            flags="+ildct",
            arguments=MappingProxyType({FieldOrder.TOP_FIRST: ("-top", "1", "-field_order", "tb")}),
            why_not="DNxHD is top field first",
        ),
    }
)
"""The encoders that code fields, by FFmpeg's name. `-top` reaches the frames, `-field_order` the container."""


def plan_fields(*, video: VideoFacts, profile: Profile, picture: Picture, timing: Timing) -> Fields:
    """Return what becomes of the source's fields; a progressive source has none."""
    if video.field_order not in INTERLACED:
        return Fields(order=FieldOrder.PROGRESSIVE, filter=None, flags="", arguments=(), warning="")
    parity = "tff" if video.field_order is FieldOrder.TOP_FIRST else "bff"
    why_not = _why_not(video=video, profile=profile, picture=picture, timing=timing)
    if why_not is None:
        coding = FIELD_CODING[profile.encoder]
        arguments = coding.arguments[video.field_order]
        stated = f"setfield=mode={parity}"
        return Fields(order=video.field_order, filter=stated, flags=coding.flags, arguments=arguments, warning="")
    return Fields(
        order=FieldOrder.PROGRESSIVE,
        filter=f"bwdif=mode=send_frame:parity={parity}:deint=all",
        flags="",
        arguments=(),
        warning=f"the source is interlaced; the proxy is progressive, one picture for each frame: {why_not}",
    )


def _why_not(*, video: VideoFacts, profile: Profile, picture: Picture, timing: Timing) -> str | None:
    """Return why the fields cannot stay, None when they can."""
    if profile.interlaced is not Interlaced.KEEP:
        return "the profile deinterlaces"
    coding = FIELD_CODING.get(profile.encoder)
    if coding is None or profile.codec == "dnxhr":
        return f"{profile.codec} as this profile codes it has no fields"
    if video.field_order not in coding.arguments:
        return coding.why_not
    if picture.turned_upright:
        return "the picture is turned"
    if not video.height == picture.inner_height == picture.height:
        bars = f" in {picture.height}" if picture.inner_height != picture.height else ""
        return f"{video.height} lines become {picture.inner_height}{bars}"
    if profile.look is not None:
        return "the profile's look is drawn on whole pictures"
    if timing.conform:
        return "frames are dropped or repeated"
    halved = "420" in profile.pixel_format or "420" in (video.pixel_format or "")
    if video.height % (_CHROMA_LINES if halved else 2):
        return f"{video.height} lines do not divide into two fields"
    return _no_compression_id(profile=profile, picture=picture)


def _no_compression_id(*, profile: Profile, picture: Picture) -> str | None:
    if profile.codec != "dnxhd":
        return None
    found = find(
        width=picture.width,
        height=picture.height,
        interlaced=True,
        pixel_format=profile.pixel_format,
        megabits=selected(arguments=profile.arguments),
    )
    return None if found is not None else "DNxHD has no interlaced compression id for this raster and bit rate"
