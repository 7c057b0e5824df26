"""A look: what a profile draws over the picture. Profile content, digested with it, never part of a JobSpec."""

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where a mark stands in the finished raster."""

    TOP_LEFT = "top_left"
    TOP = "top"
    TOP_RIGHT = "top_right"
    CENTRE = "centre"
    BOTTOM_LEFT = "bottom_left"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom_right"


class TextKind(StrEnum):
    """What a burnt-in text says: the running timecode, the source's file name, the frame number from 0, or a text."""

    TIMECODE = "timecode"
    CLIP_NAME = "clip_name"
    FRAME_NUMBER = "frame_number"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file that a look needs, known by its bytes. `sha256` is lower-case hex."""

    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lut:
    """A `.cube` table, and the colour tags of what it gives (FFmpeg's names): a table states none itself.

    `dimensions` is 1 or 3. `unstated_matrix` reads sources that state no matrix; None refuses them.
    """

    asset: Asset
    dimensions: int
    primaries: str
    transfer: str
    matrix: str
    unstated_matrix: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageMark:
    """A PNG of `width` x `height` pixels over the picture. `width_permille` is of the raster's width."""

    asset: Asset
    width: int
    height: int
    place: Place
    width_permille: int
    opacity_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMark:
    """A burnt-in text on a dark box. `text` only for TEXT; `height_permille` (an em's) is of the raster's height.

    `optional` only for TIMECODE: where none can be shown it is left out and said; else the source is refused.
    """

    kind: TextKind
    text: str
    place: Place
    height_permille: int
    opacity_percent: int
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """The typeface of the texts. `widest_permille` is its widest ASCII character, in thousandths of an em."""

    asset: Asset
    widest_permille: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything that is drawn, in this order: table, image, texts. `font` serves the texts."""

    lut: Lut | None
    image: ImageMark | None
    texts: tuple[TextMark, ...]
    font: Font | None

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Every file that this look needs, each once, by digest."""
        found = {part.asset.sha256: part.asset for part in (self.lut, self.image, self.font) if part is not None}
        return tuple(found[sha256] for sha256 in sorted(found))
