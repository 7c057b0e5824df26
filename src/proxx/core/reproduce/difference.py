"""One fact that is not here what it was when the clip was made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What differs, what the result recorded, and what is here."""

    what: str
    recorded: str
    here: str
