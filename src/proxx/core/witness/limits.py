"""How far a good proxy may lie from its witness, by codec. Measured: docs/FIDELITY.md, "Limits of the witness"."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureLimits:
    """The largest values that pass, in the units of PictureWitness; `contrast` is how far from 1000.

    `least_motion` is the difference of two pictures, in levels, from which on one is told from the other: less may be
    lost in coding.
    """

    difference: int
    cell: int
    contrast: int
    slip: int
    weave: int
    least_motion: float


INTRA = PictureLimits(difference=8000, cell=56, contrast=60, slip=750, weave=750, least_motion=1.0)
LONG_GOP = PictureLimits(difference=8000, cell=56, contrast=60, slip=750, weave=750, least_motion=2.0)

PICTURE_LIMITS: Mapping[str, PictureLimits] = MappingProxyType({"prores": INTRA, "dnxhd": INTRA, "dnxhr": INTRA})
"""By the codec word that probing the proxy gives. A codec that predicts pictures from others has LONG_GOP."""


def picture_limits(codec: str) -> PictureLimits:
    """Return the limits of a codec."""
    return PICTURE_LIMITS.get(codec, LONG_GOP)


LARGEST_SOUND_LOSS = 1
"""Milliseconds that a lossy track may be shorter: encoders pad and shorten nothing."""

LARGEST_SOUND_EXCESS = 60
"""Milliseconds that it may be longer: two frames of AAC at 48 kHz, and rounding."""
