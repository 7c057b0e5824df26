"""Who leads the database, as one that does not lead sees it."""

from dataclasses import dataclass

LOOK_SECONDS = 0.5
"""How often one who does not lead looks who does, and whether it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderSeen:
    """The leadership row at one look. `idle_seconds`: how long ago the database saw the holder, by its own clock.

    `address` is where the holder serves, "" when it did not tell. A holder that ended in order gave its term back.
    """

    holder: str
    term: int
    address: str
    idle_seconds: float
    given_back: bool = False

    def __str__(self) -> str:
        """Return the fact for people."""
        place = f" at {self.address}" if self.address else ", which tells no address"
        when = "gave the leadership back" if self.given_back else f"was seen {self.idle_seconds:.1f} s ago"
        return f"{self.holder}{place}, term {self.term}, {when}"
