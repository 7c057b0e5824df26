"""Where two files differ first: packets first, then decoded pictures."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from proxx.core.facts import TimecodeFacts
from proxx.core.reproduce.frame_hashes import FrameHashes, HashedUnit
from proxx.core.timecode import Timecode, TimecodeError

VIDEO = "video"


class Level(StrEnum):
    """How deep the first difference lies."""

    FRAME = "FRAME"
    PACKET = "PACKET"
    STREAMS = "STREAMS"
    CONTAINER = "CONTAINER"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDifference:
    """The first difference of two files.

    FRAME: picture `index` (from 0) decodes to something else. PACKET: every picture decodes alike and packet `index`
    of `stream` differs. STREAMS: `detail` names a property of the streams. CONTAINER: bytes of the container only.
    `pts` is in ticks of the stream, `seconds` the same exactly; `timecode` is the label of the picture, where the
    proxy has timecode. `detail` says it in words.
    """

    level: Level
    stream: str | None
    index: int | None
    pts: int | None
    seconds: Fraction | None
    timecode: str | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Split:
    """The first unit of one stream that is not the same in both files."""

    stream: int
    index: int
    unit: HashedUnit
    detail: str


def first_difference(
    *,
    packets: tuple[FrameHashes, FrameHashes],
    pictures: tuple[FrameHashes, FrameHashes] | None,
    timecode: TimecodeFacts | None,
) -> FirstDifference:
    """Compare (published, remade). `pictures` are needed only when `packets_differ`."""
    published, remade = packets
    if not packets_differ(packets):
        return _found(Level.CONTAINER, "container bytes only: every packet of every stream is equal")
    if pictures is not None:
        split = _split(pictures, of_kind=VIDEO)
        if split is not None:
            return _at(Level.FRAME, split, pictures[0], timecode)
    split = _split(packets, of_kind=None)
    if split is not None:
        return _at(Level.PACKET, split, published, timecode)
    pairs = zip(published.headers, remade.headers, strict=False)
    line = next(((before, now) for before, now in pairs if before != now), ("", ""))
    if line == ("", ""):
        line = (f"{len(published.headers)} properties", f"{len(remade.headers)} properties")
    return _found(Level.STREAMS, f"published {line[0].lstrip('#')}, remade {line[1].lstrip('#')}")


def packets_differ(packets: tuple[FrameHashes, FrameHashes]) -> bool:
    """Whether anything but container bytes differs."""
    published, remade = packets
    return published.units != remade.units or published.headers != remade.headers


def _split(pair: tuple[FrameHashes, FrameHashes], *, of_kind: str | None) -> _Split | None:
    published, remade = pair
    for stream in sorted({*published.units, *remade.units}):
        if of_kind is not None and of_kind not in (published.kinds.get(stream), remade.kinds.get(stream)):
            continue
        before, now = published.units.get(stream, []), remade.units.get(stream, [])
        for index, (one, other) in enumerate(zip(before, now, strict=False)):
            if one != other:
                return _Split(stream=stream, index=index, unit=one, detail="")
        if len(before) != len(now):
            detail = f"the published file has {len(before)}, the remade one {len(now)}"
            index = min(len(before), len(now))
            longer = before if len(before) > len(now) else now
            return _Split(stream=stream, index=index, unit=longer[index], detail=detail)
    return None


def _at(level: Level, split: _Split, hashes: FrameHashes, timecode: TimecodeFacts | None) -> FirstDifference:
    kind = hashes.kinds.get(split.stream, "unknown")
    base = hashes.time_bases.get(split.stream)
    seconds = None if base is None else split.unit.pts * base
    label = _label(timecode, split.index) if level is Level.FRAME else None
    stream = f"{kind} (stream {split.stream})"
    what = "frame" if level is Level.FRAME else "packet"
    parts = [f"first differing {what} {split.index} of {stream}", f"pts {split.unit.pts}"]
    parts += [f"{float(seconds):.6f} s"] if seconds is not None else []
    parts += [f"timecode {label}"] if label is not None else []
    parts += ["every picture decodes alike"] if level is Level.PACKET else []
    parts += [split.detail] if split.detail else []
    return FirstDifference(
        level=level,
        stream=stream,
        index=split.index,
        pts=split.unit.pts,
        seconds=seconds,
        timecode=label,
        detail=", ".join(parts),
    )


def _label(timecode: TimecodeFacts | None, index: int) -> str | None:
    if timecode is None:
        return None
    try:
        start = Timecode.parse(label=timecode.label, rate=timecode.rate, drop_frame=timecode.drop_frame)
    except TimecodeError:
        return None
    return start.plus(frames=index).label


def _found(level: Level, detail: str) -> FirstDifference:
    return FirstDifference(level=level, stream=None, index=None, pts=None, seconds=None, timecode=None, detail=detail)
