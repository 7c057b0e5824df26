"""The thumbnails of a witness: how many samples each has, and which raster they get."""

from dataclasses import dataclass

COLUMNS, ROWS = 32, 18
"""The largest thumbnail."""

_PIXELS_A_CELL = 4
"""Cells of fewer pixels would compare the coding of edges, not pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnails:
    """The raster of brightness; both colour planes have half of each side (yuv420p). Both sides are even.

    `pairs` says that each planned thumbnail has a second one below it: the same frame with its fields woven.
    """

    columns: int
    rows: int
    pairs: bool

    @property
    def brightness(self) -> int:
        """Samples of the brightness plane."""
        return self.columns * self.rows

    @property
    def size(self) -> int:
        """Bytes of one thumbnail."""
        return self.brightness * 3 // 2

    def split(self, planned: bytes) -> tuple[bytes, bytes]:
        """Return both thumbnails of a pair, which lie one below the other in each plane."""
        first, second, start = bytearray(), bytearray(), 0
        for plane in (self.brightness, self.brightness // 4, self.brightness // 4):
            first += planned[start : start + plane]
            second += planned[start + plane : start + 2 * plane]
            start += 2 * plane
        return bytes(first), bytes(second)


def thumbnail_raster(*, width: int, height: int) -> tuple[int, int]:
    """Return columns and rows of the thumbnails of a picture, in samples; `width` and `height` in pixels."""
    return _side(width, COLUMNS), _side(height, ROWS)


def _side(pixels: int, largest: int) -> int:
    return max(2, min(largest, pixels // _PIXELS_A_CELL // 2 * 2))
