"""FFmpeg's framehash output: one line for each packet or picture of each stream, kept in order."""

import re
from dataclasses import dataclass
from fractions import Fraction

_UNIT = re.compile(r" *[0-9]{1,4}(?:, *-?[0-9]{1,19}){4}, *[0-9A-Za-z]", re.ASCII)
_STREAM = re.compile(r"#(tb|media_type) ([0-9]{1,4}): *([a-z]+|[0-9]{1,9}/[1-9][0-9]{0,9})", re.ASCII)


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
        if _UNIT.match(line) is None:
            return
        fields = [field.strip() for field in line.split(",")]
        unit = HashedUnit(pts=int(fields[2]), content=",".join(fields[1:]))
        self.units.setdefault(int(fields[0]), []).append(unit)

    def _header(self, line: str) -> None:
        self.headers.append(line)
        match = _STREAM.fullmatch(line.strip())
        if match is None:
            return
        stream, value = int(match[2]), match[3]
        if match[1] == "media_type":
            self.kinds[stream] = value
        elif "/" in value:
            self.time_bases[stream] = Fraction(value)
