"""FFmpeg's framecrc output as counts: pictures of the first video stream, decoded length of each audio stream."""

from fractions import Fraction

VIDEO, AUDIO = "video", "audio"


class FramecrcCounter:
    """Reads `#tb`, `#media_type` and packet lines as they come; every other line is ignored.

    A packet line is `stream, dts, pts, duration, size, checksum`. Audio durations are in samples of the stream's
    time base, so their sum is the exact decoded length.
    """

    def __init__(self) -> None:
        """Start with no stream known."""
        self._time_bases: dict[int, Fraction] = {}
        self._kinds: dict[int, str] = {}
        self._packets: dict[int, int] = {}
        self._ticks: dict[int, int] = {}

    def feed(self, line: str) -> None:
        """Take one line."""
        if line.startswith("#"):
            self._header(line)
            return
        fields = line.split(",")
        if len(fields) < 6:
            return
        stream = int(fields[0])
        self._packets[stream] = self._packets.get(stream, 0) + 1
        self._ticks[stream] = self._ticks.get(stream, 0) + int(fields[3])

    @property
    def pictures(self) -> int:
        """How many pictures the first video stream gave."""
        first = next((stream for stream, kind in sorted(self._kinds.items()) if kind == VIDEO), None)
        return self._packets.get(first, 0) if first is not None else 0

    @property
    def audio_durations(self) -> tuple[Fraction, ...]:
        """The decoded length of each audio stream in seconds, in stream order."""
        return tuple(
            self._ticks.get(stream, 0) * self._time_bases[stream]
            for stream, kind in sorted(self._kinds.items())
            if kind == AUDIO
        )

    def _header(self, line: str) -> None:
        name, _, value = line[1:].partition(":")
        word, _, stream = name.partition(" ")
        if word == "tb":
            self._time_bases[int(stream)] = Fraction(value.strip())
        elif word == "media_type":
            self._kinds[int(stream)] = value.strip()
