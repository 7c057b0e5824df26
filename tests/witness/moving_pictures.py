"""What FFmpeg 8's libraries decode of any file's picture, without a word of Proxx's: for sources as well as proxies."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av


@dataclass(frozen=True, slots=True, kw_only=True)
class MovingPictures:
    """The first video track that is no cover picture. `errors` counts packets that did not decode.

    `span` is the time from the first shown picture to the last one, in seconds: with the count it gives the rate,
    also where the container states a wrong one or none. None when a picture has no time. `rotation` is clockwise.
    """

    frames: int
    errors: int
    span: Fraction | None
    timecode: str | None
    rotation: int


def look(path: Path) -> MovingPictures:
    """Decode to the end; a packet that does not decode is counted and left out, as `ffmpeg` does.

    Raises:
        av.error.FFmpegError: the file cannot be opened or read.
        ValueError: there is no such track.
    """
    with av.open(str(path), metadata_errors="replace") as opened:
        videos = [
            stream for stream in opened.streams.video if not stream.disposition & av.stream.Disposition.attached_pic
        ]
        if not videos:
            raise ValueError(f"{path.name} has no video track")
        times: list[Fraction | None] = []
        errors = rotation = 0
        for packet in opened.demux(videos[0]):
            try:
                for frame in packet.decode():
                    times.append(_shown(frame.pts, frame.time_base))
                    rotation = -frame.rotation % 360
            except av.error.FFmpegError:
                errors += 1
        tags = [videos[0].metadata, opened.metadata, *(stream.metadata for stream in opened.streams)]
        labels = (value for held in tags for key, value in held.items() if key.lower() == "timecode")
        return MovingPictures(
            frames=len(times), errors=errors, span=_span(times), timecode=next(labels, None), rotation=rotation
        )


def _shown(pts: int | None, time_base: Fraction | None) -> Fraction | None:
    return None if pts is None or time_base is None else pts * time_base


def _span(times: list[Fraction | None]) -> Fraction | None:
    known = [time for time in times if time is not None]
    return max(known) - min(known) if known and len(known) == len(times) else None
