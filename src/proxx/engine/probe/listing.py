"""One ffprobe run over a whole file, read line by line: the packets of each video track, then streams and format.

ffprobe prints the packets first, each on a line of its own; what follows is a JSON document of bounded size. Starting
ffprobe costs more than a short clip's packets do, so both come from one run.
"""

import json
import re
from collections.abc import Mapping

from proxx.core.quoting import quote
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.packet_log import PacketLog, TrackExtent
from proxx.engine.output_lines import LINE_LIMIT_BYTES

DOCUMENT_CHARACTERS = 16 * 1024 * 1024
"""Most that streams and format may take."""

_FIELD = re.compile(r'"(stream_index|pts|dts|duration|flags)": "?([^",} ]+)')
_INDEX = re.compile(r"[0-9]{1,4}", re.ASCII)
_SHOWN = 200
_BEGIN, _ENDS = '"packets": [', ("],", "]")


class ListingTooLongError(ValueError):
    """A file says more of itself than its limit; the text is the clause with that limit."""


class Listing:
    """Collects the lines of one run."""

    def __init__(self) -> None:
        """Begin before the first line."""
        self._logs: dict[int, PacketLog] = {}
        self._sound: dict[int, TrackExtent] = {}
        self._document: list[str] = []
        self._characters = 0
        self._among_packets = False
        self._cut = False
        self._odd_packet = ""

    def add_line(self, line: str) -> None:
        """Take one line. Of audio only the extent is kept; packets of other kinds are passed over."""
        text = line.strip()
        if self._among_packets:
            if text in _ENDS:
                self._among_packets = False
            else:
                self._add_packet(text)
        elif text == _BEGIN:
            self._among_packets = True
        elif self._characters <= DOCUMENT_CHARACTERS:
            self._characters += len(line)
            self._cut = self._cut or _is_cut(line)
            self._document.append(line)

    def _add_packet(self, text: str) -> None:
        video = '"codec_type": "video"' in text
        if not video and '"codec_type": "audio"' not in text:
            return
        fields = dict(_FIELD.findall(text))
        if _INDEX.fullmatch(fields.get("stream_index", "")) is None:
            self._odd_packet = self._odd_packet or text[:_SHOWN]
        elif video:
            self._logs.setdefault(int(fields["stream_index"]), PacketLog()).add(fields)
        else:
            self._sound.setdefault(int(fields["stream_index"]), TrackExtent()).add(fields)

    def packets(self, stream_index: int) -> PacketLog:
        """Return the packets of a video track; an empty log when it had none."""
        return self._logs.get(stream_index, PacketLog())

    @property
    def sound(self) -> Mapping[int, TrackExtent]:
        """The extent of each audio stream; a stream without packets is not in it."""
        return self._sound

    def document(self) -> values.Record:
        """Return streams and format.

        Raises:
            ListingTooLongError: streams and format, or a tag among them, are longer than any media needs.
            ValueError: what ffprobe printed is no JSON, or has a packet of no stream.
        """
        if self._odd_packet:
            raise ValueError(f"a packet of no stream: {quote(text=self._odd_packet)}")
        if self._characters > DOCUMENT_CHARACTERS:
            raise ListingTooLongError(
                f"has tracks and tags of more than {DOCUMENT_CHARACTERS} characters, which is the limit"
            )
        if self._cut:
            raise ListingTooLongError(f"has a list of tags of more than {LINE_LIMIT_BYTES} bytes, which is the limit")
        try:
            return values.record(value=json.loads("\n".join(self._document) or "{}"))
        except RecursionError as error:
            raise ValueError("streams and format are nested without end") from error


def _is_cut(line: str) -> bool:
    """Return whether a line is so long that the rest of it may be missing. Its last character may be half of one."""
    longest_character = 4
    if len(line) * longest_character < LINE_LIMIT_BYTES:
        return False
    return len(line.encode("utf-8", "replace")) > LINE_LIMIT_BYTES - longest_character
