"""Whether the pictures of a rendered proxy differ at all. Resolve draws a slate for media that it cannot find."""

from dataclasses import dataclass

DARKEST_SHOWN = 32
"""Largest 8-bit luma (limited range, black is 16) of a picture that counts as black."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stillness:
    """What a full decode says of a proxy as a whole: whether any picture differs from the first, and is that black."""

    moves: bool
    black: bool


def is_black(*, luma: bytes) -> bool:
    """Return whether a small picture of 8-bit luma shows nothing. None at all is not black: it is unknown."""
    return bool(luma) and max(luma) <= DARKEST_SHOWN
