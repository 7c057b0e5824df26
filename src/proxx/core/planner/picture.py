"""Raster, pixel aspect and orientation: which picture the proxy holds, and the filters that make it.

Rules. `same`, `half` and `quarter` divide the stored raster and round each side down to an even number, at least 2; the
pixel aspect stays the source's. An explicit raster is the upright picture's: with fit `scale` it is filled and the
pixel aspect keeps the display aspect; with fit `pad` the picture keeps its display aspect with square pixels, black
bars complete the raster, and both bars of a side are even; with fit `inside` the raster is only a limit: square pixels,
no bars, never enlarged, sides even. A source that states no pixel aspect has square pixels.
"""

from dataclasses import dataclass
from fractions import Fraction

from proxx.core.facts import VideoFacts
from proxx.core.media_table import raster
from proxx.core.planner.codec_rules import LARGEST_SIDE, CodecRules
from proxx.core.planner.container_rules import ContainerRules
from proxx.core.planner.refusal import Refusals
from proxx.core.profile import Fit

DIVISORS = {"same": 1, "half": 2, "quarter": 4}
_LARGEST_ASPECT_TERM = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The proxy's raster; the inner one is the scaled picture without bars.

    `rounded` says that a side of the source did not divide into an even number; it is empty where none was rounded.
    `turned_upright` says that the pixels are turned and no display matrix is left; FFmpeg then inserts the turn itself.
    """

    width: int
    height: int
    inner_width: int
    inner_height: int
    pixel_aspect: Fraction | None
    rotation: int
    mirrored: bool
    turned_upright: bool
    rounded: str

    @property
    def padded(self) -> bool:
        """Whether bars complete the raster."""
        return (self.inner_width, self.inner_height) != (self.width, self.height)

    @property
    def offset(self) -> tuple[int, int]:
        """Where the picture begins between its bars, in pixels from left and top; both are even."""
        return (self.width - self.inner_width) // 4 * 2, (self.height - self.inner_height) // 4 * 2

    def pad_filter(self) -> str:
        """Return the filter that adds the bars."""
        x, y = self.offset
        return f"pad=width={self.width}:height={self.height}:x={x}:y={y}:color=black"

    def aspect_filter(self) -> str:
        """Return the filter that states the pixel aspect; 0/1 says that none is known."""
        aspect = self.pixel_aspect if self.pixel_aspect is not None else Fraction(0)
        return f"setsar=sar={aspect.numerator}/{aspect.denominator}:max={_LARGEST_ASPECT_TERM}"


def plan_picture(
    *,
    video: VideoFacts,
    resolution: str,
    fit: Fit,
    upright: bool,
    codec: CodecRules,
    container: ContainerRules,
    refusals: Refusals,
) -> Picture | None:
    """Return the picture of the proxy, or None after noting why there can be none. Sizes in pixels.

    `upright` asks for upright pixels in every container: what a look draws must not be turned with the picture.
    """
    if video.width < 1 or video.height < 1:
        refusals.add("the source states no raster", expected="width and height", actual=f"{video.width}x{video.height}")
        return None
    bake = upright or raster(resolution=resolution) is not None or not container.matrix
    picture = _picture(video=video, resolution=resolution, fit=fit, bake=bake)
    actual = f"{picture.width}x{picture.height}"
    if picture.width < codec.least_width or picture.height < codec.least_height:
        refusals.add(
            f"{resolution} of {video.width}x{video.height} is {actual}, below the codec's smallest raster",
            expected=f"at least {codec.least_width}x{codec.least_height}",
            actual=actual,
        )
        return None
    if picture.pixel_aspect not in (None, 1) and not container.pixel_aspect:
        refusals.add(
            "its pixels are not square, and this container as FFmpeg writes it says that they are; "
            "a profile that letterboxes into a fixed raster can",
            expected="pixel aspect 1/1",
            actual=str(picture.pixel_aspect),
        )
        return None
    if max(picture.width, picture.height) > LARGEST_SIDE:
        refusals.add(
            f"{resolution} of {video.width}x{video.height} is {actual}, a side is too long",
            expected=f"at most {LARGEST_SIDE} pixels",
            actual=actual,
        )
        return None
    return picture


def _picture(*, video: VideoFacts, resolution: str, fit: Fit, bake: bool) -> Picture:
    explicit = raster(resolution=resolution)
    bake = bake and (video.rotation != 0 or video.mirrored)
    width, height, aspect = video.width, video.height, video.pixel_aspect
    if bake and video.rotation in (90, 270):
        width, height = height, width
        aspect = 1 / aspect if aspect else aspect
    rotation, mirrored = (0, False) if bake else (video.rotation, video.mirrored)
    rounded = ""
    if explicit is None:
        whole, divisor = (width, height), DIVISORS[resolution]
        width, height = inner = (_even(whole[0] // divisor), _even(whole[1] // divisor))
        if (width * divisor, height * divisor) != whole:
            rounded = (
                f"{resolution} of {whole[0]}x{whole[1]} is scaled to {width}x{height}: "
                "each side is rounded down to an even number"
            )
    else:
        display = Fraction(width, height) * (aspect or 1)
        if fit is Fit.INSIDE:
            explicit = _inside(width=round(width * (aspect or 1)), height=height, limit=explicit)
        width, height = explicit
        inner, aspect = _fit(display=display, width=width, height=height, fit=fit)
    return Picture(
        width=width,
        height=height,
        inner_width=inner[0],
        inner_height=inner[1],
        pixel_aspect=aspect,
        rotation=rotation,
        mirrored=mirrored,
        turned_upright=bake,
        rounded=rounded,
    )


def _fit(*, display: Fraction, width: int, height: int, fit: Fit) -> tuple[tuple[int, int], Fraction]:
    if fit is Fit.INSIDE:
        return (width, height), Fraction(1)
    if fit is Fit.SCALE:
        return (width, height), (display * Fraction(height, width)).limit_denominator(65535)
    if display >= Fraction(width, height):
        return (width, min(height, _even(round(width / display)))), Fraction(1)
    return (min(width, _even(round(height * display))), height), Fraction(1)


def _inside(*, width: int, height: int, limit: tuple[int, int]) -> tuple[int, int]:
    """Return the largest raster of this display size's shape that `limit` holds, never larger than the display size."""
    shrunk = min(Fraction(limit[0], width), Fraction(limit[1], height), Fraction(1))
    return _even(round(width * shrunk)), _even(round(height * shrunk))


def _even(side: int) -> int:
    return max(2, side // 2 * 2)
