"""One ffprobe run over a whole file, read line by line: the packets of each video track, then streams and format.

ffprobe prints the packets first, each on a line of its own; what follows is a JSON document of bounded size. Starting
ffprobe costs more than a short clip's packets do, so both come from one run.
"""

import json
import re
from collections.abc import Mapping

from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.packet_log import PacketLog, TrackExtent

DOCUMENT_CHARACTERS = 16 * 1024 * 1024
"""Most that streams and format may take."""

_FIELD = re.compile(r'"(stream_index|pts|dts|duration|flags)": "?([^",} ]+)')
_BEGIN, _ENDS = '"packets": [', ("],", "]")


class Listing:
    """Collects the lines of one run."""

    def __init__(self) -> None:
        """Begin before the first line."""
        self._logs: dict[int, PacketLog] = {}
        self._sound: dict[int, TrackExtent] = {}
        self._document: list[str] = []
        self._characters = 0
        self._among_packets = False

    def add_line(self, line: str) -> None:
        """Take one line. Of audio only the extent is kept; packets of other kinds are passed over."""
        text = line.strip()
        if self._among_packets:
            if text in _ENDS:
                self._among_packets = False
            elif '"codec_type": "video"' in text:
                fields = dict(_FIELD.findall(text))
                self._logs.setdefault(int(fields["stream_index"]), PacketLog()).add(fields)
            elif '"codec_type": "audio"' in text:
                fields = dict(_FIELD.findall(text))
                self._sound.setdefault(int(fields["stream_index"]), TrackExtent()).add(fields)
        elif text == _BEGIN:
            self._among_packets = True
        elif self._characters <= DOCUMENT_CHARACTERS:
            self._characters += len(line)
            self._document.append(line)

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
            ValueError: what ffprobe printed is no JSON, or longer than any media needs.
        """
        if self._characters > DOCUMENT_CHARACTERS:
            raise ValueError(f"streams and format take more than {DOCUMENT_CHARACTERS} characters")
        return values.record(value=json.loads("\n".join(self._document) or "{}"))
