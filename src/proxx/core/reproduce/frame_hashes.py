"""FFmpeg's framehash output: one line for each packet or picture of each stream, kept in order."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class HashedUnit:
    """One packet or picture. `pts` is in ticks of its stream; `content` covers everything that its line says."""

    pts: int
    content: str


class FrameHashes:
    """Takes the lines as they come: `#name: value` headers, then `stream, dts, pts, duration, size, hash`."""

    def __init__(self) -> None:
        """Start with no stream known."""
        self.headers: list[str] = []
        self.kinds: dict[int, str] = {}
        self.time_bases: dict[int, Fraction] = {}
        self.units: dict[int, list[HashedUnit]] = {}

    def feed(self, line: str) -> None:
        """Take one line; a line of another shape is ignored."""
        if line.startswith("#"):
            self._header(line)
            return
        fields = [field.strip() for field in line.split(",")]
        if len(fields) < 6:
            return
        unit = HashedUnit(pts=int(fields[2]), content=",".join(fields[1:]))
        self.units.setdefault(int(fields[0]), []).append(unit)

    def _header(self, line: str) -> None:
        self.headers.append(line)
        name, _, value = line[1:].partition(":")
        word, _, stream = name.partition(" ")
        if word == "tb":
            self.time_bases[int(stream)] = Fraction(value.strip())
        elif word == "media_type":
            self.kinds[int(stream)] = value.strip()
