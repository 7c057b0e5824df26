"""Is a source cut off? What the container declares against what can be read. Every sentence names both numbers."""

from dataclasses import dataclass
from fractions import Fraction

from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.packet_log import PacketLog

_CHECKED_BY_TABLES = frozenset({"mov", "mp4", "mkv", "webm", "mxf"})

_CUT_INSIDE = "File ended prematurely"
"""ffprobe's word for a Matroska file that ends inside an element: all there is where a live recording has no size."""

_SLACK_SECONDS = Fraction(1, 2)
_SLACK_FRAMES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What the container declares of the video track and of the file.

    `frames` and `duration` are None when it does not say; `readable` counts the packets without any edit list;
    `declared_end` is the byte after the last one that its tables point at; `errors` are what ffprobe complained about.
    """

    container: str
    size_bytes: int
    frames: int | None
    duration: Fraction | None
    readable: int
    declared_end: int | None
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """Why a source has too few pictures: one clause, and the two numbers. `cut_off` False: it never had any."""

    clause: str
    expected: str
    actual: str
    cut_off: bool = True


def declared_duration(*, container: str, video: values.Record, form: values.Record, tracks: int) -> Fraction | None:
    """Return the length that the container declares for the video track, in seconds.

    Matroska states it in a tag, else only for the whole file, which says something of the video when it stands alone.
    """
    if container in ("mkv", "webm"):
        tagged = values.clock(source=values.record(value=video.get("tags")), key="DURATION")
        if tagged is not None or tracks > 1:
            return tagged
        return values.seconds(source=form, key="duration")
    ticks = values.whole(source=video, key="duration_ts")
    time_base = values.ratio(source=video, key="time_base")
    if ticks is None or time_base is None or ticks >= values.UNKNOWN_TICKS:
        return None
    return ticks * time_base


def shortfall(
    *, extent: Extent, packets: PacketLog, time_base: Fraction, frame_rate: Fraction | None
) -> Shortfall | None:
    """Return in what the file falls short of what it declares, None when it does not."""
    short_file = extent.declared_end is not None and extent.declared_end > extent.size_bytes
    inside = any(_CUT_INSIDE in line for line in extent.errors)
    if packets.frames == 0:
        return _no_picture(extent, short_file=short_file or inside)
    if extent.frames is not None and extent.frames > extent.readable and (extent.container != "avi" or short_file):
        return Shortfall(
            clause=f"declares {extent.frames} frames and only {extent.readable} can be read",
            expected=f"{extent.frames} frames",
            actual=f"{extent.readable} frames",
        )
    if extent.container not in _CHECKED_BY_TABLES:
        return None
    if short_file:
        return Shortfall(
            clause=f"declares data up to byte {extent.declared_end} and ends at byte {extent.size_bytes}",
            expected=f"{extent.declared_end} bytes",
            actual=f"{extent.size_bytes} bytes",
        )
    if inside:
        return Shortfall(clause="ends in the middle of a block", expected="whole blocks", actual="a part of one")
    return _short_duration(extent, packets, time_base, frame_rate)


def _no_picture(extent: Extent, *, short_file: bool) -> Shortfall:
    if extent.readable:
        return Shortfall(
            clause=f"has an edit list that shows none of its {extent.readable} pictures",
            expected="at least 1 picture inside the edit list",
            actual="0 pictures",
            cut_off=False,
        )
    if extent.frames or extent.duration or short_file:
        declared = f"{extent.frames} frames" if extent.frames else "a video track"
        return Shortfall(clause=f"declares {declared} and no frame can be read", expected=declared, actual="0 frames")
    return Shortfall(
        clause="has an empty video track: it declares no picture and holds none",
        expected="at least 1 picture",
        actual="0 pictures",
        cut_off=False,
    )


def _short_duration(
    extent: Extent, packets: PacketLog, time_base: Fraction, frame_rate: Fraction | None
) -> Shortfall | None:
    if extent.duration is None or packets.last_end is None:
        return None
    found = packets.last_end * time_base
    slack = max(_SLACK_SECONDS, _SLACK_FRAMES / frame_rate) if frame_rate else _SLACK_SECONDS
    if extent.duration <= found + slack:
        return None
    return Shortfall(
        clause=f"declares {float(extent.duration):.3f} seconds of video and its last frame ends at {float(found):.3f}",
        expected=f"{float(extent.duration):.3f} s",
        actual=f"{float(found):.3f} s",
    )
