"""Everything that is known of one source before its facts are drawn up."""

from collections.abc import Mapping
from dataclasses import dataclass

from proxx.core.detection import Detection
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.packet_log import FrameLog, PacketLog, TrackExtent
from proxx.core.sources.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeEvidence:
    """The witnesses of one source.

    `document` is ffprobe's JSON, `packets` the log of the chosen video stream, `frames` the decoded frames where
    packets may hide some, `readable` the packets counted without an edit list where that was necessary, `errors` the
    lines that ffprobe complained with while it listed them, `sound` the extent of each audio stream that has packets
    (None: nobody looked).
    """

    name: str
    clip_index: int
    size_bytes: int
    detection: Detection
    reading: Reading
    document: values.Record
    packets: PacketLog
    frames: FrameLog | None = None
    readable: int | None = None
    errors: tuple[str, ...] = ()
    sound: Mapping[int, TrackExtent] | None = None
