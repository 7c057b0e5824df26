"""How often one caller may call."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """Calls a second in the long run, and how many may come at once after a rest."""

    per_second: float
    burst: int
