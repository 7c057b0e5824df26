"""Programs that put clips into a folder, each in its own bad manner. A step yields the seconds until the next one."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

from tests.watching.media_world import MediaWorld

PAUSE_SECONDS = 60.0
_CLUSTER_SIZE = b"\x01" + b"\xff" * 7


@dataclass
class Drop:
    """One clip on its way into the folder. `done` is set with the step that makes it final."""

    path: Path
    content: bytes
    script: str
    cuts: tuple[int, ...]
    done: bool = False


Script = Callable[[MediaWorld, Drop, Random], Iterator[float]]


def slow_copy(world: MediaWorld, drop: Drop, rng: Random) -> Iterator[float]:
    """Write piece after piece and keep the file open."""
    with drop.path.open("wb", buffering=0) as file:
        for piece in _pieces(drop, rng):
            file.write(piece)
            world.stamp(drop.path)
            yield rng.uniform(0.2, 4.0)
        file.close()
        drop.done = True


def pausing_copy(world: MediaWorld, drop: Drop, rng: Random) -> Iterator[float]:
    """Write up to one place, rest for a minute without the file open, go on."""
    for start, end in _halves(drop, rng):
        with drop.path.open("ab", buffering=0) as file:
            file.write(drop.content[start:end])
        world.stamp(drop.path)
        if end < len(drop.content):
            yield PAUSE_SECONDS
    drop.done = True
    yield 0.0


def sparse(world: MediaWorld, drop: Drop, rng: Random) -> Iterator[float]:
    """Reserve the whole length as a hole, then fill it."""
    with drop.path.open("wb", buffering=0) as file:
        file.truncate(len(drop.content))
        yield from _fill(world, drop, rng, file.fileno())


def fallocated(world: MediaWorld, drop: Drop, rng: Random) -> Iterator[float]:
    """Reserve the whole length as blocks, then fill them."""
    with drop.path.open("wb", buffering=0) as file:
        os.posix_fallocate(file.fileno(), 0, len(drop.content))
        yield from _fill(world, drop, rng, file.fileno())


def smb_early(world: MediaWorld, drop: Drop, rng: Random) -> Iterator[float]:
    """The name and the full size are there at once, the time does not move, and the content comes with a pause."""
    begun = world.clock.now().timestamp()
    drop.path.write_bytes(bytes(len(drop.content)))
    for start, end in _halves(drop, rng):
        with drop.path.open("r+b", buffering=0) as file:
            file.seek(start)
            file.write(drop.content[start:end])
        os.utime(drop.path, (begun, begun))
        if end < len(drop.content):
            yield PAUSE_SECONDS
    drop.done = True
    yield 0.0


def rsync(world: MediaWorld, drop: Drop, rng: Random) -> Iterator[float]:
    """Write under a hidden temporary name, give it the time of the original, rename."""
    temporary = drop.path.with_name(f".{drop.path.name}.{rng.choice(('Ab3dEf', 'x9Y8z7', 'QwErTy'))}")
    yield from _elsewhere(world, drop, rng, temporary, age_seconds=30 * 86400.0)


def part_file(world: MediaWorld, drop: Drop, rng: Random) -> Iterator[float]:
    """Write under NAME.part, rename."""
    yield from _elsewhere(world, drop, rng, drop.path.with_name(f"{drop.path.name}.part"), age_seconds=0.0)


def renamed_in(world: MediaWorld, drop: Drop, rng: Random) -> Iterator[float]:
    """Write outside the folder, move in."""
    outside = world.state / f"outside-{drop.path.name}"
    yield from _elsewhere(world, drop, rng, outside, age_seconds=3600.0)


def mtime_back(world: MediaWorld, drop: Drop, rng: Random) -> Iterator[float]:
    """Copy slowly and set the time back to that of the original after every piece."""
    for start, end in _halves(drop, rng):
        with drop.path.open("ab", buffering=0) as file:
            file.write(drop.content[start:end])
        world.stamp(drop.path, after_seconds=-86400.0)
        if end < len(drop.content):
            yield rng.choice((3.0, 12.0, PAUSE_SECONDS))
    drop.done = True
    yield 0.0


def mtime_ahead(world: MediaWorld, drop: Drop, rng: Random) -> Iterator[float]:
    """Copy from a machine whose clock is a day ahead."""
    for piece in _pieces(drop, rng):
        with drop.path.open("ab", buffering=0) as file:
            file.write(piece)
        world.stamp(drop.path, after_seconds=86400.0)
        drop.done = drop.path.stat().st_size == len(drop.content)
        yield rng.choice((0.5, 6.0, 11.0))


def restarted(world: MediaWorld, drop: Drop, rng: Random) -> Iterator[float]:
    """Break off, rest, begin again from nothing."""
    cut = rng.choice(drop.cuts)
    drop.path.write_bytes(drop.content[:cut])
    world.stamp(drop.path)
    yield rng.uniform(5.0, PAUSE_SECONDS)
    drop.path.write_bytes(b"")
    world.stamp(drop.path)
    yield rng.uniform(0.5, 30.0)
    yield from slow_copy(world, drop, rng)


def recorder(world: MediaWorld, drop: Drop, rng: Random) -> Iterator[float]:
    """Write as a recorder does: sizes in the header come last."""
    final, first = drop.content, _unfinished_header(drop.content)
    written = first + final[len(first) :]
    for start, end in _halves(drop, rng):
        with drop.path.open("ab", buffering=0) as file:
            file.write(written[start:end])
        world.stamp(drop.path)
        yield rng.choice((2.0, 15.0, PAUSE_SECONDS)) if end < len(final) else 1.0
    with drop.path.open("r+b", buffering=0) as file:
        file.write(final[: len(first)])
    world.stamp(drop.path)
    drop.done = True
    yield 0.0


SCRIPTS: dict[str, Script] = {
    "slow copy": slow_copy,
    "pause of 60 s": pausing_copy,
    "preallocated, sparse": sparse,
    "preallocated, fallocate": fallocated,
    "SMB, early name": smb_early,
    "rsync temporary name": rsync,
    "NAME.part": part_file,
    "moved in": renamed_in,
    "mtime set back": mtime_back,
    "mtime ahead": mtime_ahead,
    "truncated and restarted": restarted,
    "recorder": recorder,
}


def _fill(world: MediaWorld, drop: Drop, rng: Random, descriptor: int) -> Iterator[float]:
    for start, end in _halves(drop, rng):
        os.pwrite(descriptor, drop.content[start:end], start)
        world.stamp(drop.path)
        if end < len(drop.content):
            yield rng.choice((1.0, 15.0, PAUSE_SECONDS))
    drop.done = True
    yield 0.0


def _elsewhere(world: MediaWorld, drop: Drop, rng: Random, place: Path, *, age_seconds: float) -> Iterator[float]:
    for start, end in _halves(drop, rng):
        with place.open("ab", buffering=0) as file:
            file.write(drop.content[start:end])
        world.stamp(place)
        yield rng.choice((1.0, 8.0, PAUSE_SECONDS))
    world.stamp(place, after_seconds=-age_seconds)
    place.rename(drop.path)
    drop.done = True
    yield 0.0


def _pieces(drop: Drop, rng: Random) -> Iterator[bytes]:
    count = rng.randint(2, 8)
    step = -(-len(drop.content) // count)
    for start in range(0, len(drop.content), step):
        yield drop.content[start : start + step]


def _halves(drop: Drop, rng: Random) -> Iterator[tuple[int, int]]:
    """Two to four runs of bytes; the cuts lie anywhere, at ends of structures, and just before the end of the file."""
    places = sorted({0, *rng.sample(drop.cuts, rng.randint(1, min(3, len(drop.cuts)))), len(drop.content)})
    yield from pairwise(places)


def _unfinished_header(content: bytes) -> bytes:
    """The first bytes of a clip as they stand while it is recorded."""
    head = bytearray(content[:4096])
    if head[4:8] == b"ftyp":
        at = head.find(b"mdat")
        if at >= 4 and b"moov" not in head[:at]:
            head[at - 4 : at] = bytes(4)
    elif head[:4] == b"RIFF":
        head[4:8] = bytes(4)
    elif head[:4] == b"\x1a\x45\xdf\xa3":
        at = head.find(b"\x18\x53\x80\x67")
        head[at + 4 : at + 12] = _CLUSTER_SIZE
    elif head[:4] == b"\x06\x0e\x2b\x34":
        head[14] = 0x01
        head[20 + 24 : 20 + 32] = bytes(8)
    return bytes(head)
