"""FFmpeg's framecrc output as counts: pictures of the first video stream, decoded length of each audio stream.

Its checksums are Adler-32 of what the encoder of that output made of each picture: of the pixels, where that is
rawvideo.
"""

import re
from fractions import Fraction

VIDEO, AUDIO = "video", "audio"
_NUMBER = r" *-?[0-9]{1,19}"
_PACKET = re.compile(rf"[0-9]{{1,4}}(?:,{_NUMBER}){{4}}, *0x[0-9a-f]+(?:,.*)?", re.ASCII)
_HEADER = re.compile(r"#(tb|media_type) ([0-9]{1,4}): *([a-z]+|[0-9]{1,9}/[1-9][0-9]{0,9})", re.ASCII)


class FramecrcCounter:
    """Reads `#tb`, `#media_type` and packet lines as they come; every line of another form is ignored.

    A packet line is `stream, dts, pts, duration, size, checksum`. Audio durations are in samples of the stream's
    time base, so their sum is the exact decoded length.
    """

    def __init__(self) -> None:
        """Start with no stream known."""
        self._time_bases: dict[int, Fraction] = {}
        self._kinds: dict[int, str] = {}
        self._packets: dict[int, int] = {}
        self._ticks: dict[int, int] = {}
        self._first: dict[int, tuple[str, str]] = {}
        self._changed: set[int] = set()

    def feed(self, line: str) -> None:
        """Take one line."""
        if line.startswith("#"):
            self._header(line)
            return
        match = _PACKET.fullmatch(line.strip())
        if match is None:
            return
        fields = [field.strip() for field in match[0].split(",")]
        stream = int(fields[0])
        self._packets[stream] = self._packets.get(stream, 0) + 1
        self._ticks[stream] = self._ticks.get(stream, 0) + int(fields[3])
        seen = (fields[4], fields[5])
        if self._first.setdefault(stream, seen) != seen:
            self._changed.add(stream)

    @property
    def pictures(self) -> int:
        """How many pictures the first video stream gave."""
        first = self._first_video()
        return self._packets.get(first, 0) if first is not None else 0

    @property
    def pictures_differ(self) -> bool:
        """Whether any picture of the first video stream has another size or checksum than the first one."""
        return self._first_video() in self._changed

    @property
    def audio_durations(self) -> tuple[Fraction, ...]:
        """The decoded length of each audio stream in seconds, in stream order."""
        return tuple(
            self._ticks.get(stream, 0) * self._time_bases.get(stream, Fraction(0))
            for stream, kind in sorted(self._kinds.items())
            if kind == AUDIO
        )

    def _first_video(self) -> int | None:
        return next((stream for stream, kind in sorted(self._kinds.items()) if kind == VIDEO), None)

    def _header(self, line: str) -> None:
        match = _HEADER.fullmatch(line.strip())
        if match is None:
            return
        stream, value = int(match[2]), match[3]
        if match[1] == "media_type":
            self._kinds[stream] = value
        elif "/" in value:
            self._time_bases[stream] = Fraction(value)
