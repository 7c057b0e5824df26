"""Pictures: the thumbnails of the proxy against those of what its encoder was given, frame by frame.

Order is told by projection: a coded picture differs from its own source a little, in a direction of its own; a picture
that is another one differs in the direction of that other one. `slip` and `weave` are how far it went there.
"""

import math
from collections.abc import Iterable
from operator import mul

from proxx.core.witness.report import PictureWitness
from proxx.core.witness.thumbnail import Thumbnails

LEAST_WEAVE = 1.0
"""Difference, in levels, of a whole picture and the same frame woven, from which on they are told apart."""

Thumbnail = tuple[int, ...]

MOST_SAMPLED = 100
"""Frames that the contrast is taken from, evenly spread."""

LEAST_DEVIATION = 10
"""Levels of standard deviation below which a clip is too flat to tell its contrast."""


def compare_pictures(
    *, pairs: Iterable[tuple[bytes, bytes]], planned: int, found: int, thumbnails: Thumbnails, least_motion: float
) -> PictureWitness:
    """Compare the thumbnails of both sides, planned first, of every frame that both have.

    `planned` and `found` are how many pictures there are on each side. `least_motion` is the difference of two
    pictures, in levels (root mean square), from which on one is told from the other.
    """
    every = max(1, min(planned, found) // MOST_SAMPLED)
    comparison = _Comparison(thumbnails=thumbnails, least_motion=least_motion, every=every)
    for ours, theirs in pairs:
        comparison.add(ours, theirs)
    worst, contrast = comparison, comparison.contrast()
    return PictureWitness(
        planned=planned,
        found=found,
        difference=round(1000 * worst.difference / math.sqrt(thumbnails.size)),
        difference_frame=worst.difference_frame,
        cell=worst.cell,
        cell_frame=worst.cell_frame,
        contrast=contrast,
        moving=worst.moving,
        slip=round(1000 * worst.slip),
        slip_frame=worst.slip_frame,
        apart=worst.apart if thumbnails.pairs else None,
        weave=round(1000 * worst.weave) if thumbnails.pairs else None,
        weave_frame=worst.weave_frame,
    )


class _Comparison:
    """The worst of everything so far. Distances are Euclidean, over whole thumbnails."""

    def __init__(self, *, thumbnails: Thumbnails, least_motion: float, every: int) -> None:
        self._thumbnails = thumbnails
        self._least = least_motion * math.sqrt(thumbnails.size)
        self._least_weave = LEAST_WEAVE * math.sqrt(thumbnails.size)
        self._every = every
        self._frame = 0
        self._before: tuple[Thumbnail, Thumbnail, float] | None = None
        self._sums = [0, 0, 0, 0, 0]
        self.difference = self.slip = self.weave = 0.0
        self.cell = self.moving = self.apart = 0
        self.difference_frame: int | None = None
        self.cell_frame: int | None = None
        self.slip_frame: int | None = None
        self.weave_frame: int | None = None

    def add(self, planned: bytes, found: bytes) -> None:
        """Compare the next frame."""
        woven: Thumbnail | None = None
        if self._thumbnails.pairs:
            planned, other = self._thumbnails.split(planned)
            woven = tuple(other)
        ours, theirs = tuple(planned), tuple(found)
        apart = math.dist(ours, theirs)
        if self.difference_frame is None or apart > self.difference:
            self.difference, self.difference_frame = apart, self._frame
        if self.cell_frame is None or apart > self.cell:  # no cell differs by more than the whole
            self._cells(ours, theirs)
        if woven is not None:
            self._weave(ours, theirs, woven, apart)
        if self._before is not None:
            self._order(ours, theirs, apart, self._before)
        if self._frame % self._every == 0:
            self._sample(ours, theirs)
        self._before = (ours, theirs, apart)
        self._frame += 1

    def contrast(self) -> int | None:
        """Return the slope of found over planned brightness, 1000 for equal; None for pictures that are too flat."""
        count, ours, theirs, squares, products = self._sums
        if not count:
            return None
        variance = squares - ours * ours / count
        if variance < count * LEAST_DEVIATION**2:
            return None
        return round(1000 * (products - ours * theirs / count) / variance)

    def _cells(self, ours: Thumbnail, theirs: Thumbnail) -> None:
        worst = max(abs(one - other) for one, other in zip(ours, theirs, strict=True))
        if self.cell_frame is None or worst > self.cell:
            self.cell, self.cell_frame = worst, self._frame

    def _order(
        self, ours: Thumbnail, theirs: Thumbnail, apart: float, before: tuple[Thumbnail, Thumbnail, float]
    ) -> None:
        earlier, earlier_found, earlier_apart = before
        way = math.dist(ours, earlier)
        if way < self._least:
            return
        self.moving += 1
        back = _along(apart, way, math.dist(theirs, earlier))
        ahead = _along(earlier_apart, way, math.dist(earlier_found, ours))
        for share, frame in ((ahead, self._frame - 1), (back, self._frame)):
            if self.slip_frame is None or share > self.slip:
                self.slip, self.slip_frame = share, frame

    def _weave(self, ours: Thumbnail, theirs: Thumbnail, woven: Thumbnail, apart: float) -> None:
        way = math.dist(ours, woven)
        self.apart += way > 0
        if way < self._least_weave:
            return
        share = _along(apart, way, math.dist(theirs, woven))
        if self.weave_frame is None or share > self.weave:
            self.weave, self.weave_frame = share, self._frame

    def _sample(self, ours: Thumbnail, theirs: Thumbnail) -> None:
        ours, theirs = ours[: self._thumbnails.brightness], theirs[: self._thumbnails.brightness]
        found = (len(ours), sum(ours), sum(theirs), sum(map(mul, ours, ours)), sum(map(mul, ours, theirs)))
        self._sums = [total + value for total, value in zip(self._sums, found, strict=True)]


def _along(own: float, way: float, other: float) -> float:
    """Return how far a picture lies on the way from its own source to another picture, 1 for all the way.

    By the law of cosines, from the lengths of the triangle's sides: to its own source, between both, to the other.
    """
    return (own * own + way * way - other * other) / (2 * way * way)
