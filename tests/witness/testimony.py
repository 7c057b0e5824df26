"""What a reader says of a file, fact by fact, in Proxx's own words; the facts that are compared, in one order."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

FACTS = (
    *("container", "codec", "codec profile", "raster", "pixel aspect", "display aspect"),
    *("frame rate", "frame count", "duration", "timecode", "drop-frame", "reel name"),
    *("rotation", "field order", "colour range", "colour primaries", "colour transfer", "colour matrix"),
    *("bit depth", "chroma", "alpha"),
    *("audio codecs", "audio channels", "audio layouts", "audio sample rates", "audio bit depths"),
    *("audio languages", "audio lengths", "audio decoded"),
)
"""Every fact that is compared. Audio facts hold one value a track, in container order.

"audio lengths" are what the container says, "audio decoded" what decoding gave, both in seconds.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded:
    """A number that a reader prints rounded: the true one lies within half of `unit` of it."""

    value: Fraction
    unit: Fraction

    def holds(self, exact: object) -> bool:
        """Whether `exact` is a number that would be printed so."""
        return isinstance(exact, (int, Fraction)) and abs(self.value - exact) <= self.unit / 2


Testimony = Mapping[str, object]
"""Fact to value. A fact that is absent is one that this reader has no way to show; None says that the file states none.

A value is a str, int, bool, Fraction or Rounded, or a tuple of these, one for each audio track.
"""


def agree(ours: object, said: object) -> bool:
    """Whether a reader's value is ours: equal, or ours rounded as the reader rounds."""
    if isinstance(said, tuple) and isinstance(ours, tuple):
        return len(said) == len(ours) and all(map(agree, ours, said))
    if isinstance(said, Rounded):
        return said.holds(ours)
    return type(ours) is type(said) and ours == said


def show(value: object) -> str:
    """A value for people."""
    if value is None:
        return "none"
    if isinstance(value, Rounded):
        return f"about {float(value.value):.6f}"
    if isinstance(value, tuple):
        return f"({', '.join(map(show, value))})"
    return str(value)
