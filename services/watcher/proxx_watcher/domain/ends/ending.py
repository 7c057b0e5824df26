"""What the structure of a file says about its end."""

from dataclasses import dataclass
from enum import StrEnum


class End(StrEnum):
    """How far the structure goes as a proof that nothing is missing."""

    WHOLE = "WHOLE"
    """The file ends exactly where its structure says, and the part that is written last is there."""
    OPEN = "OPEN"
    """Nothing is missing that the structure names, and it does not say where the file ends."""
    DOUBTFUL = "DOUBTFUL"
    """Something is odd that a finished file may have and an unfinished one does have."""
    CUT = "CUT"
    """Something that the structure names is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The end of one file: how far it is proven, and the fact with its numbers.

    `own_zeros` is how many zero bytes at the very end the structure accounts for (padding, terminators).
    """

    end: End
    fact: str
    own_zeros: int = 0


def whole(fact: str, *, own_zeros: int = 0) -> Ending:
    """Return a proven end."""
    return Ending(end=End.WHOLE, fact=fact, own_zeros=own_zeros)


def cut(fact: str) -> Ending:
    """Return an end that lacks something."""
    return Ending(end=End.CUT, fact=fact)


def open_ended(fact: str, *, own_zeros: int = 0) -> Ending:
    """Return an end that the structure does not name."""
    return Ending(end=End.OPEN, fact=fact, own_zeros=own_zeros)


def doubtful(fact: str) -> Ending:
    """Return an odd end."""
    return Ending(end=End.DOUBTFUL, fact=fact)
